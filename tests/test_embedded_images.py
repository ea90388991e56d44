import gzip
import io
import json
import tarfile

import pytest

from registry_mirror.embedded.images import (
    AttestationForm,
    BuiltImage,
    Style,
    build_attestation,
    build_image,
    build_index,
    build_layer,
)
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.platform import Platform


def attested(form: AttestationForm, style: Style = Style.OCI) -> BuiltImage:
    images = [
        build_image([build_layer({"a": b"1"}), build_layer({"b": b"2"})], platform, style)
        for platform in (Platform("linux", "amd64"), Platform("linux", "arm64", "v8"))
    ]
    return build_index(images + [build_attestation(image, form, style) for image in images], style)


@pytest.mark.parametrize("style", Style)
@pytest.mark.parametrize("form", AttestationForm)
def test_every_descriptor_names_a_piece_that_is_there(form: AttestationForm, style: Style) -> None:
    index = attested(form, style)
    blobs = {blob.digest: blob for blob in index.blobs}
    manifests = {manifest.digest: manifest for manifest in index.manifests}
    entries = json.loads(index.top.content)["manifests"]
    assert [entry["digest"] for entry in entries] == list(manifests)
    for entry in entries:
        manifest = manifests[entry["digest"]]
        assert (entry["mediaType"], entry["size"]) == (
            manifest.media_type,
            len(manifest.content),
        )
        document = json.loads(manifest.content)
        for descriptor in (document["config"], *document["layers"]):
            blob = blobs[descriptor["digest"]]
            assert (descriptor["mediaType"], descriptor["size"]) == (
                blob.media_type,
                len(blob.content),
            )


def test_the_same_image_is_built_twice() -> None:
    assert attested(AttestationForm.IMAGE) == attested(AttestationForm.IMAGE)


def test_the_config_names_the_tar_inside_each_layer() -> None:
    layer = build_layer({"etc/motd": b"hello"})
    image = build_image([layer])
    config, blob = image.blobs
    assert blob.content[4:8] == bytes(4), "gzip's header has a time in it"
    tar = gzip.decompress(blob.content)
    assert json.loads(config.content)["rootfs"]["diff_ids"] == [Digest.of(tar)]
    with tarfile.open(fileobj=io.BytesIO(tar)) as opened:
        member = opened.extractfile("etc/motd")
        assert member
        assert member.read() == b"hello"


def test_images_share_a_layer_and_nothing_else() -> None:
    base = build_layer({"base": b"base"})
    one, two = (build_image([base, build_layer({"app": app})]) for app in (b"1", b"2"))
    shared = {blob.digest for blob in one.blobs} & {blob.digest for blob in two.blobs}
    assert shared == {Digest.of(base.content)}


def test_an_attestation_has_the_marks_that_buildkit_sets() -> None:
    image = build_image([build_layer({"a": b"1"})])
    index = build_index([image, build_attestation(image)])
    entry = json.loads(index.top.content)["manifests"][1]
    assert entry["platform"] == {"architecture": "unknown", "os": "unknown"}
    assert entry["annotations"] == {
        "vnd.docker.reference.digest": image.top.digest,
        "vnd.docker.reference.type": "attestation-manifest",
    }


def test_the_newer_attestation_is_an_artifact_about_its_image() -> None:
    image = build_image([build_layer({"a": b"1"})])
    document = json.loads(build_attestation(image, AttestationForm.ARTIFACT).top.content)
    assert document["artifactType"] == "application/vnd.docker.attestation.manifest.v1+json"
    assert document["config"]["mediaType"] == "application/vnd.oci.empty.v1+json"
    assert document["subject"]["digest"] == image.top.digest
