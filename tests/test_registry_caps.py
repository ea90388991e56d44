"""What a registry may send at most, where no other test says so. docs/design.md has the list."""

import re
from pathlib import Path

import pytest
from aiohttp import web

from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.errors import Side
from registry_mirror.registry.challenge import MAX_CHALLENGES, read_challenges
from registry_mirror.registry.errors import AnswerError, ConnectionLostError, RegistryError
from registry_mirror.registry.refusals import MAX_BODY
from registry_mirror.registry.tokens import MAX_TOKEN, Reply, TokenRefusedError, read_token
from registry_mirror.registry.transport import MAX_HEADER, MAX_HEADERS, MAX_REDIRECTS
from tests.registry_clients import client_of
from tests.registry_peers import listener, peer

DESIGN = Path(__file__).parent.parent / "docs" / "design.md"


def answer_with(headers: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\n{headers}Content-Length: 0\r\n\r\n".encode()


@pytest.mark.parametrize(
    "reply",
    [
        answer_with(f"X: {'x' * (MAX_HEADER + 100)}\r\n"),
        answer_with(f"{'x' * (MAX_HEADER + 100)}: x\r\n"),
        answer_with("".join(f"X-{n}: x\r\n" for n in range(MAX_HEADERS + 1))),
        f"HTTP/1.1 200 {'x' * (MAX_HEADER + 100)}\r\n\r\n".encode(),
        b"HTTP/1.1 100 Continue\r\n\r\n" * 10_000,
    ],
    ids=["value", "name", "many", "status", "interim"],
)
async def test_no_head_of_an_answer_is_endless(reply: bytes) -> None:
    async with listener(reply) as there:
        host = f"127.0.0.1:{there.port}"
        async with client_of(host, Side.SOURCE, tries=1) as client:
            with pytest.raises(ConnectionLostError):
                await client.get_manifest("team/app", "1")


async def test_a_signed_location_fits(embedded: EmbeddedRegistry) -> None:
    """The longest ones have some 4 KiB."""

    async def answer(request: web.Request) -> web.Response:
        if "signature" in request.query:
            return web.Response(body=b"x")
        location = f"{request.path}?signature={'x' * 7_000}"
        return web.Response(status=307, headers={"Location": location})

    async with peer(answer) as there, client_of(there.host, Side.SOURCE) as client:
        assert await client.get_manifest("team/app", "1")
    assert embedded.requests == []


async def test_so_many_redirects_and_no_more() -> None:
    async def answer(request: web.Request) -> web.Response:
        count = int(request.query.get("n", "0"))
        return web.Response(status=302, headers={"Location": f"{request.path}?n={count + 1}"})

    async with peer(answer) as there, client_of(there.host, Side.SOURCE, tries=1) as client:
        with pytest.raises(RegistryError):
            await client.get_manifest("team/app", "1")
    assert len(there.requests) == MAX_REDIRECTS + 1


async def test_so_much_of_a_refusal_and_no_more() -> None:
    sent = 0

    async def answer(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse(status=403)
        await response.prepare(request)
        while sent < 64 * 1024 * 1024:
            await response.write(b"x" * 65536)
            sent += 65536
        return response

    async with peer(answer) as there, client_of(there.host, Side.SOURCE, tries=1) as client:
        with pytest.raises(AnswerError) as refused:
            await client.get_manifest("team/app", "1")
    assert len(refused.value.said) <= MAX_BODY
    assert sent < 64 * 1024 * 1024


def test_so_many_challenges_and_no_more() -> None:
    many = [f'Bearer realm="https://h/{n}"' for n in range(MAX_CHALLENGES + 5)]
    assert len(read_challenges(many)) == MAX_CHALLENGES
    assert len(read_challenges([", ".join(many)])) == MAX_CHALLENGES
    assert len(read_challenges(["="] * 1_000_000 + many)) == 0


@pytest.mark.parametrize(("length", "taken"), [(MAX_TOKEN, True), (MAX_TOKEN + 1, False)])
def test_a_token_must_fit_into_a_header(length: int, *, taken: bool) -> None:
    reply = Reply(200, {}, f'{{"token": "{"x" * length}"}}'.encode())
    if taken:
        assert len(read_token(reply, 0.0).value.reveal()) == length
    else:
        with pytest.raises(TokenRefusedError):
            read_token(reply, 0.0)


def _caps() -> list[tuple[str, str]]:
    """The rows of the document's table: module and name."""
    section = DESIGN.read_text(encoding="utf-8").partition("### Caps")[2].partition("\n## ")[0]
    return re.findall(r"`([a-z0-9_/]+\.py)` `([A-Za-z_.]+)`", section)


@pytest.mark.parametrize(("module", "name"), _caps(), ids=str)
def test_each_cap_of_the_document_is_there(module: str, name: str) -> None:
    source = Path(__file__).parent.parent / "src" / "registry_mirror" / module
    last = name.rpartition(".")[2]
    assert re.search(
        rf"^\s*(class )?{last}(:| =)", source.read_text(encoding="utf-8"), re.MULTILINE
    )


def test_the_document_lists_them() -> None:
    assert len(_caps()) > 15
