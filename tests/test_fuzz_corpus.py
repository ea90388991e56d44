"""What fuzzing has found and reached, held to the laws and caps again; atheris isn't needed."""

from pathlib import Path
from random import Random

import pytest

from fuzz.mutations import amplified
from fuzz.reduce import smallest_cover
from fuzz.target import (
    KEPT,
    MAX_INPUT,
    MAX_MEMORY,
    CapError,
    Shape,
    Target,
    check_within_memory,
    check_within_time,
)
from fuzz.targets import NAMES, load

LARGE = 8
"""Inputs of each target that are tried with a part of them again and again."""


def files() -> list[Path]:
    return [path for name in NAMES for path in sorted((KEPT / name).iterdir())]


def named(path: Path) -> str:
    return f"{path.parent.name}-{path.name}"


@pytest.mark.parametrize("path", files(), ids=named)
def test_an_input_breaks_no_law_and_no_cap(path: Path) -> None:
    target, data = load(path.parent.name), path.read_bytes()
    check_within_time(target, data)
    check_within_memory(target, data)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_grows_faster_than_its_input(name: str) -> None:
    target, random = load(name), Random(name)
    data = sorted(path.read_bytes() for path in (KEPT / name).iterdir())
    for each in random.sample(data, min(LARGE, len(data))):
        check_within_time(target, amplified(each, target.words, MAX_INPUT, random))


@pytest.mark.parametrize(
    ("name", "beginning", "part"),
    [
        ("pasted", b"kind: Pod\nspec: ", b"{image: "),
        ("pasted", b"kind: Pod\n", b"- image: A:1, "),
        ("pasted", b"${", b"a"),
        ("pasted", b'kind: Pod\nimage: "', b"${a:-"),
        ("requests", b"", b"user:word@"),
        ("requests", b"", b"<!--"),
        ("requests", b"", b"a/b:1 "),
        ("rules", b"sources: {allow: [", b"a*"),
        ("rules", b"", b"? "),
        ("headers", b"Bearer ", b'a="\\'),
        ("headers", b"", b"Bearer "),
        ("headers", b"Retry-After: ", b"<a://b?"),
        ("documents", b"", b"<script"),
        ("documents", b"", b"[{"),
        ("skopeo", b'level=fatal msg="', b"a:b"),
        ("skopeo", b'level=fatal msg="', b"\\"),
        ("tags", b"", b"</a>; rel"),
        ("comments", b"```\n", b"` "),
    ],
)
def test_what_is_written_again_and_again_takes_no_longer_than_it_is(
    name: str, beginning: bytes, part: bytes
) -> None:
    whole = beginning + part * ((MAX_INPUT - len(beginning)) // len(part))
    check_within_time(load(name), whole)


def test_the_corpus_is_small_and_there_is_one_of_each() -> None:
    assert {path.parent.name for path in files()} == set(NAMES)
    assert sum(path.stat().st_size for path in files()) < 300 * 1024


def target(check_size: int = 0, check_rounds: int = 0) -> Target:
    def check(_data: bytes) -> None:
        held = bytearray(check_size)
        assert sum(range(check_rounds)) >= len(held) - check_size

    return Target("x", Shape.LINES, check, ("x",), (b"x",))


def test_the_caps_are_kept_by_whom_they_are_for() -> None:
    check_within_memory(target(1), b"")
    check_within_time(target(), b"")
    with pytest.raises(CapError, match="held"):
        check_within_memory(target(MAX_MEMORY + 1), b"")
    with pytest.raises(CapError, match="processor"):
        check_within_time(target(check_rounds=100_000), b"", most=0.0)


def test_a_corpus_is_reduced_to_what_reaches_as_much() -> None:
    one, two, three = ((0, 0, 1), 1), ((0, 1, 2), 1), ((0, 1, 2), 2)
    reached = {
        b"long": frozenset({one, two}),
        b"ab": frozenset({one, two}),
        b"c": frozenset({two}),
        b"d": frozenset({three}),
    }
    assert list(smallest_cover(reached)) == [b"ab", b"d"]
