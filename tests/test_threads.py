import asyncio
import sys
import threading

import pytest

from registry_mirror.threads import in_a_thread
from tests.program import SOURCE


async def test_a_call_has_a_thread_of_its_own() -> None:
    assert await in_a_thread(threading.get_ident) != threading.get_ident()


async def test_what_it_raises_is_raised() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        await in_a_thread(lambda: int("x"))


async def test_many_that_block_leave_room_for_another() -> None:
    release = threading.Event()
    blocked = [asyncio.create_task(in_a_thread(release.wait)) for _ in range(100)]
    async with asyncio.timeout(20):
        assert await in_a_thread(lambda: 7) == 7
        release.set()
        assert all(await asyncio.gather(*blocked))


async def test_one_that_was_called_off_may_still_come_to_its_end() -> None:
    began, release = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def block() -> threading.Thread:
        loop.call_soon_threadsafe(began.set)
        release.wait()
        return threading.current_thread()

    waiting = asyncio.create_task(in_a_thread(block))
    await began.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    release.set()
    assert await in_a_thread(lambda: 7) == 7


PROGRAM = """
import asyncio, sys, threading
sys.path.insert(0, sys.argv[1])
from registry_mirror.threads import in_a_thread

async def main():
    began = threading.Event()
    def block():
        began.set()
        threading.Event().wait()
    waiting = asyncio.create_task(in_a_thread(block))
    await in_a_thread(began.wait)
    waiting.cancel()

asyncio.run(main())
print("ended")
"""


async def test_a_process_does_not_wait_for_it() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROGRAM, str(SOURCE)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(20):
            assert await process.communicate() == (b"ended\n", b"")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0
