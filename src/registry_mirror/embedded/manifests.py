"""Manifests by tag and by digest."""

from collections.abc import Iterable

from aiohttp import web

from registry_mirror.embedded.content import Stored
from registry_mirror.embedded.delivery import Streamed
from registry_mirror.embedded.flow import body_of
from registry_mirror.embedded.images import Piece
from registry_mirror.embedded.names import Names
from registry_mirror.embedded.places import Places
from registry_mirror.embedded.refusal import (
    MANIFEST_UNKNOWN,
    NAME_UNKNOWN,
    TAG_INVALID,
    Refusal,
    RefusedError,
    manifest_invalid,
)
from registry_mirror.embedded.requests import parse_digest, repository_of, verify
from registry_mirror.embedded.rules import Rules
from registry_mirror.embedded.storage import Repository, Storage
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.reference import TAG

MAX_MANIFEST = 4 * 1024 * 1024


class Manifests:
    def __init__(self, storage: Storage, rules: Rules, places: Places) -> None:
        self._storage = storage
        self._rules = rules
        self._places = places

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        manifest = "/v2/{repository:.+}/manifests/{reference}"
        return (
            web.get(manifest, self._get),
            web.put(manifest, self._put),
            web.delete(manifest, self._delete),
        )

    async def _get(self, request: web.Request) -> web.StreamResponse:
        manifest = _find(self._existing(request), request.match_info["reference"])
        if not _accepts(request, manifest.media_type):
            raise RefusedError(MANIFEST_UNKNOWN)
        headers = {
            "Content-Type": manifest.media_type,
            "Docker-Content-Digest": manifest.digest,
        }
        return Streamed(Stored(manifest.content), range(len(manifest.content)), headers)

    async def _put(self, request: web.Request) -> web.Response:
        name, reference = repository_of(request), request.match_info["reference"]
        content = await _read(request)
        digest = _digest(reference, content)
        names = Names.read(content)
        if names.media_type and names.media_type != request.content_type:
            raise manifest_invalid("Content-Type differs from the manifest's mediaType")
        repository = self._storage.make_repository(name)
        self._check_complete(repository, names)
        if reference != digest:
            self._rules.check_tag(exists=reference in repository.tags)
            repository.tags[reference] = digest
        repository.manifests[digest] = Piece(request.content_type, content, digest)
        return self._created(request, name, digest, names.subject)

    async def _delete(self, request: web.Request) -> web.Response:
        repository, reference = self._existing(request), request.match_info["reference"]
        manifest = _find(repository, reference)
        if reference in repository.tags:
            del repository.tags[reference]
        else:
            repository.remove(manifest.digest)
        return web.Response(status=202)

    def _existing(self, request: web.Request) -> Repository:
        repository = self._storage.repository(repository_of(request))
        if repository is None:
            raise RefusedError(NAME_UNKNOWN)
        return repository

    def _check_complete(self, repository: Repository, names: Names) -> None:
        absent = [
            *(digest for digest in names.blobs if digest not in repository.blobs),
            *(digest for digest in names.manifests if digest not in repository.manifests),
        ]
        if absent:
            message = f"manifest references what the repository lacks: {', '.join(absent)}"
            raise RefusedError(Refusal(400, "MANIFEST_BLOB_UNKNOWN", message))

    def _created(
        self, request: web.Request, name: str, digest: Digest, subject: Digest | None
    ) -> web.Response:
        place = self._places.of_path(request, f"/v2/{name}/manifests/{digest}")
        return web.Response(
            status=201,
            headers={
                "Location": place,
                "Docker-Content-Digest": digest,
                **({"OCI-Subject": subject} if subject else {}),
            },
        )


def _find(repository: Repository, reference: str) -> Piece:
    manifest = repository.find(reference)
    if manifest is None:
        raise RefusedError(MANIFEST_UNKNOWN)
    return manifest


def _accepts(request: web.Request, media_type: str) -> bool:
    """A client that names types gets no other, as with Docker's registry."""
    accepted = {
        part.partition(";")[0].strip()
        for header in request.headers.getall("Accept", ())
        for part in header.split(",")
    }
    return not accepted or bool(accepted & {media_type, "*/*", "application/*"})


def _digest(reference: str, content: bytes) -> Digest:
    """What the manifest will be known by; raises RefusedError where the reference can't name it."""
    if ":" in reference:
        digest = parse_digest(reference)
        verify(digest, content)
        return digest
    if not TAG.fullmatch(reference):
        raise RefusedError(TAG_INVALID)
    return Digest.of(content)


async def _read(request: web.Request) -> bytes:
    content = bytearray()
    async for piece in body_of(request):
        content += piece
        if len(content) > MAX_MANIFEST:
            raise manifest_invalid(f"manifest is larger than {MAX_MANIFEST} bytes", 413)
    return bytes(content)
