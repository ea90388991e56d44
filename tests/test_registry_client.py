"""A registry as the engine sees it."""

import asyncio
import json

import pytest

from registry_mirror.config import Settings
from registry_mirror.embedded.actions import (
    AlterHeaders,
    Corrupt,
    Drop,
    OtherBody,
    Present,
    Reply,
)
from registry_mirror.embedded.auth import Account, Tokens
from registry_mirror.embedded.faults import (
    MANIFEST_BLOB_UNKNOWN,
    UNAVAILABLE,
    too_many_requests,
    too_many_requests_until,
)
from registry_mirror.embedded.images import BuiltImage, build_image, build_layer
from registry_mirror.embedded.refusal import Refusal
from registry_mirror.embedded.rules import TAG_IMMUTABLE
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.embedded.statistics import Kind
from registry_mirror.errors import Code, Side
from registry_mirror.naming import Target
from registry_mirror.oci import media_type as mt
from registry_mirror.oci.digest import Digest
from registry_mirror.registry.errors import (
    AnswerError,
    AnswerTooLargeError,
    ConnectionLostError,
    ContentMismatchError,
    ProtocolError,
)
from registry_mirror.registry.failures import failure_of
from registry_mirror.registry.retry import misses_blobs
from registry_mirror.registry.sessions import Mounted, UploadSession
from registry_mirror.registry.throttle import Action, Gate
from registry_mirror.registry.uploads import push_blob
from registry_mirror.secret import Login, Secret
from tests.registries import Server, push
from tests.registry_clients import Pauses, client_of, in_memory, nobody

REPOSITORY = "library/app"
MANIFESTS = f"/v2/{REPOSITORY}/manifests/*"
BLOBS = f"/v2/{REPOSITORY}/blobs/*"


@pytest.fixture
def image() -> BuiltImage:
    return build_image([build_layer({"hello": b"world" * 1000})])


@pytest.fixture
def registry(embedded: EmbeddedRegistry, image: BuiltImage) -> EmbeddedRegistry:
    embedded.put(REPOSITORY, "1", image)
    return embedded


def methods(registry: EmbeddedRegistry) -> list[str]:
    return [seen.method for seen in registry.requests if seen.kind is not Kind.PING]


async def test_a_tag_is_resolved_by_one_head(registry: EmbeddedRegistry, image: BuiltImage) -> None:
    async with client_of(registry.host) as client:
        found = await client.resolve(REPOSITORY, "1")

    assert found
    assert (found.digest, found.media_type, found.size) == (
        image.top.digest,
        image.top.media_type,
        len(image.top.content),
    )
    assert methods(registry) == ["HEAD"]


async def test_what_is_not_there_resolves_to_nothing(registry: EmbeddedRegistry) -> None:
    async with client_of(registry.host) as client:
        assert await client.resolve(REPOSITORY, "2") is None
        assert await client.resolve("nobody/nothing", "1") is None
        with pytest.raises(AnswerError) as raised:
            await client.get_manifest(REPOSITORY, "2")

    assert failure_of(raised.value).code is Code.TARGET_NOT_FOUND


@pytest.mark.parametrize("status", [400, 401, 403, 405])
async def test_where_head_is_refused_the_manifest_is_fetched(
    registry: EmbeddedRegistry, image: BuiltImage, status: int
) -> None:
    registry.faults.add("HEAD", MANIFESTS, Reply(status), times=None)
    async with client_of(registry.host) as client:
        found = await client.resolve(REPOSITORY, "1")
        missing = await client.resolve(REPOSITORY, "2")

    assert found
    assert found.digest == image.top.digest
    assert missing is None
    assert methods(registry) == ["HEAD", "GET", "HEAD", "GET"]


@pytest.mark.parametrize(
    "changes",
    [
        (("Docker-Content-Digest", None),),
        (("Docker-Content-Digest", "nonsense"),),
        (("Content-Length", None), ("Transfer-Encoding", None)),
    ],
    ids=["no digest", "bad digest", "no length"],
)
async def test_where_head_says_too_little_the_manifest_is_fetched(
    registry: EmbeddedRegistry, image: BuiltImage, changes: tuple[tuple[str, str | None], ...]
) -> None:
    registry.faults.add("HEAD", MANIFESTS, AlterHeaders(changes))
    async with client_of(registry.host) as client:
        found = await client.resolve(REPOSITORY, "1")

    assert found
    assert (found.digest, found.size) == (image.top.digest, len(image.top.content))


