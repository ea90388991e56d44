"""A comment fits its limit, however long the list."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """`points` are code points of text, `octets` its bytes in UTF-8."""

    points: int
    octets: int

    def holds(self, text: str) -> bool:
        return len(text) <= self.points and len(text.encode()) <= self.octets


# GitHub refuses a comment over 65,536 characters or 262,144 bytes; the rest is the caller's.
COMMENT = Limit(60_000, 240_000)
# A step's summary may have 1 MiB.
SUMMARY = Limit(1_000_000, 1_000_000)


def most(count: int, render: Callable[[int], str], limit: Limit) -> int:
    """The largest number up to `count` whose text the limit holds, or 0.

    A larger number must make a longer text.
    """
    low, high = 0, count
    while low < high:
        middle = (low + high + 1) // 2
        if limit.holds(render(middle)):
            low = middle
        else:
            high = middle - 1
    return low
