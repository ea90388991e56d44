"""A proxy for plain http that has registries on loopback at names of the Internet."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

_HEAD = b"\r\n\r\n"
_ASKED = re.compile(rb"[A-Z]+ http://([^/ ]+)")


@asynccontextmanager
async def naming_proxy(registries: Mapping[str, str]) -> AsyncIterator[str]:
    """Its own host; `registries` says at which `127.0.0.1:port` a name is to be found.

    What comes over one connection is all for the name that its first request is for.
    """
    clients: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        clients[task] = writer
        task.add_done_callback(clients.pop)
        try:
            head = await reader.readuntil(_HEAD)
            await _lead(head, reader, writer, registries)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for client in clients.values():
            client.close()
        await asyncio.gather(*clients)
        await server.wait_closed()


async def _lead(
    head: bytes,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    registries: Mapping[str, str],
) -> None:
    asked = _ASKED.match(head)
    host = registries.get(asked[1].decode()) if asked else None
    if host is None:
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        return
    name, _, port = host.rpartition(":")
    there, back = await asyncio.open_connection(name, int(port))
    back.write(head)
    try:
        await asyncio.gather(_pump(reader, back), _pump(there, writer))
    finally:
        back.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(65536):
        writer.write(piece)
        await writer.drain()
    writer.close()
