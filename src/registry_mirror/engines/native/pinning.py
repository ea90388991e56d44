"""What the tags of a plan hold just now, so that what was shown is what will be copied."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace

from registry_mirror.config import Asker, Settings
from registry_mirror.engines.native.registries import Registries, Waits, open_registries
from registry_mirror.engines.sizes import refusal_of_size
from registry_mirror.errors import Code, Failure, Side
from registry_mirror.oci.convert import refusal_of
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.manifest import (
    ImageManifest,
    Index,
    InvalidManifestError,
    Manifest,
    parse_manifest,
)
from registry_mirror.oci.media_type import SCHEMA_1
from registry_mirror.oci.platform import OnlyPlatforms
from registry_mirror.oci.reference import Reference
from registry_mirror.oci.schema_1 import payload_digest
from registry_mirror.oci.selection import select
from registry_mirror.plan import Copy, Plan
from registry_mirror.registry.errors import RegistryError
from registry_mirror.registry.failures import failure_of

DEADLINE = 120.0
"""Seconds for all sources of a plan together; a request waits for it before it is answered."""

MOST_AT_ONCE = 16
"""Manifests that are asked for at once, of all registries together."""

Pinned = Digest | Failure


async def pin(
    plan: Plan, settings: Settings, waits: Waits | None = None, *, deadline: float = DEADLINE
) -> tuple[Pinned, ...]:
    """What each source has, in the plan's order: the index's digest where it is one.

    Asked as a stranger would be served: without a login, at addresses that are open to strangers.
    The digest is that of the bytes that came. What their manifest alone tells to be no such image
    as was asked for is a failure, and so is what has not answered after `deadline` seconds.
    """
    if not plan.copies:
        return ()
    asked = replace(settings, asker=Asker.STRANGER)
    async with open_registries(asked, plan, waits or Waits()) as registries:
        found = await _fetch_all((copy.source for copy in plan.copies), registries, deadline)
    return tuple(_pinned(copy, found[copy.source], settings) for copy in plan.copies)


async def _fetch_all(
    sources: Iterable[Reference], registries: Registries, deadline: float
) -> dict[Reference, Manifest | Failure]:
    """Each source once, so that lines of the same tag get the same digest."""
    places = asyncio.Semaphore(MOST_AT_ONCE)
    async with _tasks() as tasks:
        for source in dict.fromkeys(sources):
            tasks[source] = asyncio.create_task(_fetch(source, registries, places))
        await asyncio.wait(tasks.values(), timeout=deadline)
        late = Failure(Code.TIMEOUT, Side.SOURCE)
        return {s: task.result() if task.done() else late for s, task in tasks.items()}


@asynccontextmanager
async def _tasks() -> AsyncIterator[dict[Reference, asyncio.Task[Manifest | Failure]]]:
    tasks: dict[Reference, asyncio.Task[Manifest | Failure]] = {}
    try:
        yield tasks
    finally:
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)


async def _fetch(
    source: Reference, registries: Registries, places: asyncio.Semaphore
) -> Manifest | Failure:
    client = registries.source(source.registry)
    try:
        async with places:
            content, _ = await client.get_manifest(
                source.repository, source.digest or str(source.tag)
            )
        return parse_manifest(content)
    except RegistryError as error:
        return failure_of(error)
    except InvalidManifestError as error:
        return Failure(Code.BAD_MANIFEST, Side.SOURCE, said=str(error))


def _pinned(copy: Copy, found: Manifest | Failure, settings: Settings) -> Pinned:
    if isinstance(found, Failure):
        return found
    return _refusal(copy, found, settings) or _digest_of(copy.source, found)


def _refusal(copy: Copy, found: Manifest, settings: Settings) -> Failure | None:
    """What would end the copy anyhow, as far as the one manifest tells."""
    if isinstance(found, ImageManifest):
        return refusal_of(found, copy.format) or refusal_of_size([found], settings.max_image_size)
    chosen = select(found, copy.selection) if isinstance(copy.selection, OnlyPlatforms) else None
    return chosen if isinstance(chosen, Failure) else None


def _digest_of(source: Reference, found: Manifest) -> Pinned:
    """An image of schema 1 is named by the digest of what its signatures sign."""
    if isinstance(found, Index) or found.media_type not in SCHEMA_1:
        return source.digest or found.digest
    digest = payload_digest(found.content)
    if digest is None:
        return Failure(Code.BAD_MANIFEST, Side.SOURCE)
    if source.digest and source.digest.algorithm == digest.algorithm and source.digest != digest:
        return Failure(Code.DIGEST_MISMATCH, Side.SOURCE)
    return source.digest or digest
