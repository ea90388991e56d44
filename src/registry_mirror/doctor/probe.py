"""A manifest to try a target with: well-formed, and of blobs that are nowhere. Pure."""

import json
import re

from registry_mirror.oci import media_type as mt
from registry_mirror.oci.digest import Digest
from registry_mirror.plan import Format
from registry_mirror.registry.errors import AnswerError

PROBE = "registry-mirror-doctor"
"""The repository that is tried, below the target's namespace."""

NOWHERE = Digest.of(b"registry-mirror doctor: nobody ever uploads this")

_BLOB_CODES = frozenset({"MANIFEST_BLOB_UNKNOWN", "BLOB_UNKNOWN"})
_MISSING_BLOB = re.compile(
    r"(?i)\b(?:blobs?|layers?)\b.{0,200}\b(?:unknown|missing|not\b.{0,20}\b(?:found|exist)|absent)"
)
_TYPES = {
    Format.V2S2: (mt.DOCKER_MANIFEST, mt.DOCKER_CONFIG, mt.DOCKER_LAYER_GZIP),
    Format.OCI: (mt.OCI_MANIFEST, mt.OCI_CONFIG, mt.OCI_LAYER_GZIP),
}


def probe_manifest(format_: Format) -> tuple[bytes, str]:
    """The bytes and the media type; what is copied as it is may be Docker V2 Schema 2."""
    manifest, config, layer = _TYPES.get(format_, _TYPES[Format.V2S2])
    document = {
        "schemaVersion": 2,
        "mediaType": manifest,
        "config": {"mediaType": config, "size": 2, "digest": NOWHERE},
        "layers": [{"mediaType": layer, "size": 32, "digest": NOWHERE}],
    }
    return json.dumps(document).encode(), manifest


def misses_the_blob(error: AnswerError) -> bool:
    """Whether a registry refuses the probe for its blobs, having taken its format."""
    if _BLOB_CODES & set(error.codes):
        return True
    return NOWHERE.encoded in error.said or bool(_MISSING_BLOB.search(error.said))
