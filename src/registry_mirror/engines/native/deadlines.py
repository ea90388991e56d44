"""The time that each image has, which runs only while something of it is under way."""

import asyncio
from collections import Counter
from collections.abc import Callable

from registry_mirror.plan import Copy


class Deadlines:
    """`expire` is called once for an image whose `seconds` are used up."""

    def __init__(self, seconds: float, expire: Callable[[Copy], None]) -> None:
        self._seconds = seconds
        self._expire = expire
        self._left: dict[Copy, float] = {}
        self._running: Counter[Copy] = Counter()
        self._timers: dict[Copy, asyncio.TimerHandle] = {}

    def run(self, copy: Copy) -> None:
        """One transfer more of an image is under way."""
        self._running[copy] += 1
        if self._running[copy] == 1:
            left = self._left.get(copy, self._seconds)
            loop = asyncio.get_running_loop()
            self._timers[copy] = loop.call_later(left, self._expire, copy)

    def rest(self, copy: Copy) -> None:
        """One transfer less is."""
        self._running[copy] -= 1
        if not self._running[copy] and (timer := self._timers.pop(copy, None)):
            self._left[copy] = max(timer.when() - asyncio.get_running_loop().time(), 0.0)
            timer.cancel()

    def close(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
