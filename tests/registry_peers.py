"""Small servers that say to a registry client what a real one seldom says; and listeners."""

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from tests.certificates import certificate_of, write_pem

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Peer:
    """Every request it got, and where it is."""

    port: int = 0
    requests: list[web.BaseRequest] = field(default_factory=list)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def seen(self) -> list[str]:
        """Methods and raw paths."""
        return [f"{request.method} {request.raw_path}" for request in self.requests]

    def header(self, name: str) -> list[str | None]:
        return [request.headers.get(name) for request in self.requests]


@asynccontextmanager
async def peer(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[Peer]:
    """A server that answers everything with one function, on a port of its own."""
    this = Peer()

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        this.requests.append(request)
        assert isinstance(request, web.Request)
        return await handler(request)

    application = web.Application(client_max_size=1 << 30)
    application.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
        this.port = runner.addresses[0][1]
        yield this
    finally:
        await runner.cleanup()


@dataclass
class Listener:
    """Counts who knocks."""

    port: int = 0
    knocks: int = 0


@asynccontextmanager
async def listener(reply: bytes | None = None) -> AsyncIterator[Listener]:
    """Sends the same bytes to everybody who connects, or nothing at all, and hangs up in the end.

    With None it keeps silent until the end.
    """
    this = Listener()
    over = asyncio.Event()

    async def knock(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        this.knocks += 1
        await reader.read(65536)
        if reply is None:
            await over.wait()
        else:
            writer.write(reply)
            await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(knock, "127.0.0.1", 0)
    this.port = server.sockets[0].getsockname()[1]
    try:
        yield this
    finally:
        over.set()
        server.close()
        await server.wait_closed()


class Names(AbstractResolver):
    """Knows these names and no other; a name's addresses are given one after another, the last
    for ever.
    """

    def __init__(self, **names: list[str]) -> None:
        self._names = {name.replace("_", "."): addresses for name, addresses in names.items()}
        self.asked: list[str] = []

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        self.asked.append(host)
        addresses = self._names.get(host)
        if not addresses:
            raise OSError(None, f"no such name: {host}")
        address = addresses.pop(0) if len(addresses) > 1 else addresses[0]
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)
        ]

    async def close(self) -> None:
        self._names.clear()


def tls_context(directory: Path) -> tuple[ssl.SSLContext, Path]:
    """Of a server with a certificate of its own making for 127.0.0.1, and that certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    names = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("registry.test")]
    authority = x509.BasicConstraints(ca=True, path_length=0)
    certificate = certificate_of(key, "test", [x509.SubjectAlternativeName(names), authority])
    file = write_pem(certificate, directory / "certificate.pem")
    private = write_pem(certificate, directory / "key.pem", key)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file, private)
    return context, file


@asynccontextmanager
async def tunnel(port: int) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A proxy that leads every CONNECT to one port; its own port, and the heads that it got."""
    heads: list[bytes] = []

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while chunk := await reader.read(65536):
                writer.write(chunk)
                await writer.drain()
        finally:
            writer.close()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(
            pump(reader, there_writer), pump(there_reader, writer), return_exceptions=True
        )
        await asyncio.gather(
            writer.wait_closed(), there_writer.wait_closed(), return_exceptions=True
        )

    server = await asyncio.start_server(connect, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], heads
    finally:
        server.close()
        await server.wait_closed()
