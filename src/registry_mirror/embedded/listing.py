"""Lists: the tags of a repository, and what refers to one of its manifests."""

import json
from collections.abc import Iterable
from urllib.parse import urlencode

from aiohttp import web

from registry_mirror.embedded.images import Piece
from registry_mirror.embedded.names import Names
from registry_mirror.embedded.refusal import NAME_UNKNOWN, PAGINATION_NUMBER_INVALID, RefusedError
from registry_mirror.embedded.requests import parse_digest, repository_of
from registry_mirror.embedded.storage import Storage
from registry_mirror.oci.media_type import OCI_INDEX


class Listing:
    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        return (
            web.get("/v2/{repository:.+}/tags/list", self._tags),
            web.get("/v2/{repository:.+}/referrers/{digest}", self._referrers),
        )

    async def _tags(self, request: web.Request) -> web.Response:
        name = repository_of(request)
        repository = self._storage.repository(name)
        if repository is None:
            raise RefusedError(NAME_UNKNOWN)
        last = request.query.get("last", "")
        rest = [tag for tag in sorted(repository.tags) if tag > last]
        page = rest[: _page_size(request, len(rest))]
        headers = {}
        if page and len(page) < len(rest):
            query = urlencode({"n": len(page), "last": page[-1]})
            headers["Link"] = f'</v2/{name}/tags/list?{query}>; rel="next"'
        return _json({"name": name, "tags": page}, "application/json", headers)

    async def _referrers(self, request: web.Request) -> web.Response:
        subject = parse_digest(request.match_info["digest"])
        repository = self._storage.repository(repository_of(request))
        manifests = repository.manifests.values() if repository else ()
        wanted = request.query.get("artifactType")
        entries = [
            _entry(manifest, names)
            for manifest in manifests
            if (names := Names.read(manifest.content)).subject == subject
            and wanted in (None, names.artifact_type)
        ]
        index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}
        headers = {} if wanted is None else {"OCI-Filters-Applied": "artifactType"}
        return _json(index, OCI_INDEX, headers)


def _page_size(request: web.Request, default: int) -> int:
    text = request.query.get("n")
    if text is None:
        return default
    if not (text.isascii() and text.isdigit()):
        raise RefusedError(PAGINATION_NUMBER_INVALID)
    return int(text)


def _entry(manifest: Piece, names: Names) -> dict[str, object]:
    return {
        "mediaType": manifest.media_type,
        "digest": manifest.digest,
        "size": len(manifest.content),
        "artifactType": names.artifact_type,
        **({"annotations": dict(names.annotations)} if names.annotations else {}),
    }


def _json(document: object, content_type: str, headers: dict[str, str]) -> web.Response:
    body = json.dumps(document).encode()
    return web.Response(body=body, content_type=content_type, headers=headers)
