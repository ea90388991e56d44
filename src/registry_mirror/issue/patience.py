"""How long GitHub is waited for, by a run that may be told to stop meanwhile."""

import asyncio
from dataclasses import replace

from registry_mirror.github.client import GitHub
from registry_mirror.github.retry import UnavailableError

LAST_PAUSE = 1.0
"""Seconds at most of a pause that a run still makes when it was told to stop.

A runner kills what hasn't ended after some seven; its last step then says what there is to say.
"""


def hurried_by(stop: asyncio.Event, github: GitHub) -> GitHub:
    """The same GitHub, whose calls give up soon once `stop` is set."""

    async def sleep(seconds: float) -> None:
        if seconds <= LAST_PAUSE:
            await asyncio.sleep(seconds)
        elif await _is_set_within(seconds, stop):
            raise UnavailableError("waiting for GitHub", "told to stop")

    return replace(github, patience=replace(github.patience, sleep=sleep))


async def _is_set_within(seconds: float, stop: asyncio.Event) -> bool:
    try:
        async with asyncio.timeout(seconds):
            return await stop.wait()
    except TimeoutError:
        return False
