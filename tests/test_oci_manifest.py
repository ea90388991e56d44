"""What a body is and says, told by itself."""

import json

import pytest

from registry_mirror.oci import media_type as mt
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.manifest import (
    Entry,
    ImageManifest,
    Index,
    InvalidManifestError,
    PlatformDetails,
    parse_manifest,
)
from registry_mirror.oci.platform import Platform

DIGEST = Digest.of(b"")
CONFIG = {"mediaType": mt.OCI_CONFIG, "digest": DIGEST, "size": 2}


def parse(**members: object) -> Index | ImageManifest:
    return parse_manifest(json.dumps({"schemaVersion": 2, **members}).encode())


@pytest.mark.parametrize(
    ("members", "kind", "media_type"),
    [
        ({"config": CONFIG, "layers": []}, ImageManifest, mt.OCI_MANIFEST),
        ({"config": CONFIG, "mediaType": mt.DOCKER_MANIFEST}, ImageManifest, mt.DOCKER_MANIFEST),
        ({"config": CONFIG, "manifests": None}, ImageManifest, mt.OCI_MANIFEST),
        ({"config": CONFIG, "schemaVersion": 1}, ImageManifest, mt.OCI_MANIFEST),
        ({"manifests": []}, Index, mt.OCI_INDEX),
        ({"mediaType": mt.OCI_INDEX}, Index, mt.OCI_INDEX),
        ({"mediaType": mt.DOCKER_MANIFEST_LIST, "manifests": []}, Index, mt.DOCKER_MANIFEST_LIST),
        ({"schemaVersion": 1, "fsLayers": []}, ImageManifest, mt.DOCKER_MANIFEST_V1),
        (
            {"schemaVersion": 1, "fsLayers": [], "signatures": []},
            ImageManifest,
            mt.DOCKER_MANIFEST_V1_SIGNED,
        ),
    ],
)
def test_the_body_says_what_it_is(members: dict[str, object], kind: type, media_type: str) -> None:
    parsed = parse(**members)
    assert isinstance(parsed, kind)
    assert parsed.media_type == media_type
    assert parsed.digest == Digest.of(parsed.content)


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"schemaVersion": 1, "fsLayers": [], "manifests": []},
        {"schemaVersion": 1, "fsLayers": [], "LAYERS": []},
        {"config": CONFIG, "layers": [], "manifests": []},
        {"config": CONFIG, "layers": [], "Manifests": []},
        {"config": CONFIG, "fsLayers": []},
        {"config": CONFIG, "history": []},
        {"manifests": [], "layers": []},
        {"manifests": [], "config": {}},
        {"mediaType": mt.OCI_INDEX, "config": CONFIG, "layers": []},
        {"config": {**CONFIG, "digest": "sha256:../../etc"}},
        {"config": {**CONFIG, "digest": None}},
        {"config": {**CONFIG, "size": -1}},
        {"config": {**CONFIG, "size": 2.0}},
        {"config": {**CONFIG, "urls": ["a", 1]}},
        {"config": CONFIG, "layers": {}},
        {"config": CONFIG, "layers": [None]},
        {"config": []},
    ],
    ids=str,
)
def test_what_is_no_manifest_or_two_at_once_is_refused(members: dict[str, object]) -> None:
    with pytest.raises(InvalidManifestError):
        parse(**members)


def test_a_layer_without_a_size_has_none() -> None:
    parsed = parse(config=CONFIG, layers=[{"digest": DIGEST}])
    assert isinstance(parsed, ImageManifest)
    assert [layer.size for layer in parsed.layers] == [0]


def test_an_entry_keeps_all_that_is_said_of_its_platform() -> None:
    platform = {
        "os": "windows",
        "architecture": "amd64",
        "os.version": "10.0",
        "os.features": ["win32k"],
        "features": ["sse4"],
        "variant": "v2",
    }
    entry = _entry(platform=platform)
    assert entry.details == PlatformDetails(
        "amd64", "windows", "10.0", ("win32k",), "v2", ("sse4",)
    )
    assert entry.platform == Platform("windows", "amd64", "v2")


@pytest.mark.parametrize(
    ("platform", "details"), [(None, None), ({"os": "linux"}, PlatformDetails("", "linux"))]
)
def test_half_a_platform_is_none(platform: object, details: PlatformDetails | None) -> None:
    entry = _entry(platform=platform)
    assert entry.platform is None
    assert entry.details == details


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"annotations": {"vnd.docker.reference.type": "attestation-manifest"}}, True),
        ({"artifactType": "application/vnd.docker.attestation.manifest.v1+json"}, True),
        ({"annotations": {"vnd.docker.reference.type": "other"}}, False),
        ({"platform": {"os": "unknown", "architecture": "unknown"}}, False),
    ],
)
def test_both_forms_of_attestations_are_known(
    members: dict[str, object], *, expected: bool
) -> None:
    assert _entry(**members).is_attestation is expected


def _entry(**members: object) -> Entry:
    parsed = parse(manifests=[{"digest": DIGEST, "size": 1, **members}])
    assert isinstance(parsed, Index)
    return parsed.entries[0]
