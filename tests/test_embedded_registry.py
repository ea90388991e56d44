"""What the embedded registry does beyond the contract that every registry keeps."""

import asyncio
import io
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest

from registry_mirror.embedded.conduct import Conduct
from registry_mirror.embedded.images import (
    AttestationForm,
    build_attestation,
    build_image,
    build_index,
    build_layer,
)
from registry_mirror.embedded.manifests import MAX_MANIFEST
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.media_type import OCI_MANIFEST
from tests.registries import location, push

CONTENT = bytes(range(256)) * 40
DIGEST = Digest.of(CONTENT)
IMAGE = build_image([build_layer({"hello": b"hello"})])


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def url(registry: EmbeddedRegistry, path: str) -> str:
    return f"http://{registry.host}/v2/{path}"


async def test_what_is_put_is_what_a_push_leaves(embedded: EmbeddedRegistry) -> None:
    index = build_index([IMAGE, build_attestation(IMAGE, AttestationForm.ARTIFACT)])
    await push(embedded.host, "pushed", "1.0", index)
    embedded.put("put", "1.0", index)
    assert embedded.repositories() == ("pushed", "put")
    for repository in embedded.repositories():
        assert embedded.tags(repository) == ("1.0",)
        assert embedded.manifest(repository, "1.0") == (index.top.media_type, index.top.content)
        for manifest in index.manifests:
            found = embedded.manifest(repository, manifest.digest)
            assert found == (manifest.media_type, manifest.content)
        for blob in index.blobs:
            assert embedded.blob(repository, blob.digest) == blob.content


def test_what_is_not_there_is_none() -> None:
    registry = EmbeddedRegistry()
    registry.put("team/app", "1.0", IMAGE)
    assert registry.manifest("team/app", "2.0") is None
    assert registry.manifest("no/where", "1.0") is None
    assert registry.blob("no/where", DIGEST) is None
    assert registry.tags("no/where") == ()


