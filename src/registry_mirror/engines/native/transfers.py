"""Each transfer of the schedule, carried out: requests go out, a result comes back."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import assert_never

from registry_mirror.engines.native.allowance import Allowance
from registry_mirror.engines.native.configs import Configs
from registry_mirror.engines.native.finding import RefusedError
from registry_mirror.engines.native.job import Job
from registry_mirror.engines.native.recompression import BrokenBlobError, recompressed
from registry_mirror.engines.native.registries import Registries
from registry_mirror.engines.words import TAG_MOVED
from registry_mirror.errors import Code, Failure, Side
from registry_mirror.oci.convert import Document
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.format import Format
from registry_mirror.oci.layers import Stored
from registry_mirror.outcome import Content
from registry_mirror.plan import Copy
from registry_mirror.registry.downloads import BlobSource
from registry_mirror.registry.errors import RegistryError, SizeDiffersError
from registry_mirror.registry.failures import failure_of
from registry_mirror.registry.retry import misses_blobs
from registry_mirror.registry.sessions import Mounted as MountedThere
from registry_mirror.registry.sessions import UploadSession
from registry_mirror.registry.uploads import push_blob, push_stream
from registry_mirror.registry.verified import OpenSource, replayed
from registry_mirror.schedule import (
    Absent,
    Blob,
    Broken,
    Check,
    Kind,
    Lacking,
    Mount,
    Mounted,
    MountRefused,
    Present,
    Put,
    PutChild,
    PutTag,
    Result,
    Sent,
    Transfer,
    Upload,
)

NOT_WORTH_ASKING = 128 * 1024
"""Bytes that cross a slow line in less than a long round trip."""

Progress = Callable[[int], None]
"""Told of bytes as they go to the target, and of those that have to go again, which count off."""


class Transfers:
    """Remembers what passes by and manifests do not tell.

    What recompressed layers became, the true sizes of layers, and what configs tell.
    """

    def __init__(self, registries: Registries, allowance: Allowance) -> None:
        self._registries = registries
        self._allowance = allowance
        self._target = registries.target
        self._stored: dict[Digest, Stored] = {}
        self._sizes: dict[Digest, int] = {}
        self._configs = Configs()
        self._children: dict[tuple[str, Digest], asyncio.Lock] = {}
        self._put_children: set[tuple[str, Digest]] = set()

    async def carry_out(
        self, transfer: Transfer[UploadSession], job: Job, progress: Progress
    ) -> Result[UploadSession]:
        try:
            return await self._do(transfer, job, progress)
        except BrokenBlobError as error:
            return Broken(Failure(Code.BAD_MANIFEST, Side.SOURCE, said=str(error)))
        except RefusedError as refused:
            return Broken(refused.failure)
        except RegistryError as error:
            return Broken(failure_of(error))

    def content(self, job: Job) -> Content:
        """What the tag of a job holds now that it has been put."""
        document = job.document(self._stored, self._sizes)
        platforms = self._configs.platforms(job)
        return Content(document.digest, document.media_type, platforms, job.size)

    async def _do(
        self, transfer: Transfer[UploadSession], job: Job, progress: Progress
    ) -> Result[UploadSession]:
        repository = job.copy.target.repository
        match transfer:
            case Check(blob=blob):
                there = await self._target.has_blob(repository, blob.digest)
                return Present() if there else Absent()
            case Mount(blob=blob, from_repository=neighbour):
                return await self._mount(repository, blob, neighbour)
            case Upload(blob=blob, check=check, session=session):
                if check and await self._has_already(job, blob):
                    return Present()
                return Sent(await self._upload(job, blob, session, progress))
            case PutChild(child=name):
                self._check(job)
                document = job.child(name, self._stored, self._sizes)
                as_named = job.copy.format is Format.SOURCE
                return await self._put_child(job, name if as_named else document.digest, document)
            case PutTag():
                self._check(job)
                return await self._put_tag(job)
            case _:
                assert_never(transfer)

    def _check(self, job: Job) -> None:
        """What blobs that others sent have told of this image."""
        self._allowance.check(job)
        self._configs.check(job)

    async def _has_already(self, job: Job, blob: Blob) -> bool:
        """Not asked of what is sent as fast as asked for, where a new tag makes a no likely.

        A config of another size than its manifest says is looked at, at the source.
        """
        if job.before is None and blob.size <= NOT_WORTH_ASKING:
            return False
        size = blob.size if blob.kind is Kind.CONFIG else None
        return await self._target.has_blob(job.copy.target.repository, blob.digest, size)

    async def _mount(self, repository: str, blob: Blob, neighbour: str) -> Result[UploadSession]:
        digest = self._stored[blob.digest].digest if blob.recompress else blob.digest
        mounted = await self._target.mount(repository, digest, neighbour)
        return Mounted() if isinstance(mounted, MountedThere) else MountRefused(mounted)

    async def _upload(
        self, job: Job, blob: Blob, session: UploadSession | None, progress: Progress
    ) -> int:
        """A layer's digest decides and not its size, which only a config must have right."""
        if blob.kind is Kind.CONFIG:
            content = job.new_config(blob.digest) or await self._config(job, blob)
            return await self._push(job, blob, _from_memory(content), session, progress)
        source = self._source(job, blob.digest, blob.size)
        try:
            return await self._send(job, blob, source, session, progress)
        except SizeDiffersError as error:
            self._sizes[blob.digest] = error.size
            self._allowance.found(job, blob, error.size)
            source = replace(source, size=error.size)
            return await self._send(job, replace(blob, size=error.size), source, None, progress)

    async def _send(
        self,
        job: Job,
        blob: Blob,
        source: BlobSource,
        session: UploadSession | None,
        progress: Progress,
    ) -> int:
        if not blob.recompress:
            sent = await self._push(job, blob, source.open, session, progress)
            self._allowance.note(blob, blob.size)
            return sent
        pushed = await push_stream(
            self._target,
            job.copy.target.repository,
            replayed(lambda: self._allowance.counted(job, blob, recompressed(source.verified()))),
            progress,
        )
        self._stored[blob.digest] = Stored(pushed.digest, pushed.size)
        return pushed.sent

    async def _config(self, job: Job, blob: Blob) -> bytes:
        source = self._registries.source(job.copy.source.registry)
        repository = job.copy.source.repository
        return await self._configs.read(source, repository, blob.digest, blob.size)

    def _source(self, job: Job, digest: Digest, size: int) -> BlobSource:
        client = self._registries.source(job.copy.source.registry)
        return BlobSource(client, job.copy.source.repository, digest, size)

    async def _push(
        self,
        job: Job,
        blob: Blob,
        open_source: OpenSource,
        session: UploadSession | None,
        progress: Progress,
    ) -> int:
        return await push_blob(
            self._target,
            job.copy.target.repository,
            blob.digest,
            blob.size,
            open_source,
            progress,
            session=session,
        )

    async def _put_tag(self, job: Job) -> Result[UploadSession]:
        """The last thing, and then a look at what the tag holds: that counts, not the answer."""
        document = job.document(self._stored, self._sizes)
        tag = str(job.copy.target.tag)
        refused: RegistryError | None = None
        try:
            result = await self._put(job, tag, document)
        except RegistryError as error:
            result, refused = None, error
        if isinstance(result, Lacking):
            return result
        found = await self._held(job.copy, refused)
        if found == document.digest:
            if found != job.before:
                await self._configs.learn(job, self._target)
            return Put()
        if refused:
            return Broken(failure_of(refused))
        cause = TAG_MOVED.fill(pushed=document.digest, found=found or "–")
        return Broken(Failure(Code.TARGET_MISMATCH, Side.TARGET, cause=cause))

    async def _held(self, copy: Copy, refused: RegistryError | None) -> Digest | None:
        """What a tag holds now; where it was refused, whatever keeps us from looking is no news.

        A HEAD that finds nothing is not believed: some registries answer it so for every tag.
        """
        place = (copy.target.repository, str(copy.target.tag))
        try:
            if found := await self._target.resolve(*place):
                return found.digest
            return None if refused else Digest.of((await self._target.get_manifest(*place))[0])
        except RegistryError:
            if refused:
                return None
            raise

    async def _put_child(self, job: Job, name: Digest, document: Document) -> Put | Lacking:
        """Put a manifest once in a repository, whichever of its tags asks first.

        docker-registry 2.8 answers 500 to one of two that put the same at the same time.
        """
        key = (job.copy.target.repository, name)
        async with self._children.setdefault(key, asyncio.Lock()):
            if key in self._put_children:
                return Put()
            result = await self._put(job, name, document)
            if isinstance(result, Put):
                self._put_children.add(key)
            return result

    async def _put(self, job: Job, reference: str, document: Document) -> Put | Lacking:
        try:
            await self._target.put_manifest(
                job.copy.target.repository, reference, document.content, document.media_type
            )
        except RegistryError as error:
            if misses_blobs(error):
                return Lacking(frozenset(), failure_of(error))
            raise
        return Put()


def _from_memory(content: bytes) -> Callable[[int], AsyncIterator[bytes]]:
    async def open_at(offset: int) -> AsyncIterator[bytes]:
        yield content[offset:]

    return open_at
