"""What is measured: a corpus, the link that it crosses, how often it is copied."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from bench.corpus import MB, CorpusName
from bench.link import Conditions, Cuts
from bench.registries import RegistryName

NO_CUTS = Cuts()


class Place(StrEnum):
    """Which registry is at the far end of the link; the other one is local."""

    TARGET = "target"
    SOURCE = "source"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Way:
    """A link and where it stands. The cuts are of the connections to either registry."""

    conditions: Conditions
    place: Place = Place.TARGET
    source_cuts: Cuts = NO_CUTS
    target_cuts: Cuts = NO_CUTS

    def crosses(self, side: Place) -> bool:
        return self.place in (side, Place.BOTH)


@dataclass(frozen=True, slots=True)
class Scenario:
    """`way` is None where both registries are local. `again`: everything is copied twice."""

    name: str
    corpus: CorpusName
    way: Way | None
    target: RegistryName = RegistryName.DOCKER_REGISTRY
    again: bool = False

    def scaled(self, scale: float) -> "Scenario":
        """Cuts come as much earlier as layers are smaller."""
        if not self.way:
            return self
        cuts = (_scaled(cuts, scale) for cuts in (self.way.source_cuts, self.way.target_cuts))
        source_cuts, target_cuts = cuts
        way = replace(self.way, source_cuts=source_cuts, target_cuts=target_cuts)
        return replace(self, way=way)

    def placed(self, place: Place) -> "Scenario":
        return replace(self, way=replace(self.way, place=place)) if self.way else self


_SLOW = Conditions(round_trip=0.1, rate=40 * MB, rate_per_connection=10 * MB)
_CUTTING = Way(
    Conditions(round_trip=0.02),
    Place.BOTH,
    source_cuts=Cuts(down=40 * MB),
    target_cuts=Cuts(up=24 * MB),
)

SCENARIOS: Mapping[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        Scenario("fleet", CorpusName.FLEET, Way(_SLOW)),
        Scenario("small", CorpusName.SMALL, Way(_SLOW), again=True),
        Scenario("big", CorpusName.BIG, None),
        Scenario("wide", CorpusName.WIDE, Way(Conditions(0.02, 160 * MB, 10 * MB))),
        Scenario("cuts", CorpusName.CUTS, _CUTTING),
        Scenario("big-cuts", CorpusName.BIG, replace(_CUTTING, source_cuts=NO_CUTS)),
    )
}


def _scaled(cuts: Cuts, scale: float) -> Cuts:
    return Cuts(_bytes(cuts.up, scale), _bytes(cuts.down, scale))


def _bytes(number: int | None, scale: float) -> int | None:
    """Never so few that a request's head doesn't fit."""
    return None if number is None else max(16 * 1024, round(number * scale))
