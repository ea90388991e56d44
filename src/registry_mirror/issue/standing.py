"""What the sender of an event is here, and what else must be known before anything is decided."""

from collections.abc import Awaitable
from typing import TypeVar

from registry_mirror.exits import Ending
from registry_mirror.gate import Standing
from registry_mirror.github.client import Permission
from registry_mirror.github.retry import GitHubError, GivenUpError
from registry_mirror.issue.answering import Answering

_T = TypeVar("_T")


async def standing_of(work: Answering) -> Standing:
    """What the sender is here; the author's permission is asked for where another's counts."""
    event = work.event
    sender_may_write = await may_write(work, event.sender)
    if event.sender == event.author or not sender_may_write:
        return Standing(event.sender == event.author, sender_may_write)
    author_may_write = await may_write(work, event.author)
    return Standing(is_author=False, may_write=True, author_may_write=author_may_write is True)


async def may_write(work: Answering, login: str) -> bool | None:
    """Whether somebody may write to the repository, None where this token may not ask.

    The repository's owner passes unasked.
    """
    if login == work.event.owner:
        return True
    permission = await first_of_all(work, work.conversation.permission(login))
    return None if permission is Permission.REFUSED else permission.may_write


async def first_of_all(work: Answering, call: Awaitable[_T]) -> _T:
    """What must be known before anything is decided; the closing step tells where it can't be.

    Where we were told to stop, that is what it tells.
    """
    try:
        return await call
    except GivenUpError:
        raise
    except GitHubError:
        work.output("ending", Ending.UNCHECKED)
        raise
