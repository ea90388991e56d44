"""The native engine between two registries: what arrives, what is told, and what is refused."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from registry_mirror.config import Asker
from registry_mirror.docker_config import auth_file
from registry_mirror.embedded.actions import Hold
from registry_mirror.embedded.auth import Account, Basic, Tokens
from registry_mirror.embedded.content import Synthetic
from registry_mirror.embedded.faults import TAG_IMMUTABLE, UNAVAILABLE, too_many_requests
from registry_mirror.embedded.images import (
    AttestationForm,
    BuiltImage,
    Piece,
    Style,
    build_attestation,
    build_image,
    build_index,
    build_layer,
)
from registry_mirror.embedded.refusal import Refusal
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.embedded.statistics import Kind
from registry_mirror.engines import Advanced, Ended, Event, Started
from registry_mirror.errors import Code, Side
from registry_mirror.naming import Target
from registry_mirror.oci import media_type
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.format import Format
from registry_mirror.oci.platform import OnlyPlatforms, Platform
from registry_mirror.outcome import Bytes, Failed
from registry_mirror.plan import Copy
from registry_mirror.secret import Login, Secret
from tests import vectors
from tests.native_runs import (
    ALL,
    ARM64,
    BASE,
    Runs,
    built,
    copied,
    copy_of,
    image,
    puts,
    refusal,
    run,
    run_one,
    since,
    two_platforms,
    unchanged,
    uploads,
)
from tests.odd_images import (
    GZIPPED,
    PLAIN,
    TAR,
    ZSTD,
    list_of,
    manifest_of,
    oddly_made,
    typed_zstd,
    zstd,
)
from tests.registries import PASSWORD, USER, Server, basic, require_peer, skopeo


@pytest.fixture
async def target() -> AsyncIterator[EmbeddedRegistry]:
    async with EmbeddedRegistry() as registry:
        yield registry


async def test_an_oci_image_arrives_as_v2s2(
    embedded: EmbeddedRegistry, docker_registry: Server
) -> None:
    made = image()
    embedded.put("team/app", "1", made)
    copy = copy_of(f"{embedded.host}/team/app:1", f"{docker_registry.host}/ns/app:1")

    outcome = copied(await run_one(copy))

    size = sum(len(blob.content) for blob in made.blobs)
    assert outcome.content.media_type == media_type.DOCKER_MANIFEST
    assert outcome.content.platforms == ("linux/amd64",)
    assert outcome.content.size == size
    assert outcome.moved == Bytes(size, size, 0, 0)
    assert outcome.source_digest == made.top.digest
    assert outcome.replaced is None
    assert outcome.seconds > 0


async def test_skopeo_makes_the_same_of_it(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    embedded.put("team/app", "1", image())
    embedded.put("team/list", "1", two_platforms())

    for name in ("app", "list"):
        source, there = f"{embedded.host}/team/{name}:1", f"{target.host}/ns/{name}:1"
        copied(await run_one(copy_of(source, there, ALL)))
        options = ("--all", "--format=v2s2", "--src-tls-verify=false", "--dest-tls-verify=false")
        code, said = await skopeo(
            "copy", *options, f"docker://{source}", f"docker://{target.host}/skopeo/{name}:1"
        )

        assert code == 0, said
        assert target.manifest(f"ns/{name}", "1") == target.manifest(f"skopeo/{name}", "1")


async def test_all_platforms_arrive_as_a_manifest_list(
    embedded: EmbeddedRegistry, docker_registry: Server
) -> None:
    embedded.put("team/app", "1", two_platforms())
    copy = copy_of(f"{embedded.host}/team/app:1", f"{docker_registry.host}/ns/app:1", ALL)

    outcome = copied(await run_one(copy))

    assert outcome.content.media_type == media_type.DOCKER_MANIFEST_LIST
    assert outcome.content.platforms == ("linux/amd64", "linux/arm64")
    assert outcome.content.size


async def test_the_asked_platform_is_taken_from_an_index(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    embedded.put("team/app", "1", two_platforms())

    outcome = copied(
        await run_one(copy_of(f"{embedded.host}/team/app:1", f"{target.host}/ns/app:1", ARM64))
    )

    assert outcome.content.platforms == ("linux/arm64",)
    assert outcome.content.media_type == media_type.DOCKER_MANIFEST


async def test_several_platforms_arrive_as_a_list_of_just_these(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    machines = ("amd64", "arm64", "s390x")
    embedded.put("team/app", "1", build_index([image(machine=m) for m in machines]))
    asked = OnlyPlatforms((Platform("linux", "s390x"), Platform("linux", "amd64")))

    outcome = copied(
        await run_one(copy_of(f"{embedded.host}/team/app:1", f"{target.host}/ns/app:1", asked))
    )

    found = list_of(target, "ns/app", "1")
    assert found.media_type == media_type.DOCKER_MANIFEST_LIST
    assert {str(entry.platform) for entry in found.entries} == {"linux/s390x", "linux/amd64"}
    assert outcome.content.platforms is not None
    assert set(outcome.content.platforms) == {"linux/s390x", "linux/amd64"}


async def test_a_platform_that_is_not_there_is_told(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    embedded.put("team/app", "1", two_platforms())
    windows = OnlyPlatforms((Platform("windows", "amd64"),))

    outcome = await run_one(
        copy_of(f"{embedded.host}/team/app:1", f"{target.host}/ns/app:1", windows)
    )

    assert refusal(outcome) == (Code.PLATFORM_NOT_FOUND, Side.SOURCE)
    assert not target.requests


@pytest.mark.parametrize(
    ("format_", "expected"),
    [(Format.OCI, media_type.OCI_MANIFEST), (Format.SOURCE, media_type.DOCKER_MANIFEST)],
)
async def test_other_formats(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry, format_: Format, expected: str
) -> None:
    made = image(style=Style.DOCKER)
    embedded.put("team/app", "1", made)
    copy = copy_of(f"{embedded.host}/team/app:1", f"{target.host}/ns/app:1", ALL, format_=format_)

    outcome = copied(await run_one(copy))

    assert outcome.content.media_type == expected
    assert (outcome.content.digest == made.top.digest) == (format_ is Format.SOURCE)
    unchanged(await run_one(copy))


async def test_source_format_takes_an_index_in_an_index_with_all_that_it_names(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    """Registries refuse an index whose images are missing."""
    inner = two_platforms("inner")
    artifact = build_attestation(image(), AttestationForm.ARTIFACT)
    outer = build_index([replace(inner, blobs=inner.blobs), image("outer"), artifact])
    embedded.put("team/app", "inner", inner)
    embedded.put("team/app", "1", outer)
    copy = copy_of(
        f"{embedded.host}/team/app:1", f"{target.host}/ns/app:1", ALL, format_=Format.SOURCE
    )

    outcome = copied(await run_one(copy))

    assert outcome.content.digest == outer.top.digest
    for manifest in (*inner.manifests, *outer.manifests):
        assert target.manifest("ns/app", manifest.digest)


async def test_a_second_run_is_unchanged_and_a_moved_tag_is_told(
    embedded: EmbeddedRegistry, docker_registry: Server
) -> None:
    embedded.put("team/app", "1", image("first"))
    copy = copy_of(f"{embedded.host}/team/app:1", f"{docker_registry.host}/ns/app:1")

    first = copied(await run_one(copy))
    again = unchanged(await run_one(copy))
    embedded.put("team/app", "1", image("second"))
    moved = copied(await run_one(copy))

    assert again.content.digest == first.content.digest
    assert again.moved
    assert again.moved.present == again.moved.total == first.content.size
    assert moved.replaced == first.content.digest
    assert moved.moved
    assert 0 < moved.moved.present < moved.moved.total


async def test_a_pinned_source_is_copied_by_its_digest(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    old = image("old")
    embedded.put("team/app", "1", old)
    embedded.put("team/app", "1", image("new"))

    outcome = copied(
        await run_one(
            copy_of(f"{embedded.host}/team/app:1@{old.top.digest}", f"{target.host}/ns/app:1")
        )
    )

    assert outcome.source_digest == old.top.digest


async def test_one_failure_touches_no_other_image(
    embedded: EmbeddedRegistry, docker_registry: Server
) -> None:
    embedded.put("team/app", "1", image())
    sources = [
        f"{embedded.host}/team/app:1",
        f"{embedded.host}/team/app:missing",
        f"{embedded.host}/team/absent:1",
        "127.0.0.1:9/team/app:1",
        f"{embedded.host}/team/app:1",
    ]
    copies = [
        copy_of(source, f"{docker_registry.host}/ns/app-{line}:1", line=line)
        for line, source in enumerate(sources, 1)
    ]

    outcomes = await run(copies)

    failures = [o.failure if isinstance(o, Failed) else None for o in outcomes]
    assert [outcome.copy for outcome in outcomes] == copies
    assert [f and (f.code, f.side) for f in failures] == [
        None,
        (Code.TAG_NOT_FOUND, Side.SOURCE),
        (Code.REPOSITORY_NOT_FOUND, Side.SOURCE),
        (Code.SOURCE_UNAVAILABLE, Side.SOURCE),
        None,
    ]


async def test_a_failed_image_leaves_the_tag_as_it_was(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    embedded.put("team/app", "1", image("first"))
    copy = copy_of(f"{embedded.host}/team/app:1", f"{target.host}/ns/app:1")
    await run_one(copy)
    before = target.manifest("ns/app", "1")
    embedded.put("team/app", "1", image("second"))
    target.faults.make_tags_immutable(TAG_IMMUTABLE)

    outcome = await run_one(copy)

    assert refusal(outcome) == (Code.TAG_IMMUTABLE, Side.TARGET)
    assert target.manifest("ns/app", "1") == before


async def test_a_tag_that_was_put_though_its_answer_got_lost_counts(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    """Put again, a registry with immutable tags refuses what it has."""
    embedded.put("team/app", "1", image())
    target.faults.make_tags_immutable()
    target.faults.cut("PUT", "/v2/ns/app/manifests/1", after=0)
    copy = copy_of(f"{embedded.host}/team/app:1", f"{target.host}/ns/app:1")

    copied(await run_one(copy, replace(BASE, retries=1)))


@pytest.mark.parametrize("trouble", [UNAVAILABLE, too_many_requests("0")])
async def test_a_registry_that_fails_twice_is_tried_again(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry, trouble: Refusal
) -> None:
    embedded.put("team/app", "1", image())
    read = embedded.faults.fail("GET", "/v2/team/app/manifests/1", trouble, times=2)
    pushed = target.faults.fail("PUT", "/v2/ns/app/manifests/1", trouble, times=2)
    runs = Runs(replace(BASE, retries=3))

    copied(await runs.one(copy_of(f"{embedded.host}/team/app:1", f"{target.host}/ns/app:1")))

    assert (read.hits, pushed.hits) == (2, 2)
    assert len(runs.pauses.taken) == 4


@pytest.mark.parametrize("auth", [Basic, Tokens])
async def test_source_and_target_have_credentials_of_their_own(
    auth: type[Basic | Tokens], docker_registry_basic: Server
) -> None:
    account = Account("reader", 'it\'s "secret" é密码', may_push=True)
    async with EmbeddedRegistry(auth((account,))) as source:
        source.put("private/app", "1", image())
        encoded = basic(account.user, account.password).removeprefix("Basic ")
        copy = copy_of(f"{source.host}/private/app:1", f"{docker_registry_basic.host}/ns/app:1")
        asked = replace(
            BASE,
            target=Target(docker_registry_basic.host, "ns"),
            target_login=Login(USER, Secret(PASSWORD)),
            source_auth=Secret(auth_file(source.host, encoded)),
        )

        copied(await run_one(copy, asked))
        without_source = await run_one(copy, replace(asked, source_auth=None))
        without_target = await run_one(copy, replace(asked, target_login=None))

    assert refusal(without_source) == (Code.SOURCE_DENIED, Side.SOURCE)
    assert refusal(without_target) == (Code.TARGET_DENIED, Side.TARGET)


async def test_a_registry_with_tokens_as_target(
    embedded: EmbeddedRegistry, docker_registry_tokens: Server
) -> None:
    embedded.put("team/app", "1", image())
    embedded.put("team/app", "2", image("other"))
    asked = replace(
        BASE,
        target=Target(docker_registry_tokens.host, "ns"),
        target_login=Login(USER, Secret(PASSWORD)),
    )
    copies = [
        copy_of(
            f"{embedded.host}/team/app:{n}", f"{docker_registry_tokens.host}/ns/app-{n}:1", line=n
        )
        for n in (1, 2)
    ]

    first, second = map(copied, await run(copies, asked))

    assert first.moved
    assert second.moved
    assert first.moved.mounted + second.moved.mounted > 0


@pytest.mark.parametrize("form", list(AttestationForm))
async def test_attestations_are_dropped_and_told(
    embedded: EmbeddedRegistry, docker_registry: Server, form: AttestationForm
) -> None:
    amd64, arm64 = image("one"), image("two", "arm64")
    attestations = [build_attestation(each, form) for each in (amd64, arm64)]
    embedded.put("team/app", "1", build_index([amd64, arm64, *attestations]))
    embedded.put("team/app", "2", build_index([amd64, arm64]))
    host = docker_registry.host
    copies = [
        copy_of(f"{embedded.host}/team/app:{n}", f"{host}/ns/app:{n}", ALL, n) for n in (1, 2)
    ]

    first, second = map(copied, await run(copies))

    assert first.content == second.content
    assert first.content.platforms == ("linux/amd64", "linux/arm64")
    assert {(each.digest, each.reason) for each in first.dropped} == {
        (each.top.digest, "attestation") for each in attestations
    }
    assert not second.dropped
    again = unchanged(await run_one(copies[0]))
    assert again.dropped == first.dropped


async def test_an_index_of_nothing_but_attestations_is_no_image(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    embedded.put("team/app", "1", build_index([build_attestation(image())]))

    outcome = await run_one(copy_of(f"{embedded.host}/team/app:1", f"{target.host}/ns/app:1", ALL))

    assert refusal(outcome) == (Code.NOT_AN_IMAGE, Side.SOURCE)


@pytest.mark.parametrize("layer", [ZSTD, PLAIN], ids=["zstd", "plain"])
async def test_a_layer_is_compressed_anew_and_known_again(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry, layer: tuple[str, bytes, int]
) -> None:
    embedded.put("team/app", "1", oddly_made([GZIPPED, layer]))
    copy = copy_of(f"{embedded.host}/team/app:1", f"{target.host}/ns/app:1")

    first = copied(await run_one(copy))
    at_source, at_target = len(embedded.requests), len(target.requests)
    again = unchanged(await run_one(copy))

    untouched, made = manifest_of(target, "ns/app", "1").layers
    content = target.blob("ns/app", made.digest)
    assert content is not None
    assert gzip.decompress(content) == TAR
    assert (made.size, made.media_type) == (len(content), media_type.DOCKER_LAYER_GZIP)
    assert untouched.digest == Digest.of(GZIPPED[1])
    assert again.content.digest == first.content.digest
    assert since(embedded, at_source) == [("GET", Kind.MANIFEST)]
    assert since(target, at_target) == [("HEAD", Kind.MANIFEST), ("GET", Kind.MANIFEST)]


async def test_a_list_with_a_layer_compressed_anew_is_known_again(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    packed = oddly_made([GZIPPED, ZSTD])
    embedded.put("team/app", "1", build_index([image(machine="arm64"), packed]))
    copy = copy_of(f"{embedded.host}/team/app:1", f"{target.host}/ns/app:1", ALL)

    copied(await run_one(copy))
    at_source, at_target = len(embedded.requests), len(target.requests)
    unchanged(await run_one(copy))

    assert since(embedded, at_source) == [("GET", Kind.MANIFEST)] * 3
    assert since(target, at_target) == [
        ("HEAD", Kind.MANIFEST),
        ("GET", Kind.MANIFEST),
        ("GET", Kind.MANIFEST),
    ]

    other = replace(packed, platform=Platform("linux", "riscv64"))
    embedded.put("team/app", "1", build_index([image(machine="arm64"), other]))
    moved = copied(await run_one(copy))
    assert moved.content.platforms == ("linux/arm64", "linux/riscv64")


async def test_layers_compressed_anew_are_shared_by_images(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    for n in (1, 2):
        own = (media_type.OCI_LAYER_GZIP, gzip.compress(bytes([n]), mtime=0), 0)
        embedded.put("team/app", str(n), oddly_made([ZSTD, own]))
    copies = [
        copy_of(f"{embedded.host}/team/app:{n}", f"{target.host}/ns/app-{n}:1", line=n)
        for n in (1, 2)
    ]

    await run(copies)

    first, second = (manifest_of(target, f"ns/app-{n}", "1").layers[0] for n in (1, 2))
    assert first == second
    assert target.blob("ns/app-2", second.digest)
    assert embedded.statistics.sent_of(Digest.of(ZSTD[1])) == len(ZSTD[1])


async def test_a_layer_that_can_not_be_decompressed_is_told(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    broken = zstd.compress(TAR)[:-4]
    embedded.put("team/app", "1", typed_zstd(broken))

    outcome = await run_one(copy_of(f"{embedded.host}/team/app:1", f"{target.host}/ns/app:1"))

    assert refusal(outcome) == (Code.BAD_MANIFEST, Side.SOURCE)
    assert not puts(target)


async def test_an_unchanged_image_costs_one_request_at_each_side(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    embedded.put("team/app", "1", image())
    embedded.put("team/app", "2", two_platforms("two"))
    source, there = f"{embedded.host}/team/app", f"{target.host}/ns/app"
    single, listed = copy_of(f"{source}:1", f"{there}:1"), copy_of(f"{source}:2", f"{there}:2", ALL)
    one_of_two = copy_of(f"{source}:2", f"{there}:3")
    expected = {single: 1, listed: 3, one_of_two: 2}
    for copy, reads in expected.items():
        copied(await run_one(copy))
        at_source, at_target = len(embedded.requests), len(target.requests)

        unchanged(await run_one(copy))

        assert since(embedded, at_source) == [("GET", Kind.MANIFEST)] * reads
        assert since(target, at_target) == [("HEAD", Kind.MANIFEST)]


@pytest.mark.parametrize("name", ["v2s1-unsigned", "v2s1-content-type-json"])
async def test_images_of_schema_1_go_through_skopeo(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry, name: str
) -> None:
    path = str(require_peer("skopeo")).removesuffix("/skopeo")
    asked = replace(BASE, environment={"PATH": path, "HOME": "/nonexistent"})
    case = vectors.CASES[name]
    embedded.put("team/app", "1", built(case))
    copy = copy_of(f"{embedded.host}/team/app:1", f"{target.host}/ns/app:1")

    outcome = copied(await run_one(copy, asked))
    without = await run_one(copy, replace(asked, environment={"PATH": "/nonexistent"}))

    assert outcome.content.media_type == media_type.DOCKER_MANIFEST
    assert refusal(without) == (Code.ENGINE_UNSUPPORTED, Side.SOURCE)


async def test_foreign_layers_stay_where_they_are(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    case = vectors.CASES["oci-nondistributable"]
    embedded.put("team/app", "1", built(case))

    copied(await run_one(copy_of(f"{embedded.host}/team/app:1", f"{target.host}/ns/app:1")))

    foreign = [each for each in manifest_of(target, "ns/app", "1").layers if each.urls]
    assert foreign
    assert all(target.blob("ns/app", each.digest) is None for each in foreign)


@pytest.mark.parametrize("wrong", [-3, 3])
@pytest.mark.parametrize("size", [1000, 9 * 1024 * 1024])
async def test_a_wrong_layer_size_is_tolerated(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry, wrong: int, size: int
) -> None:
    content = b"\x1f\x8b\x08" + bytes(size)
    honest = oddly_made([GZIPPED])
    config, layer = honest.blobs
    body = honest.top.content.replace(layer.digest.encode(), Digest.of(content).encode())
    body = body.replace(
        f'"size": {len(layer.content)}'.encode(), f'"size": {len(content) + wrong}'.encode()
    )
    piece = Piece.of(layer.media_type, content)
    lying = BuiltImage(Piece.of(media_type.OCI_MANIFEST, body), (config, piece))
    embedded.put("team/app", "1", lying)

    copied(await run_one(copy_of(f"{embedded.host}/team/app:1", f"{target.host}/ns/app:1")))

    assert target.blob("ns/app", Digest.of(content)) == content


async def test_a_wrong_size_of_a_layer_to_compress_anew_is_tolerated(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    """Then every other layer has its true size as well, as with skopeo."""
    lying = [(kind, content, 5) for kind, content, _ in (GZIPPED, ZSTD)]
    embedded.put("team/app", "1", oddly_made(lying))

    copied(await run_one(copy_of(f"{embedded.host}/team/app:1", f"{target.host}/ns/app:1")))

    untouched, made = manifest_of(target, "ns/app", "1").layers
    assert untouched.size == len(GZIPPED[1])
    assert made.size == target.blob_size("ns/app", made.digest)


@pytest.mark.parametrize("wrong", [-3, 3])
async def test_a_wrong_config_size_is_refused(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry, wrong: int
) -> None:
    embedded.put("team/app", "1", oddly_made([GZIPPED], config_size=wrong))

    outcome = await run_one(copy_of(f"{embedded.host}/team/app:1", f"{target.host}/ns/app:1"))

    assert refusal(outcome) == (Code.BAD_MANIFEST, Side.SOURCE)
    assert not puts(target)


@pytest.mark.parametrize("wrong", [-3, 3])
async def test_a_wrong_size_of_a_config_that_is_there_is_refused(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry, wrong: int
) -> None:
    made = oddly_made([GZIPPED], config_size=wrong)
    embedded.put("team/app", "1", made)
    target.put("ns/app", "1", image("before"))
    target.put_blob("ns/app", made.blobs[0].content)

    outcome = await run_one(copy_of(f"{embedded.host}/team/app:1", f"{target.host}/ns/app:1"))

    assert refusal(outcome) == (Code.BAD_MANIFEST, Side.SOURCE)
    assert not puts(target)


async def test_a_wrong_size_of_a_config_that_another_image_sent_is_refused(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    embedded.put("team/app", "1", oddly_made([GZIPPED]))
    embedded.put("team/liar", "1", oddly_made([GZIPPED], config_size=3))
    copies = [
        copy_of(f"{embedded.host}/team/{name}:1", f"{target.host}/ns/{name}:1", line=n)
        for n, name in enumerate(("app", "liar"), 1)
    ]

    fine, lying = await run(copies)

    copied(fine)
    assert refusal(lying) == (Code.BAD_MANIFEST, Side.SOURCE)
    assert target.manifest("ns/liar", "1") is None


async def test_the_platform_is_told_of_a_config_that_is_there_and_of_one_made_anew(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    """It costs one request, and none where nothing has changed."""
    embedded.put("team/app", "1", made := image("new", "arm64"))
    embedded.put("team/docker", "1", image("docker", "arm64", Style.DOCKER))
    target.put("ns/app", "1", image("before"))
    target.put_blob("ns/app", made.blobs[0].content)
    there = copy_of(f"{embedded.host}/team/app:1", f"{target.host}/ns/app:1")
    anew = copy_of(
        f"{embedded.host}/team/docker:1", f"{target.host}/ns/docker:1", format_=Format.OCI
    )

    outcomes = await run([there, anew])
    reads = target.statistics.count("GET", Kind.BLOB)
    await run([there, anew])

    assert [copied(outcome).content.platforms for outcome in outcomes] == [("linux/arm64",)] * 2
    assert reads == target.statistics.count("GET", Kind.BLOB) == 1


async def test_a_config_that_can_not_be_looked_into_hinders_nothing(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    embedded.put("team/app", "1", made := image("new"))
    target.put("ns/app", "1", image("before"))
    target.put_blob("ns/app", made.blobs[0].content)
    target.faults.fail("GET", "/v2/ns/app/blobs/*", times=None)

    outcome = await run_one(copy_of(f"{embedded.host}/team/app:1", f"{target.host}/ns/app:1"))

    assert copied(outcome).content.platforms is None


async def test_blobs_come_before_manifests_and_the_tag_last_of_all(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    embedded.put("team/app", "1", two_platforms())

    outcome = copied(
        await run_one(copy_of(f"{embedded.host}/team/app:1", f"{target.host}/ns/app:1", ALL))
    )

    kinds = [(s.method, s.kind) for s in target.requests]
    last_blob = max(n for n, (_, kind) in enumerate(kinds) if kind is Kind.UPLOAD)
    first_put = kinds.index(("PUT", Kind.MANIFEST))
    assert last_blob < first_put
    assert [seen.path.rpartition("/")[2] for seen in puts(target)[-1:]] == ["1"]
    assert len(puts(target)) == 3
    assert kinds[-1] == ("HEAD", Kind.MANIFEST)
    held = target.manifest("ns/app", "1")
    assert held
    assert Digest.of(held[1]) == outcome.content.digest


async def test_a_tag_that_somebody_else_moved_at_once_is_no_success(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    embedded.put("team/app", "1", image())
    copy = copy_of(f"{embedded.host}/team/app:1", f"{target.host}/ns/app:1")
    target.put("ns/app", "1", image("before"))
    first = target.faults.hold("HEAD", "/v2/ns/app/manifests/1")
    first.released.set()
    back = target.faults.hold("HEAD", "/v2/ns/app/manifests/1")

    running = asyncio.create_task(run_one(copy))
    await back.arrived.wait()
    target.put("ns/app", "1", image("somebody else's"))
    back.released.set()

    assert refusal(await running) == (Code.TARGET_MISMATCH, Side.TARGET)


async def test_what_manifests_tell_is_refused_before_anything_moves(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    artifact = build_attestation(image(), AttestationForm.ARTIFACT)
    embedded.put("team/app", "1", artifact)
    embedded.put("team/app", "2", build_index([image(), two_platforms()]))
    encrypted = (media_type.OCI_LAYER_GZIP + "+encrypted", b"encrypted", 0)
    embedded.put("team/app", "3", build_index([image(), oddly_made([PLAIN, encrypted])]))
    expected = [Code.NOT_AN_IMAGE, Code.NOT_AN_IMAGE, Code.UNSUPPORTED_LAYER]

    outcomes = await run(
        copy_of(f"{embedded.host}/team/app:{n}", f"{target.host}/ns/app:{n}", ALL, n)
        for n in (1, 2, 3)
    )

    assert [refusal(outcome)[0] for outcome in outcomes] == expected
    assert not uploads(target)
    assert not puts(target)
    assert embedded.statistics.count("GET", Kind.BLOB) == 0


async def test_an_index_that_names_too_much_is_refused(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    many = build_index([image(str(n)) for n in range(300)])
    embedded.put("team/app", "1", many)

    outcome = await run_one(copy_of(f"{embedded.host}/team/app:1", f"{target.host}/ns/app:1", ALL))

    assert refusal(outcome) == (Code.TOO_LARGE, Side.SOURCE)
    assert len(embedded.requests) == 1


async def test_an_image_has_its_time_and_no_more(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    """What it shares with others goes on."""
    shared = build_layer({"shared": bytes(1000)})
    for name, own in (("slow", b"slow"), ("fast", b"fast")):
        embedded.put(f"team/{name}", "1", build_image([shared, build_layer({"own": own})]))
    slow = build_layer({"own": b"slow"})
    held = Hold()
    path = f"/v2/team/slow/blobs/{Digest.of(slow.content)}"
    embedded.faults.add("GET", path, held, times=None)

    late, fine = await run(
        (
            copy_of(f"{embedded.host}/team/{name}:1", f"{target.host}/ns/{name}:1", line=n)
            for n, name in enumerate(("slow", "fast"), 1)
        ),
        replace(BASE, timeout=1),
    )
    held.released.set()

    assert refusal(late) == (Code.TIMEOUT, None)
    assert target.manifest("ns/slow", "1") is None
    copied(fine)


async def test_what_a_failed_image_has_begun_is_called_off(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    """It would keep the only place from the next one."""
    large = (media_type.OCI_LAYER_GZIP, b"\x1f\x8b\x08" + bytes(9 * 1024 * 1024), 0)
    bad = oddly_made([large], config_size=1)
    embedded.put("team/app", "1", bad)
    embedded.put("team/app", "2", build_image([Synthetic(9 * 1024 * 1024)]))
    stuck = target.faults.hold("PATCH", "/v2/ns/app-1/*")
    config = embedded.faults.hold("GET", f"/v2/team/app/blobs/{bad.blobs[0].digest}")
    copies = [
        copy_of(f"{embedded.host}/team/app:{n}", f"{target.host}/ns/app-{n}:1", line=n)
        for n in (1, 2)
    ]

    async with asyncio.timeout(20):
        running = asyncio.create_task(run(copies, replace(BASE, parallel=1)))
        await stuck.arrived.wait()
        config.released.set()
        failed, fine = await running

    assert refusal(failed) == (Code.BAD_MANIFEST, Side.SOURCE)
    copied(fine)


async def test_the_time_of_an_image_stands_still_while_it_waits_for_another(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    """The one that sends the shared layer runs out of time; its layer arrives all the same."""
    shared = build_layer({"shared": bytes(1000)})
    for name in ("first", "second"):
        own = build_layer({"own": name.encode()})
        embedded.put(f"team/{name}", "1", build_image([shared, own]))
    held = embedded.faults.hold("GET", f"/v2/team/first/blobs/{Digest.of(shared.content)}")

    def release_much_later(event: Event) -> None:
        if isinstance(event, Ended):
            asyncio.get_running_loop().call_later(0.5, held.released.set)

    late, fine = await Runs(replace(BASE, timeout=1)).all(
        [
            copy_of(f"{embedded.host}/team/{name}:1", f"{target.host}/ns/{name}:1", line=n)
            for n, name in enumerate(("first", "second"), 1)
        ],
        release_much_later,
    )

    assert refusal(late) == (Code.TIMEOUT, None)
    assert copied(fine).seconds > 1.2


async def test_events_tell_of_every_copy(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    embedded.put("team/app", "1", image())
    copy = copy_of(f"{embedded.host}/team/app:1", f"{target.host}/ns/app:1")
    events: list[Event] = []

    (outcome,) = await Runs().all((copy,), events.append)

    assert events[:2] == [Advanced(copy, 0, copied(outcome).content.size or 0), Started(copy)]
    assert events[-1] == Ended(outcome)
    assert all(isinstance(event, Advanced) for event in events[2:-1])


async def test_progress_is_told_while_an_image_is_under_way(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    embedded.put("team/app", "1", build_image([Synthetic(9 * 1024 * 1024)]))
    held = target.faults.hold("PUT", "/v2/ns/app/manifests/1")
    copy = copy_of(f"{embedded.host}/team/app:1", f"{target.host}/ns/app:1")
    told: asyncio.Queue[Advanced] = asyncio.Queue()

    def observe(event: Event) -> None:
        if isinstance(event, Advanced):
            told.put_nowait(event)

    running = asyncio.create_task(Runs().all((copy,), observe))
    last = await told.get()
    while last.moved < last.total:
        last = await told.get()
    held.released.set()
    (outcome,) = await running

    assert last == Advanced(copy, last.total, copied(outcome).content.size or 0)
    assert told.empty()


async def test_what_need_not_be_sent_is_no_longer_expected(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    """One layer is there, another is mounted from the image that sends it."""
    there, sent = Synthetic(9 * 1024 * 1024, 1), Synthetic(9 * 1024 * 1024, 2)
    embedded.put("team/app", "1", build_image([there, sent]))
    target.put_blob("ns/app-1", there)
    held = [target.faults.hold("PUT", f"/v2/ns/app-{n}/manifests/1") for n in (1, 2)]
    copies = [
        copy_of(f"{embedded.host}/team/app:1", f"{target.host}/ns/app-{n}:1", line=n)
        for n in (1, 2)
    ]
    last: dict[Copy, Advanced] = {}
    settled = asyncio.Event()

    def observe(event: Event) -> None:
        if isinstance(event, Advanced):
            last[event.copy] = event
            moved = sum(each.moved for each in last.values())
            at_end = all(each.moved >= each.total for each in last.values())
            if len(last) == len(copies) and moved > sent.size and at_end:
                settled.set()

    running = asyncio.create_task(Runs().all(copies, observe))
    async with asyncio.timeout(20):
        await settled.wait()
    for hold in held:
        hold.released.set()
    outcomes = [copied(outcome) for outcome in await running]

    expected = sum(each.total for each in last.values())
    assert expected == sum(outcome.moved.sent for outcome in outcomes if outcome.moved)
    assert expected < sent.size + 10_000


async def test_no_more_images_move_layers_at_once_than_asked_for(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    layers = [Synthetic(9 * 1024 * 1024, seed) for seed in range(6)]
    for n, layer in enumerate(layers):
        embedded.put("team/app", str(n), build_image([layer]))
    held = [target.faults.hold("PATCH", "*") for _ in layers]
    copies = [
        copy_of(f"{embedded.host}/team/app:{n}", f"{target.host}/ns/app-{n}:1", line=n)
        for n in range(6)
    ]

    running = asyncio.create_task(run(copies, replace(BASE, parallel=2)))
    for hold in held:
        await hold.arrived.wait()
        hold.released.set()
    outcomes = await running

    assert all(map(copied, outcomes))
    assert target.statistics.peak("PATCH") == 2


async def test_a_stranger_is_led_nowhere_inside(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    embedded.put("team/app", "1", image())
    asked = replace(BASE, asker=Asker.STRANGER)
    copy = copy_of(f"{embedded.host}/team/app:1", f"{target.host}/ns/app:1")

    refused = await run_one(copy, asked)
    allowed = await run_one(copy, replace(asked, allow_private_hosts=frozenset({embedded.host})))

    assert refusal(refused) == (Code.ADDRESS_REFUSED, Side.SOURCE)
    copied(allowed)


async def test_a_manifest_that_two_tags_share_is_put_once(embedded: EmbeddedRegistry) -> None:
    index = build_index([image("one"), image("two", "arm64")])
    for tag in ("1", "2"):
        embedded.put("team/app", tag, index)
    host = embedded.host
    copies = [copy_of(f"{host}/team/app:{n}", f"{host}/ns/app:{n}", ALL, n) for n in (1, 2)]

    for outcome in await run(copies):
        copied(outcome)

    puts = [
        s.path for s in embedded.requests if s.method == "PUT" and "/manifests/sha256" in s.path
    ]
    assert len(puts) == len(set(puts)) == 2
