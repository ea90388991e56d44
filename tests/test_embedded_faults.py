import asyncio
import logging
from collections.abc import AsyncIterator

import aiohttp
import pytest
from yarl import URL

from registry_mirror.embedded.faults import INTERNAL_ERROR, too_many_requests
from registry_mirror.embedded.images import build_image, build_layer
from registry_mirror.embedded.refusal import Refusal
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.oci.digest import Digest
from tests.registries import location, push

IMAGE = build_image([build_layer({"hello": b"hello"})])
OTHER = build_image([build_layer({"hello": b"other"})])


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def filled(embedded: EmbeddedRegistry) -> EmbeddedRegistry:
    embedded.put("team/app", "1.0", IMAGE)
    return embedded


def url(registry: EmbeddedRegistry, path: str) -> str:
    return f"http://{registry.host}/v2/{path}"


async def statuses(client: aiohttp.ClientSession, address: str, times: int) -> list[int]:
    found = []
    for _ in range(times):
        async with client.get(address) as response:
            found.append(response.status)
    return found


async def test_a_failure_ends_after_its_times(
    filled: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    fault = filled.faults.fail("GET", "*/manifests/1.0", times=2)
    manifest = url(filled, "team/app/manifests/1.0")
    assert await statuses(client, manifest, 3) == [503, 503, 200]
    assert fault.hits == 2
    assert [seen.status for seen in filled.requests] == [503, 503, 200]


async def test_faults_are_met_in_the_order_in_which_they_were_added(
    filled: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    filled.faults.fail("GET", "*", INTERNAL_ERROR)
    filled.faults.fail("*", "*/manifests/*")
    assert await statuses(client, url(filled, "team/app/manifests/1.0"), 3) == [500, 503, 200]


async def test_other_requests_are_spared(
    filled: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    filled.faults.fail("HEAD", "*", times=None)
    filled.faults.fail("GET", "*/manifests/2.0", times=None)
    assert await statuses(client, url(filled, "team/app/manifests/1.0"), 1) == [200]


async def test_a_refusal_has_its_headers_and_its_error(
    filled: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    filled.faults.fail("GET", "*", too_many_requests("7"))
    async with client.get(url(filled, "team/app/manifests/1.0")) as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "7")
        errors = (await response.json())["errors"]
    assert errors == [{"code": "TOOMANYREQUESTS", "message": "too many requests"}]


async def test_what_is_denied_stays_denied(
    filled: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    filled.faults.deny("/v2/team/*")
    assert await statuses(client, url(filled, "team/app/manifests/1.0"), 3) == [403, 403, 403]
    assert await statuses(client, url(filled, ""), 1) == [200]


async def test_a_request_is_held_until_it_is_released(
    filled: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    hold = filled.faults.hold("GET", "*/manifests/*")
    request = asyncio.create_task(statuses(client, url(filled, "team/app/manifests/1.0"), 1))
    await asyncio.wait_for(hold.arrived.wait(), 5)
    assert await statuses(client, url(filled, ""), 1) == [200]
    assert not request.done()
    hold.released.set()
    assert await request == [200]


async def test_a_registry_ends_although_a_request_is_held(client: aiohttp.ClientSession) -> None:
    async with EmbeddedRegistry() as registry:
        hold = registry.faults.hold("GET", "*")
        request = asyncio.create_task(statuses(client, url(registry, ""), 1))
        await asyncio.wait_for(hold.arrived.wait(), 5)
    assert await request == [200]


async def test_a_dropped_connection_has_no_answer(
    filled: EmbeddedRegistry, client: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    filled.faults.drop("POST", "*")  # a GET would be repeated by the client
    uploads = url(filled, "team/app/blobs/uploads/")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await client.post(uploads)
    async with client.post(uploads) as response:
        assert response.status == 202
    assert [seen.status for seen in filled.requests] == [None, 202]
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_an_answer_is_cut_short(
    filled: EmbeddedRegistry, client: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    layer = IMAGE.blobs[1]
    filled.faults.cut("GET", "*/blobs/*", after=10)
    blob = url(filled, f"team/app/blobs/{layer.digest}")
    async with client.get(blob) as response:
        assert response.content_length == len(layer.content)
        assert await response.content.readexactly(10) == layer.content[:10]
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.read()
    async with client.get(blob, headers={"Range": "bytes=10-"}) as response:
        assert await response.read() == layer.content[10:]
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("status", [400, 409])
async def test_an_immutable_tag_is_set_once(embedded: EmbeddedRegistry, status: int) -> None:
    embedded.faults.make_tags_immutable(Refusal(status, "TAG_INVALID", "immutable"))
    await push(embedded.host, "team/app", "1.0", IMAGE)
    with pytest.raises(aiohttp.ClientResponseError) as refused:
        await push(embedded.host, "team/app", "1.0", OTHER)
    assert refused.value.status == status
    assert embedded.manifest("team/app", "1.0") == (IMAGE.top.media_type, IMAGE.top.content)
    await push(embedded.host, "team/app", "2.0", OTHER)
    assert embedded.tags("team/app") == ("1.0", "2.0")


async def test_a_quota_is_noticed_when_the_blob_has_arrived(
    embedded: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    embedded.faults.limit_storage(100)
    async with client.post(url(embedded, "app/blobs/uploads/")) as response:
        upload = location(response)
    async with client.patch(upload, data=b"x" * 101) as response:
        assert response.status == 202
        upload = location(response)
    digest = Digest.of(b"x" * 101)
    async with client.put(upload.extend_query(digest=digest)) as response:
        assert response.status == 403
        assert (await response.json())["errors"][0]["code"] == "DENIED"
    assert embedded.blob("app", digest) is None


async def test_what_fits_into_the_quota_is_taken_and_counted_once(
    embedded: EmbeddedRegistry,
) -> None:
    embedded.faults.limit_storage(sum(len(blob.content) for blob in IMAGE.blobs))
    await push(embedded.host, "one", "1.0", IMAGE)
    await push(embedded.host, "two", "1.0", IMAGE)
    with pytest.raises(aiohttp.ClientResponseError):
        await push(embedded.host, "one", "2.0", OTHER)


async def test_faults_are_lifted_together(
    filled: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    filled.faults.deny("*")
    filled.faults.make_tags_immutable()
    filled.faults.limit_storage(0)
    filled.faults.clear()
    assert await statuses(client, url(filled, ""), 1) == [200]
    await push(filled.host, "team/app", "1.0", OTHER)


async def test_a_request_that_broke_off_keeps_what_arrived(
    embedded: EmbeddedRegistry, client: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    async with client.post(url(embedded, "app/blobs/uploads/")) as response:
        upload = location(response)
    _, writer = await asyncio.open_connection("127.0.0.1", upload.port)
    head = (
        f"PATCH {upload.raw_path_qs} HTTP/1.1\r\nHost: {embedded.host}\r\nContent-Length: 9\r\n\r\n"
    )
    writer.write(head.encode() + b"hello")
    await writer.drain()
    await arrived(client, upload, "0-4")
    writer.close()
    await writer.wait_closed()
    upload = await arrived(client, upload, "0-4")
    digest = Digest.of(b"hello all")
    async with client.put(upload.extend_query(digest=digest), data=b" all") as response:
        assert response.status == 201
    assert embedded.blob("app", digest) == b"hello all"
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def arrived(client: aiohttp.ClientSession, upload: URL, expected: str) -> URL:
    async with asyncio.timeout(5):
        while True:
            async with client.get(upload) as response:
                if response.headers["Range"] == expected:
                    return location(response)
