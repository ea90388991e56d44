"""How far a run is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Self, assert_never

from registry_mirror.engines import Ended, Event, Started
from registry_mirror.outcome import Failed, Outcome
from registry_mirror.plan import Copy, Plan


class Stage(IntEnum):
    """Where an image is, in the order in which rows are kept when there is little room."""

    FAILED = 0
    RUNNING = 1
    SUCCEEDED = 2
    WAITING = 3


@dataclass(frozen=True, slots=True)
class Status:
    """What an engine has told of a plan so far."""

    copies: tuple[Copy, ...]
    started: frozenset[Copy]
    outcomes: Mapping[Copy, Outcome]

    @classmethod
    def of(cls, plan: Plan) -> Self:
        return cls(plan.copies, frozenset(), {})

    def after(self, event: Event) -> "Status":
        match event:
            case Started(copy):
                return replace(self, started=self.started | {copy})
            case Ended(outcome):
                return replace(self, outcomes={**self.outcomes, outcome.copy: outcome})
            case _:
                assert_never(event)

    @property
    def over(self) -> bool:
        return len(self.outcomes) == len(self.copies)

    def count(self, stage: Stage) -> int:
        return sum(self.stage(copy) is stage for copy in self.copies)

    def stage(self, copy: Copy) -> Stage:
        outcome = self.outcomes.get(copy)
        if isinstance(outcome, Failed):
            return Stage.FAILED
        if outcome:
            return Stage.SUCCEEDED
        return Stage.RUNNING if copy in self.started else Stage.WAITING
