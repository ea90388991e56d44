"""Blobs that nobody has to hold in memory, and what is counted of them."""

import hashlib
import json
import tracemalloc
from collections.abc import AsyncIterator

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_mirror.embedded.actions import Cut, CutRequest
from registry_mirror.embedded.conduct import Conduct
from registry_mirror.embedded.content import (
    PIECE,
    Content,
    NotKeptError,
    Stored,
    Synthetic,
    pieces,
)
from registry_mirror.embedded.images import Style, build_image, build_index, build_layer
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.embedded.sessions import KEPT_ANYWAY
from registry_mirror.embedded.statistics import Kind, kind_of
from registry_mirror.oci.digest import Digest
from tests.embedded_calls import (
    REPOSITORY,
    ask,
    closing,
    onward,
    open_session,
    send_raw,
    url,
)

BIG = Synthetic(40 * 1024 * 1024)
CONTENT = bytes(range(256)) * 40
DIGEST = Digest.of(CONTENT)


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def joined(content: Content, wanted: range | None = None) -> bytes:
    return b"".join(pieces(content, range(content.size) if wanted is None else wanted))


@given(st.data(), st.integers(0, 3 * PIECE + 1), st.integers(1, PIECE))
def test_a_part_is_what_the_whole_has_there(data: st.DataObject, size: int, largest: int) -> None:
    first = data.draw(st.integers(0, size))
    last = data.draw(st.integers(first, size))
    for content in (Synthetic(size), Stored(bytes(range(256)) * 4)):
        wanted = range(min(first, content.size), min(last, content.size))
        found = list(pieces(content, wanted, max(largest, 1000)))
        assert b"".join(found) == joined(content)[wanted.start : wanted.stop]
        assert all(0 < len(piece) <= max(largest, 1000) for piece in found)


def test_a_synthetic_blob_has_the_digest_of_its_bytes_and_is_the_same_again() -> None:
    blob = Synthetic(5 * PIECE + 3, seed=7)
    assert blob.digest == Digest.of(joined(blob)) == Synthetic(5 * PIECE + 3, seed=7).digest
    assert joined(blob).startswith(b"\x1f\x8b\x08")


def test_no_two_places_or_seeds_have_the_same_bytes() -> None:
    blocks = {
        hashlib.sha256(joined(Synthetic(4 * PIECE, seed), range(at, at + PIECE))).digest()
        for seed in (0, 1)
        for at in range(0, 4 * PIECE, PIECE)
    }
    assert len(blocks) == 8


@pytest.mark.parametrize("style", Style)
def test_an_image_has_a_synthetic_layer_in_its_place(style: Style) -> None:
    small = build_layer({"a": b"a"})
    image = build_image([small, BIG, BIG], style=style)
    layers = json.loads(image.top.content)["layers"]
    assert layers == [
        {"mediaType": style.layer, "digest": digest, "size": size}
        for digest, size in (
            (Digest.of(small.content), len(small.content)),
            (BIG.digest, BIG.size),
            (BIG.digest, BIG.size),
        )
    ]
    assert image.synthetic == build_index([image, image]).synthetic == (BIG,)


