"""How long GitHub is still waited for, once we are told to stop."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import TypeVar

from registry_mirror.race import unless

_Result = TypeVar("_Result")

LAST_CALLS = 3.0
"""Seconds after which nothing is asked any more, but for what must arrive.

A runner kills what hasn't ended after some seven; its last step then says what there is to say.
"""

LAST_ANSWER = 1.0
"""Seconds for an answer, and for a pause before another try."""

LAST_WORD = 2.0
"""Seconds for the answer to what must arrive; LAST_ANSWER of them however late it is."""


class Hurry:
    """Until it begins, calls take what time they need."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until = 0.0
        self._begun = asyncio.Event()

    def begin(self) -> None:
        self._until = self._clock() + LAST_CALLS
        self._begun.set()

    async def answer(
        self, ask: Callable[[], Coroutine[object, object, _Result]], *, must_arrive: bool
    ) -> _Result | None:
        """What is answered; None where there is no time left to ask or to wait for it."""
        if self._begun.is_set() and self._seconds(must_arrive=must_arrive) <= 0:
            return None
        return await unless(self._give_up(must_arrive=must_arrive), ask())

    async def pause(self, seconds: float, sleep: Callable[[float], Awaitable[None]]) -> bool:
        """Whether there was time for it; a short one that has been begun is made."""
        if self._begun.is_set() and seconds > min(self._left, LAST_ANSWER):
            return False
        if seconds <= LAST_ANSWER:
            return await _made(sleep(seconds))
        return await unless(self._begun.wait(), _made(sleep(seconds))) or False

    @property
    def _left(self) -> float:
        return self._until - self._clock()

    async def _give_up(self, *, must_arrive: bool) -> None:
        await self._begun.wait()
        await asyncio.sleep(self._seconds(must_arrive=must_arrive))

    def _seconds(self, *, must_arrive: bool) -> float:
        if must_arrive:
            return max(LAST_ANSWER, min(LAST_WORD, self._left + LAST_ANSWER))
        return min(LAST_ANSWER, self._left)


async def _made(pause: Awaitable[None]) -> bool:
    await pause
    return True
