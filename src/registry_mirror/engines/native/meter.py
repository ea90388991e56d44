"""How far the images of a run have come."""

from collections.abc import Callable
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
    told: Advanced | None = None

    def add(self, octets: int) -> None:
        """So many bytes more, or fewer where some have to go again."""
        self.moved += octets


class Meter:
    """Of images under way; one that has ended may still send what others wait for, uncounted.

    `spared` says how many bytes of an image have turned out to need no sending.
    """

    def __init__(self, spared: Callable[[Copy], int]) -> None:
        self._spared = spared
        self._counts: dict[Copy, Count] = {}
        self._told = 0.0

    def start(self, copy: Copy, total: int) -> None:
        self._counts[copy] = Count(total)

    def count_of(self, copy: Copy) -> Count:
        return self._counts[copy]

    def forget(self, copy: Copy) -> None:
        self._counts.pop(copy, None)

    def news(self, now: float) -> tuple[Advanced, ...]:
        """What each image is to be told of, its size before anything of it moves."""
        if now - self._told < INTERVAL:
            return ()
        self._told = now
        told = (self._news_of(copy, count) for copy, count in self._counts.items())
        return tuple(news for news in told if news)

    def _news_of(self, copy: Copy, count: Count) -> Advanced | None:
        news = Advanced(copy, count.moved, max(count.total - self._spared(copy), 0))
        if news == count.told:
            return None
        count.told = news
        return news
