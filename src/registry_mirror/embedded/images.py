"""Images built from nothing, the same bytes each time: what demo and tests mirror.

An image is a value; `EmbeddedRegistry.put` seeds a registry with it.
"""

import gzip
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum

from registry_mirror.embedded.content import Synthetic
from registry_mirror.oci import media_type
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.platform import Platform

LINUX_AMD64 = Platform("linux", "amd64")

_IN_TOTO = "application/vnd.in-toto+json"
_EMPTY = "application/vnd.oci.empty.v1+json"
_ATTESTATION = "application/vnd.docker.attestation.manifest.v1+json"
_UNKNOWN = Platform("unknown", "unknown")
_EPOCH = "1970-01-01T00:00:00Z"

Annotations = tuple[tuple[str, str], ...]


class Style(Enum):
    """The media types of a manifest, an index, a config and a layer."""

    OCI = (
        media_type.OCI_MANIFEST,
        media_type.OCI_INDEX,
        media_type.OCI_CONFIG,
        media_type.OCI_LAYER_GZIP,
    )
    DOCKER = (
        media_type.DOCKER_MANIFEST,
        media_type.DOCKER_MANIFEST_LIST,
        media_type.DOCKER_CONFIG,
        media_type.DOCKER_LAYER_GZIP,
    )

    @property
    def manifest(self) -> str:
        return self.value[0]

    @property
    def index(self) -> str:
        return self.value[1]

    @property
    def config(self) -> str:
        return self.value[2]

    @property
    def layer(self) -> str:
        return self.value[3]


class AttestationForm(StrEnum):
    """BuildKit's provenance: until 0.31 shaped like an image, since 0.32 as an OCI artifact."""

    IMAGE = "image"
    ARTIFACT = "artifact"


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes with a media type and the digest that names them."""

    media_type: str
    content: bytes
    digest: Digest

    @classmethod
    def of(cls, media_type: str, content: bytes) -> "Piece":
        return cls(media_type, content, Digest.of(content))


@dataclass(frozen=True, slots=True)
class Layer:
    """`diff_id` is the digest of the tar before it was compressed."""

    content: bytes
    diff_id: Digest


@dataclass(frozen=True, slots=True)
class BuiltImage:
    """`manifests` are the children of `top`, in the order in which they must be pushed.

    `synthetic` are layers whose content isn't in memory; `blobs` are all others. `platform` and
    `annotations` are what an index says of the image.
    """

    top: Piece
    blobs: tuple[Piece, ...]
    manifests: tuple[Piece, ...] = ()
    platform: Platform | None = None
    annotations: Annotations = ()
    synthetic: tuple[Synthetic, ...] = ()


def build_layer(files: Mapping[str, bytes]) -> Layer:
    """A gzipped tar of these files, by path."""
    tar = _tar(files)
    return Layer(gzip.compress(tar, mtime=0), Digest.of(tar))


def build_image(
    layers: Sequence[Layer | Synthetic],
    platform: Platform = LINUX_AMD64,
    style: Style = Style.OCI,
) -> BuiltImage:
    config = Piece.of(style.config, _config(layers, platform))
    pieces = [
        layer if isinstance(layer, Synthetic) else Piece.of(style.layer, layer.content)
        for layer in layers
    ]
    top = Piece.of(style.manifest, _manifest(style, config, pieces))
    blobs = tuple(piece for piece in pieces if isinstance(piece, Piece))
    synthetic = tuple(dict.fromkeys(piece for piece in pieces if isinstance(piece, Synthetic)))
    return BuiltImage(top, (config, *blobs), platform=platform, synthetic=synthetic)


def build_index(images: Sequence[BuiltImage], style: Style = Style.OCI) -> BuiltImage:
    """An index, or a manifest list, of images and attestations in this order."""
    document = {
        "schemaVersion": 2,
        "mediaType": style.index,
        "manifests": [_entry(image) for image in images],
    }
    return BuiltImage(
        top=Piece.of(style.index, _json(document)),
        blobs=tuple(dict.fromkeys(blob for image in images for blob in image.blobs)),
        manifests=tuple(dict.fromkeys(image.top for image in images)),
        synthetic=tuple(dict.fromkeys(layer for image in images for layer in image.synthetic)),
    )


def build_attestation(
    image: BuiltImage, form: AttestationForm = AttestationForm.IMAGE, style: Style = Style.OCI
) -> BuiltImage:
    """What BuildKit puts beside an image into its index."""
    statement = Piece.of(_IN_TOTO, _statement(image.top.digest))
    if form is AttestationForm.IMAGE:
        layers = (Layer(statement.content, statement.digest),)
        config = Piece.of(style.config, _config(layers, _UNKNOWN))
        content = _manifest(style, config, (statement,))
    else:
        config = Piece.of(_EMPTY, b"{}")
        extra = {"artifactType": _ATTESTATION, "subject": _descriptor(image.top)}
        content = _manifest(style, config, (statement,), extra)
    return BuiltImage(
        top=Piece.of(style.manifest, content),
        blobs=(config, statement),
        platform=_UNKNOWN,
        annotations=(
            ("vnd.docker.reference.digest", image.top.digest),
            ("vnd.docker.reference.type", "attestation-manifest"),
        ),
    )


def _tar(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def _config(layers: Sequence[Layer | Synthetic], platform: Platform) -> bytes:
    return _json(
        {
            "created": _EPOCH,
            **_platform(platform),
            "config": {},
            "rootfs": {"type": "layers", "diff_ids": [_diff_id(layer) for layer in layers]},
            "history": [{"created": _EPOCH, "created_by": "COPY"} for _ in layers],
        }
    )


def _diff_id(layer: Layer | Synthetic) -> Digest:
    """Of a synthetic layer, which can't be decompressed, its own digest."""
    return layer.digest if isinstance(layer, Synthetic) else layer.diff_id


def _manifest(
    style: Style,
    config: Piece,
    layers: Sequence[Piece | Synthetic],
    extra: Mapping[str, object] | None = None,
) -> bytes:
    return _json(
        {
            "schemaVersion": 2,
            "mediaType": style.manifest,
            "config": _descriptor(config),
            "layers": [_layer(layer, style) for layer in layers],
            **(extra or {}),
        }
    )


def _statement(subject: Digest) -> bytes:
    return _json(
        {
            "_type": "https://in-toto.io/Statement/v0.1",
            "predicateType": "https://slsa.dev/provenance/v0.2",
            "subject": [{"name": "_", "digest": {subject.algorithm: subject.encoded}}],
            "predicate": {},
        }
    )


def _entry(image: BuiltImage) -> dict[str, object]:
    entry = _descriptor(image.top)
    if image.annotations:
        entry["annotations"] = dict(image.annotations)
    if image.platform:
        entry["platform"] = _platform(image.platform)
    return entry


def _layer(layer: Piece | Synthetic, style: Style) -> dict[str, object]:
    if isinstance(layer, Synthetic):
        return {"mediaType": style.layer, "digest": layer.digest, "size": layer.size}
    return _descriptor(layer)


def _descriptor(piece: Piece) -> dict[str, object]:
    return {
        "mediaType": piece.media_type,
        "digest": piece.digest,
        "size": len(piece.content),
    }


def _platform(platform: Platform) -> dict[str, str]:
    variant = {"variant": platform.variant} if platform.variant else {}
    return {"architecture": platform.architecture, "os": platform.os, **variant}


def _json(document: object) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()
