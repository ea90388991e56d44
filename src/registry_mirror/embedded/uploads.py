"""Uploads (OCI distribution-spec, "Pushing blobs")."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from aiohttp import web

from registry_mirror.embedded.auth import Gate
from registry_mirror.embedded.conduct import Conduct
from registry_mirror.embedded.flow import body_of
from registry_mirror.embedded.places import ELSEWHERE, OTHER_PATH, Places
from registry_mirror.embedded.refusal import DIGEST_INVALID, Refusal, RefusedError
from registry_mirror.embedded.requests import parse_digest, repository_of
from registry_mirror.embedded.rules import Rules
from registry_mirror.embedded.sessions import Session, Sessions
from registry_mirror.embedded.statistics import Statistics
from registry_mirror.embedded.storage import Storage

_CONTENT_RANGE = re.compile(r"([0-9]+)-([0-9]+)")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What of the registry uploads have to do with."""

    storage: Storage
    sessions: Sessions
    places: Places
    rules: Rules
    gate: Gate
    statistics: Statistics
    conduct: Conduct


class Uploads:
    def __init__(self, surroundings: Surroundings) -> None:
        self._around = surroundings
        self._sessions = surroundings.sessions
        self._rules = surroundings.rules

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        uploads = "/v2/{repository:.+}/blobs/uploads/"
        yield web.post(uploads, self._open)
        for session in (
            uploads + "{session}",
            OTHER_PATH + "/{repository:.+}/uploads/{session}",
            ELSEWHERE + uploads + "{session}",
        ):
            yield web.get(session, self._status, allow_head=False)
            yield web.patch(session, self._append)
            yield web.put(session, self._close)
            yield web.delete(session, self._cancel)

    async def _open(self, request: web.Request) -> web.Response:
        name = repository_of(request)
        if (mounted := self._mount(request, name)) is not None:
            return self._created(request, name, mounted)
        session = Session(name, keeps=self._around.conduct.keeps_blobs)
        if "digest" in request.query:
            return await self._finish(request, session)
        self._sessions.open(session)
        return self._progress(request, session, 202)

    async def _status(self, request: web.Request) -> web.Response:
        return self._progress(request, self._session(request), 204)

    async def _append(self, request: web.Request) -> web.Response:
        session, before = self._session(request), self._session(request).size
        self._rules.check_chunk(session, _check_place(request, session))
        await self._receive(request, session)
        session.short = session.size - before < self._rules.upload_limits.chunk_least
        return self._progress(request, session, 202)

    async def _close(self, request: web.Request) -> web.Response:
        session = self._session(request)
        _check_place(request, session)
        self._rules.check_whole(request.content_length)
        return await self._finish(request, session)

    async def _cancel(self, request: web.Request) -> web.Response:
        self._sessions.lose(self._session(request).id)
        return web.Response(status=204)

    def _session(self, request: web.Request) -> Session:
        return self._sessions.find(request.match_info["session"], repository_of(request))

    def _mount(self, request: web.Request, name: str) -> str | None:
        """The digest of the blob that was mounted, if one was asked for and could be."""
        digest, source = request.query.get("mount", ""), request.query.get("from", "")
        if not digest or not self._rules.may_mount():
            return None
        content = self._around.storage.blob(source, digest)
        if content is None or not self._around.gate.may_pull(request, source):
            return None
        self._around.storage.add_blob(name, digest, content)
        return digest

    async def _receive(self, request: web.Request, session: Session) -> None:
        """Raises ConnectionError where the body breaks off."""
        try:
            async for piece in body_of(request):
                session.add(piece)
                self._around.statistics.receive(session.repository, session.id, len(piece))
        except ConnectionError:
            if not self._around.conduct.keeps_sessions:
                self._sessions.kill(session.id)
            raise

    async def _finish(self, request: web.Request, session: Session) -> web.Response:
        """A session ends with its closing request, whatever comes of it."""
        digest = parse_digest(request.query.get("digest", ""))
        await self._receive(request, session)
        self._sessions.lose(session.id)
        if not session.matches(digest):
            raise RefusedError(DIGEST_INVALID)
        storage = self._around.storage
        self._rules.check_storage(storage.size_with(digest, session.size))
        storage.add_blob(session.repository, digest, session.content())
        self._around.statistics.complete(session.repository, session.id, digest)
        return self._created(request, session.repository, digest)

    def _created(self, request: web.Request, name: str, digest: str) -> web.Response:
        place = self._around.places.of_path(request, f"/v2/{name}/blobs/{digest}")
        return web.Response(
            status=201, headers={"Location": place, "Docker-Content-Digest": digest}
        )

    def _progress(self, request: web.Request, session: Session, status: int) -> web.Response:
        least = self._rules.upload_limits.chunk_least
        return web.Response(
            status=status,
            headers={
                "Location": self._around.places.of_session(request, session),
                "Range": session.range,
                "Docker-Upload-UUID": session.id,
                **({"OCI-Chunk-Min-Length": str(least)} if least else {}),
            },
        )


def _check_place(request: web.Request, session: Session) -> int | None:
    """Whether the client goes on where the session stands; the length of its Content-Range.

    Raises RefusedError (RANGE_INVALID) for an old Location and for a Content-Range that starts
    elsewhere, is no range, or is not as long as the body.
    """
    if request.query.get("_state", str(session.size)) != str(session.size):
        raise _range_invalid(session)
    content_range = request.headers.get("Content-Range")
    if content_range is None:
        return None
    match = _CONTENT_RANGE.fullmatch(content_range)
    if not match or int(match[1]) != session.size:
        raise _range_invalid(session)
    length = int(match[2]) - int(match[1]) + 1
    if request.content_length not in (None, length):
        raise _range_invalid(session)
    return length


def _range_invalid(session: Session) -> RefusedError:
    headers = (("Range", session.range),)
    return RefusedError(Refusal(416, "RANGE_INVALID", "invalid content range", headers))
