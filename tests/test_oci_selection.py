"""Platform choice: engine facts A12, observed with skopeo."""

import json
from collections.abc import Sequence

import pytest

from registry_mirror.errors import Code, Failure
from registry_mirror.oci import media_type as mt
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.manifest import (
    ATTESTATION_ARTIFACT,
    ZSTD_ANNOTATION,
    Index,
    parse_manifest,
)
from registry_mirror.oci.platform import OnlyPlatforms, Platform
from registry_mirror.oci.selection import select
from registry_mirror.text import Language

ANY = "-"
"""An entry that names no platform."""


def index(*platforms: str, media_type: str = mt.OCI_INDEX) -> Index:
    """Entries by `os/arch[/variant]`, with `+zstd` behind one that is marked so."""
    document = {
        "schemaVersion": 2,
        "mediaType": media_type,
        "manifests": [_entry(position, text) for position, text in enumerate(platforms)],
    }
    parsed = parse_manifest(json.dumps(document).encode())
    assert isinstance(parsed, Index)
    return parsed


def _entry(position: int, text: str) -> dict[str, object]:
    name, _, mark = text.partition("+")
    marks = {"annotations": {ZSTD_ANNOTATION: "true"}} if mark == "zstd" else {}
    artifact = {"artifactType": ATTESTATION_ARTIFACT} if mark == "attestation" else {}
    os, architecture, variant = (*name.split("/"), "")[:3] if name != ANY else ("", "", "")
    platform = {"os": os, "architecture": architecture, "variant": variant}
    return {
        "mediaType": mt.OCI_MANIFEST,
        "digest": Digest.of(str(position).encode()),
        "size": 1,
        **({"platform": platform} if name != ANY else {}),
        **marks,
        **artifact,
    }


def chosen(source: Index, *wanted: str) -> Sequence[int] | Failure:
    """The positions of the entries."""
    found = select(source, OnlyPlatforms(tuple(map(Platform.parse, wanted))))
    if isinstance(found, Failure):
        return found
    return [source.entries.index(entry) for entry in found]


ARM = ("linux/arm/v5", "linux/arm/v6", "linux/arm/v7")

BOTH = [
    (ARM, "linux/arm", 2),
    (ARM, "linux/arm/v6", 1),
    (ARM, "linux/arm/v8", 2),
    ((*ARM, "linux/arm"), "linux/arm", 3),
    (("linux/arm64/v8", "linux/arm64"), "linux/arm64", 1),
    (("linux/arm64/v8", "linux/arm64"), "linux/arm64/v8", 0),
    (("linux/arm64/v8", "linux/arm64"), "linux/arm64/v9", 1),
    (("linux/amd64", "linux/amd64/v2"), "linux/amd64/v3", 0),
    (("linux/amd64", "linux/amd64/v3"), "linux/amd64/v3", 1),
    (("windows/amd64", "linux/amd64", "linux/amd64"), "linux/amd64", 1),
    (("linux/s390x", "linux/ppc64le"), "linux/ppc64le", 1),
]


@pytest.mark.parametrize("media_type", [mt.OCI_INDEX, mt.DOCKER_MANIFEST_LIST])
@pytest.mark.parametrize(("entries", "wanted", "expected"), BOTH)
def test_the_best_variant_is_chosen(
    entries: tuple[str, ...], wanted: str, expected: int, media_type: str
) -> None:
    assert chosen(index(*entries, media_type=media_type), wanted) == [expected]


@pytest.mark.parametrize(
    ("entries", "wanted"),
    [
        (("linux/amd64/v2", "linux/amd64/v3"), "linux/amd64"),
        (ARM, "linux/arm/v9"),
        (("linux/arm64",), "linux/arm"),
        (("windows/amd64",), "linux/amd64"),
        ((), "linux/amd64"),
    ],
)
def test_there_is_no_such_image(entries: tuple[str, ...], wanted: str) -> None:
    found = chosen(index(*entries), wanted)
    assert isinstance(found, Failure)
    assert found.code is Code.PLATFORM_NOT_FOUND


def test_gzip_goes_before_zstd_but_after_the_better_variant() -> None:
    assert chosen(index("linux/amd64+zstd", "linux/amd64"), "linux/amd64") == [1]
    assert chosen(index("linux/arm/v7+zstd", "linux/arm/v6"), "linux/arm/v7") == [0]
    assert chosen(index("linux/amd64+zstd"), "linux/amd64") == [0]


def test_an_entry_without_platform_is_the_last_choice_in_an_oci_index_only() -> None:
    entries = (ANY, "linux/amd64")
    assert chosen(index(*entries), "linux/amd64") == [1]
    assert chosen(index(*entries), "linux/arm64") == [0]
    found = chosen(index(*entries, media_type=mt.DOCKER_MANIFEST_LIST), "linux/arm64")
    assert isinstance(found, Failure)


def test_an_attestation_is_never_chosen() -> None:
    assert isinstance(chosen(index(f"{ANY}+attestation"), "linux/amd64"), Failure)


def test_several_platforms_come_in_the_order_of_the_index_and_once() -> None:
    source = index("linux/arm64/v8", "windows/amd64", "linux/amd64")
    assert chosen(source, "linux/amd64", "linux/arm64", "linux/arm64/v8") == [0, 2]


def test_the_cause_says_what_is_missing_and_what_there_is() -> None:
    source = index("linux/arm64/v8", "linux/amd64", "unknown/unknown+attestation")
    found = chosen(source, "linux/amd64", "linux/s390x", "windows/amd64")
    assert isinstance(found, Failure)
    assert found.cause
    assert found.cause.say(Language.EN) == (
        "the image is not there for linux/s390x, windows/amd64, "
        "only for linux/arm64/v8, linux/amd64"
    )


def test_an_index_of_a_great_many_platforms_makes_no_endless_cause() -> None:
    found = chosen(index(*(f"linux/a{number}" for number in range(1000))), "linux/amd64")
    assert isinstance(found, Failure)
    assert found.cause
    assert len(found.cause.say(Language.ZH)) < 500


@pytest.mark.parametrize(
    ("platforms", "offered"),
    [
        (("linux/arm64", "linux/s390x"), "--platform linux/arm64"),
        (("lin ux/a --as b:c", "linux/s390x"), "--platform linux/s390x"),
        ((f"{'x' * 60_000}/amd64", "linux/s390x"), "--platform linux/s390x"),
        (("`@all`/amd64",), None),
    ],
)
def test_only_what_is_a_platform_to_us_is_offered(
    platforms: tuple[str, ...], offered: str | None
) -> None:
    found = chosen(index(*platforms), "linux/amd64")
    assert isinstance(found, Failure)
    assert (dict(found.hint.values)["option"] if found.hint else None) == offered
