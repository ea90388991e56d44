"""What a blob is made of: bytes in memory, a pattern made on the way, or nothing but its size."""

import functools
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from registry_mirror.oci.digest import Digest

PIECE = 256 * 1024
_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_MARK = 16


@dataclass(frozen=True, slots=True)
class Stored:
    data: bytes

    @property
    def size(self) -> int:
        return len(self.data)

    @property
    def digest(self) -> Digest:
        return Digest.of(self.data)


@dataclass(frozen=True, slots=True)
class Synthetic:
    """As many bytes as asked for, in no memory: the same ones each time, and others for each seed.

    No two places have the same bytes, so that a piece in the wrong place is noticed. They begin
    like gzip, so that nobody thinks of compressing them.
    """

    size: int
    seed: int = 0

    @property
    def digest(self) -> Digest:
        """Read once from beginning to end, about a second for each GiB."""
        return _digest(self)


@dataclass(frozen=True, slots=True)
class Discarded:
    """A blob that was received, counted, checked and not kept."""

    size: int


Content = Stored | Synthetic | Discarded


class NotKeptError(LookupError):
    """The content of this blob isn't in memory."""


def pieces(content: Content, wanted: range, largest: int = PIECE) -> Iterator[memoryview]:
    """The bytes at `wanted`, none longer than `largest`. Raises NotKeptError."""
    match content:
        case Stored(data):
            view = memoryview(data)
            for first in range(wanted.start, wanted.stop, largest):
                yield view[first : min(first + largest, wanted.stop)]
        case Synthetic():
            for block in _blocks(content, wanted):
                for first in range(0, len(block), largest):
                    yield block[first : first + largest]
        case Discarded():
            raise NotKeptError
        case _:
            assert_never(content)


def _blocks(content: Synthetic, wanted: range) -> Iterator[memoryview]:
    """The pattern is made of blocks of PIECE bytes, each with its seed and its number in front."""
    place = wanted.start
    while place < wanted.stop:
        number, first = divmod(place, PIECE)
        block = memoryview(_mark(content.seed, number) + _tail())
        last = min(PIECE, first + wanted.stop - place)
        yield block[first:last]
        place += last - first


def _mark(seed: int, number: int) -> bytes:
    if number == 0:
        return _GZIP_HEADER + seed.to_bytes(_MARK - len(_GZIP_HEADER), "big")
    return seed.to_bytes(_MARK // 2, "big") + number.to_bytes(_MARK // 2, "big")


@functools.cache
def _tail() -> bytes:
    return hashlib.shake_128().digest(PIECE - _MARK)


@functools.lru_cache(maxsize=1024)
def _digest(content: Synthetic) -> Digest:
    found = hashlib.sha256()
    for block in _blocks(content, range(content.size)):
        found.update(block)
    return Digest("sha256:" + found.hexdigest())
