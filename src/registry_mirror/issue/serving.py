"""A list that has passed the gate: mirrored, reported, and the issue left as it ended."""

import functools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from registry_mirror.config import Asker, Settings
from registry_mirror.engines import Event, Observer
from registry_mirror.errors import ConfigurationInvalidError, RequestInvalidError
from registry_mirror.exits import Ending
from registry_mirror.github import labels
from registry_mirror.github.retry import GitHubError
from registry_mirror.issue.answering import Answering, answer_with
from registry_mirror.issue.listing import (
    MAX_IMAGES,
    answer_invalid,
    answer_misconfigured,
    plan_by_rules,
    read_frame,
)
from registry_mirror.issue.past import REPORT, report_values
from registry_mirror.issue.turns import OverLimitError, Turn
from registry_mirror.mirror import run
from registry_mirror.plan import Plan
from registry_mirror.report import Report
from registry_mirror.report.commands import Access
from registry_mirror.report.fitting import SUMMARY
from registry_mirror.report.markup import join
from registry_mirror.report.progress import Status
from registry_mirror.report.result import report_comment
from registry_mirror.report.status import status_comment
from registry_mirror.report.terminal import PlainProgress, report_lines
from registry_mirror.request import Request

__all__ = ["MAX_IMAGES", "Served", "serve"]


@dataclass(frozen=True, slots=True)
class Served:
    """A list, and who answers for it.

    `account` is the login that a day's limit counts it for. `body_digest` is that of the body which
    it was read from. `note` says by whom it was approved, where that was needed.
    """

    request: Request
    asker: Asker
    account: str
    body_digest: str
    note: str = ""


async def serve(work: Answering, served: Served) -> Report | None:
    """The report is None where nothing was mirrored.

    Raises ConfigurationInvalidError, which the issue has been told by then, and GitHubError.
    """
    work.output("began", "true")
    await work.conversation.clear_ending()
    try:
        frame = await read_frame(work, served.asker)
        plan = plan_by_rules(served.request, frame)
        turn = Turn(work, frame.rules, served.account, served.note)
        report = await run(
            plan, frame.settings, functools.partial(_watch, work, turn), work.stop, turn.held
        )
    except ConfigurationInvalidError as error:
        await answer_misconfigured(work, error.problems)
        raise
    except RequestInvalidError as error:
        await answer_invalid(work, served.request, error.problems)
        return None
    except OverLimitError:
        await work.conversation.end_with(labels.FAILED)
        return None
    report = replace(report, pasted=served.request.pasted)
    await _conclude(work, frame.settings, report, served.body_digest, turn.notes)
    return report


async def _conclude(
    work: Answering, settings: Settings, report: Report, body_digest: str, notes: str
) -> None:
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
    values = report_values(body_digest, (one.copy.line for one in report.failed))
    ending = labels.FAILED if report.failed else labels.COMPLETED
    await answer_with(work, REPORT, join(write(), notes), ending, values)


def _summarize(work: Answering, text: str) -> None:
    if not work.runner.summary_path:
        return
    try:
        work.runner.summary_path.write_text(text, encoding="utf-8")
    except OSError as error:
        work.tell(f"The run's summary could not be written: {error}")


@asynccontextmanager
async def _watch(work: Answering, turn: Turn, plan: Plan) -> AsyncIterator[Observer]:
    """Progress in the log and on the issue; where GitHub fails, in the log alone."""

    def render(status: Status) -> str:
        shown = status_comment(status, language=work.language, run_url=work.runner.run_url)
        return join(shown, turn.notes)

    observers: list[Observer] = [PlainProgress(plan, work.tell)]
    async with AsyncExitStack() as stack:
        try:
            comment = await turn.take(plan, render)
            status = work.conversation.status(plan, render, work.output, comment, turn.values(plan))
            observers.append(await stack.enter_async_context(status))
        except GitHubError as error:
            work.tell(f"The status comment could not be posted: {error}")
            if turn.is_limited:
                raise
        yield functools.partial(_tell_all, observers)


def _tell_all(observers: list[Observer], event: Event) -> None:
    for observer in observers:
        observer(event)
