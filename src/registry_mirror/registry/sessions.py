"""Upload sessions, one request at a time (OCI distribution-spec, "Pushing blobs").

A session is a value: each answer gives the next one, and only the latest Location is good.
"""

import re
from collections.abc import AsyncIterable
from dataclasses import dataclass, replace
from http import HTTPStatus
from urllib.parse import quote

from registry_mirror.errors import Side
from registry_mirror.oci.digest import Digest
from registry_mirror.registry.errors import (
    AnswerError,
    AuthenticationRefusedError,
    Operation,
    ProtocolError,
    RegistryError,
)
from registry_mirror.registry.exchange import Exchange, Question
from registry_mirror.registry.locations import BadLocationError, go
from registry_mirror.registry.transport import Answer

FRESH = 20.0
"""Seconds that a token must still last when a body or a closing request is sent."""

MAX_MINIMUM = 1024**3

_OPENED = frozenset({HTTPStatus.ACCEPTED})
_MOUNTED = frozenset({HTTPStatus.CREATED, HTTPStatus.ACCEPTED})
_TAKEN = frozenset({HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED, HTTPStatus.NO_CONTENT})
"""ECR answers a PATCH with 201, pulp with 204."""

_NO_MOUNT = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.METHOD_NOT_ALLOWED,
    }
)

_RANGE = re.compile(r"(?:bytes=)?0-([0-9]{1,18})")
_SIZE = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class UploadSession:
    """Where a blob may be sent to.

    `location` is the registry's latest, its bytes unchanged. `smallest_piece` is what it wants of
    all pieces of a body but the last, in bytes (OCI-Chunk-Min-Length).
    """

    repository: str
    location: str
    smallest_piece: int = 0

    def closing(self, digest: Digest) -> str:
        mark = "&" if "?" in self.location else "?"
        return f"{self.location}{mark}digest={quote(digest, safe='')}"


@dataclass(frozen=True, slots=True)
class Mounted:
    """The blob is in the repository, and nothing had to move."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some bytes of a body. `size` is None where it is not known before they are sent.

    `in_pieces`: say where it belongs; `own_connection`: send it alone on one.
    """

    body: bytes | AsyncIterable[bytes]
    start: int
    size: int | None
    in_pieces: bool = False
    own_connection: bool = False

    def headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/octet-stream"}
        if self.size and self.in_pieces:
            headers["Content-Range"] = f"{self.start}-{self.start + self.size - 1}"
        return headers


async def start(exchange: Exchange, repository: str) -> UploadSession:
    question = Question(
        Operation.START_UPLOAD,
        "POST",
        f"/v2/{repository}/blobs/uploads/",
        exchange.scopes(repository),
        _OPENED,
        body=b"",
    )
    async with exchange.ask(question) as answer:
        return _opened(exchange, repository, answer)


async def mount(
    exchange: Exchange, repository: str, digest: Digest, from_repository: str
) -> Mounted | UploadSession | None:
    """None where the registry does not do it, and opened no session either.

    Some token servers give no token at all where one of the repositories is beyond us.
    """
    query = f"mount={quote(digest, safe='')}&from={quote(from_repository, safe='')}"
    question = Question(
        Operation.MOUNT,
        "POST",
        f"/v2/{repository}/blobs/uploads/?{query}",
        exchange.scopes(repository, from_repository),
        _MOUNTED,
        body=b"",
    )
    try:
        async with exchange.ask(question) as answer:
            if answer.status == HTTPStatus.CREATED:
                return Mounted()
            return _opened(exchange, repository, answer)
    except (AnswerError, AuthenticationRefusedError) as error:
        if error.status not in _NO_MOUNT:
            raise
        return None


async def send(exchange: Exchange, session: UploadSession, part: Part) -> UploadSession:
    question = Question(
        Operation.SEND,
        "PATCH",
        session.location,
        exchange.scopes(session.repository),
        _TAKEN,
        part.headers(),
        part.body,
        part.size,
        fresh_for=FRESH,
        own_connection=part.own_connection,
    )
    async with exchange.ask(question) as answer:
        return _next(exchange.side, session, answer)


async def finish(
    exchange: Exchange, session: UploadSession, digest: Digest, part: Part | None = None
) -> None:
    """Close a session, with the whole blob where it fits into the closing request."""
    question = Question(
        Operation.FINISH,
        "PUT",
        session.closing(digest),
        exchange.scopes(session.repository),
        _TAKEN,
        part.headers() if part else {},
        part.body if part else b"",
        part.size if part else 0,
        fresh_for=FRESH,
    )
    async with exchange.ask(question):
        pass


async def received(exchange: Exchange, session: UploadSession) -> tuple[UploadSession, int | None]:
    """How many bytes a session holds; None where the registry says nothing that can be relied on.

    `0-0` is what registries say of an empty session and should say of one byte.
    """
    question = Question(
        Operation.SEND,
        "GET",
        session.location,
        exchange.scopes(session.repository),
        _TAKEN,
    )
    async with exchange.ask(question) as answer:
        match = _RANGE.fullmatch(answer.headers.get("Range", ""))
        last = int(match[1]) if match else 0
        return _next(exchange.side, session, answer), last + 1 if last else None


async def cancel(exchange: Exchange, session: UploadSession) -> bool:
    """Whether it is gone: a registry clears abandoned sessions away by itself, only later."""
    question = Question(
        Operation.SEND,
        "DELETE",
        session.location,
        exchange.scopes(session.repository),
        _TAKEN,
    )
    try:
        async with exchange.ask(question):
            return True
    except RegistryError:
        return False


def _opened(exchange: Exchange, repository: str, answer: Answer) -> UploadSession:
    if not answer.headers.get("Location"):
        raise ProtocolError(exchange.side, "an upload without Location", Operation.START_UPLOAD)
    minimum = answer.headers.get("OCI-Chunk-Min-Length", "")
    smallest = min(int(minimum), MAX_MINIMUM) if _SIZE.fullmatch(minimum) else 0
    return _next(exchange.side, UploadSession(repository, "", smallest), answer)


def _next(side: Side, session: UploadSession, answer: Answer) -> UploadSession:
    location = answer.headers.get("Location")
    if not location:
        return session
    try:
        return replace(session, location=str(go(answer.url, location)))
    except BadLocationError as error:
        raise ProtocolError(side, f"an upload's Location: {error}", Operation.SEND) from None
