"""Layers compressed anew with gzip, as they stream by."""

import asyncio
import sys
import zlib
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing

from registry_mirror.oci.compression import Compression, sniff
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


async def recompressed(layer: VerifiedStream) -> AsyncGenerator[bytes, None]:
    """A layer in zstd, or one that isn't compressed, as gzip. Raises BrokenBlobError."""
    compressor = zlib.compressobj(LEVEL, zlib.DEFLATED, _GZIP_HEADER)
    async with aclosing(_plain(layer)) as blocks:
        async for block in blocks:
            if packed := await asyncio.to_thread(compressor.compress, block):
                yield packed
    yield compressor.flush()


async def _plain(layer: VerifiedStream) -> AsyncGenerator[bytes, None]:
    unpacker: _Unpacker | None = None
    first = True
    async with aclosing(layer.open()) as blocks:
        async for block in blocks:
            if first and sniff(block) is Compression.ZSTD:
                unpacker = _Unpacker()
            first = False
            if unpacker is None:
                yield block
                continue
            for plain in unpacker.unpack(block):
                yield plain
    if unpacker and not unpacker.is_complete:
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
