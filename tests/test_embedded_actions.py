"""Every fault does what it says, and only that."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp
import pytest

from registry_mirror.embedded.actions import (
    Action,
    AlterHeaders,
    Corrupt,
    CutRequest,
    ExpireTokens,
    Hold,
    LoseSession,
    OtherBody,
    OtherRange,
    Present,
    Reply,
    Silence,
    Slow,
    SlowRequest,
    Stall,
    StallRequest,
)
from registry_mirror.embedded.auth import Account, Tokens
from registry_mirror.embedded.faults import MANIFEST_BLOB_UNKNOWN, too_many_requests_until
from registry_mirror.embedded.images import build_image, build_layer
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.oci.digest import Digest
from tests.embedded_calls import REPOSITORY, ask, closing, onward, open_session, send_raw, url
from tests.registries import basic, push

CONTENT = bytes(range(256)) * 4000
DIGEST = Digest.of(CONTENT)
IMAGE = build_image([build_layer({"hello": b"hello"})])


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def filled(embedded: EmbeddedRegistry) -> EmbeddedRegistry:
    embedded.put(REPOSITORY, "1.0", IMAGE)
    embedded.put_blob(REPOSITORY, CONTENT)
    return embedded


def blob(registry: EmbeddedRegistry) -> str:
    return url(registry, f"blobs/{DIGEST}")


def manifest(registry: EmbeddedRegistry) -> str:
    return url(registry, "manifests/1.0")


async def test_a_date_to_come_back_is_relative_to_the_date_of_the_answer(
    filled: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    wrong_clock = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)
    filled.faults.fail("GET", "*", too_many_requests_until(90, wrong_clock))
    got = await ask(client, "GET", manifest(filled))
    dates = [parsedate_to_datetime(got.headers[name]) for name in ("Date", "Retry-After")]
    assert got.status == 429
    assert dates[0] == wrong_clock
    assert (dates[1] - dates[0]).total_seconds() == 90


async def test_any_answer_can_be_given(
    filled: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    html = (("Content-Type", "text/html"),)
    filled.faults.add("GET", "*", Reply(502, html, b"<h1>Bad gateway</h1>"))
    got = await ask(client, "GET", manifest(filled))
    assert (got.status, got.headers["Content-Type"]) == (502, "text/html")
    assert got.body == b"<h1>Bad gateway</h1>"


async def test_head_says_that_there_is_what_is_not_there(
    embedded: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    embedded.faults.add("HEAD", "*/blobs/*", Present(123))
    got = await ask(client, "HEAD", blob(embedded))
    assert (got.status, got.headers["Content-Length"]) == (200, "123")
    assert got.headers["Docker-Content-Digest"] == DIGEST
    assert (await ask(client, "GET", blob(embedded))).status == 404


async def test_a_header_is_missing_or_another(
    filled: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    changes = (("Docker-Content-Digest", None), ("Content-Type", "text/plain"))
    filled.faults.add("*", "*/manifests/*", AlterHeaders(changes), times=2)
    for method, body in (("HEAD", b""), ("GET", IMAGE.top.content)):
        got = await ask(client, method, manifest(filled))
        assert (got.status, got.body) == (200, body)
        assert "Docker-Content-Digest" not in got.headers
        assert got.headers["Content-Type"] == "text/plain"


async def test_a_content_range_lies(
    filled: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    filled.faults.add("GET", "*/blobs/*", AlterHeaders((("Content-Range", "bytes 0-9/10"),)))
    got = await ask(client, "GET", blob(filled), {"Range": "bytes=100-"})
    assert (got.status, got.headers["Content-Range"]) == (206, "bytes 0-9/10")
    assert got.body == CONTENT[100:]


@pytest.mark.parametrize(
    ("asked", "status", "body"), [("", 200, CONTENT), ("bytes=90-99", 206, CONTENT[90:100])]
)
async def test_a_range_is_ignored_or_another(
    filled: EmbeddedRegistry,
    client: aiohttp.ClientSession,
    asked: str,
    status: int,
    body: bytes,
) -> None:
    filled.faults.add("GET", "*/blobs/*", OtherRange(asked))
    got = await ask(client, "GET", blob(filled), {"Range": "bytes=100-"})
    assert (got.status, got.body) == (status, body)
    assert ("Content-Range" in got.headers) == bool(asked)


@pytest.mark.parametrize("at", [0, 1, 300_000, len(CONTENT) - 1])
async def test_a_byte_of_a_blob_is_another_under_the_same_headers(
    filled: EmbeddedRegistry, client: aiohttp.ClientSession, at: int
) -> None:
    filled.faults.add("GET", "*/blobs/*", Corrupt(at))
    got = await ask(client, "GET", blob(filled))
    assert got.headers["Docker-Content-Digest"] == DIGEST
    assert [n for n, (a, b) in enumerate(zip(got.body, CONTENT, strict=True)) if a != b] == [at]
    assert (await ask(client, "GET", blob(filled))).body == CONTENT


async def test_a_manifest_is_another_under_the_same_headers(
    filled: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    filled.faults.add("GET", "*/manifests/*", OtherBody(IMAGE.top.content + b"\n"))
    got = await ask(client, "GET", manifest(filled))
    assert got.body == IMAGE.top.content + b"\n"
    assert got.headers["Docker-Content-Digest"] == IMAGE.top.digest


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_silence_lasts_until_the_faults_are_lifted(
    filled: EmbeddedRegistry, method: str
) -> None:
    filled.faults.add(method, "*", Silence())
    asked = asyncio.create_task(send_raw(method, url(filled, "blobs/uploads/")))
    await filled.statistics.until_running(1)
    assert (await asyncio.wait({asked}, timeout=0.05))[1] == {asked}
    filled.faults.clear()
    assert await asyncio.wait_for(asked, 5) == b""


async def test_an_answer_falls_silent(
    filled: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    filled.faults.add("GET", "*/blobs/*", Stall(300_000))
    async with client.get(blob(filled)) as response:
        assert await response.content.readexactly(300_000) == CONTENT[:300_000]
        more = asyncio.ensure_future(response.content.read(1))
        assert (await asyncio.wait({more}, timeout=0.05))[1] == {more}
        filled.faults.clear()
        with pytest.raises(aiohttp.ClientError):
            await more


async def test_an_answer_is_slow(filled: EmbeddedRegistry, client: aiohttp.ClientSession) -> None:
    filled.faults.add("GET", "*/blobs/*", Slow(10 * len(CONTENT)))
    started = asyncio.get_running_loop().time()
    assert (await ask(client, "GET", blob(filled))).body == CONTENT
    assert asyncio.get_running_loop().time() - started > 0.09


async def test_what_is_slow_is_so_until_the_faults_are_lifted(
    filled: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    filled.faults.add("GET", "*/blobs/*", Slow(len(CONTENT) / 100))
    async with client.get(blob(filled)) as response:
        begun = await response.content.readany()
        filled.faults.clear()
        async with asyncio.timeout(30):
            assert begun + await response.content.read() == CONTENT


async def test_a_body_is_read_slowly(
    embedded: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    embedded.faults.add("PATCH", "*", SlowRequest(10 * len(CONTENT)))
    upload = await open_session(client, embedded)
    started = asyncio.get_running_loop().time()
    assert (await ask(client, "PATCH", upload, data=CONTENT)).status == 202
    assert asyncio.get_running_loop().time() - started > 0.09


@pytest.mark.parametrize("after", [0, 1, 300_000, len(CONTENT)])
async def test_a_body_is_cut_and_what_came_is_kept(
    embedded: EmbeddedRegistry, client: aiohttp.ClientSession, after: int
) -> None:
    embedded.faults.add("PATCH", "*", CutRequest(after))
    upload = await open_session(client, embedded)
    with pytest.raises((aiohttp.ClientError, ConnectionError)):
        await ask(client, "PATCH", upload, data=CONTENT)
    status = await ask(client, "GET", upload)
    assert status.headers["Range"] == f"0-{max(after - 1, 0)}"
    upload = onward(upload, status)
    got = await ask(client, "PUT", closing(upload, DIGEST), data=CONTENT[after:])
    assert got.status == 201
    assert embedded.blob(REPOSITORY, DIGEST) == CONTENT
    assert embedded.statistics.received_of(DIGEST) == len(CONTENT)


async def test_a_body_is_cut_and_the_session_is_lost(
    embedded: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    embedded.faults.add("PATCH", "*", CutRequest(1000, loses_session=True))
    upload = await open_session(client, embedded)
    with pytest.raises((aiohttp.ClientError, ConnectionError)):
        await ask(client, "PATCH", upload, data=CONTENT)
    got = await ask(client, "GET", upload)
    assert got.status == 404
    assert b"BLOB_UPLOAD_UNKNOWN" in got.body


async def test_a_closing_body_is_cut(
    embedded: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    embedded.faults.add("PUT", "*/uploads/*", CutRequest(1000))
    upload = await open_session(client, embedded)
    assert await send_raw("PUT", closing(upload, DIGEST), CONTENT) == b""
    assert embedded.blob(REPOSITORY, DIGEST) is None
    assert (await ask(client, "GET", upload)).headers["Range"] == "0-999"


async def test_a_manifest_that_is_cut_is_not_put(filled: EmbeddedRegistry) -> None:
    filled.faults.add("PUT", "*/manifests/*", CutRequest(10))
    assert await send_raw("PUT", url(filled, "manifests/2.0"), IMAGE.top.content) == b""
    assert filled.tags(REPOSITORY) == ("1.0",)


async def test_nothing_more_is_read(
    embedded: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    embedded.faults.add("PATCH", "*", StallRequest(1000))
    upload = await open_session(client, embedded)
    sending = asyncio.create_task(ask(client, "PATCH", upload, data=CONTENT))
    await embedded.statistics.until_running(1, "PATCH")
    assert (await asyncio.wait({sending}, timeout=0.05))[1] == {sending}
    embedded.faults.clear()
    with pytest.raises((aiohttp.ClientError, ConnectionError)):
        await sending
    assert embedded.statistics.received == 1000


@pytest.mark.parametrize("method", ["PATCH", "PUT", "GET"])
async def test_a_session_is_lost_at_the_next_request(
    embedded: EmbeddedRegistry, client: aiohttp.ClientSession, method: str
) -> None:
    embedded.faults.add(method, "*/uploads/*", LoseSession())
    upload = await open_session(client, embedded)
    for _ in range(2):
        got = await ask(client, method, closing(upload, DIGEST))
        assert got.status == 404
        assert b"BLOB_UPLOAD_UNKNOWN" in got.body


async def test_a_token_ends_while_a_chunk_is_on_its_way(client: aiohttp.ClientSession) -> None:
    owner = Account("owner", "secret")
    async with EmbeddedRegistry(Tokens((owner,))) as registry:
        registry.faults.add("PATCH", "*", ExpireTokens())
        address = f"http://{registry.host}/token?scope=repository:{REPOSITORY}:pull,push"
        async with client.get(
            address, headers={"Authorization": basic("owner", "secret")}
        ) as response:
            headers = {"Authorization": f"Bearer {(await response.json())['token']}"}
        upload = await open_session(client, registry, headers)
        got = await ask(client, "PATCH", upload, headers, CONTENT)
        assert got.status == 202
        upload = closing(onward(upload, got), DIGEST)
        got = await ask(client, "PUT", upload, headers)
        assert got.status == 401
        assert 'error="invalid_token"' in got.headers["WWW-Authenticate"]


async def test_blobs_are_unknown_to_the_first_manifests(embedded: EmbeddedRegistry) -> None:
    embedded.faults.fail("PUT", "*/manifests/*", MANIFEST_BLOB_UNKNOWN, times=2)
    for _ in range(2):
        with pytest.raises(aiohttp.ClientResponseError) as refused:
            await push(embedded.host, REPOSITORY, "1.0", IMAGE)
        assert refused.value.status == 400
    await push(embedded.host, REPOSITORY, "1.0", IMAGE)
    assert embedded.tags(REPOSITORY) == ("1.0",)


@pytest.mark.parametrize("action", [Hold(), Stall(5), Silence(), StallRequest(5)])
async def test_a_registry_ends_although_a_fault_is_at_work(action: Action) -> None:
    async with EmbeddedRegistry() as registry:
        registry.put(REPOSITORY, "1.0", IMAGE)
        registry.faults.add("*", "*", action)
        method = "PUT" if isinstance(action, StallRequest) else "GET"
        asked = asyncio.create_task(send_raw(method, manifest(registry), IMAGE.top.content))
        await registry.statistics.until_running(1)
    await asyncio.wait_for(asked, 5)
