"""Which of many names is meant by one that isn't there."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

SHORTLIST = 50
"""Names that are compared letter by letter; the others look less alike from afar."""

_VERSION = re.compile(r"[vV]?([0-9]{1,9}(?:\.[0-9]{1,9}){0,7})(.*)", re.DOTALL)
_REMEMBERED = 16_384
"""Tags of a few repositories, which many lines of a list may be of."""
_MOST_COMPARED = 60
"""Letters of a tag; what people type has fewer."""
_SLIP = 2
_USUAL = ("latest", "stable")

_FAR = 9

_Newest = tuple[int, int, tuple[int, ...], str]
_Gap = tuple[int, int, int, tuple[int, ...]]
_Key = tuple[int, int, _Gap, _Newest]

_NO_GAP: _Gap = (0, 0, 0, ())


@dataclass(frozen=True, slots=True)
class Version:
    """The numbers that a tag begins with, and what follows them (`-alpine`)."""

    numbers: tuple[int, ...]
    suffix: str


def distance(one: str, other: str) -> int:
    """Letters to insert, delete, replace or swap with their neighbour (optimal alignment)."""
    before: list[int] = []
    above = list(range(len(other) + 1))
    for i, mine in enumerate(one, 1):
        row = [i]
        for j, theirs in enumerate(other, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (mine != theirs))
            if i > 1 and j > 1 and mine == other[j - 2] and theirs == one[i - 2]:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, above = above, row
    return above[-1]


def _letters(one: str, other: str) -> int:
    return distance(one[:_MOST_COMPARED], other[:_MOST_COMPARED])


def is_slip(one: str, other: str) -> bool:
    """Whether one name may be the other mistyped: the shorter, the more alike they must be."""
    most = _SLIP if min(len(one), len(other)) > 2 * _SLIP else 1
    return abs(len(one) - len(other)) <= most and 0 < distance(one, other) <= most


def nearest_tags(wanted: str, tags: Iterable[str], most: int) -> tuple[str, ...]:
    """Up to `most` tags, the likeliest first: of a version by its numbers, else by letters."""
    there = set(tags) - {wanted}
    version = read_version(wanted)
    if version:
        likely = sorted(there, key=lambda tag: _by_version(version, tag))[:SHORTLIST]
        return tuple(sorted(likely, key=lambda tag: _by_version_and_letters(version, tag))[:most])
    likely = sorted(there, key=lambda tag: (-_shared(wanted, tag), _newest(tag)))[:SHORTLIST]
    likely += sorted(there - set(likely), key=_newest)[:most]
    return tuple(sorted(likely, key=lambda tag: _by_letters(wanted, tag))[:most])


@lru_cache(maxsize=_REMEMBERED)
def read_version(tag: str) -> Version | None:
    match = _VERSION.fullmatch(tag)
    return Version(tuple(map(int, match[1].split("."))), match[2]) if match else None


def _by_version(wanted: Version, tag: str) -> _Key:
    """Seen from afar: how many numbers are the same, and whether the suffix is."""
    found = read_version(tag)
    if found is None:
        return (_FAR, 0, _NO_GAP, _newest(tag))
    apart = _apart(wanted, found) + 2 * (wanted.suffix != found.suffix)
    return (apart, 0, _gap(wanted, found), _newest(tag))


def _by_version_and_letters(wanted: Version, tag: str) -> _Key:
    found = read_version(tag)
    if found is None:
        return (_FAR, 0, _NO_GAP, _newest(tag))
    letters = _letters(wanted.suffix, found.suffix)
    suffix = 0 if not letters else 1 if letters <= _SLIP else 2
    return (_apart(wanted, found) + suffix, letters, _gap(wanted, found), _newest(tag))


def _apart(wanted: Version, found: Version) -> int:
    """0: the same numbers; 1: all but the last; 2: the first one only; 3: none."""
    if wanted.numbers == found.numbers:
        return 0
    common = _common(wanted, found)
    if not common:
        return 3
    return 1 if common >= len(wanted.numbers) - 1 else 2


def _gap(wanted: Version, found: Version) -> _Gap:
    """The numbers that differ first: near ones before far, and newer before older."""
    common = _common(wanted, found)
    mine, theirs = wanted.numbers[common:], found.numbers[common:]
    first = (0, abs(mine[0] - theirs[0])) if mine and theirs else (1, 0)
    return (-common, *first, tuple(-number for number in theirs))


def _common(one: Version, other: Version) -> int:
    pairs = enumerate(zip(one.numbers, other.numbers, strict=False))
    shorter = min(len(one.numbers), len(other.numbers))
    return next((i for i, (mine, theirs) in pairs if mine != theirs), shorter)


def _by_letters(wanted: str, tag: str) -> tuple[int, int, _Newest]:
    """Nothing is near where half of the letters differ: then what most images have comes first."""
    letters = _letters(wanted.lower(), tag.lower())
    is_near = letters <= max(_SLIP, min(len(wanted), len(tag)) // 2)
    return (0 if is_near else 1, letters if is_near else 0, _newest(tag))


@lru_cache(maxsize=_REMEMBERED)
def _newest(tag: str) -> _Newest:
    found = read_version(tag)
    if found is None:
        place = _USUAL.index(tag) if tag in _USUAL else _FAR
        return (0 if place < _FAR else 2, place, (), tag)
    return (1, len(found.suffix), tuple(-number for number in found.numbers), tag)


def _shared(one: str, other: str) -> int:
    """Letters that two names have in common at both ends."""
    return _prefix(one, other) + _prefix(one[::-1], other[::-1])


def _prefix(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    shorter = min(len(one), len(other))
    return next((i for i, (mine, theirs) in pairs if mine != theirs), shorter)
