"""The registries of a run, as processes that end with it."""

import http.client
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bench.places import own_environment
from bench.requests import VISIT, Requests, read_log

_READY_SECONDS = 20.0
_END_SECONDS = 10.0
_LISTENING = re.compile(r"listening on (127\.0\.0\.1:[0-9]+)")
_MANIFESTS = (
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
)


class RegistryName(StrEnum):
    """`docker-registry` is Debian's, version 2.8; `registry` is version 3 of the same."""

    DOCKER_REGISTRY = "docker-registry"
    REGISTRY = "registry"
    EMBEDDED = "embedded"


class NotReadyError(Exception):
    """A server ended or stayed silent instead of serving."""


@dataclass(slots=True)
class Registry:
    """`log` is of its answers."""

    host: str
    log: Path
    _read: int = 0
    _visits: int = 0

    def requests(self) -> Requests:
        """Since the last call. Raises NotReadyError."""
        self._visits += 1
        visit = f"?{VISIT}={self._visits} "
        self._ask(f"/v2/{visit.rstrip()}")
        until = time.monotonic() + _READY_SECONDS
        while visit not in (text := self._unread()):
            if time.monotonic() > until:
                raise NotReadyError(f"{self.log} says nothing of our visit")
            time.sleep(0.01)
        self._read += len(text.encode())
        return read_log(text.splitlines())

    def has(self, repository: str, tag: str) -> bool:
        return self._ask(f"/v2/{repository}/manifests/{tag}?{VISIT}") == http.HTTPStatus.OK

    def _unread(self) -> str:
        with self.log.open("rb") as file:
            file.seek(self._read)
            return file.read().decode("ascii", errors="replace").replace("\ufffd", "?")

    def _ask(self, location: str) -> int:
        connection = http.client.HTTPConnection(self.host)
        try:
            connection.request("GET", location, headers={"Accept": ", ".join(_MANIFESTS)})
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()


@contextmanager
def registry(name: RegistryName, folder: Path, root: Path | None = None) -> Iterator[Registry]:
    """One that serves `root` and takes nothing, or an empty one that keeps its data in `folder`."""
    if name is RegistryName.EMBEDDED:
        command = (sys.executable, "-m", "bench.embedded_server")
    else:
        command = (name, "serve", _configure(folder, root))
    log, messages = folder / "requests.log", folder / "messages.log"
    with log.open("wb") as answers, messages.open("wb") as said:
        process = subprocess.Popen(
            command,
            env=own_environment(),
            stdin=subprocess.DEVNULL,
            stdout=answers,
            stderr=said,
        )
    try:
        yield Registry(_wait_for_host(process, messages), log)
    finally:
        _end(process)


def _configure(folder: Path, root: Path | None) -> str:
    """The path of a configuration; JSON is YAML too."""
    settings = {
        "version": "0.1",
        "log": {"level": "info"},
        "storage": {
            "filesystem": {"rootdirectory": str(root or folder / "data")},
            "maintenance": {"readonly": {"enabled": root is not None}},
        },
        "http": {"addr": "127.0.0.1:0", "secret": "benchmark"},
    }
    path = folder / "config.yml"
    path.write_text(json.dumps(settings), encoding="utf-8")
    return str(path)


def _wait_for_host(process: subprocess.Popen[bytes], messages: Path) -> str:
    """Raises NotReadyError."""
    until = time.monotonic() + _READY_SECONDS
    while time.monotonic() < until and process.poll() is None:
        match = _LISTENING.search(messages.read_text(encoding="utf-8", errors="replace"))
        if match:
            return match[1]
        time.sleep(0.01)
    raise NotReadyError(messages.read_text(encoding="utf-8", errors="replace")[-2000:])


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
