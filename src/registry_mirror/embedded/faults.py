"""What a registry can be told to do wrong.

A fault strikes requests by method and path and is used up after a number of them; rules hold until
they are lifted. A new kind of fault is a new member of `Action` and a case in `injection`.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from fnmatch import fnmatchcase

from aiohttp import web
from aiohttp.typedefs import Handler

from registry_mirror.embedded.actions import Action, Cut, Drop, Hold
from registry_mirror.embedded.auth import Gate
from registry_mirror.embedded.injection import Levers, befall
from registry_mirror.embedded.refusal import Refusal
from registry_mirror.embedded.rules import QUOTA_EXCEEDED, TAG_IMMUTABLE, Rules
from registry_mirror.embedded.sessions import Sessions

__all__ = ["QUOTA_EXCEEDED", "TAG_IMMUTABLE", "Fault", "Faults"]

UNAVAILABLE = Refusal(503, "UNAVAILABLE", "service unavailable")
INTERNAL_ERROR = Refusal(500, "UNKNOWN", "unknown error")
DENIED = Refusal(403, "DENIED", "requested access to the resource is denied")
MANIFEST_BLOB_UNKNOWN = Refusal(400, "MANIFEST_BLOB_UNKNOWN", "blob unknown to registry")


def too_many_requests(retry_after: str) -> Refusal:
    """`retry_after` is seconds or an HTTP date."""
    headers = (("Retry-After", retry_after),)
    return Refusal(429, "TOOMANYREQUESTS", "too many requests", headers)


def too_many_requests_until(seconds: float, date: datetime | None = None) -> Refusal:
    """Retry-After as an HTTP date, `seconds` after the registry's own Date, which may be wrong."""
    now = (date or datetime.now(UTC)).astimezone(UTC)
    until = now + timedelta(seconds=seconds)
    headers = tuple(
        (name, format_datetime(moment, usegmt=True))
        for name, moment in (("Date", now), ("Retry-After", until))
    )
    return Refusal(429, "TOOMANYREQUESTS", "too many requests", headers)


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


class Faults(Rules):
    """The oldest fault that strikes a request is the one that it meets."""

    def __init__(self, sessions: Sessions, gate: Gate) -> None:
        super().__init__()
        self._sessions = sessions
        self._gate = gate
        self._faults: list[Fault] = []
        self._lifted = asyncio.Event()

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

    def clear(self) -> None:
        """Lift every fault and rule, and release what is held or silent."""
        for fault in self._faults:
            if isinstance(fault.action, Hold):
                fault.action.released.set()
        self._faults = []
        self._lifted.set()
        self._lifted = asyncio.Event()
        self._lift()

    async def inject(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer a request, or let it be answered, as the fault that strikes it says."""
        action = next((f.use() for f in self._faults if f.strikes(request)), None)
        if action is None:
            return await handler(request)
        return await befall(
            action, request, handler, Levers(self._sessions, self._gate, self._lifted)
        )
