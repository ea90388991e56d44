"""What single registries are known to do otherwise, as data.

A row stands only with a fault of the embedded registry that proves it, and its source. What every
registry may do is not here but handled where it happens: sessions lost, HEAD refused, pieces too
small.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True, slots=True)
class Profile:
    """`largest_piece` is the most bytes of a request that has a Content-Range."""

    largest_piece: int | None = None


ORDINARY = Profile()

PROFILES: tuple[tuple[str, Profile], ...] = (
    # 416 above it, reported by clowdhaus/ocync and ocx#237; fault: UploadLimits.chunk_most
    ("ghcr.io", Profile(largest_piece=4 * 1024 * 1024)),
)


def profile_of(registry: str) -> Profile:
    """`registry` is a host, with a port where it has one."""
    return next((p for host, p in PROFILES if fnmatchcase(registry, host)), ORDINARY)
