"""Images in another format: byte for byte what skopeo 1.22.2 pushes (`--format v2s2` and `oci`).

Where skopeo fails and we don't: a layer in zstd is compressed anew for v2s2, and what a manifest
is, is told by itself and not by the Content-Type it came with.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from registry_mirror.errors import Failure
from registry_mirror.oci import canonical, refusals
from registry_mirror.oci import media_type as mt
from registry_mirror.oci.compression import Compression
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.format import Format
from registry_mirror.oci.image_config import InvalidConfigError, oci_config
from registry_mirror.oci.layers import (
    Layer,
    Stored,
    Treatment,
    by_content,
    edited,
    is_plain,
    plan_layer,
)
from registry_mirror.oci.manifest import BARE, Descriptor, ImageManifest, Index, Manifest

NOTHING_SNIFFED: Mapping[Digest, Compression] = MappingProxyType({})
_NO_BLOBS: Mapping[Digest, Stored] = MappingProxyType({})
_NO_SIZES: Mapping[Digest, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Document:
    """A manifest or an index as it is to be put."""

    content: bytes
    media_type: str

    @property
    def digest(self) -> Digest:
        return Digest.of(self.content)


@dataclass(frozen=True, slots=True)
class Schema1:
    """An image of the first schema, which another engine has to convert."""

    manifest: ImageManifest


@dataclass(frozen=True, slots=True)
class Blob:
    """One to move as it is. `size`, in bytes, is what the manifest says: of a layer it may lie."""

    digest: Digest
    size: int
    is_config: bool = False


@dataclass(frozen=True, slots=True)
class Recompression:
    """A layer to decode by what its first bytes say and to compress with gzip.

    `size`, in bytes, is that of the source.
    """

    digest: Digest
    size: int
    media_type: str


@dataclass(frozen=True, slots=True)
class ImageConversion:
    """`new_config` is a config to put instead of the source's; its descriptor is `config`."""

    source: ImageManifest
    format: Format
    config: Descriptor
    layers: tuple[Layer, ...]
    new_config: bytes | None = None

    @property
    def blobs(self) -> tuple[Blob, ...]:
        """What is moved as it is, each once: the layers in their order, then the config."""
        config = Blob(self.config.digest, self.config.size, is_config=True)
        moved = self._with(Treatment.MOVE)
        layers = {layer.digest: Blob(layer.digest, layer.size) for layer in moved}
        layers.pop(config.digest, None)
        return (*layers.values(), *(() if self.new_config is not None else (config,)))

    @property
    def skipped(self) -> tuple[Descriptor, ...]:
        """Foreign layers, which stay where their URLs say."""
        return self._with(Treatment.SKIP)

    @property
    def recompressions(self) -> tuple[Recompression, ...]:
        """What is compressed anew, each once."""
        chosen = {
            layer.source.digest: Recompression(
                layer.source.digest, layer.source.size, layer.target.media_type
            )
            for layer in self.layers
            if layer.treatment is Treatment.RECOMPRESS
        }
        return tuple(chosen.values())

    def finish(
        self,
        recompressed: Mapping[Digest, Stored] = _NO_BLOBS,
        moved: Mapping[Digest, int] = _NO_SIZES,
    ) -> Document:
        """The manifest to put.

        `recompressed` says for the digest of each recompression what it became; `moved` the true
        sizes of the other layers, which count only then. Without recompressions the result is
        known before any blob moves.
        """
        if self.recompressions:
            layers = tuple(edited(layer, recompressed, moved) for layer in self.layers)
            return self._write(layers)
        if self._keeps_bytes():
            return Document(self.source.content, self._media_type())
        return self._write(tuple(layer.target for layer in self.layers))

    def _keeps_bytes(self) -> bool:
        wants_docker = self.format is Format.V2S2
        return self.format is Format.SOURCE or self.source.is_docker == wants_docker

    def _write(self, layers: tuple[Descriptor, ...]) -> Document:
        if self.format is Format.V2S2:
            content = canonical.docker_manifest(self.config, layers)
        else:
            frame = BARE if self.source.is_docker else self.source.frame
            content = canonical.oci_manifest(self.config, layers, frame)
        return Document(content, self._media_type())

    def _media_type(self) -> str:
        match self.format:
            case Format.V2S2:
                return mt.DOCKER_MANIFEST
            case Format.OCI:
                return mt.OCI_MANIFEST
            case Format.SOURCE:
                return self.source.media_type

    def _with(self, treatment: Treatment) -> tuple[Descriptor, ...]:
        return tuple(layer.source for layer in self.layers if layer.treatment is treatment)


def refusal_of(manifest: Manifest, wanted: Format) -> Failure | None:
    """Why `plan_image` would fail, where the manifest alone tells: before anything is fetched."""
    if isinstance(manifest, Index):
        return refusals.nested_index(manifest.media_type)
    return refusals.refusal_of(manifest, manifest.config, wanted) if manifest.config else None


def needs_sniff(manifest: ImageManifest, wanted: Format) -> tuple[Digest, ...]:
    """Layers whose first bytes `plan_image` must know, each once: those typed as plain tars."""
    plain = (layer.digest for layer in manifest.layers if is_plain(layer, manifest, wanted))
    return tuple(dict.fromkeys(plain))


def needs_config(manifest: ImageManifest, wanted: Format) -> Descriptor | None:
    """The config whose content `plan_image` must know: from Docker to OCI it is written anew."""
    return manifest.config if wanted is Format.OCI and manifest.is_docker else None


def plan_image(
    manifest: Manifest,
    wanted: Format,
    sniffed: Mapping[Digest, Compression] = NOTHING_SNIFFED,
    config: bytes = b"",
) -> ImageConversion | Schema1 | Failure:
    """What to do for one image; for an index only a failure, for it must be taken apart before.

    `sniffed` knows all that `needs_sniff` asks for, `config` is the content of `needs_config`.
    """
    if isinstance(manifest, Index):
        return refusals.nested_index(manifest.media_type)
    if manifest.config is None:
        return Schema1(manifest)
    refusal = refusal_of(manifest, wanted)
    if refusal:
        return refusal
    planned = tuple(plan_layer(layer, manifest, wanted, sniffed) for layer in manifest.layers)
    layers = by_content(planned)
    if needs_config(manifest, wanted):
        return _with_new_config(manifest, layers, config)
    return ImageConversion(manifest, wanted, _config(manifest, manifest.config, wanted), layers)


def _config(manifest: ImageManifest, config: Descriptor, wanted: Format) -> Descriptor:
    """The bytes of a config never change for v2s2, only its type."""
    if wanted is Format.V2S2 and not manifest.is_docker:
        return Descriptor(mt.DOCKER_CONFIG, config.digest, config.size, config.urls)
    return config


def _with_new_config(
    manifest: ImageManifest, layers: tuple[Layer, ...], config: bytes
) -> ImageConversion | Failure:
    try:
        content = oci_config(config)
    except InvalidConfigError as error:
        return refusals.bad_config(str(error))
    descriptor = Descriptor(mt.OCI_CONFIG, Digest.of(content), len(content))
    return ImageConversion(manifest, Format.OCI, descriptor, layers, content)
