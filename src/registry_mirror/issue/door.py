"""Who asks for what, and what becomes of it: every event comes in here."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import assert_never

from registry_mirror.approval import PinnedList, digest_of_body, worded_like
from registry_mirror.comment_command import Approve, Cancel, Command, Help, Retry, Unknown
from registry_mirror.config import read_policy
from registry_mirror.gate import (
    Approval,
    Begin,
    Reason,
    Refuse,
    Serve,
    Standing,
    Wait,
    approve,
    heeds_approvals,
    judge,
    may_command,
    wish_of,
)
from registry_mirror.github import labels
from registry_mirror.github.event import IssueEvent
from registry_mirror.issue.answering import Answering, answer_with, reply_with
from registry_mirror.issue.cancelling import cancel
from registry_mirror.issue.past import APPROVED, Past, approved_values, read_past
from registry_mirror.issue.retrying import failed_part
from registry_mirror.issue.serving import Served, serve
from registry_mirror.issue.standing import first_of_all, standing_of
from registry_mirror.issue.vouching import text_of
from registry_mirror.issue.waiting import show_for_approval
from registry_mirror.report import Report
from registry_mirror.report import reply_words as words
from registry_mirror.report.answers import refused_comment, unaskable_comment
from registry_mirror.report.replies import (
    about,
    approved_comment,
    approved_note,
    help_comment,
    reply,
)
from registry_mirror.request.body import is_form_body, read_body
from registry_mirror.text import Text

Refusing = Callable[[Answering, Reason], Awaitable[None]]
"""How a refusal is told."""


async def answer(work: Answering) -> Report | None:
    """Serve one event; the report is None where nothing was mirrored.

    Raises ConfigurationInvalidError, which the issue has been told by then, and GitHubError where
    the issue couldn't be told: the log and the job's summary have the report all the same.
    """
    wish = wish_of(work.event) if is_request(work.event) else None
    if wish is None:
        work.tell("Not a mirror request: nothing to do.")
        return None
    if wish is Begin.EDITED and not await _is_mendable(work):
        work.tell("An edit of a request that waits for none: nothing to do.")
        return None
    await work.conversation.acknowledge()
    if isinstance(wish, Begin):
        return await _begin(work)
    return await _obey(work, wish)


def is_request(event: IssueEvent) -> bool:
    """A fork that lacks the label is known by the form's own headings."""
    return _is_labelled(event) or is_form_body(event.body)


def _is_labelled(event: IssueEvent) -> bool:
    """Labels are the same in any case, for GitHub and for the workflow's guard."""
    return labels.REQUEST.name.casefold() in map(str.casefold, event.labels)


async def _is_mendable(work: Answering) -> bool:
    """By the labels of now: the event's are those of the moment before the last run began."""
    github, number = work.conversation.github, work.event.number
    state = await first_of_all(work, github.issue(number))
    found = frozenset(map(str.casefold, state.labels))
    if labels.FAILED.name in found:
        return (await first_of_all(work, read_past(github, number))).is_unresolved
    return any(label.name in found for label in labels.MENDABLE)


async def _begin(work: Answering) -> Report | None:
    if not _is_labelled(work.event):
        await work.conversation.take_as_request()
    who = await standing_of(work)
    return await _pass(work, who, _refuse)


async def _obey(work: Answering, command: Command) -> Report | None:
    match command:
        case Help():
            await reply_with(work, help_comment(language=work.language), "+1")
            return None
        case Unknown(text):
            await reply_with(work, help_comment(text, language=work.language), "confused")
            return None
        case Retry() | Approve() | Cancel():
            return await _obey_permitted(work, command)
        case _:
            assert_never(command)


async def _obey_permitted(work: Answering, command: Retry | Approve | Cancel) -> Report | None:
    who = await standing_of(work)
    if not may_command(command, who):
        denial = about(_denial(command, who), work.event.sender, language=work.language)
        await reply_with(work, denial, "-1")
        return None
    match command:
        case Retry(only_failed):
            report = await _pass(work, who, _refuse_command, only_failed=only_failed)
        case Approve(prefix):
            report = await _approve(work, prefix)
        case Cancel():
            await cancel(work)
            return None
        case _:
            assert_never(command)
    if report:
        await work.conversation.react("+1")
    return report


def _denial(command: Command, who: Standing) -> Text:
    if who.may_write is None:
        return words.PERMISSION_UNKNOWN
    return words.NOT_ALLOWED_APPROVE if isinstance(command, Approve) else words.NOT_ALLOWED_RETRY


