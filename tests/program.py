"""The program as its users start it: a process of its own."""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "src"


@dataclass(frozen=True, slots=True)
class Result:
    code: int
    stdout: str
    stderr: str


async def start(
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    by: Sequence[str] = (),
    pass_fds: Sequence[int] = (),
) -> asyncio.subprocess.Process:
    """Start the program with an environment that has what is given and little else.

    `by` is a command that executes the one that its arguments are.
    """
    return await asyncio.create_subprocess_exec(
        *by,
        sys.executable,
        "-m",
        "registry_mirror",
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={
            "PATH": os.environ["PATH"],
            "HOME": "/nonexistent",
            "PYTHONPATH": str(SOURCE),
            "PYTHONIOENCODING": "utf-8",
            **(environment or {}),
        },
        pass_fds=pass_fds,
    )


async def finish(process: asyncio.subprocess.Process, stdin: str = "") -> Result:
    stdout, stderr = await process.communicate(stdin.encode())
    assert process.returncode is not None
    return Result(process.returncode, stdout.decode(), stderr.decode())


async def program(
    *arguments: str, environment: Mapping[str, str] | None = None, stdin: str = ""
) -> Result:
    return await finish(await start(*arguments, environment=environment), stdin)
