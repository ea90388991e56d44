"""How far a run is: events are taken in by one board, and views of it are values."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Self, assert_never

from registry_mirror.engines import Advanced, Ended, Event, Started
from registry_mirror.outcome import Failed, Outcome
from registry_mirror.plan import Copy, Plan

SMOOTHING = 10.0
"""Seconds over which a speed is taken: what moved so long ago counts 1/e of what moves now."""

_EARLY = 1.0
"""Seconds before which a speed says nothing."""

_FAR = 100 * 3600
"""Seconds from which an estimate is of no use to anybody."""


class Stage(IntEnum):
    """Where an image is, in the order in which rows are kept when there is little room."""

    FAILED = 0
    RUNNING = 1
    SUCCEEDED = 2
    WAITING = 3


@dataclass(frozen=True, slots=True)
class Advance:
    """How many bytes have been sent, of how many, and how many a second.

    None is unknown. `is_estimate` says so of the total, where only some images' sizes are known.
    """

    moved: int
    total: int | None = None
    speed: float | None = None
    is_estimate: bool = False

    @property
    def percent(self) -> int | None:
        return self.moved * 100 // self.total if self.total else None

    @property
    def seconds_left(self) -> float | None:
        """None where it can't be told, and where nothing is left to send."""
        if not self.total or not self.speed or self.moved >= self.total:
            return None
        seconds = (self.total - self.moved) / self.speed
        return seconds if seconds < _FAR else None


@dataclass(frozen=True, slots=True)
class Flow:
    """What has moved of late: `octets` as they count at the time `at`. Times are in seconds."""

    began: float
    at: float
    octets: float = 0.0

    @classmethod
    def beginning(cls, now: float) -> Self:
        return cls(now, now)

    def after(self, octets: int, now: float) -> "Flow":
        """Bytes that have to go again, a negative number, went over the wire all the same."""
        return Flow(self.began, now, self._remaining(now) + max(octets, 0))

    def speed(self, now: float) -> float | None:
        """Bytes a second; a steady flow has the same from its beginning on."""
        age = now - self.began
        if age < _EARLY:
            return None
        return self._remaining(now) / (SMOOTHING * -math.expm1(-age / SMOOTHING))

    def _remaining(self, now: float) -> float:
        return self.octets * math.exp((self.at - now) / SMOOTHING)


@dataclass(frozen=True, slots=True)
class Status:
    """What an engine has told of a plan so far.

    `advances` has what runs and tells of its bytes; `overall` is None where nothing does.
    """

    copies: tuple[Copy, ...]
    started: frozenset[Copy]
    outcomes: Mapping[Copy, Outcome]
    advances: Mapping[Copy, Advance] = field(default_factory=dict)
    overall: Advance | None = None

    @property
    def over(self) -> bool:
        return len(self.outcomes) == len(self.copies)

    def stage(self, copy: Copy) -> Stage:
        outcome = self.outcomes.get(copy)
        if isinstance(outcome, Failed):
            return Stage.FAILED
        if outcome:
            return Stage.SUCCEEDED
        return Stage.RUNNING if copy in self.started else Stage.WAITING


@dataclass(frozen=True, slots=True)
class _Course:
    """Bytes sent and to be sent, 0 where that isn't known."""

    moved: int
    total: int
    flow: Flow

    @classmethod
    def beginning(cls, now: float) -> Self:
        return cls(0, 0, Flow.beginning(now))

    def to(self, moved: int, total: int, now: float) -> "_Course":
        return _Course(moved, total, self.flow.after(moved - self.moved, now))

    def view(self, now: float) -> Advance | None:
        if not self.moved and not self.total:
            return None
        total = max(self.total, self.moved) if self.total else None
        return Advance(self.moved, total, self.flow.speed(now))


class ProgressBoard:
    """Takes events in, each at a small cost that doesn't grow with the plan.

    `now` is a clock's time in seconds that never goes back. `advance` and `overall` may be asked
    while another thread takes an event in: they read values that are replaced whole.
    """

    def __init__(self, plan: Plan) -> None:
        self._copies = plan.copies
        self._started: set[Copy] = set()
        self._outcomes: dict[Copy, Outcome] = {}
        self._courses: dict[Copy, _Course] = {}
        self._whole: _Course | None = None
        self._known: set[Copy] = set()

    def take(self, event: Event, now: float) -> None:
        match event:
            case Started(copy):
                self._started.add(copy)
                before = self._courses.get(copy)
                total = before.total if before else 0
                if not before or not before.moved:
                    self._courses[copy] = _Course(0, total, Flow.beginning(now))
                self._whole = self._whole or _Course.beginning(now)
            case Advanced(copy, moved, total):
                if copy not in self._outcomes:
                    self._move(copy, max(moved, 0), total, now)
            case Ended(outcome):
                self._end(outcome, now)
            case _:
                assert_never(event)

    @property
    def done(self) -> int:
        return len(self._outcomes)

    @property
    def total(self) -> int:
        return len(self._copies)

    @property
    def running(self) -> int:
        return len(self._started - self._outcomes.keys())

    def advance(self, copy: Copy, now: float) -> Advance | None:
        course = self._courses.get(copy)
        return course.view(now) if course else None

    def overall(self, now: float) -> Advance | None:
        """Images that have not told their size are taken to be like the others on average."""
        course, known = self._whole, len(self._known)
        if course is None:
            return None
        if not known or known == self.total:
            return course.view(now)
        estimate = course.total * self.total // known
        advance = _Course(course.moved, estimate, course.flow).view(now)
        return advance and Advance(advance.moved, advance.total, advance.speed, is_estimate=True)

    def status(self, now: float) -> Status:
        running = {copy: course.view(now) for copy, course in self._courses.items()}
        return Status(
            self._copies,
            frozenset(self._started),
            dict(self._outcomes),
            {copy: advance for copy, advance in running.items() if advance},
            self.overall(now),
        )

    def _move(self, copy: Copy, moved: int, total: int, now: float) -> None:
        before = self._courses.get(copy) or _Course.beginning(now)
        after = self._courses[copy] = before.to(moved, total, now)
        whole = self._whole or _Course.beginning(now)
        self._whole = whole.to(
            whole.moved + after.moved - before.moved, whole.total + after.total - before.total, now
        )
        if total:
            self._known.add(copy)

    def _end(self, outcome: Outcome, now: float) -> None:
        """What was sent is all that there was to send: the rest was there, or isn't wanted now."""
        copy = outcome.copy
        course = self._courses.get(copy)
        sent = course.moved if course else 0
        if not isinstance(outcome, Failed) and outcome.moved:
            sent = outcome.moved.sent
        self._move(copy, sent, sent, now)
        self._known.add(copy)
        self._outcomes[copy] = outcome
        del self._courses[copy]
