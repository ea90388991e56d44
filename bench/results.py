"""From runs to what a table says of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from bench.runs import Run


@dataclass(frozen=True, slots=True)
class Spread:
    least: float
    middle: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        return cls(min(values), median(values), max(values))


@dataclass(frozen=True, slots=True)
class Summary:
    """All rounds of one contender at one attempt.

    `complete` counts rounds in which every image arrived; `arrived` is of the worst round. Bytes,
    requests and idleness are medians; `memory` is the most. Bytes are None where no one counts.
    """

    contender: str
    rounds: int
    complete: int
    arrived: int
    images: int
    wall: Spread
    cpu: Spread
    memory: int
    idle: float
    sent: float | None
    fetched: float
    source_requests: float
    target_requests: float
    connections: int | None
    """The most that were open to the target at once."""


def summarise(runs: Sequence[Run]) -> Summary:
    """Of the rounds of one contender, at least one."""
    sent = [run.sent for run in runs if run.sent is not None]
    most = [run.target.traffic.most for run in runs if run.target.traffic]
    return Summary(
        contender=runs[0].contender,
        rounds=len(runs),
        complete=sum(run.complete for run in runs),
        arrived=min(run.arrived for run in runs),
        images=runs[0].images,
        wall=Spread.of([run.usage.wall for run in runs]),
        cpu=Spread.of([run.usage.cpu for run in runs]),
        memory=max(run.usage.memory for run in runs),
        idle=_middle(runs, lambda run: run.usage.idle),
        sent=median(sent) if sent else None,
        fetched=_middle(runs, lambda run: run.fetched),
        source_requests=_middle(runs, lambda run: run.source.requests.total),
        target_requests=_middle(runs, lambda run: run.target.requests.total),
        connections=max(most) if most else None,
    )


def summaries(runs: Sequence[Run], attempt: int) -> tuple[Summary, ...]:
    """One for each contender, in the order in which they first ran."""
    wanted = [run for run in runs if run.attempt == attempt]
    names = dict.fromkeys(run.contender for run in wanted)
    return tuple(summarise([run for run in wanted if run.contender == name]) for name in names)


def _middle(runs: Sequence[Run], number: Callable[[Run], float]) -> float:
    return median(number(run) for run in runs)
