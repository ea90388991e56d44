"""What holds of every conversion."""

from hypothesis import given
from hypothesis import strategies as st

from registry_mirror.embedded.images import BuiltImage
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.format import Format
from registry_mirror.oci.manifest import ImageManifest, Index, parse_manifest
from registry_mirror.oci.platform import EveryPlatform, Platform
from tests.conversion import (
    GZIP,
    Converted,
    Source,
    convert,
)
from tests.drawn_images import images, indexes


@given(images() | indexes(), st.sampled_from([Format.V2S2, Format.OCI]))
def test_what_is_converted_stays_as_it_is_when_converted_again(
    built: BuiltImage, wanted: Format
) -> None:
    once = convert(built, wanted, EveryPlatform())
    manifests = {d.digest: d.content for d in (once.top, *once.children)}
    blobs = _Gzipped()
    again = Source(manifests, blobs, {}).convert(once.top.digest, wanted, EveryPlatform())
    assert isinstance(again, Converted)
    assert again.top == once.top
    assert set(again.children) == set(once.children)


class _Gzipped(dict[Digest, bytes]):
    """Every blob there is, all in gzip."""

    def __missing__(self, digest: Digest) -> bytes:
        return b"\x1f\x8b\x08"


@given(images(), st.sampled_from(Format))
def test_what_is_written_names_the_layers_in_their_order(built: BuiltImage, wanted: Format) -> None:
    before = parse_manifest(built.top.content)
    result = parse_manifest(convert(built, wanted, EveryPlatform()).top.content)
    assert isinstance(before, ImageManifest)
    assert isinstance(result, ImageManifest)
    assert len(result.layers) == len(before.layers)
    for mine, theirs in zip(before.layers, result.layers, strict=True):
        assert theirs.digest in (mine.digest, GZIP.digest)


@given(indexes(), st.sampled_from(Format))
def test_what_is_written_names_the_images_in_their_order(built: BuiltImage, wanted: Format) -> None:
    before = parse_manifest(built.top.content)
    result = convert(built, wanted, EveryPlatform())
    after = parse_manifest(result.top.content)
    assert isinstance(before, Index)
    assert isinstance(after, Index)
    sizes = {document.digest: len(document.content) for document in result.children}
    assert [e.platform for e in after.entries if e.platform] == [
        entry.platform or Platform("linux", "amd64")
        for entry in before.entries
        if entry.platform or (wanted is Format.V2S2 and not before.is_docker)
    ]
    if wanted is not Format.SOURCE:
        assert all(sizes[e.descriptor.digest] == e.descriptor.size for e in after.entries)
