"""How many requests of a kind a registry is asked at once: found out, not set.

A `Window` is the number for one (registry, action). It is halved by a registry that asks us to
slow down, once for each burst, and grows with success; one that carries bodies grows only while
more of them at once move more bytes. A `Gate` holds the windows of one registry, and all of them
together below its limit. Windows do no I/O and have no clock: events in, admissions out.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum

from registry_mirror.registry.retry import MAX_PAUSE

PERIOD = 1.0
"""Seconds over which throughput is measured."""

BUFFER = 1024 * 1024
"""Bytes of a body that a connection takes at once, however slow it is."""

_FIRST_SIZE = 4
_ROUNDING = 1e-9
_GAIN = 0.5
"""Of what more connections would bring if they brought as much as each of the others."""

_PATIENCE = 10
_LONGEST_PATIENCE = 160
"""Periods until a window that did not gain from growing tries again, at first and at most."""


class Action(StrEnum):
    """What registries limit apart. `send` is of small blobs, `stream` of those that take time."""

    RESOLVE = "resolve"
    CHECK = "check"
    MOUNT = "mount"
    READ = "read"
    SEND = "send"
    STREAM = "stream"
    PUT = "put"


@dataclass(frozen=True, slots=True)
class Ticket:
    """Leave for one request. `epoch` is the burst that a refusal of it belongs to."""

    epoch: int


class Window:
    """`limit` is never exceeded. `size` is how many may be under way at once just now."""

    def __init__(self, limit: int, *, start: int = _FIRST_SIZE) -> None:
        self.limit = limit
        self.size = min(start, limit)
        self.in_use = 0
        self.successes = 0
        self.paused_until = 0.0
        self._epoch = 0
        self._earned = 0.0

    def acquire(self, now: float) -> Ticket | None:
        """None while there is no room, or the registry asked us to wait."""
        if self.in_use >= self.size or now < self.paused_until:
            return None
        self.in_use += 1
        return Ticket(self._epoch)

    def release(self, _ticket: Ticket, _now: float) -> None:
        self.in_use -= 1

    def slow_down(self, ticket: Ticket, now: float, pause: float = 0.0) -> None:
        """Of a ticket not released yet.

        Refusals of what was let in before the last halving are of the same burst.
        """
        self.paused_until = max(self.paused_until, now + pause)
        if ticket.epoch == self._epoch:
            self._epoch += 1
            self._earned = 0.0
            self.size = max(min(self.size, self.in_use) // 2, 1)

    def success(self, ticket: Ticket) -> None:
        """Of a ticket not released yet. Nothing is learnt from a success while there was room."""
        self.successes += 1
        if ticket.epoch == self._epoch and self.in_use >= self.size:
            self._grow()

    def moved(self, now: float, size: int) -> None:
        """So many bytes of bodies more have been moved."""

    def _grow(self) -> None:
        """Doubles with each round trip until the first refusal, then grows by one."""
        self._earned += 1.0 if self._epoch == 0 else 1.0 / self.size
        whole = int(self._earned + _ROUNDING)
        self._earned -= whole
        self.size = min(self.size + whole, self.limit)


class BodyWindow(Window):
    """Grows by a quarter as long as the bytes of all bodies together grow with it.

    A body that is under way can't be called back, and one too many starves the largest: so a
    window that did not gain from growing, or was refused, asks again only after a while, each time
    a longer one. Throughput is measured while the window is full; the better of two measures
    decides, for links are not steady.
    """

    def __init__(self, limit: int, *, start: int = _FIRST_SIZE) -> None:
        super().__init__(limit, start=start)
        self._full_since: float | None = None
        self._full = 0.0
        self._bytes = 0
        self._size_before = 0
        self._rate_before = 0.0
        self._doubted = False
        self._waits = 0
        self._patience = _PATIENCE

    def acquire(self, now: float) -> Ticket | None:
        ticket = super().acquire(now)
        if ticket and self.in_use >= self.size:
            self._full_since = now
        return ticket

    def release(self, ticket: Ticket, now: float) -> None:
        super().release(ticket, now)
        if self._full_since is not None and self.in_use < self.size:
            self._full += now - self._full_since
            self._full_since = None

    def slow_down(self, ticket: Ticket, now: float, pause: float = 0.0) -> None:
        epoch = self._epoch
        super().slow_down(ticket, now, pause)
        if self._epoch != epoch:
            self._settle(self._size_before or self.size, now)

    def moved(self, now: float, size: int) -> None:
        if self._full_since is None:
            return
        self._bytes += size
        full = self._full + now - self._full_since
        if full >= PERIOD:
            self._judge(self._bytes / full, now)

    def _grow(self) -> None:
        """A body that arrived says nothing of whether there is room for more."""

    def _judge(self, rate: float, now: float) -> None:
        if self._waits > 0:
            self._waits -= 1
            self._measure_from(now)
        elif self._gained(rate):
            if self._size_before:
                self._patience = _PATIENCE
            self._size_before, self._rate_before = self.size, rate
            self.size = min(self.size + max(self.size // 4, 1), self.limit)
            self._doubted = False
            self._measure_from(now)
        elif not self._doubted:
            self._doubted = True
            self._measure_from(now)
        else:
            self._settle(self._size_before, now)

    def _gained(self, rate: float) -> bool:
        if self._size_before == 0:
            return True
        more = (self.size - self._size_before) / self._size_before
        return rate >= self._rate_before * (1 + _GAIN * more)

    def _settle(self, size: int, now: float) -> None:
        """The rate is to be measured anew before the next growth."""
        self.size = size
        self._size_before = 0
        self._doubted = False
        self._waits = self._patience
        self._patience = min(self._patience * 2, _LONGEST_PATIENCE)
        self._measure_from(now)

    def _measure_from(self, now: float) -> None:
        self._full_since = now if self.in_use >= self.size else None
        self._full = 0.0
        self._bytes = 0


@dataclass(slots=True)
class Slot:
    """Leave for requests of one kind, one at a time, until the `async with` of it ends."""

    _window: Window
    _ticket: Ticket
    _clock: Callable[[], float]
    _seen: int
    _buffered: int = 0

    def refused(self, pause: float | None = None) -> bool:
        """The registry asks for fewer. True where others got through while this one waited.

        A pause too long to be waited for holds nobody up: each gives up by itself.
        """
        held = pause if pause and pause <= MAX_PAUSE else 0.0
        self._window.slow_down(self._ticket, self._clock(), held)
        return self._window.successes > self._seen

    def served(self) -> None:
        self._window.moved(self._clock(), self._buffered)
        self._buffered = 0
        self._window.success(self._ticket)

    def moved(self, size: int) -> None:
        """So many bytes more of a body. The first go into a buffer, and count when it has ended."""
        kept = min(size, BUFFER - self._buffered)
        self._buffered += kept
        self._window.moved(self._clock(), size - kept)


class Gate:
    """Lets requests to one registry through: those of a kind in the order in which they came.

    `limit` is for all kinds together; small requests go before bodies, so that what bodies wait
    for is not kept waiting by them.
    """

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._windows = {action: _window(action, limit) for action in Action}
        self._waiting: dict[Action, deque[asyncio.Future[Ticket]]] = {
            action: deque() for action in Action
        }
        self._timer: asyncio.TimerHandle | None = None

    def size(self, action: Action) -> int:
        """How many requests of a kind may be under way at once just now."""
        return self._windows[action].size

    @asynccontextmanager
    async def slot(self, action: Action) -> AsyncIterator[Slot]:
        window = self._windows[action]
        seen = window.successes
        ticket = await self._enter(action)
        try:
            yield Slot(window, ticket, self._clock, seen)
        finally:
            window.release(ticket, self._clock())
            self._admit()

    async def _enter(self, action: Action) -> Ticket:
        waiter: asyncio.Future[Ticket] = asyncio.get_running_loop().create_future()
        self._waiting[action].append(waiter)
        self._admit()
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self._windows[action].release(waiter.result(), self._clock())
                self._admit()
            raise

    def _admit(self) -> None:
        now = self._clock()
        for action in Action:
            self._admit_kind(action, now)
        self._wake_later(now)

    def _admit_kind(self, action: Action, now: float) -> None:
        window, waiting = self._windows[action], self._waiting[action]
        while waiting:
            if waiting[0].cancelled():
                del waiting[0]
            elif self._in_use() >= self._limit or not (ticket := window.acquire(now)):
                return
            else:
                waiting.popleft().set_result(ticket)

    def _in_use(self) -> int:
        return sum(window.in_use for window in self._windows.values())

    def _wake_later(self, now: float) -> None:
        """A window that waits for the time that a registry named is woken by nobody else."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        pauses = [
            window.paused_until - now
            for action, window in self._windows.items()
            if self._waiting[action] and window.paused_until > now
        ]
        if pauses:
            self._timer = asyncio.get_running_loop().call_later(min(pauses), self._admit)


def _window(action: Action, limit: int) -> Window:
    """Blobs are read as fast as they are sent, which has found out how many at once are good."""
    match action:
        case Action.STREAM:
            return BodyWindow(limit)
        case Action.READ:
            return Window(limit, start=limit)
        case _:
            return Window(limit)
