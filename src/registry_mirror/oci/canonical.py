"""Manifests as skopeo writes them: the bytes of Go's json.Marshal, compact, no newline at the end.

The order of the keys is that of the structs of containers/image and of image-spec; what is
optional and empty is left out.
"""

import json
from collections.abc import Iterable, Mapping, Sequence

from registry_mirror.oci import media_type as mt
from registry_mirror.oci.manifest import BARE, Descriptor, Entry, Frame, PlatformDetails

Value = str | int | None | Sequence["Value"] | Mapping[str, "Value"]
Members = dict[str, Value]

_ESCAPED = str.maketrans({c: f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"})


def encode(value: Value) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.translate(_ESCAPED).encode()


def docker_manifest(config: Descriptor, layers: Iterable[Descriptor]) -> bytes:
    return encode(
        {
            "schemaVersion": 2,
            "mediaType": mt.DOCKER_MANIFEST,
            "config": _docker(config),
            "layers": [_docker(layer) for layer in layers],
        }
    )


def docker_list(entries: Iterable[Entry]) -> bytes:
    return encode(
        {
            "schemaVersion": 2,
            "mediaType": mt.DOCKER_MANIFEST_LIST,
            "manifests": [_docker_entry(entry) for entry in entries],
        }
    )


def oci_manifest(config: Descriptor, layers: Iterable[Descriptor], frame: Frame = BARE) -> bytes:
    return encode(
        {
            "schemaVersion": 2,
            "mediaType": mt.OCI_MANIFEST,
            **some("artifactType", frame.artifact_type),
            "config": _oci(config),
            "layers": [_oci(layer) for layer in layers],
            **_closing(frame),
        }
    )


def oci_index(entries: Iterable[Entry], frame: Frame = BARE) -> bytes:
    return encode(
        {
            "schemaVersion": 2,
            "mediaType": mt.OCI_INDEX,
            **some("artifactType", frame.artifact_type),
            "manifests": [_oci(entry.descriptor, entry.details) for entry in entries],
            **_closing(frame),
        }
    )


def some(key: str, value: Value) -> Members:
    """A member of an object, or nothing where the value is empty (Go's `omitempty`)."""
    return {key: value} if value else {}


def _closing(frame: Frame) -> Members:
    subject = some("subject", _oci(frame.subject)) if frame.subject else {}
    return {**subject, **some("annotations", dict(frame.annotations))}


def _docker(descriptor: Descriptor) -> Members:
    return {
        "mediaType": descriptor.media_type,
        "size": descriptor.size,
        "digest": descriptor.digest,
        **some("urls", descriptor.urls),
    }


def _docker_entry(entry: Entry) -> Members:
    details = entry.details or PlatformDetails("", "")
    features = some("features", details.features)
    return {**_docker(entry.descriptor), "platform": {**platform(details), **features}}


def _oci(descriptor: Descriptor, details: PlatformDetails | None = None) -> Members:
    return {
        "mediaType": descriptor.media_type,
        "digest": descriptor.digest,
        "size": descriptor.size,
        **some("urls", descriptor.urls),
        **some("annotations", dict(descriptor.annotations)),
        **some("data", descriptor.data),
        **some("platform", platform(details) if details else {}),
        **some("artifactType", descriptor.artifact_type),
    }


def platform(details: PlatformDetails) -> Members:
    return {
        "architecture": details.architecture,
        "os": details.os,
        **some("os.version", details.os_version),
        **some("os.features", details.os_features),
        **some("variant", details.variant),
    }
