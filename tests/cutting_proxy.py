"""A way to a registry on which every connection breaks after a number of bytes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

_PIECE = 64 * 1024


@dataclass(slots=True)
class Way:
    """`up` and `down` are the bytes that got through to the registry and back; `cuts` counts."""

    host: str = ""
    up: int = 0
    down: int = 0
    cuts: int = 0
    connections: list[int] = field(default_factory=list)


@asynccontextmanager
async def cutting_proxy(
    host: str, *, up_to: int | None = None, down_to: int | None = None
) -> AsyncIterator[Way]:
    """Every connection is reset after `up_to` bytes to the registry or `down_to` bytes from it."""
    way = Way()
    tasks: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        await _Passage(way, reader, writer).pass_on(host, up_to, down_to)

    server = await asyncio.start_server(accept, "127.0.0.1", 0, limit=_PIECE)
    way.host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield way
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


class _Passage:
    def __init__(
        self, way: Way, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._way = way
        self._reader = reader
        self._writer = writer

    async def pass_on(self, host: str, up_to: int | None, down_to: int | None) -> None:
        name, _, port = host.rpartition(":")
        reader, writer = await asyncio.open_connection(name, int(port), limit=_PIECE)
        number = len(self._way.connections)
        self._way.connections.append(0)

        def gone_up(size: int) -> None:
            self._way.up += size
            self._way.connections[number] += size

        def gone_down(size: int) -> None:
            self._way.down += size

        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pump(self._reader, writer, up_to, gone_up))
                both.create_task(self._pump(reader, self._writer, down_to, gone_down))
        except* (ConnectionError, _EndError):
            pass
        finally:
            for end in (writer, self._writer):
                end.transport.abort()

    async def _pump(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        most: int | None,
        count: Callable[[int], None],
    ) -> None:
        left = most
        while piece := await reader.read(_PIECE if left is None else min(_PIECE, left)):
            count(len(piece))
            writer.write(piece)
            await writer.drain()
            if left is not None:
                left -= len(piece)
                if left == 0:
                    self._way.cuts += 1
                    raise _EndError
        raise _EndError


class _EndError(Exception):
    """One of the two ends is done."""
