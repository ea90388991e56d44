"""What a manifest names: the part of it that a registry has to read."""

import json
from dataclasses import dataclass

from registry_mirror.embedded.refusal import manifest_invalid
from registry_mirror.oci.digest import Digest, InvalidDigestError

_Object = dict[str, object]


@dataclass(frozen=True, slots=True)
class Names:
    """`blobs` leaves out layers that have urls, which a registry need not hold."""

    media_type: str
    artifact_type: str
    blobs: tuple[Digest, ...]
    manifests: tuple[Digest, ...]
    subject: Digest | None
    annotations: tuple[tuple[str, str], ...]

    @classmethod
    def read(cls, content: bytes) -> "Names":
        """Raises RefusedError (MANIFEST_INVALID)."""
        document = _parse(content)
        config = _object(document.get("config"))
        layers = [layer for layer in _objects(document.get("layers")) if not layer.get("urls")]
        return cls(
            media_type=_text(document.get("mediaType")),
            artifact_type=_text(document.get("artifactType")) or _text(config.get("mediaType")),
            blobs=tuple(_digest(entry) for entry in ([config] if config else []) + layers),
            manifests=tuple(_digest(entry) for entry in _objects(document.get("manifests"))),
            subject=_digest(subject) if (subject := _object(document.get("subject"))) else None,
            annotations=_texts(_object(document.get("annotations"))),
        )


def _parse(content: bytes) -> _Object:
    try:
        document: object = json.loads(content)
    except ValueError as error:
        raise manifest_invalid("manifest is not JSON") from error
    if not isinstance(document, dict):
        raise manifest_invalid("manifest is not a JSON object")
    return document


def _object(value: object) -> _Object:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise manifest_invalid("expected a JSON object")
    return value


def _objects(value: object) -> list[_Object]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise manifest_invalid("expected a JSON array")
    return [_object(entry) for entry in value]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: _Object) -> tuple[tuple[str, str], ...]:
    return tuple((key, text) for key, text in value.items() if isinstance(text, str))


def _digest(descriptor: _Object) -> Digest:
    text = _text(descriptor.get("digest"))
    try:
        return Digest(text)
    except InvalidDigestError as error:
        raise manifest_invalid("descriptor without a valid digest") from error
