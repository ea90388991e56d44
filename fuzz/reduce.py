"""The fewest inputs of a corpus that reach all that the whole corpus reaches.

python -m fuzz.reduce NAME CORPUS [CORPUS…]
"""

import argparse
import hashlib
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self, TypeAlias

from fuzz.target import KEPT, Target
from fuzz.targets import NAMES, load

MOST_FILES = 60
MOST_BYTES = 32 * 1024
"""Of one target's files together."""

LONGEST = 3 * 1024
"""Bytes of one file."""

_COST = 400
"""Bytes that a file of its own is worth."""

_PACKAGE = str(Path(__file__).parent.parent / "src")

Arc: TypeAlias = tuple[int, int, int]
"""A code object's id, and two of its lines of which one follows the other."""

Reach: TypeAlias = frozenset[tuple[Arc, int]]
"""Each arc, and each with how often it was taken, as a power of two up to 16."""


def main(name: str, corpora: Sequence[Path]) -> None:
    target = load(name)
    inputs = {*target.seeds, *(path.read_bytes() for path in _files(corpora))}
    reached = {data: _reached(target, data) for data in sorted(inputs) if len(data) <= LONGEST}
    kept = list(smallest_cover(reached))
    _write(KEPT / name, kept)
    size = sum(map(len, kept))
    print(f"{name}: {len(kept)} of {len(inputs)} inputs, {size} bytes")
    print(f"{_arcs(reached, kept)} of {_arcs(reached, reached)} arcs")


def _arcs(reached: Mapping[bytes, Reach], inputs: Iterable[bytes]) -> int:
    return len({arc for data in inputs for arc, _ in reached[data]})


def smallest_cover(reached: Mapping[bytes, Reach]) -> Iterator[bytes]:
    """Always the input that adds most for its length, while there is room."""
    left = dict(reached)
    covered: Reach = frozenset()
    files, size = 0, 0
    while left and files < MOST_FILES:
        best = min(left, key=lambda data: (-_worth(left[data] - covered, data), len(data), data))
        added = left.pop(best) - covered
        if not added:
            return
        if size + len(best) > MOST_BYTES:
            continue
        covered |= added
        files, size = files + 1, size + len(best)
        yield best


def _worth(added: Reach, data: bytes) -> float:
    return len(added) / (len(data) + _COST)


def _files(corpora: Iterable[Path]) -> Iterator[Path]:
    for corpus in corpora:
        yield from (path for path in corpus.iterdir() if path.suffix != ".txt")


def _write(folder: Path, kept: Iterable[bytes]) -> None:
    """The files of before go, but for those that were found to break a law."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        if not path.name.startswith("found-"):
            path.unlink()
    for data in kept:
        (folder / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)


def _reached(target: Target, data: bytes) -> Reach:
    with _Trace() as trace:
        try:
            target.check(data)
        except Exception as error:  # noqa: BLE001  (it is told, and the others are reduced)
            print(f"breaks a law: {data[:60]!r}: {error!r}")
    taken = {(arc, 0) for arc in trace.arcs}
    return frozenset(taken | {(arc, min(n.bit_length(), 5)) for arc, n in trace.arcs.items()})


_Follow: TypeAlias = Callable[[FrameType, str, object], "_Follow | None"]


class _Trace:
    """The lines of this program that follow each other while it is on."""

    def __init__(self) -> None:
        self.arcs: Counter[Arc] = Counter()
        self._last: dict[int, int] = {}

    def __enter__(self) -> Self:
        sys.settrace(self._call)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        sys.settrace(None)

    def _call(self, frame: FrameType, _event: str, _argument: object) -> "_Follow | None":
        if not frame.f_code.co_filename.startswith(_PACKAGE):
            return None
        self._last[id(frame)] = 0
        return self._line

    def _line(self, frame: FrameType, event: str, _argument: object) -> "_Follow":
        at = frame.f_lineno if event == "line" else -1
        before = self._last.get(id(frame), 0)
        self.arcs[id(frame.f_code), before, at] += 1
        self._last[id(frame)] = at
        return self._line


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="fuzz.reduce", description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("corpora", nargs="*", type=Path)
    given = parser.parse_args()
    main(given.name, given.corpora)
