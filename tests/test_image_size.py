"""The cap on the size of an image: by what manifests say, and by what really comes."""

import os
import sys
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from registry_mirror.config import Settings
from registry_mirror.embedded.content import Synthetic
from registry_mirror.embedded.images import BuiltImage, Piece, build_image, build_index, build_layer
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.embedded.statistics import Kind
from registry_mirror.engines.sizes import octets_of
from registry_mirror.engines.skopeo.engine import open_skopeo
from registry_mirror.errors import Code, Side
from registry_mirror.oci.manifest import ImageManifest, parse_manifest
from registry_mirror.oci.platform import Platform
from registry_mirror.outcome import Failed, Outcome
from registry_mirror.plan import Copy, Plan
from registry_mirror.text import Language
from tests.native_runs import (
    ALL,
    AMD64,
    BASE,
    copied,
    copy_of,
    image,
    refusal,
    run,
    run_one,
    silent,
    two_platforms,
)
from tests.registries import require_peer

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

TOO_LARGE = (Code.TOO_LARGE, Side.SOURCE)
MIB = 1024 * 1024


@pytest.fixture
async def target() -> AsyncIterator[EmbeddedRegistry]:
    async with EmbeddedRegistry() as registry:
        yield registry


@pytest.fixture(params=["native", "skopeo"])
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if name == "skopeo":
        require_peer("skopeo")
    return name


async def run_with(engine: str, copy: Copy, asked: Settings) -> Outcome:
    if engine == "native":
        return await run_one(copy, asked)
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}
    async with open_skopeo(replace(asked, environment=environment)) as skopeo:
        (outcome,) = await skopeo.run(Plan((copy,)), silent)
    return outcome


def size_of(built: BuiltImage) -> int:
    return sum(len(blob.content) for blob in built.blobs)


def only_manifests(registry: EmbeddedRegistry) -> bool:
    asked = {seen.kind for seen in registry.requests}
    return asked <= {Kind.MANIFEST, Kind.PING}


@pytest.mark.parametrize("selection", [AMD64, ALL], ids=["one", "all"])
async def test_an_image_may_be_as_large_as_the_cap_and_no_larger(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry, engine: str, selection: object
) -> None:
    index = two_platforms()
    embedded.put("team/app", "1", index)
    copy = copy_of(f"{embedded.host}/team/app:1", f"{target.host}/ns/app:1")
    copy = replace(copy, selection=ALL) if selection is ALL else copy
    size = size_of(index) if selection is ALL else size_of(image(machine="amd64"))

    refused = await run_with(engine, copy, replace(BASE, max_image_size=size - 1))
    assert only_manifests(embedded)
    assert not [seen for seen in target.requests if seen.kind is Kind.UPLOAD]
    taken = await run_with(engine, copy, replace(BASE, max_image_size=size))

    assert refusal(refused) == TOO_LARGE
    copied(taken)


async def test_both_engines_say_how_large_it_is_and_may_be(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry, engine: str
) -> None:
    embedded.put("team/app", "1", build_image([Synthetic(3 * MIB)]))
    copy = copy_of(f"{embedded.host}/team/app:1", f"{target.host}/ns/app:1")

    outcome = await run_with(engine, copy, replace(BASE, max_image_size=2 * MIB))

    assert isinstance(outcome, Failed)
    assert outcome.failure.cause
    assert outcome.failure.hint
    for language in Language:
        said = outcome.failure.cause.say(language)
        assert "3.0 MiB" in said
        assert "2.0 MiB" in said
        assert "--platform" in outcome.failure.hint.say(language)


