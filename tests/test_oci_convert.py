"""What becomes of one image."""

import pytest

from registry_mirror.embedded.images import Style
from registry_mirror.oci import media_type as mt
from registry_mirror.oci.compression import Compression, sniff
from registry_mirror.oci.convert import (
    Blob,
    ImageConversion,
    needs_config,
    needs_sniff,
    plan_image,
)
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.format import Format
from registry_mirror.oci.layers import Stored
from registry_mirror.oci.manifest import Descriptor, ImageManifest
from tests.conversion import (
    CONFIG,
    GZIP,
    conversion,
    image,
    layer,
    written,
)


def test_every_blob_moves_once_and_foreign_layers_stay_where_they_are() -> None:
    foreign = layer("far", mt.OCI_FOREIGN_GZIP, ["https://far.test/"])
    twice = layer("twice", mt.OCI_LAYER_GZIP)
    plan = conversion(image(twice, foreign, twice, layer("tar", mt.OCI_LAYER)))
    assert [(blob.digest, blob.is_config) for blob in plan.blobs] == [
        (Digest.of(b"twice"), False),
        (CONFIG, True),
    ]
    assert [skipped.digest for skipped in plan.skipped] == [Digest.of(b"far")]
    assert [(r.digest, r.media_type) for r in plan.recompressions] == [
        (Digest.of(b"tar"), mt.DOCKER_LAYER_GZIP)
    ]


@pytest.mark.parametrize("wanted", Format)
def test_a_foreign_layer_is_left_alone_in_every_format(wanted: Format) -> None:
    plan = conversion(image(layer("far", mt.OCI_LAYER_GZIP, ["https://far.test/"])), wanted)
    assert [skipped.digest for skipped in plan.skipped] == [Digest.of(b"far")]
    assert written(plan.finish()).layers[0].urls == ("https://far.test/",)


def test_a_recompressed_image_is_written_from_what_was_handled() -> None:
    manifest = image(
        layer("tar", mt.OCI_LAYER),
        layer("wrong size", mt.OCI_LAYER_GZIP),
        layer("far", mt.OCI_FOREIGN_GZIP, ["https://far.test/"]),
    )
    document = conversion(manifest).finish(
        {Digest.of(b"tar"): GZIP}, {Digest.of(b"wrong size"): 99}
    )
    assert written(document).layers == (
        Descriptor(mt.DOCKER_LAYER_GZIP, GZIP.digest, GZIP.size),
        Descriptor(mt.DOCKER_LAYER_GZIP, Digest.of(b"wrong size"), 99),
        Descriptor(mt.DOCKER_FOREIGN_GZIP, Digest.of(b"far"), 7, ("https://far.test/",)),
    )


def test_beside_a_recompressed_layer_a_gzip_typed_as_a_tar_gets_its_true_type() -> None:
    """Whether it is gzip, all its bytes tell, as they pass by where others are compressed."""
    tar, gzip = Digest.of(b"tar"), Digest.of(b"gzip")
    said = {"annotations": {"a": "b"}}
    manifest = image(layer("tar", mt.OCI_LAYER), {**layer("gzip", mt.OCI_LAYER), **said})
    sniffed = {tar: Compression.NONE, gzip: Compression.GZIP}
    plan = plan_image(manifest, Format.OCI, sniffed)
    assert isinstance(plan, ImageConversion)
    assert [each.digest for each in plan.recompressions] == [tar, gzip]
    layers = written(plan.finish({tar: GZIP, gzip: Stored(gzip, 7)})).layers
    assert layers == (
        Descriptor(mt.OCI_LAYER_GZIP, GZIP.digest, GZIP.size),
        Descriptor(mt.OCI_LAYER_GZIP, gzip, 7, annotations=(("a", "b"),)),
    )


def test_oci_keeps_zstd_and_docker_keeps_its_own() -> None:
    assert not conversion(image(layer("z", mt.OCI_LAYER_ZSTD)), Format.OCI).recompressions
    docker = image(layer("z", mt.DOCKER_LAYER_ZSTD), style=Style.DOCKER)
    assert conversion(docker).finish().content == docker.content
    converted = written(conversion(docker, Format.OCI).finish())
    assert [each.media_type for each in converted.layers] == [mt.OCI_LAYER_ZSTD]


def test_oci_keeps_what_an_image_says_of_itself_when_a_layer_changes() -> None:
    manifest = image(layer("tar", mt.OCI_LAYER), annotations={"a": "b"}, artifactType="x/y")
    document = conversion(manifest, Format.OCI).finish({Digest.of(b"tar"): GZIP})
    assert written(document).frame == manifest.frame
    assert written(document).layers == (Descriptor(mt.OCI_LAYER_GZIP, GZIP.digest, GZIP.size),)


