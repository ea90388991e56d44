"""The report of a run: what every copy came to."""

from dataclasses import dataclass

from registry_mirror.engines import EngineName
from registry_mirror.outcome import Copied, Failed, Outcome, Unchanged
from registry_mirror.request import Pasted


@dataclass(frozen=True, slots=True)
class Report:
    """`target` is `HOST/NS`; `seconds` is wall time; outcomes stand in the plan's order.

    `pasted` is None where a list was asked for.
    """

    target: str
    engine: EngineName
    seconds: float
    outcomes: tuple[Outcome, ...]
    pasted: Pasted | None = None

    @property
    def succeeded(self) -> tuple[Copied | Unchanged, ...]:
        return tuple(o for o in self.outcomes if not isinstance(o, Failed))

    @property
    def failed(self) -> tuple[Failed, ...]:
        return tuple(o for o in self.outcomes if isinstance(o, Failed))
