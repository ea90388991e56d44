"""The schedule of all images of a plan: events in, transfers out."""

from dataclasses import dataclass
from typing import Generic, assert_never

from registry_mirror.errors import Failure
from registry_mirror.plan import Copy
from registry_mirror.schedule import story
from registry_mirror.schedule.putting import PutResult, next_puts, put_again
from registry_mirror.schedule.ready import Budget, Ready
from registry_mirror.schedule.records import Action, BlobStep, Place, PutStep, Run, Step
from registry_mirror.schedule.results import (
    Absent,
    Broken,
    Ended,
    ImageDone,
    ImageFailed,
    Lacking,
    Mounted,
    MountRefused,
    Present,
    Put,
    Result,
    Sent,
)
from registry_mirror.schedule.spreading import BlobResult, Spreading
from registry_mirror.schedule.statistics import Statistics
from registry_mirror.schedule.work import (
    Check,
    Image,
    Mount,
    PutChild,
    PutTag,
    S,
    Transfer,
    Upload,
)


@dataclass(slots=True)
class _Counts:
    done: int = 0
    failed: int = 0
    sent: int = 0
    mounted: int = 0
    uploads: int = 0
    mounts: int = 0
    mounts_refused: int = 0


class Schedule(Generic[S]):
    """Which transfers may start now, for the images known so far.

    The driver adds images as they are resolved, asks `next` after every event, carries out what
    it gets, and tells `end` how each went. Every image that was added ends exactly once, in the
    answer of `add`, `end` or `fail`. At most `parallel` images send large layers of their own at
    once.
    """

    def __init__(self, parallel: int) -> None:
        self._ready = Ready(parallel)
        self._spreading = Spreading(self._ready)
        self._runs: dict[Copy, Run] = {}
        self._running: dict[int, Step] = {}
        self._sessions: dict[Place, S] = {}
        self._number = 0
        self._counts = _Counts()
        self._ended: list[Ended] = []

    def add(self, image: Image) -> tuple[Ended, ...]:
        """Take on an image. It ends at once if no source is left for one of its blobs.

        Raises ValueError if its copy was added before.
        """
        if image.copy in self._runs:
            raise ValueError(f"{image} was added before")
        run = self._runs[image.copy] = Run.of(image, len(self._runs))
        self._spreading.need(run)
        self._put(run)
        return self._settle()

    def next(self, budget: Budget) -> tuple[Transfer[S], ...]:
        """The transfers to start now; each is running until `end` is told of it."""
        return tuple(self._start(step) for step in self._ready.start(budget))

    def end(self, transfer: Transfer[S], result: Result[S]) -> tuple[Ended, ...]:
        """Note how a transfer went. Raises ValueError if it isn't running or can't end so."""
        step = self._running.get(transfer.number)
        if step is None or not _may_end(transfer, result):
            raise ValueError(f"{transfer} can't end as {result} now")
        del self._running[transfer.number]
        self._ready.end(step)
        match step, result:
            case PutStep() as put, (Put() | Lacking() | Broken() as how):
                self._end_put(put, how)
            case BlobStep() as moved, (
                Present() | Absent() | Sent() | Mounted() | MountRefused() | Broken() as how
            ):
                self._end_blob(moved, how)
            case _:
                raise ValueError(f"{transfer} is not the transfer of that number")
        self._ready.give_back_slot(step.run)
        return self._settle()

    def fail(self, copy: Copy, failure: Failure) -> tuple[Ended, ...]:
        """End an image that was added, because its time is up or the run is.

        Its transfers under way run on; `is_wanted` tells which of them serve nobody. An image
        that has ended stays as it is, and one whose tag is being put ends as that goes: a failed
        image must have left the tag as it was.
        """
        run = self._runs[copy]
        if run.is_tagging:
            run.overdue = failure
        else:
            self._spreading.doom(run, failure)
        return self._settle()

    def is_wanted(self, transfer: Transfer[S]) -> bool:
        """Whether an image that has not ended gains by a running transfer."""
        step = self._running[transfer.number]
        match step:
            case BlobStep():
                return self._spreading.is_wanted(step)
            case PutStep():
                return step.run.is_open
            case never:
                assert_never(never)

    def spared(self, copy: Copy) -> int:
        """How many bytes of an image that was added need no sending, as far as is known."""
        run = self._runs[copy]
        return run.mounted + run.present

    @property
    def is_over(self) -> bool:
        """Whether every image added so far has ended and nothing runs."""
        ended = self._counts.done + self._counts.failed
        return ended == len(self._runs) and not self._running

    def statistics(self) -> Statistics:
        counts = self._counts
        return Statistics(
            images=len(self._runs),
            done=counts.done,
            failed=counts.failed,
            moving=self._ready.moving,
            bodies=self._ready.bodies,
            requests=self._ready.requests,
            blobs=self._spreading.blobs,
            to_send=self._spreading.to_send,
            sent=counts.sent,
            mounted=counts.mounted,
            uploads=counts.uploads,
            mounts=counts.mounts,
            mounts_refused=counts.mounts_refused,
            promotions=self._spreading.promotions,
        )

    def story(self) -> str:
        """How far each image is that has not ended, and what it waits for; for debugging."""
        return story.of_runs(run for run in self._runs.values() if run.is_open)

    def __repr__(self) -> str:
        return story.of_statistics(self.statistics())

    def _start(self, step: Step) -> Transfer[S]:
        self._number += 1
        self._running[self._number] = step
        match step:
            case BlobStep():
                return self._blob_transfer(self._number, step)
            case PutStep():
                if step.child is None:
                    step.run.is_tagging = True
                    return PutTag(self._number, step.run.image)
                return PutChild(self._number, step.run.image, step.child)
            case never:
                assert_never(never)

    def _blob_transfer(self, number: int, step: BlobStep) -> Check | Upload[S] | Mount:
        image, blob, place = step.run.image, step.need.blob, step.need.place
        match step.action:
            case Action.CHECK:
                return Check(number, image, blob)
            case Action.MOUNT:
                return Mount(number, image, blob, place.spread.held_by())
            case Action.UPLOAD:
                check = place.is_unknown and not blob.recompress
                return Upload(number, image, blob, check, self._sessions.pop(place, None))
            case never:
                assert_never(never)

    def _end_blob(self, step: BlobStep, result: BlobResult[S]) -> None:
        self._count(step, result)
        if isinstance(result, MountRefused) and result.session is not None:
            self._sessions[step.need.place] = result.session
        self._spreading.end(step, result)

    def _count(self, step: BlobStep, result: BlobResult[S]) -> None:
        match result:
            case Sent(octets):
                self._counts.uploads += 1
                self._counts.sent += octets
            case Mounted():
                self._counts.mounts += 1
                self._counts.mounted += step.need.blob.size
            case MountRefused():
                self._counts.mounts_refused += 1
            case Present() | Absent() | Broken():
                pass
            case never:
                assert_never(never)

    def _end_put(self, step: PutStep, result: PutResult) -> None:
        run = step.run
        run.putting -= 1
        run.is_tagging = False
        match result:
            case Put():
                if run.is_open and step.child is None:
                    self._finish(run)
            case Lacking(digests, failure):
                if run.is_open and not run.overdue and put_again(step):
                    self._spreading.need_again(run, digests)
                else:
                    self._spreading.doom(run, run.overdue or failure)
            case Broken(failure):
                self._spreading.doom(run, failure)
            case never:
                assert_never(never)
        self._put(run)

    def _put(self, run: Run) -> None:
        for step in next_puts(run):
            self._ready.add(step)

    def _settle(self) -> tuple[Ended, ...]:
        """Follow an event up until it changes nothing more."""
        spreading = self._spreading
        while spreading.complete or spreading.doomed:
            if spreading.complete:
                self._put(spreading.complete.popleft())
            else:
                self._bury(*spreading.doomed.popleft())
        ended, self._ended = tuple(self._ended), []
        return ended

    def _bury(self, run: Run, failure: Failure) -> None:
        self._spreading.release(run)
        self._counts.failed += 1
        self._ended.append(ImageFailed(run.image, run.moved, failure))

    def _finish(self, run: Run) -> None:
        run.is_done = True
        self._counts.done += 1
        self._ended.append(ImageDone(run.image, run.moved))


def _may_end(transfer: Transfer[S], result: Result[S]) -> bool:
    match transfer:
        case Check():
            return isinstance(result, Present | Absent | Broken)
        case Upload():
            return isinstance(result, Present | Sent | Broken)
        case Mount():
            return isinstance(result, Mounted | MountRefused | Broken)
        case PutChild() | PutTag():
            return isinstance(result, Put | Lacking | Broken)
        case never:
            assert_never(never)
