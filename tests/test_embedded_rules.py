"""What a registry refuses until its rules are lifted, and what it leaves to its conduct."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from yarl import URL

from registry_mirror.embedded.actions import CutRequest
from registry_mirror.embedded.auth import Account, Basic
from registry_mirror.embedded.conduct import Conduct, SessionPlace
from registry_mirror.embedded.faults import DENIED
from registry_mirror.embedded.images import build_image, build_layer
from registry_mirror.embedded.refusal import Refusal
from registry_mirror.embedded.rules import UploadLimits
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.embedded.statistics import Kind
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
from tests.registries import basic, push

CONTENT = bytes(range(256)) * 40
DIGEST = Digest.of(CONTENT)
IMAGE = build_image([build_layer({"hello": b"hello"})])
OWNER = Account("owner", "secret")
AUTHORIZED = {"Authorization": basic("owner", "secret")}


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def mount(registry: EmbeddedRegistry) -> str:
    return url(registry, f"blobs/uploads/?mount={DIGEST}&from=neighbour")


async def test_a_refused_mount_is_a_session(
    embedded: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    embedded.put_blob("neighbour", CONTENT)
    embedded.faults.refuse_mounts()
    got = await ask(client, "POST", mount(embedded))
    assert got.status == 202
    upload = closing(onward(URL(mount(embedded)), got), DIGEST)
    assert (await ask(client, "PUT", upload, data=CONTENT)).status == 201
    embedded.faults.clear()
    assert (await ask(client, "POST", mount(embedded))).status == 201


@pytest.mark.parametrize("status", [401, 404, 405])
async def test_a_mount_is_refused_and_an_upload_is_not(
    embedded: EmbeddedRegistry, client: aiohttp.ClientSession, status: int
) -> None:
    embedded.put_blob("neighbour", CONTENT)
    embedded.faults.refuse_mounts(Refusal(status, "UNSUPPORTED", "no mounts here"))
    assert (await ask(client, "POST", mount(embedded))).status == status
    assert (await ask(client, "POST", url(embedded, "blobs/uploads/"))).status == 202


async def test_the_least_size_of_a_chunk_is_announced_and_asked_for(
    embedded: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    embedded.faults.limit_uploads(UploadLimits(chunk_least=1000))
    for sizes, statuses in (((1000, 10), [202, 202]), ((10, 1000), [202, 400])):
        opened = await ask(client, "POST", url(embedded, "blobs/uploads/"))
        assert opened.headers["OCI-Chunk-Min-Length"] == "1000"
        upload, found = onward(URL(url(embedded, "")), opened), []
        for size in sizes:
            got = await ask(client, "PATCH", upload, data=CONTENT[:size])
            found.append(got.status)
            upload = onward(upload, got) if got.status == 202 else upload
        assert found == statuses


async def test_a_small_blob_may_come_in_a_chunk_of_its_own(
    embedded: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    embedded.faults.limit_uploads(UploadLimits(chunk_least=10**6))
    upload = await open_session(client, embedded)
    upload = onward(upload, await ask(client, "PATCH", upload, data=CONTENT))
    assert (await ask(client, "PUT", closing(upload, DIGEST))).status == 201


async def test_a_chunk_is_too_large_and_a_stream_is_not(
    embedded: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    embedded.faults.limit_uploads(UploadLimits(chunk_most=1000))
    upload = await open_session(client, embedded)
    got = await ask(client, "PATCH", upload, {"Content-Range": "0-1000"}, CONTENT[:1001])
    assert got.status == 416
    got = await ask(client, "PATCH", upload, {"Content-Range": "0-999"}, CONTENT[:1000])
    assert got.status == 202
    assert (await ask(client, "PATCH", onward(upload, got), data=CONTENT[1000:])).status == 202


async def test_a_closing_request_is_too_large(
    embedded: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    embedded.faults.limit_uploads(UploadLimits(whole_most=len(CONTENT) - 1))
    upload = await open_session(client, embedded)
    assert (await ask(client, "PUT", closing(upload, DIGEST), data=CONTENT)).status == 413
    upload = onward(upload, await ask(client, "PATCH", upload, data=CONTENT))
    assert (await ask(client, "PUT", closing(upload, DIGEST))).status == 201


async def test_too_many_requests_of_a_kind_at_once_are_refused(
    embedded: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    embedded.put_blob(REPOSITORY, CONTENT)
    embedded.put(REPOSITORY, "1.0", IMAGE)
    embedded.faults.limit_concurrency(2, Kind.BLOB)
    holds = [embedded.faults.hold("GET", "*/blobs/*") for _ in range(2)]
    blob = url(embedded, f"blobs/{DIGEST}")
    held = [asyncio.create_task(ask(client, "GET", blob)) for _ in holds]
    await embedded.statistics.until_running(2, "GET", Kind.BLOB)
    assert (await ask(client, "GET", blob)).status == 429
    assert (await ask(client, "GET", url(embedded, "manifests/1.0"))).status == 200
    for hold in holds:
        hold.released.set()
    assert [got.status for got in await asyncio.gather(*held)] == [200, 200]
    assert (await ask(client, "GET", blob)).status == 200
    assert embedded.statistics.peak("GET", Kind.BLOB) == 3


async def test_a_concurrency_counts_bodies_that_are_still_being_read(
    embedded: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    """The limit is for one method of the kind, and the refusal is the one asked for."""
    embedded.put_blob(REPOSITORY, bytes(32_000_000))
    digest = Digest.of(bytes(32_000_000))
    embedded.faults.limit_concurrency(1, Kind.BLOB, "GET", DENIED)
    async with client.get(url(embedded, f"blobs/{digest}")) as response:
        await response.content.readexactly(1)
        for method, status in (("GET", 403), ("HEAD", 200)):
            assert (await ask(client, method, url(embedded, f"blobs/{digest}"))).status == status
        assert len(await response.read()) == 32_000_000 - 1
    assert (await ask(client, "GET", url(embedded, f"blobs/{digest}"))).status == 200


async def test_a_session_dies_with_a_request_that_broke_off(client: aiohttp.ClientSession) -> None:
    async with EmbeddedRegistry(conduct=Conduct(keeps_sessions=False)) as registry:
        registry.faults.add("PATCH", "*", CutRequest(100))
        upload = await open_session(client, registry)
        assert await send_raw("PATCH", upload, CONTENT) == b""
        for method in ("GET", "PATCH", "PUT"):
            got = await ask(client, method, closing(upload, DIGEST))
            assert got.status == 404
            assert b"BLOB_UPLOAD_INVALID" in got.body


@pytest.mark.parametrize("relative", [True, False])
@pytest.mark.parametrize("place", SessionPlace)
async def test_sessions_live_where_they_are_said_to(
    client: aiohttp.ClientSession, place: SessionPlace, *, relative: bool
) -> None:
    conduct = Conduct(sessions_at=place, relative_location=relative)
    async with EmbeddedRegistry(Basic((OWNER,)), conduct) as registry:
        upload = await open_session(client, registry, AUTHORIZED)
        elsewhere = place is SessionPlace.OTHER_HOST
        assert upload.authority == (registry.other_host if elsewhere else registry.host)
        assert upload.path.startswith("/v2/") == (place is SessionPlace.HERE)
        headers = {} if elsewhere else AUTHORIZED
        got = await ask(client, "PATCH", upload, headers, CONTENT[:100])
        assert got.status == 202
        upload = onward(upload, await ask(client, "GET", onward(upload, got), headers))
        got = await ask(client, "PUT", closing(upload, DIGEST), headers, CONTENT[100:])
        assert got.status == 201
        assert registry.blob(REPOSITORY, DIGEST) == CONTENT


async def test_an_image_is_pushed_wherever_sessions_live() -> None:
    for place in SessionPlace:
        async with EmbeddedRegistry(conduct=Conduct(sessions_at=place)) as registry:
            await push(registry.host, REPOSITORY, "1.0", IMAGE)
            assert registry.tags(REPOSITORY) == ("1.0",)


async def redirected(client: aiohttp.ClientSession, registry: EmbeddedRegistry) -> URL:
    blob = URL(url(registry, f"blobs/{DIGEST}"))
    got = await ask(client, "GET", blob, AUTHORIZED)
    assert (got.status, got.body) == (307, b"")
    return onward(blob, got)


@pytest.fixture
async def redirecting() -> AsyncIterator[EmbeddedRegistry]:
    conduct = Conduct(redirects_blobs=True)
    async with EmbeddedRegistry(Basic((OWNER,)), conduct) as registry:
        registry.put_blob(REPOSITORY, CONTENT)
        yield registry


async def test_a_blob_is_sent_by_another_host(
    redirecting: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    place = await redirected(client, redirecting)
    assert place.authority == redirecting.other_host != redirecting.host
    assert (await ask(client, "GET", place)).body == CONTENT
    part = await ask(client, "GET", place, {"Range": "bytes=100-"})
    assert (part.status, part.body) == (206, CONTENT[100:])
    seen = redirecting.requests[1:]
    assert [(one.host, one.authorized, one.range) for one in seen] == [
        (redirecting.other_host, False, ""),
        (redirecting.other_host, False, "bytes=100-"),
    ]
    assert redirecting.statistics.sent_of(DIGEST) == 2 * len(CONTENT) - 100


async def test_head_of_a_blob_is_not_sent_away(
    redirecting: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    got = await ask(client, "HEAD", url(redirecting, f"blobs/{DIGEST}"), AUTHORIZED)
    assert (got.status, got.headers["Content-Length"]) == (200, str(len(CONTENT)))


async def test_the_other_host_takes_no_authorization_and_no_other_url(
    redirecting: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    place = await redirected(client, redirecting)
    assert (await ask(client, "GET", place, AUTHORIZED)).status == 400
    for changed in (
        URL(str(place)),
        URL(str(place).replace("%2F", "/"), encoded=True),
        URL(str(place) + "0", encoded=True),
        URL(str(place).partition("?")[0], encoded=True),
        URL(str(place).replace(DIGEST, Digest.of(b"other")), encoded=True),
    ):
        assert str(changed) != str(place)
        assert (await ask(client, "GET", changed)).status == 403
    assert (await ask(client, "GET", place)).status == 200
    redirecting.expire_urls()
    assert (await ask(client, "GET", place)).status == 403
    assert (await ask(client, "GET", await redirected(client, redirecting))).status == 200


async def test_the_other_host_has_faults_of_its_own(
    redirecting: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    redirecting.faults.cut("GET", "/elsewhere/*", after=10)
    place = await redirected(client, redirecting)
    with pytest.raises(aiohttp.ClientPayloadError):
        await ask(client, "GET", place)
    assert redirecting.statistics.sent_of(DIGEST) == 10
