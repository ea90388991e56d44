"""What a registry was asked for: every request, how many at once, and how many bytes."""

import asyncio
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a request is about; UPLOAD is a mount too."""

    PING = "ping"
    TOKEN = "token"  # noqa: S105  (a kind of request)
    BLOB = "blob"
    UPLOAD = "upload"
    MANIFEST = "manifest"
    TAGS = "tags"
    REFERRERS = "referrers"
    OTHER = "other"


_KINDS = (
    (re.compile(r"/v2/"), Kind.PING),
    (re.compile(r"/token"), Kind.TOKEN),
    (re.compile(r".*/uploads/[^/]*"), Kind.UPLOAD),
    (re.compile(r".*/blobs/[^/]+"), Kind.BLOB),
    (re.compile(r".*/manifests/[^/]+"), Kind.MANIFEST),
    (re.compile(r".*/tags/list"), Kind.TAGS),
    (re.compile(r".*/referrers/[^/]+"), Kind.REFERRERS),
)


def kind_of(path: str) -> Kind:
    return next((kind for pattern, kind in _KINDS if pattern.fullmatch(path)), Kind.OTHER)


@dataclass(frozen=True, slots=True)
class Seen:
    """A request and its answer; `status` is None where the connection ended before one.

    `range` is its Range or its Content-Range. `authorized` says whether it had an Authorization
    header, right or wrong.
    """

    method: str
    path: str
    query: str
    status: int | None
    host: str = ""
    range: str = ""
    authorized: bool = False

    @property
    def kind(self) -> Kind:
        return kind_of(self.path)


@dataclass(slots=True)
class Received:
    """The bytes that came to an upload session; `digest` is empty until it is a blob."""

    repository: str
    session: str
    size: int = 0
    digest: str = ""


_Key = tuple[str, Kind | None]


class Statistics:
    """Everything since the registry began. A method of `*` and a kind of None mean every one."""

    def __init__(self) -> None:
        self.requests: list[Seen] = []
        self._received: dict[str, Received] = {}
        self._sent: Counter[str] = Counter()
        self._running: Counter[_Key] = Counter()
        self._peaks: Counter[_Key] = Counter()
        self._awaited: list[tuple[_Key, int, asyncio.Event]] = []

    def count(self, method: str = "*", kind: Kind | None = None) -> int:
        """Requests answered or broken off."""
        return sum(
            method in ("*", seen.method) and kind in (None, seen.kind) for seen in self.requests
        )

    def running(self, method: str = "*", kind: Kind | None = None) -> int:
        """Requests that have come and whose answer has not been written to its end."""
        return self._running[method, kind]

    def peak(self, method: str = "*", kind: Kind | None = None) -> int:
        """The most that were running at once, refused ones too."""
        return self._peaks[method, kind]

    async def until_running(self, number: int, method: str = "*", kind: Kind | None = None) -> None:
        """Wait until at least so many run at once."""
        if self.running(method, kind) < number:
            met = asyncio.Event()
            self._awaited.append(((method, kind), number, met))
            await met.wait()

    @property
    def sessions(self) -> tuple[Received, ...]:
        """Of every session that received a byte, in the order of their first."""
        return tuple(self._received.values())

    @property
    def received(self) -> int:
        """Bytes of blobs that came in, whatever became of them."""
        return sum(session.size for session in self._received.values())

    def received_of(self, digest: str) -> int:
        """Bytes of the sessions that became this blob."""
        return sum(s.size for s in self._received.values() if s.digest == digest)

    @property
    def sent(self) -> int:
        """Bytes of blobs and manifests that were written to clients."""
        return self._sent.total()

    def sent_of(self, reference: str) -> int:
        """Of one blob or manifest, by the digest or the tag that was asked for."""
        return self._sent[reference]

    @contextmanager
    def running_now(self, method: str, kind: Kind) -> Iterator[None]:
        keys: tuple[_Key, ...] = ((method, kind), ("*", kind), (method, None), ("*", None))
        self._running.update(keys)
        for key in keys:
            self._peaks[key] = max(self._peaks[key], self._running[key])
        self._tell()
        try:
            yield
        finally:
            self._running.subtract(keys)

    def _tell(self) -> None:
        for key, number, met in self._awaited:
            if self._running[key] >= number:
                met.set()
        self._awaited = [awaited for awaited in self._awaited if not awaited[2].is_set()]

    def receive(self, repository: str, session: str, size: int) -> None:
        self._received.setdefault(session, Received(repository, session)).size += size

    def complete(self, repository: str, session: str, digest: str) -> None:
        self._received.setdefault(session, Received(repository, session)).digest = digest

    def send(self, reference: str, size: int) -> None:
        self._sent[reference] += size
