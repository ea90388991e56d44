"""Registries that give or take a byte now and then hold nobody up for long.

What ends them are the fields of `Patience`, which are small here: `idle` and `rate` over `window`
for bytes that come, `idle` for bytes that go, `answer` for the head of an answer.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from registry_mirror.embedded.actions import Action, Slow, SlowRequest
from registry_mirror.embedded.content import Synthetic
from registry_mirror.embedded.images import build_image, build_layer
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.engines.native.engine import NativeEngine
from registry_mirror.engines.native.pinning import pin
from registry_mirror.engines.native.registries import Waits
from registry_mirror.errors import Code, Failure, Side
from registry_mirror.outcome import Failed, Outcome
from registry_mirror.plan import Copy, Plan
from registry_mirror.registry.outgoing import Patience
from tests.native_runs import BASE, copied, copy_of, refusal, silent
from tests.registry_clients import Pauses

BRISK = Patience(connect=0.5, idle=0.5, answer=0.5, window=0.3, rate=1024, alone=0.1)
LIMIT = 20.0
"""Seconds: two tries of at most a second each, and a machine that is busy with other tests."""

SMALL = build_layer({"small": bytes(range(256)) * 4})
LARGE = Synthetic(9 * 1024 * 1024)
MANIFEST = "/v2/team/app/manifests/1"
BLOBS = "/v2/team/app/blobs/*"
LARGE_BLOB = f"/v2/team/app/blobs/{LARGE.digest}"
SESSION = "/v2/ns/app/blobs/uploads/*"
SOURCE_DOWN = (Code.SOURCE_UNAVAILABLE, Side.SOURCE)
TARGET_DOWN = (Code.TARGET_UNAVAILABLE, Side.TARGET)


@pytest.fixture
async def target() -> AsyncIterator[EmbeddedRegistry]:
    async with EmbeddedRegistry() as registry:
        yield registry


def waits() -> Waits:
    return Waits(Pauses().take, BRISK)


async def run(copy: Copy) -> Outcome:
    """With the time that an image has by default, which must not be what ends it."""
    async with asyncio.timeout(LIMIT):
        engine = NativeEngine(replace(BASE, retries=1), waits())
        (outcome,) = await engine.run(Plan((copy,)), silent)
    return outcome


@pytest.mark.parametrize("path", [MANIFEST, BLOBS, LARGE_BLOB])
async def test_a_source_that_drips_is_given_up(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry, path: str
) -> None:
    embedded.put("team/app", "1", build_image([SMALL, LARGE]))
    copy = copy_of(f"{embedded.host}/team/app:1", f"{target.host}/ns/app:1")
    embedded.faults.add("GET", path, Slow(1), None)

    assert refusal(await run(copy)) == SOURCE_DOWN

    embedded.faults.clear()
    copied(await run(copy))


@pytest.mark.parametrize(
    ("method", "action"), [("PATCH", SlowRequest(1)), ("PUT", SlowRequest(1))], ids=str
)
async def test_a_target_that_drips_is_given_up(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry, method: str, action: Action
) -> None:
    embedded.put("team/app", "1", build_image([SMALL, LARGE]))
    copy = copy_of(f"{embedded.host}/team/app:1", f"{target.host}/ns/app:1")
    target.faults.add(method, SESSION, action, None)

    assert refusal(await run(copy)) == TARGET_DOWN


@asynccontextmanager
async def dripping(text: bytes) -> AsyncIterator[str]:
    """The `host:port` of a server that sends these bytes, and then one more every moment."""
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)
        writer.write(text)
        waiting = asyncio.ensure_future(over.wait())
        while not over.is_set() and not writer.is_closing():
            writer.write(b"x")
            await asyncio.wait({waiting}, timeout=0.05)
        waiting.cancel()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        over.set()
        server.close()
        await server.wait_closed()


DRIPS = {
    "a status line": b"",
    "a header": b"HTTP/1.1 200 OK\r\nX: ",
    "a refusal": b"HTTP/1.1 404 Not Found\r\nContent-Length: 100000\r\n\r\n",
    "a redirect's body": b"HTTP/1.1 302 F\r\nLocation: /v2/y\r\nContent-Length: 100000\r\n\r\n",
    "a challenge's body": (
        b'HTTP/1.1 401 U\r\nWWW-Authenticate: Basic realm="x"\r\nContent-Length: 100000\r\n\r\n'
    ),
    "a manifest without a length": b"HTTP/1.1 200 OK\r\n\r\n",
}


@pytest.mark.parametrize("text", list(DRIPS.values()), ids=list(DRIPS))
async def test_whatever_part_of_an_answer_drips(target: EmbeddedRegistry, text: bytes) -> None:
    async with dripping(text) as host:
        copy = copy_of(f"{host}/team/app:1", f"{target.host}/ns/app:1")

        allowed = replace(BASE, allow_private_hosts=frozenset({host}))
        async with asyncio.timeout(LIMIT):
            outcome, (pinned,) = await asyncio.gather(
                run(copy), pin(Plan((copy,)), allowed, waits())
            )

    assert isinstance(outcome, Failed)
    assert isinstance(pinned, Failure)
    assert pinned.code == outcome.failure.code != Code.TIMEOUT
