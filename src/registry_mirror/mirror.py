"""The sentence that the program is.

An issue is parsed into a request; a request becomes a plan of copies; an engine carries the plan
out; each copy ends in exactly one outcome; outcomes are written as a report.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import assert_never

from registry_mirror.advice.advising import advise
from registry_mirror.config import Settings
from registry_mirror.engines import Ended, Engine, EngineName, Event, Observer
from registry_mirror.engines.native.engine import open_native
from registry_mirror.engines.skopeo.engine import open_skopeo
from registry_mirror.errors import Code, Failure
from registry_mirror.outcome import Failed, Outcome
from registry_mirror.plan import Copy, Plan
from registry_mirror.planning import make_plan
from registry_mirror.race import unless_stopped
from registry_mirror.report import Report
from registry_mirror.request import Request

Watch = Callable[[Plan], AbstractAsyncContextManager[Observer]]
"""Opens whatever shows a plan's progress while it is carried out."""

Held = Callable[[], Mapping[Copy, Failure]]
"""Asked once a plan is watched: the copies that must not be made now, and why."""


async def mirror(request: Request, settings: Settings, watch: Watch, stop: asyncio.Event) -> Report:
    """Raises RequestInvalidError or ConfigurationInvalidError before anything moves."""
    report = await run(plan_of(request, settings), settings, watch, stop)
    return replace(report, pasted=request.pasted)


async def run(
    plan: Plan, settings: Settings, watch: Watch, stop: asyncio.Event, held: Held = dict
) -> Report:
    """Raises ConfigurationInvalidError before anything moves."""
    async with open_engine(settings) as engine, watch(plan) as observer:
        started = time.monotonic()
        outcomes = await _carry_out_but(held(), plan, engine, observer, stop)
        seconds = time.monotonic() - started
        outcomes = await advise(outcomes, settings, stop)
    return Report(str(settings.target), engine.name, seconds, outcomes)


async def _carry_out_but(
    held: Mapping[Copy, Failure],
    plan: Plan,
    engine: Engine,
    observer: Observer,
    stop: asyncio.Event,
) -> tuple[Outcome, ...]:
    ended: dict[Copy, Outcome] = {copy: Failed(copy, why) for copy, why in held.items()}
    for outcome in ended.values():
        observer(Ended(outcome))
    free = Plan(tuple(copy for copy in plan.copies if copy not in ended))
    outcomes = await carry_out(free, engine, observer, stop) if free.copies else ()
    ended |= {outcome.copy: outcome for outcome in outcomes}
    return tuple(ended[copy] for copy in plan.copies)


def plan_of(request: Request, settings: Settings) -> Plan:
    """Raises RequestInvalidError with every problem of the request."""
    if settings.target is None:
        raise ValueError("a plan needs a target: read the settings with Needs.TARGET")
    return make_plan(
        request,
        target=settings.target,
        naming=settings.naming,
        selection=settings.selection,
        format=settings.format,
        max_images=settings.max_images,
    )


@asynccontextmanager
async def open_engine(settings: Settings) -> AsyncIterator[Engine]:
    """Raises ConfigurationInvalidError where the engine can't be used here."""
    match settings.engine:
        case EngineName.NATIVE:
            async with open_native(settings) as native:
                yield native
        case EngineName.SKOPEO:
            async with open_skopeo(settings) as skopeo:
                yield skopeo
        case _:
            assert_never(settings.engine)


async def carry_out(
    plan: Plan, engine: Engine, observer: Observer, stop: asyncio.Event
) -> tuple[Outcome, ...]:
    """Run the engine to its end, or until `stop`: then what has not ended is `cancelled`."""
    ended: dict[Copy, Outcome] = {}

    def record(event: Event) -> None:
        if isinstance(event, Ended):
            ended[event.outcome.copy] = event.outcome
        observer(event)

    outcomes = await unless_stopped(engine.run(plan, record), stop)
    if outcomes is not None:
        return outcomes
    for copy in plan.copies:
        if copy not in ended:
            record(Ended(Failed(copy, Failure(Code.CANCELLED))))
    return tuple(ended[copy] for copy in plan.copies)
