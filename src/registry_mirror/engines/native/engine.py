"""The native engine: resolves, schedules and moves, all images of a plan at once."""

import asyncio
import functools
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import assert_never

from registry_mirror.config import Settings
from registry_mirror.engines import Ended, EngineName, Observer, Started
from registry_mirror.engines.native.allowance import Allowance
from registry_mirror.engines.native.deadlines import Deadlines
from registry_mirror.engines.native.finding import RefusedError
from registry_mirror.engines.native.job import Job
from registry_mirror.engines.native.meter import Meter
from registry_mirror.engines.native.old_schema import OldSchema
from registry_mirror.engines.native.registries import Registries, Waits, open_registries
from registry_mirror.engines.native.resolving import Current, OfSchema1, Resolver
from registry_mirror.engines.native.transfers import Progress, Transfers
from registry_mirror.errors import Code, Failure, Side
from registry_mirror.outcome import Bytes, Copied, Failed, Outcome, Unchanged
from registry_mirror.plan import Copy, Plan
from registry_mirror.registry.errors import RegistryError
from registry_mirror.registry.failures import failure_of
from registry_mirror.registry.sessions import UploadSession
from registry_mirror.schedule import (
    Broken,
    Budget,
    ImageDone,
    ImageFailed,
    Result,
    Schedule,
    Transfer,
    Upload,
)
from registry_mirror.schedule import Ended as ImageEnded

TICK = 0.25
"""Seconds after which the number of streams is looked at again, though nothing has ended."""

TIMES_OF_A_TRANSFER = 2
"""How many times the time of an image a transfer may take that other images wait for."""


@asynccontextmanager
async def open_native(settings: Settings) -> AsyncIterator["NativeEngine"]:
    yield NativeEngine(settings)


class NativeEngine:
    name = EngineName.NATIVE

    def __init__(self, settings: Settings, waits: Waits | None = None) -> None:
        self._settings = settings
        self._waits = waits or Waits()

    async def run(self, plan: Plan, observer: Observer) -> tuple[Outcome, ...]:
        if not plan.copies:
            return ()
        async with open_registries(self._settings, plan, self._waits) as registries:
            return await _Run(self._settings, plan, registries, observer).to_its_end()


@dataclass(frozen=True, slots=True)
class _Resolved:
    copy: Copy
    resolution: Job | Current | Outcome | Failure


@dataclass(frozen=True, slots=True)
class _Finished:
    transfer: Transfer[UploadSession]
    result: Result[UploadSession]


@dataclass(frozen=True, slots=True)
class _Expired:
    copy: Copy


_Event = _Resolved | _Finished | _Expired


@dataclass(frozen=True, slots=True)
class _Running:
    transfer: Transfer[UploadSession]
    task: asyncio.Task[Result[UploadSession]]


