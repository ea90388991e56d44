"""What a registry can be told to do wrong.

A fault strikes requests by method and path and is used up after a number of them; rules (immutable
tags, a quota) hold until they are lifted. A new kind of fault is a new member of `Action` and a
case of `Faults.inject`.
"""

import asyncio
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import assert_never

from aiohttp import web
from aiohttp.typedefs import Handler

from registry_mirror.embedded.refusal import Refusal, RefusedError

UNAVAILABLE = Refusal(503, "UNAVAILABLE", "service unavailable")
INTERNAL_ERROR = Refusal(500, "UNKNOWN", "unknown error")
DENIED = Refusal(403, "DENIED", "requested access to the resource is denied")
TAG_IMMUTABLE = Refusal(400, "TAG_INVALID", "the tag exists already and is immutable")
QUOTA_EXCEEDED = Refusal(403, "DENIED", "storage quota exceeded")


def too_many_requests(retry_after: str) -> Refusal:
    """`retry_after` is seconds or an HTTP date."""
    headers = (("Retry-After", retry_after),)
    return Refusal(429, "TOOMANYREQUESTS", "too many requests", headers)


@dataclass(frozen=True, slots=True)
class Hold:
    """Keeps a request waiting from `arrived` until `released`."""

    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait(self) -> None:
        self.arrived.set()
        await self.released.wait()


@dataclass(frozen=True, slots=True)
class Drop:
    """Closes the connection without an answer."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Closes the connection after so many bytes of the answer's body."""

    after: int


Action = Refusal | Hold | Drop | Cut


@dataclass(slots=True)
class Fault:
    """`path` is a glob in which `*` crosses slashes; `remaining` is None for one without end."""

    method: str
    path: str
    action: Action
    remaining: int | None = 1
    hits: int = 0

    def strikes(self, request: web.Request) -> bool:
        return (
            self.remaining != 0
            and self.method in ("*", request.method)
            and fnmatchcase(request.path, self.path)
        )

    def use(self) -> Action:
        self.hits += 1
        if self.remaining is not None:
            self.remaining -= 1
        return self.action


class Faults:
    """The oldest fault that strikes a request is the one that it meets."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._immutable: Refusal | None = None
        self._quota: tuple[int, Refusal] | None = None

    def add(self, method: str, path: str, action: Action, times: int | None = 1) -> Fault:
        fault = Fault(method, path, action, times)
        self._faults.append(fault)
        return fault

    def fail(
        self, method: str, path: str, refusal: Refusal = UNAVAILABLE, times: int | None = 1
    ) -> Fault:
        return self.add(method, path, refusal, times)

    def deny(self, path: str, method: str = "*") -> Fault:
        return self.add(method, path, DENIED, times=None)

    def hold(self, method: str, path: str) -> Hold:
        hold = Hold()
        self.add(method, path, hold)
        return hold

    def drop(self, method: str, path: str, times: int | None = 1) -> Fault:
        return self.add(method, path, Drop(), times)

    def cut(self, method: str, path: str, after: int, times: int | None = 1) -> Fault:
        return self.add(method, path, Cut(after), times)

    def make_tags_immutable(self, refusal: Refusal = TAG_IMMUTABLE) -> None:
        """Refuse every manifest put over an existing tag, the same manifest too."""
        self._immutable = refusal

    def limit_storage(self, size: int, refusal: Refusal = QUOTA_EXCEEDED) -> None:
        """Refuse a blob that would take the registry over `size` bytes, once it has all arrived."""
        self._quota = (size, refusal)

    def clear(self) -> None:
        """Lift every fault and rule, and release what is held."""
        for fault in self._faults:
            if isinstance(fault.action, Hold):
                fault.action.released.set()
        self._faults = []
        self._immutable = None
        self._quota = None

    def check_tag(self, *, exists: bool) -> None:
        """Raises RefusedError."""
        if exists and self._immutable:
            raise RefusedError(self._immutable)

    def check_storage(self, size: int) -> None:
        """Raises RefusedError."""
        if self._quota and size > self._quota[0]:
            raise RefusedError(self._quota[1])

    async def inject(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer a request, or let it be answered, as the fault that strikes it says."""
        match next((f.use() for f in self._faults if f.strikes(request)), None):
            case None:
                return await handler(request)
            case Refusal() as refusal:
                return refusal.response()
            case Hold() as hold:
                await hold.wait()
                return await handler(request)
            case Drop():
                raise _disconnected(request)
            case Cut(after):
                await _send_part(request, await handler(request), after)
                raise _disconnected(request)
            case action:
                assert_never(action)


async def _send_part(request: web.Request, response: web.StreamResponse, size: int) -> None:
    if not isinstance(response, web.Response) or not isinstance(response.body, bytes):
        raise TypeError("only an answer with a body of bytes can be cut")
    part = web.StreamResponse(status=response.status, headers=response.headers)
    part.content_length = len(response.body)
    await part.prepare(request)
    await part.write(response.body[:size])


def _disconnected(request: web.Request) -> ConnectionResetError:
    if request.transport:
        request.transport.close()
    return ConnectionResetError("the connection was dropped on command")
