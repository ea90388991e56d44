"""How a copy ended: exactly one `Outcome` for each."""

from dataclasses import dataclass

from registry_mirror.errors import Failure
from registry_mirror.oci.digest import Digest
from registry_mirror.plan import Copy


@dataclass(frozen=True, slots=True)
class Dropped:
    """An entry of an index that was left out on purpose."""

    digest: Digest
    reason: str


@dataclass(frozen=True, slots=True)
class Bytes:
    """Where the bytes of an image were: moved, mounted from a neighbour, or there already."""

    total: int
    sent: int
    mounted: int
    present: int


@dataclass(frozen=True, slots=True)
class Content:
    """What a target's tag holds, as read back from it.

    `size` is the sum of its configs and layers in bytes, each counted once; None where unknown.
    """

    digest: Digest
    media_type: str
    platforms: tuple[str, ...] | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Copied:
    """`replaced` is what the tag held before, None where it held nothing."""

    copy: Copy
    content: Content
    seconds: float
    source_digest: Digest | None = None
    replaced: Digest | None = None
    dropped: tuple[Dropped, ...] = ()
    moved: Bytes | None = None


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The tag held this digest already."""

    copy: Copy
    content: Content
    seconds: float
    source_digest: Digest | None = None
    dropped: tuple[Dropped, ...] = ()
    moved: Bytes | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The target's tag is as it was before, unless the failure says otherwise."""

    copy: Copy
    failure: Failure
    seconds: float | None = None
    source_digest: Digest | None = None


Outcome = Copied | Unchanged | Failed
