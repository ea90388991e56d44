"""What a client may rely on, checked on every registry there is.

Where a real one is known to do otherwise, `Server` says so and the test asks for what it does.
"""

import asyncio
import io
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from yarl import URL

from registry_mirror.embedded.images import (
    BuiltImage,
    Style,
    build_image,
    build_index,
    build_layer,
)
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.platform import Platform
from tests.registries import Server, location, push

CONTENT = bytes(range(256)) * 40
DIGEST = Digest.of(CONTENT)
ABSENT = Digest.of(b"absent")
REPOSITORY = "team/app"


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(auto_decompress=False, requote_redirect_url=False) as session:
        yield session


def image(style: Style = Style.OCI, platform: str = "linux/amd64") -> BuiltImage:
    layers = [build_layer({"base": b"base"}), build_layer({"platform": platform.encode()})]
    return build_image(layers, Platform.parse(platform), style)


def url(server: Server, path: str, repository: str = REPOSITORY) -> str:
    return f"{server.url}/v2/{repository}/{path}"


async def opened(client: aiohttp.ClientSession, server: Server) -> URL:
    async with client.post(url(server, "blobs/uploads/")) as response:
        assert response.status == 202
        return location(response)


async def codes(response: aiohttp.ClientResponse) -> list[str]:
    document = json.loads(await response.read())
    return [error["code"] for error in document["errors"]]


async def put_blob(
    client: aiohttp.ClientSession, server: Server, content: bytes = CONTENT
) -> Digest:
    upload = await opened(client, server)
    digest = Digest.of(content)
    async with client.put(upload.extend_query(digest=digest), data=io.BytesIO(content)) as response:
        assert response.status == 201
        return digest


async def test_ping_says_that_this_is_a_registry(
    any_registry: Server, client: aiohttp.ClientSession
) -> None:
    async with client.get(f"{any_registry.url}/v2/") as response:
        assert response.status == 200


@pytest.mark.parametrize("style", Style)
async def test_what_is_pushed_is_pulled_byte_for_byte(
    any_registry: Server, client: aiohttp.ClientSession, style: Style
) -> None:
    pushed = image(style)
    await push(any_registry.host, REPOSITORY, "1.0", pushed)
    for reference in ("1.0", pushed.top.digest):
        async with client.get(
            url(any_registry, f"manifests/{reference}"), headers={"Accept": pushed.top.media_type}
        ) as response:
            assert await response.read() == pushed.top.content
            assert response.content_type == pushed.top.media_type
            assert response.headers["Docker-Content-Digest"] == pushed.top.digest
    for blob in pushed.blobs:
        async with client.get(url(any_registry, f"blobs/{blob.digest}")) as response:
            assert await response.read() == blob.content


@pytest.mark.parametrize("style", Style)
async def test_an_index_is_kept_with_its_children(
    any_registry: Server, client: aiohttp.ClientSession, style: Style
) -> None:
    pushed = build_index([image(style), image(style, "linux/arm64/v8")], style)
    await push(any_registry.host, REPOSITORY, "1.0", pushed)
    for manifest in (pushed.top, *pushed.manifests):
        async with client.get(
            url(any_registry, f"manifests/{manifest.digest}"),
            headers={"Accept": manifest.media_type},
        ) as response:
            assert await response.read() == manifest.content


async def test_head_of_a_manifest_tells_type_size_and_digest(
    any_registry: Server, client: aiohttp.ClientSession
) -> None:
    pushed = image()
    await push(any_registry.host, REPOSITORY, "1.0", pushed)
    async with client.head(
        url(any_registry, "manifests/1.0"), headers={"Accept": pushed.top.media_type}
    ) as response:
        assert response.status == 200
        assert response.content_type == pushed.top.media_type
        assert response.content_length == len(pushed.top.content)
        assert response.headers["Docker-Content-Digest"] == pushed.top.digest


