"""How transfers end, and what that makes of images."""

from dataclasses import dataclass
from typing import Generic

from registry_mirror.errors import Failure
from registry_mirror.oci.digest import Digest
from registry_mirror.outcome import Bytes
from registry_mirror.schedule.work import Image, S


@dataclass(frozen=True, slots=True)
class Present:
    """The repository has the blob already."""


@dataclass(frozen=True, slots=True)
class Absent:
    """The repository lacks it."""


@dataclass(frozen=True, slots=True)
class Sent:
    """`octets` went over the link for it, whatever size its descriptor told."""

    octets: int


@dataclass(frozen=True, slots=True)
class Mounted:
    pass


@dataclass(frozen=True, slots=True)
class MountRefused(Generic[S]):
    """The blob has to be sent, in the session that the registry opened if it did (202)."""

    session: S | None = None


@dataclass(frozen=True, slots=True)
class Put:
    """The manifest is there, and for a tag has been read back."""


@dataclass(frozen=True, slots=True)
class Lacking:
    """The registry refused a manifest for want of blobs that it had said it has.

    `digests` are those it named, as the image's blobs have them; none where it named none. The
    failure is the image's if sending them, once, doesn't help.
    """

    digests: frozenset[Digest]
    failure: Failure


@dataclass(frozen=True, slots=True)
class Broken:
    """All tries are used up. The failure's side decides whether another source is looked for."""

    failure: Failure


Result = Present | Absent | Sent | Mounted | MountRefused[S] | Put | Lacking | Broken


@dataclass(frozen=True, slots=True)
class ImageDone:
    image: Image
    moved: Bytes


@dataclass(frozen=True, slots=True)
class ImageFailed:
    """Told as soon as it is certain: transfers that the image has started may still run."""

    image: Image
    moved: Bytes
    failure: Failure


Ended = ImageDone | ImageFailed
