"""Copy a corpus with every contender in turn and print what it took."""

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from bench.contenders import CONTENDERS, Contender
from bench.corpus import describe
from bench.registries import RegistryName
from bench.results import summaries
from bench.runs import Run, measure
from bench.scenarios import SCENARIOS, Place, Scenario
from bench.storage import Stored, store, warm
from bench.tables import Measured, section

_FOLDER = Path(tempfile.gettempdir()) / "registry-mirror-bench"


@dataclass(frozen=True, slots=True)
class Options:
    scenarios: tuple[Scenario, ...]
    contenders: tuple[Contender, ...]
    rounds: int
    scale: float
    folder: Path
    time_limit: float
    json: Path | None
    markdown: Path | None


def main(arguments: Sequence[str]) -> int:
    options = read_options(arguments)
    _say(_heading(options))
    measured: list[Measured] = []
    runs: list[Run] = []
    for scenario in options.scenarios:
        stored = store(describe(scenario.corpus, options.scale), options.scale, options.folder)
        warm(stored)
        done = _measure(scenario, stored, options)
        runs.extend(done)
        for attempt in sorted({run.attempt for run in done}):
            measured.append(Measured(scenario, stored, bool(attempt), summaries(done, attempt)))
            _say(section(measured[-1]))
    _write(options.markdown, "\n".join((_heading(options), *map(section, measured))))
    _write(options.json, json.dumps(_document(options, measured, runs), indent=1) + "\n")
    return 0


def _measure(scenario: Scenario, stored: Stored, options: Options) -> list[Run]:
    """Contenders take turns, and each round begins with another one."""
    runs = []
    for number in range(options.rounds):
        for contender in _rotated(options.contenders, number):
            for run in measure(
                scenario, stored, contender, number=number, time_limit=options.time_limit
            ):
                _tell(run)
                runs.append(run)
    return runs


def _rotated(contenders: tuple[Contender, ...], by: int) -> tuple[Contender, ...]:
    start = by % len(contenders)
    return contenders[start:] + contenders[:start]


def _tell(run: Run) -> None:
    again = " again" if run.attempt else ""
    sys.stderr.write(
        f"{run.scenario}{again}, round {run.round + 1}, {run.contender}: "
        f"{run.usage.wall:.2f} s, {run.arrived} of {run.images}\n"
    )
    if run.said and not run.complete:
        sys.stderr.write(f"  exit code {run.usage.code}; it said:\n{run.said}\n")
    sys.stderr.flush()


def _document(
    options: Options, measured: Sequence[Measured], runs: Sequence[Run]
) -> dict[str, object]:
    return {
        "machine": _machine(),
        "contenders": {c.name: c.version_line() for c in options.contenders},
        "rounds": options.rounds,
        "scale": options.scale,
        "measured": [
            {
                "scenario": asdict(one.scenario),
                "again": one.again,
                "unique": one.stored.unique,
                "referenced": one.stored.corpus.referenced,
                "limit": one.limit,
                "contenders": [asdict(summary) for summary in one.summaries],
            }
            for one in measured
        ],
        "runs": [asdict(run) for run in runs],
    }


def _heading(options: Options) -> str:
    versions = "\n".join(f"* {c.title}: {c.version_line()}" for c in options.contenders)
    scale = "" if options.scale == 1 else f", scale {options.scale:g}"
    return f"{_machine()}; {options.rounds} rounds{scale}.\n\n{versions}\n"


def _machine() -> str:
    """What decides how fast things can be here; no names."""
    python = f"Python {platform.python_version()}"
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {python}"


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _write(path: Path | None, text: str) -> None:
    if path:
        path.write_text(text, encoding="utf-8")


def read_options(arguments: Sequence[str]) -> Options:
    """Exits with 2 where they can't be understood."""
    parser = _parser()
    read = parser.parse_args(arguments)
    names: list[str] = read.contender or [n for n, c in CONTENDERS.items() if c.found()]
    missing = [name for name in names if not CONTENDERS[name].found()]
    if missing:
        parser.error(f"not on PATH: {', '.join(missing)}")
    scenarios = [SCENARIOS[name] for name in read.scenario or SCENARIOS]
    if read.link:
        scenarios = [scenario.placed(read.link) for scenario in scenarios]
    if read.target:
        scenarios = [replace(scenario, target=read.target) for scenario in scenarios]
    return Options(
        scenarios=tuple(scenario.scaled(read.scale) for scenario in scenarios),
        contenders=tuple(CONTENDERS[name] for name in names),
        rounds=read.rounds,
        scale=read.scale,
        folder=read.folder,
        time_limit=read.time_limit,
        json=read.json,
        markdown=read.markdown,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    add = parser.add_argument
    add("--scenario", action="append", choices=SCENARIOS, help="repeatable; default: all")
    add("--contender", action="append", choices=CONTENDERS, help="repeatable; default: all found")
    add("--rounds", type=_whole, default=3, metavar="N")
    add("--scale", type=_share, default=1.0, metavar="SHARE", help="of the corpus, up to 1")
    add("--link", type=Place, choices=Place, help="what is at its far end")
    add("--target", type=RegistryName, choices=RegistryName, help="the registry to copy to")
    add("--folder", type=Path, default=_FOLDER, help="for the corpus, which stays, and the runs")
    add("--time-limit", type=float, default=900.0, metavar="SECONDS", help="for one run")
    add("--json", type=Path, metavar="FILE")
    add("--markdown", type=Path, metavar="FILE")
    return parser


def _whole(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def _share(text: str) -> float:
    number = float(text)
    if not 0 < number <= 1:
        raise ValueError(text)
    return number
