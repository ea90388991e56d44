"""Blobs into a registry: the whole way of one, whatever breaks on it.

A small blob goes in one request, a larger one in a PATCH and a closing PUT. After a cut the session
is asked how far it got. Where it is gone the blob starts again, and after the second time it goes
in pieces that are smaller than what got through before a cut, each over a connection of its own:
docker-registry 2.8 loses a session whenever a PATCH of it breaks off, and keeps what was complete.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from registry_mirror.oci.digest import Digest
from registry_mirror.registry import sessions
from registry_mirror.registry.bodies import Blocks, Body, in_memory
from registry_mirror.registry.client import RegistryClient
from registry_mirror.registry.course import Course
from registry_mirror.registry.errors import (
    AnswerError,
    ConnectionLostError,
    Operation,
    RegistryError,
    SizeDiffersError,
)
from registry_mirror.registry.exchange import is_unreliable_no
from registry_mirror.registry.parting import see_to_its_end
from registry_mirror.registry.retry import PROGRESS, lost_session
from registry_mirror.registry.sessions import Part, UploadSession
from registry_mirror.registry.throttle import Action, Slot
from registry_mirror.registry.verified import OpenSource, VerifiedStream

Progress = Callable[[int], None]
"""Told how many bytes more were handed to a connection, or how many fewer than it was told have
arrived. What is sent again after a session was lost counts again."""

SMALL = 1024 * 1024
"""Blobs below are limited by round trips, others by the link."""

MOST_IN_MEMORY = 8 * 1024 * 1024
"""Of a piece that is collected before it is sent."""

PARTING = 2.0
"""Seconds that a cancelled upload takes at most to close its session."""

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Pushed:
    """`sent` is the sum of what a `Progress` is told."""

    digest: Digest
    size: int
    sent: int


async def push_blob(  # noqa: PLR0913  (what a blob is, where it goes, and who wants to know)
    client: RegistryClient,
    repository: str,
    digest: Digest,
    size: int,
    open_source: OpenSource,
    progress: Progress,
    *,
    session: UploadSession | None = None,
) -> int:
    """Send a blob; how many bytes that took (the sum of what `progress` is told).

    `open_source` gives its bytes from an offset on. They are checked here: an upload of other bytes
    is never closed, and raises ContentMismatchError of the source's side. `session` is one that the
    registry opened instead of mounting the blob. Raises a RegistryError of either side.
    """
    push = _Push(client, repository, VerifiedStream(open_source, digest, size), progress, session)
    action = Action.SEND if size < SMALL else Action.STREAM
    return (await push.run(action, digest)).sent


async def push_stream(
    client: RegistryClient, repository: str, open_source: OpenSource, progress: Progress
) -> Pushed:
    """Send bytes whose digest and size are only known in the end.

    `open_source` must give the same bytes each time; `verified.replayed` makes one of a stream that
    can only begin at its start. Raises a RegistryError of either side.
    """
    push = _Push(client, repository, VerifiedStream(open_source, None, None), progress, None)
    return await push.run(Action.STREAM, None)


class _Push:
    """One blob on its way.

    `_at` is how many bytes the session is known to hold, `_handed` how many it may hold, `_best`
    the most that any held. `_closing` is the digest of a closing request without an answer.
    """

    def __init__(
        self,
        client: RegistryClient,
        repository: str,
        stream: VerifiedStream,
        progress: Progress,
        session: UploadSession | None,
    ) -> None:
        self._client = client
        self._exchange = client.exchange
        self._repository = repository
        self._stream = stream
        self._progress = progress
        self._session = session
        self._course = Course(client.lessons)
        self._patience = client.patience()
        self._slot: Slot | None = None
        self._closing: Digest | None = None
        self._at = self._handed = self._best = self._sent = 0
        self._unsure = self._in_parts = self._resized = False

    async def run(self, action: Action, digest: Digest | None) -> Pushed:
        async def work(slot: Slot) -> Digest:
            self._slot = slot
            return await self._try(digest)

        try:
            found = await self._client.persist(action, work, self._patience)
        except RegistryError as error:
            await self._abandon(error)
            raise
        except asyncio.CancelledError:
            await self._leave()
            raise
        self._course.arrive()
        return Pushed(found, self._stream.size or 0, self._sent)

    async def _try(self, digest: Digest | None) -> Digest:
        if self._closing and await self._exchange.holds(self._repository, self._closing):
            return self._closing
        if self._session and self._unsure:
            await self._ask(self._session)
        try:
            return await self._deliver(digest)
        except SizeDiffersError as error:
            await self._resize(error)
        except AnswerError as error:
            await self._distrust(error)
        return await self._deliver(digest)

    async def _deliver(self, digest: Digest | None) -> Digest:
        session = self._session
        if session is None:
            session = await see_to_its_end(self._open(), PARTING)
        blocks = Blocks(self._stream.open(self._at))
        self._closing = None
        try:
            if digest and self._at == 0 and self._course.fits_whole(self._stream.size):
                await self._send_whole(session, blocks, digest)
                return digest
            session = await self._send_rest(session, blocks)
            return await self._close(session, digest or self._stream.found())
        except RegistryError as error:
            await self._learn(error)
            raise
        finally:
            await blocks.close()

    async def _open(self) -> UploadSession:
        """Kept at once, for whoever is called off meanwhile has to delete it."""
        self._session = await sessions.start(self._exchange, self._repository)
        return self._session

    async def _send_whole(self, session: UploadSession, blocks: Blocks, digest: Digest) -> None:
        size = self._stream.size
        if not size:  # else nobody would look at the source
            await blocks.take()
        body = Body(blocks, size, self._count)
        self._closing = digest
        part = Part(body, 0, size)
        await self._hand_over(body, sessions.finish(self._exchange, session, digest, part))

    async def _send_rest(self, session: UploadSession, blocks: Blocks) -> UploadSession:
        """What is there to be closed."""
        while self._stream.size is None or self._at < self._stream.size:
            piece = self._course.piece(self._at, session.smallest_piece)
            body, part = await self._next(blocks, piece)
            if part.size == 0:
                self._stream.size = self._at
                return session
            session = await self._hand_over(body, sessions.send(self._exchange, session, part))
            self._session = session
            self._in_parts = self._in_parts or part.in_pieces
            self._arrived(self._at + body.moved)
            if piece is None:
                self._stream.size = self._at
        return session

    async def _next(self, blocks: Blocks, piece: int | None) -> tuple[Body, Part]:
        """Of a stream whose end is not known, a piece is collected before it is sent."""
        left = None if self._stream.size is None else self._stream.size - self._at
        if piece is None:
            body = Body(blocks, left, self._count)
            return body, Part(body, self._at, left, in_pieces=self._at > 0)
        if left is None:
            content = await blocks.take_all(min(piece, MOST_IN_MEMORY))
            blocks, left = Blocks(in_memory(content)), len(content)
        size = min(piece, left)
        body = Body(blocks, size, self._count)
        return body, Part(body, self._at, size, in_pieces=True, own_connection=True)

    async def _hand_over(self, body: Body, request: Awaitable[_Result]) -> _Result:
        try:
            result = await request
        except ConnectionLostError as error:
            if error.side is self._exchange.side:
                self._course.cut(body.moved)
            raise
        finally:
            self._handed = self._at + body.moved
            self._patience.moved(body.moved)
        if not body.ended:
            raise ConnectionLostError(self._exchange.side, "an answer before all was sent")
        return result

    async def _close(self, session: UploadSession, digest: Digest) -> Digest:
        self._closing = digest
        await sessions.finish(self._exchange, session, digest)
        return digest

    def _count(self, size: int) -> None:
        self._sent += size
        self._progress(size)
        if self._slot and size > 0:
            self._slot.moved(size)

    def _arrived(self, at: int) -> None:
        """The session has so many bytes. What was lost before and sent again is no progress."""
        if at - self._best >= PROGRESS or self._best < at == self._stream.size:
            self._patience.progressed()
            self._best = at
        self._at = self._handed = at

    async def _learn(self, error: RegistryError) -> None:
        """What a failed request means for the session."""
        if error.side is not self._exchange.side:
            return
        if lost_session(error):
            await self._lose(gone=True)
        else:
            self._unsure = self._handed > self._at or self._closing is not None

    async def _ask(self, session: UploadSession) -> None:
        """Where to go on; nowhere, if the registry has less than it said or more than it got."""
        size: int | None = None
        gone = False
        try:
            session, size = await sessions.received(self._exchange, session)
        except AnswerError as error:
            if not is_unreliable_no(error):
                raise
            gone = True
        trusted = self._client.lessons.takes_pieces
        if gone or size is None or not trusted or not self._at <= size <= self._handed:
            await self._lose(gone=gone)
            return
        self._session, self._unsure, self._in_parts = session, False, True
        if size < self._handed:
            self._count(size - self._handed)
        self._arrived(size)

    async def _lose(self, *, gone: bool) -> None:
        """Start again, in another session."""
        session, self._session = self._session, None
        self._at = self._handed = 0
        self._unsure = self._in_parts = False
        if session and not gone:
            await sessions.cancel(self._exchange, session)
        if self._course.lose():
            self._patience.progressed()

    async def _resize(self, error: SizeDiffersError) -> None:
        """Descriptors may be wrong about sizes; the digest decides."""
        if self._resized or error.side is self._exchange.side:
            raise error
        self._resized = True
        self._stream.size = error.size
        await self._lose(gone=False)

    async def _distrust(self, error: AnswerError) -> None:
        """A registry that puts parts together wrongly gets the blob at once, and all others."""
        wrong = error.operation is Operation.FINISH and "DIGEST_INVALID" in error.codes
        if not wrong or not self._in_parts:
            raise error
        self._course.misplace()
        await self._lose(gone=True)

    async def _abandon(self, error: RegistryError) -> None:
        unreachable = error.side is self._exchange.side and isinstance(error, ConnectionLostError)
        if self._session and not unreachable:
            await sessions.cancel(self._exchange, self._session)

    async def _leave(self) -> None:
        """Tell a registry that an upload has been called off, though nobody waits for long."""
        if self._session:
            with suppress(TimeoutError):
                async with asyncio.timeout(PARTING):
                    await sessions.cancel(self._exchange, self._session)
