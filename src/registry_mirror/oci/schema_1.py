"""What a signed manifest of Docker V2 Schema 1 is named by: the digest of its unsigned part.

The signatures stand inside the document that they sign. Each says in its protected header how it
was before they were put there: its first `formatLength` bytes, and then `formatTail`
(distribution, "Image Manifest Version 2, Schema 1", signed manifests).
"""

import base64

from registry_mirror.oci.digest import Digest
from registry_mirror.oci.json import InvalidJSONError, parse_object


def payload_digest(content: bytes) -> Digest | None:
    """Of the whole where there is no signature; None where one is malformed."""
    try:
        signatures = parse_object(content).objects("signatures")
        if not signatures:
            return Digest.of(content)
        header = parse_object(_decoded(signatures[0].text("protected")))
        length, tail = header.number("formatLength"), _decoded(header.text("formatTail"))
    except (InvalidJSONError, ValueError):
        return None
    return Digest.of(content[:length] + tail) if 0 < length <= len(content) else None


def _decoded(text: str) -> bytes:
    """JOSE's base64: URL-safe and without padding. Raises ValueError."""
    padded = text + "=" * (-len(text) % 4)
    return base64.b64decode(padded, altchars=b"-_", validate=True)
