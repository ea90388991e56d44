"""What the schedule remembers: images under way, and blobs as they spread over repositories."""

from collections import deque
from dataclasses import dataclass, field
from enum import Enum, IntEnum, auto

from registry_mirror.errors import Code, Failure
from registry_mirror.oci.digest import Digest
from registry_mirror.outcome import Bytes
from registry_mirror.schedule.work import Blob, Image

SOURCE_TRIES = 2
"""Images that may try one source repository for one blob when its failures look passing."""

Priority = tuple[int, int, int, int]
"""The least goes first."""

_PASSING = frozenset(
    {Code.SOURCE_UNAVAILABLE, Code.RATE_LIMITED, Code.TIMEOUT, Code.DIGEST_MISMATCH}
)


class Action(IntEnum):
    """What is done for a blob, in the order of small requests: checks keep the bodies fed.

    Manifests, which end images, go before them all.
    """

    CHECK = 1
    MOUNT = 2
    UPLOAD = 3


class Progress(Enum):
    WAITING = auto()
    RUNNING = auto()
    WITHDRAWN = auto()


@dataclass(slots=True, eq=False, repr=False)
class Run:
    """An image under way.

    `missing` counts the blobs that its repository lacks. `waves` are manifests to put later (None
    is the tag), `unput` those to put next, `putting` counts those handed out. `queued` and
    `bodies` are its uploads of large layers that are ready and that run; while there are any and
    it has begun, it `is_moving` and counts against the limit of images. `overdue` is why it was
    to fail while its tag was being put.
    """

    image: Image
    order: int
    waves: deque[tuple[Digest | None, ...]]
    needs: "list[Need]" = field(default_factory=list)
    missing: int = 0
    unput: list[Digest | None] = field(default_factory=list)
    putting: int = 0
    put_again: set[Digest | None] = field(default_factory=set)
    queued: "dict[BlobStep, None]" = field(default_factory=dict)
    bodies: int = 0
    is_moving: bool = False
    is_done: bool = False
    is_tagging: bool = False
    overdue: Failure | None = None
    is_failed: bool = False
    sent: int = 0
    mounted: int = 0
    present: int = 0

    @classmethod
    def of(cls, image: Image, order: int) -> "Run":
        return cls(image, order, deque([*image.children, (None,)]))

    @property
    def is_open(self) -> bool:
        return not self.is_failed and not self.is_done

    @property
    def moved(self) -> Bytes:
        sizes = {(blob.digest, blob.recompress): blob.size for blob in self.image.blobs}
        return Bytes(sum(sizes.values()), self.sent, self.mounted, self.present)


@dataclass(slots=True, eq=False, repr=False)
class Spread:
    """One blob and the repositories that need it.

    Until one is the `holder`, one place at most acts for it, the `leader`; from then on the others
    take it from the holder. `candidates` are needs whose images may still be asked to lead, in
    order; `stranded` those whose source can't give the blob. `open` counts the needs of images
    under way.
    """

    places: "dict[str, Place]" = field(default_factory=dict)
    holder: str | None = None
    leader: "Place | None" = None
    candidates: "deque[Need]" = field(default_factory=deque)
    stranded: "list[Need]" = field(default_factory=list)
    open: int = 0
    tries: dict[str, int] = field(default_factory=dict)
    given_up: dict[str, Failure] = field(default_factory=dict)

    def held_by(self) -> str:
        if self.holder is None:
            raise ValueError("no repository has the blob yet")
        return self.holder

    def blame(self, source: str, failure: Failure) -> None:
        """Note that a source repository didn't give the blob."""
        self.tries[source] = self.tries.get(source, 0) + 1
        if failure.code not in _PASSING or self.tries[source] >= SOURCE_TRIES:
            self.given_up[source] = failure


@dataclass(slots=True, eq=False, repr=False)
class Place:
    """One blob in one repository.

    `step` is what is ready or running for it, at most one thing at a time. `needs` are the images
    that wait, in order. `is_unknown` until the repository was asked; `uploads_itself` when
    mounting is of no use; `is_trusted` when it was sent, so that it isn't sent again.
    """

    spread: Spread
    repository: str
    needs: "deque[Need]" = field(default_factory=deque)
    step: "BlobStep | None" = None
    is_there: bool = False
    is_unknown: bool = True
    uploads_itself: bool = False
    is_trusted: bool = False
    owed: int = 0

    def first_open(self) -> "Need | None":
        while self.needs and not self.needs[0].is_open:
            self.needs.popleft()
        return self.needs[0] if self.needs else None

    def first_with_source(self) -> "Need | None":
        self.first_open()
        return next((need for need in self.needs if need.is_open and need.has_source), None)


@dataclass(slots=True, eq=False, repr=False)
class Need:
    """An image waits for a blob. `again`: the registry had claimed to have it."""

    run: Run
    blob: Blob
    place: Place
    again: bool = False
    is_met: bool = False

    @property
    def is_open(self) -> bool:
        return not self.is_met and self.run.is_open

    @property
    def has_source(self) -> bool:
        return self.run.image.source not in self.place.spread.given_up


@dataclass(slots=True, eq=False, repr=False)
class BlobStep:
    """A check, an upload or a mount, from when it is ready."""

    need: Need
    action: Action
    progress: Progress = Progress.WAITING

    @property
    def run(self) -> Run:
        return self.need.run

    @property
    def is_body(self) -> bool:
        return self.action is Action.UPLOAD and self.need.blob.is_large

    @property
    def is_waiting(self) -> bool:
        return self.progress is Progress.WAITING

    @property
    def priority(self) -> Priority:
        """The biggest, then what most images wait for, then the earliest image's."""
        return (
            self.action,
            -self.need.blob.size,
            -self.need.place.spread.open,
            self.run.order,
        )


@dataclass(slots=True, eq=False, repr=False)
class PutStep:
    """A manifest to put; `child` is None for the tag's."""

    run: Run
    child: Digest | None
    progress: Progress = Progress.WAITING

    is_body = False

    @property
    def is_waiting(self) -> bool:
        return self.progress is Progress.WAITING and self.run.is_open

    @property
    def priority(self) -> Priority:
        return (-1 if self.child is None else 0, 0, 0, self.run.order)


Step = BlobStep | PutStep
