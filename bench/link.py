"""A TCP link between loopback ports: delay, a rate in all and for each connection, cuts.

Bytes enter the link at its rates and come out half a round trip later, as they do on a long wire;
a sender is slowed down by its own socket. Each direction has the whole rate. Opening a connection
costs a round trip. What TCP does to recover and to find its speed is not here.
"""

import asyncio
import socket
from collections.abc import Coroutine
from types import TracebackType
from typing import Self

from bench.link_rates import Conditions, Counters, Cuts, Wire
from bench.link_wire import Connection

__all__ = ["Conditions", "Counters", "Cuts", "Link", "Port"]

_SOCKET_BUFFER = 256 * 1024
_NO_CUTS = Cuts()


class Port:
    """`host` is where clients connect, as `127.0.0.1:PORT`."""

    def __init__(self, wire: Wire, target: tuple[str, int], cuts: Cuts) -> None:
        self.cuts = cuts
        self.counters = Counters()
        self.host = ""
        self._wire = wire
        self._target = target
        self._connections: set[Connection] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._empty = asyncio.Event()
        self._empty.set()
        self._server: asyncio.Server | None = None

    async def listen(self) -> None:
        listener = _socket()
        listener.bind(("127.0.0.1", 0))
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Connection(self._wire, self).client, sock=listener, backlog=1024
        )
        self.host = f"127.0.0.1:{listener.getsockname()[1]}"

    async def reach(self) -> socket.socket:
        """A connection to the server. Raises OSError."""
        reached = _socket()
        reached.settimeout(0)
        try:
            await asyncio.get_running_loop().sock_connect(reached, self._target)
        except BaseException:
            reached.close()
            raise
        return reached

    def opened(
        self, connection: Connection, opening: Coroutine[None, None, None]
    ) -> asyncio.Task[None]:
        self._connections.add(connection)
        self._empty.clear()
        self.counters.connections += 1
        self.counters.open += 1
        self.counters.most = max(self.counters.most, self.counters.open)
        task = asyncio.create_task(opening)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def closed(self, connection: Connection) -> None:
        if connection in self._connections:
            self._connections.remove(connection)
            self.counters.open -= 1
        if not self._connections:
            self._empty.set()

    async def idle(self) -> None:
        """Wait until no connection is open."""
        await self._empty.wait()

    async def close(self) -> None:
        if self._server:
            self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for connection in tuple(self._connections):
            connection.abort()
        await self.idle()


class Link:
    """Carries while the `async with` lasts; all its ports share the rate."""

    def __init__(self, conditions: Conditions) -> None:
        self._wire = Wire(conditions)
        self._ports: list[Port] = []

    async def forward(self, host: str, cuts: Cuts = _NO_CUTS) -> Port:
        """A port at this end of the link for a `127.0.0.1:PORT` at the other."""
        name, _, number = host.rpartition(":")
        port = Port(self._wire, (name, int(number)), cuts)
        self._ports.append(port)
        await port.listen()
        return port

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for port in self._ports:
            await port.close()


def _socket() -> socket.socket:
    """Its buffer is small, or the kernel would take megabytes before the link is asked."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SOCKET_BUFFER)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SOCKET_BUFFER)
    return made
