"""How a layer is compressed, told by its first bytes and not by its media type."""

from enum import Enum, auto

MAGIC_BYTES = 6
"""So many bytes from the start of a layer are enough."""


class Compression(Enum):
    NONE = auto()
    GZIP = auto()
    BZIP2 = auto()
    XZ = auto()
    ZSTD = auto()


_MAGIC = (
    (b"\x1f\x8b\x08", Compression.GZIP),
    (b"BZh", Compression.BZIP2),
    (b"\xfd7zXZ\x00", Compression.XZ),
    (b"\x28\xb5\x2f\xfd", Compression.ZSTD),
)


def sniff(start: bytes) -> Compression:
    """What skopeo takes a layer for that starts like this; an empty one isn't compressed."""
    return next((kind for magic, kind in _MAGIC if start.startswith(magic)), Compression.NONE)
