"""Upload sessions (OCI distribution-spec, "Pushing blobs")."""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field

from aiohttp import web

from registry_mirror.embedded.auth import Gate
from registry_mirror.embedded.faults import Faults
from registry_mirror.embedded.refusal import BLOB_UPLOAD_UNKNOWN, Refusal, RefusedError
from registry_mirror.embedded.requests import location, parse_digest, repository_of, verify
from registry_mirror.embedded.storage import Storage

_CONTENT_RANGE = re.compile(r"([0-9]+)-([0-9]+)")


@dataclass(slots=True)
class _Session:
    """`received` keeps what arrived of a request that broke off, so that it can be resumed."""

    repository: str
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    received: bytearray = field(default_factory=bytearray)

    @property
    def path(self) -> str:
        """Its `_state` is out of date as soon as more bytes have arrived."""
        state = len(self.received)
        return f"/v2/{self.repository}/blobs/uploads/{self.id}?_state={state}"

    @property
    def range(self) -> str:
        """Of an empty session `0-0`, as registries do."""
        return f"0-{max(len(self.received) - 1, 0)}"


class Uploads:
    def __init__(
        self, storage: Storage, faults: Faults, gate: Gate, *, relative_location: bool
    ) -> None:
        self._storage = storage
        self._faults = faults
        self._gate = gate
        self._relative = relative_location
        self._sessions: dict[str, _Session] = {}

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        uploads = "/v2/{repository:.+}/blobs/uploads/"
        session = uploads + "{session}"
        return (
            web.post(uploads, self._open),
            web.get(session, self._status, allow_head=False),
            web.patch(session, self._append),
            web.put(session, self._close),
            web.delete(session, self._cancel),
        )

    async def _open(self, request: web.Request) -> web.Response:
        name = repository_of(request)
        if (mounted := self._mount(request, name)) is not None:
            return self._created(request, name, mounted)
        session = _Session(name)
        if "digest" in request.query:
            return await self._finish(request, session)
        self._sessions[session.id] = session
        return self._progress(request, session, 202)

    async def _status(self, request: web.Request) -> web.Response:
        return self._progress(request, self._session(request), 204)

    async def _append(self, request: web.Request) -> web.Response:
        session = self._session(request)
        _check_place(request, session)
        await _receive(request, session)
        return self._progress(request, session, 202)

    async def _close(self, request: web.Request) -> web.Response:
        session = self._session(request)
        _check_place(request, session)
        return await self._finish(request, session)

    async def _cancel(self, request: web.Request) -> web.Response:
        del self._sessions[self._session(request).id]
        return web.Response(status=204)

    def _session(self, request: web.Request) -> _Session:
        session = self._sessions.get(request.match_info["session"])
        if session is None or session.repository != repository_of(request):
            raise RefusedError(BLOB_UPLOAD_UNKNOWN)
        return session

    def _mount(self, request: web.Request, name: str) -> str | None:
        """The digest of the blob that was mounted, if one was asked for and could be."""
        digest, source = request.query.get("mount", ""), request.query.get("from", "")
        content = self._storage.blob(source, digest)
        if content is None or not self._gate.may_pull(request, source):
            return None
        self._storage.add_blob(name, digest, content)
        return digest

    async def _finish(self, request: web.Request, session: _Session) -> web.Response:
        """A session ends with its closing request, whatever comes of it."""
        digest = parse_digest(request.query.get("digest", ""))
        await _receive(request, session)
        self._sessions.pop(session.id, None)
        verify(digest, session.received)
        self._faults.check_storage(self._storage.size_with(digest, len(session.received)))
        self._storage.add_blob(session.repository, digest, bytes(session.received))
        return self._created(request, session.repository, digest)

    def _created(self, request: web.Request, name: str, digest: str) -> web.Response:
        path = f"/v2/{name}/blobs/{digest}"
        return web.Response(
            status=201,
            headers={
                "Location": location(request, path, relative=self._relative),
                "Docker-Content-Digest": digest,
            },
        )

    def _progress(self, request: web.Request, session: _Session, status: int) -> web.Response:
        return web.Response(
            status=status,
            headers={
                "Location": location(request, session.path, relative=self._relative),
                "Range": session.range,
                "Docker-Upload-UUID": session.id,
            },
        )


async def _receive(request: web.Request, session: _Session) -> None:
    async for piece in request.content.iter_any():
        session.received += piece


def _check_place(request: web.Request, session: _Session) -> None:
    """Whether the client goes on where the session stands.

    Raises RefusedError (RANGE_INVALID) for an old Location and for a Content-Range that starts
    elsewhere, is no range, or is not as long as the body.
    """
    size = len(session.received)
    if request.query.get("_state", str(size)) != str(size):
        raise _range_invalid(session)
    content_range = request.headers.get("Content-Range")
    if content_range is None:
        return
    match = _CONTENT_RANGE.fullmatch(content_range)
    if not match or int(match[1]) != size:
        raise _range_invalid(session)
    length = int(match[2]) - int(match[1]) + 1
    if request.content_length not in (None, length):
        raise _range_invalid(session)


def _range_invalid(session: _Session) -> RefusedError:
    headers = (("Range", session.range),)
    return RefusedError(Refusal(416, "RANGE_INVALID", "invalid content range", headers))
