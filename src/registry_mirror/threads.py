"""Calls that block, in threads of their own which hold nobody up."""

import asyncio
import functools
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

_Result = TypeVar("_Result")
_Value = TypeVar("_Value")


async def in_a_thread(call: Callable[[], _Result]) -> _Result:
    """What a call returns or raises; it must not write to our output.

    Each has a thread to itself, so none waits for another to end. Whoever is called off leaves the
    thread behind, and so does the process at its end: what asyncio's own pool has begun is waited
    for there.
    """
    loop = asyncio.get_running_loop()
    promise: asyncio.Future[_Result] = loop.create_future()

    def work() -> None:
        try:
            result = call()
        except Exception as error:  # noqa: BLE001 - raised where it is waited for
            settle = functools.partial(_settle, promise, promise.set_exception, error)
        else:
            settle = functools.partial(_settle, promise, promise.set_result, result)
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle)

    threading.Thread(target=work, daemon=True).start()
    return await promise


def _settle(
    promise: "asyncio.Future[_Result]", settle: Callable[[_Value], None], value: _Value
) -> None:
    if not promise.done():
        settle(value)
