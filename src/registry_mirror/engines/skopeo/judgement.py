"""What skopeo can be asked for, and whether it did what it was asked. All pure."""

from dataclasses import replace

from registry_mirror import setting_words
from registry_mirror.engines.skopeo import words
from registry_mirror.engines.skopeo.rules import NATIVE_ONLY
from registry_mirror.engines.words import TAG_MOVED
from registry_mirror.errors import Code, Failure, Side
from registry_mirror.hosts import is_ipv6
from registry_mirror.oci import media_type as mt
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.manifest import ImageManifest, Index, Manifest
from registry_mirror.oci.platform import EveryPlatform, OnlyPlatforms
from registry_mirror.oci.reference import Reference
from registry_mirror.oci.selection import select
from registry_mirror.plan import Copy, Format
from registry_mirror.text import Text


def refusal_of_copy(copy: Copy) -> Failure | None:
    """Why skopeo can't be asked for a copy at all."""
    if is_ipv6(copy.source.registry):
        return replace(_unsupported(words.IPV6), hint=NATIVE_ONLY)
    if is_ipv6(copy.target.registry):
        return replace(_unsupported(words.IPV6), side=Side.TARGET, hint=NATIVE_ONLY)
    if isinstance(copy.selection, OnlyPlatforms) and len(copy.selection.platforms) > 1:
        return _unsupported(setting_words.SEVERAL_PLATFORMS)
    return None


def refusal_of_source(copy: Copy, source: Manifest) -> Failure | None:
    """Why skopeo would fail on this source, where its manifest alone tells.

    With `--all --format v2s2` it stops at an attestation only after the layers of every image
    before it have been sent. What a digest names it prints unchecked (`inspect --raw`, 1.9.3).
    """
    if is_other_than_named(copy.source, source):
        return Failure(Code.DIGEST_MISMATCH, Side.SOURCE)
    if not isinstance(source, Index):
        return None
    if isinstance(copy.selection, OnlyPlatforms):
        chosen = select(source, copy.selection)
        return chosen if isinstance(chosen, Failure) else None
    if copy.format is Format.V2S2 and any(entry.is_attestation for entry in source.entries):
        return _unsupported(words.ATTESTATIONS)
    return None


def is_other_than_named(reference: Reference, found: Manifest) -> bool:
    """Whether a pinned manifest is another one."""
    return reference.digest is not None and _is_other(reference.digest, found)


def _is_other(wanted: Digest, found: Manifest) -> bool:
    """Told of sha256 alone, and not of schema 1, whose digest leaves out its signature."""
    told = wanted.algorithm == "sha256" and found.media_type not in mt.SCHEMA_1
    return told and found.digest != wanted


def refusal_of_result(
    copy: Copy, source: Manifest, pushed: Digest | None, found: Manifest
) -> Failure | None:
    """What is wrong with what the target's tag holds after skopeo said that all went well."""
    if pushed and _is_other(pushed, found):
        cause = TAG_MOVED.fill(pushed=pushed, found=found.digest)
        return Failure(Code.TARGET_MISMATCH, Side.TARGET, cause=cause)
    if found.media_type not in _expected_types(copy, source):
        cause = words.WRONG_FORMAT.fill(found=found.media_type, asked=copy.format)
        return Failure(Code.TARGET_MISMATCH, Side.TARGET, cause=cause)
    return None


def _expected_types(copy: Copy, source: Manifest) -> frozenset[str]:
    wants_index = isinstance(source, Index) and isinstance(copy.selection, EveryPlatform)
    match copy.format:
        case Format.V2S2:
            return frozenset({mt.DOCKER_MANIFEST_LIST if wants_index else mt.DOCKER_MANIFEST})
        case Format.OCI:
            return frozenset({mt.OCI_INDEX if wants_index else mt.OCI_MANIFEST})
        case Format.SOURCE:
            if isinstance(source, ImageManifest) or wants_index:
                return frozenset({source.media_type})
            return frozenset({mt.OCI_MANIFEST, mt.DOCKER_MANIFEST})


def unreadable(failure: Failure) -> Failure:
    """Why what was pushed can't be read back; a refusal of the read is none of the push."""
    hints = {Code.TARGET_NOT_FOUND: None, Code.TARGET_DENIED: words.UNREADABLE_HINT}
    if failure.code not in hints:
        return failure
    return Failure(
        Code.TARGET_MISMATCH,
        Side.TARGET,
        failure.said,
        cause=words.UNREADABLE,
        hint=hints[failure.code],
    )


def on_target(failure: Failure) -> Failure:
    """The same failure of a read, met where the image goes instead of where it comes from."""
    codes = {
        Code.SOURCE_DENIED: Code.TARGET_DENIED,
        Code.SOURCE_UNAVAILABLE: Code.TARGET_UNAVAILABLE,
        Code.TAG_NOT_FOUND: Code.TARGET_NOT_FOUND,
        Code.REPOSITORY_NOT_FOUND: Code.TARGET_NOT_FOUND,
    }
    return replace(failure, code=codes.get(failure.code, failure.code), side=Side.TARGET)


def _unsupported(cause: Text) -> Failure:
    return Failure(Code.ENGINE_UNSUPPORTED, Side.SOURCE, cause=cause, hint=words.NATIVE_HINT)
