"""What happens on the wire: redirects, proxies, odd answers, and no library but Python's own."""

import asyncio
import os
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from registry_mirror.github.client import GitHub
from registry_mirror.github.exchange import MAX_ANSWER
from registry_mirror.github.retry import GitHubError, UnavailableError
from registry_mirror.github.tries import Patience
from registry_mirror.secret import Secret
from tests.certificates import certificate_of, write_pem
from tests.fake_github import FakeGitHub
from tests.github_patience import Waits

SOURCE = Path(__file__).parent.parent / "src"


@dataclass
class Listener:
    """Takes connections, keeps what comes, answers the same to all."""

    port: int = 0
    received: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def listening(answer: bytes, tls: ssl.SSLContext | None = None) -> AsyncIterator[Listener]:
    """An empty answer leaves whoever asks waiting until the listener is gone."""
    listener, leaving = Listener(), asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        listener.received.append(await reader.readuntil(b"\r\n\r\n"))
        if not answer:
            await leaving.wait()
        writer.write(answer)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    listener.port = server.sockets[0].getsockname()[1]
    try:
        yield listener
    finally:
        leaving.set()
        server.close()
        await server.wait_closed()


def http(status: str, body: bytes = b"", *headers: str) -> bytes:
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""])
    return head.encode() + body


