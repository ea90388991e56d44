"""Blobs: HEAD, GET with a range, DELETE."""

import re
from collections.abc import Iterable

from aiohttp import web

from registry_mirror.embedded.refusal import BLOB_UNKNOWN, Refusal, RefusedError
from registry_mirror.embedded.requests import parse_digest, repository_of
from registry_mirror.embedded.storage import Storage

_RANGE = re.compile(r"bytes=(?P<first>[0-9]*)-(?P<last>[0-9]*)")


class Blobs:
    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        blob = "/v2/{repository:.+}/blobs/{digest}"
        return (web.get(blob, self._get), web.delete(blob, self._delete))

    async def _get(self, request: web.Request) -> web.Response:
        content = self._find(request)
        headers = {
            "Accept-Ranges": "bytes",
            "Docker-Content-Digest": request.match_info["digest"],
            "Content-Type": "application/octet-stream",
        }
        wanted = _slice(request.headers.get("Range", ""), len(content))
        if wanted is None:
            return web.Response(body=content, headers=headers)
        headers["Content-Range"] = f"bytes {wanted.start}-{wanted.stop - 1}/{len(content)}"
        return web.Response(status=206, body=content[wanted.start : wanted.stop], headers=headers)

    async def _delete(self, request: web.Request) -> web.Response:
        self._find(request)
        repository = self._storage.make_repository(repository_of(request))
        repository.blobs.discard(request.match_info["digest"])
        return web.Response(status=202)

    def _find(self, request: web.Request) -> bytes:
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