async def test_a_head_that_names_another_digest_than_was_asked_for_is_not_believed(
    registry: EmbeddedRegistry, image: BuiltImage
) -> None:
    other = AlterHeaders((("Docker-Content-Digest", "sha256:" + "0" * 64),))
    registry.faults.add("HEAD", MANIFESTS, other)
    async with client_of(registry.host) as client:
        found = await client.resolve(REPOSITORY, image.top.digest)

    assert found
    assert found.digest == image.top.digest


async def test_a_manifest_arrives_as_it_is(registry: EmbeddedRegistry, image: BuiltImage) -> None:
    async with client_of(registry.host, Side.SOURCE) as client:
        assert await client.get_manifest(REPOSITORY, "1") == (
            image.top.content,
            image.top.media_type,
        )


async def test_a_manifest_asked_for_by_digest_has_it(
    registry: EmbeddedRegistry, image: BuiltImage
) -> None:
    registry.faults.add("GET", MANIFESTS, Corrupt(5))
    async with client_of(registry.host, Side.SOURCE) as client:
        with pytest.raises(ContentMismatchError) as raised:
            await client.get_manifest(REPOSITORY, image.top.digest)

    assert failure_of(raised.value).code is Code.DIGEST_MISMATCH


@pytest.mark.parametrize(
    ("body", "accepted"),
    [
        ({"schemaVersion": 1, "fsLayers": [], "history": [], "signatures": []}, True),
        ({"schemaVersion": 1, "config": {}, "layers": []}, False),
        ({"schemaVersion": 1, "manifests": []}, False),
    ],
)
async def test_only_schema_1_may_have_another_digest_than_its_bytes(
    registry: EmbeddedRegistry, image: BuiltImage, body: dict[str, object], *, accepted: bool
) -> None:
    """Its digest leaves out the signatures. A Content-Type makes no schema 1."""
    content = json.dumps({"mediaType": mt.DOCKER_MANIFEST_V1_SIGNED, **body}).encode()
    registry.faults.add("GET", MANIFESTS, OtherBody(content))
    async with client_of(registry.host, Side.SOURCE) as client:
        if accepted:
            assert (await client.get_manifest(REPOSITORY, image.top.digest))[0] == content
        else:
            with pytest.raises(ContentMismatchError):
                await client.get_manifest(REPOSITORY, image.top.digest)


async def test_a_manifest_has_a_cap(registry: EmbeddedRegistry) -> None:
    registry.faults.add("GET", MANIFESTS, OtherBody(b" " * (4 * 1024 * 1024 + 1)))
    async with client_of(registry.host, Side.SOURCE) as client:
        with pytest.raises(AnswerTooLargeError) as raised:
            await client.get_manifest(REPOSITORY, "1")

    assert failure_of(raised.value).code is Code.TOO_LARGE


async def test_a_put_manifest_is_there(registry: EmbeddedRegistry, image: BuiltImage) -> None:
    async with client_of(registry.host) as client:
        digest = await client.put_manifest(REPOSITORY, "2", image.top.content, image.top.media_type)

    assert digest == image.top.digest
    assert registry.manifest(REPOSITORY, "2") == (image.top.media_type, image.top.content)


async def test_a_registry_that_made_something_else_of_a_manifest_is_found_out(
    registry: EmbeddedRegistry, image: BuiltImage
) -> None:
    other = AlterHeaders((("Docker-Content-Digest", "sha256:" + "0" * 64),))
    registry.faults.add("PUT", MANIFESTS, other)
    async with client_of(registry.host) as client:
        with pytest.raises(ContentMismatchError) as raised:
            await client.put_manifest(REPOSITORY, "2", image.top.content, image.top.media_type)

    assert failure_of(raised.value).code is Code.TARGET_MISMATCH


@pytest.mark.parametrize(
    "refusal",
    [UNAVAILABLE, too_many_requests("2"), too_many_requests_until(2), MANIFEST_BLOB_UNKNOWN],
    ids=lambda refusal: refusal.code,
)
async def test_a_put_that_meets_passing_trouble_is_repeated(
    registry: EmbeddedRegistry, image: BuiltImage, refusal: Refusal
) -> None:
    registry.faults.fail("PUT", MANIFESTS, refusal)
    pauses = Pauses()
    async with client_of(registry.host, pauses=pauses) as client:
        await client.put_manifest(REPOSITORY, "2", image.top.content, image.top.media_type)

    assert registry.tags(REPOSITORY) == ("1", "2")
    assert len(pauses.taken) == 1
    assert refusal.status != 429 or pauses.taken[0] >= 2


