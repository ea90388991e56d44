"""What an image needs at the target, as its manifests tell."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from registry_mirror.oci.convert import Document, ImageConversion
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.format import Format
from registry_mirror.oci.layers import Stored
from registry_mirror.oci.lists import write_list
from registry_mirror.oci.manifest import Entry, Index
from registry_mirror.outcome import Dropped
from registry_mirror.plan import Copy
from registry_mirror.schedule import Blob, Image, Kind

_NOTHING: Mapping[Digest, Stored] = MappingProxyType({})
_NO_SIZES: Mapping[Digest, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class IndexJob:
    """An index to write of these entries; `inner` are indexes that it names, innermost first."""

    index: Index
    kept: tuple[Entry, ...]
    inner: tuple[Index, ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """One copy, resolved.

    `images` has every image by the digest that it has at the source. `top` is the index that the
    tag gets, or the digest of the one image that it gets. `before` is what the tag holds.
    """

    copy: Copy
    source_digest: Digest
    images: Mapping[Digest, ImageConversion]
    top: IndexJob | Digest
    before: Digest | None = None
    dropped: tuple[Dropped, ...] = ()
    platforms: tuple[str, ...] | None = None

    @property
    def size(self) -> int:
        """The bytes of all configs and layers, each once, as the source has them."""
        return sum({blob.digest: blob.size for blob in self.image.blobs}.values())

    @property
    def image(self) -> Image:
        blobs: dict[tuple[Digest, bool], Blob] = {}
        for conversion in self.images.values():
            for blob in _blobs_of(conversion):
                blobs.setdefault((blob.digest, blob.recompress), blob)
        return Image(self.copy, tuple(blobs.values()), self._waves())

    @property
    def is_predictable(self) -> bool:
        """Whether the target's digest is known before any layer moves."""
        return not any(conversion.recompressions for conversion in self.images.values())

    def child(
        self,
        name: Digest,
        stored: Mapping[Digest, Stored] = _NOTHING,
        sizes: Mapping[Digest, int] = _NO_SIZES,
    ) -> Document:
        """A manifest that is put by its digest, named by the digest it has at the source.

        `stored` is what recompressed layers became, `sizes` the true ones of others.
        """
        if isinstance(self.top, IndexJob):
            for inner in self.top.inner:
                if inner.digest == name:
                    return write_list(inner, inner.entries, {}, Format.SOURCE)
        return self.images[name].finish(stored, sizes)

    def document(
        self,
        stored: Mapping[Digest, Stored] = _NOTHING,
        sizes: Mapping[Digest, int] = _NO_SIZES,
    ) -> Document:
        """What the tag gets."""
        if isinstance(self.top, Digest):
            return self.images[self.top].finish(stored, sizes)
        children = {name: image.finish(stored, sizes) for name, image in self.images.items()}
        return write_list(self.top.index, self.top.kept, children, self.copy.format)

    def new_config(self, digest: Digest) -> bytes | None:
        """The content of a config that is written anew."""
        for image in self.images.values():
            if image.new_config is not None and image.config.digest == digest:
                return image.new_config
        return None

    def _waves(self) -> tuple[tuple[Digest, ...], ...]:
        if isinstance(self.top, Digest):
            return ()
        return (tuple(self.images), *((inner.digest,) for inner in self.top.inner))


def _blobs_of(image: ImageConversion) -> list[Blob]:
    moved = [
        Blob(blob.digest, blob.size, Kind.CONFIG if blob.is_config else Kind.LAYER)
        for blob in image.blobs
    ]
    again = [Blob(each.digest, each.size, recompress=True) for each in image.recompressions]
    if image.new_config is None:
        return [*moved, *again]
    return [*moved, *again, Blob(image.config.digest, image.config.size, Kind.CONFIG)]
