"""The native conversion as an engine would go through it, with everything at hand."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from registry_mirror.embedded.images import BuiltImage, Style
from registry_mirror.errors import Failure
from registry_mirror.oci.compression import Compression, sniff
from registry_mirror.oci.convert import (
    Document,
    ImageConversion,
    Schema1,
    needs_config,
    needs_sniff,
    plan_image,
)
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.format import Format
from registry_mirror.oci.layers import Stored
from registry_mirror.oci.lists import plan_index, write_list
from registry_mirror.oci.manifest import Entry, ImageManifest, Index, Manifest, parse_manifest
from registry_mirror.oci.platform import DEFAULT_SELECTION, EveryPlatform, OnlyPlatforms, Selection
from registry_mirror.oci.selection import select

Contents = Mapping[Digest, bytes]
Recompressed = Mapping[Digest, Stored]


@dataclass(frozen=True, slots=True)
class Converted:
    """What is put: the manifest under the tag, and those below it."""

    top: Document
    children: tuple[Document, ...] = ()
    dropped: tuple[Digest, ...] = ()


Result = Converted | Schema1 | Failure


@dataclass(frozen=True, slots=True)
class Source:
    """`recompressed` says for a layer's digest what skopeo made of it."""

    manifests: Contents
    blobs: Contents
    recompressed: Recompressed

    def convert(self, top: Digest, wanted: Format, selection: Selection) -> Result:
        manifest = parse_manifest(self.manifests[top])
        if isinstance(manifest, ImageManifest):
            return self._single(manifest, wanted)
        match selection:
            case EveryPlatform():
                plan = plan_index(manifest, wanted, self._children(manifest))
                dropped = tuple(entry.descriptor.digest for entry in plan.dropped)
                return self._list(manifest, plan.kept, wanted, dropped)
            case OnlyPlatforms(platforms):
                chosen = select(manifest, selection)
                if isinstance(chosen, Failure):
                    return chosen
                if len(platforms) == 1:
                    only = self.manifests[chosen[0].descriptor.digest]
                    return self._single(parse_manifest(only), wanted)
                return self._list(manifest, chosen, wanted, ())

    def plan(self, manifest: Manifest, wanted: Format) -> ImageConversion | Schema1 | Failure:
        if isinstance(manifest, Index):
            return plan_image(manifest, wanted)
        starts = {d: sniff(self.blobs[d]) for d in needs_sniff(manifest, wanted)}
        config = needs_config(manifest, wanted)
        return plan_image(manifest, wanted, starts, self.blobs[config.digest] if config else b"")

    def _single(self, manifest: Manifest, wanted: Format) -> Result:
        plan = self.plan(manifest, wanted)
        if not isinstance(plan, ImageConversion):
            return plan
        sizes = {digest: len(blob) for digest, blob in self.blobs.items()}
        as_they_are = {
            digest: Stored(digest, len(blob))
            for digest, blob in self.blobs.items()
            if sniff(blob) is Compression.GZIP
        }
        return Converted(plan.finish(as_they_are | dict(self.recompressed), sizes))

    def _list(
        self, index: Index, kept: tuple[Entry, ...], wanted: Format, dropped: tuple[Digest, ...]
    ) -> Result:
        documents: dict[Digest, Document] = {}
        for entry in kept:
            digest = entry.descriptor.digest
            child = self._single(parse_manifest(self.manifests[digest]), wanted)
            if not isinstance(child, Converted):
                return child
            documents[digest] = child.top
        top = write_list(index, kept, documents, wanted)
        return Converted(top, tuple(documents.values()), dropped)

    def _children(self, index: Index) -> dict[Digest, Manifest]:
        digests = (entry.descriptor.digest for entry in index.entries)
        return {d: parse_manifest(self.manifests[d]) for d in digests if d in self.manifests}


def selection_of(*, everything: bool) -> Selection:
    return EveryPlatform() if everything else DEFAULT_SELECTION


CONFIG = Digest.of(b"config")
GZIP = Stored(Digest.of(b"compressed anew"), 4)
"""What becomes of every layer that is compressed anew."""


def layer(name: str, media_type: str, urls: Sequence[str] = ()) -> dict[str, object]:
    digest = Digest.of(name.encode())
    return {
        "mediaType": media_type,
        "digest": digest,
        "size": 7,
        **({"urls": urls} if urls else {}),
    }


def image(
    *layers: dict[str, object],
    style: Style = Style.OCI,
    config_type: str = "",
    size: int = 2,
    **members: object,
) -> ImageManifest:
    config = {"mediaType": config_type or style.config, "digest": CONFIG, "size": size}
    document = {"schemaVersion": 2, "mediaType": style.manifest, "config": config, **members}
    parsed = parse_manifest(json.dumps({**document, "layers": layers}).encode())
    assert isinstance(parsed, ImageManifest)
    return parsed


def conversion(
    manifest: ImageManifest,
    wanted: Format = Format.V2S2,
    compression: Compression = Compression.NONE,
) -> ImageConversion:
    sniffed = dict.fromkeys(needs_sniff(manifest, wanted), compression)
    plan = plan_image(manifest, wanted, sniffed, b"{}")
    assert isinstance(plan, ImageConversion), plan
    return plan


def written(document: Document) -> ImageManifest:
    parsed = parse_manifest(document.content)
    assert isinstance(parsed, ImageManifest)
    return parsed


def built_source(built: BuiltImage, stored: Stored = GZIP) -> Source:
    return Source(
        {piece.digest: piece.content for piece in (built.top, *built.manifests)},
        {piece.digest: piece.content for piece in built.blobs},
        {piece.digest: stored for piece in built.blobs},
    )


def convert(built: BuiltImage, wanted: Format, selection: Selection) -> Converted:
    result = built_source(built).convert(built.top.digest, wanted, selection)
    assert isinstance(result, Converted), result
    return result
