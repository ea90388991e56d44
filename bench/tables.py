"""Results as people read them: a heading, what was measured and a table, in Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.contenders import BASELINE, CONTENDERS
from bench.corpus import MB, MIB
from bench.limit import limit
from bench.link import Cuts
from bench.results import Summary
from bench.scenarios import Place, Scenario, Way
from bench.storage import Stored

_COLUMNS = (
    "",
    "images",
    "wall s (min / median / max)",
    "× limit",
    "skopeo loop ÷ this",
    "CPU s",
    "peak MiB",
    "sent MB (× unique)",
    "fetched MB (× unique)",
    "requests source / target",
    "connections",
    "machine idle",
)
_UNKNOWN = "–"


@dataclass(frozen=True, slots=True)
class Measured:
    """A scenario's rounds, summed up; `again`: with everything in place already."""

    scenario: Scenario
    stored: Stored
    again: bool
    summaries: tuple[Summary, ...]

    @property
    def limit(self) -> float | None:
        way = self.scenario.way
        return limit(way, self.stored, again=self.again) if way else None

    @property
    def baseline(self) -> Summary | None:
        return next((s for s in self.summaries if s.contender == BASELINE), None)


def section(measured: Measured) -> str:
    heading = f"### {measured.scenario.name}{', again' if measured.again else ''}"
    lines = [heading, "", _describe(measured), "", _row(_COLUMNS)]
    lines.append(_row(["---", *["---:"] * (len(_COLUMNS) - 1)]))
    lines.extend(_row(_cells(summary, measured)) for summary in measured.summaries)
    return "\n".join(lines) + "\n"


def _describe(measured: Measured) -> str:
    corpus = measured.stored.corpus
    said = [
        f"{len(corpus.images)} images",
        f"{_megabytes(measured.stored.unique)} MB unique",
        f"{_megabytes(corpus.referenced)} MB where nothing is shared",
        _way(measured.scenario.way),
        f"target: {measured.scenario.target}",
    ]
    if measured.limit is not None:
        said.append(f"the link's own limit: {measured.limit:.2f} s")
    return "; ".join(said) + "."


def _way(way: Way | None) -> str:
    if not way:
        return "both registries local"
    conditions = way.conditions
    where = "both registries" if way.place is Place.BOTH else f"the {way.place}"
    said = [f"{conditions.round_trip * 1000:.0f} ms round trip to {where}"]
    if conditions.rate:
        said.append(f"{_megabytes(conditions.rate)} MB/s in all")
    if conditions.rate_per_connection:
        said.append(f"{_megabytes(conditions.rate_per_connection)} MB/s per connection")
    said.extend(_cuts("target", way.target_cuts) + _cuts("source", way.source_cuts))
    return ", ".join(said)


def _cuts(side: str, cuts: Cuts) -> list[str]:
    after = cuts.up or cuts.down
    return [f"connections to the {side} cut every {_megabytes(after)} MB"] if after else []


def _cells(summary: Summary, measured: Measured) -> list[str]:
    wall = summary.wall
    baseline = measured.baseline
    times = baseline.wall.middle / wall.middle if baseline else None
    complete = summary.complete == summary.rounds
    unique = measured.stored.unique
    return [
        CONTENDERS[summary.contender].title,
        f"{summary.images}" if complete else f"**{summary.arrived} of {summary.images}**",
        f"{wall.least:.2f} / **{wall.middle:.2f}** / {wall.most:.2f}",
        f"{wall.middle / measured.limit:.2f}" if measured.limit and complete else _UNKNOWN,
        f"{times:.2f}" if times and complete else _UNKNOWN,
        f"{summary.cpu.middle:.2f}",
        f"{summary.memory / MIB:.0f}",
        _moved(summary.sent, unique),
        _moved(summary.fetched, unique),
        f"{summary.source_requests:.0f} / {summary.target_requests:.0f}",
        _UNKNOWN if summary.connections is None else f"{summary.connections}",
        f"{summary.idle:.0%}",
    ]


def _moved(size: float | None, unique: int) -> str:
    return _UNKNOWN if size is None else f"{_megabytes(size)} ({size / unique:.3f})"


def _megabytes(size: float) -> str:
    return f"{size / MB:.1f}".removesuffix(".0")


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