async def test_a_synthetic_layer_is_sent_in_little_memory(
    embedded: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    embedded.put(REPOSITORY, "1.0", build_image([BIG]))
    found, size = hashlib.sha256(), 0
    tracemalloc.start()
    async with client.get(url(embedded, f"blobs/{BIG.digest}")) as response:
        assert response.content_length == BIG.size
        async for piece in response.content.iter_any():
            found.update(piece)
            size += len(piece)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (size, found.hexdigest()) == (BIG.size, BIG.digest.encoded)
    assert peak < 8 * 1024 * 1024


async def test_a_part_of_a_synthetic_layer(
    embedded: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    embedded.put_blob(REPOSITORY, BIG)
    first = BIG.size - 1000
    got = await ask(
        client, "GET", url(embedded, f"blobs/{BIG.digest}"), {"Range": f"bytes={first}-"}
    )
    assert got.headers["Content-Range"] == f"bytes {first}-{BIG.size - 1}/{BIG.size}"
    assert got.body == joined(BIG, range(first, BIG.size))


async def upload(client: aiohttp.ClientSession, registry: EmbeddedRegistry, blob: Content) -> None:
    async def body() -> AsyncIterator[bytes]:
        for piece in pieces(blob, range(blob.size)):
            yield bytes(piece)

    address = closing(await open_session(client, registry), digest_of(blob))
    async with client.put(
        address, data=body(), headers={"Content-Length": str(blob.size)}
    ) as response:
        assert response.status == 201


def digest_of(blob: Content) -> Digest:
    assert isinstance(blob, Stored | Synthetic)
    return blob.digest


async def test_a_large_blob_is_checked_and_not_kept(client: aiohttp.ClientSession) -> None:
    async with EmbeddedRegistry(conduct=Conduct(keeps_blobs=False)) as registry:
        tracemalloc.start()
        await upload(client, registry, BIG)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 8 * 1024 * 1024
        assert registry.blob_size(REPOSITORY, BIG.digest) == BIG.size
        with pytest.raises(NotKeptError):
            registry.blob(REPOSITORY, BIG.digest)
        blob = url(registry, f"blobs/{BIG.digest}")
        assert (await ask(client, "HEAD", blob)).headers["Content-Length"] == str(BIG.size)
        assert (await ask(client, "GET", blob)).status == 500


async def test_a_large_blob_that_is_not_what_it_says_is_refused(
    client: aiohttp.ClientSession,
) -> None:
    async with EmbeddedRegistry(conduct=Conduct(keeps_blobs=False)) as registry:
        address = closing(await open_session(client, registry), DIGEST)
        got = await ask(client, "PUT", address, data=bytes(2 * KEPT_ANYWAY))
        assert got.status == 400
        assert registry.blob_size(REPOSITORY, DIGEST) is None


async def test_a_small_blob_is_kept_all_the_same(client: aiohttp.ClientSession) -> None:
    async with EmbeddedRegistry(conduct=Conduct(keeps_blobs=False)) as registry:
        await upload(client, registry, Stored(bytes(KEPT_ANYWAY)))
        assert registry.blob(REPOSITORY, Digest.of(bytes(KEPT_ANYWAY))) == bytes(KEPT_ANYWAY)


async def test_a_blob_may_have_a_sha512(
    embedded: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    digest = "sha512:" + hashlib.sha512(CONTENT).hexdigest()
    for content, status in ((CONTENT, 201), (CONTENT[1:], 400)):
        address = closing(await open_session(client, embedded), digest)
        assert (await ask(client, "PUT", address, data=content)).status == status


async def test_bytes_are_counted_by_session_and_by_blob(
    embedded: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    embedded.faults.add("PATCH", "*", CutRequest(100, loses_session=True))
    lost = await open_session(client, embedded)
    await send_raw("PATCH", lost, CONTENT)
    session = await open_session(client, embedded)
    session = onward(session, await ask(client, "PATCH", session, data=CONTENT[:1000]))
    await ask(client, "PUT", closing(session, DIGEST), data=CONTENT[1000:])
    counted = embedded.statistics
    assert [(one.repository, one.size, one.digest) for one in counted.sessions] == [
        (REPOSITORY, 100, ""),
        (REPOSITORY, len(CONTENT), DIGEST),
    ]
    assert [one.session for one in counted.sessions] == [lost.name, session.name]
    assert counted.received == 100 + len(CONTENT)
    assert counted.received_of(DIGEST) == len(CONTENT)


async def test_bytes_are_counted_as_they_are_sent(
    embedded: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    embedded.put_blob(REPOSITORY, CONTENT)
    embedded.faults.add("GET", "*", Cut(1000))
    blob = url(embedded, f"blobs/{DIGEST}")
    with pytest.raises(aiohttp.ClientPayloadError):
        await ask(client, "GET", blob)
    await ask(client, "GET", blob, {"Range": "bytes=1000-"})
    await ask(client, "HEAD", blob)
    assert embedded.statistics.sent_of(DIGEST) == embedded.statistics.sent == len(CONTENT)


async def test_requests_are_counted_by_method_and_kind(
    embedded: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    embedded.put_blob(REPOSITORY, CONTENT)
    await open_session(client, embedded)
    for method in ("HEAD", "GET", "GET"):
        await ask(client, method, url(embedded, f"blobs/{DIGEST}"))
    counted = embedded.statistics
    assert (counted.count(), counted.count("GET"), counted.count("GET", Kind.BLOB)) == (4, 2, 2)
    assert (counted.count(kind=Kind.BLOB), counted.count(kind=Kind.UPLOAD)) == (3, 1)
    assert counted.peak() == 1
    assert counted.peak("PUT") == counted.running() == 0


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/v2/", Kind.PING),
        ("/token", Kind.TOKEN),
        ("/v2/a/b/blobs/uploads/", Kind.UPLOAD),
        ("/v2/a/b/blobs/uploads/123", Kind.UPLOAD),
        ("/artifacts-uploads/a/uploads/123", Kind.UPLOAD),
        ("/v2/a/blobs/sha256:1", Kind.BLOB),
        ("/elsewhere/v2/a/blobs/sha256:1", Kind.BLOB),
        ("/v2/a/manifests/1.0", Kind.MANIFEST),
        ("/v2/a/tags/list", Kind.TAGS),
        ("/v2/a/referrers/sha256:1", Kind.REFERRERS),
        ("/favicon.ico", Kind.OTHER),
    ],
)
def test_what_a_request_is_about(path: str, kind: Kind) -> None:
    assert kind_of(path) is kind