async def test_head_of_a_blob_tells_its_size(
    any_registry: Server, client: aiohttp.ClientSession
) -> None:
    digest = await put_blob(client, any_registry)
    async with client.head(url(any_registry, f"blobs/{digest}")) as response:
        assert (response.status, response.content_length) == (200, len(CONTENT))


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-5", 0, 5), ("bytes=100-199", 100, 199), ("bytes=10000-", 10000, 10239)],
)
async def test_a_range_of_a_blob(
    any_registry: Server, client: aiohttp.ClientSession, asked: str, first: int, last: int
) -> None:
    digest = await put_blob(client, any_registry)
    async with client.get(
        url(any_registry, f"blobs/{digest}"), headers={"Range": asked}
    ) as response:
        assert response.status == 206
        assert response.headers["Content-Range"] == f"bytes {first}-{last}/{len(CONTENT)}"
        assert await response.read() == CONTENT[first : last + 1]


async def test_a_range_past_the_end_is_refused(
    any_registry: Server, client: aiohttp.ClientSession
) -> None:
    digest = await put_blob(client, any_registry)
    # the length that docker-registry declares here isn't that of its body
    async with client.get(
        url(any_registry, f"blobs/{digest}"), headers={"Range": f"bytes={len(CONTENT)}-"}
    ) as response:
        assert response.status == 416
        response.close()


async def test_a_single_post_makes_a_blob_or_opens_a_session(
    any_registry: Server, client: aiohttp.ClientSession
) -> None:
    async with client.post(
        url(any_registry, f"blobs/uploads/?digest={DIGEST}"), data=io.BytesIO(CONTENT)
    ) as response:
        assert response.status == (201 if any_registry.single_post else 202)
        assert "Location" in response.headers


async def test_chunks_make_a_blob(any_registry: Server, client: aiohttp.ClientSession) -> None:
    upload = await opened(client, any_registry)
    for first in range(0, len(CONTENT), 4096):
        chunk = CONTENT[first : first + 4096]
        async with client.patch(
            upload,
            data=chunk,
            headers={"Content-Range": f"{first}-{first + len(chunk) - 1}"},
        ) as response:
            assert response.status == 202
            assert response.headers["Range"] == f"0-{first + len(chunk) - 1}"
            upload = location(response)
    async with client.put(upload.extend_query(digest=DIGEST)) as response:
        assert response.status == 201
    async with client.get(url(any_registry, f"blobs/{DIGEST}")) as response:
        assert await response.read() == CONTENT


async def test_the_last_chunk_may_come_with_the_closing_request(
    any_registry: Server, client: aiohttp.ClientSession
) -> None:
    upload = await opened(client, any_registry)
    async with client.patch(upload, data=CONTENT[:100]) as response:
        upload = location(response)
    async with client.put(upload.extend_query(digest=DIGEST), data=CONTENT[100:]) as response:
        assert response.status == 201
        assert response.headers["Docker-Content-Digest"] == DIGEST


async def test_a_chunk_out_of_place_never_becomes_part_of_a_blob(
    any_registry: Server, client: aiohttp.ClientSession
) -> None:
    upload = await opened(client, any_registry)
    async with client.patch(
        upload, data=CONTENT[10:20], headers={"Content-Range": "10-19"}
    ) as response:
        if any_registry.checks_content_range:
            assert response.status == 416
            return
        upload = location(response)
    async with client.put(upload.extend_query(digest=DIGEST), data=CONTENT[20:]) as response:
        assert response.status == 400


async def test_a_session_tells_how_far_it_got(
    any_registry: Server, client: aiohttp.ClientSession
) -> None:
    upload = await opened(client, any_registry)
    async with client.patch(upload, data=CONTENT[:1000]) as response:
        upload = location(response)
    async with client.get(upload) as response:
        assert (response.status, response.headers["Range"]) == (204, "0-999")
        upload = location(response)
    async with client.put(upload.extend_query(digest=DIGEST), data=CONTENT[1000:]) as response:
        assert response.status == 201


async def test_a_cancelled_session_is_gone(
    any_registry: Server, client: aiohttp.ClientSession
) -> None:
    upload = await opened(client, any_registry)
    async with client.delete(upload) as response:
        assert response.status == 204
    async with client.get(upload) as response:
        assert response.status == 404


