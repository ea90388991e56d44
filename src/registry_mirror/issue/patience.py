"""How long GitHub is waited for, by a run that may be told to stop meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from registry_mirror.github.client import GitHub


@asynccontextmanager
async def hurried_by(stop: asyncio.Event, github: GitHub) -> AsyncIterator[None]:
    """Its calls, and those of its copies made by `replace`, give up soon once `stop` is set."""

    async def watch() -> None:
        await stop.wait()
        github.patience.hurry.begin()

    watching = asyncio.create_task(watch())
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.wait({watching})
