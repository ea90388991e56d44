"""What skopeo 1.22.2 made of generated images, and where the native engine goes further."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from registry_mirror.errors import Failure
from registry_mirror.oci import media_type as mt
from registry_mirror.oci.convert import Schema1, needs_sniff
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.format import Format
from registry_mirror.oci.layers import GZIP_OF, Stored
from registry_mirror.oci.manifest import ImageManifest, Index, InvalidManifestError, parse_manifest
from tests.conversion import Converted, Result, Source, selection_of
from tests.vectors import CASES, PASSED_THROUGH, REFUSED, Case, Run, content

TAR = b"a plain tar"
"""Stands for the layers that are too big to be kept: all of them are plain tars."""

FOUND_WHEN_MOVED = {"oci-wrong-config-size", "oci-config-missing", "oci-layer-missing"}
"""What no manifest tells: these are planned like any other."""

UNREADABLE = {"oci-ambiguous", "oci-size-float"}


@dataclass(frozen=True, slots=True)
class Shown:
    case: Case
    run: Run

    def __str__(self) -> str:
        return f"{self.case.name}{'-all' if self.run.everything else ''}"


RUNS = [Shown(case, run) for case in CASES.values() for run in case.runs]
SUCCEEDED = [s for s in RUNS if s.run.exit_code == 0 and s.case.name not in PASSED_THROUGH]
FAILED = [shown for shown in RUNS if shown.run.exit_code != 0]


def source_of(case: Case, recompressed: Mapping[Digest, Stored] | None = None) -> Source:
    return Source(
        {digest: content(digest) for digest in case.manifests},
        {d: TAR if d in case.left_out else content(d) for d in case.blobs},
        recompressed or {},
    )


def convert(shown: Shown, recompressed: Mapping[Digest, Stored] | None = None) -> Result:
    selection = selection_of(everything=shown.run.everything)
    return source_of(shown.case, recompressed).convert(shown.case.top, Format.V2S2, selection)


def recompressions(shown: Shown) -> dict[Digest, Stored]:
    """What skopeo's compressor made of layers, read from the manifest it wrote."""
    source = parse_manifest(content(shown.case.top))
    assert shown.run.digest
    written = parse_manifest(content(shown.run.digest))
    if not isinstance(source, ImageManifest) or not isinstance(written, ImageManifest):
        return {}
    return {
        mine.digest: Stored(theirs.digest, theirs.size)
        for mine, theirs in zip(source.layers, written.layers, strict=True)
        if mine.digest != theirs.digest
    }


@pytest.mark.parametrize("shown", SUCCEEDED, ids=str)
def test_every_manifest_is_what_skopeo_pushed(shown: Shown) -> None:
    if shown.case.name.startswith("v2s1"):
        assert isinstance(convert(shown), Schema1)
        return
    result = convert(shown, recompressions(shown))
    assert isinstance(result, Converted), result
    assert shown.run.digest
    assert result.top.content == content(shown.run.digest)
    assert result.top.media_type == parse_manifest(result.top.content).media_type
    assert {child.digest for child in result.children} == set(shown.run.manifests)
    assert all(child.content == content(child.digest) for child in result.children)


@pytest.mark.parametrize("name", sorted(PASSED_THROUGH))
def test_a_layer_typed_gzip_is_passed_through_whatever_it_holds(name: str) -> None:
    run = CASES[name].run(everything=False)
    assert run
    source = parse_manifest(content(CASES[name].top))
    result = convert(Shown(CASES[name], run))
    assert isinstance(source, ImageManifest)
    assert isinstance(result, Converted)
    written = parse_manifest(result.top.content)
    assert isinstance(written, ImageManifest)
    assert [(layer.digest, layer.media_type) for layer in written.layers] == [
        (layer.digest, mt.DOCKER_LAYER_GZIP) for layer in source.layers
    ]


@pytest.mark.parametrize(
    "shown", [shown for shown in FAILED if shown.case.name in REFUSED], ids=str
)
def test_what_skopeo_can_not_copy_is_refused_by_the_manifests_alone(shown: Shown) -> None:
    result = convert(shown)
    assert isinstance(result, Failure), result
    assert result.code is REFUSED[shown.case.name]


