"""A run on a terminal: lines for anybody, bars for who looks on."""

from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from registry_mirror.engines import Ended, Event, Started
from registry_mirror.outcome import Copied, Failed, Outcome, Unchanged
from registry_mirror.plan import Copy, Plan
from registry_mirror.report import Report
from registry_mirror.report.measures import duration, size
from registry_mirror.report.progress import Status
from registry_mirror.report.quoting import BLOCK_LIMIT, cut, log_line
from registry_mirror.report.reasons import cause_of, hint_of
from registry_mirror.report.totals import traffic

_SAID_LINES = 10


def report_lines(report: Report) -> list[str]:
    """One line for each image, more for one that failed, and the totals; in plain English."""
    lines = [line for outcome in report.outcomes for line in _outcome_lines(outcome)]
    return [log_line(line) for line in (*lines, _totals(report))]


def outcome_line(outcome: Outcome) -> str:
    what = f"{outcome.copy.source} -> {outcome.copy.target}"
    measured = ", ".join(_measures(outcome))
    return log_line(f"{_verb(outcome)} {what}{f' ({measured})' if measured else ''}")


class PlainProgress:
    """An observer that writes a line for every image that ended."""

    def __init__(self, plan: Plan, write: Callable[[str], object]) -> None:
        self._status = Status.of(plan)
        self._write = write

    def __call__(self, event: Event) -> None:
        self._status = self._status.after(event)
        if isinstance(event, Ended):
            self._write(f"[{_count(self._status)}] {outcome_line(event.outcome)}")


class TerminalProgress:
    """An observer that shows what is under way, and above it what ended."""

    def __init__(self, console: Console, plan: Plan) -> None:
        self._console = console
        self._status = Status.of(plan)
        self._rows: dict[Copy, TaskID] = {}
        self._progress = Progress(
            SpinnerColumn(finished_text=" "),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[count]}", markup=False),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._total = self._progress.add_task(
            "images", total=len(plan.copies), count=_count(self._status)
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def __call__(self, event: Event) -> None:
        self._status = self._status.after(event)
        match event:
            case Started(copy):
                description = log_line(str(copy.source))
                self._rows[copy] = self._progress.add_task(description, total=None, count="")
            case Ended(outcome):
                self._end(outcome)

    def refresh(self) -> None:
        """Draw at once what is otherwise drawn ten times a second."""
        self._progress.refresh()

    def _end(self, outcome: Outcome) -> None:
        row = self._rows.pop(outcome.copy, None)
        if row is not None:
            self._progress.remove_task(row)
        count = _count(self._status)
        self._progress.update(self._total, completed=len(self._status.outcomes), count=count)
        line = f"[{count}] {outcome_line(outcome)}"
        self._console.print(line, markup=False, highlight=False, emoji=False, soft_wrap=True)


def _count(status: Status) -> str:
    return f"{len(status.outcomes)}/{len(status.copies)}"


def _outcome_lines(outcome: Outcome) -> list[str]:
    if not isinstance(outcome, Failed):
        return [outcome_line(outcome)]
    said = cut(outcome.failure.said.strip(), BLOCK_LIMIT).splitlines()[:_SAID_LINES]
    return [
        outcome_line(outcome),
        f"    {cause_of(outcome.failure)}",
        *(f"    said: {line}" for line in said),
        f"    hint: {hint_of(outcome.failure)}",
    ]


def _verb(outcome: Outcome) -> str:
    match outcome:
        case Copied():
            return "copied"
        case Unchanged():
            return "unchanged"
        case Failed(failure=failure):
            return f"failed ({failure.code})"


def _measures(outcome: Outcome) -> list[str]:
    time = [] if outcome.seconds is None else [duration(outcome.seconds)]
    if isinstance(outcome, Failed):
        return time
    moved = [] if outcome.content.size is None else [size(outcome.content.size)]
    replaced = outcome.replaced if isinstance(outcome, Copied) else None
    return [*moved, *time, *([f"replaced {replaced}"] if replaced else [])]


def _totals(report: Report) -> str:
    copied = sum(isinstance(outcome, Copied) for outcome in report.outcomes)
    unchanged = len(report.succeeded) - copied
    moved = traffic(report)
    sent = f", {size(moved.sent)} sent" if moved else ""
    return (
        f"{copied} copied, {unchanged} unchanged, {len(report.failed)} failed "
        f"in {duration(report.seconds)}{sent}"
    )
