"""A run on a terminal: lines for anybody, bars for who looks on."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import Progress, TaskID

from registry_mirror.engines import Advanced, Ended, Event, Started
from registry_mirror.outcome import Copied, Failed, Outcome, Unchanged
from registry_mirror.plan import Copy, Plan
from registry_mirror.report import Report
from registry_mirror.report.columns import columns
from registry_mirror.report.measures import duration, moved_of, pace, size
from registry_mirror.report.progress import Advance, ProgressBoard
from registry_mirror.report.quoting import BLOCK_LIMIT, cut, log_line
from registry_mirror.report.reasons import cause_of, hint_of
from registry_mirror.report.totals import saved, traffic
from registry_mirror.text import Language

HEARTBEAT = 30.0
"""Seconds at least between two plain lines that tell how far the whole run is."""

Clock = Callable[[], float]
"""Seconds that never go back."""

_ROWS = 12
_WIDE = 110
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
    """An observer that writes a line for every image that ended, and now and then for all."""

    def __init__(
        self, plan: Plan, write: Callable[[str], object], clock: Clock = time.monotonic
    ) -> None:
        self._board = ProgressBoard(plan)
        self._write = write
        self._clock = clock
        self._told = clock()

    def __call__(self, event: Event) -> None:
        now = self._clock()
        self._board.take(event, now)
        if isinstance(event, Ended):
            self._write(f"[{_count(self._board)}] {outcome_line(event.outcome)}")
        if now - self._told >= HEARTBEAT and self._board.done < self._board.total:
            self._tell_totals(now)

    def _tell_totals(self, now: float) -> None:
        advance = self._board.overall(now)
        if advance:
            self._told = now
            told = (
                f"{self._board.running} running",
                f"{moved_of(advance, Language.EN)} sent",
                *pace(advance, Language.EN),
            )
            self._write(f"[{_count(self._board)}] {', '.join(told)}")


class TerminalProgress:
    """An observer that shows what is under way, and above it what ended."""

    def __init__(self, console: Console, plan: Plan, clock: Clock = time.monotonic) -> None:
        self._console = console
        self._board = ProgressBoard(plan)
        self._clock = clock
        self._rows: dict[Copy, TaskID] = {}
        self._copies: dict[TaskID, Copy] = {}
        self._without_row: dict[Copy, None] = {}
        self._progress = Progress(
            *columns(self._advance, bars=console.width >= _WIDE), console=console, transient=True
        )
        self._total = self._progress.add_task(
            "images", total=self._board.total, count=_count(self._board)
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
        now = self._clock()
        self._board.take(event, now)
        match event:
            case Started(copy):
                self._without_row[copy] = None
                self._fill_rows(now)
            case Advanced(copy):
                self._draw(copy, now)
            case Ended(outcome):
                self._end(outcome, now)

    def refresh(self) -> None:
        """Draw at once what is otherwise drawn ten times a second."""
        self._progress.refresh()

    def _fill_rows(self, now: float) -> None:
        """Give the next images a row, as far as there is room."""
        while self._without_row and len(self._rows) < _ROWS:
            copy = next(iter(self._without_row))
            del self._without_row[copy]
            row = self._progress.add_task(log_line(str(copy.source)), total=None, count="")
            self._rows[copy] = row
            self._copies[row] = copy
            self._draw(copy, now)
        more = f" (+ {len(self._without_row)} running)" if self._without_row else ""
        self._progress.update(self._total, description=f"images{more}")

    def _draw(self, copy: Copy, now: float) -> None:
        row, advance = self._rows.get(copy), self._board.advance(copy, now)
        if row is not None and advance:
            self._progress.update(row, completed=advance.moved, total=advance.total)

    def _advance(self, row: TaskID) -> Advance | None:
        """Asked when a row is drawn, in rich's own thread, so that a stall shows as one."""
        if row == self._total:
            return self._board.overall(self._clock())
        copy = self._copies.get(row)
        return self._board.advance(copy, self._clock()) if copy else None

    def _end(self, outcome: Outcome, now: float) -> None:
        self._without_row.pop(outcome.copy, None)
        row = self._rows.pop(outcome.copy, None)
        if row is not None:
            self._progress.remove_task(row)
            del self._copies[row]
        self._fill_rows(now)
        count = _count(self._board)
        self._progress.update(self._total, completed=self._board.done, count=count)
        line = f"[{count}] {outcome_line(outcome)}"
        self._console.print(line, markup=False, highlight=False, emoji=False, soft_wrap=True)


def _count(board: ProgressBoard) -> str:
    return f"{board.done}/{board.total}"


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
    took = [] if outcome.seconds is None else [duration(outcome.seconds)]
    if isinstance(outcome, Failed):
        return took
    whole = [] if outcome.content.size is None else [size(outcome.content.size)]
    replaced = outcome.replaced if isinstance(outcome, Copied) else None
    return [*whole, *_sent(outcome), *took, *([f"replaced {replaced}"] if replaced else [])]


def _sent(outcome: Copied | Unchanged) -> list[str]:
    """Where it isn't plain: of an image that was copied without sending just its size."""
    moved = outcome.moved
    if isinstance(outcome, Unchanged) or moved is None or moved.sent == outcome.content.size:
        return []
    return [f"{size(moved.sent)} sent"]


def _totals(report: Report) -> str:
    copied = sum(isinstance(outcome, Copied) for outcome in report.outcomes)
    unchanged = len(report.succeeded) - copied
    moved = traffic(report)
    told = [
        f"{copied} copied",
        f"{unchanged} unchanged",
        f"{len(report.failed)} failed in {duration(report.seconds)}",
        *([f"{size(moved.sent)} sent"] if moved else []),
        *([f"{size(saved(moved))} saved"] if moved and saved(moved) else []),
    ]
    return ", ".join(told)
