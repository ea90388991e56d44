"""One contender in one scenario: everything set up anew, run, counted and taken down."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.contenders import Contender, Errand, environment
from bench.link_process import LinkProcess, Passage, Traffic
from bench.processes import OUTPUT, Usage, run
from bench.registries import Registry, RegistryName, registry
from bench.requests import Requests
from bench.scenarios import NO_CUTS, Place, Scenario
from bench.storage import TAG, Stored

_NAMESPACE = "mirror"
_TOLD = 500
"""Characters of what a failed run said."""


@dataclass(frozen=True, slots=True)
class Side:
    """What one registry saw of a run; `traffic` is None where no link leads to it."""

    requests: Requests
    traffic: Traffic | None


@dataclass(frozen=True, slots=True)
class Run:
    """`attempt` is 0 when the target was empty, 1 when all was there. `arrived` counts tags.

    `said` is how the output of a run that failed ends.
    """

    scenario: str
    contender: str
    round: int
    attempt: int
    images: int
    arrived: int
    usage: Usage
    source: Side
    target: Side
    said: str = ""

    @property
    def complete(self) -> bool:
        return self.usage.code == 0 and self.arrived == self.images

    @property
    def sent(self) -> int | None:
        """Bytes that went over the link to the target."""
        return self.target.traffic.up if self.target.traffic else None

    @property
    def fetched(self) -> int:
        """Bytes that came from the source; without a link, those of the answers' bodies."""
        return self.source.traffic.down if self.source.traffic else self.source.requests.sent


@dataclass(frozen=True, slots=True)
class Stage:
    """Both registries, and where a client finds them."""

    source: Registry
    target: Registry
    source_host: str
    target_host: str
    link: LinkProcess | None
    crossed: tuple[Place, ...]

    def look(self) -> tuple[Side, Side]:
        """What source and target saw since the last look."""
        carried = self.link.traffic() if self.link else ()
        traffic = dict(zip(self.crossed, carried, strict=True))
        return (
            Side(self.source.requests(), traffic.get(Place.SOURCE)),
            Side(self.target.requests(), traffic.get(Place.TARGET)),
        )


@contextmanager
def stage(scenario: Scenario, stored: Stored, folder: Path) -> Iterator[Stage]:
    with ExitStack() as stack:
        source, target = (
            stack.enter_context(registry(name, _make(folder / place), root))
            for place, name, root in (
                (Place.SOURCE, RegistryName.DOCKER_REGISTRY, stored.root),
                (Place.TARGET, scenario.target, None),
            )
        )
        hosts = {Place.SOURCE: source.host, Place.TARGET: target.host}
        way = scenario.way
        crossed = tuple(place for place in hosts if way and way.crosses(place))
        link = None
        if way:
            cuts = {Place.SOURCE: way.source_cuts, Place.TARGET: way.target_cuts}
            passages = tuple(Passage(hosts[p], cuts.get(p, NO_CUTS)) for p in crossed)
            link = stack.enter_context(LinkProcess(way.conditions, passages))
            hosts.update(zip(crossed, link.hosts, strict=True))
        yield Stage(source, target, hosts[Place.SOURCE], hosts[Place.TARGET], link, crossed)


def measure(
    scenario: Scenario, stored: Stored, contender: Contender, *, number: int, time_limit: float
) -> Iterator[Run]:
    """The runs of one round, beside the corpus; their files are gone in the end."""
    with tempfile.TemporaryDirectory(dir=stored.root.parent, prefix="run-") as made:
        folder = Path(made)
        with stage(scenario, stored, folder) as set_up:
            for attempt in range(2 if scenario.again else 1):
                home = _make(folder / f"home-{attempt}")
                errand = _errand(set_up, stored, home)
                set_up.look()
                usage = run(contender.command(errand), environment(home), home, time_limit)
                source, target = set_up.look()
                yield Run(
                    scenario=scenario.name,
                    contender=contender.name,
                    round=number,
                    attempt=attempt,
                    images=len(stored.corpus.images),
                    arrived=_arrived(set_up.target, stored),
                    usage=usage,
                    source=source,
                    target=target,
                    said="" if usage.code == 0 else _tail(home / OUTPUT),
                )


def _errand(set_up: Stage, stored: Stored, folder: Path) -> Errand:
    return Errand(
        source=set_up.source_host,
        target=set_up.target_host,
        namespace=_NAMESPACE,
        pairs=tuple(
            (
                f"{set_up.source_host}/{image.repository}:{TAG}",
                f"{set_up.target_host}/{_NAMESPACE}/{image.name}:{TAG}",
            )
            for image in stored.corpus.images
        ),
        folder=folder,
    )


def _arrived(target: Registry, stored: Stored) -> int:
    return sum(target.has(f"{_NAMESPACE}/{image.name}", TAG) for image in stored.corpus.images)


def _tail(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-_TOLD:]


def _make(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder
