"""The wire of `bench.link`: how the bytes of one connection come in and go out."""

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Protocol

from bench.link_rates import Counters, Cuts, Turnstile, Wire

_AHEAD = 0.02
"""Seconds of traffic that a connection may have waiting for its turn on the link."""
_RESET = struct.pack("ii", 1, 0)
_WINDOW = 8 * 1024 * 1024
"""Bytes of a connection and direction that may be under way where no rate limits them."""


class Owner(Protocol):
    """Who counts connections and knows where they lead."""

    @property
    def cuts(self) -> Cuts: ...

    @property
    def counters(self) -> Counters: ...

    async def reach(self) -> socket.socket: ...

    def opened(
        self, connection: "Connection", opening: Coroutine[None, None, None], /
    ) -> asyncio.Task[None]: ...

    def closed(self, connection: "Connection", /) -> None: ...


class _Lane:
    """One direction of one connection."""

    def __init__(
        self, connection: "Connection", source: "_End", target: "_End", shared: Turnstile
    ) -> None:
        up = target is connection.server
        conditions, cuts = connection.wire.conditions, connection.owner.cuts
        self.passed = 0
        self.ended = False
        self.broken = False
        self._loop = asyncio.get_running_loop()
        self._connection = connection
        self._source = source
        self._target = target
        self._cut = cuts.up if up else cuts.down
        self._delay = conditions.round_trip / 2
        self._turnstiles = (Turnstile(conditions.rate_per_connection), shared)
        self._due = self._resumed = self._late = 0.0
        self._queue: deque[tuple[float, bytes]] = deque()
        self._queued = 0
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._early = False
        self._blocked = False
        self._stopped = False

    def receive(self, data: bytes) -> None:
        now = self._loop.time()
        slack = _AHEAD + (self._late if now - self._resumed < _AHEAD else 0.0)
        through = max(turnstile.book(len(data), now, slack) for turnstile in self._turnstiles)
        self._put(through, data)
        if through - now > _AHEAD:
            self._early = True
            self._due = through - _AHEAD / 2
            self._at("resume", self._due, self._resume)
        self.adjust()

    def receive_end(self, *, broken: bool = False) -> None:
        """The source sends no more; a `broken` one has gone away altogether."""
        self.broken = broken
        if not self._stopped:
            self._put(self._loop.time(), b"")

    def block(self, *, blocked: bool) -> None:
        """Whether the target's socket takes no more for now."""
        self._blocked = blocked
        self.adjust()

    def adjust(self) -> None:
        wait = self._early or self._blocked or self._queued > _WINDOW
        self._source.pause(paused=wait)

    def stop(self) -> None:
        self._stopped = True
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._queue.clear()

    def _put(self, through: float, data: bytes) -> None:
        last = self._queue[-1][0] if self._queue else 0.0
        self._queue.append((max(through + self._delay, last), data))
        self._queued += len(data)
        if len(self._queue) == 1:
            self._at("release", self._queue[0][0], self._release)

    def _at(self, name: str, when: float, call: Callable[[], None]) -> None:
        if name in self._timers:
            self._timers[name].cancel()
        self._timers[name] = self._loop.call_at(when, call)

    def _resume(self) -> None:
        """A busy machine comes too late to read on: what the link lost by it, it catches up."""
        self._early = False
        self._resumed = self._loop.time()
        self._late = self._resumed - self._due
        self.adjust()

    def _release(self) -> None:
        now = self._loop.time()
        while self._queue and self._queue[0][0] <= now:
            _, data = self._queue.popleft()
            self._queued -= len(data)
            self._pass(data)
        if self._queue:
            self._at("release", self._queue[0][0], self._release)
        self.adjust()

    def _pass(self, data: bytes) -> None:
        if not data:
            self.ended = True
            self._connection.pass_end(self, self._target)
            return
        room = len(data) if self._cut is None else self._cut - self.passed
        part = data[:room]
        self.passed += len(part)
        self._connection.count(self._target, len(part))
        self._target.write(part)
        if self.passed == self._cut:
            self._connection.cut(self._source, self._target)


