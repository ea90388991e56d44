"""What becomes of indexes and lists."""

import json
from dataclasses import replace

import pytest

from registry_mirror.embedded.images import (
    AttestationForm,
    Style,
    build_attestation,
    build_image,
    build_index,
    build_layer,
)
from registry_mirror.oci.convert import Document
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.format import Format
from registry_mirror.oci.lists import write_list
from registry_mirror.oci.manifest import Index, parse_manifest
from registry_mirror.oci.platform import EveryPlatform, OnlyPlatforms, Platform
from tests.conversion import (
    CONFIG,
    convert,
)

AMD64, ARM64 = (
    build_image([build_layer({"arch": name.encode()})], Platform("linux", name))
    for name in ("amd64", "arm64")
)


@pytest.mark.parametrize("form", AttestationForm)
def test_attestations_are_dropped_for_v2s2_and_kept_otherwise(form: AttestationForm) -> None:
    attested = [AMD64, ARM64, build_attestation(AMD64, form), build_attestation(ARM64, form)]
    built, plain = build_index(attested), build_index([AMD64, ARM64])
    result = convert(built, Format.V2S2, EveryPlatform())
    assert result.top == convert(plain, Format.V2S2, EveryPlatform()).top
    assert result.dropped == tuple(each.top.digest for each in attested[2:])
    for wanted in (Format.OCI, Format.SOURCE):
        kept = convert(built, wanted, EveryPlatform())
        assert kept.top.content == built.top.content
        assert kept.dropped == ()


@pytest.mark.parametrize("style", Style)
@pytest.mark.parametrize("wanted", Format)
def test_several_platforms_make_a_list_of_just_these(style: Style, wanted: Format) -> None:
    children = [
        build_image([build_layer({"a": name.encode()})], Platform("linux", name), style)
        for name in ("amd64", "s390x", "arm64")
    ]
    selection = OnlyPlatforms((Platform("linux", "arm64"), Platform("linux", "amd64")))
    trimmed = convert(build_index(children, style), wanted, selection).top
    without = build_index([children[0], children[2]], style)
    whole = convert(without, wanted, EveryPlatform()).top
    assert parse_manifest(trimmed.content) == replace(
        parse_manifest(whole.content), content=trimmed.content, digest=trimmed.digest
    )
    assert trimmed.media_type == whole.media_type


def test_attestations_of_a_docker_list_have_no_place_in_oci() -> None:
    image_of = build_image([], style=Style.DOCKER)
    attestation = build_attestation(image_of, style=Style.DOCKER)
    built = build_index([image_of, attestation], Style.DOCKER)
    assert convert(built, Format.OCI, EveryPlatform()).dropped == (attestation.top.digest,)


ENTRY = {
    "digest": CONFIG,
    "size": 1,
    "annotations": {"a": "b"},
    "platform": {"os": "linux", "architecture": "amd64", "features": ["sse4"], "variant": "v2"},
}
CHILD = Document(b"{}", "child")
LISTED = b'"mediaType":"child","size":2,"digest":"%s"' % CHILD.digest.encode()
INDEXED = b'"mediaType":"child","digest":"%s","size":2' % CHILD.digest.encode()


@pytest.mark.parametrize(
    ("style", "wanted", "expected"),
    [
        (
            Style.DOCKER,
            Format.V2S2,
            (
                b'{"schemaVersion":2,"mediaType":"%s","manifests":[{%s,"platform":{"architecture":'
                b'"amd64","os":"linux","variant":"v2","features":["sse4"]}},'
                b'{%s,"platform":{"architecture":"","os":""}}]}'
            ),
        ),
        (
            Style.OCI,
            Format.V2S2,
            (
                b'{"schemaVersion":2,"mediaType":"%s","manifests":[{%s,"platform":{"architecture":'
                b'"amd64","os":"linux","variant":"v2"}},'
                b'{%s,"platform":{"architecture":"amd64","os":"linux"}}]}'
            ),
        ),
        (
            Style.DOCKER,
            Format.OCI,
            (
                b'{"schemaVersion":2,"mediaType":"%s","manifests":[{%s,"platform":{"architecture":'
                b'"amd64","os":"linux","variant":"v2"}},'
                b'{%s,"platform":{"architecture":"","os":""}}]}'
            ),
        ),
        (
            Style.OCI,
            Format.OCI,
            (
                b'{"schemaVersion":2,"mediaType":"%s","manifests":[{%s,"annotations":{"a":"b"},'
                b'"platform":{"architecture":"amd64","os":"linux","variant":"v2"}},{%s}],'
                b'"annotations":{"c":"d"}}'
            ),
        ),
    ],
)
def test_a_list_says_what_its_format_knows(style: Style, wanted: Format, expected: bytes) -> None:
    document = {
        "schemaVersion": 2,
        "mediaType": style.index,
        "manifests": [ENTRY, {"digest": CONFIG, "size": 1}],
        "annotations": {"c": "d"},
    }
    index = parse_manifest(json.dumps(document).encode())
    assert isinstance(index, Index)
    result = write_list(index, index.entries, {CONFIG: CHILD}, wanted)
    entry = LISTED if wanted is Format.V2S2 else INDEXED
    assert result.content == expected % (result.media_type.encode(), entry, entry)
    assert result.media_type == parse_manifest(result.content).media_type


def test_a_docker_list_without_its_version_is_written_anew() -> None:
    """As skopeo does, which compares with what it would have written."""
    child = build_image([], style=Style.DOCKER)
    built = build_index([child], Style.DOCKER)
    bare = json.loads(built.top.content)
    del bare["schemaVersion"]
    top = replace(built.top, content=json.dumps(bare).encode())
    top = replace(top, digest=Digest.of(top.content))
    result = convert(replace(built, top=top), Format.V2S2, EveryPlatform())
    assert result.top.content.startswith(b'{"schemaVersion":2,"mediaType":')
