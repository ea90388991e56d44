"""Blobs as streams that go on after a cut."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from registry_mirror.embedded.actions import (
    AlterHeaders,
    Corrupt,
    Drop,
    OtherRange,
    Reply,
)
from registry_mirror.embedded.conduct import Conduct
from registry_mirror.embedded.content import Synthetic, pieces
from registry_mirror.embedded.faults import UNAVAILABLE, too_many_requests
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.errors import Side
from registry_mirror.oci.digest import Digest
from registry_mirror.registry.client import RegistryClient
from registry_mirror.registry.downloads import BlobSource
from registry_mirror.registry.errors import (
    AnswerError,
    ConnectionLostError,
    ContentMismatchError,
    ProtocolError,
    SizeDiffersError,
)
from registry_mirror.registry.uploads import push_blob
from registry_mirror.registry.verified import VerifiedStream, replayed
from tests.cutting_proxy import cutting_proxy
from tests.registries import Server
from tests.registry_clients import Pauses, client_of, in_memory, nobody

MIB = 1024 * 1024
REPOSITORY = "library/app"
BLOBS = f"/v2/{REPOSITORY}/blobs/*"
LAYER = Synthetic(10 * MIB + 5, seed=7)


def content_of(content: Synthetic) -> bytes:
    return b"".join(bytes(piece) for piece in pieces(content, range(content.size)))


async def read(
    host: str,
    content: Synthetic = LAYER,
    *,
    offset: int = 0,
    tries: int = 3,
    size: int | None = None,
    pauses: Pauses | None = None,
) -> bytes:
    async with client_of(host, Side.SOURCE, tries=tries, pauses=pauses) as client:
        return await drain(client, content.digest, content.size if size is None else size, offset)


async def drain(client: RegistryClient, digest: Digest, size: int, offset: int = 0) -> bytes:
    content = bytearray()
    await take(BlobSource(client, REPOSITORY, digest, size).verified(), content, offset)
    return bytes(content)


async def take(
    stream: VerifiedStream, into: bytearray, offset: int = 0, most: int | None = None
) -> None:
    """Stop at the first block after `most` bytes."""
    async with aclosing(stream.open(offset)) as blocks:
        async for block in blocks:
            into += block
            if most and len(into) > most:
                break


@pytest.fixture
def registry(embedded: EmbeddedRegistry) -> EmbeddedRegistry:
    embedded.put_blob(REPOSITORY, LAYER)
    return embedded


def ranges(registry: EmbeddedRegistry) -> list[str]:
    return [seen.range for seen in registry.requests if seen.method == "GET"]


async def test_a_blob_arrives_whole(registry: EmbeddedRegistry) -> None:
    assert await read(registry.host) == content_of(LAYER)
    assert ranges(registry) == [""]


@pytest.mark.parametrize("offset", [1, 3 * MIB, LAYER.size - 1])
async def test_it_is_opened_anywhere(registry: EmbeddedRegistry, offset: int) -> None:
    """From the start where nothing is known of what comes before: its digest needs that."""
    assert await read(registry.host, offset=offset) == content_of(LAYER)[offset:]


async def test_after_a_cut_it_goes_on_with_a_closed_range(registry: EmbeddedRegistry) -> None:
    registry.faults.cut("GET", BLOBS, 3 * MIB)
    registry.faults.cut("GET", BLOBS, 4 * MIB)

    assert await read(registry.host) == content_of(LAYER)

    assert ranges(registry) == [
        "",
        f"bytes={3 * MIB}-{LAYER.size - 1}",
        f"bytes={7 * MIB}-{LAYER.size - 1}",
    ]
    assert registry.statistics.sent_of(LAYER.digest) == LAYER.size


async def test_progress_is_no_failed_try(registry: EmbeddedRegistry) -> None:
    registry.faults.cut("GET", BLOBS, MIB, times=None)

    assert await read(registry.host, tries=2) == content_of(LAYER)


async def test_next_to_nothing_is_no_progress(registry: EmbeddedRegistry) -> None:
    registry.faults.cut("GET", BLOBS, 100, times=None)

    with pytest.raises(ConnectionLostError) as raised:
        await read(registry.host, tries=4)

    assert raised.value.side is Side.SOURCE
    assert len(ranges(registry)) == 4


async def test_connections_that_drop_come_to_an_end(registry: EmbeddedRegistry) -> None:
    registry.faults.add("GET", BLOBS, Drop(), times=None)

    with pytest.raises(ConnectionLostError):
        await read(registry.host)


async def test_a_registry_that_ignores_ranges_is_read_past_what_we_have(
    registry: EmbeddedRegistry,
) -> None:
    registry.faults.cut("GET", BLOBS, 3 * MIB)
    registry.faults.add("GET", BLOBS, OtherRange(""))

    assert await read(registry.host) == content_of(LAYER)


async def test_another_range_than_asked_for_is_not_taken(registry: EmbeddedRegistry) -> None:
    registry.faults.cut("GET", BLOBS, 3 * MIB)
    registry.faults.add("GET", BLOBS, OtherRange("bytes=5-99"), times=None)

    with pytest.raises(ProtocolError):
        await read(registry.host)


async def test_a_part_of_the_range_is_taken_and_the_rest_asked_for(
    registry: EmbeddedRegistry,
) -> None:
    registry.faults.cut("GET", BLOBS, 3 * MIB)
    registry.faults.add("GET", BLOBS, OtherRange(f"bytes={3 * MIB}-{5 * MIB}"))

    assert await read(registry.host) == content_of(LAYER)


async def test_after_a_cut_the_registry_is_asked_and_not_its_store() -> None:
    """The signed URL of before may have run out."""
    async with EmbeddedRegistry(conduct=Conduct(redirects_blobs=True)) as registry:
        registry.put_blob(REPOSITORY, LAYER)
        registry.faults.cut("GET", "/elsewhere*", 3 * MIB)

        assert await read(registry.host) == content_of(LAYER)

        at_registry = [seen for seen in registry.requests if seen.host == registry.host]
        assert [seen.status for seen in at_registry if seen.method == "GET"] == [307, 307]


async def test_a_url_that_ran_out_is_fetched_again() -> None:
    async with EmbeddedRegistry(conduct=Conduct(redirects_blobs=True)) as registry:
        registry.put_blob(REPOSITORY, LAYER)
        registry.faults.add("GET", "/elsewhere*", Reply(403, (), b"<Error>Request has expired"))

        assert await read(registry.host) == content_of(LAYER)


async def test_wrong_bytes_are_noticed_before_the_end(registry: EmbeddedRegistry) -> None:
    registry.faults.add("GET", BLOBS, Corrupt(2 * MIB))
    taken = bytearray()

    async with client_of(registry.host, Side.SOURCE) as client:
        stream = BlobSource(client, REPOSITORY, LAYER.digest, LAYER.size).verified()
        with pytest.raises(ContentMismatchError) as raised:
            await take(stream, taken)

    assert raised.value.side is Side.SOURCE
    assert 2 * MIB < len(taken) < LAYER.size


@pytest.mark.parametrize("size", [0, LAYER.size - 1, LAYER.size + 1])
async def test_a_descriptor_that_is_wrong_about_the_size_learns_the_true_one(
    registry: EmbeddedRegistry, size: int
) -> None:
    with pytest.raises(SizeDiffersError) as raised:
        await read(registry.host, size=size)

    assert raised.value.size == LAYER.size


async def test_a_blob_that_has_another_size_when_it_goes_on_is_another(
    registry: EmbeddedRegistry,
) -> None:
    registry.faults.cut("GET", BLOBS, 3 * MIB)
    other = f"bytes {3 * MIB}-{LAYER.size - 1}/{LAYER.size + 1}"
    registry.faults.add("GET", BLOBS, AlterHeaders((("Content-Range", other),)))

    with pytest.raises(SizeDiffersError):
        await read(registry.host)


async def test_more_bytes_than_there_should_be_are_not_handed_on() -> None:
    content = content_of(LAYER)
    stream = VerifiedStream(in_memory(content + b"x"), LAYER.digest, LAYER.size)
    taken = bytearray()

    with pytest.raises(ContentMismatchError):
        await take(stream, taken)

    assert len(taken) < LAYER.size


async def test_what_is_not_there_is_not_asked_for_twice(embedded: EmbeddedRegistry) -> None:
    with pytest.raises(AnswerError) as raised:
        await read(embedded.host)

    assert raised.value.codes == ("BLOB_UNKNOWN",)
    assert len(ranges(embedded)) == 1


async def test_passing_trouble_is_waited_for(registry: EmbeddedRegistry) -> None:
    registry.faults.fail("GET", BLOBS, UNAVAILABLE)
    registry.faults.fail("GET", BLOBS, too_many_requests("3"))
    pauses = Pauses()

    assert await read(registry.host, pauses=pauses) == content_of(LAYER)

    assert len(pauses.taken) == 2
    assert pauses.taken[1] >= 3


async def test_a_content_encoding_is_only_a_word(registry: EmbeddedRegistry) -> None:
    """Some fronts say `x-gzip` of layers; the digest is of the bytes as they come."""
    registry.faults.add("GET", BLOBS, AlterHeaders((("Content-Encoding", "gzip"),)))

    assert await read(registry.host) == content_of(LAYER)


async def test_connections_cut_every_4_mb(registry: EmbeddedRegistry) -> None:
    async with cutting_proxy(registry.host, down_to=4_000_000) as way:
        assert await read(way.host) == content_of(LAYER)

    assert way.down <= 1.1 * LAYER.size


async def test_an_upload_that_goes_back_gets_the_same_bytes_again(
    registry: EmbeddedRegistry,
) -> None:
    async with client_of(registry.host, Side.SOURCE) as client:
        stream = BlobSource(client, REPOSITORY, LAYER.digest, LAYER.size).verified()
        taken, again = bytearray(), bytearray()
        await take(stream, taken, most=6 * MIB)
        back = 3 * MIB + 11
        await take(stream, again, back)

    assert bytes(taken[:back] + again) == content_of(LAYER)
    assert stream.found() == LAYER.digest
    assert registry.statistics.sent_of(LAYER.digest) < 2 * LAYER.size


async def test_a_source_that_changes_when_it_is_read_again_is_noticed() -> None:
    good = content_of(Synthetic(3 * MIB, seed=8))
    other = content_of(Synthetic(3 * MIB, seed=9))
    calls = 0

    async def open_at(offset: int) -> AsyncIterator[bytes]:
        nonlocal calls
        calls += 1
        content = good if calls == 1 else other
        for first in range(offset, len(content), 4096):
            yield content[first : first + 4096]
            await asyncio.sleep(0)

    stream = VerifiedStream(open_at, Digest.of(good), len(good))
    await take(stream, bytearray(), most=2 * MIB)
    with pytest.raises(ContentMismatchError):
        await take(stream, bytearray(), MIB + 5)


@pytest.mark.parametrize("offset", [0, 1, 9, 10, 11, 25])
async def test_a_stream_that_only_begins_at_its_start_is_opened_anywhere(offset: int) -> None:
    async def from_start() -> AsyncIterator[bytes]:
        for block in (b"0123456789", b"abcdefghij", b"klmno"):
            yield block
            await asyncio.sleep(0)

    content = b"0123456789abcdefghijklmno"
    blocks = replayed(from_start)(offset)

    assert b"".join([block async for block in blocks]) == content[offset:]


async def test_sha512_is_checked_too_and_others_are_refused() -> None:
    async def nothing(_offset: int) -> AsyncIterator[bytes]:
        yield b"x"

    with pytest.raises(ContentMismatchError):
        VerifiedStream(nothing, Digest("md5:" + "0" * 32), 1)
    stream = VerifiedStream(nothing, Digest("sha512:" + "0" * 128), 1)
    with pytest.raises(ContentMismatchError):
        await take(stream, bytearray())


async def test_docker_registry_is_resumed(docker_registry: Server) -> None:
    async with client_of(docker_registry.host) as client:
        source = in_memory(content_of(LAYER))
        await push_blob(client, REPOSITORY, LAYER.digest, LAYER.size, source, nobody)
    async with cutting_proxy(docker_registry.host, down_to=4_000_000) as way:
        assert await read(way.host) == content_of(LAYER)
    assert way.cuts == 2
