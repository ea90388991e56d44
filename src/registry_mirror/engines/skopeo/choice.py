"""Which images of a source skopeo will take. All pure."""

from registry_mirror.engines.sizes import refusal_of_count
from registry_mirror.errors import Code, Failure, Side
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.manifest import Index, Manifest
from registry_mirror.oci.platform import OnlyPlatforms, Selection
from registry_mirror.oci.selection import select


def chosen_images(selection: Selection, source: Manifest) -> tuple[Digest, ...] | Failure:
    """The images of an index that a copy takes; none where the source is an image itself."""
    if not isinstance(source, Index):
        return ()
    wanted = selection if isinstance(selection, OnlyPlatforms) else None
    entries = select(source, wanted) if wanted else source.entries
    if isinstance(entries, Failure):
        return entries
    digests = tuple(dict.fromkeys(entry.descriptor.digest for entry in entries))
    return refusal_of_count(len(digests)) or digests


def refusal_of_child(named: Digest, found: Manifest) -> Failure | None:
    """What skopeo prints of a digest may be anything (`inspect --raw`, 1.9.3)."""
    if named.algorithm != "sha256" or found.digest != named:
        return Failure(Code.DIGEST_MISMATCH, Side.SOURCE)
    return None


def is_child_missing(failure: Failure) -> bool:
    return failure.code in {Code.TAG_NOT_FOUND, Code.REPOSITORY_NOT_FOUND}
