"""Blobs: HEAD, GET with a range, DELETE."""

import re
from collections.abc import Iterable

from aiohttp import web

from registry_mirror.embedded.content import Content, Discarded
from registry_mirror.embedded.delivery import Streamed
from registry_mirror.embedded.places import ELSEWHERE, Places
from registry_mirror.embedded.refusal import BLOB_UNKNOWN, Refusal, RefusedError
from registry_mirror.embedded.requests import parse_digest, repository_of
from registry_mirror.embedded.storage import Storage

NOT_KEPT = Refusal(500, "UNKNOWN", "this registry does not keep the content of large blobs")
_RANGE = re.compile(r"bytes=(?P<first>[0-9]*)-(?P<last>[0-9]*)")


class Blobs:
    def __init__(self, storage: Storage, places: Places) -> None:
        self._storage = storage
        self._places = places

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        blob = "/v2/{repository:.+}/blobs/{digest}"
        return (
            web.get(blob, self._get),
            web.delete(blob, self._delete),
            web.get(ELSEWHERE + blob, self._send),
        )

    async def _get(self, request: web.Request) -> web.StreamResponse:
        self._find(request)
        place = self._places.of_blob(repository_of(request), request.match_info["digest"])
        if place is None or request.method == "HEAD":
            return await self._send(request)
        return web.Response(status=307, headers={"Location": place})

    async def _send(self, request: web.Request) -> web.StreamResponse:
        content = self._find(request)
        if isinstance(content, Discarded) and request.method != "HEAD":
            raise RefusedError(NOT_KEPT)
        headers = {
            "Accept-Ranges": "bytes",
            "Docker-Content-Digest": request.match_info["digest"],
            "Content-Type": "application/octet-stream",
        }
        wanted = _slice(request.headers.get("Range", ""), content.size)
        if wanted is None:
            return Streamed(content, range(content.size), headers)
        headers["Content-Range"] = f"bytes {wanted.start}-{wanted.stop - 1}/{content.size}"
        return Streamed(content, wanted, headers, status=206)

    async def _delete(self, request: web.Request) -> web.Response:
        self._find(request)
        repository = self._storage.make_repository(repository_of(request))
        repository.blobs.discard(request.match_info["digest"])
        return web.Response(status=202)

    def _find(self, request: web.Request) -> Content:
        digest = parse_digest(request.match_info["digest"])
        content = self._storage.blob(repository_of(request), digest)
        if content is None:
            raise RefusedError(BLOB_UNKNOWN)
        return content


def _slice(header: str, size: int) -> range | None:
    """The bytes that a Range header asks for; None where it asks for none (RFC 9110, 14.2).

    Raises RefusedError (416).
    """
    match = _RANGE.fullmatch(header)
    if not match or not (match["first"] or match["last"]):
        return None
    if match["first"]:
        last = int(match["last"] or size - 1)
        wanted = range(int(match["first"]), min(last, size - 1) + 1)
    else:
        wanted = range(max(size - int(match["last"]), 0), size)
    if not wanted:
        headers = (("Content-Range", f"bytes */{size}"),)
        raise RefusedError(Refusal(416, "RANGE_INVALID", "range not satisfiable", headers))
    return wanted
