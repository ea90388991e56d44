"""What of a source a copy takes: manifests are read, and nothing else."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from registry_mirror.engines.native.job import IndexJob
from registry_mirror.engines.native.words import ONLY_ATTESTATIONS
from registry_mirror.engines.sizes import refusal_of_count, refusal_of_manifests
from registry_mirror.errors import Code, Failure, Side
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.format import Format
from registry_mirror.oci.lists import plan_index
from registry_mirror.oci.manifest import (
    Entry,
    ImageManifest,
    Index,
    InvalidManifestError,
    Manifest,
    parse_manifest,
)
from registry_mirror.oci.platform import EveryPlatform, OnlyPlatforms
from registry_mirror.oci.refusals import nested_index
from registry_mirror.oci.selection import select
from registry_mirror.outcome import Dropped
from registry_mirror.plan import Copy
from registry_mirror.registry.client import RegistryClient
from registry_mirror.registry.errors import Operation, RegistryError
from registry_mirror.registry.failures import failure_of
from registry_mirror.registry.refusals import presentable


class RefusedError(Exception):
    """A copy that ends before anything moves."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.code)
        self.failure = replace(failure, said=presentable(failure.said))


@dataclass(frozen=True, slots=True)
class Found:
    """What was chosen of a source: images by digest, and the index if one is to be written."""

    top: Manifest
    images: Mapping[Digest, ImageManifest]
    index: IndexJob | None = None
    dropped: tuple[Dropped, ...] = ()
    platforms: tuple[str, ...] | None = None


async def find(source: RegistryClient, copy: Copy) -> Found:
    """Raises RefusedError and RegistryError."""
    return await _Finder(source, copy).find()


class _Finder:
    def __init__(self, source: RegistryClient, copy: Copy) -> None:
        self._source = source
        self._copy = copy
        self._count = 0
        self._octets = 0

    async def find(self) -> Found:
        reference = self._copy.source.digest or str(self._copy.source.tag)
        content, _ = await self._source.get_manifest(self._copy.source.repository, reference)
        top = _parse(content)
        match top, self._copy.selection:
            case ImageManifest(), _:
                return Found(top, {top.digest: top})
            case Index(), OnlyPlatforms() as wanted:
                return await self._choose(top, wanted)
            case Index(), EveryPlatform() if self._copy.format is Format.SOURCE:
                return await self._take_all(top)
            case Index(), EveryPlatform():
                return await self._take_images(top)

    async def _choose(self, index: Index, wanted: OnlyPlatforms) -> Found:
        chosen = select(index, wanted)
        if isinstance(chosen, Failure):
            raise RefusedError(chosen)
        images = _images(await self._children(chosen))
        job = IndexJob(index, chosen) if len(wanted.platforms) > 1 else None
        return Found(index, images, job, platforms=_platforms(chosen))

    async def _take_images(self, index: Index) -> Found:
        told = plan_index(index, self._copy.format)
        children = await self._children(told.kept)
        plan = plan_index(index, self._copy.format, children)
        if plan.dropped and not plan.kept:
            raise RefusedError(Failure(Code.NOT_AN_IMAGE, Side.SOURCE, cause=ONLY_ATTESTATIONS))
        kept = {entry.descriptor.digest for entry in plan.kept}
        images = _images({name: child for name, child in children.items() if name in kept})
        dropped = tuple(Dropped(e.descriptor.digest, "attestation") for e in plan.dropped)
        return Found(index, images, IndexJob(index, plan.kept), dropped, _platforms(plan.kept))

    async def _take_all(self, index: Index) -> Found:
        """As it is, with the indexes that it names."""
        children = await self._children(index.entries)
        inner: tuple[Index, ...] = ()
        images: dict[Digest, ImageManifest] = {}
        for name, child in children.items():
            if isinstance(child, Index):
                below = await self._take_all(child)
                inner += (*(below.index.inner if below.index else ()), child)
                images |= below.images
            else:
                images[name] = child
        job = IndexJob(index, index.entries, tuple(dict.fromkeys(inner)))
        return Found(index, images, job, platforms=_platforms(index.entries))

    async def _children(self, entries: Iterable[Entry]) -> dict[Digest, Manifest]:
        names = list(dict.fromkeys(entry.descriptor.digest for entry in entries))
        self._count += len(names)
        if failure := refusal_of_count(self._count):
            raise RefusedError(failure)
        tasks = [asyncio.create_task(self._child(name)) for name in names]
        try:
            children = await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return dict(zip(names, children, strict=True))

    async def _child(self, digest: Digest) -> Manifest:
        try:
            content, _ = await self._source.get_manifest(self._copy.source.repository, digest)
        except RegistryError as error:
            raise RefusedError(failure_of(error, Operation.GET_CHILD)) from error
        self._octets += len(content)
        if failure := refusal_of_manifests(self._octets):
            raise RefusedError(failure)
        return _parse(content)


def _parse(content: bytes) -> Manifest:
    try:
        return parse_manifest(content)
    except InvalidManifestError as error:
        failure = Failure(Code.BAD_MANIFEST, Side.SOURCE, said=str(error))
        raise RefusedError(failure) from error


def _images(children: Mapping[Digest, Manifest]) -> dict[Digest, ImageManifest]:
    images: dict[Digest, ImageManifest] = {}
    for name, child in children.items():
        if isinstance(child, Index):
            raise RefusedError(nested_index(child.media_type))
        images[name] = child
    return images


def _platforms(entries: Iterable[Entry]) -> tuple[str, ...] | None:
    """None where the index names none at all."""
    return tuple(str(entry.platform) for entry in entries if entry.platform) or None
