"""From a copy to a job: what manifests tell, here and there, before anything moves."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from registry_mirror.engines.native.finding import Found, RefusedError, find
from registry_mirror.engines.native.job import Job
from registry_mirror.engines.native.registries import Registries
from registry_mirror.engines.sizes import refusal_of_size
from registry_mirror.errors import Failure
from registry_mirror.oci.compression import MAGIC_BYTES, sniff
from registry_mirror.oci.convert import (
    Document,
    ImageConversion,
    Schema1,
    needs_config,
    needs_sniff,
    plan_image,
    refusal_of,
)
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.lists import write_list
from registry_mirror.oci.manifest import (
    Descriptor,
    ImageManifest,
    Index,
    InvalidManifestError,
    Manifest,
    blobs_of,
    parse_manifest,
)
from registry_mirror.oci.platform import EveryPlatform
from registry_mirror.oci.recompressed import may_be_recompressed, same_but_recompressed
from registry_mirror.oci.refusals import in_index
from registry_mirror.outcome import Content, Dropped
from registry_mirror.plan import Copy
from registry_mirror.registry.client import RegistryClient
from registry_mirror.registry.errors import AnswerError

MAX_CONFIG = 4 * 1024 * 1024
"""As containers/image allows (engine.md A4)."""


@dataclass(frozen=True, slots=True)
class Current:
    """The target's tag has it already."""

    content: Content
    source_digest: Digest
    dropped: tuple[Dropped, ...]


@dataclass(frozen=True, slots=True)
class OfSchema1:
    """For another engine to copy."""


Resolution = Job | Current | OfSchema1


class Resolver:
    """`max_size` is of one image, in bytes."""

    def __init__(self, registries: Registries, max_size: int | None = None) -> None:
        self._registries = registries
        self._max_size = max_size
        self._target = registries.target

    async def resolve(self, copy: Copy) -> Resolution:
        """Raises RefusedError and RegistryError."""
        source = self._registries.source(copy.source.registry)
        found = await find(source, copy)
        _refuse(copy, found)
        if failure := refusal_of_size(found.images.values(), self._max_size):
            raise RefusedError(failure)
        if any(image.config is None for image in found.images.values()):
            return OfSchema1()
        before = await self._target.resolve(copy.target.repository, str(copy.target.tag))
        if before and await self._has_recompressed(copy, found, before.digest):
            return _current(found, before)
        job = Job(
            copy,
            found.top.digest,
            await _convert_all(source, copy, found.images),
            found.index or next(iter(found.images)),
            before.digest if before else None,
            found.dropped,
            found.platforms,
        )
        if before and job.is_predictable and job.document().digest == before.digest:
            return _current(found, before)
        return job

    async def _has_recompressed(self, copy: Copy, found: Found, held: Digest) -> bool:
        """Whether the tag has what would come of it but for the compressor."""
        if not any(may_be_recompressed(i, copy.format) for i in found.images.values()):
            return False
        theirs = await self._of_target(copy, held)
        if found.index is None:
            (mine,) = found.images.values()
            return _is_recompressed(mine, theirs, copy)
        if not isinstance(theirs, Index) or len(theirs.entries) != len(found.index.kept):
            return False
        children: dict[Digest, Document] = {}
        for entry, there in zip(found.index.kept, theirs.entries, strict=True):
            name = entry.descriptor.digest
            child = await self._as_it_is(copy, found.images[name], there.descriptor.digest)
            if child is None:
                return False
            children[name] = child
        expected = write_list(found.index.index, found.index.kept, children, copy.format)
        return expected.digest == held

    async def _as_it_is(self, copy: Copy, mine: ImageManifest, there: Digest) -> Document | None:
        """An image of the target's list, if it is what one of the source would become."""
        if may_be_recompressed(mine, copy.format):
            theirs = await self._of_target(copy, there)
            same = _is_recompressed(mine, theirs, copy)
            return Document(theirs.content, theirs.media_type) if theirs and same else None
        conversion = plan_image(mine, copy.format)
        return conversion.finish() if isinstance(conversion, ImageConversion) else None

    async def _of_target(self, copy: Copy, digest: Digest) -> Manifest | None:
        """None for what can't be read, or is not there any more: then it is put anew."""
        try:
            content, _ = await self._target.get_manifest(copy.target.repository, digest)
        except AnswerError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            return None
        try:
            return parse_manifest(content)
        except InvalidManifestError:
            return None


def _refuse(copy: Copy, found: Found) -> None:
    is_part = isinstance(found.top, Index) and isinstance(copy.selection, EveryPlatform)
    for name, image in found.images.items():
        if failure := refusal_of(image, copy.format):
            raise RefusedError(in_index(failure, name) if is_part else failure)


def _is_recompressed(mine: ImageManifest, theirs: Manifest | None, copy: Copy) -> bool:
    return isinstance(theirs, ImageManifest) and same_but_recompressed(mine, theirs, copy.format)


async def _convert_all(
    source: RegistryClient, copy: Copy, images: Mapping[Digest, ImageManifest]
) -> dict[Digest, ImageConversion]:
    return {name: await _convert(source, copy, image) for name, image in images.items()}


async def _convert(source: RegistryClient, copy: Copy, image: ImageManifest) -> ImageConversion:
    repository = copy.source.repository
    sniffed = {
        digest: sniff(await source.first_bytes(repository, digest, MAGIC_BYTES))
        for digest in needs_sniff(image, copy.format)
    }
    config = needs_config(image, copy.format)
    content = await source.get_blob_bytes(repository, config.digest, MAX_CONFIG) if config else b""
    conversion = plan_image(image, copy.format, sniffed, content)
    match conversion:
        case ImageConversion():
            return conversion
        case Failure():
            raise RefusedError(conversion)
        case Schema1():
            raise AssertionError("images of schema 1 are told apart before")


def _current(found: Found, held: Descriptor) -> Current:
    blobs = blobs_of(found.images.values())
    content = Content(held.digest, held.media_type, found.platforms, sum(blobs.values()))
    return Current(content, found.top.digest, found.dropped)
