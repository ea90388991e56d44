"""Indexes and manifest lists in another format."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from registry_mirror.oci import canonical
from registry_mirror.oci import media_type as mt
from registry_mirror.oci.convert import Document
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.format import Format
from registry_mirror.oci.manifest import (
    ATTESTATION_ARTIFACT,
    BARE,
    Entry,
    ImageManifest,
    Index,
    Manifest,
    PlatformDetails,
)

DEFAULT_DETAILS = PlatformDetails(architecture="amd64", os="linux")
"""What a v2s2 list says of an entry for which an OCI index names no platform.

skopeo writes the platform of the machine it runs on; ours is the same everywhere.
"""

_NO_CHILDREN: Mapping[Digest, Manifest] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class IndexPlan:
    """`dropped` are attestations, which the format has no place for."""

    kept: tuple[Entry, ...]
    dropped: tuple[Entry, ...]


def plan_index(
    index: Index, wanted: Format, children: Mapping[Digest, Manifest] = _NO_CHILDREN
) -> IndexPlan:
    """Which entries of a whole index are taken.

    Some attestations only their manifest gives away (a Docker list has no annotations), so ask
    again with the children's manifests, by digest, once they are known.
    """
    if not _drops_attestations(index, wanted):
        return IndexPlan(index.entries, ())
    judged = [
        (entry, entry.is_attestation or _is_attestation(children.get(entry.descriptor.digest)))
        for entry in index.entries
    ]
    return IndexPlan(
        kept=tuple(entry for entry, is_attestation in judged if not is_attestation),
        dropped=tuple(entry for entry, is_attestation in judged if is_attestation),
    )


def write_list(
    index: Index, kept: tuple[Entry, ...], children: Mapping[Digest, Document], wanted: Format
) -> Document:
    """The index of these entries, in their order.

    `children` are the manifests as they are put at the target, by the digest that the index has
    for them at the source; `source` needs none.
    """
    entries = kept if wanted is Format.SOURCE else tuple(_put(e, children) for e in kept)
    if entries == index.entries and _keeps_bytes(index, wanted):
        return Document(index.content, _media_type(index, wanted))
    if _writes_docker(index, wanted):
        content = canonical.docker_list(_with_platform(index, entry) for entry in entries)
        return Document(content, mt.DOCKER_MANIFEST_LIST)
    frame = BARE if index.is_docker else index.frame
    content = canonical.oci_index((_with_details(entry, index) for entry in entries), frame)
    return Document(content, mt.OCI_INDEX)


def _drops_attestations(index: Index, wanted: Format) -> bool:
    return wanted is Format.V2S2 or (wanted is Format.OCI and index.is_docker)


def _is_attestation(manifest: Manifest | None) -> bool:
    if not isinstance(manifest, ImageManifest):
        return False
    types = {layer.media_type for layer in manifest.layers}
    return manifest.frame.artifact_type == ATTESTATION_ARTIFACT or types == {mt.IN_TOTO}


def _put(entry: Entry, children: Mapping[Digest, Document]) -> Entry:
    child = children[entry.descriptor.digest]
    descriptor = replace(
        entry.descriptor,
        media_type=child.media_type,
        digest=child.digest,
        size=len(child.content),
    )
    return replace(entry, descriptor=descriptor)


def _writes_docker(index: Index, wanted: Format) -> bool:
    return wanted is Format.V2S2 or (wanted is Format.SOURCE and index.is_docker)


def _keeps_bytes(index: Index, wanted: Format) -> bool:
    """Whether an index with nothing changed in it stays as it came.

    skopeo compares what it would write with what it would have written of the source: a list
    without its schemaVersion differs.
    """
    if wanted is Format.SOURCE:
        return True
    is_sound = index.schema_version == 2 or not index.is_docker  # noqa: PLR2004
    return is_sound and index.is_docker == _writes_docker(index, wanted)


def _media_type(index: Index, wanted: Format) -> str:
    if wanted is Format.SOURCE:
        return index.media_type
    return mt.DOCKER_MANIFEST_LIST if _writes_docker(index, wanted) else mt.OCI_INDEX


def _with_platform(index: Index, entry: Entry) -> Entry:
    """OCI knows no `features` of a platform."""
    if index.is_docker:
        return entry
    return replace(entry, details=replace(entry.details or DEFAULT_DETAILS, features=()))


def _with_details(entry: Entry, index: Index) -> Entry:
    """Of a Docker list every entry has a platform, and nothing that only OCI knows."""
    if not index.is_docker:
        return entry
    descriptor = replace(entry.descriptor, annotations=(), data="", artifact_type="")
    return Entry(descriptor, entry.details or PlatformDetails("", ""))
