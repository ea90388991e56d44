"""What becomes of each layer of an image in another format."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto

from registry_mirror.oci import media_type as mt
from registry_mirror.oci.compression import Compression
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.format import Format
from registry_mirror.oci.manifest import Descriptor, ImageManifest

GZIP_OF = {
    mt.OCI_LAYER: mt.OCI_LAYER_GZIP,
    mt.OCI_FOREIGN: mt.OCI_FOREIGN_GZIP,
    mt.DOCKER_LAYER: mt.DOCKER_LAYER_GZIP,
    mt.DOCKER_FOREIGN: mt.DOCKER_FOREIGN_GZIP,
}
"""The types of plain tars, with those they have when they are compressed."""

ZSTD = frozenset({mt.OCI_LAYER_ZSTD, mt.OCI_FOREIGN_ZSTD})
"""Types that v2s2 has no place for: such a layer is compressed anew."""

TO_DOCKER = {
    mt.OCI_LAYER: mt.DOCKER_LAYER,
    mt.OCI_LAYER_GZIP: mt.DOCKER_LAYER_GZIP,
    mt.OCI_LAYER_ZSTD: mt.DOCKER_LAYER_GZIP,
    mt.OCI_FOREIGN: mt.DOCKER_FOREIGN,
    mt.OCI_FOREIGN_GZIP: mt.DOCKER_FOREIGN_GZIP,
    mt.OCI_FOREIGN_ZSTD: mt.DOCKER_FOREIGN_GZIP,
}
TO_OCI = {
    mt.DOCKER_LAYER: mt.OCI_LAYER,
    mt.DOCKER_LAYER_GZIP: mt.OCI_LAYER_GZIP,
    mt.DOCKER_LAYER_ZSTD: mt.OCI_LAYER_ZSTD,
    mt.DOCKER_FOREIGN: mt.OCI_FOREIGN,
    mt.DOCKER_FOREIGN_GZIP: mt.OCI_FOREIGN_GZIP,
}

_PLAIN_DOCKER = frozenset({mt.DOCKER_LAYER, mt.DOCKER_FOREIGN})
_PLAIN_OCI = frozenset({mt.OCI_LAYER, mt.OCI_FOREIGN})


class Treatment(Enum):
    """A foreign layer, one with URLs of its own, is left where it is."""

    MOVE = auto()
    SKIP = auto()
    RECOMPRESS = auto()


@dataclass(frozen=True, slots=True)
class Layer:
    """`target` has the type that the layer will have; `compression` is None where nobody looked."""

    source: Descriptor
    target: Descriptor
    treatment: Treatment
    compression: Compression | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """A blob as it lies at the target; `size` is in bytes."""

    digest: Digest
    size: int


def is_plain(layer: Descriptor, image: ImageManifest, wanted: Format) -> bool:
    """Whether a layer is a plain tar by its type, so that its first bytes decide."""
    plain = _PLAIN_DOCKER if image.is_docker else _PLAIN_OCI
    return (
        wanted is not Format.SOURCE
        and layer.media_type in plain
        and not layer.urls
        and (image.is_docker or _has_oci_config(image))
    )


def is_recompressed_zstd(layer: Descriptor, image: ImageManifest, wanted: Format) -> bool:
    return (
        wanted is Format.V2S2
        and not image.is_docker
        and layer.media_type in ZSTD
        and not layer.urls
    )


def plan_layer(
    layer: Descriptor,
    image: ImageManifest,
    wanted: Format,
    sniffed: Mapping[Digest, Compression],
) -> Layer:
    target = _target(layer, image, wanted)
    if layer.urls:
        return Layer(layer, target, Treatment.SKIP)
    if is_recompressed_zstd(layer, image, wanted):
        return Layer(layer, target, Treatment.RECOMPRESS)
    if not is_plain(layer, image, wanted):
        return Layer(layer, target, Treatment.MOVE)
    compression = sniffed[layer.digest]
    if compression is not Compression.NONE:
        return Layer(layer, target, Treatment.MOVE, compression)
    target = replace(target, media_type=GZIP_OF[target.media_type])
    return Layer(layer, target, Treatment.RECOMPRESS, compression)


def by_content(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """Layers whose types count, told apart again by all their bytes.

    Where one layer is compressed anew, what looked like gzip gets the type of gzip. The first
    bytes came unchecked, so such a layer goes the same way, on which gzip stays as it is.
    """
    if not any(layer.treatment is Treatment.RECOMPRESS for layer in layers):
        return layers
    return tuple(_looked_at(layer) for layer in layers)


def _looked_at(layer: Layer) -> Layer:
    if layer.compression is not Compression.GZIP:
        return layer
    target = replace(layer.target, media_type=GZIP_OF[layer.target.media_type])
    return replace(layer, target=target, treatment=Treatment.RECOMPRESS)


def edited(
    layer: Layer, recompressed: Mapping[Digest, Stored], moved: Mapping[Digest, int]
) -> Descriptor:
    """A layer's entry in a manifest of which at least one layer is compressed anew.

    Then skopeo writes every entry from what it handled: sizes as they are and types by content,
    without URLs; only a foreign layer's stays.
    """
    digest, target = layer.source.digest, layer.target
    match layer.treatment:
        case Treatment.SKIP:
            return target
        case Treatment.RECOMPRESS:
            stored = recompressed[digest]
            kept = target.annotations if layer.compression is Compression.GZIP else ()
            return Descriptor(target.media_type, stored.digest, stored.size, annotations=kept)
        case Treatment.MOVE:
            size = moved.get(digest, target.size)
            return Descriptor(target.media_type, digest, size, annotations=target.annotations)


def _has_oci_config(image: ImageManifest) -> bool:
    return image.config is not None and image.config.media_type == mt.OCI_CONFIG


def _target(layer: Descriptor, image: ImageManifest, wanted: Format) -> Descriptor:
    """Only OCI knows more of a layer than where it is and how large."""
    media_type = _target_type(layer.media_type, image, wanted)
    if image.is_docker and wanted is not Format.SOURCE:
        return Descriptor(media_type, layer.digest, layer.size, layer.urls)
    return replace(layer, media_type=media_type)


def _target_type(media_type: str, image: ImageManifest, wanted: Format) -> str:
    match wanted:
        case Format.V2S2:
            return media_type if image.is_docker else TO_DOCKER[media_type]
        case Format.OCI:
            return TO_OCI[media_type] if image.is_docker else media_type
        case Format.SOURCE:
            return media_type
