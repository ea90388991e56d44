"""The skopeo engine: a few processes at once, one image each, and a look before and after."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from registry_mirror.config import Settings
from registry_mirror.engines import Ended, EngineName, Observer, Started
from registry_mirror.engines.skopeo import judgement, words
from registry_mirror.engines.skopeo.calls import CallFailed, Skopeo, require_version
from registry_mirror.engines.skopeo.workspace import workspace
from registry_mirror.errors import Code, Failure, Side
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.manifest import ImageManifest, Index, Manifest, blobs_of
from registry_mirror.oci.media_type import SCHEMA_1
from registry_mirror.oci.reference import Reference
from registry_mirror.outcome import Content, Copied, Failed, Outcome, Unchanged
from registry_mirror.plan import Copy, Plan


@asynccontextmanager
async def open_skopeo(settings: Settings) -> AsyncIterator["SkopeoEngine"]:
    """Raises ConfigurationInvalidError where skopeo is missing or too old."""
    await require_version(settings)
    with workspace(settings) as private:
        yield SkopeoEngine(Skopeo(settings, private))


class SkopeoEngine:
    """At most `settings.parallel` skopeo processes run at any moment."""

    name = EngineName.SKOPEO

    def __init__(self, skopeo: Skopeo) -> None:
        self._skopeo = skopeo
        self._places = asyncio.Semaphore(skopeo.settings.parallel)

    async def run(self, plan: Plan, observer: Observer) -> tuple[Outcome, ...]:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._carry_out(copy, observer)) for copy in plan.copies]
        return tuple(task.result() for task in tasks)

    async def _carry_out(self, copy: Copy, observer: Observer) -> Outcome:
        async with self._places:
            observer(Started(copy))
            outcome = await self._outcome(copy)
            observer(Ended(outcome))
            return outcome

    async def _outcome(self, copy: Copy) -> Outcome:
        started = time.monotonic()
        try:
            async with asyncio.timeout(self._skopeo.settings.timeout):
                outcome = await self._mirror(copy)
        except CallFailed as failed:
            outcome = Failed(copy, failed.failure, 0)
        except TimeoutError:
            outcome = Failed(copy, Failure(Code.TIMEOUT), 0)
        return replace(outcome, seconds=time.monotonic() - started)

    async def _mirror(self, copy: Copy) -> Outcome:
        _stop_at(judgement.refusal_of_copy(copy))
        source = await self._skopeo.source_manifest(copy.source)
        _stop_at(judgement.refusal_of_source(copy, source))
        before = await self._digest_before(copy.target)
        pushed = await self._skopeo.copy(copy, _resolved(copy.source, source))
        found = await self._read_back(copy.target)
        _stop_at(judgement.refusal_of_result(copy, source, pushed, found))
        content = await self._content(copy.target, found)
        if found.digest == before:
            return Unchanged(copy, content, 0, source.digest)
        return Copied(copy, content, 0, source.digest, replaced=before)

    async def _digest_before(self, target: Reference) -> Digest | None:
        """What the tag holds; None as well where we may push but not read, or it holds rubbish."""
        try:
            return (await self._skopeo.target_manifest(target)).digest
        except CallFailed as failed:
            if failed.failure.code in _NO_ANSWER_FROM_TARGET:
                raise
            return None

    async def _read_back(self, target: Reference) -> Manifest:
        try:
            return await self._skopeo.target_manifest(target)
        except CallFailed as failed:
            if failed.failure.code is not Code.TARGET_NOT_FOUND:
                raise
            mismatch = Failure(
                Code.TARGET_MISMATCH, Side.TARGET, failed.failure.said, cause=words.UNREADABLE
            )
            raise CallFailed(mismatch) from failed

    async def _content(self, target: Reference, found: Manifest) -> Content:
        images = await self._images(target, found)
        return Content(
            found.digest,
            found.media_type,
            await self._platforms(target, found),
            None if images is None else sum(blobs_of(images).values()),
        )

    async def _images(self, target: Reference, found: Manifest) -> list[ImageManifest] | None:
        if isinstance(found, ImageManifest):
            return [found]
        children = {entry.descriptor.digest for entry in found.entries}
        try:
            manifests = [
                await self._skopeo.target_manifest(replace(target, digest=child))
                for child in sorted(children)
            ]
        except CallFailed:
            return None
        return [manifest for manifest in manifests if isinstance(manifest, ImageManifest)]

    async def _platforms(self, target: Reference, found: Manifest) -> tuple[str, ...] | None:
        if isinstance(found, Index):
            return tuple(str(entry.platform) for entry in found.entries if entry.platform)
        platform = await self._skopeo.target_platform(replace(target, digest=found.digest))
        return (str(platform),) if platform else None


_NO_ANSWER_FROM_TARGET = frozenset({Code.TARGET_UNAVAILABLE, Code.RATE_LIMITED})


def _stop_at(failure: Failure | None) -> None:
    if failure:
        raise CallFailed(failure)


def _resolved(source: Reference, manifest: Manifest) -> Reference:
    """The source by digest, so that what was judged is what is copied.

    A schema 1 manifest is named by the digest of its unsigned part, so it keeps its tag.
    """
    if source.digest or manifest.media_type in SCHEMA_1:
        return source
    return replace(source, digest=manifest.digest)
