"""What the schedule is told of an image, and the transfers it asks for."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from registry_mirror.oci.digest import Digest
from registry_mirror.plan import Copy

MIB = 1024 * 1024
LARGE = MIB
"""A layer from this many bytes on is a body; anything smaller goes with the small requests."""

S = TypeVar("S")
"""The driver's own type of an upload session, which the schedule keeps and never looks into."""


class Kind(StrEnum):
    CONFIG = "config"
    LAYER = "layer"


@dataclass(frozen=True, slots=True)
class Blob:
    """A config or a layer, by the digest it has at the source.

    One that is recompressed has another digest at the target, known when it has been sent: the
    driver remembers it for mounts and manifests.
    """

    digest: Digest
    size: int
    kind: Kind = Kind.LAYER
    recompress: bool = False

    @property
    def is_large(self) -> bool:
        return self.kind is Kind.LAYER and self.size >= LARGE

    def __str__(self) -> str:
        again = ", recompressed" if self.recompress else ""
        return f"{self.kind} {_short(self.digest)} ({_size(self.size)}{again})"


@dataclass(frozen=True, slots=True)
class Image:
    """A copy whose manifests are known and have something to move.

    `blobs` are those of all its manifests, in their order; a digest may come twice. `children` are
    the manifests to put by digest before the tag's own: waves, of which each waits for the one
    before, so that an index in an index finds its images there. Children go by the names that the
    driver knows them by, their digests at the source.
    """

    copy: Copy
    blobs: tuple[Blob, ...]
    children: tuple[tuple[Digest, ...], ...] = ()

    @property
    def repository(self) -> str:
        """Where it goes; the registry is the same for the whole plan."""
        return self.copy.target.repository

    @property
    def source(self) -> str:
        """The repository it comes from, with its registry."""
        return self.copy.source.name

    def __str__(self) -> str:
        return f"{self.repository}:{self.copy.target.tag}"


@dataclass(frozen=True, slots=True, repr=False)
class Check:
    """Ask whether the image's repository has a large layer: Present, Absent or Broken."""

    number: int
    image: Image
    blob: Blob
    is_body = False

    def __repr__(self) -> str:
        return f"<#{self.number} {self.image}: is {self.blob} there?>"


@dataclass(frozen=True, slots=True, repr=False)
class Upload(Generic[S]):
    """Bring a blob from the image's source: Sent, Present or Broken.

    With `check`, whether it is there is asked first. `session` is what a refused mount has opened.
    """

    number: int
    image: Image
    blob: Blob
    check: bool
    session: S | None = None

    @property
    def is_body(self) -> bool:
        return self.blob.is_large

    def __repr__(self) -> str:
        session = ", in the session a refused mount opened" if self.session is not None else ""
        check = "check and send" if self.check else "send"
        return f"<#{self.number} {self.image}: {check} {self.blob}{session}>"


@dataclass(frozen=True, slots=True, repr=False)
class Mount:
    """Take a blob from a repository of the target: Mounted, MountRefused or Broken."""

    number: int
    image: Image
    blob: Blob
    from_repository: str
    is_body = False

    def __repr__(self) -> str:
        return f"<#{self.number} {self.image}: mount {self.blob} from {self.from_repository}>"


@dataclass(frozen=True, slots=True, repr=False)
class PutChild:
    """Put a manifest by its digest: Put, Lacking or Broken."""

    number: int
    image: Image
    child: Digest
    is_body = False

    def __repr__(self) -> str:
        return f"<#{self.number} {self.image}: put manifest {_short(self.child)}>"


@dataclass(frozen=True, slots=True, repr=False)
class PutTag:
    """Put the image's own manifest or list by its tag, the last thing: Put, Lacking or Broken."""

    number: int
    image: Image
    is_body = False

    def __repr__(self) -> str:
        return f"<#{self.number} {self.image}: put the tag>"


Transfer = Check | Upload[S] | Mount | PutChild | PutTag


def _short(digest: Digest) -> str:
    return digest.encoded[:8]


def _size(octets: int) -> str:
    return f"{octets / MIB:.1f} MiB" if octets >= MIB else f"{octets} B"