@pytest.mark.parametrize("name", sorted(UNREADABLE))
def test_a_manifest_that_go_would_not_read_is_refused(name: str) -> None:
    with pytest.raises(InvalidManifestError):
        parse_manifest(content(CASES[name].top))


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A case that skopeo fails on, and the one that it is without what skopeo stumbles over."""

    name: str
    same_as: str
    everything: bool = False


@pytest.mark.parametrize(
    "obstacle",
    [
        Obstacle("index-buildkit-attestations", "index-2plat", everything=True),
        Obstacle("docker-ct-mismatch-oci-body", "oci-single-gzip"),
        Obstacle("docker-ct-octet", "docker-list-buildkit-attestation"),
    ],
    ids=lambda obstacle: obstacle.name,
)
def test_what_skopeo_dies_on_is_as_if_the_obstacle_were_not_there(obstacle: Obstacle) -> None:
    case = CASES[obstacle.name]
    run = case.run(everything=obstacle.everything)
    expected = CASES[obstacle.same_as].run(everything=obstacle.everything)
    assert run
    assert run.exit_code
    assert expected
    result = convert(Shown(case, run))
    assert isinstance(result, Converted)
    assert result.top.digest == expected.digest
    assert {child.digest for child in result.children} == set(expected.manifests)


def test_of_twins_in_gzip_and_zstd_the_one_in_gzip_is_taken() -> None:
    case = CASES["index-zstd-and-gzip-variants"]
    run = case.run(everything=False)
    assert run
    result = convert(Shown(case, run))
    assert isinstance(result, Converted)
    index = parse_manifest(content(case.top))
    assert isinstance(index, Index)
    gzip = source_of(case).convert(
        index.entries[0].descriptor.digest, Format.V2S2, selection_of(everything=False)
    )
    assert result == gzip


def test_an_attestation_that_only_its_own_manifest_gives_away_is_dropped() -> None:
    case = CASES["docker-list-buildkit-attestation"]
    run = case.run(everything=True)
    assert run
    result = convert(Shown(case, run))
    assert isinstance(result, Converted)
    assert [digest[7:15] for digest in result.dropped] == ["3efff64c"]
    assert result.top.content == (
        b'{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.list.v2+json"'
        b',"manifests":[{"mediaType":"application/vnd.docker.distribution.manifest.v2+json",'
        b'"size":523,"digest":'
        b'"sha256:0046431d6008385bc283b5814a97a0a7a73bbf224c2f3d4f63a52d2078ae68c0",'
        b'"platform":{"architecture":"amd64","os":"linux"}}]}'
    )


@pytest.mark.parametrize("name", ["oci-zstd", "index-zstd-child", "index-zstd-and-gzip-variants"])
def test_a_layer_in_zstd_is_compressed_anew(name: str) -> None:
    case = CASES[name]
    run = case.run(everything=True)
    assert run
    manifests = (parse_manifest(content(digest)) for digest in case.manifests)
    zstd = {
        layer.digest
        for manifest in manifests
        if isinstance(manifest, ImageManifest)
        for layer in manifest.layers
        if layer.media_type == mt.OCI_LAYER_ZSTD
    }
    stored = Stored(Digest.of(b"gzip"), 4)
    result = convert(Shown(case, run), dict.fromkeys(zstd, stored))
    assert isinstance(result, Converted)
    written = [parse_manifest(child.content) for child in result.children or (result.top,)]
    layers = [
        (layer.digest, layer.size, layer.media_type)
        for manifest in written
        if isinstance(manifest, ImageManifest)
        for layer in manifest.layers
    ]
    assert (stored.digest, 4, mt.DOCKER_LAYER_GZIP) in layers
    assert not zstd & {digest for digest, _, _ in layers}


def test_every_failure_of_skopeo_has_an_answer() -> None:
    """The lists of this module leave out no vector."""
    answered = (
        {*REFUSED, *FOUND_WHEN_MOVED, *UNREADABLE}
        | {"index-buildkit-attestations", "docker-ct-mismatch-oci-body", "docker-ct-octet"}
        | {"docker-list-buildkit-attestation", "oci-zstd", "index-zstd-child"}
        | {"index-zstd-and-gzip-variants"}
    )
    assert {shown.case.name for shown in FAILED} == answered


@pytest.mark.parametrize("name", sorted(FOUND_WHEN_MOVED))
def test_what_no_manifest_tells_is_left_to_the_transfer(name: str) -> None:
    case = CASES[name]
    assert isinstance(convert(Shown(case, case.runs[0])), Converted)


def test_only_layers_typed_as_plain_tars_are_looked_into() -> None:
    for case in CASES.values():
        if case.name in UNREADABLE:
            continue
        manifest = parse_manifest(content(case.top))
        if isinstance(manifest, ImageManifest):
            plain = {layer.digest for layer in manifest.layers if layer.media_type in GZIP_OF}
            assert set(needs_sniff(manifest, Format.V2S2)) <= plain
            assert not needs_sniff(manifest, Format.SOURCE)


@pytest.mark.parametrize("name", sorted(set(CASES) - UNREADABLE - {"index-nested"}))
def test_source_keeps_every_byte(name: str) -> None:
    """An index within an index is for the engine to walk."""
    case = CASES[name]
    result = source_of(case).convert(case.top, Format.SOURCE, selection_of(everything=True))
    if name.startswith("v2s1"):
        assert isinstance(result, Schema1)
        return
    assert isinstance(result, Converted)
    assert result.top.content == content(case.top)
    assert all(child.content == content(child.digest) for child in result.children)
    assert not result.dropped
