"""What a registry was asked to begin is seen to its end, called off or not."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import TypeVar

from registry_mirror.registry.errors import RegistryError

_Result = TypeVar("_Result")


async def see_to_its_end(work: Coroutine[None, None, _Result], within: float) -> _Result:
    """Where we are called off meanwhile, the work still has `within` seconds."""
    working = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        with suppress(TimeoutError, RegistryError):
            async with asyncio.timeout(within):
                await working
        raise
