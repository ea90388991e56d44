"""The command lines that skopeo is given."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_mirror.engines.skopeo import command
from registry_mirror.engines.skopeo.command import Access, Argv
from registry_mirror.oci.platform import EveryPlatform, OnlyPlatforms, Platform, Selection
from registry_mirror.oci.reference import Reference
from registry_mirror.plan import Copy, Format
from tests.test_reference import REFERENCES

DIGEST = "sha256:" + "d" * 64
SOURCE_ACCESS = Access(Path("/private/source.json"), tls_verify=True)
TARGET_ACCESS = Access(Path("/private/target.json"), tls_verify=False)

ALL = EveryPlatform()
AMD64 = OnlyPlatforms((Platform("linux", "amd64"),))
ARM_V7 = OnlyPlatforms((Platform("linux", "arm", "v7"),))
SEVERAL = OnlyPlatforms((Platform("linux", "amd64"), Platform("linux", "arm64")))


def copy_argv(
    source: Reference, selection: Selection = AMD64, format_: Format = Format.V2S2
) -> Argv:
    target = Reference.parse("127.0.0.1:5000/team/app:1")
    return command.copy(
        Copy(1, source, target, selection, format_),
        source,
        source_access=SOURCE_ACCESS,
        target_access=TARGET_ACCESS,
        retries=3,
        digest_file=Path("/private/1.digest"),
    )


def test_a_copy_is_spelled_out() -> None:
    assert copy_argv(Reference.parse("quay.io/team/app:1")) == (
        "skopeo",
        "--insecure-policy",
        "--override-os=linux",
        "--override-arch=amd64",
        "copy",
        "--format=v2s2",
        "--remove-signatures",
        "--retry-times=3",
        "--src-authfile=/private/source.json",
        "--dest-authfile=/private/target.json",
        "--src-tls-verify=true",
        "--dest-tls-verify=false",
        "--digestfile=/private/1.digest",
        "docker://quay.io/team/app:1",
        "docker://127.0.0.1:5000/team/app:1",
    )


@pytest.mark.parametrize(
    ("selection", "before", "after"),
    [
        (ALL, (), ("--all",)),
        (AMD64, ("--override-os=linux", "--override-arch=amd64"), ()),
        (
            ARM_V7,
            ("--override-os=linux", "--override-arch=arm", "--override-variant=v7"),
            (),
        ),
        (SEVERAL, (), ()),
    ],
)
@pytest.mark.parametrize(
    ("format_", "option"),
    [
        (Format.V2S2, "--format=v2s2"),
        (Format.OCI, "--format=oci"),
        (Format.SOURCE, "--preserve-digests"),
    ],
)
def test_the_platforms_and_the_format_are_options(
    selection: Selection, before: Argv, after: Argv, format_: Format, option: str
) -> None:
    argv = copy_argv(Reference.parse("quay.io/team/app:1"), selection, format_)

    at = argv.index("copy")
    assert argv[:at] == ("skopeo", "--insecure-policy", *before)
    assert argv[at + 1 : argv.index("--remove-signatures")] == (option, *after)


@pytest.mark.parametrize(
    ("reference", "location"),
    [
        ("nginx:1.27", "docker://docker.io/library/nginx:1.27"),
        (f"nginx:1.27@{DIGEST}", f"docker://docker.io/library/nginx@{DIGEST}"),
        (f"nginx@{DIGEST}", f"docker://docker.io/library/nginx@{DIGEST}"),
        ("localhost:5000/a/b:c", "docker://localhost:5000/a/b:c"),
    ],
)
def test_an_image_is_named_by_its_tag_or_its_digest(reference: str, location: str) -> None:
    parsed = Reference.parse(reference)
    assert copy_argv(parsed)[-2] == location
    assert command.inspect_manifest(parsed, SOURCE_ACCESS, retries=0)[-1] == location


def test_a_manifest_is_inspected_raw() -> None:
    reference = Reference.parse("quay.io/team/app:1")
    assert command.inspect_manifest(reference, SOURCE_ACCESS, retries=2) == (
        "skopeo",
        "--insecure-policy",
        "inspect",
        "--raw",
        "--retry-times=2",
        "--authfile=/private/source.json",
        "--tls-verify=true",
        "docker://quay.io/team/app:1",
    )


def test_a_config_is_inspected_raw() -> None:
    reference = Reference.parse("127.0.0.1:5000/team/app:1")
    assert command.inspect_config(reference, TARGET_ACCESS, retries=0) == (
        "skopeo",
        "--insecure-policy",
        "inspect",
        "--raw",
        "--config",
        "--retry-times=0",
        "--authfile=/private/target.json",
        "--tls-verify=false",
        "docker://127.0.0.1:5000/team/app:1",
    )


PLATFORMS = st.from_regex(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+){1,2}", fullmatch=True).map(
    Platform.parse
)


@given(
    REFERENCES.map(Reference.parse).filter(lambda r: bool(r.tag or r.digest)),
    st.just(ALL) | PLATFORMS.map(lambda platform: OnlyPlatforms((platform,))),
    st.sampled_from(Format),
)
def test_no_word_of_a_request_is_taken_for_an_option(
    source: Reference, selection: Selection, format_: Format
) -> None:
    argv = copy_argv(source, selection, format_)
    options, locations = argv[2:-2], argv[-2:]

    ours = {option.partition("=")[0] for option in options if option != "copy"}
    assert ours <= {
        "--override-os",
        "--override-arch",
        "--override-variant",
        "--format",
        "--preserve-digests",
        "--all",
        "--remove-signatures",
        "--retry-times",
        "--src-authfile",
        "--dest-authfile",
        "--src-tls-verify",
        "--dest-tls-verify",
        "--digestfile",
    }
    for location in locations:
        assert location.startswith("docker://")
        assert not any(character.isspace() for character in location)
    assert ("@" in locations[0]) == bool(source.digest)
    if source.digest:
        assert f":{source.tag}@" not in locations[0]
