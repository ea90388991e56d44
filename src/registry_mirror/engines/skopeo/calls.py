"""skopeo's commands as calls: values in, values out, and `CallFailed` with the reason."""

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path

from registry_mirror import setting_words
from registry_mirror.config import Settings
from registry_mirror.engines.skopeo import command, words
from registry_mirror.engines.skopeo.judgement import on_target
from registry_mirror.engines.skopeo.process import run
from registry_mirror.engines.skopeo.tries import Tries
from registry_mirror.engines.skopeo.workspace import Workspace
from registry_mirror.errors import Code, ConfigurationInvalidError, Failure, Problem, Side
from registry_mirror.oci.digest import Digest, InvalidDigestError
from registry_mirror.oci.manifest import (
    InvalidManifestError,
    Manifest,
    parse_config_platform,
    parse_manifest,
)
from registry_mirror.oci.platform import Platform
from registry_mirror.oci.reference import Reference
from registry_mirror.plan import Copy
from registry_mirror.text import Text

MINIMUM_VERSION = (1, 9)
READ_TIMEOUT = 300.0
"""Longer than what skopeo waits by itself: four dials of 30 s and the waits between them, or four
times the minute that it waits at most where a 429 asks for more."""

_VERSION = re.compile(r"skopeo version (\d+)\.(\d+)")


class CallFailed(Exception):  # noqa: N818 - not an error but how a copy ends
    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.code)
        self.failure = failure


async def require_version(settings: Settings) -> None:
    """Raises ConfigurationInvalidError where skopeo is missing or too old."""
    try:
        finished = await run(command.VERSION, settings.environment)
    except (FileNotFoundError, PermissionError):
        raise _unusable(Code.ENGINE_MISSING, setting_words.SKOPEO_MISSING) from None
    printed = finished.stdout.decode(errors="replace").strip()
    match = _VERSION.search(printed)
    if not match or (int(match[1]), int(match[2])) < MINIMUM_VERSION:
        minimum = ".".join(map(str, MINIMUM_VERSION))
        reason = setting_words.SKOPEO_TOO_OLD.fill(version=printed[:100], minimum=minimum)
        raise _unusable(Code.ENGINE_TOO_OLD, reason)


def _unusable(code: Code, reason: Text) -> ConfigurationInvalidError:
    return ConfigurationInvalidError(
        (Problem(code, reason, setting_words.SKOPEO_HINT, text="skopeo"),)
    )


@dataclass(frozen=True, slots=True)
class Skopeo:
    """`read_timeout` is in seconds, for all tries of one `inspect`: skopeo has no limit itself.

    `leash` is what each command begins with, see `process.find_leash`.
    """

    settings: Settings
    workspace: Workspace
    leash: command.Argv = ()
    read_timeout: float = READ_TIMEOUT

    async def source_manifest(self, reference: Reference) -> Manifest:
        """Raises CallFailed."""
        access = self._source_access(reference)
        argv = command.inspect_manifest(reference, access, retries=self.settings.retries)
        return _parse(await self._read(argv, reference), Side.SOURCE)

    async def target_manifest(self, reference: Reference) -> Manifest:
        """Raises CallFailed, with `target-not-found` where there is no such tag."""
        access = self._target_access(reference)
        argv = command.inspect_manifest(reference, access, retries=self.settings.retries)
        try:
            return _parse(await self._read(argv, reference), Side.TARGET)
        except CallFailed as failed:
            raise CallFailed(on_target(failed.failure)) from None

    async def target_platform(self, reference: Reference) -> Platform | None:
        """The platform that an image's config names; None where it can't be read."""
        access = self._target_access(reference)
        argv = command.inspect_config(reference, access, retries=self.settings.retries)
        try:
            return parse_config_platform(await self._read(argv, reference))
        except CallFailed:
            return None

    async def copy(self, copy: Copy, source: Reference) -> Digest | None:
        """Copy one image and return the digest that was pushed. Raises CallFailed."""
        digest_file = self.workspace.folder / f"{copy.line}.digest"
        argv = command.copy(
            copy,
            source,
            source_access=self._source_access(source),
            target_access=self._target_access(copy.target),
            retries=self.settings.retries,
            digest_file=digest_file,
        )
        await self._run(argv, Tries(self.settings.retries, source, copy.target))
        return _read_digest(digest_file)

    def _source_access(self, source: Reference) -> command.Access:
        plain = self.settings.speaks_plainly(source.registry)
        return command.Access(self.workspace.source_auth, tls_verify=not plain)

    def _target_access(self, target: Reference) -> command.Access:
        plain = self.settings.speaks_plainly(target.registry)
        return command.Access(self.workspace.target_auth, tls_verify=not plain)

    async def _read(self, argv: command.Argv, reference: Reference) -> bytes:
        """What `inspect` printed. Raises CallFailed."""
        tries = Tries(self.settings.retries, reference)
        try:
            async with asyncio.timeout(self.read_timeout):
                return await self._run(argv, tries)
        except TimeoutError:
            raise CallFailed(tries.last_failure or _no_answer(self.read_timeout)) from None

    async def _run(self, argv: command.Argv, tries: Tries) -> bytes:
        """What a command printed. Raises CallFailed after as many tries as there are."""
        while True:
            finished = await run(
                (*self.leash, *argv), self.workspace.environment, stderr=tries.next()
            )
            if not finished.exit_code:
                return finished.stdout
            failure = tries.failed(finished.exit_code)
            if not tries.may_go_on:
                raise CallFailed(failure)
            await asyncio.sleep(tries.pause)


def _no_answer(seconds: float) -> Failure:
    cause = words.NO_ANSWER.fill(seconds=f"{seconds:g}")
    return Failure(Code.SOURCE_UNAVAILABLE, Side.SOURCE, cause=cause)


def _parse(content: bytes, side: Side) -> Manifest:
    try:
        return parse_manifest(content)
    except InvalidManifestError as error:
        raise CallFailed(Failure(Code.BAD_MANIFEST, side, said=str(error))) from error


def _read_digest(path: Path) -> Digest | None:
    try:
        return Digest(path.read_text(encoding="utf-8").strip())
    except (FileNotFoundError, InvalidDigestError):
        return None
