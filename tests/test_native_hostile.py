"""Sources and targets that mean harm: only their own images fail, by a code, and the run ends."""

import asyncio
import gzip
import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from registry_mirror.embedded.actions import OtherBody, OtherRange, Reply, Slow
from registry_mirror.embedded.content import Synthetic
from registry_mirror.embedded.images import BuiltImage, Piece, build_image, build_index
from registry_mirror.embedded.refusal import Refusal
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.embedded.statistics import Kind
from registry_mirror.errors import Code, Side
from registry_mirror.oci import media_type
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.format import Format
from registry_mirror.oci.platform import Platform
from registry_mirror.outcome import Failed, Outcome
from registry_mirror.plan import Copy
from registry_mirror.registry.outgoing import Patience
from tests.native_runs import (
    ALL,
    BASE,
    Runs,
    copied,
    copy_of,
    image,
    puts,
    refusal,
    run,
    run_one,
    unchanged,
)
from tests.odd_images import GZIPPED, PLAIN, TAR, ZSTD, manifest_of, oddly_made, zstd

MIB = 1024 * 1024
LIMIT = 20.0
"""Seconds in which a run must have ended, though its registries would take hours."""

GONE = Refusal(404, "MANIFEST_UNKNOWN", "gone")
LONG_NAME = f"http://{'a' * 64}.com/x"


@pytest.fixture
async def target() -> AsyncIterator[EmbeddedRegistry]:
    async with EmbeddedRegistry() as registry:
        yield registry


async def beside_a_good_one(
    source: EmbeddedRegistry, target: EmbeddedRegistry, bad: Copy
) -> Outcome:
    """How a copy ends in a run in which another one must arrive."""
    source.put("team/good", "1", image("good"))
    good = copy_of(f"{source.host}/team/good:1", f"{target.host}/ns/good:1", line=9)

    outcome, fine = await run((bad, good))

    copied(fine)
    return outcome


def app(source: EmbeddedRegistry, target: EmbeddedRegistry, tag: str = "1") -> Copy:
    return copy_of(f"{source.host}/team/app:{tag}", f"{target.host}/ns/app:{tag}")


# --- layers that are not what they are said to be -------------------------------------------------


@pytest.mark.parametrize("twice", [PLAIN, ZSTD], ids=["tar", "zstd"])
async def test_the_same_layer_moved_and_compressed_anew(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry, twice: tuple[str, bytes, int]
) -> None:
    as_gzip = (media_type.OCI_LAYER_GZIP, twice[1], 0)
    embedded.put("team/app", "1", oddly_made([twice, as_gzip]))

    copied(await beside_a_good_one(embedded, target, app(embedded, target)))

    anew, moved = manifest_of(target, "ns/app", "1").layers
    assert moved.digest == Digest.of(twice[1])
    assert target.blob("ns/app", moved.digest) == twice[1]
    assert gzip.decompress(target.blob("ns/app", anew.digest) or b"") == TAR


