"""The conversion against the skopeo that is installed, on images that nobody thought of."""

import asyncio
import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from platform import machine
from typing import Self

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from registry_mirror.embedded.images import BuiltImage
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.errors import Code, Failure
from registry_mirror.oci.compression import Compression, sniff
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.format import Format
from registry_mirror.oci.layers import Stored
from registry_mirror.oci.manifest import ImageManifest, Index, parse_manifest
from registry_mirror.oci.platform import EveryPlatform, OnlyPlatforms, Platform
from tests.conversion import Converted, Source
from tests.drawn_images import PLATFORMS, images, indexes
from tests.registries import skopeo

CHOICES = st.sampled_from([None, None, *PLATFORMS])
"""None is every platform."""


@pytest.mark.slow
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(images() | indexes(), st.sampled_from([Format.V2S2, Format.OCI]), CHOICES)
def test_what_is_put_is_what_skopeo_puts(
    image: BuiltImage, wanted: Format, platform: Platform | None
) -> None:
    assume(not is_written_for_the_machine(image, wanted))
    asyncio.run(compare(image, wanted, platform))


def is_written_for_the_machine(image: BuiltImage, wanted: Format) -> bool:
    """Whether skopeo writes the platform of the machine that it runs on, unlike us."""
    top = parse_manifest(image.top.content)
    if isinstance(top, ImageManifest) or top.is_docker or wanted is not Format.V2S2:
        return False
    return any(entry.details is None for entry in top.entries) and machine() != "x86_64"


async def compare(image: BuiltImage, wanted: Format, platform: Platform | None) -> None:
    async with EmbeddedRegistry() as registry:
        registry.put("source", "t", image)
        code, said = await skopeo(*arguments(registry.host, wanted, platform))
        pushed = registry.manifest("target", "t")
        assert bool(pushed) == (code == 0), said
        found = Found.at(registry, pushed[1]) if pushed else None
        source = Source(
            {piece.digest: piece.content for piece in (image.top, *image.manifests)},
            {piece.digest: piece.content for piece in image.blobs},
            found.recompressed if found else {},
        )
        selection = OnlyPlatforms((platform,)) if platform else EveryPlatform()
        result = source.convert(image.top.digest, wanted, selection)
    if found is None:
        assert "no image found" in said
        assert isinstance(result, Failure)
        assert result.code is Code.PLATFORM_NOT_FOUND
        event("refused")
        return
    assert isinstance(result, Converted), result
    event(f"{wanted} {'same bytes' if found.top == image.top.content else 'rewritten'}")
    assert (result.top.content, frozenset(c.content for c in result.children)) == (
        found.top,
        found.children,
    )


def arguments(host: str, wanted: Format, platform: Platform | None) -> tuple[str, ...]:
    return (
        *(chosen(platform) if platform else ()),
        "copy",
        "--src-tls-verify=false",
        "--dest-tls-verify=false",
        "--format",
        wanted,
        *(() if platform else ("--all",)),
        f"docker://{host}/source:t",
        f"docker://{host}/target:t",
    )


def chosen(platform: Platform) -> tuple[str, ...]:
    variant = ("--override-variant", platform.variant) if platform.variant else ()
    system = ("--override-os", platform.os, "--override-arch", platform.architecture)
    return (*system, *variant)


@dataclass(frozen=True, slots=True)
class Found:
    """What skopeo left at the target."""

    top: bytes
    children: frozenset[bytes]
    recompressed: Mapping[Digest, Stored]

    @classmethod
    def at(cls, registry: EmbeddedRegistry, top: bytes) -> Self:
        parsed = parse_manifest(top)
        entries = parsed.entries if isinstance(parsed, Index) else ()
        found = (registry.manifest("target", entry.descriptor.digest) for entry in entries)
        children = frozenset(each[1] for each in found if each)
        images = map(parse_manifest, children or (top,))
        layers = (e.digest for i in images if isinstance(i, ImageManifest) for e in i.layers)
        blobs = (blob for digest in layers if (blob := registry.blob("target", digest)))
        return cls(top, children, dict(_before_compression(blob) for blob in blobs))


def _before_compression(blob: bytes) -> tuple[Digest, Stored]:
    """The digest of what was compressed, and the result."""
    is_gzip = sniff(blob) is Compression.GZIP
    return Digest.of(gzip.decompress(blob) if is_gzip else blob), Stored(Digest.of(blob), len(blob))
