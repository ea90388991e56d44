"""Manifests and indexes, as far as a mirror looks into them.

The bytes stay as they came, and the digest is theirs. What a body is, is told by its own fields:
a Content-Type header may lie.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from registry_mirror.oci import media_type as mt
from registry_mirror.oci.digest import Digest, InvalidDigestError
from registry_mirror.oci.platform import Platform

MAX_MANIFEST = 4 * 1024 * 1024
MAX_SIZE = 2**63 - 1
"""Of one blob, in bytes: a size is an int64."""

ATTESTATION_ANNOTATION = "vnd.docker.reference.type"
ATTESTATION = "attestation-manifest"
ATTESTATION_ARTIFACT = "application/vnd.docker.attestation.manifest.v1+json"

_SURROGATE = re.compile(r"[\ud800-\udfff]")


class InvalidManifestError(ValueError):
    pass


@dataclass(frozen=True, slots=True)
class Descriptor:
    media_type: str
    digest: Digest
    size: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One manifest that an index names."""

    descriptor: Descriptor
    platform: Platform | None
    is_attestation: bool


@dataclass(frozen=True, slots=True)
class Index:
    media_type: str
    digest: Digest
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class ImageManifest:
    """`config` is None only for a schema 1 image, whose `layers` are not told either."""

    media_type: str
    digest: Digest
    config: Descriptor | None
    layers: tuple[Descriptor, ...]


Manifest = Index | ImageManifest

_Object = Mapping[str, object]


def parse_manifest(content: bytes) -> Manifest:
    """Raises InvalidManifestError."""
    body = _object(_json(content))
    digest = Digest.of(content)
    if body.get("manifests") is not None:
        entries = tuple(_entry(entry) for entry in _objects(body["manifests"]))
        return Index(_text(body, "mediaType") or mt.OCI_INDEX, digest, entries)
    if body.get("config") is None:
        if _whole_number(body, "schemaVersion") == 1:
            return ImageManifest(_schema_1_type(body), digest, None, ())
        raise InvalidManifestError("neither config nor manifests")
    return ImageManifest(
        _text(body, "mediaType") or mt.OCI_MANIFEST,
        digest,
        _descriptor(_object(body["config"])),
        tuple(_descriptor(layer) for layer in _objects(_layers(body))),
    )


def blobs_of(images: Iterable[ImageManifest]) -> dict[Digest, int]:
    """The configs and layers of images, each once, with their sizes in bytes."""
    return {
        blob.digest: blob.size
        for image in images
        for blob in (*image.layers, *([image.config] if image.config else []))
    }


def parse_config_platform(content: bytes) -> Platform | None:
    """The platform that an image's config names; None where it names none or is no JSON."""
    try:
        return _platform(_object(_json(content)))
    except InvalidManifestError:
        return None


def _schema_1_type(body: _Object) -> str:
    return mt.DOCKER_MANIFEST_V1_SIGNED if "signatures" in body else mt.DOCKER_MANIFEST_V1


def _entry(body: _Object) -> Entry:
    annotations = body.get("annotations")
    return Entry(
        _descriptor(body),
        _platform(_object(body["platform"])) if body.get("platform") is not None else None,
        _text(body, "artifactType") == ATTESTATION_ARTIFACT
        or (
            isinstance(annotations, dict) and annotations.get(ATTESTATION_ANNOTATION) == ATTESTATION
        ),
    )


def _descriptor(body: _Object) -> Descriptor:
    size = _whole_number(body, "size")
    if not 0 <= size <= MAX_SIZE:
        raise InvalidManifestError("a size is out of range")
    try:
        return Descriptor(_text(body, "mediaType"), Digest(_text(body, "digest")), size)
    except InvalidDigestError as error:
        raise InvalidManifestError(f"bad digest {error}") from error


def _platform(body: _Object) -> Platform | None:
    os, architecture = _text(body, "os"), _text(body, "architecture")
    return Platform(os, architecture, _text(body, "variant")) if os and architecture else None


def _json(content: bytes) -> object:
    if len(content) > MAX_MANIFEST:
        raise InvalidManifestError(f"over {MAX_MANIFEST} bytes")
    try:
        value: object = json.loads(content.decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise InvalidManifestError("no JSON") from error
    return value


def _object(value: object) -> _Object:
    if not isinstance(value, dict):
        raise InvalidManifestError("not a JSON object")
    return value


def _objects(value: object) -> list[_Object]:
    if not isinstance(value, list):
        raise InvalidManifestError("not a JSON array")
    return [_object(item) for item in value]


def _text(body: _Object, key: str) -> str:
    """Half a surrogate pair, which JSON can carry and UTF-8 cannot, becomes U+FFFD."""
    value = body.get(key)
    return _SURROGATE.sub("\ufffd", value) if isinstance(value, str) else ""


def _whole_number(body: _Object, key: str) -> int:
    """An absent number is 0, as in Go."""
    value = body.get(key)
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidManifestError(f"{key} is no whole number")
    return value


def _layers(body: _Object) -> object:
    layers = body.get("layers")
    return [] if layers is None else layers
