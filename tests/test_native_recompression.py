"""Layers compressed anew: whatever comes, however cut, becomes one gzip stream or nothing."""

import bz2
import gzip
import itertools
import lzma
import tracemalloc
from collections.abc import AsyncIterator, Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_mirror.engines.native.recompression import BrokenBlobError, recompressed
from registry_mirror.oci.digest import Digest
from registry_mirror.registry.errors import ContentMismatchError
from registry_mirror.registry.verified import OpenSource, VerifiedStream
from tests.odd_images import zstd

TAR = b"a tar " * 20_000
MIB = 1024 * 1024

CONTENTS = st.one_of(
    st.binary(max_size=64).map(lambda content: b"tar:" + content), st.just(b""), st.just(TAR)
)
CUTS = st.lists(st.integers(0, 40), max_size=12)


def skippable(content: bytes, number: int = 0) -> bytes:
    """A frame without data (RFC 8878, 3.1.2)."""
    magic = (0x184D2A50 + number).to_bytes(4, "little")
    return magic + len(content).to_bytes(4, "little") + content


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "tar": lambda content: content,
    "gzip": lambda content: gzip.compress(content, mtime=0),
    "zstd": zstd.compress,
    "zstd frames": lambda content: zstd.compress(content[:7]) + zstd.compress(content[7:]),
    "zstd, skippable first": lambda content: skippable(b"note") + zstd.compress(content),
    "zstd, skippable last": lambda content: zstd.compress(content) + skippable(b"", 15),
    "zstd, empty skippable": lambda content: skippable(b"", 7) + zstd.compress(content),
}


def in_pieces(content: bytes, cuts: Sequence[int]) -> OpenSource:
    async def open_at(offset: int) -> AsyncIterator[bytes]:
        inner = sorted({cut for cut in cuts if offset < cut < len(content)})
        for start, end in itertools.pairwise((offset, *inner, len(content))):
            yield content[start:end]

    return open_at


def stream(
    content: bytes, cuts: Sequence[int] = (), digest: Digest | None = None
) -> VerifiedStream:
    return VerifiedStream(in_pieces(content, cuts), digest or Digest.of(content), len(content))


async def packed(layer: VerifiedStream) -> bytes:
    return b"".join([block async for block in recompressed(layer)])


@pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)
@given(content=CONTENTS, cuts=CUTS)
async def test_the_content_arrives_however_it_is_packed_and_cut(
    pack: Callable[[bytes], bytes], content: bytes, cuts: list[int]
) -> None:
    layer = pack(content)

    assert gzip.decompress(await packed(stream(layer, cuts))) == content


@given(cuts=CUTS)
async def test_a_layer_in_gzip_stays_as_it_is(cuts: list[int]) -> None:
    layer = gzip.compress(TAR, 1, mtime=12345)

    assert await packed(stream(layer, cuts)) == layer


@pytest.mark.parametrize("layer", [TAR, zstd.compress(TAR)], ids=["tar", "zstd"])
async def test_a_layer_always_becomes_the_same_bytes(layer: bytes) -> None:
    first = await packed(stream(layer))

    assert first == await packed(stream(layer))
    assert first[3:8] == bytes(5)  # neither a name nor a time (RFC 1952, 2.3)


BROKEN = {
    "xz": lzma.compress(TAR),
    "bzip2": bz2.compress(TAR),
    "zstd, cut": zstd.compress(TAR)[:-4],
    "zstd, then something": zstd.compress(TAR) + b"junk",
    "zstd, second frame cut": zstd.compress(TAR) + zstd.compress(TAR)[:-4],
    "zstd, no more than its magic": zstd.compress(TAR)[:4],
    "skippable, cut": skippable(b"note")[:9],
    "skippable, then a tar": skippable(b"note") + TAR,
}


@pytest.mark.parametrize("layer", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("cuts", [(), (1, 2, 3), (5,)])
async def test_what_can_not_be_decompressed_is_refused(layer: bytes, cuts: Sequence[int]) -> None:
    with pytest.raises(BrokenBlobError):
        await packed(stream(layer, cuts))


@pytest.mark.parametrize("layer", [TAR, zstd.compress(TAR), gzip.compress(TAR)])
async def test_other_bytes_than_the_digest_names_come_to_no_end(layer: bytes) -> None:
    with pytest.raises(ContentMismatchError):
        await packed(stream(layer, (3, 5), Digest.of(b"another")))


@pytest.mark.parametrize("frames", [1, 64])
async def test_a_layer_that_grows_a_thousandfold_is_never_whole_in_memory(frames: int) -> None:
    bomb = zstd.compress(bytes(64 * MIB // frames)) * frames
    assert len(bomb) < MIB
    tracemalloc.start()
    try:
        size = 0
        async for block in recompressed(stream(bomb)):
            size += len(block)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert size > 1000
    assert peak < 16 * MIB
