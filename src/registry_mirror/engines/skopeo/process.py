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


@dataclass(frozen=True, slots=True)
class Finished:
    exit_code: int
    stdout: bytes
    stderr: str


async def run(
    argv: tuple[str, ...], environment: Mapping[str, str], *, grace: float = GRACE
) -> Finished:
    """Run a child to its end; cancelled, end it and its children first.

    Raises FileNotFoundError or PermissionError where there is no such program.
    """
    process = await asyncio.create_subprocess_exec(
        *argv,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=dict(environment),
        start_new_session=True,
    )
    work = asyncio.gather(_drain(process.stdout), _drain(process.stderr), process.wait())
    try:
        stdout, stderr, exit_code = await asyncio.shield(work)
    except BaseException:
        await _end(process.pid, work, grace)
        raise
    return Finished(exit_code, stdout, stderr.decode("utf-8", errors="replace"))


async def _drain(stream: asyncio.StreamReader | None) -> bytes:
    kept = bytearray()
    while stream and (chunk := await stream.read(64 * 1024)):
        kept += chunk[: MAX_OUTPUT - len(kept)]
    return bytes(kept)


async def _end(group: int, work: asyncio.Future[tuple[bytes, bytes, int]], grace: float) -> None:
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