async def test_content_that_does_not_have_the_digest_is_refused(
    any_registry: Server, client: aiohttp.ClientSession
) -> None:
    upload = await opened(client, any_registry)
    async with client.put(upload.extend_query(digest=ABSENT), data=CONTENT) as response:
        assert response.status == 400
        assert await codes(response) == ["DIGEST_INVALID"]
    for digest in (ABSENT, DIGEST):
        async with client.head(url(any_registry, f"blobs/{digest}")) as response:
            assert response.status == 404


async def test_a_blob_is_mounted_from_a_neighbour(
    any_registry: Server, client: aiohttp.ClientSession
) -> None:
    digest = await put_blob(client, any_registry)
    other = f"blobs/uploads/?mount={digest}&from={REPOSITORY}"
    async with client.post(url(any_registry, other, "team/other")) as response:
        assert response.status == 201
    async with client.head(url(any_registry, f"blobs/{digest}", "team/other")) as response:
        assert response.status == 200


async def test_a_mount_that_cannot_be_opens_a_session(
    any_registry: Server, client: aiohttp.ClientSession
) -> None:
    mount = f"blobs/uploads/?mount={DIGEST}&from=nobody/nothing"
    async with client.post(url(any_registry, mount)) as response:
        assert response.status == 202
        upload = location(response)
    async with client.put(upload.extend_query(digest=DIGEST), data=CONTENT) as response:
        assert response.status == 201


async def test_a_blob_is_known_only_where_it_was_pushed(
    any_registry: Server, client: aiohttp.ClientSession
) -> None:
    digest = await put_blob(client, any_registry)
    async with client.get(url(any_registry, f"blobs/{digest}", "team/other")) as response:
        assert response.status == 404
        assert set(await codes(response)) <= {"BLOB_UNKNOWN", "NAME_UNKNOWN"}


async def test_a_manifest_without_its_blobs_is_refused(
    any_registry: Server, client: aiohttp.ClientSession
) -> None:
    top = image().top
    async with client.put(
        url(any_registry, "manifests/1.0"),
        data=top.content,
        headers={"Content-Type": top.media_type},
    ) as response:
        assert response.status in {400, 404}
        assert set(await codes(response)) == {"MANIFEST_BLOB_UNKNOWN"}
    async with client.head(url(any_registry, "manifests/1.0")) as response:
        assert response.status == 404


async def test_an_index_without_its_children_is_refused(
    any_registry: Server, client: aiohttp.ClientSession
) -> None:
    top = build_index([image()]).top
    async with client.put(
        url(any_registry, "manifests/1.0"),
        data=top.content,
        headers={"Content-Type": top.media_type},
    ) as response:
        assert response.status in {400, 404}


async def test_a_manifest_under_another_digest_is_refused(
    any_registry: Server, client: aiohttp.ClientSession
) -> None:
    pushed = image()
    await push(any_registry.host, REPOSITORY, "1.0", pushed)
    async with client.put(
        url(any_registry, f"manifests/{ABSENT}"),
        data=pushed.top.content,
        headers={"Content-Type": pushed.top.media_type},
    ) as response:
        assert response.status == 400
        assert await codes(response) == ["DIGEST_INVALID"]


async def test_what_is_no_manifest_is_refused(
    any_registry: Server, client: aiohttp.ClientSession
) -> None:
    media_type = image().top.media_type
    async with client.put(
        url(any_registry, "manifests/1.0"), data=b"{", headers={"Content-Type": media_type}
    ) as response:
        assert response.status == 400
        assert await codes(response) == ["MANIFEST_INVALID"]


async def test_an_unknown_tag_and_an_unknown_repository(
    any_registry: Server, client: aiohttp.ClientSession
) -> None:
    await push(any_registry.host, REPOSITORY, "1.0", image())
    async with client.get(url(any_registry, "manifests/2.0")) as response:
        assert response.status == 404
        assert await codes(response) == ["MANIFEST_UNKNOWN"]
    async with client.get(url(any_registry, "manifests/1.0", "no/where")) as response:
        assert response.status == 404
        assert set(await codes(response)) <= {"MANIFEST_UNKNOWN", "NAME_UNKNOWN"}


