"""How a blob gets to all repositories that need it: one leads, the others mount.

Where a leader's image fails, the next that waits leads. Where the failure is the source's, images
from other source repositories are asked first to lead, and whoever waits takes the blob from
them: by its digest it is the same. Only when no source is left, the images that wait fail.
"""

from collections import deque
from typing import assert_never

from registry_mirror.errors import Failure, Side
from registry_mirror.oci.digest import Digest
from registry_mirror.schedule.ready import Ready
from registry_mirror.schedule.records import Action, BlobStep, Need, Place, Run, Spread
from registry_mirror.schedule.results import (
    Absent,
    Broken,
    Mounted,
    MountRefused,
    Present,
    Sent,
)
from registry_mirror.schedule.work import Blob, S

BlobResult = Present | Absent | Sent | Mounted | MountRefused[S] | Broken


class Spreading:
    """`complete` and `doomed` collect the images that an event has moved on, for the schedule."""

    def __init__(self, ready: Ready) -> None:
        self._ready = ready
        self._spreads: dict[tuple[Digest, bool], Spread] = {}
        self.complete: deque[Run] = deque()
        self.doomed: deque[tuple[Run, Failure]] = deque()
        self.to_send = 0
        self.promotions = 0

    @property
    def blobs(self) -> int:
        return len(self._spreads)

    def need(self, run: Run) -> None:
        """Let an image that has just come wait for all its blobs."""
        for blob in _distinct(run.image.blobs):
            place = self._place(run.image.repository, blob)
            if place.is_there:
                run.present += blob.size
            else:
                self._wait(Need(run, blob, place))

    def need_again(self, run: Run, digests: frozenset[Digest]) -> None:
        """Send, once, what a repository had claimed to have."""
        for blob in _distinct(run.image.blobs):
            place = self._place(run.image.repository, blob)
            if digests and blob.digest not in digests:
                continue
            if place.is_there and not place.is_trusted:
                place.is_there = place.is_unknown = False
                place.is_trusted = place.uploads_itself = True
            if not place.is_there:
                self._wait(Need(run, blob, place, again=True))

    def doom(self, run: Run, failure: Failure) -> None:
        if run.is_open:
            run.is_failed = True
            self.doomed.append((run, failure))

    def release(self, run: Run) -> None:
        """Take back what a failed image has not started, and let others go on with it."""
        for need in run.needs:
            if need.is_met:
                continue
            place = need.place
            place.spread.open -= 1
            if place.step is not None and place.step.need is need and place.step.is_waiting:
                self._ready.withdraw(place.step)
                self._pass_on(place)

    def end(self, step: BlobStep, result: BlobResult[S]) -> None:
        need = step.need
        match result:
            case Present() | Sent() | Mounted():
                self._arrive(need, result)
            case Absent():
                need.place.is_unknown = False
                self._go_on(need)
            case MountRefused(session):
                need.place.uploads_itself = True
                need.place.is_unknown = session is None
                self._go_on(need)
            case Broken(failure):
                if step.action is Action.UPLOAD and failure.side is Side.SOURCE:
                    need.place.spread.blame(need.run.image.source, failure)
                self.doom(need.run, failure)
                self._pass_on(need.place)
            case never:
                assert_never(never)

    def is_wanted(self, step: BlobStep) -> bool:
        place = step.need.place
        leads = place.spread.leader is place
        return place.spread.open > 0 if leads else place.first_open() is not None

    def _place(self, repository: str, blob: Blob) -> Place:
        spread = self._spreads.setdefault((blob.digest, blob.recompress), Spread())
        place = spread.places.get(repository)
        if place is None:
            place = spread.places[repository] = Place(
                spread, repository, is_unknown=not blob.recompress
            )
        return place

    def _wait(self, need: Need) -> None:
        place, spread = need.place, need.place.spread
        need.run.needs.append(need)
        need.run.missing += 1
        place.needs.append(need)
        spread.open += 1
        if spread.holder is None:
            spread.candidates.append(need)
        if place.step is None:
            self._serve(place)
        self._raise_leader(spread, need)

    def _raise_leader(self, spread: Spread, need: Need) -> None:
        """Queue the leader's step anew, now that one image more waits for it."""
        step = spread.leader.step if spread.leader else None
        if step is not None and step.is_waiting and step.need is not need:
            self._enqueue(step.need, step.action)
            self._ready.withdraw(step)

    def _serve(self, place: Place) -> None:
        """Find who acts for a place that nobody acts for."""
        spread = place.spread
        if spread.holder is None:
            if spread.leader is None:
                self._elect(spread)
        elif not place.uploads_itself:
            if need := place.first_open():
                self._enqueue(need, Action.MOUNT)
        elif need := place.first_with_source():
            self._upload(need)
        else:
            self._strand(place.needs)

    def _elect(self, spread: Spread) -> None:
        while spread.candidates:
            need = spread.candidates.popleft()
            if not need.is_open:
                continue
            if need.has_source:
                spread.leader = need.place
                self._upload(need)
                return
            spread.stranded.append(need)
        self._strand(spread.stranded)
        spread.stranded.clear()

    def _strand(self, needs: "deque[Need] | list[Need]") -> None:
        for need in needs:
            if need.is_open:
                self.doom(need.run, need.place.spread.given_up[need.run.image.source])

    def _upload(self, need: Need) -> None:
        ask = need.place.is_unknown and need.blob.is_large and not need.blob.recompress
        self._enqueue(need, Action.CHECK if ask else Action.UPLOAD)

    def _enqueue(self, need: Need, action: Action) -> None:
        need.place.step = BlobStep(need, action)
        self._owe(need.place, 0 if action is Action.MOUNT else need.blob.size)
        self._ready.add(need.place.step)

    def _go_on(self, need: Need) -> None:
        """The same image goes on with its blob, if it still can."""
        if need.is_open and need.has_source:
            self._upload(need)
        else:
            self._pass_on(need.place)

    def _pass_on(self, place: Place) -> None:
        place.step = None
        self._owe(place, 0)
        if place.spread.leader is place:
            self.promotions += place.spread.open > 0
            place.spread.leader = None
        self._serve(place)

    def _arrive(self, actor: Need, result: Present | Sent | Mounted) -> None:
        place = actor.place
        place.step = None
        place.is_there = True
        self._owe(place, 0)
        _credit(actor, result)
        place.is_trusted = place.is_trusted or isinstance(result, Sent)
        for need in place.needs:
            if need.is_open:
                self._meet(need, by_itself=need is actor)
        place.needs.clear()
        if place.spread.holder is None:
            self._hold(place)

    def _meet(self, need: Need, *, by_itself: bool) -> None:
        need.is_met = True
        need.place.spread.open -= 1
        need.run.missing -= 1
        if not by_itself and not need.again:
            need.run.present += need.blob.size
        if not need.run.missing:
            self.complete.append(need.run)

    def _hold(self, place: Place) -> None:
        spread = place.spread
        spread.holder = place.repository
        spread.leader = None
        spread.candidates.clear()
        spread.stranded.clear()
        for other in spread.places.values():
            if not other.is_there:
                self._serve(other)

    def _owe(self, place: Place, octets: int) -> None:
        self.to_send += octets - place.owed
        place.owed = octets


def _distinct(blobs: tuple[Blob, ...]) -> tuple[Blob, ...]:
    return tuple({(blob.digest, blob.recompress): blob for blob in blobs}.values())


def _credit(need: Need, result: Present | Sent | Mounted) -> None:
    match result:
        case Sent(octets):
            need.run.sent += octets
        case Mounted():
            need.run.mounted += need.blob.size
        case Present():
            need.run.present += 0 if need.again else need.blob.size
        case never:
            assert_never(never)
