"""What may start now, in which order, and how much of it at once."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field

from registry_mirror.schedule.records import BlobStep, Priority, Progress, Run, Step

_Entry = tuple[Priority, int, Step]


@dataclass(frozen=True, slots=True)
class Budget:
    """How many transfers may run at once, the running ones included.

    `bodies` are uploads of large layers, `requests` all else.
    """

    bodies: int
    requests: int


@dataclass(slots=True)
class _Queue:
    """A heap; what is no longer waiting is dropped when it comes up."""

    entries: list[_Entry] = field(default_factory=list)

    def first(self) -> _Entry | None:
        while self.entries and not self.entries[0][2].is_waiting:
            heapq.heappop(self.entries)
        return self.entries[0] if self.entries else None

    def add(self, entry: _Entry) -> None:
        heapq.heappush(self.entries, entry)


class Ready:
    """Steps that wait for a turn.

    An image that sends its first large layer takes one of `parallel` slots, and keeps it while
    it has large layers to send itself: what is begun is finished before more is begun. A body of
    an image that has a slot stands in `_begun`, any other in `_fresh`.
    """

    def __init__(self, parallel: int) -> None:
        if parallel < 1:
            raise ValueError(f"parallel is {parallel}")
        self._parallel = parallel
        self._small = _Queue()
        self._begun = _Queue()
        self._fresh = _Queue()
        self._serial = 0
        self.moving = 0
        self.bodies = 0
        self.requests = 0

    def add(self, step: Step) -> None:
        self._serial += 1
        entry = (step.priority, self._serial, step)
        if isinstance(step, BlobStep) and step.is_body:
            step.run.queued[step] = None
            (self._begun if step.run.is_moving else self._fresh).add(entry)
        else:
            self._small.add(entry)

    def withdraw(self, step: BlobStep) -> None:
        step.progress = Progress.WITHDRAWN
        step.run.queued.pop(step, None)
        self.give_back_slot(step.run)

    def start(self, budget: Budget) -> Iterator[Step]:
        while self.bodies < budget.bodies and (body := self._first_body()):
            yield self._started(body)
        while self.requests < budget.requests and (small := self._small.first()):
            yield self._started(small[2])

    def end(self, step: Step) -> None:
        """Count a running step out; its image's slot is given back apart, after what follows."""
        if step.is_body:
            self.bodies -= 1
            step.run.bodies -= 1
        else:
            self.requests -= 1

    def give_back_slot(self, run: Run) -> None:
        if run.is_moving and not run.bodies and not run.queued:
            run.is_moving = False
            self.moving -= 1

    def _first_body(self) -> Step | None:
        queues = [self._begun, self._fresh] if self.moving < self._parallel else [self._begun]
        entries = [entry for queue in queues if (entry := queue.first())]
        return min(entries)[2] if entries else None

    def _started(self, step: Step) -> Step:
        step.progress = Progress.RUNNING
        if isinstance(step, BlobStep) and step.is_body:
            self.bodies += 1
            step.run.bodies += 1
            del step.run.queued[step]
            self._take_slot(step.run)
        else:
            self.requests += 1
        return step

    def _take_slot(self, run: Run) -> None:
        if run.is_moving:
            return
        run.is_moving = True
        self.moving += 1
        for step in run.queued:
            self._serial += 1
            self._begun.add((step.priority, self._serial, step))