async def test_blobs_that_stay_unknown_are_told_from_other_refusals(
    registry: EmbeddedRegistry, image: BuiltImage
) -> None:
    registry.faults.fail("PUT", MANIFESTS, MANIFEST_BLOB_UNKNOWN, times=None)
    async with client_of(registry.host) as client:
        with pytest.raises(AnswerError) as raised:
            await client.put_manifest(REPOSITORY, "2", image.top.content, image.top.media_type)

    assert misses_blobs(raised.value)
    assert methods(registry) == ["PUT"] * 3


async def test_an_immutable_tag_is_asked_once(
    registry: EmbeddedRegistry, image: BuiltImage
) -> None:
    registry.faults.make_tags_immutable(TAG_IMMUTABLE)
    async with client_of(registry.host) as client:
        with pytest.raises(AnswerError) as raised:
            await client.put_manifest(REPOSITORY, "1", image.top.content, image.top.media_type)

    assert failure_of(raised.value).code is Code.TAG_IMMUTABLE
    assert methods(registry) == ["PUT"]


async def test_blobs_are_there_or_not(registry: EmbeddedRegistry, image: BuiltImage) -> None:
    async with client_of(registry.host) as client:
        assert await client.has_blob(REPOSITORY, image.blobs[0].digest)
        assert not await client.has_blob(REPOSITORY, Digest.of(b"nothing"))


async def test_a_refused_head_of_a_blob_is_a_no(
    registry: EmbeddedRegistry, image: BuiltImage
) -> None:
    registry.faults.add("HEAD", BLOBS, Reply(403))
    async with client_of(registry.host) as client:
        assert not await client.has_blob(REPOSITORY, image.blobs[0].digest)


async def test_a_small_blob_is_read_and_checked(
    registry: EmbeddedRegistry, image: BuiltImage
) -> None:
    blob = image.blobs[0]
    async with client_of(registry.host, Side.SOURCE) as client:
        assert await client.get_blob_bytes(REPOSITORY, blob.digest, 10_000) == blob.content
        with pytest.raises(AnswerTooLargeError):
            await client.get_blob_bytes(REPOSITORY, blob.digest, 10)
        registry.faults.add("GET", BLOBS, Corrupt(3))
        with pytest.raises(ContentMismatchError):
            await client.get_blob_bytes(REPOSITORY, blob.digest, 10_000)


async def test_first_bytes_are_a_range_or_the_start_of_all(
    any_registry: Server, image: BuiltImage
) -> None:
    await push(any_registry.host, REPOSITORY, "1", image)
    blob = image.blobs[0]
    async with client_of(any_registry.host, Side.SOURCE) as client:
        assert await client.first_bytes(REPOSITORY, blob.digest, 6) == blob.content[:6]
        whole = await client.first_bytes(REPOSITORY, blob.digest, 1_000_000)
    assert whole == blob.content


async def test_a_blob_is_mounted(any_registry: Server, image: BuiltImage) -> None:
    await push(any_registry.host, REPOSITORY, "1", image)
    blob = image.blobs[0]
    async with client_of(any_registry.host) as client:
        assert await client.mount("team/other", blob.digest, REPOSITORY) == Mounted()
        assert await client.has_blob("team/other", blob.digest)


async def test_a_mount_that_is_not_done_is_the_beginning_of_an_upload(
    registry: EmbeddedRegistry, image: BuiltImage
) -> None:
    blob = image.blobs[0]
    registry.faults.refuse_mounts()
    async with client_of(registry.host) as client:
        session = await client.mount("team/other", blob.digest, REPOSITORY)
        assert isinstance(session, UploadSession)

        await push_blob(
            client,
            "team/other",
            blob.digest,
            len(blob.content),
            in_memory(blob.content),
            nobody,
            session=session,
        )

    assert registry.blob("team/other", blob.digest) == blob.content
    assert methods(registry) == ["POST", "PUT"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405])
async def test_a_mount_that_is_refused_is_an_upload_too(
    registry: EmbeddedRegistry, image: BuiltImage, status: int
) -> None:
    registry.faults.refuse_mounts(Refusal(status, "UNSUPPORTED", "no mounts"))
    async with client_of(registry.host) as client:
        session = await client.mount("team/other", image.blobs[0].digest, REPOSITORY)

    assert isinstance(session, UploadSession)
    assert methods(registry) == ["POST", "POST"]


