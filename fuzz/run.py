"""Atheris (libFuzzer) at work on one target; what breaks a law is kept, and the run goes on."""

import hashlib
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import atheris

from fuzz.mutations import amplified, mutate
from fuzz.target import KEPT, MAX_INPUT, MAX_SECONDS, CapError, Shape, Target, check_within_time
from fuzz.targets import load

INSTRUMENTED = 8
"""How many times as long an instrumented parser may take."""

_AMPLIFIED = 400
"""One of so many inputs is also tried with a part of it again and again."""

_OWN_MUTATIONS = 0.4
_LONGEST_BY_BYTES = 4096


def main(names: Sequence[str], minutes: float, work: Path) -> None:
    """Fuzz targets for so many minutes; corpus and findings go below `work`.

    Every input goes to each of several targets, whose coverage is then one.
    """
    with atheris.instrument_imports(include=["registry_mirror", "fuzz.targets"]):
        target = together([load(name) for name in names])  # only what is imported here is seen
    name = target.name
    corpus = work / "corpus" / name
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in target.seeds:
        (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    dictionary = work / f"{name}.dict"
    dictionary.write_text("".join(map(_entry, target.words)), encoding="ascii")
    findings = Findings(work / "findings" / name)
    atheris.Setup(
        [
            sys.argv[0],
            f"-max_total_time={round(minutes * 60)}",
            f"-max_len={_LONGEST_BY_BYTES}",
            f"-dict={dictionary}",
            "-timeout=60",
            "-rss_limit_mb=2048",
            "-print_final_stats=1",
            "-verbosity=1",
            str(corpus),
            *(str(KEPT / each) for each in names),
        ],
        lambda data: findings.watch(target, data),
        custom_mutator=_mutator(target),
    )
    atheris.Fuzz()


def together(targets: Sequence[Target]) -> Target:
    if len(targets) == 1:
        return targets[0]

    def check(data: bytes) -> None:
        for target in targets:
            target.check(data)

    return Target(
        "-".join(target.name for target in targets),
        targets[0].shape,
        check,
        tuple(word for target in targets for word in target.words),
        tuple(seed for target in targets for seed in target.seeds),
    )


@dataclass(slots=True)
class Findings:
    """Each kind of finding once: the first input that led to it, and the traceback."""

    folder: Path
    seen: set[str] = field(default_factory=set)

    def watch(self, target: Target, data: bytes) -> None:
        self._try(target, data)
        draw = Random(data)  # noqa: S311  (the same for the same input)
        if data and draw.randrange(_AMPLIFIED) == 0:
            self._try(target, amplified(data, target.words, MAX_INPUT, draw))

    def _try(self, target: Target, data: bytes) -> None:
        try:
            check_within_time(target, data, INSTRUMENTED * MAX_SECONDS)
        except Exception as error:  # noqa: BLE001  (whatever it is, it is what we look for)
            self._keep(data, error)

    def _keep(self, data: bytes, error: Exception) -> None:
        where = traceback.extract_tb(error.__traceback__)[-1]
        kind = f"{type(error).__name__}-{Path(where.filename).stem}-{where.lineno}"
        if isinstance(error, CapError):
            kind = f"{kind}-{len(data).bit_length()}"
        if kind in self.seen:
            return
        self.seen.add(kind)
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / kind).write_bytes(data)
        told = "".join(traceback.format_exception(error))
        (self.folder / f"{kind}.txt").write_text(told, encoding="utf-8", errors="replace")
        print(f"FOUND {kind}", flush=True)


def _mutator(target: Target) -> Callable[[bytes, int, int], bytes]:
    def mutator(data: bytes, most: int, seed: int) -> bytes:
        random = Random(seed)  # noqa: S311
        if random.random() < (_OWN_MUTATIONS if target.shape is not Shape.HEADERS else 0.2):
            return mutate(target.shape, data, target.words, most, random)
        return bytes(atheris.Mutate(data, most))

    return mutator


def _entry(word: str) -> str:
    content = "".join(f"\\x{byte:02x}" for byte in word.encode("utf-8", "surrogateescape"))
    return f'"{content}"\n' if content else ""