async def test_a_tag_moves_and_the_old_manifest_stays(
    any_registry: Server, client: aiohttp.ClientSession
) -> None:
    old, new = image(), image(platform="linux/arm64")
    await push(any_registry.host, REPOSITORY, "1.0", old)
    await push(any_registry.host, REPOSITORY, "1.0", new)
    for reference, expected in (("1.0", new), (old.top.digest, old)):
        async with client.get(
            url(any_registry, f"manifests/{reference}"), headers={"Accept": old.top.media_type}
        ) as response:
            assert await response.read() == expected.top.content


async def test_tags_are_listed(any_registry: Server, client: aiohttp.ClientSession) -> None:
    for tag in ("b", "a", "c"):
        await push(any_registry.host, REPOSITORY, tag, image())
    async with client.get(url(any_registry, "tags/list")) as response:
        assert sorted((await response.json())["tags"]) == ["a", "b", "c"]
    async with client.get(url(any_registry, "tags/list", "no/where")) as response:
        assert response.status == 404
        assert await codes(response) == ["NAME_UNKNOWN"]


async def test_a_deleted_manifest_is_gone_with_its_tag(
    any_registry: Server, client: aiohttp.ClientSession
) -> None:
    pushed = image()
    await push(any_registry.host, REPOSITORY, "1.0", pushed)
    async with client.delete(url(any_registry, f"manifests/{pushed.top.digest}")) as response:
        assert response.status == 202
    for reference in ("1.0", pushed.top.digest):
        async with client.head(
            url(any_registry, f"manifests/{reference}"), headers={"Accept": pushed.top.media_type}
        ) as response:
            assert response.status == 404


async def test_a_deleted_tag_leaves_the_manifest(
    any_registry: Server, client: aiohttp.ClientSession
) -> None:
    pushed = image()
    await push(any_registry.host, REPOSITORY, "1.0", pushed)
    async with client.delete(url(any_registry, "manifests/1.0")) as response:
        assert (response.status == 202) == any_registry.deletes_tags
    async with client.head(
        url(any_registry, f"manifests/{pushed.top.digest}"),
        headers={"Accept": pushed.top.media_type},
    ) as response:
        assert response.status == 200


async def test_what_refers_to_a_manifest_is_listed(
    any_registry: Server, client: aiohttp.ClientSession
) -> None:
    async with client.get(url(any_registry, f"referrers/{ABSENT}")) as response:
        assert (response.status == 200) == any_registry.referrers


async def broken_off(client: aiohttp.ClientSession, upload: URL, content: bytes) -> None:
    """Send the beginning of a longer body and break off."""

    async def body() -> AsyncIterator[bytes]:
        yield content
        raise ConnectionAbortedError

    with pytest.raises((aiohttp.ClientError, ConnectionError)):
        async with client.patch(upload, data=body(), headers={"Content-Length": str(len(CONTENT))}):
            pass


async def settled(client: aiohttp.ClientSession, upload: URL, size: int) -> URL | None:
    """Where to go on once all `size` bytes are counted; None once the session is gone."""
    async with asyncio.timeout(5):
        while True:
            async with client.get(upload) as response:
                if response.status == 404:
                    return None
                if response.headers["Range"] == f"0-{size - 1}":
                    return location(response)


async def test_a_session_outlives_a_request_that_broke_off_or_is_gone(
    any_registry: Server, client: aiohttp.ClientSession
) -> None:
    upload = await opened(client, any_registry)
    await broken_off(client, upload, CONTENT[:5000])
    resumed = await settled(client, upload, 5000)
    assert (resumed is not None) == any_registry.resumes
    if resumed is None:
        return
    async with client.patch(
        resumed, data=CONTENT[5000:], headers={"Content-Range": f"5000-{len(CONTENT) - 1}"}
    ) as response:
        assert response.status == 202
        upload = location(response)
    async with client.put(upload.extend_query(digest=DIGEST)) as response:
        assert response.status == 201