async def _pass(
    work: Answering, who: Standing, refuse: Refusing, *, only_failed: bool = False
) -> Report | None:
    """Through the gate."""
    who, body = await text_of(work, who)
    past = await _past(work, who, only_failed=only_failed)
    match judge(read_policy(work.environment), who, past.approved_list(body)):
        case Serve() as verdict:
            served = _served(work, verdict, past, body)
            return await (_serve_failed(work, served, past) if only_failed else serve(work, served))
        case Wait():
            await show_for_approval(work, body, _note(who))
            return None
        case Refuse(reason):
            await refuse(work, reason)
            return None


def _note(who: Standing) -> Text | None:
    if not who.is_vouched:
        return words.WAITING_EDITED
    return words.WAITING_NOT_THEIRS if who.writes else None


async def _past(work: Answering, who: Standing, *, only_failed: bool) -> Past:
    """What matters of it: a person's own list needs no approval, and a whole one no report."""
    if only_failed or heeds_approvals(read_policy(work.environment), who):
        return await first_of_all(work, read_past(work.conversation.github, work.event.number))
    return Past()


def _served(work: Answering, verdict: Serve, past: Past, body: str) -> Served:
    """A list that was approved counts as asked for by the issue's author."""
    if verdict.pinned is None:
        return Served(read_body(body), verdict.asker, work.event.sender, digest_of_body(body))
    return Served(
        worded_like(verdict.pinned.request(), read_body(body)),
        verdict.asker,
        work.event.author,
        verdict.pinned.body_digest,
        approved_note(
            past.approver(verdict.pinned) or work.event.sender,
            verdict.pinned.short,
            language=work.language,
        ),
    )


async def _serve_failed(work: Answering, served: Served, past: Past) -> Report | None:
    part = failed_part(served.request, past.report, served.body_digest)
    if isinstance(part, Text):
        await reply_with(work, reply(part, language=work.language), "confused")
        return None
    return await serve(work, replace(served, request=part))


async def _approve(work: Answering, prefix: str) -> Report | None:
    """Run the very list that was shown, if the issue hasn't been changed since."""
    github, number = work.conversation.github, work.event.number
    past = await first_of_all(work, read_past(github, number))
    body = (await first_of_all(work, github.issue(number))).body
    match approve(prefix, past.shown, body):
        case Serve(pinned=PinnedList() as pinned) as verdict:
            await _remember(work, pinned)
            return await serve(work, _served(work, verdict, past, body))
        case Approval.CHANGED:
            await work.conversation.react("-1")
            await show_for_approval(work, body, words.WAITING_BODY_CHANGED)
        case Approval.UNKNOWN:
            await _tell(work, words.APPROVAL_UNKNOWN.fill(digest=prefix))
        case Approval.AMBIGUOUS:
            await _tell(work, words.APPROVAL_AMBIGUOUS.fill(digest=prefix))
        case Serve():
            raise ValueError("an approval without its list")
        case other:
            assert_never(other)
    return None


async def _remember(work: Answering, pinned: PinnedList) -> None:
    """The comment is the approval: without it nothing runs."""
    by = work.event.sender
    said = approved_comment(by, pinned.short, language=work.language)
    await work.conversation.say(APPROVED, said, approved_values(pinned, by))
    await work.conversation.mark(labels.APPROVED)


async def _tell(work: Answering, text: Text) -> None:
    await reply_with(work, reply(text, language=work.language), "confused")


async def _refuse(work: Answering, reason: Reason) -> None:
    sender, language = work.event.sender, work.language
    match reason:
        case Reason.UNASKABLE:
            comment = unaskable_comment(sender, language=language)
            await answer_with(work, "unaskable", comment, labels.FAILED)
        case Reason.MAY_NOT_WRITE:
            comment = refused_comment(sender, language=language)
            await answer_with(work, "refused", comment, labels.REFUSED)
        case _:
            assert_never(reason)


async def _refuse_command(work: Answering, reason: Reason) -> None:
    """A command that is refused changes nothing of how the issue stands."""
    sender, language = work.event.sender, work.language
    match reason:
        case Reason.UNASKABLE:
            comment = unaskable_comment(sender, language=language)
        case Reason.MAY_NOT_WRITE:
            comment = refused_comment(sender, language=language)
        case _:
            assert_never(reason)
    await reply_with(work, comment, "-1")