async def test_skopeo_refuses_indexes_of_more_images_than_anybody_needs(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    require_peer("skopeo")
    layer = build_layer({"x": b"x"})
    images = [build_image([layer], Platform("linux", f"m{n}")) for n in range(257)]
    embedded.put("team/app", "1", build_index(images))
    copy = copy_of(f"{embedded.host}/team/app:1", f"{target.host}/ns/app:1", ALL)

    outcome = await run_with("skopeo", copy, replace(BASE, max_image_size=MIB))

    assert refusal(outcome) == TOO_LARGE
    assert len(embedded.requests) < 10


def test_a_blob_counts_once_and_by_the_largest_size_said_of_it() -> None:
    one = parsed(image("same"))
    small = replace(one, layers=tuple(replace(layer, size=1) for layer in one.layers))
    assert octets_of([small, one, one]) == octets_of([one]) == size_of(image("same"))


def test_layers_that_stay_elsewhere_do_not_count() -> None:
    one = parsed(image())
    assert one.config
    foreign = replace(one, layers=tuple(replace(each, urls=("u",)) for each in one.layers))
    assert octets_of([foreign]) == one.config.size


def parsed(built: BuiltImage) -> ImageManifest:
    manifest = parse_manifest(built.top.content)
    assert isinstance(manifest, ImageManifest)
    return manifest


# --- sizes that lie -------------------------------------------------------------------------------


def lying(honest: BuiltImage, *layers: Synthetic | Piece) -> BuiltImage:
    """Says of each of these layers that it has one byte."""
    body = honest.top.content
    for layer in layers:
        size = layer.size if isinstance(layer, Synthetic) else len(layer.content)
        told = f'"digest":"{layer.digest}","size":{size}'.encode()
        assert told in body
        body = body.replace(told, told.replace(f":{size}".encode(), b":1"))
    return replace(honest, top=Piece.of(honest.top.media_type, body))


async def test_layers_that_turn_out_larger_count_as_they_are(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    layers = [Synthetic(MIB, seed) for seed in range(4)]
    embedded.put("team/app", "1", lying(build_image(layers), *layers))
    copy = copy_of(f"{embedded.host}/team/app:1", f"{target.host}/ns/app:1")

    outcome = await run_one(copy, replace(BASE, max_image_size=3 * MIB))

    assert refusal(outcome) == TOO_LARGE
    assert target.manifest("ns/app", "1") is None
    assert sum(target.statistics.received_of(layer.digest) for layer in layers) <= 3 * MIB
    copied(await run_one(copy, replace(BASE, max_image_size=5 * MIB)))


async def test_a_neighbour_that_led_the_layer_does_not_hide_its_size(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    large = Synthetic(2 * MIB)
    embedded.put("team/honest", "1", build_image([large]))
    other = build_image([large, build_layer({"own": b"own"})])
    embedded.put("team/lying", "1", lying(other, large))
    copies = [
        copy_of(f"{embedded.host}/team/{name}:1", f"{target.host}/ns/{name}:1", line=n)
        for n, name in enumerate(("honest", "lying"), 1)
    ]

    outcomes = await run(copies, replace(BASE, max_image_size=MIB))

    assert [refusal(each) for each in outcomes] == [TOO_LARGE, TOO_LARGE]


async def test_nor_do_neighbours_that_led_all_of_them(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    one, two = Synthetic(2 * MIB, 1), Synthetic(2 * MIB, 2)
    embedded.put("team/one", "1", build_image([one]))
    embedded.put("team/two", "1", build_image([two]))
    embedded.put("team/both", "1", lying(build_image([one, two]), one, two))
    copies = [
        copy_of(f"{embedded.host}/team/{name}:1", f"{target.host}/ns/{name}:1", line=n)
        for n, name in enumerate(("one", "two", "both"), 1)
    ]

    *good, bad = await run(copies, replace(BASE, max_image_size=3 * MIB))

    assert all(map(copied, good))
    assert refusal(bad) == TOO_LARGE
    assert target.manifest("ns/both", "1") is None


def zeros(octets: int) -> BuiltImage:
    """A layer in zstd, which packs nothing but zeros far better than gzip does."""
    honest = build_image([build_layer({"x": b"x"})])
    config, layer = honest.blobs
    packed = zstd.compress(bytes(octets))
    body = honest.top.content.replace(b"tar+gzip", b"tar+zstd")
    body = body.replace(layer.digest.encode(), Piece.of("", packed).digest.encode())
    body = body.replace(f'"size":{len(layer.content)}'.encode(), f'"size":{len(packed)}'.encode())
    return BuiltImage(
        Piece.of(honest.top.media_type, body), (config, Piece.of(layer.media_type, packed))
    )


async def test_a_layer_may_not_grow_over_the_cap_when_it_is_compressed_anew(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    bomb = zeros(64 * MIB)
    embedded.put("team/app", "1", bomb)
    said = size_of(bomb)
    copy = copy_of(f"{embedded.host}/team/app:1", f"{target.host}/ns/app:1")

    outcome = await run_one(copy, replace(BASE, max_image_size=2 * said))

    assert refusal(outcome) == TOO_LARGE
    assert target.manifest("ns/app", "1") is None
    copied(await run_one(copy, BASE))