async def test_a_config_that_is_a_layer_as_well(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    config = b'{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}'
    embedded.put("team/app", "1", oddly_made([(media_type.OCI_LAYER, config, 0)], config=config))

    copied(await beside_a_good_one(embedded, target, app(embedded, target)))

    manifest = manifest_of(target, "ns/app", "1")
    assert manifest.config
    assert target.blob("ns/app", manifest.config.digest) == config
    (layer,) = manifest.layers
    assert gzip.decompress(target.blob("ns/app", layer.digest) or b"") == config


@pytest.mark.parametrize("kind", [media_type.OCI_LAYER_ZSTD, media_type.OCI_LAYER])
async def test_a_layer_in_gzip_is_never_compressed_twice(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry, kind: str
) -> None:
    content = gzip.compress(TAR, mtime=0)
    made = oddly_made([(kind, content, 0), ZSTD])
    embedded.put("team/app", "1", made)
    range_lies = OtherBody(b"a tar ") if kind == media_type.OCI_LAYER else OtherRange("bytes=0-5")
    embedded.faults.add("GET", f"/v2/team/app/blobs/{Digest.of(content)}", range_lies)

    copied(await Runs(replace(BASE, retries=2)).one(app(embedded, target)))

    first, second = manifest_of(target, "ns/app", "1").layers
    assert first.digest == Digest.of(content)
    assert gzip.decompress(target.blob("ns/app", second.digest) or b"") == TAR


async def test_a_tar_whose_first_bytes_were_a_lie_is_compressed(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    """By them it would be typed gzip, beside a layer that is compressed anew."""
    other = b"another tar " * 1000
    embedded.put("team/app", "1", oddly_made([PLAIN, (media_type.OCI_LAYER, other, 0)]))
    lie = embedded.faults.add(
        "GET", f"/v2/team/app/blobs/{Digest.of(TAR)}", OtherBody(b"\x1f\x8b\x08\x00\x00\x00")
    )

    copied(await Runs(replace(BASE, retries=2)).one(app(embedded, target)))

    layers = manifest_of(target, "ns/app", "1").layers
    contents = [target.blob("ns/app", layer.digest) or b"" for layer in layers]
    assert lie.hits
    assert {layer.media_type for layer in layers} == {media_type.DOCKER_LAYER_GZIP}
    assert [gzip.decompress(content) for content in contents] == [TAR, other]


async def test_a_bomb_in_zstd_arrives_as_a_small_layer(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    bomb = zstd.compress(bytes(64 * MIB))
    embedded.put("team/app", "1", oddly_made([(media_type.OCI_LAYER_ZSTD, bomb, 0)]))

    copied(await run_one(app(embedded, target)))

    (layer,) = manifest_of(target, "ns/app", "1").layers
    assert layer.size < MIB


# --- names and addresses that are none ------------------------------------------------------------

ADDRESSES = [LONG_NAME, "http://a..b/x", "http://[", "//[::1", "http://h:99999/x", "mailto:x"]


@pytest.mark.parametrize("where", ADDRESSES)
@pytest.mark.parametrize("path", ["manifests/1", "blobs/sha256:*"])
async def test_a_source_that_redirects_nowhere(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry, path: str, where: str
) -> None:
    embedded.put("team/app", "1", image())
    redirect = Reply(307, (("Location", where),))
    embedded.faults.add("GET", f"/v2/team/app/{path}", redirect, times=None)

    outcome = await beside_a_good_one(embedded, target, app(embedded, target))

    code, side = refusal(outcome)
    assert code in (Code.SOURCE_UNAVAILABLE, Code.ADDRESS_REFUSED)
    assert side is Side.SOURCE


@pytest.mark.parametrize("where", ADDRESSES)
@pytest.mark.parametrize("method", ["POST", "PATCH"])
async def test_a_target_that_opens_an_upload_nowhere(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry, method: str, where: str
) -> None:
    embedded.put("team/app", "1", build_image([Synthetic(9 * MIB)]))
    answer = Reply(202, (("Location", where),))
    target.faults.add(method, "/v2/ns/app/blobs/uploads/*", answer, times=None)

    outcome = await beside_a_good_one(embedded, target, app(embedded, target))

    assert refusal(outcome) == (Code.TARGET_UNAVAILABLE, Side.TARGET)


async def test_a_source_on_the_list_that_can_be_no_host(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    bad = copy_of(f"{'a' * 64}.com/team/app:1", f"{target.host}/ns/app:1")

    outcome = await beside_a_good_one(embedded, target, bad)

    assert refusal(outcome) == (Code.SOURCE_UNAVAILABLE, Side.SOURCE)


# --- manifests ------------------------------------------------------------------------------------


def with_words(made: BuiltImage, **words: str) -> BuiltImage:
    """An image with other words in its manifest."""
    content = json.dumps(json.loads(made.top.content) | words).encode()
    return replace(made, top=Piece.of(made.top.media_type, content))


@pytest.mark.parametrize("kind", ["x\r\nEvil: 1", "x" * 9000, "\0", "\x7f"])
async def test_a_media_type_that_no_header_can_say(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry, kind: str
) -> None:
    embedded.put("team/app", "1", with_words(image(), mediaType=kind))
    bad = replace(app(embedded, target), format=Format.SOURCE)

    outcome = await beside_a_good_one(embedded, target, bad)

    assert refusal(outcome) == (Code.BAD_MANIFEST, Side.SOURCE)


async def test_the_words_of_a_source_are_told_in_short(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    made = image()
    body = json.loads(made.top.content)
    body["config"]["digest"] = "\n::error::read me\x1b[31m" * 100_000
    top = Piece.of(made.top.media_type, json.dumps(body).encode())
    embedded.put("team/app", "1", replace(made, top=top))

    outcome = await run_one(app(embedded, target))

    assert isinstance(outcome, Failed)
    assert outcome.failure.code is Code.BAD_MANIFEST
    assert len(outcome.failure.said) <= 2000
    assert outcome.failure.said.isprintable()


async def test_manifests_that_are_too_much_together_are_not_kept(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    """Each is as large as one may be."""
    children = [
        replace(
            with_words(image(str(n)), padding="z" * 3_900_000), platform=Platform("linux", f"a{n}")
        )
        for n in range(12)
    ]
    embedded.put("team/app", "1", build_index(children))

    outcome = await run_one(replace(app(embedded, target), selection=ALL))

    assert refusal(outcome) == (Code.TOO_LARGE, Side.SOURCE)
    assert not target.requests


@pytest.mark.parametrize("told", [0, 8 * MIB])
async def test_a_config_that_is_too_large_is_not_read(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry, told: int
) -> None:
    """Whether its size is told or not."""
    config = json.dumps({"architecture": "amd64", "os": "linux", "x": "z" * 8 * MIB}).encode()
    made = oddly_made([GZIPPED], config_size=told - 8 * MIB, config=config)
    embedded.put("team/app", "1", made)

    outcome = await run_one(app(embedded, target))

    assert refusal(outcome) == (Code.TOO_LARGE, Side.SOURCE)
    assert not puts(target)
    assert target.statistics.received_of(Digest.of(config)) == 0


async def test_a_child_named_by_sha512_is_put_by_that_name(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    child = image()
    name = Digest(f"sha512:{hashlib.sha512(child.top.content).hexdigest()}")
    named = replace(child, top=replace(child.top, digest=name))
    embedded.put("team/app", "1", build_index([named]))
    copy = replace(app(embedded, target), selection=ALL, format=Format.SOURCE)

    copied(await run_one(copy))

    assert target.manifest("ns/app", name) == (child.top.media_type, child.top.content)


# --- targets that forget or answer oddly ----------------------------------------------------------


async def test_a_list_whose_child_is_gone_is_mirrored_again(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    other = replace(oddly_made([ZSTD]), platform=Platform("linux", "arm64"))
    embedded.put("team/app", "1", build_index([oddly_made([GZIPPED, ZSTD]), other]))
    copy = replace(app(embedded, target), selection=ALL)
    copied(await run_one(copy))
    before = len(puts(target))
    target.faults.fail("GET", "/v2/ns/app/manifests/sha256:*", GONE, times=None)

    unchanged(await run_one(copy))

    assert len(puts(target)) == before + 3


async def test_a_head_that_finds_no_tag_is_not_believed(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    """And it is asked once before and once after, however often it says so."""
    embedded.put("team/app", "1", image())
    target.faults.add("HEAD", "/v2/ns/app/manifests/1", GONE, times=None)

    async with asyncio.timeout(LIMIT):
        copied(await Runs(replace(BASE, retries=5)).one(app(embedded, target)))

    asked = [s.method for s in target.requests if s.kind is Kind.MANIFEST]
    assert asked == ["HEAD", "PUT", "HEAD", "GET"]


async def test_a_refused_tag_that_no_head_finds_is_told_as_refused(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    embedded.put("team/app", "1", image())
    target.faults.add("HEAD", "/v2/ns/app/manifests/1", GONE, times=None)
    target.faults.fail("PUT", "/v2/ns/app/manifests/1", Refusal(403, "DENIED", "no"), times=None)

    outcome = await run_one(app(embedded, target))

    assert refusal(outcome) == (Code.TARGET_DENIED, Side.TARGET)


# --- dripping -------------------------------------------------------------------------------------


@pytest.mark.parametrize("images", [1, 3])
async def test_a_dripping_layer_keeps_nobody_for_ever(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry, images: int
) -> None:
    """Those who wait for it have time left, but wait no longer than one transfer may take."""
    large = Synthetic(9 * MIB)
    embedded.put("team/app", "1", build_image([large]))
    embedded.faults.add("GET", f"/v2/team/app/blobs/{large.digest}", Slow(10_000), times=None)
    copies = [
        copy_of(f"{embedded.host}/team/app:1", f"{target.host}/ns/app-{n}:1", line=n)
        for n in range(images)
    ]

    async with asyncio.timeout(LIMIT):
        outcomes = await run(copies, replace(BASE, timeout=1))

    assert {refusal(outcome)[0] for outcome in outcomes} == {Code.TIMEOUT}


@pytest.mark.parametrize("path", ["manifests/1", "manifests/sha256:*", "blobs/sha256:*"])
async def test_a_dripping_answer_is_given_up_and_asked_for_again(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry, path: str
) -> None:
    """Every window brings as much as it must."""
    made = with_words(image(), padding="z" * 100_000)
    embedded.put("team/app", "1", build_index([replace(made, platform=Platform("linux", "amd64"))]))
    slow = embedded.faults.add("GET", f"/v2/team/app/{path}", Slow(5), times=None)
    runs = Runs(replace(BASE, retries=1), patience=Patience(rate=0.0, whole=0.3))
    copy = replace(app(embedded, target), format=Format.SOURCE)

    async with asyncio.timeout(LIMIT):
        outcome = await runs.one(copy)
        slow.remaining = 1
        again = await runs.one(copy)

    assert refusal(outcome) == (Code.SOURCE_UNAVAILABLE, Side.SOURCE)
    copied(again)


async def test_a_pause_of_years_holds_nobody_up(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    years = Refusal(429, "TOOMANYREQUESTS", "no", (("Retry-After", "99999999"),))
    embedded.faults.fail("GET", "/v2/*", years, times=None)
    copies = [
        copy_of(f"{embedded.host}/team/app-{n}:1", f"{target.host}/ns/app-{n}:1", line=n)
        for n in range(20)
    ]

    async with asyncio.timeout(LIMIT):
        outcomes = await run(copies, replace(BASE, retries=3))

    assert {refusal(outcome) for outcome in outcomes} == {(Code.RATE_LIMITED, Side.SOURCE)}
    assert len(embedded.requests) == len(copies)
