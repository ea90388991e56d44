"""The registries that tests talk to: the embedded one and the real ones, all on loopback."""

import asyncio
import base64
import io
import json
import os
import shutil
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from registry_mirror.embedded.conduct import PLAIN, Conduct, SessionPlace
from registry_mirror.embedded.images import BuiltImage, Piece
from registry_mirror.embedded.server import EmbeddedRegistry
from tests.token_server import ISSUER, SERVICE, TokenServer

USER = "mirror"
PASSWORD = "correct horse"
HTPASSWD = "mirror:$2y$05$dOe3ikQHMoLggQynuMpZuuZgwLjf4VpShLXE5PKQWlYz4kD99HzKi\n"

_READY_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Server:
    """A registry under test, and where it is known to leave the specification.

    `single_post`: a POST with a digest and the body makes the blob. `checks_content_range`: a
    chunk out of place is refused. `resumes`: a session outlives a request that broke off.
    `deletes_tags`: DELETE takes a tag. `referrers`: it lists them.
    """

    name: str
    host: str
    single_post: bool = True
    checks_content_range: bool = True
    resumes: bool = True
    deletes_tags: bool = True
    referrers: bool = True

    @property
    def url(self) -> str:
        return f"http://{self.host}"


def require_peer(name: str) -> str:
    """The path of a real peer; without it the test is skipped, or fails where peers are a must."""
    path = shutil.which(name)
    if path:
        return path
    message = f"{name} is not installed"
    if os.environ.get("REQUIRE_REAL_PEERS") == "1":
        pytest.fail(message)
    pytest.skip(message)


def basic(user: str = USER, password: str = PASSWORD) -> str:
    """The Authorization header of these credentials."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@asynccontextmanager
async def embedded(_directory: Path, conduct: Conduct = PLAIN) -> AsyncIterator[Server]:
    async with EmbeddedRegistry(conduct=conduct) as registry:
        yield Server("embedded", registry.host, resumes=conduct.keeps_sessions)


@asynccontextmanager
async def docker_registry(
    directory: Path, *, htpasswd: bool = False, tokens: TokenServer | None = None
) -> AsyncIterator[Server]:
    """Debian's docker-registry; `htpasswd` asks for USER and PASSWORD."""
    program = require_peer("docker-registry")
    port = _free_port()
    config = _distribution_config(directory, port, _auth(directory, tokens, htpasswd=htpasswd))
    async with _running(directory, port, program, "serve", config):
        yield Server(
            "docker-registry",
            f"127.0.0.1:{port}",
            single_post=False,
            checks_content_range=False,
            resumes=False,
            deletes_tags=False,
            referrers=False,
        )


@asynccontextmanager
async def distribution(directory: Path) -> AsyncIterator[Server]:
    """Version 3 of the same registry, which its own releases call `registry`."""
    port = _free_port()
    config = _distribution_config(directory, port, {})
    async with _running(directory, port, require_peer("registry"), "serve", config):
        yield Server("registry", f"127.0.0.1:{port}", single_post=False, referrers=False)


@asynccontextmanager
async def zot(directory: Path) -> AsyncIterator[Server]:
    port = _free_port()
    settings = {
        "distSpecVersion": "1.1.0",
        "storage": {"rootDirectory": str(directory / "data")},
        "http": {"address": "127.0.0.1", "port": str(port), "compat": ["docker2s2"]},
        "log": {"level": "error"},
    }
    config = _write(directory / "config.json", json.dumps(settings))
    async with _running(directory, port, require_peer("zot"), "serve", config):
        yield Server("zot", f"127.0.0.1:{port}")


@asynccontextmanager
async def olareg(directory: Path) -> AsyncIterator[Server]:
    port = _free_port()
    options = ("--addr", "127.0.0.1", "--port", str(port), "--store-type", "mem")
    async with _running(directory, port, require_peer("olareg"), "serve", *options):
        yield Server("olareg", f"127.0.0.1:{port}")


Start = Callable[[Path], AbstractAsyncContextManager[Server]]

