"""Credential helpers: `docker-credential-NAME get`, with the registry on stdin, JSON on stdout."""

import asyncio
import json
import re
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Mapping
from dataclasses import dataclass, field

TIMEOUT = 30.0
"""Seconds; a helper may have to ask a cloud for a token."""

MAX_OUTPUT = 1024 * 1024

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_NOT_FOUND = "credentials not found"


class HelperFailedError(Exception):
    """Says what happened, never what the helper wrote."""


@dataclass(frozen=True, slots=True)
class HelperAnswer:
    user: str
    secret: str = field(repr=False)


async def ask_helper(
    name: str, registry: str, environment: Mapping[str, str], *, seconds: float = TIMEOUT
) -> HelperAnswer | None:
    """None where the helper knows no credentials. Raises HelperFailedError."""
    program = f"docker-credential-{name}"
    if not _NAME.fullmatch(name):
        raise HelperFailedError("the name of a credential helper is invalid")
    try:
        async with asyncio.timeout(seconds):
            exit_code, output = await _run(program, registry, environment)
    except TimeoutError:
        raise HelperFailedError(f"{program} gave no answer within {seconds:g} s") from None
    except OSError as error:
        raise HelperFailedError(f"{program} can't be run: {error.strerror}") from None
    if exit_code != 0:
        if _NOT_FOUND in output.decode(errors="replace"):
            return None
        raise HelperFailedError(f"{program} failed with exit code {exit_code}")
    return _parse(program, output)


async def _run(program: str, registry: str, environment: Mapping[str, str]) -> tuple[int, bytes]:
    process = await asyncio.create_subprocess_exec(
        program, "get", stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=dict(environment)
    )
    try:
        output, _ = await process.communicate(registry.encode())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode or 0, output[:MAX_OUTPUT]


def _parse(program: str, output: bytes) -> HelperAnswer:
    try:
        answer: object = json.loads(output)
    except (ValueError, RecursionError):
        raise HelperFailedError(f"{program} answered with no JSON") from None
    match answer:
        case {"Username": str(user), "Secret": str(secret)}:
            return HelperAnswer(user, secret)
        case _:
            raise HelperFailedError(f"{program} answered without a user and a secret")