async def test_a_token_that_is_refused_for_a_mount_is_no_end_of_the_upload(
    image: BuiltImage,
) -> None:
    """Docker Hub gives none where one of the scopes names what is beyond us."""
    async with EmbeddedRegistry(Tokens((Account("mirror", "correct horse"),))) as registry:
        registry.faults.fail("*", "/token", Refusal(401, "UNAUTHORIZED", "one scope is invalid"))
        async with client_of(registry.host, settings=logged_in(registry)) as client:
            session = await client.mount("team/other", image.blobs[0].digest, REPOSITORY)

        assert isinstance(session, UploadSession)


def logged_in(registry: EmbeddedRegistry) -> Settings:
    return Settings(
        target=Target(registry.host, "library"),
        target_login=Login("mirror", Secret("correct horse")),
    )


async def test_a_target_whose_repositories_must_exist_says_so(
    registry: EmbeddedRegistry,
) -> None:
    registry.faults.add("POST", "/v2/team/*", AlterHeaders((("Location", None),)), times=None)
    async with client_of(registry.host) as client:
        with pytest.raises(ProtocolError) as raised:
            await client.start_upload("team/app")

    assert failure_of(raised.value).code is Code.TARGET_NOT_FOUND


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/v2/u/1?_state=a%2fb%3D", "{here}/v2/u/1?_state=a%2fb%3D"),
        ("1?x", "{here}/v2/team/app/blobs/uploads/1?x"),
        ("//files.example/1", "http://files.example/1"),
        ("https://files.example:8443/1?sig=%2B+", "https://files.example:8443/1?sig=%2B+"),
        ("/v2/u/1#part", "{here}/v2/u/1"),
        ("http://user:word@files.example/1", "http://files.example/1"),
        ("http://[", None),
        ("//[::1", None),
        ("http://h:99999/x", None),
        ("mailto:x", None),
        ("http:///x", None),
    ],
)
async def test_an_upload_goes_on_where_its_registry_says(
    registry: EmbeddedRegistry, location: str, expected: str | None
) -> None:
    registry.faults.add("POST", "*", Reply(202, (("Location", location),)))
    async with client_of(registry.host) as client:
        if expected is None:
            with pytest.raises(ProtocolError):
                await client.start_upload("team/app")
            return
        session = await client.start_upload("team/app")

    assert session.location == expected.format(here=f"http://{registry.host}")


async def test_small_requests_go_together_as_long_as_nobody_minds(
    registry: EmbeddedRegistry, image: BuiltImage
) -> None:
    gate = Gate(32)
    before = gate.size(Action.CHECK)
    async with client_of(registry.host, gate=gate) as client:
        digest = image.blobs[0].digest
        await asyncio.gather(*(client.has_blob(REPOSITORY, digest) for _ in range(100)))

    assert before < gate.size(Action.CHECK) <= 32


async def test_tries_are_counted_per_request(registry: EmbeddedRegistry) -> None:
    registry.faults.add("*", MANIFESTS, Drop(), times=None)
    pauses = Pauses()
    async with client_of(registry.host, tries=4, pauses=pauses) as client:
        with pytest.raises(ConnectionLostError):
            await client.get_manifest(REPOSITORY, "1")

    assert len(pauses.taken) == 3
    assert pauses.taken == sorted(pauses.taken)


async def test_a_head_of_a_blob_is_believed(registry: EmbeddedRegistry) -> None:
    """Where it lies, only the refused manifest can tell (`misses_blobs`)."""
    registry.faults.add("HEAD", BLOBS, Present())
    async with client_of(registry.host) as client:
        assert await client.has_blob(REPOSITORY, Digest.of(b"nothing"))


async def test_a_blob_of_another_size_than_expected_counts_as_missing(
    registry: EmbeddedRegistry,
) -> None:
    registry.faults.add("HEAD", BLOBS, Present(1000), times=None)
    async with client_of(registry.host) as client:
        there = [
            await client.has_blob(REPOSITORY, Digest.of(b""), size) for size in (1000, 999, None)
        ]

    assert there == [True, False, True]


async def test_one_token_serves_all_of_a_target_repository(image: BuiltImage) -> None:
    async with EmbeddedRegistry(Tokens((Account("mirror", "correct horse"),))) as registry:
        async with client_of(registry.host, settings=logged_in(registry)) as client:
            await client.resolve(REPOSITORY, "1")
            for blob in image.blobs:
                await client.has_blob(REPOSITORY, blob.digest)
                await push_blob(
                    client,
                    REPOSITORY,
                    blob.digest,
                    len(blob.content),
                    in_memory(blob.content),
                    nobody,
                )
            await client.put_manifest(REPOSITORY, "1", image.top.content, image.top.media_type)

        assert registry.tags(REPOSITORY) == ("1",)
        assert registry.statistics.count("*", Kind.TOKEN) == 1
