"""The skopeo engine: a few processes at once, one image each, and a look before and after."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from registry_mirror.config import Asker, Settings
from registry_mirror.engines import Ended, EngineName, Observer, Started
from registry_mirror.engines.sizes import refusal_of_size
from registry_mirror.engines.skopeo import judgement, strangers
from registry_mirror.engines.skopeo.calls import CallFailed, Skopeo, require_version
from registry_mirror.engines.skopeo.choice import chosen_images, is_child_missing, refusal_of_child
from registry_mirror.engines.skopeo.process import find_leash
from registry_mirror.engines.skopeo.workspace import workspace
from registry_mirror.errors import Code, Failure
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.manifest import ImageManifest, Index, Manifest, blobs_of
from registry_mirror.oci.media_type import SCHEMA_1
from registry_mirror.oci.platform import OnlyPlatforms
from registry_mirror.oci.reference import Reference
from registry_mirror.outcome import Content, Copied, Failed, Outcome, Unchanged
from registry_mirror.plan import Copy, Plan

CONTENT_TIMEOUT = 30.0


@dataclass(frozen=True, slots=True)
class _Mirrored:
    """A copy that is done; `before` is what the tag held."""

    source: Manifest
    before: Digest | None
    found: Manifest


@asynccontextmanager
async def open_skopeo(settings: Settings) -> AsyncIterator["SkopeoEngine"]:
    """Raises ConfigurationInvalidError where skopeo is missing or too old."""
    await require_version(settings)
    leash = await find_leash(settings.environment)
    with workspace(settings) as private:
        yield SkopeoEngine(Skopeo(settings, private, leash))


class SkopeoEngine:
    """At most `settings.parallel` skopeo processes run at any moment.

    `content_timeout` is in seconds, for what a report is glad to have but no copy hangs on.
    """

    name = EngineName.SKOPEO

    def __init__(self, skopeo: Skopeo, *, content_timeout: float = CONTENT_TIMEOUT) -> None:
        self._skopeo = skopeo
        self._content_timeout = content_timeout
        self._places = asyncio.Semaphore(skopeo.settings.parallel)

    async def run(self, plan: Plan, observer: Observer) -> tuple[Outcome, ...]:
        self._skopeo.workspace.name_helpers(
            {copy.source.registry for copy in plan.copies},
            {copy.target.registry for copy in plan.copies},
        )
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
                mirrored = await self._mirror(copy)
        except CallFailed as failed:
            return Failed(copy, failed.failure, time.monotonic() - started)
        except TimeoutError:
            return Failed(copy, Failure(Code.TIMEOUT), time.monotonic() - started)
        content = await self._content(copy.target, mirrored.found)
        seconds = time.monotonic() - started
        if content.digest == mirrored.before:
            return Unchanged(copy, content, seconds, mirrored.source.digest)
        return Copied(copy, content, seconds, mirrored.source.digest, replaced=mirrored.before)

    async def _mirror(self, copy: Copy) -> _Mirrored:
        _stop_at(judgement.refusal_of_copy(copy))
        if self._is_for_stranger:
            _stop_at(strangers.refusal_of_registry(copy.source))
        source = await self._skopeo.source_manifest(copy.source)
        _stop_at(judgement.refusal_of_source(copy, source))
        chosen = await self._judge_images(copy, source)
        before = await self._digest_before(copy.target)
        pushed = await self._skopeo.copy(copy, chosen)
        found = await self._read_back(copy.target)
        _stop_at(judgement.refusal_of_result(copy, source, pushed, found))
        return _Mirrored(source, before, found)

    @property
    def _is_for_stranger(self) -> bool:
        return self._skopeo.settings.asker is Asker.STRANGER

    async def _judge_images(self, copy: Copy, source: Manifest) -> Reference:
        """What is to be copied; where its images matter, exactly those that were looked at."""
        resolved = _resolved(copy.source, source)
        most = self._skopeo.settings.max_image_size
        if most is None and not self._is_for_stranger:
            return resolved
        chosen = chosen_images(copy.selection, source)
        if isinstance(chosen, Failure):
            raise CallFailed(chosen)
        manifests = [await self._child(copy.source, name) for name in chosen] or [source]
        images = [each for each in manifests if isinstance(each, ImageManifest)]
        _stop_at(refusal_of_size(images, most))
        if self._is_for_stranger:
            _stop_at(strangers.refusal_of_urls(images))
        is_one = chosen and isinstance(copy.selection, OnlyPlatforms)
        return replace(resolved, digest=chosen[0]) if is_one else resolved

    async def _child(self, source: Reference, digest: Digest) -> Manifest:
        try:
            found = await self._skopeo.source_manifest(replace(source, digest=digest))
        except CallFailed as failed:
            if is_child_missing(failed.failure):
                _stop_at(replace(failed.failure, code=Code.BLOB_MISSING))
            raise
        _stop_at(refusal_of_child(digest, found))
        return found

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
            raise CallFailed(judgement.unreadable(failed.failure)) from failed

    async def _content(self, target: Reference, found: Manifest) -> Content:
        platforms, size = _named_platforms(found), None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._content_timeout):
                if platforms is None:
                    platforms = await self._platforms(target, found)
                size = await self._size(target, found)
        return Content(found.digest, found.media_type, platforms, size)

    async def _size(self, target: Reference, found: Manifest) -> int | None:
        images = await self._images(target, found)
        return None if images is None else sum(blobs_of(images).values())

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
        platform = await self._skopeo.target_platform(replace(target, digest=found.digest))
        return (str(platform),) if platform else None


def _named_platforms(found: Manifest) -> tuple[str, ...] | None:
    """What an index says itself; an image names its platform in its config."""
    if not isinstance(found, Index):
        return None
    return tuple(str(entry.platform) for entry in found.entries if entry.platform)


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
