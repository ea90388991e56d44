"""What each command does, once its words are parsed. Each returns an exit code."""

import asyncio
import functools
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from registry_mirror.config import Runner, Settings, read_runner
from registry_mirror.engines import Observer
from registry_mirror.errors import ConfigurationInvalidError, RequestInvalidError
from registry_mirror.exits import Ending, Exit
from registry_mirror.folder import write_files
from registry_mirror.github.client import GitHub
from registry_mirror.github.conversation import Conversation, new_nonce
from registry_mirror.github.event import BadEventError, read_event
from registry_mirror.github.retry import GitHubError, GivenUpError
from registry_mirror.issue import Answering, answer
from registry_mirror.issue.patience import hurried_by
from registry_mirror.mirror import mirror, plan_of
from registry_mirror.output import Output
from registry_mirror.outputs import mirrored
from registry_mirror.outputs.containerd import hosts_left_out
from registry_mirror.outputs.files import output_files
from registry_mirror.plan import Plan
from registry_mirror.planning import name_request
from registry_mirror.report import Report
from registry_mirror.report.document import plan_document, problems_document, report_document
from registry_mirror.report.pasted import pasted_texts
from registry_mirror.report.problems import problem_line
from registry_mirror.report.terminal import PlainProgress, TerminalProgress, report_lines
from registry_mirror.request import Request
from registry_mirror.request.body import is_form_body, read_body
from registry_mirror.request.listing import read_list
from registry_mirror.text import Language


@dataclass(frozen=True, slots=True)
class Show:
    """What `sync` shows and how; `outputs` is the folder for files that are ready to use."""

    dry_run: bool
    progress: bool
    outputs: Path | None = None


def read_request(text: str) -> Request:
    """A list, or an issue body: what has one of the form's own headings."""
    return read_body(text) if is_form_body(text) else read_list(text)


async def sync(
    request: Request, settings: Settings, show: Show, output: Output, stop: asyncio.Event
) -> Exit:
    """Raises RequestInvalidError and ConfigurationInvalidError, the JSON being written by then."""
    for warning in settings.warnings:
        output.complain(f"warning: {warning}")
    try:
        if show.dry_run:
            return _show_plan(plan_of(request, settings), settings, output)
        watch = functools.partial(_watch, show, output)
        report = await mirror(request, settings, watch, stop)
    except RequestInvalidError as error:
        output.document(problems_document(error.problems, target=str(settings.target)))
        raise
    written = output.document(report_document(report))
    for line in report_lines(report):
        output.say(line)
    if show.outputs:
        written = _write_outputs(report, settings, show.outputs, output) and written
    if stop.is_set():
        return Exit.INTERRUPTED
    return Exit.DONE if written and not report.failed else Exit.SOME_FAILED


def check(request: Request, settings: Settings, output: Output) -> Exit:
    """Raises RequestInvalidError."""
    below = f"{settings.target}/" if settings.target else ""
    names = name_request(
        request,
        naming=settings.naming,
        selection=settings.selection,
        max_images=settings.max_images,
        target=settings.target,
    )
    for text in pasted_texts(request.pasted):
        output.complain(str(text))
    for named in names:
        output.say(f"{named.item.source}\t{below}{named.name}")
    return Exit.DONE


async def issue(values: Mapping[str, str], output: Output, stop: asyncio.Event) -> Exit:
    """Raises ConfigurationInvalidError for what a runner gives; settings the issue is told of."""
    runner = read_runner(values)
    step_output = functools.partial(_step_output, runner, output)
    try:
        event = read_event(runner.event_name, runner.event_path.read_bytes())
    except (BadEventError, OSError) as error:
        return _unanswered(error, output)
    try:
        github = GitHub(runner.api_url, runner.repository, runner.token)
        conversation = Conversation(
            github,
            event.number,
            new_nonce(),
            output.complain,
            comment=event.comment.id if event.comment else None,
        )
        work = Answering(
            event,
            runner,
            values,
            conversation,
            stop,
            tell=output.say,
            output=step_output,
            publish=lambda report: output.document(report_document(report)),
        )
        async with hurried_by(stop, github):
            await answer(work)
    except GivenUpError as error:
        output.complain(f"Left to the step after this one: {error}")
        return Exit.INTERRUPTED
    except GitHubError as error:
        return _unanswered(error, output)
    except ConfigurationInvalidError:
        step_output("answered", "true")
        return Exit.CONFIGURATION_INVALID
    except Exception:
        step_output("ending", Ending.BUG)
        raise
    step_output("answered", "true")
    return Exit.DONE


def tell_problems(error: RequestInvalidError | ConfigurationInvalidError, output: Output) -> None:
    for problem in error.problems:
        output.complain(problem_line(problem))


def _write_outputs(report: Report, settings: Settings, folder: Path, output: Output) -> bool:
    """Whether all files could be written."""
    images = mirrored(report.outcomes, settings.pull_registry)
    files = output_files(images, report.pasted.services if report.pasted else ())
    try:
        write_files(folder, files)
    except OSError as error:
        output.complain(f"The files for --outputs could not be written: {error}")
        return False
    for file in files:
        output.say(f"wrote {folder.joinpath(*file.path)}")
    for left_out in hosts_left_out(images, Language.EN):
        output.say(f"no hosts.toml: {left_out}")
    return True


def _show_plan(plan: Plan, settings: Settings, output: Output) -> Exit:
    document = plan_document(plan, target=str(settings.target), engine=settings.engine)
    written = output.document(document)
    for copy in plan.copies:
        output.say(f"planned {copy.source} -> {copy.target}")
    return Exit.DONE if written else Exit.SOME_FAILED


@asynccontextmanager
async def _watch(show: Show, output: Output, plan: Plan) -> AsyncIterator[Observer]:
    if not show.progress:
        yield lambda _: None
    elif output.errors_are_a_terminal:
        with TerminalProgress(Console(stderr=True), plan) as bars:
            yield bars
    else:
        yield PlainProgress(plan, output.complain)


def _unanswered(error: BadEventError | GitHubError | OSError, output: Output) -> Exit:
    output.complain(f"The issue could not be answered: {error}")
    return Exit.UNANSWERED


def _step_output(runner: Runner, output: Output, name: str, value: str) -> None:
    """Set an output of the workflow's step; `value` is one line of ours.

    Where the runner's file can't be written the answer matters more.
    """
    if not runner.output_path:
        return
    try:
        with runner.output_path.open("a", encoding="utf-8") as file:
            file.write(f"{name}={value}\n")
    except OSError as error:
        output.complain(f"The step's output {name} could not be set: {error}")
