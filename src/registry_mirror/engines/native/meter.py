"""How far the images of a run have come."""

from dataclasses import dataclass

from registry_mirror.engines import Advanced
from registry_mirror.plan import Copy

INTERVAL = 0.25
"""Seconds at least between two looks at the same image's bytes."""


@dataclass(slots=True)
class Count:
    """Of one image's bytes: `add` is called for every block that moves, so it does no more."""

    total: int
    moved: int = 0
    told: int = 0

    def add(self, octets: int) -> None:
        """So many bytes more, or fewer where some have to go again."""
        self.moved += octets


class Meter:
    """Of images under way; one that has ended may still send what others wait for, uncounted."""

    def __init__(self) -> None:
        self._counts: dict[Copy, Count] = {}
        self._told = 0.0

    def start(self, copy: Copy, total: int) -> None:
        self._counts[copy] = Count(total)

    def count_of(self, copy: Copy) -> Count:
        return self._counts[copy]

    def forget(self, copy: Copy) -> None:
        self._counts.pop(copy, None)

    def news(self, now: float) -> tuple[Advanced, ...]:
        if now - self._told < INTERVAL:
            return ()
        self._told = now
        return tuple(
            _told(copy, count) for copy, count in self._counts.items() if count.moved != count.told
        )


def _told(copy: Copy, count: Count) -> Advanced:
    count.told = count.moved
    return Advanced(copy, count.moved, count.total)
