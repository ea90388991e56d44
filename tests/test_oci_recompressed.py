"""Knowing an image again whose layers were compressed anew."""

from dataclasses import replace

from registry_mirror.embedded.images import Style
from registry_mirror.oci import media_type as mt
from registry_mirror.oci.compression import Compression
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.format import Format
from registry_mirror.oci.manifest import Descriptor
from registry_mirror.oci.recompressed import may_be_recompressed, same_but_recompressed
from tests.conversion import (
    GZIP,
    conversion,
    image,
    layer,
    written,
)


def test_a_recompressed_image_is_known_by_config_and_untouched_layers() -> None:
    tar, gzip = layer("tar", mt.OCI_LAYER), layer("gzip", mt.OCI_LAYER_GZIP)
    source = image(tar, gzip)
    target = written(conversion(source).finish({Digest.of(b"tar"): GZIP}))
    assert same_but_recompressed(source, target)
    for other in (
        image(tar),
        image(gzip, tar),
        image(tar, layer("other", mt.OCI_LAYER_GZIP)),
        replace(source, config=Descriptor(mt.OCI_CONFIG, Digest.of(b"other"), 2)),
    ):
        assert not same_but_recompressed(other, target)
    assert not same_but_recompressed(source, source)
    passed = written(conversion(source, compression=Compression.GZIP).finish())
    assert same_but_recompressed(source, passed)


def test_an_image_without_layers_to_recompress_is_known_by_its_digest_only() -> None:
    source = image(layer("gzip", mt.OCI_LAYER_GZIP))
    assert not may_be_recompressed(source, Format.V2S2)
    assert not same_but_recompressed(source, written(conversion(source).finish()))


def test_a_zstd_layer_that_is_still_there_is_not_recompressed() -> None:
    source = image(layer("z", mt.OCI_LAYER_ZSTD))
    target = image(layer("z", mt.DOCKER_LAYER_GZIP), style=Style.DOCKER)
    assert not same_but_recompressed(source, target)
    assert not may_be_recompressed(source, Format.OCI)


def test_what_lies_in_place_of_a_recompressed_layer_is_gzip_and_at_the_target() -> None:
    source = image(layer("tar", mt.OCI_LAYER))
    for found in (
        layer("other", mt.DOCKER_LAYER),
        layer("other", mt.DOCKER_LAYER_GZIP, ["https://far.test/"]),
    ):
        assert not same_but_recompressed(source, image(found, style=Style.DOCKER))
    assert same_but_recompressed(
        source, image(layer("other", mt.DOCKER_LAYER_GZIP), style=Style.DOCKER)
    )
