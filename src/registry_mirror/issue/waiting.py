"""A list that waits: resolved, pinned and shown, so that somebody may approve it."""

import asyncio

from registry_mirror.advice.advising import advise
from registry_mirror.approval import PinnedList, digest_of_body, pinned_line
from registry_mirror.config import Asker
from registry_mirror.engines.native.pinning import pin
from registry_mirror.errors import (
    Code,
    ConfigurationInvalidError,
    Failure,
    Problem,
    RequestInvalidError,
)
from registry_mirror.github import labels
from registry_mirror.issue.answering import Answering, answer_with
from registry_mirror.issue.listing import (
    Frame,
    answer_invalid,
    answer_misconfigured,
    plan_by_rules,
    read_frame,
)
from registry_mirror.issue.past import SHOWN, UNRESOLVED, shown_values
from registry_mirror.naming import Target
from registry_mirror.oci.digest import Digest
from registry_mirror.outcome import Failed
from registry_mirror.plan import Copy, Plan
from registry_mirror.race import unless_stopped
from registry_mirror.report import reply_words as words
from registry_mirror.report.answers import Interruption, interrupted_comment
from registry_mirror.report.waiting import Shown, unresolved_comment, waiting_comment
from registry_mirror.request import Request
from registry_mirror.request.body import read_body
from registry_mirror.text import Text

Resolved = tuple[tuple[Copy, Digest] | Failed, ...]
"""In the plan's order."""


async def show_for_approval(work: Answering, body: str, note: Text | None = None) -> None:
    """Show the list of a body, with what its tags hold now; nothing is copied.

    `note` says why it is shown, where that isn't plain. Raises ConfigurationInvalidError, which
    the issue has been told by then, and GitHubError.
    """
    work.output("began", "true")
    await work.conversation.clear_ending()
    await work.conversation.unmark(labels.APPROVED)
    request = read_body(body)
    try:
        await _show_request(work, request, body, note)
    except ConfigurationInvalidError as error:
        await answer_misconfigured(work, error.problems)
        raise
    except RequestInvalidError as error:
        await answer_invalid(work, request, error.problems)


async def _show_request(work: Answering, request: Request, body: str, note: Text | None) -> None:
    """Raises RequestInvalidError where the list can't be approved as it is."""
    frame = await read_frame(work, Asker.STRANGER)
    plan = plan_by_rules(request, frame)
    resolved = await unless_stopped(_resolve(plan, frame, work.stop), work.stop)
    target = frame.settings.target
    if resolved is None or target is None:
        cancelled = interrupted_comment(
            Interruption.CANCELLED, language=work.language, run_url=work.runner.run_url
        )
        await answer_with(work, "cancelled", cancelled, labels.FAILED)
        return
    shown = shown_of(resolved, body, target, note)
    if not shown.copies:
        nothing = unresolved_comment(shown.unresolved, language=work.language)
        await answer_with(work, UNRESOLVED, nothing, labels.FAILED)
        return
    comment = waiting_comment(shown, language=work.language)
    if comment is None:
        raise RequestInvalidError((_too_long(),))
    await answer_with(work, SHOWN, comment, labels.NEEDS_APPROVAL, shown_values(shown.pinned))


def shown_of(resolved: Resolved, body: str, target: Target, note: Text | None) -> Shown:
    copies = tuple(one for one in resolved if not isinstance(one, Failed))
    lines = tuple(pinned_line(copy, digest, target) for copy, digest in copies)
    return Shown(
        PinnedList(lines, digest_of_body(body)),
        copies,
        tuple(one for one in resolved if isinstance(one, Failed)),
        note,
    )


async def _resolve(plan: Plan, frame: Frame, stop: asyncio.Event) -> Resolved:
    found = await pin(plan, frame.settings)
    failed = tuple(
        Failed(copy, why)
        for copy, why in zip(plan.copies, found, strict=True)
        if isinstance(why, Failure)
    )
    advised = await advise(failed, frame.settings, stop)
    better = {one.copy: one for one in advised if isinstance(one, Failed)}
    return tuple(
        better[copy] if isinstance(digest, Failure) else (copy, digest)
        for copy, digest in zip(plan.copies, found, strict=True)
    )


def _too_long() -> Problem:
    return Problem(Code.TOO_MANY_IMAGES, words.NOT_SHOWN, words.NOT_SHOWN_HINT)