def self_signed(directory: Path) -> Path:
    """A key and its certificate in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    return write_pem(certificate_of(key, "127.0.0.1"), directory / "server.pem", key)


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def client_at(url: str, waits: Waits) -> GitHub:
    return GitHub(url, "me/fork", Secret("token"), waits.patience)


# Redirects


async def test_a_renamed_repository_is_followed_with_method_and_body(waits: Waits) -> None:
    async with FakeGitHub(repository="me/new-name") as fake:
        fake.renamed_from = "me/old-name"
        number = fake.open_issue("nginx:1.27")
        github = GitHub(fake.api_url, "me/old-name", Secret(fake.token), waits.patience)
        await github.create_comment(number, "hello", "hello")
        await github.close_issue(number)
        assert [each.body for each in fake.comments(number)] == ["hello"]
        assert fake.issue(number).state == "closed"
    assert waits.seconds == []


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
async def test_another_host_never_hears_of_us(status: str, waits: Waits) -> None:
    async with (
        listening(http("200 OK", b"{}")) as other,
        listening(http(status, b"", f"Location: {other.url}/repos/me/fork/x")) as github,
    ):
        with pytest.raises(GitHubError, match=status[:3]):
            await client_at(github.url, waits).react(1, "eyes")
        assert len(github.received) == 1
        assert other.received == []


async def test_redirects_without_end_are_left(waits: Waits) -> None:
    async with listening(http("307 Temporary", b"", "Location: /round?again")) as github:
        with pytest.raises(UnavailableError, match="redirected too often"):
            await client_at(github.url, waits).permission("me")
    assert len(github.received) == 4
    assert waits.seconds == []


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "//elsewhere.invalid/", "http://[", "é"]
)
async def test_an_odd_redirect_is_an_error(location: str, waits: Waits) -> None:
    async with listening(http("307 Temporary", b"", f"Location: {location}")) as github:
        with pytest.raises(GitHubError):
            await client_at(github.url, waits).permission("me")


# Proxies


async def test_the_environments_proxy_is_used(
    monkeypatch: pytest.MonkeyPatch, waits: Waits
) -> None:
    async with listening(http("200 OK", b'{"permission": "write"}')) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        assert await client_at("http://github.invalid/api/v3", waits).permission("me") == "write"
    [request] = proxy.received
    address = b"http://github.invalid/api/v3/repos/me/fork/collaborators/me/permission"
    assert request.startswith(b"GET " + address)


async def test_a_proxy_of_an_https_api_sees_no_token(
    monkeypatch: pytest.MonkeyPatch, waits: Waits
) -> None:
    async with listening(http("502 Bad Gateway")) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        with pytest.raises(UnavailableError):
            await client_at("https://github.invalid", waits).permission("me")
    assert proxy.received[0].startswith(b"CONNECT github.invalid:443 ")
    assert all(b"authorization" not in each.lower() for each in proxy.received)


# Odd answers


async def test_an_answer_without_end_is_not_swallowed(waits: Waits) -> None:
    async with listening(http("200 OK", b"[" * (MAX_ANSWER + 1))) as github:
        with pytest.raises(UnavailableError, match=f"more than {MAX_ANSWER} bytes"):
            await client_at(github.url, waits).permission("me")
    assert waits.seconds == []


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{",
        http("200 OK", b"<html>Please log in</html>"),
        http("200 OK", b"[]"),
        http("200 OK", b'{"permission": 7}'),
    ],
    ids=["silence", "no HTTP", "cut", "a page", "a list", "another shape"],
)
async def test_what_makes_no_sense_is_asked_for_again(answer: bytes, waits: Waits) -> None:
    patience = Patience(
        limit=4, idle_timeout=0.2, sleep=waits.sleep, clock=waits.clock, jitter=lambda: 1.0
    )
    async with listening(answer) as github:
        with pytest.raises(UnavailableError, match="GET /repos/me/fork/collaborators/"):
            await GitHub(github.url, "me/fork", Secret("token"), patience).permission("me")
    assert waits.seconds == [1, 2]
    assert len(github.received) == 3


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"message": 7}', b'{"errors": "x"}', b""])
async def test_a_refusal_without_githubs_words_keeps_its_status(body: bytes, waits: Waits) -> None:
    async with listening(http("403 Forbidden", body)) as github:
        with pytest.raises(GitHubError, match="403: Forbidden"):
            await client_at(github.url, waits).react(1, "eyes")


async def test_whoever_repeats_the_token_is_not_quoted(waits: Waits) -> None:
    async with listening(b"Bearer k8Wq-unmistakable\r\n\r\n") as github:
        client = GitHub(github.url, "me/fork", Secret("k8Wq-unmistakable"), waits.patience)
        with pytest.raises(UnavailableError, match=r"BadStatusLine: Bearer \*\*\*") as caught:
            await client.permission("me")
    assert b"k8Wq-unmistakable" in github.received[0]
    assert "unmistakable" not in repr(caught.value)


async def test_nobody_there(waits: Waits) -> None:
    async with listening(b"") as gone:
        pass
    with pytest.raises(UnavailableError, match="ConnectionRefusedError"):
        await client_at(gone.url, waits).permission("me")
    assert sum(waits.seconds) > 200


async def test_an_untrusted_certificate_is_not_tried_for_minutes(
    tmp_path: Path, waits: Waits
) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(self_signed(tmp_path))
    async with listening(http("200 OK", b"{}"), tls) as github:
        with pytest.raises(UnavailableError, match="SSLCertVerificationError"):
            await client_at(github.url.replace("http", "https"), waits).permission("me")
    assert github.received == []
    assert waits.seconds == []


# Nothing but Python

PROGRAM = """
import asyncio, sys
sys.path.insert(0, sys.argv[1])
from registry_mirror.secret import Secret
from registry_mirror.github.client import GitHub
from registry_mirror.github.exchange import MAX_ANSWER
from registry_mirror.github.event import read_event
try:
    import aiohttp
except ImportError:
    github = GitHub(sys.argv[2], "me/fork", Secret("token-for-the-fake"))
    asyncio.run(github.create_comment(1, "still here", "still here"))
"""


async def test_an_issue_is_answered_where_nothing_is_installed(tmp_path: Path) -> None:
    async with FakeGitHub() as fake:
        number = fake.open_issue("nginx:1.27")
        environment = {"PATH": os.environ["PATH"]}
        arguments = ("-I", "-S", "-c", PROGRAM, str(SOURCE), fake.api_url)
        process = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, env=environment, cwd=tmp_path
        )
        assert await process.wait() == 0
        assert [each.body for each in fake.comments(number)] == ["still here"]
