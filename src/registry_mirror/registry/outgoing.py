"""How long we wait for bytes to move, and a body on its way out."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds, and `rate` in bytes a second.

    `idle`: without a byte moving, either way. `answer`: from the last byte of what is put until the
    answer begins, for some registries copy a blob meanwhile. `rate` is the least that has to come
    over each `window` spent on waiting for bytes. `whole`: for one try at what is read at once, a
    manifest or a config, or only asked for. `alone`: how long a transport's other requests
    wait for its very first one, so that one that hangs stops nobody.
    """

    connect: float = 30.0
    idle: float = 60.0
    answer: float = 300.0
    window: float = 60.0
    rate: float = 1024.0
    whole: float = 300.0
    alone: float = 2.0


class Pace:
    """Whether bytes come fast enough, judged whenever a window of waiting is over."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._waited = 0.0
        self._size = 0

    def holds(self, size: int, waited: float) -> bool:
        self._size += size
        self._waited += waited
        if self._waited < self._patience.window:
            return True
        fast_enough = self._size >= self._patience.rate * self._waited
        self._size, self._waited = 0, 0.0
        return fast_enough


class Outgoing:
    """A body on its way out. The time that its source takes is not the registry's.

    `error` is what the source raised: it matters more than what became of the request.
    """

    def __init__(
        self, body: AsyncIterable[bytes], watch: asyncio.Timeout, patience: Patience
    ) -> None:
        self._body = aiter(body)
        self._watch: asyncio.Timeout | None = watch
        self._patience = patience
        self._idle = asyncio.Event()
        self._idle.set()
        self.error: Exception | None = None
        self.whole = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        self._expect_within(None)
        self._idle.clear()
        try:
            chunk = await anext(self._body)
        except StopAsyncIteration:
            self.whole = True
            self._expect_within(self._patience.answer)
            raise
        except Exception as error:
            self.error = error
            raise
        finally:
            self._idle.set()
        self._expect_within(self._patience.idle)
        return chunk

    def stop_watching(self) -> None:
        self._watch = None

    async def settled(self) -> None:
        """Nobody is reading the source any more."""
        await self._idle.wait()

    def _expect_within(self, seconds: float | None) -> None:
        if self._watch and not self._watch.expired():
            now = asyncio.get_running_loop().time()
            self._watch.reschedule(None if seconds is None else now + seconds)
