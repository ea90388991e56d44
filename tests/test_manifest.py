"""Manifests as strangers write them: read, or refused, and nothing else."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_mirror.embedded.images import (
    AttestationForm,
    BuiltImage,
    Style,
    build_attestation,
    build_image,
    build_index,
    build_layer,
)
from registry_mirror.oci import media_type as mt
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.json import MAX_INT64
from registry_mirror.oci.manifest import (
    ATTESTATION_ARTIFACT,
    MAX_MANIFEST,
    Descriptor,
    ImageManifest,
    Index,
    InvalidManifestError,
    blobs_of,
    parse_config_platform,
    parse_manifest,
)
from registry_mirror.oci.platform import Platform

A = "sha256:" + "a" * 64
B = "sha256:" + "b" * 64
ARM64 = Platform("linux", "arm64")

CONFIG = {"mediaType": mt.OCI_CONFIG, "digest": A, "size": 10}
LAYER = {"mediaType": mt.OCI_LAYER_GZIP, "digest": B, "size": 20}
IMAGE = {"schemaVersion": 2, "mediaType": mt.OCI_MANIFEST, "config": CONFIG, "layers": [LAYER]}
ENTRY = {"mediaType": mt.OCI_MANIFEST, "digest": A, "size": 30}
INDEX = {"schemaVersion": 2, "mediaType": mt.OCI_INDEX, "manifests": [ENTRY]}


def content(value: object) -> bytes:
    return json.dumps(value).encode()


def image_of(value: object) -> ImageManifest:
    manifest = parse_manifest(content(value))
    assert isinstance(manifest, ImageManifest)
    return manifest


def index_of(value: object) -> Index:
    manifest = parse_manifest(content(value))
    assert isinstance(manifest, Index)
    return manifest


def an_image(platform: Platform = ARM64, style: Style = Style.OCI) -> BuiltImage:
    return build_image([build_layer({"a": b"a"}), build_layer({"b": b"b"})], platform, style)


@pytest.mark.parametrize("style", Style)
def test_an_image_is_read_whole(style: Style) -> None:
    built = an_image(style=style)
    config, *layers = built.blobs

    assert parse_manifest(built.top.content) == ImageManifest(
        style.manifest,
        Digest.of(built.top.content),
        Descriptor(style.config, config.digest, len(config.content)),
        tuple(Descriptor(style.layer, layer.digest, len(layer.content)) for layer in layers),
        built.top.content,
    )


@pytest.mark.parametrize("style", Style)
def test_an_index_is_read_whole(style: Style) -> None:
    images = [
        an_image(Platform("linux", "amd64"), style),
        an_image(Platform("linux", "arm", "v7"), style),
    ]
    built = build_index(images, style)

    index = parse_manifest(built.top.content)

    assert isinstance(index, Index)
    assert index.media_type == style.index
    assert index.digest == built.top.digest
    assert [entry.platform for entry in index.entries] == [image.platform for image in images]
    assert [entry.descriptor.digest for entry in index.entries] == [i.top.digest for i in images]
    assert [entry.descriptor.size for entry in index.entries] == [
        len(image.top.content) for image in images
    ]
    assert not any(entry.is_attestation for entry in index.entries)


@pytest.mark.parametrize("form", AttestationForm)
@pytest.mark.parametrize("style", Style)
def test_an_attestation_is_known_in_both_forms(form: AttestationForm, style: Style) -> None:
    image = an_image(style=style)
    built = build_index([image, build_attestation(image, form, style)], style)

    index = parse_manifest(built.top.content)

    assert isinstance(index, Index)
    assert [entry.is_attestation for entry in index.entries] == [False, True]


@pytest.mark.parametrize(
    ("extra", "attestation"),
    [
        ({"artifactType": ATTESTATION_ARTIFACT}, True),
        ({"annotations": {"vnd.docker.reference.type": "attestation-manifest"}}, True),
        ({"annotations": {"vnd.docker.reference.type": "other"}}, False),
        ({"annotations": {"vnd.docker.reference.digest": A}}, False),
        ({"annotations": None, "artifactType": None}, False),
        ({"artifactType": "application/vnd.example"}, False),
        ({"platform": {"os": "unknown", "architecture": "unknown"}}, False),
    ],
)
def test_what_makes_an_entry_an_attestation(extra: dict[str, object], *, attestation: bool) -> None:
    (entry,) = index_of(INDEX | {"manifests": [ENTRY | extra]}).entries
    assert entry.is_attestation is attestation


def test_the_digest_is_of_the_bytes_as_they_came() -> None:
    compact, spaced = content(IMAGE), json.dumps(IMAGE, indent=3).encode() + b"\n"

    assert parse_manifest(compact).digest == Digest.of(compact)
    assert parse_manifest(spaced).digest == Digest.of(spaced)
    assert Digest.of(compact) != Digest.of(spaced)
    assert (
        Digest.of(b"") == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        ({"config": CONFIG}, mt.OCI_MANIFEST),
        ({"mediaType": mt.DOCKER_MANIFEST, "config": CONFIG}, mt.DOCKER_MANIFEST),
        ({"mediaType": None, "config": CONFIG, "layers": None, "manifests": None}, mt.OCI_MANIFEST),
        ({"schemaVersion": 1, "config": CONFIG}, mt.OCI_MANIFEST),
    ],
)
def test_an_image_is_what_has_a_config(body: object, media_type: str) -> None:
    assert image_of(body).media_type == media_type
    assert image_of(body).layers == ()


@pytest.mark.parametrize(
    ("body", "media_type", "entries"),
    [
        ({"manifests": []}, mt.OCI_INDEX, 0),
        ({"manifests": [ENTRY, ENTRY]}, mt.OCI_INDEX, 2),
        ({"mediaType": mt.DOCKER_MANIFEST_LIST, "manifests": [ENTRY]}, mt.DOCKER_MANIFEST_LIST, 1),
        ({"schemaVersion": 1, "manifests": [ENTRY]}, mt.OCI_INDEX, 1),
        ({"manifests": [ENTRY], "config": None}, mt.OCI_INDEX, 1),
    ],
)
def test_an_index_is_what_has_manifests(body: object, media_type: str, entries: int) -> None:
    assert index_of(body).media_type == media_type
    assert len(index_of(body).entries) == entries


@pytest.mark.parametrize(
    ("extra", "media_type"),
    [({}, mt.DOCKER_MANIFEST_V1), ({"signatures": []}, mt.DOCKER_MANIFEST_V1_SIGNED)],
)
def test_a_schema_1_image_tells_nothing_of_its_layers(
    extra: Mapping[str, object], media_type: str
) -> None:
    body = {"schemaVersion": 1, "name": "a", "tag": "1", "fsLayers": [{"blobSum": A}], **extra}
    raw = content(body)
    assert parse_manifest(raw) == ImageManifest(media_type, Digest.of(raw), None, (), raw)


@pytest.mark.parametrize(
    ("platform", "read"),
    [
        ({"os": "linux", "architecture": "arm64"}, ARM64),
        ({"os": "linux", "architecture": "arm", "variant": "v7"}, Platform("linux", "arm", "v7")),
        ({"os": "linux", "architecture": "arm64", "variant": None}, ARM64),
        ({"os": "linux"}, None),
        ({}, None),
        (None, None),
    ],
)
def test_an_entry_may_have_a_platform(platform: object, read: Platform | None) -> None:
    (entry,) = index_of(INDEX | {"manifests": [ENTRY | {"platform": platform}]}).entries
    assert entry.platform == read


@pytest.mark.parametrize(("size", "read"), [(0, 0), (None, 0), (MAX_INT64, MAX_INT64)])
def test_a_size_may_be_absent(size: int | None, read: int) -> None:
    manifest = image_of(IMAGE | {"config": CONFIG | {"size": size}})
    assert manifest.config
    assert manifest.config.size == read


SIZES: list[object] = [-1, MAX_INT64 + 1, 10**400, True, 1.0, 1e300, float("nan"), "1", [], {}]
DIGESTS: list[object] = [
    "",
    "sha256:",
    "sha256:" + "A" * 64,
    "md5:" + "a" * 32 + " ",
    A + "\n",
    None,
    5,
    [A],
]
OTHERS: list[object] = ["text", 1, True, [], 0, "", False]
# A known field of another type: skopeo (1.9.3 to 1.22) copies nothing then, "cannot unmarshal".
WRONG_TYPES: list[dict[str, object]] = [
    {"mediaType": 7},
    {"schemaVersion": "2"},
    {"schemaVersion": True},
    {"annotations": "text"},
    {"annotations": {"a": 1}},
]
WRONG_IN_A_DESCRIPTOR: list[dict[str, object]] = [
    {"mediaType": 7},
    {"annotations": ["vnd.docker.reference.type"]},
    {"annotations": "attestation-manifest"},
    {"artifactType": [ATTESTATION_ARTIFACT]},
]
WRONG_IN_A_PLATFORM: list[dict[str, object]] = [
    {"os": ["linux"], "architecture": "arm64"},
    {"os": "linux", "architecture": "arm64", "variant": 8},
]


@pytest.mark.parametrize(
    "body",
    [
        *[IMAGE | {"layers": [LAYER | {"size": size}]} for size in SIZES],
        *[IMAGE | {"config": CONFIG | {"size": size}} for size in SIZES],
        *[INDEX | {"manifests": [ENTRY | {"size": size}]} for size in SIZES],
        *[IMAGE | {"layers": [LAYER | {"digest": digest}]} for digest in DIGESTS],
        *[INDEX | {"manifests": [ENTRY | {"digest": digest}]} for digest in DIGESTS],
        *[IMAGE | {"config": other} for other in OTHERS],
        *[IMAGE | {"layers": other} for other in ["text", 1, True, {}, 0, "", False]],
        *[IMAGE | {"layers": [other]} for other in [*OTHERS, None]],
        *[INDEX | {"manifests": other} for other in ["text", 1, True, {}, 0, "", False]],
        *[INDEX | {"manifests": [other]} for other in [*OTHERS, None]],
        *[INDEX | {"manifests": [ENTRY | {"platform": other}]} for other in OTHERS],
        *[IMAGE | wrong for wrong in WRONG_TYPES],
        *[INDEX | wrong for wrong in WRONG_TYPES],
        *[IMAGE | {"layers": [LAYER | wrong]} for wrong in WRONG_IN_A_DESCRIPTOR],
        *[IMAGE | {"config": CONFIG | wrong} for wrong in WRONG_IN_A_DESCRIPTOR],
        *[INDEX | {"manifests": [ENTRY | wrong]} for wrong in WRONG_IN_A_DESCRIPTOR],
        *[INDEX | {"manifests": [ENTRY | {"platform": p}]} for p in WRONG_IN_A_PLATFORM],
        *OTHERS,
        None,
        {},
        {"schemaVersion": 2},
        {"schemaVersion": True},
        {"schemaVersion": "1"},
        {"layers": [LAYER]},
        {"config": None, "manifests": None},
        {"errors": [{"code": "MANIFEST_UNKNOWN"}]},
    ],
    ids=str,
)
def test_what_is_no_manifest_is_refused(body: object) -> None:
    with pytest.raises(InvalidManifestError):
        parse_manifest(content(body))


@pytest.mark.parametrize("digest", DIGESTS)
def test_a_bad_digest_is_told(digest: object) -> None:
    with pytest.raises(InvalidManifestError, match="digest"):
        parse_manifest(content(IMAGE | {"config": CONFIG | {"digest": digest}}))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00",
        b"<html></html>",
        b"{",
        b"{} {}",
        b"\xef\xbb\xbf" + content(IMAGE),
        json.dumps(IMAGE).encode("utf-16"),
        b"[" * 100_000,
        b'{"config":' * 100_000,
        b'{"schemaVersion":' + b"9" * 10_000 + b"}",
        content(IMAGE) + b" " * MAX_MANIFEST,
    ],
    ids=lambda raw: repr(raw[:20]),
)
def test_garbage_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidManifestError):
        parse_manifest(raw)


def test_a_manifest_of_the_greatest_length_is_read() -> None:
    raw = content(IMAGE)
    longest = raw + b" " * (MAX_MANIFEST - len(raw))
    assert parse_manifest(longest).media_type == mt.OCI_MANIFEST


def test_bytes_that_are_no_text_do_not_make_a_manifest_unreadable() -> None:
    raw = content(IMAGE | {"annotations": {"x": "here"}}).replace(b"here", b"\xff\xfe")
    assert parse_manifest(raw).digest == Digest.of(raw)


def test_half_a_surrogate_pair_can_be_written_again() -> None:
    half = "\ud83d"
    platform = {"os": f"linux{half}", "architecture": "arm64", "variant": half}
    index = index_of({"mediaType": half, "manifests": [ENTRY | {"platform": platform}]})

    assert index.media_type == "\ufffd"
    assert str(index.entries[0].platform) == "linux\ufffd/arm64/\ufffd"
    str(index).encode()


def test_the_last_of_two_fields_counts() -> None:
    raw = content(IMAGE)[:-1] + b', "mediaType": "' + mt.DOCKER_MANIFEST.encode() + b'"}'
    assert parse_manifest(raw).media_type == mt.DOCKER_MANIFEST


def test_the_blobs_of_images_are_counted_once() -> None:
    first, second = an_image(ARM64), an_image(Platform("linux", "amd64"))
    images = [parse_manifest(built.top.content) for built in (first, second, first)]

    blobs = blobs_of(image for image in images if isinstance(image, ImageManifest))

    assert blobs == {
        blob.digest: len(blob.content) for built in (first, second) for blob in built.blobs
    }


@pytest.mark.parametrize(
    ("raw", "platform"),
    [
        (content({"os": "linux", "architecture": "arm64"}), ARM64),
        (content({"os": "linux", "architecture": ""}), None),
        (content({"os": "linux"}), None),
        (content({}), None),
        (content([]), None),
        (b"no json", None),
        (b"", None),
        (b"[" * 100_000, None),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_config_may_name_its_platform(raw: bytes, platform: Platform | None) -> None:
    assert parse_config_platform(raw) == platform


def test_the_config_of_an_image_names_its_platform() -> None:
    config, *_ = an_image(ARM64).blobs
    assert parse_config_platform(config.content) == ARM64


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
DESCRIPTORS = st.fixed_dictionaries(
    {},
    optional={
        "mediaType": st.just(mt.OCI_MANIFEST) | JSON,
        "digest": st.just(A) | JSON,
        "size": st.integers() | JSON,
        "platform": st.fixed_dictionaries({}, optional={"os": JSON, "architecture": JSON}) | JSON,
        "annotations": JSON,
        "artifactType": JSON,
    },
)
BODIES = st.fixed_dictionaries(
    {},
    optional={
        "schemaVersion": st.integers(0, 3) | JSON,
        "mediaType": JSON,
        "config": DESCRIPTORS | JSON,
        "layers": st.lists(DESCRIPTORS | JSON, max_size=3) | JSON,
        "manifests": st.lists(DESCRIPTORS | JSON, max_size=3) | JSON,
        "signatures": JSON,
    },
)


@given(st.one_of(BODIES, JSON).map(content) | st.binary(max_size=50))
def test_whatever_the_bytes_they_are_a_manifest_or_refused(raw: bytes) -> None:
    try:
        manifest = parse_manifest(raw)
    except InvalidManifestError:
        return
    assert manifest.digest == Digest.of(raw)
    str(manifest).encode()
    if isinstance(manifest, ImageManifest):
        assert all(0 <= size <= MAX_INT64 for size in blobs_of([manifest]).values())


@given(st.one_of(BODIES, JSON).map(content) | st.binary(max_size=50))
def test_whatever_a_config_holds_it_has_a_platform_or_none(raw: bytes) -> None:
    platform = parse_config_platform(raw)
    assert platform is None or (platform.os and platform.architecture)
