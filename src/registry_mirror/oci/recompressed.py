"""Knowing an image again whose layers were compressed anew.

What a compressor makes differs by version, so the digest can't be foretold. But the config names
the layers' content before compression: with the same config it is the same image.
"""

from registry_mirror.oci import media_type as mt
from registry_mirror.oci.format import Format
from registry_mirror.oci.layers import is_plain, is_recompressed_zstd
from registry_mirror.oci.manifest import Descriptor, ImageManifest

_GZIP = frozenset(
    {mt.DOCKER_LAYER_GZIP, mt.DOCKER_FOREIGN_GZIP, mt.OCI_LAYER_GZIP, mt.OCI_FOREIGN_GZIP}
)


def may_be_recompressed(source: ImageManifest, wanted: Format) -> bool:
    """Whether the target's digest may depend on a compressor."""
    return any(_is_touched(layer, source, wanted) for layer in source.layers)


def same_but_recompressed(
    source: ImageManifest, target: ImageManifest, wanted: Format = Format.V2S2
) -> bool:
    """Whether the target has the source's config, number of layers and untouched layers.

    From Docker to OCI the config changes too, and the answer is no.
    """
    expected_type = mt.DOCKER_MANIFEST if wanted is Format.V2S2 else mt.OCI_MANIFEST
    if target.media_type != expected_type or not may_be_recompressed(source, wanted):
        return False
    if source.config is None or target.config is None:
        return False
    return (
        source.config.digest == target.config.digest
        and len(source.layers) == len(target.layers)
        and all(
            _is_layer_of(mine, theirs, source, wanted)
            for mine, theirs in zip(source.layers, target.layers, strict=True)
        )
    )


def _is_touched(layer: Descriptor, image: ImageManifest, wanted: Format) -> bool:
    return is_plain(layer, image, wanted) or is_recompressed_zstd(layer, image, wanted)


def _is_layer_of(
    layer: Descriptor, found: Descriptor, image: ImageManifest, wanted: Format
) -> bool:
    if layer.digest == found.digest:
        return not is_recompressed_zstd(layer, image, wanted)
    return _is_touched(layer, image, wanted) and found.media_type in _GZIP and not found.urls
