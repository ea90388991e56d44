"""Every vector through the whole engine: what skopeo 1.22.2 pushed, and where we go further."""

import gzip
import random
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from registry_mirror.config import Settings
from registry_mirror.embedded.images import BuiltImage, Piece
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.errors import Code, Side
from registry_mirror.oci import media_type as mt
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.manifest import ImageManifest, Index, parse_manifest
from registry_mirror.oci.platform import DEFAULT_SELECTION
from registry_mirror.outcome import Outcome
from tests import vectors
from tests.native_runs import ALL, BASE, built, copied, copy_of, puts, refusal, run_one, uploads
from tests.registries import require_peer
from tests.vectors import CASES, PASSED_THROUGH, Case, Run, content

OLD = "v2s1-"
BIG = "oci-uncompressed-big"
"""Its layer is not kept; another as large goes in its stead."""

UNREADABLE = {"oci-ambiguous": Code.BAD_MANIFEST, "oci-size-float": Code.BAD_MANIFEST}
TOLD_BY_MANIFESTS = {**vectors.REFUSED, **UNREADABLE}
FOUND_ON_THE_WAY = {
    "oci-wrong-config-size": Code.BAD_MANIFEST,
    "oci-config-missing": Code.BLOB_MISSING,
    "oci-layer-missing": Code.BLOB_MISSING,
}
REFUSED = {**TOLD_BY_MANIFESTS, **FOUND_ON_THE_WAY}

SAME_AS = {
    "index-buildkit-attestations": "index-2plat",
    "docker-ct-mismatch-oci-body": "oci-single-gzip",
    "docker-ct-octet": "docker-list-buildkit-attestation",
}
"""What skopeo fails on, and the case that it is without what skopeo stumbles over."""


def named(case: Case, run: Run) -> str:
    return f"{case.name}{'-all' if run.everything else ''}"


RUNS = {
    named(case, run): (case, run)
    for case in CASES.values()
    for run in case.runs
    if case.name != BIG
}
SUCCEEDED = [
    name
    for name, (case, run) in RUNS.items()
    if run.exit_code == 0 and not case.name.startswith(OLD) and case.name not in PASSED_THROUGH
]
FAILED = [name for name, (_, run) in RUNS.items() if run.exit_code != 0]


@pytest.fixture
async def target() -> AsyncIterator[EmbeddedRegistry]:
    async with EmbeddedRegistry() as registry:
        yield registry


async def mirrored(
    source: EmbeddedRegistry,
    target: EmbeddedRegistry,
    case: Case,
    run: Run,
    settings: Settings = BASE,
) -> Outcome:
    source.put("vectors/case", "t", built(case))
    selection = ALL if run.everything else DEFAULT_SELECTION
    copy = copy_of(f"{source.host}/vectors/case:t", f"{target.host}/ns/case:t", selection)
    return await run_one(copy, settings)


def recompresses(digest: Digest) -> bool:
    """Whether what skopeo wrote depends on its compressor."""
    manifest = parse_manifest(content(digest))
    known = {blob for case in CASES.values() for blob in case.blobs}
    return isinstance(manifest, ImageManifest) and any(
        layer.digest not in known and not layer.urls for layer in manifest.layers
    )


@pytest.mark.parametrize("name", SUCCEEDED)
async def test_every_manifest_is_what_skopeo_pushed(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry, name: str
) -> None:
    case, run = RUNS[name]

    outcome = copied(await mirrored(embedded, target, case, run))

    assert run.digest
    if recompresses(run.digest):
        assert_same_but_compressed(target, run.digest)
        return
    assert outcome.content.digest == run.digest
    expected = parse_manifest(content(run.digest))
    assert target.manifest("ns/case", "t") == (expected.media_type, content(run.digest))
    assert len(puts(target)) == len(run.manifests) + 1
    for digest in run.manifests:
        held = target.manifest("ns/case", digest)
        assert held
        assert held[1] == content(digest)


def assert_same_but_compressed(target: EmbeddedRegistry, expected: Digest) -> None:
    held = target.manifest("ns/case", "t")
    assert held
    mine, theirs = parse_manifest(held[1]), parse_manifest(content(expected))
    assert isinstance(mine, ImageManifest)
    assert isinstance(theirs, ImageManifest)
    assert (mine.media_type, mine.config) == (theirs.media_type, theirs.config)
    assert [layer.media_type for layer in mine.layers] == [
        layer.media_type for layer in theirs.layers
    ]
    for layer in mine.layers:
        assert layer.urls or target.blob_size("ns/case", layer.digest) == layer.size


