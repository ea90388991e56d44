"""Work that is called off when we are asked to stop."""

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

_Result = TypeVar("_Result")


async def unless_stopped(
    work: Coroutine[object, object, _Result], stop: asyncio.Event, within: float | None = None
) -> _Result | None:
    """Its result, or None where `stop` was set or `within` seconds had gone by before.

    What is called off is waited for, and what it raises is raised.
    """
    return await unless(stop.wait(), work, within)


async def unless(
    ending: Coroutine[object, object, object],
    work: Coroutine[object, object, _Result],
    within: float | None = None,
) -> _Result | None:
    """Like `unless_stopped`, with anything that may come to its end before the work does."""
    working, stopping = asyncio.create_task(work), asyncio.create_task(ending)
    try:
        await asyncio.wait({working, stopping}, timeout=within, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        working.cancel()
        await asyncio.wait({working, stopping})
    return None if working.cancelled() else working.result()
