"""How large an image is, by its manifests, and whether it may be. All pure."""

from collections.abc import Iterable

from registry_mirror.engines.words import (
    TOO_LARGE,
    TOO_LARGE_HINT,
    TOO_MANY_MANIFESTS,
    TOO_MUCH_OF_MANIFESTS,
)
from registry_mirror.errors import Code, Failure, Side
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.manifest import ImageManifest
from registry_mirror.report.measures import size

MOST_MANIFESTS = 256
"""Of one image, for all of them are held in memory; large indexes name some dozens."""

MOST_OF_MANIFESTS = 32 * 1024 * 1024
"""Bytes of all manifests of one image; most have a few kilobytes."""


def refusal_of_count(manifests: int) -> Failure | None:
    if manifests <= MOST_MANIFESTS:
        return None
    cause = TOO_MANY_MANIFESTS.fill(most=str(MOST_MANIFESTS))
    return Failure(Code.TOO_LARGE, Side.SOURCE, cause=cause)


def refusal_of_manifests(octets: int) -> Failure | None:
    if octets <= MOST_OF_MANIFESTS:
        return None
    cause = TOO_MUCH_OF_MANIFESTS.fill(most=size(MOST_OF_MANIFESTS))
    return Failure(Code.TOO_LARGE, Side.SOURCE, cause=cause)


def refusal_of_size(images: Iterable[ImageManifest], limit: int | None) -> Failure | None:
    """Why images that one copy takes are too many bytes; `limit` is in bytes, None for none."""
    return refusal_of_octets(octets_of(images), limit)


def refusal_of_octets(octets: int, limit: int | None) -> Failure | None:
    if limit is None or octets <= limit:
        return None
    cause = TOO_LARGE.fill(size=size(octets), limit=size(limit))
    return Failure(Code.TOO_LARGE, Side.SOURCE, cause=cause, hint=TOO_LARGE_HINT)


def octets_of(images: Iterable[ImageManifest]) -> int:
    """The bytes of all configs and layers, each blob once, by the largest size said of it.

    Layers with URLs of their own stay where they are and don't count.
    """
    sizes: dict[Digest, int] = {}
    for image in images:
        layers = (layer for layer in image.layers if not layer.urls)
        for blob in (*layers, *([image.config] if image.config else [])):
            sizes[blob.digest] = max(blob.size, sizes.get(blob.digest, 0))
    return sum(sizes.values())
