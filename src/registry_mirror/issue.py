"""An issue event, from its first look to its answer."""

import asyncio
import functools
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from registry_mirror.config import Asker, Needs, Runner, Settings, read_language, read_settings
from registry_mirror.engines import Event, Observer
from registry_mirror.errors import ConfigurationInvalidError, Problem, RequestInvalidError
from registry_mirror.exits import Ending
from registry_mirror.github import labels
from registry_mirror.github.client import Permission
from registry_mirror.github.conversation import Conversation
from registry_mirror.github.event import IssueEvent
from registry_mirror.github.labels import Label
from registry_mirror.github.retry import GitHubError
from registry_mirror.mirror import mirror
from registry_mirror.plan import Plan
from registry_mirror.report import Report
from registry_mirror.report.markdown import (
    SUMMARY,
    Access,
    Status,
    invalid_comment,
    refused_comment,
    report_comment,
    settings_comment,
    status_comment,
    unaskable_comment,
)
from registry_mirror.report.problems import problem_line
from registry_mirror.report.terminal import PlainProgress, report_lines
from registry_mirror.request.body import is_form_body, read_body
from registry_mirror.text import Language

ACTIONS = frozenset({"opened", "reopened"})
MAX_IMAGES = 100
"""Images of one issue, where the setting of that name doesn't say otherwise."""

_POSTED = {
    labels.COMPLETED: Ending.POSTED_COMPLETED,
    labels.FAILED: Ending.POSTED_FAILED,
    labels.INVALID: Ending.POSTED_INVALID,
}


@dataclass(frozen=True, slots=True)
class Answering:
    """What it takes to answer one event.

    `tell` writes a line for whoever reads the run's log, `publish` the report for scripts; `output`
    sets an output of the step.
    """

    event: IssueEvent
    runner: Runner
    environment: Mapping[str, str]
    conversation: Conversation
    stop: asyncio.Event
    tell: Callable[[str], None]
    output: Callable[[str, str], None]
    publish: Callable[[Report], object] = lambda _: None

    @property
    def language(self) -> Language:
        return read_language(self.environment)


async def answer(work: Answering) -> Report | None:
    """Serve one event; the report is None where nothing was mirrored.

    Raises ConfigurationInvalidError, which the issue has been told by then, and GitHubError where
    the issue couldn't be told: the log and the job's summary have the report all the same.
    """
    if not is_request(work.event):
        work.tell("Not a mirror request: nothing to do.")
        return None
    await work.conversation.acknowledge()
    if not _is_labelled(work.event):
        await work.conversation.take_as_request()
    permission = await _permission(work)
    if permission is Permission.REFUSED:
        comment = unaskable_comment(work.event.sender, language=work.language)
        await _answer_with(work, "unaskable", comment, labels.FAILED)
        return None
    if not permission.may_write:
        refusal = refused_comment(work.event.sender, language=work.language)
        await work.conversation.say("refused", refusal)
        return None
    await work.conversation.clear_ending()
    return await _serve(work)


def is_request(event: IssueEvent) -> bool:
    """A fork that lacks the label is known by the form's own headings."""
    return event.action in ACTIONS and (_is_labelled(event) or is_form_body(event.body))


def _is_labelled(event: IssueEvent) -> bool:
    """Labels are the same in any case, for GitHub and for the workflow's guard."""
    return labels.REQUEST.name.casefold() in map(str.casefold, event.labels)


async def _permission(work: Answering) -> Permission:
    """What who did this may do in the repository; its owner passes unasked."""
    if work.event.sender == work.event.owner:
        return Permission.ADMIN
    try:
        return await work.conversation.permission(work.event.sender)
    except GitHubError:
        work.output("ending", Ending.UNCHECKED)
        raise


async def _serve(work: Answering) -> Report | None:
    try:
        settings = replace(
            read_settings(work.environment, needs=Needs.LOGIN, max_images=MAX_IMAGES),
            asker=Asker.COLLABORATOR,
        )
        for warning in settings.warnings:
            work.tell(f"warning: {warning}")
        request = read_body(work.event.body)
        report = await mirror(request, settings, functools.partial(_watch, work), work.stop)
    except ConfigurationInvalidError as error:
        _tell_problems(work, error.problems)
        comment = settings_comment(
            error.problems,
            language=work.language,
            settings_url=f"{work.runner.repository_url}/settings",
        )
        await _answer_with(work, "settings", comment, labels.FAILED)
        raise
    except RequestInvalidError as error:
        _tell_problems(work, error.problems)
        comment = invalid_comment(error.problems, language=work.language)
        await _answer_with(work, "invalid", comment, labels.INVALID)
        return None
    await _conclude(work, settings, report)
    return report


def _tell_problems(work: Answering, problems: tuple[Problem, ...]) -> None:
    for problem in problems:
        work.tell(problem_line(problem))


async def _answer_with(work: Answering, kind: str, comment: str, ending: Label) -> None:
    """Post the answer; the closing step need not find out what has become of the label."""
    await work.conversation.say(kind, comment)
    work.output("ending", _POSTED[ending])
    await work.conversation.end_with(ending)


async def _conclude(work: Answering, settings: Settings, report: Report) -> None:
    """The log and the summary first, for GitHub can't refuse them."""
    work.publish(report)
    for line in report_lines(report):
        work.tell(line)
    login = settings.target_login
    write = functools.partial(
        report_comment,
        report,
        language=settings.language,
        access=Access(settings.pull_registry, login.user if login else None),
        run_url=work.runner.run_url,
    )
    _summarize(work, write(limit=SUMMARY))
    work.output("ending", Ending.REPORTED)
    await _answer_with(
        work, "report", write(), labels.FAILED if report.failed else labels.COMPLETED
    )


def _summarize(work: Answering, text: str) -> None:
    if not work.runner.summary_path:
        return
    try:
        work.runner.summary_path.write_text(text, encoding="utf-8")
    except OSError as error:
        work.tell(f"The run's summary could not be written: {error}")


@asynccontextmanager
async def _watch(work: Answering, plan: Plan) -> AsyncIterator[Observer]:
    """Progress in the log and on the issue; where GitHub fails, in the log alone."""

    def render(status: Status) -> str:
        return status_comment(status, language=work.language, run_url=work.runner.run_url)

    observers: list[Observer] = [PlainProgress(plan, work.tell)]
    async with AsyncExitStack() as stack:
        try:
            status = work.conversation.status(plan, render, work.output)
            observers.append(await stack.enter_async_context(status))
        except GitHubError as error:
            work.tell(f"The status comment could not be posted: {error}")
        yield functools.partial(_tell_all, observers)


def _tell_all(observers: list[Observer], event: Event) -> None:
    for observer in observers:
        observer(event)
