"""The seam between the values on either side and whatever moves the bytes."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from registry_mirror.outcome import Outcome
from registry_mirror.plan import Copy, Plan


class EngineName(StrEnum):
    NATIVE = "native"
    SKOPEO = "skopeo"


@dataclass(frozen=True, slots=True)
class Started:
    copy: Copy


@dataclass(frozen=True, slots=True)
class Advanced:
    """`moved` of the image's `total` bytes have been sent so far; some may go again."""

    copy: Copy
    moved: int
    total: int


@dataclass(frozen=True, slots=True)
class Ended:
    outcome: Outcome


Event = Started | Advanced | Ended
Observer = Callable[[Event], None]


class Engine(Protocol):
    """Carries out a plan.

    `run` tells the observer of every copy that starts and of every outcome as soon as there is
    one, and returns all outcomes in the plan's order. It raises nothing for what a registry does:
    that is a `Failed`. Cancelled, it ends its children, leaves nothing on disk and raises
    `CancelledError`; the outcomes until then are the ones the observer was told.
    """

    @property
    def name(self) -> EngineName: ...

    async def run(self, plan: Plan, observer: Observer) -> tuple[Outcome, ...]: ...