class _End(asyncio.BufferedProtocol):
    """One of the two sockets of a connection."""

    def __init__(self, connection: "Connection", chunk: int) -> None:
        self.lane: _Lane | None = None
        self.opposite: _Lane | None = None
        self.transport: asyncio.Transport | None = None
        self._connection = connection
        self._buffer = memoryview(bytearray(chunk))
        self._paused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.pause(paused=True)
        self._connection.made(self)

    def connection_lost(self, _exc: Exception | None) -> None:
        self._connection.lost(self)

    def get_buffer(self, _sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        if self.lane:
            self.lane.receive(bytes(self._buffer[:nbytes]))

    def eof_received(self) -> bool:
        if self.lane:
            self.lane.receive_end()
        return True

    def pause_writing(self) -> None:
        if self.opposite:
            self.opposite.block(blocked=True)

    def resume_writing(self) -> None:
        if self.opposite:
            self.opposite.block(blocked=False)

    def pause(self, *, paused: bool) -> None:
        if self.transport is None or self.transport.is_closing() or paused == self._paused:
            return
        self._paused = paused
        if paused:
            self.transport.pause_reading()
        else:
            self.transport.resume_reading()

    def write(self, data: bytes) -> None:
        if self.transport and not self.transport.is_closing():
            self.transport.write(data)

    def write_end(self) -> None:
        if self.transport and not self.transport.is_closing():
            self.transport.write_eof()

    def close(self) -> None:
        if self.transport:
            self.transport.close()

    def abort(self) -> None:
        if self.transport:
            self.transport.abort()

    def reset(self) -> None:
        """The peer is told that the connection broke, not that it ended."""
        if self.transport:
            broken: socket.socket = self.transport.get_extra_info("socket")
            broken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self.transport.abort()


class Connection:
    def __init__(self, wire: Wire, owner: Owner) -> None:
        self.wire = wire
        self.owner = owner
        self.client = _End(self, wire.chunk)
        self.server = _End(self, wire.chunk)
        self._lanes: tuple[_Lane, ...] = ()
        self._opening: asyncio.Task[None] | None = None

    def made(self, end: _End) -> None:
        if end is self.client:
            self._opening = self.owner.opened(self, self._open())

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self.wire.conditions.round_trip)
        try:
            await loop.create_connection(lambda: self.server, sock=await self.owner.reach())
        except OSError:
            self.client.abort()
            return
        if not (self.client.transport and self.server.transport):
            self.abort()
            return
        up = _Lane(self, self.client, self.server, self.wire.up)
        down = _Lane(self, self.server, self.client, self.wire.down)
        self.client.lane, self.client.opposite = up, down
        self.server.lane, self.server.opposite = down, up
        self._lanes = (up, down)
        for lane in self._lanes:
            lane.adjust()

    def count(self, target: _End, size: int) -> None:
        if target is self.server:
            self.owner.counters.up += size
        else:
            self.owner.counters.down += size

    def pass_end(self, lane: _Lane, target: _End) -> None:
        if lane.broken or all(lane.ended for lane in self._lanes):
            self.client.close()
            self.server.close()
        else:
            target.write_end()

    def cut(self, source: _End, target: _End) -> None:
        """What came out is delivered; the sender finds its connection reset."""
        self.owner.counters.cuts += 1
        self._stop()
        target.close()
        source.reset()

    def lost(self, end: _End) -> None:
        """What the lost end has sent still comes out at the other."""
        end.transport = None
        if end.lane and end.opposite:
            end.opposite.stop()
            end.lane.receive_end(broken=True)
        elif self._opening:
            self._opening.cancel()
            self.server.abort()
        if self.client.transport is None and self.server.transport is None:
            self._stop()
            self.owner.closed(self)

    def abort(self) -> None:
        self._stop()
        self.client.abort()
        self.server.abort()

    def _stop(self) -> None:
        for lane in self._lanes:
            lane.stop()