@pytest.mark.parametrize("name", [name for name in RUNS if name.startswith(OLD)])
async def test_images_of_schema_1_become_what_skopeo_makes_of_them(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry, name: str
) -> None:
    case, run = RUNS[name]
    path = str(require_peer("skopeo")).removesuffix("/skopeo")
    settings = replace(BASE, environment={"PATH": path, "HOME": "/nonexistent"})

    outcome = copied(await mirrored(embedded, target, case, run, settings))

    assert run.digest
    assert outcome.content.digest == run.digest
    assert target.manifest("ns/case", "t") == (mt.DOCKER_MANIFEST, content(run.digest))
    assert_complete(target, parse_manifest(content(run.digest)))


async def test_a_layer_of_more_than_one_block_is_compressed_anew(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    case = CASES[BIG]
    run = case.run(everything=False)
    (absent,) = case.left_out
    layer = random.Random(1).randbytes(case.blobs[absent])
    embedded.put("vectors/case", "t", with_layer(case, absent, layer))

    copied(await run_one(copy_of(f"{embedded.host}/vectors/case:t", f"{target.host}/ns/case:t")))

    assert run
    assert run.digest
    assert_same_but_compressed(target, run.digest)
    held = target.manifest("ns/case", "t")
    assert held
    mine = parse_manifest(held[1])
    assert isinstance(mine, ImageManifest)
    (made,) = mine.layers
    assert gzip.decompress(target.blob("ns/case", made.digest) or b"") == layer


def with_layer(case: Case, absent: Digest, layer: bytes) -> BuiltImage:
    """An image of one layer, with another layer in place of the one that is not kept."""
    made = built(case)
    body = made.top.content.replace(absent.encode(), Digest.of(layer).encode())
    blobs = (*made.blobs, Piece.of(mt.OCI_LAYER, layer))
    return BuiltImage(Piece.of(made.top.media_type, body), blobs)


@pytest.mark.parametrize("name", sorted(PASSED_THROUGH))
async def test_a_layer_typed_gzip_is_passed_through_whatever_it_holds(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry, name: str
) -> None:
    case, run = RUNS[name]

    outcome = copied(await mirrored(embedded, target, case, run))

    source = parse_manifest(content(case.top))
    assert isinstance(source, ImageManifest)
    assert outcome.content.media_type == mt.DOCKER_MANIFEST
    assert all(target.blob("ns/case", layer.digest) is not None for layer in source.layers)


@pytest.mark.parametrize("name", [n for n in FAILED if RUNS[n][0].name in REFUSED])
async def test_what_neither_can_copy_is_refused(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry, name: str
) -> None:
    case, run = RUNS[name]

    outcome = await mirrored(embedded, target, case, run)

    assert refusal(outcome) == (REFUSED[case.name], Side.SOURCE)
    assert not puts(target)
    assert target.manifest("ns/case", "t") is None
    if case.name in TOLD_BY_MANIFESTS:
        assert not uploads(target)


@pytest.mark.parametrize("name", [n for n in FAILED if RUNS[n][0].name not in REFUSED])
async def test_what_skopeo_can_not_copy_arrives(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry, name: str
) -> None:
    case, run = RUNS[name]

    outcome = copied(await mirrored(embedded, target, case, run))

    held = target.manifest("ns/case", "t")
    assert held
    top = parse_manifest(held[1])
    assert top.digest == outcome.content.digest
    names = [each.descriptor.digest for each in top.entries] if isinstance(top, Index) else ["t"]
    for each in names:
        found = target.manifest("ns/case", each)
        assert found
        assert_complete(target, parse_manifest(found[1]))
    twin = CASES[SAME_AS[case.name]] if case.name in SAME_AS else None
    expected = twin.run(everything=run.everything) if twin else None
    assert expected is None or outcome.content.digest == expected.digest


def assert_complete(target: EmbeddedRegistry, image: object) -> None:
    assert isinstance(image, ImageManifest)
    assert image.media_type == mt.DOCKER_MANIFEST
    assert image.config
    for blob in (image.config, *image.layers):
        assert target.blob_size("ns/case", blob.digest) == blob.size
    assert {layer.media_type for layer in image.layers} == {mt.DOCKER_LAYER_GZIP}