class _Run:
    """One plan under way: tasks put events into a queue, and this alone acts on them."""

    def __init__(
        self, settings: Settings, plan: Plan, registries: Registries, observer: Observer
    ) -> None:
        self._settings = settings
        self._plan = plan
        self._registries = registries
        self._observer = observer
        self._resolver = Resolver(registries, settings.max_image_size)
        self._old_schema = OldSchema(settings)
        self._transfers = Transfers(registries, Allowance(settings.max_image_size))
        self._schedule: Schedule[UploadSession] = Schedule(settings.parallel)
        self._events: asyncio.Queue[_Event] = asyncio.Queue()
        self._deadlines = Deadlines(
            settings.timeout, lambda copy: self._events.put_nowait(_Expired(copy))
        )
        self._running: dict[int, _Running] = {}
        self._jobs: dict[Copy, Job] = {}
        self._since: dict[Copy, float] = {}
        self._started: set[Copy] = set()
        self._outcomes: dict[Copy, Outcome] = {}
        self._meter = Meter(self._schedule.spared)

    async def to_its_end(self) -> tuple[Outcome, ...]:
        try:
            async with asyncio.TaskGroup() as group:
                for copy in self._plan.copies:
                    group.create_task(self._resolve(copy))
                while len(self._outcomes) < len(self._plan.copies):
                    self._start_transfers(group)
                    if event := await self._next_event():
                        self._take(event)
                    for news in self._meter.news(time.monotonic()):
                        self._observer(news)
                self._cancel_unwanted()
        finally:
            self._deadlines.close()
        return tuple(self._outcomes[copy] for copy in self._plan.copies)

    async def _resolve(self, copy: Copy) -> None:
        self._since[copy] = time.monotonic()
        self._events.put_nowait(_Resolved(copy, await self._resolution(copy)))

    async def _resolution(self, copy: Copy) -> Job | Current | Outcome | Failure:
        try:
            resolution = await self._resolver.resolve(copy)
        except RefusedError as refused:
            return refused.failure
        except RegistryError as error:
            return failure_of(error)
        if isinstance(resolution, OfSchema1):
            return await self._old_schema.mirror(copy)
        return resolution

    def _start_transfers(self, group: asyncio.TaskGroup) -> None:
        budget = Budget(self._registries.streams(), self._settings.connections)
        for transfer in self._schedule.next(budget):
            copy = transfer.image.copy
            self._start(copy)
            progress = self._meter.count_of(copy).add
            task = group.create_task(self._carry_out(transfer, self._jobs[copy], progress))
            self._running[transfer.number] = _Running(transfer, task)
            task.add_done_callback(functools.partial(self._finish, transfer))

    async def _carry_out(
        self, transfer: Transfer[UploadSession], job: Job, progress: Progress
    ) -> Result[UploadSession]:
        """What others wait for as well goes on when its image's time is up, but not for ever."""
        try:
            async with asyncio.timeout(TIMES_OF_A_TRANSFER * self._settings.timeout):
                return await self._transfers.carry_out(transfer, job, progress)
        except TimeoutError:
            side = Side.SOURCE if isinstance(transfer, Upload) else None
            return Broken(Failure(Code.TIMEOUT, side))

    def _start(self, copy: Copy) -> None:
        self._deadlines.run(copy)
        if copy not in self._started:
            self._started.add(copy)
            self._since[copy] = time.monotonic()
            self._observer(Started(copy))

    def _finish(
        self, transfer: Transfer[UploadSession], task: asyncio.Task[Result[UploadSession]]
    ) -> None:
        if task.cancelled():
            result: Result[UploadSession] = Broken(Failure(Code.CANCELLED))
        elif task.exception():  # the group ends the run with it
            return
        else:
            result = task.result()
        self._events.put_nowait(_Finished(transfer, result))

    async def _next_event(self) -> _Event | None:
        try:
            async with asyncio.timeout(TICK):
                return await self._events.get()
        except TimeoutError:
            return None

    def _take(self, event: _Event) -> None:
        match event:
            case _Resolved(copy, resolution):
                self._resolved(copy, resolution)
            case _Finished(transfer, result):
                del self._running[transfer.number]
                self._deadlines.rest(transfer.image.copy)
                self._end(self._schedule.end(transfer, result))
            case _Expired(copy):
                self._end(self._schedule.fail(copy, Failure(Code.TIMEOUT)))
            case _:
                assert_never(event)

    def _resolved(self, copy: Copy, resolution: Job | Current | Outcome | Failure) -> None:
        seconds = time.monotonic() - self._since[copy]
        match resolution:
            case Job() as job:
                self._jobs[copy] = job
                self._meter.start(copy, job.size)
                self._end(self._schedule.add(job.image))
            case Current(content, source_digest, dropped):
                moved = Bytes(content.size or 0, 0, 0, content.size or 0)
                self._tell(Unchanged(copy, content, seconds, source_digest, dropped, moved))
            case Failure() as failure:
                self._tell(Failed(copy, failure, seconds))
            case Copied() | Unchanged() | Failed() as outcome:
                self._tell(outcome)
            case _:
                assert_never(resolution)

    def _end(self, ended: tuple[ImageEnded, ...]) -> None:
        for one in ended:
            copy = one.image.copy
            self._tell(self._outcome(one, self._jobs[copy], time.monotonic() - self._since[copy]))
        if any(isinstance(one, ImageFailed) for one in ended):
            self._cancel_unwanted()

    def _outcome(self, ended: ImageEnded, job: Job, seconds: float) -> Outcome:
        match ended:
            case ImageFailed(_, _, failure):
                return Failed(job.copy, failure, seconds, job.source_digest)
            case ImageDone(_, moved):
                content = self._transfers.content(job)
                if content.digest == job.before:
                    return Unchanged(
                        job.copy, content, seconds, job.source_digest, job.dropped, moved
                    )
                return Copied(
                    job.copy, content, seconds, job.source_digest, job.before, job.dropped, moved
                )
            case _:
                assert_never(ended)

    def _cancel_unwanted(self) -> None:
        """End what a failed image has begun and nobody else waits for."""
        for running in self._running.values():
            if not self._schedule.is_wanted(running.transfer):
                running.task.cancel()

    def _tell(self, outcome: Outcome) -> None:
        copy = outcome.copy
        self._jobs.pop(copy, None)
        self._meter.forget(copy)
        self._outcomes[copy] = outcome
        self._observer(Ended(outcome))