OPTIONAL: Mapping[str, Start] = {"registry": distribution, "zot": zot, "olareg": olareg}
CONDUCTS = {
    "relative": Conduct(relative_location=True),
    "other path": Conduct(sessions_at=SessionPlace.OTHER_PATH),
    "other host": Conduct(sessions_at=SessionPlace.OTHER_HOST),
    "redirects": Conduct(redirects_blobs=True),
    "forgetful": Conduct(keeps_sessions=False),
}
"""What the specification leaves open."""

REGISTRIES: Mapping[str, Start] = {
    "embedded": embedded,
    **{f"embedded, {name}": partial(embedded, conduct=each) for name, each in CONDUCTS.items()},
    "docker-registry": docker_registry,
    **{name: start for name, start in OPTIONAL.items() if shutil.which(name)},
}


async def push(
    host: str, repository: str, tag: str, image: BuiltImage, authorization: str = ""
) -> None:
    """Push an image to any registry that takes this Authorization header, or none."""
    headers = {"Authorization": authorization} if authorization else {}
    base = f"http://{host}/v2/{repository}"
    async with aiohttp.ClientSession(headers=headers, raise_for_status=True) as session:
        for blob in image.blobs:
            await _push_blob(session, base, blob)
        for manifest in image.manifests:
            await _push_manifest(session, f"{base}/manifests/{manifest.digest}", manifest)
        await _push_manifest(session, f"{base}/manifests/{tag}", image.top)


def location(response: aiohttp.ClientResponse) -> URL:
    """Where the registry says to go on; it may be relative."""
    return response.url.join(URL(response.headers["Location"], encoded=True))


async def _push_blob(session: aiohttp.ClientSession, base: str, blob: Piece) -> None:
    async with session.post(f"{base}/blobs/uploads/") as opened:
        upload = location(opened).extend_query(digest=blob.digest)
    async with session.put(upload, data=io.BytesIO(blob.content)):
        pass


async def _push_manifest(session: aiohttp.ClientSession, url: str, manifest: Piece) -> None:
    headers = {"Content-Type": manifest.media_type}
    async with session.put(url, data=manifest.content, headers=headers):
        pass


async def skopeo(*arguments: str) -> tuple[int, str]:
    """The exit code of a run of skopeo and what it said on stderr."""
    process = await asyncio.create_subprocess_exec(
        require_peer("skopeo"),
        "--insecure-policy",
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, stderr = await process.communicate()
    assert process.returncode is not None
    return process.returncode, stderr.decode()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _write(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


def _auth(directory: Path, tokens: TokenServer | None, *, htpasswd: bool) -> Mapping[str, object]:
    if tokens:
        return {
            "token": {
                "realm": tokens.realm,
                "service": SERVICE,
                "issuer": ISSUER,
                "rootcertbundle": str(tokens.certificate),
            }
        }
    if htpasswd:
        return {"htpasswd": {"realm": "test", "path": _write(directory / "htpasswd", HTPASSWD)}}
    return {}


def _distribution_config(directory: Path, port: int, auth: Mapping[str, object]) -> str:
    """The path of a configuration; JSON is YAML too."""
    settings = {
        "version": "0.1",
        "log": {"level": "info"},
        "storage": {
            "filesystem": {"rootdirectory": str(directory / "data")},
            "delete": {"enabled": True},
        },
        "http": {"addr": f"127.0.0.1:{port}", "secret": "test"},
        **({"auth": auth} if auth else {}),
    }
    return _write(directory / "config.yml", json.dumps(settings))


@asynccontextmanager
async def _running(directory: Path, port: int, *command: str) -> AsyncIterator[None]:
    """Runs a server from when it listens until the `async with` ends; its log is in `directory`."""
    log = directory / "server.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        async with asyncio.timeout(_READY_SECONDS):
            while not await _listens(port):
                if process.returncode is not None:
                    pytest.fail(f"{command[0]} ended:\n{log.read_text(encoding='utf-8')}")
                await asyncio.sleep(0.01)
        yield
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionError:
        return False
    writer.close()
    await writer.wait_closed()
    return True
