"""The bytes of layers: valid gzip that no one can compress any further, grown from a name.

gzip, because skopeo compresses what doesn't begin like it; in stored blocks, because every zlib
may compress in a way of its own.
"""

import hashlib
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

_HEADER = bytes.fromhex("1f8b08000000000000ff")
_BLOCK_HEADER = struct.Struct("<BHH")
_TRAILER = struct.Struct("<II")
_MOST = 0xFFFF
"""Bytes that a stored block may have."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes of a gzip stream, and those that they stand for."""

    stored: bytes
    plain: bytes = b""


def grow(name: str, size: int) -> Iterator[Chunk]:
    """A gzip stream of `size` bytes."""
    blocks, left = _divide(size)
    yield Chunk(_HEADER)
    checksum = length = 0
    for number in range(blocks):
        plain = hashlib.shake_128(f"{name}/{number}".encode()).digest(min(_MOST, left))
        left -= len(plain)
        length += len(plain)
        checksum = zlib.crc32(plain, checksum)
        last = number == blocks - 1
        header = _BLOCK_HEADER.pack(last, len(plain), len(plain) ^ _MOST)
        yield Chunk(header + plain, plain)
    yield Chunk(_TRAILER.pack(checksum, length & 0xFFFFFFFF))


def _divide(size: int) -> tuple[int, int]:
    """How many blocks a stream of `size` bytes has, and how many bytes these hold together."""
    inside = size - len(_HEADER) - _TRAILER.size
    blocks = max(1, -(-inside // (_MOST + _BLOCK_HEADER.size)))
    held = inside - blocks * _BLOCK_HEADER.size
    if held < 0:
        raise ValueError(f"{size} bytes are too few for a gzip stream")
    return blocks, held
