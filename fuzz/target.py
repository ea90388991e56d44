"""What a fuzz target is, and the caps that every input is held to."""

import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

KEPT = Path(__file__).parent.parent / "tests/data/fuzz"
"""The reduced corpora, one folder for each target."""

MAX_INPUT = 64 * 1024
"""Bytes of one input."""

MAX_SECONDS = 1.0
"""Of the processor, for one input of at most MAX_INPUT."""

MAX_MEMORY = 64 * 1024 * 1024
"""Bytes that Python holds at once for one input."""


class Shape(StrEnum):
    """What an input is made of: decides how inputs are changed besides byte by byte."""

    LINES = "lines"
    JSON = "json"
    HEADERS = "headers"


@dataclass(frozen=True, slots=True)
class Target:
    """`check` raises for an input that breaks a law: AssertionError, or what a parser let slip.

    `words` are what a parser looks for, `seeds` inputs to begin with.
    """

    name: str
    shape: Shape
    check: Callable[[bytes], None]
    words: tuple[str, ...]
    seeds: tuple[bytes, ...]


class CapError(AssertionError):
    """An input took more time or memory than any may."""


def check_within_time(target: Target, data: bytes, most: float = MAX_SECONDS) -> None:
    """Raises CapError, and whatever the target raises."""
    started = time.process_time()
    target.check(data)
    taken = time.process_time() - started
    if taken > most:
        raise CapError(f"{taken:.1f} s of the processor for {len(data)} bytes")


def check_within_memory(target: Target, data: bytes) -> None:
    """Raises CapError, and whatever the target raises."""
    tracemalloc.start()
    try:
        target.check(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    if peak > MAX_MEMORY:
        raise CapError(f"{peak} bytes held for {len(data)} bytes")


def lines_of(text: str) -> tuple[str, ...]:
    """The words of a target, one a line in its source."""
    return tuple(line.strip() for line in text.strip().splitlines())
