"""An answer whose body is written in pieces, and what can be done to it before."""

from collections.abc import Callable, Mapping
from typing import Self

from aiohttp import web

from registry_mirror.embedded.content import Content, Stored, pieces
from registry_mirror.embedded.flow import FREE, Flow, Passage


class Streamed(web.StreamResponse):
    """`flow` is how its body moves; the byte at offset `altered` of it is changed on the way."""

    def __init__(
        self, content: Content, wanted: range, headers: Mapping[str, str], status: int = 200
    ) -> None:
        super().__init__(status=status, headers=headers)
        self.content_length = len(wanted)
        self.flow: Flow = FREE
        self.altered: int | None = None
        self._content = content
        self._wanted = wanted

    @classmethod
    def of(cls, response: web.StreamResponse) -> "Streamed":
        """The same answer, to be written in pieces.

        Raises TypeError for one that is neither streamed nor made of bytes.
        """
        if isinstance(response, Streamed):
            return response
        if not isinstance(response, web.Response) or not isinstance(response.body, bytes):
            raise TypeError("only an answer with a body of bytes can be changed")
        return cls.filled(response, response.body)

    @classmethod
    def filled(cls, response: web.StreamResponse, body: bytes) -> Self:
        """Another body under the headers of an answer."""
        headers = response.headers.copy()
        headers.popall("Content-Length", None)
        return cls(Stored(body), range(len(body)), headers, response.status)

    async def deliver(self, request: web.Request, count: Callable[[int], None]) -> None:
        """Raises ConnectionError where the connection ends before the body does.

        `count` is told of the bytes as they are written.
        """
        await self.prepare(request)
        if request.method != "HEAD":
            await self._write_body(request, count)
        await self.write_eof()

    async def _write_body(self, request: web.Request, count: Callable[[int], None]) -> None:
        passage, place = Passage(self.flow), 0
        await passage.passed(request, 0)
        for piece in pieces(self._content, self._wanted, self.flow.largest):
            part = self._part(piece, place)[: passage.room]
            await passage.pace(len(part))
            await self.write(part)
            place += len(part)
            count(len(part))
            await passage.passed(request, len(part))

    def _part(self, piece: memoryview, place: int) -> memoryview:
        if self.altered is None or not place <= self.altered < place + len(piece):
            return piece
        changed = bytearray(piece)
        changed[self.altered - place] ^= 0xFF
        return memoryview(changed)
