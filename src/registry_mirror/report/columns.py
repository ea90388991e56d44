"""The columns of bars on a terminal."""

from collections.abc import Callable

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.progress import (
    BarColumn,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Column
from rich.text import Text

from registry_mirror.report.measures import estimate, size, speed
from registry_mirror.report.progress import Advance

Find = Callable[[TaskID], Advance | None]


def columns(find: Find, *, bars: bool) -> tuple[ProgressColumn, ...]:
    """A row's field `count` is a text; `find` is asked whenever a row is drawn."""
    return (
        SpinnerColumn(finished_text=" "),
        _NameColumn(Column()),
        *([BarColumn(bar_width=16)] if bars else []),
        TextColumn("{task.fields[count]}", markup=False),
        _AdvanceColumn(find, _moved),
        _AdvanceColumn(find, _speed),
        _AdvanceColumn(find, _left),
        TimeElapsedColumn(),
    )


class _AdvanceColumn(ProgressColumn):
    def __init__(self, find: Find, say: Callable[[Advance], str]) -> None:
        super().__init__(Column(no_wrap=True, justify="right"))
        self._find = find
        self._say = say

    def render(self, task: Task) -> Text:
        advance = self._find(task.id)
        return Text(self._say(advance) if advance else "")


def _moved(advance: Advance) -> str:
    if advance.total is None:
        return size(advance.moved)
    return f"{size(advance.moved)}/{'~' if advance.is_estimate else ''}{size(advance.total)}"


def _speed(advance: Advance) -> str:
    return "" if advance.speed is None else speed(advance.speed)


def _left(advance: Advance) -> str:
    return "" if advance.seconds_left is None else f"{estimate(advance.seconds_left)} left"


class _NameColumn(ProgressColumn):
    def render(self, task: Task) -> "_Name":
        return _Name(task.description)


class _Name:
    """A name whose end, which tells the most, is kept where there is little room."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __rich_measure__(self, _: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(1, min(cell_len(self._name), options.max_width))

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        room = options.max_width
        yield Text(self._name if cell_len(self._name) <= room else f"…{self._name[1 - room :]}")
