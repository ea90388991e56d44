"""What can be done to a request on command, as values.

A `Substitute` is the answer, `Before` comes before the registry's own, `Body` hampers the body of
the request, and `After` changes the answer.
"""

import asyncio
from dataclasses import dataclass, field

from registry_mirror.embedded.refusal import Headers, Refusal


@dataclass(frozen=True, slots=True)
class Reply:
    """Any answer at all, such as the HTML of a proxy."""

    status: int
    headers: Headers = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Present:
    """Says that there is what the path names, `size` bytes long: to be used on HEAD."""

    size: int = 1000


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
class Silence:
    """Never answers; the connection stays open until the faults are cleared."""


@dataclass(frozen=True, slots=True)
class LoseSession:
    """Forgets the upload session that the request is about."""


@dataclass(frozen=True, slots=True)
class OtherRange:
    """Answers as if this Range had been asked for, such as `bytes=0-99`, or none at all."""

    asked: str = ""


@dataclass(frozen=True, slots=True)
class CutRequest:
    """Closes the connection after so many bytes of the request's body.

    They stay in the upload session, or the session is lost.
    """

    after: int
    loses_session: bool = False


@dataclass(frozen=True, slots=True)
class StallRequest:
    """Reads no more after so many bytes of the request's body; the connection stays open."""

    after: int


@dataclass(frozen=True, slots=True)
class SlowRequest:
    """Reads so many bytes per second of the request's body."""

    rate: float


@dataclass(frozen=True, slots=True)
class Cut:
    """Closes the connection after so many bytes of the answer's body."""

    after: int


@dataclass(frozen=True, slots=True)
class Stall:
    """Falls silent after so many bytes of the answer's body; the connection stays open."""

    after: int


@dataclass(frozen=True, slots=True)
class Slow:
    """Writes so many bytes per second of the answer's body."""

    rate: float


@dataclass(frozen=True, slots=True)
class Corrupt:
    """Changes the byte at this offset of the answer's body; every header stays as it was."""

    at: int = 0


@dataclass(frozen=True, slots=True)
class OtherBody:
    """Another body under the headers of the answer, the digest among them."""

    body: bytes


@dataclass(frozen=True, slots=True)
class AlterHeaders:
    """Sets headers of the answer; None takes one away."""

    changes: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class ExpireTokens:
    """Ends every token once the request is answered: a PATCH passes and the closing PUT is 401."""


Substitute = Refusal | Reply | Present
Before = Hold | Drop | Silence | LoseSession | OtherRange
Body = CutRequest | StallRequest | SlowRequest
After = Cut | Stall | Slow | Corrupt | OtherBody | AlterHeaders | ExpireTokens
Action = Substitute | Before | Body | After