async def test_a_repository_with_blobs_alone_does_not_exist(
    embedded: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    await client.post(url(embedded, f"app/blobs/uploads/?digest={DIGEST}"), data=CONTENT)
    assert embedded.blob("app", DIGEST) == CONTENT
    assert embedded.repositories() == ()
    async with client.get(url(embedded, "app/tags/list")) as response:
        assert response.status == 404


@pytest.mark.parametrize("relative", [True, False])
async def test_where_to_go_on_is_relative_or_absolute(
    client: aiohttp.ClientSession, *, relative: bool
) -> None:
    async with EmbeddedRegistry(conduct=Conduct(relative_location=relative)) as registry:
        async with client.post(url(registry, "app/blobs/uploads/")) as response:
            assert response.headers["Location"].startswith("/v2/") == relative
        await push(registry.host, "app", "1.0", IMAGE)
        assert registry.tags("app") == ("1.0",)


async def test_tags_come_in_pages(
    embedded: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    for tag in ("a", "b", "c", "d", "e"):
        embedded.put("app", tag, IMAGE)
    pages = []
    following: str | None = "/v2/app/tags/list?n=2"
    while following:
        async with client.get(f"http://{embedded.host}{following}") as response:
            pages.append((await response.json())["tags"])
            link = response.headers.get("Link")
        following = link.removeprefix("<").removesuffix('>; rel="next"') if link else None
    assert pages == [["a", "b"], ["c", "d"], ["e"]]


@pytest.mark.parametrize("number", ["x", "-1", "²"])
async def test_a_page_must_have_a_size(
    embedded: EmbeddedRegistry, client: aiohttp.ClientSession, number: str
) -> None:
    embedded.put("app", "a", IMAGE)
    async with client.get(url(embedded, "app/tags/list"), params={"n": number}) as response:
        assert response.status == 400


async def test_what_refers_to_an_image_is_listed_by_type(
    embedded: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    attestation = build_attestation(IMAGE, AttestationForm.ARTIFACT)
    embedded.put("app", "1.0", build_index([IMAGE, attestation]))
    referrers = url(embedded, f"app/referrers/{IMAGE.top.digest}")
    artifact_type = json.loads(attestation.top.content)["artifactType"]
    for wanted, expected in ((artifact_type, [attestation.top.digest]), ("other", [])):
        async with client.get(referrers, params={"artifactType": wanted}) as response:
            index = json.loads(await response.read())
            assert [entry["digest"] for entry in index["manifests"]] == expected
            assert response.headers["OCI-Filters-Applied"] == "artifactType"


async def test_an_artifact_without_a_type_has_that_of_its_config(
    embedded: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    embedded.put("app", "1.0", IMAGE)
    config = IMAGE.blobs[0]
    manifest = {
        "schemaVersion": 2,
        "config": {"mediaType": "application/x.sbom", "digest": config.digest},
        "subject": {"digest": IMAGE.top.digest},
    }
    async with client.put(
        url(embedded, "app/manifests/sbom"),
        data=json.dumps(manifest),
        headers={"Content-Type": OCI_MANIFEST},
    ) as response:
        assert response.headers["OCI-Subject"] == IMAGE.top.digest
    async with client.get(url(embedded, f"app/referrers/{IMAGE.top.digest}")) as response:
        entries = json.loads(await response.read())["manifests"]
    assert [entry["artifactType"] for entry in entries] == ["application/x.sbom"]


@pytest.mark.parametrize(("extra", "status"), [(0, 400), (1, 413)])
async def test_a_manifest_has_at_most_4_mib(
    embedded: EmbeddedRegistry, client: aiohttp.ClientSession, extra: int, status: int
) -> None:
    """The body is no manifest either: 400 says that it was read to its end."""
    async with client.put(
        url(embedded, "app/manifests/1.0"),
        data=io.BytesIO(b" " * (MAX_MANIFEST + extra)),
        headers={"Content-Type": OCI_MANIFEST},
    ) as response:
        assert response.status == status


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("UPPER/manifests/1.0", "NAME_INVALID"),
        ("a..b/manifests/1.0", "NAME_INVALID"),
        (f"{'a' * 256}/manifests/1.0", "NAME_INVALID"),
        ("app/blobs/sha256:short", "DIGEST_INVALID"),
        ("app/nonsense", "UNSUPPORTED"),
    ],
)
async def test_nonsense_is_refused(
    embedded: EmbeddedRegistry, client: aiohttp.ClientSession, path: str, code: str
) -> None:
    async with client.get(url(embedded, path)) as response:
        assert response.status in {400, 404}
        assert (await response.json())["errors"][0]["code"] == code


async def test_a_manifest_is_not_given_to_a_client_that_does_not_accept_it(
    embedded: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    embedded.put("app", "1.0", IMAGE)
    for accept, status in (("application/json", 404), (f"text/html, {OCI_MANIFEST};q=1", 200)):
        async with client.get(
            url(embedded, "app/manifests/1.0"), headers={"Accept": accept}
        ) as response:
            assert response.status == status


async def test_a_manifest_must_be_what_its_content_type_says(
    embedded: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    await push(embedded.host, "app", "1.0", IMAGE)
    async with client.put(
        url(embedded, "app/manifests/2.0"),
        data=IMAGE.top.content,
        headers={"Content-Type": "application/vnd.docker.distribution.manifest.v2+json"},
    ) as response:
        assert response.status == 400
    assert embedded.tags("app") == ("1.0",)


@pytest.mark.parametrize(
    ("asked", "given", "body"),
    [
        ("bytes=-3", "bytes 10237-10239/10240", CONTENT[-3:]),
        ("bytes=-99999", "bytes 0-10239/10240", CONTENT),
        ("bytes=1-99999", "bytes 1-10239/10240", CONTENT[1:]),
        ("bytes=-", None, CONTENT),
        ("bytes=0-1,4-5", None, CONTENT),
        ("lines=0-1", None, CONTENT),
    ],
)
async def test_ranges_that_registries_see_seldom(
    embedded: EmbeddedRegistry,
    client: aiohttp.ClientSession,
    asked: str,
    given: str | None,
    body: bytes,
) -> None:
    await client.post(url(embedded, f"app/blobs/uploads/?digest={DIGEST}"), data=CONTENT)
    async with client.get(
        url(embedded, f"app/blobs/{DIGEST}"), headers={"Range": asked}
    ) as response:
        assert response.status == (206 if given else 200)
        assert response.headers.get("Content-Range") == given
        assert await response.read() == body


async def test_an_old_location_is_refused_and_the_session_lives_on(
    embedded: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    async with client.post(url(embedded, "app/blobs/uploads/")) as response:
        old = location(response)
    async with client.patch(old, data=CONTENT[:100]) as response:
        new = location(response)
    async with client.patch(old, data=CONTENT[100:]) as response:
        assert (response.status, response.headers["Range"]) == (416, "0-99")
    async with client.put(new.extend_query(digest=DIGEST), data=CONTENT[100:]) as response:
        assert response.status == 201


@pytest.mark.parametrize("content_range", ["1-5", "0-9", "bytes 0-4/5", "0-"])
async def test_a_content_range_that_is_not_true_is_refused(
    embedded: EmbeddedRegistry, client: aiohttp.ClientSession, content_range: str
) -> None:
    async with client.post(url(embedded, "app/blobs/uploads/")) as response:
        upload = location(response)
    async with client.patch(
        upload, data=CONTENT[:5], headers={"Content-Range": content_range}
    ) as response:
        assert response.status == 416


async def test_a_layer_with_urls_need_not_be_there(
    embedded: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    layer = {"mediaType": "x", "digest": DIGEST, "size": 1}
    for urls, status in (([], 400), (["https://example.com/layer"], 201)):
        manifest = json.dumps({"schemaVersion": 2, "layers": [layer | {"urls": urls}]})
        async with client.put(
            url(embedded, "app/manifests/1.0"),
            data=manifest,
            headers={"Content-Type": OCI_MANIFEST},
        ) as response:
            assert response.status == status


async def test_no_tag_is_left_of_a_deleted_manifest(
    embedded: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    other = build_image([build_layer({"hello": b"other"})])
    embedded.put("app", "1.0", IMAGE)
    embedded.put("app", "latest", IMAGE)
    embedded.put("app", "2.0", other)
    await client.delete(url(embedded, f"app/manifests/{IMAGE.top.digest}"))
    assert embedded.tags("app") == ("2.0",)


async def test_sessions_of_one_repository_are_unknown_to_others(
    embedded: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    async with client.post(url(embedded, "app/blobs/uploads/")) as response:
        upload = location(response)
    async with client.get(str(upload).replace("/app/", "/other/")) as response:
        assert response.status == 404


async def test_every_request_is_on_record(
    embedded: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    await client.get(url(embedded, ""))
    await client.head(url(embedded, "app/manifests/1.0?x=y"))
    assert [(seen.method, seen.path, seen.query, seen.status) for seen in embedded.requests] == [
        ("GET", "/v2/", "", 200),
        ("HEAD", "/v2/app/manifests/1.0", "x=y", 404),
    ]


async def test_a_registry_is_gone_when_it_ends(client: aiohttp.ClientSession) -> None:
    async with EmbeddedRegistry() as registry:
        ping = url(registry, "")
        await client.get(ping)
    with pytest.raises(aiohttp.ClientConnectionError):
        await asyncio.wait_for(client.get(ping), 5)
