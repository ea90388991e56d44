"""Choosing images from an index by their platform, as skopeo chooses."""

from collections.abc import Iterable

from registry_mirror.errors import Code, Failure, Side
from registry_mirror.oci.manifest import ZSTD_ANNOTATION, Entry, Index
from registry_mirror.oci.platform import InvalidPlatformError, OnlyPlatforms, Platform
from registry_mirror.text import Text

_COMPATIBLE = {"arm": ("v8", "v7", "v6", "v5"), "arm64": ("v8",)}
"""Variants from the most to the least demanding (containers/image, platform_matcher.go)."""

_MAX_AVAILABLE = 400
"""Characters of the list of platforms: the index is a stranger's."""

_MAX_OFFERED = 100
"""Characters of a platform that a hint offers."""

_MISSING = Text(
    zh="镜像没有 {wanted} 平台，只有 {available}",
    en="the image is not there for {wanted}, only for {available}",
)
_MISSING_ALL = Text(
    zh="镜像没有 {wanted} 平台，也没有声明任何平台",
    en="the image is not there for {wanted}, nor does it name any platform",
)
_CHOOSE = Text(
    zh="在这一行末尾加上 {option}，或加上 {all} 同步全部平台",
    en="add {option} to the line, or {all} for every platform",
)


def select(index: Index, wanted: OnlyPlatforms) -> tuple[Entry, ...] | Failure:
    """The entries for these platforms, each once, in the order of the index."""
    chosen = {platform: _choose(index, platform) for platform in wanted.platforms}
    missing = [platform for platform, position in chosen.items() if position is None]
    if missing:
        return _not_found(index, missing)
    positions = {position for position in chosen.values() if position is not None}
    return tuple(index.entries[position] for position in sorted(positions))


def wanted_variants(platform: Platform) -> tuple[str, ...]:
    """The variants that serve a platform, the best first."""
    known = _COMPATIBLE.get(platform.architecture, ())
    if not platform.variant:
        return ("", *known)
    if platform.variant not in known:
        return (platform.variant, "")
    return (*known[known.index(platform.variant) :], "")


def _choose(index: Index, wanted: Platform) -> int | None:
    """The position of the best entry: by variant, gzip before zstd, then the first."""
    variants = wanted_variants(wanted)
    ranked = (
        (rank, _is_zstd(entry, index), position)
        for position, entry in enumerate(index.entries)
        if (rank := _rank(entry, index, wanted, variants)) is not None
    )
    best = min(ranked, default=None)
    return best[-1] if best else None


def _rank(entry: Entry, index: Index, wanted: Platform, variants: tuple[str, ...]) -> int | None:
    """Lower is better; an entry of an OCI index that names no platform comes last."""
    details = entry.details
    if entry.is_attestation:
        return None
    if details is None:
        return None if index.is_docker else len(variants)
    if (details.os, details.architecture) != (wanted.os, wanted.architecture):
        return None
    return variants.index(details.variant) if details.variant in variants else None


def _is_zstd(entry: Entry, index: Index) -> bool:
    return not index.is_docker and (ZSTD_ANNOTATION, "true") in entry.descriptor.annotations


def _not_found(index: Index, missing: Iterable[Platform]) -> Failure:
    wanted = ", ".join(map(str, missing))
    entries = (entry for entry in index.entries if not entry.is_attestation)
    there = list(dict.fromkeys(str(e.platform) for e in entries if e.platform))
    available = ", ".join(there)
    if len(available) > _MAX_AVAILABLE:
        available = f"{available[:_MAX_AVAILABLE]}…"
    cause = (_MISSING if available else _MISSING_ALL).fill(wanted=wanted, available=available)
    offered = next(filter(_can_be_written, there), None)
    hint = _CHOOSE.fill(option=f"--platform {offered}", all="--all") if offered else None
    return Failure(Code.PLATFORM_NOT_FOUND, Side.SOURCE, cause=cause, hint=hint)


def _can_be_written(platform: str) -> bool:
    """Whether a stranger's words are a platform by our own grammar, for a hint says to write it."""
    try:
        Platform.parse(platform)
    except InvalidPlatformError:
        return False
    return len(platform) <= _MAX_OFFERED
