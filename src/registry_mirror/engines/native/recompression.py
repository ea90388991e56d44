"""Layers compressed anew with gzip, as they stream by."""

import asyncio
import sys
import zlib
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing

from registry_mirror.oci.compression import MAGIC_BYTES, Compression, sniff
from registry_mirror.registry.verified import VerifiedStream

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LEVEL = 6
MOST_AT_ONCE = 1024 * 1024
"""Bytes that a decompressor may give for one call, however little it was fed."""

_GZIP_HEADER = 16 + zlib.MAX_WBITS
"""Without a name or a time in it, so that the same layer always becomes the same bytes."""


class BrokenBlobError(Exception):
    """A blob that is not what its manifest says, though its digest is."""


_SKIPPABLE = b"\x50\x2a\x4d\x18"


async def recompressed(layer: VerifiedStream) -> AsyncGenerator[bytes, None]:
    """A layer as gzip, whatever its type says it is: its first bytes decide.

    One in gzip passes through as it is. Raises BrokenBlobError.
    """
    async with aclosing(_with_its_magic(layer)) as blocks:
        start = await anext(blocks, b"")
        match _compression(start):
            case Compression.GZIP:
                whole = _whole(start, blocks)
            case Compression.ZSTD:
                whole = _packed(_unpacked(_whole(start, blocks)))
            case Compression.NONE:
                whole = _packed(_whole(start, blocks))
            case other:
                raise BrokenBlobError(f"a layer in {other.name.lower()}")
        async with aclosing(whole):
            async for block in whole:
                yield block


def _compression(start: bytes) -> Compression:
    """A zstd stream may begin with frames that hold no data (RFC 8878, 3.1.2)."""
    is_skippable = len(start) >= len(_SKIPPABLE) and start[0] & 0xF0 == _SKIPPABLE[0]
    if is_skippable and start[1:4] == _SKIPPABLE[1:]:
        return Compression.ZSTD
    return sniff(start)


async def _with_its_magic(layer: VerifiedStream) -> AsyncGenerator[bytes, None]:
    """The blocks of a layer, of which the first is long enough to tell what it is."""
    start = b""
    async with aclosing(layer.open()) as blocks:
        async for block in blocks:
            if len(start) >= MAGIC_BYTES:
                yield start
                start = block
            else:
                start += block
    yield start


async def _whole(start: bytes, blocks: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    yield start
    async for block in blocks:
        yield block


async def _packed(blocks: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    compressor = zlib.compressobj(LEVEL, zlib.DEFLATED, _GZIP_HEADER)
    async with aclosing(blocks):
        async for block in blocks:
            if packed := await asyncio.to_thread(compressor.compress, block):
                yield packed
    yield compressor.flush()


async def _unpacked(blocks: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    unpacker = _Unpacker()
    async with aclosing(blocks):
        async for block in blocks:
            for plain in unpacker.unpack(block):
                yield plain
    if not unpacker.is_complete:
        raise BrokenBlobError("the zstd stream ends too early")


class _Unpacker:
    """Frames of zstd, one after the other."""

    def __init__(self) -> None:
        self._frame = zstd.ZstdDecompressor()

    @property
    def is_complete(self) -> bool:
        return self._frame.eof

    def unpack(self, block: bytes) -> Iterator[bytes]:
        while block or not (self._frame.eof or self._frame.needs_input):
            if self._frame.eof:
                self._frame = zstd.ZstdDecompressor()
            try:
                plain = self._frame.decompress(block, max_length=MOST_AT_ONCE)
            except zstd.ZstdError as error:
                raise BrokenBlobError(str(error)) from error
            block = self._frame.unused_data if self._frame.eof else b""
            if plain:
                yield plain
