"""How a body moves: at a pace, up to a point; what is done to a request's on its way in."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass

from aiohttp import web

from registry_mirror.embedded.content import PIECE

_TICKS = 20


@dataclass(frozen=True, slots=True)
class Flow:
    """`rate` is in bytes per second, and holds until `lifted` is set.

    After `end` bytes the connection is closed, but where there is `lifted` not before that is set.
    """

    rate: float | None = None
    end: int | None = None
    lifted: asyncio.Event | None = None

    @property
    def largest(self) -> int:
        """The longest piece that may pass at once."""
        return PIECE if self.rate is None else min(PIECE, max(1, int(self.rate / _TICKS)))


FREE = Flow()
_incoming: ContextVar[Flow] = ContextVar("_incoming", default=FREE)


@contextmanager
def incoming(flow: Flow) -> Iterator[None]:
    """What `body_of` does to the body of the request that is being answered."""
    token = _incoming.set(flow)
    try:
        yield
    finally:
        _incoming.reset(token)


async def body_of(request: web.Request) -> AsyncIterator[bytes]:
    """Raises ConnectionError where it breaks off, of itself or on command."""
    passage = Passage(_incoming.get())
    await passage.passed(request, 0)
    async for piece in request.content.iter_any():
        await passage.pace(len(piece))
        yield piece[: passage.room]
        await passage.passed(request, len(piece))


class Passage:
    """One body on its way: what passed so far of what may."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._size = 0
        self._started = asyncio.get_running_loop().time()

    @property
    def room(self) -> int | None:
        """Bytes that may still pass; None for all."""
        return None if self._flow.end is None else self._flow.end - self._size

    async def pace(self, size: int) -> None:
        """Wait until `size` more bytes are due."""
        if self._flow.rate is not None:
            lifted = self._flow.lifted or asyncio.Event()
            with suppress(TimeoutError):
                due = self._started + (self._size + size) / self._flow.rate
                async with asyncio.timeout_at(due):
                    await lifted.wait()

    async def passed(self, request: web.BaseRequest, size: int) -> None:
        """Raises ConnectionResetError where the connection ends with these bytes."""
        self._size += size
        if self._flow.end is not None and self._size >= self._flow.end:
            if self._flow.lifted:
                await self._flow.lifted.wait()
            raise disconnected(request)


def disconnected(request: web.BaseRequest) -> ConnectionResetError:
    """Close the connection once what was written is on its way; to be raised."""
    if request.transport:
        request.transport.close()
    return ConnectionResetError("the connection was dropped on command")
