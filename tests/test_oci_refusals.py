"""What is refused before anything moves."""

import pytest

from registry_mirror.embedded.images import Style
from registry_mirror.errors import Code, Failure
from registry_mirror.oci import media_type as mt
from registry_mirror.oci import refusals
from registry_mirror.oci.convert import plan_image, refusal_of
from registry_mirror.oci.format import Format
from registry_mirror.oci.manifest import ImageManifest
from registry_mirror.text import Language
from tests.conversion import (
    CONFIG,
    conversion,
    image,
    layer,
)

REFUSED = [
    (image(layer("l", "application/vnd.in-toto+json")), Code.NOT_AN_IMAGE),
    (image(layer("l", "application/vnd.dev.cosign.simplesigning.v1+json")), Code.NOT_AN_IMAGE),
    (image(config_type="application/vnd.cncf.helm.config.v1+json"), Code.NOT_AN_IMAGE),
    (image(config_type="application/octet-stream"), Code.NOT_AN_IMAGE),
    (image(config_type=mt.DOCKER_CONFIG), Code.BAD_MANIFEST),
    (image(layer("l", mt.OCI_LAYER_GZIP + "+encrypted")), Code.UNSUPPORTED_LAYER),
    (image(layer("l", "text/plain")), Code.UNSUPPORTED_LAYER),
    (image(layer("l", mt.OCI_LAYER_ZSTD, ["https://far.test/"])), Code.UNSUPPORTED_LAYER),
    (image(layer("l", mt.OCI_LAYER_GZIP), style=Style.DOCKER), Code.UNSUPPORTED_LAYER),
    (image(layer("l", "application/vnd.in-toto+json"), style=Style.DOCKER), Code.NOT_AN_IMAGE),
    (image(size=4 * 1024 * 1024 + 1), Code.TOO_LARGE),
]


@pytest.mark.parametrize(("manifest", "code"), REFUSED)
def test_a_refusal_has_its_code(manifest: ImageManifest, code: Code) -> None:
    result = plan_image(manifest, Format.V2S2)
    assert isinstance(result, Failure)
    assert result.code is code
    assert result == refusal_of(manifest, Format.V2S2)


@pytest.mark.parametrize("manifest", [manifest for manifest, _ in REFUSED])
def test_source_takes_what_can_not_be_converted(manifest: ImageManifest) -> None:
    assert conversion(manifest, Format.SOURCE).finish().content == manifest.content


def test_the_largest_config_passes() -> None:
    plan = conversion(image(size=4 * 1024 * 1024))
    assert [blob.size for blob in plan.blobs] == [4 * 1024 * 1024]


def test_an_artifact_passes_as_oci_unless_it_is_none_already() -> None:
    chart = image(layer("l", "text/plain"), config_type="application/vnd.cncf.helm.config.v1+json")
    assert conversion(chart, Format.OCI).finish().content == chart.content


def test_an_artifact_is_named_by_its_own_type() -> None:
    result = plan_image(image(config_type="text/config", artifactType="text/chart"), Format.V2S2)
    assert isinstance(result, Failure)
    assert result.said == "text/chart"


def test_a_docker_config_that_is_no_json_can_not_become_an_oci_one() -> None:
    docker = image(style=Style.DOCKER)
    for config in (b"not json", b'{"created":"yesterday"}', b'{"created":"2023-02-29T00:00:00Z"}'):
        result = plan_image(docker, Format.OCI, config=config)
        assert isinstance(result, Failure)
        assert result.code is Code.BAD_MANIFEST


def test_a_refusal_within_an_index_says_where_and_what_else_there_is() -> None:
    refusal = plan_image(image(layer("l", "text/plain")), Format.V2S2)
    assert isinstance(refusal, Failure)
    failure = refusals.in_index(refusal, CONFIG)
    assert failure.code is Code.UNSUPPORTED_LAYER
    assert failure.said == f"{CONFIG}: text/plain"
    assert failure.hint
    assert "--platform" in failure.hint.say(Language.EN)
    assert "--format source" in failure.hint.say(Language.ZH)


def test_what_would_have_to_be_looked_into_can_be_refused_before() -> None:
    manifest = image(layer("tar", mt.OCI_LAYER), layer("l", "text/plain"))
    assert refusal_of(manifest, Format.V2S2)
    assert refusal_of(manifest, Format.SOURCE) is None
    assert refusal_of(image(layer("tar", mt.OCI_LAYER)), Format.V2S2) is None
