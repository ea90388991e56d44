"""The one gate: whoever asks, by whatever event, gets past here or nothing is copied.

Who did something is judged, not who wrote the text: a person's own text goes as it stands in the
event. Another's text goes by approval, for whoever wrote it could have changed it a second before
the event. What was approved is a list of ours, which nobody can change any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from registry_mirror.approval import PinnedList, lists_with
from registry_mirror.comment_command import (
    Approve,
    Cancel,
    Command,
    Help,
    Retry,
    Unknown,
    read_command,
)
from registry_mirror.config import Asker, RequestPolicy
from registry_mirror.github.event import Action, IssueEvent


class Begin(StrEnum):
    """An issue was opened, or opened again; or its body was edited, which may mend it."""

    OPENED = "opened"
    EDITED = "edited"


Wish = Begin | Command


def wish_of(event: IssueEvent) -> Wish | None:
    """What an event of a request asks for; None where that is nothing."""
    match event.action:
        case Action.OPENED | Action.REOPENED:
            return Begin.OPENED
        case Action.EDITED:
            return Begin.EDITED if event.body_changed else None
        case Action.COMMENTED:
            said = "" if event.comment is None or event.sender_is_bot else event.comment.body
            return read_command(said)
        case Action.OTHER:
            return None
        case _:
            assert_never(event.action)


@dataclass(frozen=True, slots=True)
class Standing:
    """What whoever did it is to the issue and the repository.

    `may_write` is None where this workflow may not ask. `author_may_write` counts only where the
    author is somebody else. `is_vouched`: who changed the body last may write, too.
    """

    is_author: bool
    may_write: bool | None
    author_may_write: bool = False
    is_vouched: bool = True

    @property
    def writes(self) -> bool:
        return self.may_write is True

    @property
    def answers_for_body(self) -> bool:
        """Whether nobody without the right to write could have changed the body last."""
        return self.writes and (self.is_author or self.author_may_write) and self.is_vouched


class Reason(StrEnum):
    """Why somebody is refused."""

    MAY_NOT_WRITE = "may-not-write"
    UNASKABLE = "unaskable"


@dataclass(frozen=True, slots=True)
class Serve:
    """Mirror this list; without one, the body as the event has it."""

    asker: Asker
    pinned: PinnedList | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Show the body's list, for somebody who may write to approve it."""


@dataclass(frozen=True, slots=True)
class Refuse:
    reason: Reason


Verdict = Serve | Wait | Refuse


def may_command(command: Command, who: Standing) -> bool:
    """Whether somebody may say this at all; the gate comes after it."""
    match command:
        case Help() | Unknown():
            return True
        case Retry() | Cancel():
            return who.writes or who.is_author
        case Approve():
            return who.writes
        case _:
            assert_never(command)


def judge(policy: RequestPolicy, who: Standing, approved: PinnedList | None) -> Verdict:
    """What becomes of a request; `approved` is the approved list of exactly this body."""
    match policy:
        case RequestPolicy.EVERYONE:
            return Serve(Asker.COLLABORATOR if who.answers_for_body else Asker.STRANGER)
        case RequestPolicy.COLLABORATORS:
            return _judge_by_approval(who, approved) if who.writes else _refuse(who)
        case RequestPolicy.APPROVAL:
            return _judge_by_approval(who, approved)
        case _:
            assert_never(policy)


def heeds_approvals(policy: RequestPolicy, who: Standing) -> bool:
    """Whether the verdict depends on what was approved."""
    match policy:
        case RequestPolicy.EVERYONE:
            return False
        case RequestPolicy.COLLABORATORS:
            return who.writes and not who.answers_for_body
        case RequestPolicy.APPROVAL:
            return who.may_write is not None and not who.answers_for_body
        case _:
            assert_never(policy)


class Approval(StrEnum):
    """Why an approval approves nothing. CHANGED: the body is not what the list was read from."""

    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"
    CHANGED = "changed"


def approve(prefix: str, shown: Sequence[PinnedList], body: str) -> Serve | Approval:
    """What an approval by somebody who may write comes to.

    `shown` are the lists of the issue's comments of ours, `body` is the issue's as it stands now.
    """
    match lists_with(prefix, shown):
        case ():
            return Approval.UNKNOWN
        case (one,):
            return Serve(Asker.COLLABORATOR, one) if one.is_of(body) else Approval.CHANGED
        case _:
            return Approval.AMBIGUOUS


def _judge_by_approval(who: Standing, approved: PinnedList | None) -> Verdict:
    if who.answers_for_body:
        return Serve(Asker.COLLABORATOR)
    if who.may_write is None:
        return _refuse(who)
    if approved and (who.writes or who.is_author):
        return Serve(Asker.COLLABORATOR, approved)
    return Wait()


def _refuse(who: Standing) -> Refuse:
    return Refuse(Reason.UNASKABLE if who.may_write is None else Reason.MAY_NOT_WRITE)
