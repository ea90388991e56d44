"""Manifests and indexes, as far as a mirror looks into them.

The bytes stay as they came, and the digest is theirs. What a body is, is told by its own fields:
a Content-Type header may lie.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from registry_mirror.oci import media_type as mt
from registry_mirror.oci.digest import Digest, InvalidDigestError
from registry_mirror.oci.json import MAX_CONTENT, InvalidJSONError, Object, parse_object
from registry_mirror.oci.platform import Platform

MAX_MANIFEST = MAX_CONTENT

ATTESTATION_ANNOTATION = "vnd.docker.reference.type"
ATTESTATION = "attestation-manifest"
ATTESTATION_ARTIFACT = "application/vnd.docker.attestation.manifest.v1+json"
ZSTD_ANNOTATION = "io.github.containers.compression.zstd"

Annotations = tuple[tuple[str, str], ...]

_ESSENTIAL = ("config", "fsLayers", "history", "layers", "manifests")
_OF_INDEX = frozenset({"manifests"})
_OF_IMAGE = frozenset({"config", "layers"})
_OF_SCHEMA_1 = frozenset({"fsLayers", "history"})


_SENDABLE = re.compile(r"[^\x00-\x1f\x7f]{0,255}")
"""What a Content-Type can say (RFC 9110, 5.5; RFC 6838, 4.2 on its length)."""


class InvalidManifestError(ValueError):
    pass


@dataclass(frozen=True, slots=True)
class Descriptor:
    """`size` is in bytes; `data` is the content itself in base64, where it is given."""

    media_type: str
    digest: Digest
    size: int
    urls: tuple[str, ...] = ()
    annotations: Annotations = ()
    data: str = ""
    artifact_type: str = ""


@dataclass(frozen=True, slots=True)
class PlatformDetails:
    """All that an index says of a platform; what isn't said is empty."""

    architecture: str
    os: str
    os_version: str = ""
    os_features: tuple[str, ...] = ()
    variant: str = ""
    features: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One manifest that an index names."""

    descriptor: Descriptor
    details: PlatformDetails | None

    @property
    def platform(self) -> Platform | None:
        """None where the index does not name both an operating system and an architecture."""
        details = self.details
        if details is None or not (details.os and details.architecture):
            return None
        return Platform(details.os, details.architecture, details.variant)

    @property
    def is_attestation(self) -> bool:
        """As far as the index tells: `attestations.is_attestation` knows the manifest as well."""
        marked = (ATTESTATION_ANNOTATION, ATTESTATION) in self.descriptor.annotations
        return marked or self.descriptor.artifact_type == ATTESTATION_ARTIFACT


@dataclass(frozen=True, slots=True)
class Frame:
    """What OCI lets a manifest or an index say of itself."""

    artifact_type: str = ""
    subject: Descriptor | None = None
    annotations: Annotations = ()


BARE = Frame()


@dataclass(frozen=True, slots=True)
class Index:
    media_type: str
    digest: Digest
    entries: tuple[Entry, ...]
    content: bytes
    frame: Frame = BARE
    schema_version: int = 2

    @property
    def is_docker(self) -> bool:
        return self.media_type == mt.DOCKER_MANIFEST_LIST


@dataclass(frozen=True, slots=True)
class ImageManifest:
    """`config` is None only for a schema 1 image, whose `layers` are not told either."""

    media_type: str
    digest: Digest
    config: Descriptor | None
    layers: tuple[Descriptor, ...]
    content: bytes
    frame: Frame = BARE

    @property
    def is_docker(self) -> bool:
        return self.media_type == mt.DOCKER_MANIFEST


Manifest = Index | ImageManifest


def parse_manifest(content: bytes) -> Manifest:
    """Raises InvalidManifestError."""
    try:
        return _manifest(content, parse_object(content))
    except InvalidJSONError as error:
        raise InvalidManifestError(str(error)) from error
    except InvalidDigestError as error:
        raise InvalidManifestError(f"bad digest {error}") from error


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
        body = parse_object(content)
        os, architecture = body.text("os"), body.text("architecture")
        return Platform(os, architecture, body.text("variant")) if os and architecture else None
    except InvalidJSONError:
        return None


def _manifest(content: bytes, body: Object) -> Manifest:
    stated, schema_version = body.text("mediaType"), body.number("schemaVersion")
    if not _SENDABLE.fullmatch(stated):
        raise InvalidManifestError("the mediaType is none")
    if body.has("manifests") or stated in mt.INDEXES:
        return _index(content, body, stated or mt.OCI_INDEX, schema_version)
    if body.has("config"):
        return _image(content, body, stated or mt.OCI_MANIFEST)
    if schema_version == 1:
        return _schema_1(content, body)
    raise InvalidManifestError("neither config nor manifests")


def _index(content: bytes, body: Object, media_type: str, schema_version: int) -> Index:
    _refuse_ambiguity(body, media_type, _OF_INDEX)
    return Index(
        media_type,
        Digest.of(content),
        tuple(_entry(entry) for entry in body.objects("manifests")),
        content,
        _frame(body),
        schema_version,
    )


def _image(content: bytes, body: Object, media_type: str) -> ImageManifest:
    _refuse_ambiguity(body, media_type, _OF_IMAGE)
    return ImageManifest(
        media_type,
        Digest.of(content),
        _descriptor(body.nested("config") or Object()),
        tuple(_descriptor(layer) for layer in body.objects("layers")),
        content,
        _frame(body),
    )


def _schema_1(content: bytes, body: Object) -> ImageManifest:
    signed = body.has("signatures")
    media_type = mt.DOCKER_MANIFEST_V1_SIGNED if signed else mt.DOCKER_MANIFEST_V1
    _refuse_ambiguity(body, media_type, _OF_SCHEMA_1)
    return ImageManifest(media_type, Digest.of(content), None, (), content)


def _refuse_ambiguity(body: Object, media_type: str, allowed: frozenset[str]) -> None:
    """A body that is two kinds of manifest at once means one thing here and another there."""
    unexpected = [key for key in _ESSENTIAL if key not in allowed and body.has(key)]
    if unexpected:
        raise InvalidManifestError(f"{', '.join(unexpected)} in a supposed {media_type}")


def _entry(body: Object) -> Entry:
    platform = body.nested("platform")
    return Entry(_descriptor(body), _details(platform) if platform else None)


def _details(body: Object) -> PlatformDetails:
    return PlatformDetails(
        body.text("architecture"),
        body.text("os"),
        body.text("os.version"),
        body.texts("os.features"),
        body.text("variant"),
        body.texts("features"),
    )


def _frame(body: Object) -> Frame:
    subject = body.nested("subject")
    return Frame(
        body.text("artifactType"),
        _descriptor(subject) if subject else None,
        body.text_map("annotations"),
    )


def _descriptor(body: Object) -> Descriptor:
    size = body.number("size")
    if size < 0:
        raise InvalidManifestError("a size is out of range")
    return Descriptor(
        body.text("mediaType"),
        Digest(body.text("digest")),
        size,
        body.texts("urls"),
        body.text_map("annotations"),
        body.text("data"),
        body.text("artifactType"),
    )
