"""Child processes, of which none outlives the call that started it."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass

GRACE = 2.0
"""Seconds between asking a child to end and ending it."""

MAX_OUTPUT = 8 * 1024 * 1024
"""Bytes of a child's output that are kept; it is read to the end all the same."""

_LEASH = ("setpriv", "--pdeathsig", "TERM", "--")


@dataclass(frozen=True, slots=True)
class Finished:
    exit_code: int
    stdout: bytes
    stderr: str


async def find_leash(environment: Mapping[str, str]) -> tuple[str, ...]:
    """What to put before a command so that its process ends when ours is killed.

    util-linux has it, on Linux; busybox has a `setpriv` without the option.
    """
    try:
        finished = await run((*_LEASH, "true"), environment)
    except (FileNotFoundError, PermissionError):
        return ()
    return () if finished.exit_code else _LEASH


async def run(
    argv: tuple[str, ...],
    environment: Mapping[str, str],
    *,
    stderr: bytearray | None = None,
    grace: float = GRACE,
) -> Finished:
    """Run a child to its end; cancelled, end it and its children first.

    `stderr` is filled while the child runs. Raises FileNotFoundError or PermissionError where there
    is no such program.
    """
    heard = bytearray() if stderr is None else stderr
    process = await asyncio.create_subprocess_exec(
        *argv,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=dict(environment),
        start_new_session=True,
    )
    printed = bytearray()
    work = asyncio.gather(
        _drain(process.stdout, printed), _drain(process.stderr, heard), process.wait()
    )
    try:
        _, _, exit_code = await asyncio.shield(work)
    except BaseException:
        await _end(process.pid, work, grace)
        raise
    return Finished(exit_code, bytes(printed), heard.decode("utf-8", errors="replace"))


async def _drain(stream: asyncio.StreamReader | None, kept: bytearray) -> None:
    while stream and (chunk := await stream.read(64 * 1024)):
        kept += chunk[: MAX_OUTPUT - len(kept)]


async def _end(group: int, work: asyncio.Future[tuple[None, None, int]], grace: float) -> None:
    """End a whole group; its output is read on, for a full pipe would keep it from ending."""
    _signal_group(group, signal.SIGTERM)
    try:
        await asyncio.wait({work}, timeout=grace)
    finally:
        _signal_group(group, signal.SIGKILL)
        await asyncio.wait({work}, timeout=grace)
        work.cancel()
        await asyncio.wait({work})


def _signal_group(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, number)