def test_oci_keeps_what_is_said_of_the_layers_that_are_not_compressed_anew() -> None:
    manifest = image(
        layer("tar", mt.OCI_LAYER),
        {**layer("gzip", mt.OCI_LAYER_GZIP), "annotations": {"a": "b"}},
    )
    document = conversion(manifest, Format.OCI).finish({Digest.of(b"tar"): GZIP})
    assert [each.annotations for each in written(document).layers] == [(), (("a", "b"),)]


def test_the_layers_of_an_artifact_are_not_looked_into() -> None:
    artifact = image(layer("tar", mt.OCI_LAYER), config_type="text/config")
    assert needs_sniff(artifact, Format.OCI) == ()
    assert conversion(artifact, Format.OCI).finish().content == artifact.content


def test_a_config_that_is_a_layer_too_moves_once() -> None:
    manifest = image({"mediaType": mt.OCI_LAYER_GZIP, "digest": CONFIG, "size": 2})
    assert conversion(manifest).blobs == (Blob(CONFIG, 2, is_config=True),)


DOCKER_CONFIG = (
    b'{"container":"c","history":[{"created_by":"RUN <&>","created":"2024-01-02T03:04:05.120Z"},'
    b'{"empty_layer":true}],"rootfs":{"diff_ids":["sha256:00"],"type":"layers"},"os":"linux",'
    b'"architecture":"arm64","variant":"v8","created":"2024-01-02T03:04:05.0+00:00",'
    b'"config":{"Labels":{"b":"2","a":"1"},"Cmd":["sh"],"Hostname":"h","ExposedPorts":{"80/tcp":{}}}}'
)
OCI_CONFIG = (
    b'{"created":"2024-01-02T03:04:05Z","architecture":"arm64","os":"linux","variant":"v8",'
    b'"config":{"ExposedPorts":{"80/tcp":{}},"Cmd":["sh"],"Labels":{"a":"1","b":"2"}},'
    b'"rootfs":{"type":"layers","diff_ids":["sha256:00"]},'
    b'"history":[{"created":"2024-01-02T03:04:05.12Z","created_by":"RUN \\u003c\\u0026\\u003e"},'
    b'{"empty_layer":true}]}'
)


def test_from_docker_to_oci_the_config_is_written_anew() -> None:
    """What only OCI knows is not read from a Docker manifest."""
    docker = image(
        {**layer("l", mt.DOCKER_LAYER_GZIP), "annotations": {"a": "b"}},
        style=Style.DOCKER,
        annotations={"c": "d"},
    )
    assert needs_config(docker, Format.OCI) == docker.config
    plan = plan_image(docker, Format.OCI, config=DOCKER_CONFIG)
    assert isinstance(plan, ImageConversion)
    assert plan.new_config == OCI_CONFIG
    assert plan.config == Descriptor(mt.OCI_CONFIG, Digest.of(OCI_CONFIG), len(OCI_CONFIG))
    assert plan.blobs == (Blob(Digest.of(b"l"), 7),)
    document = plan.finish()
    assert document.media_type == mt.OCI_MANIFEST
    assert written(document) == ImageManifest(
        mt.OCI_MANIFEST,
        document.digest,
        plan.config,
        (Descriptor(mt.OCI_LAYER_GZIP, Digest.of(b"l"), 7),),
        document.content,
    )


def test_a_config_without_anything_is_written_as_go_writes_it() -> None:
    plan = conversion(image(style=Style.DOCKER), Format.OCI)
    assert plan.new_config == (
        b'{"architecture":"","os":"","config":{},"rootfs":{"type":"","diff_ids":null}}'
    )


@pytest.mark.parametrize(
    ("start", "compression"),
    [
        (b"", Compression.NONE),
        (b"\x1f\x8b", Compression.NONE),
        (b"\x1f\x8b\x08", Compression.GZIP),
        (b"BZh9", Compression.BZIP2),
        (b"\xfd7zXZ\x00", Compression.XZ),
        (b"\xfd7zXZ", Compression.NONE),
        (b"\x28\xb5\x2f\xfd", Compression.ZSTD),
        (b"./\x00\x00\x00\x00", Compression.NONE),
    ],
)
def test_the_first_bytes_say_how_a_layer_is_compressed(
    start: bytes, compression: Compression
) -> None:
    assert sniff(start) is compression
