"""What the tests of the embedded registry ask of it over and over."""

import asyncio
import io
from dataclasses import dataclass

import aiohttp
from multidict import CIMultiDictProxy
from yarl import URL

from registry_mirror.embedded.server import EmbeddedRegistry
from tests.registries import location

REPOSITORY = "team/app"


@dataclass(frozen=True, slots=True)
class Got:
    status: int
    headers: CIMultiDictProxy[str]
    body: bytes


def url(registry: EmbeddedRegistry, path: str, repository: str = REPOSITORY) -> str:
    return f"http://{registry.host}/v2/{repository}/{path}"


async def ask(
    client: aiohttp.ClientSession,
    method: str,
    address: str | URL,
    headers: dict[str, str] | None = None,
    data: bytes | None = None,
) -> Got:
    """Follows no redirect; the body must come to its end."""
    body = None if data is None else io.BytesIO(data)
    async with client.request(
        method, address, headers=headers, data=body, allow_redirects=False
    ) as response:
        return Got(response.status, response.headers, await response.read())


async def open_session(
    client: aiohttp.ClientSession, registry: EmbeddedRegistry, headers: dict[str, str] | None = None
) -> URL:
    async with client.post(url(registry, "blobs/uploads/"), headers=headers) as response:
        assert response.status == 202
        return location(response)


async def send_raw(method: str, address: str | URL, body: bytes = b"") -> bytes:
    """What comes back until the connection ends; nothing is sent twice, as clients like to do."""
    place = URL(address, encoded=True)
    reader, writer = await asyncio.open_connection(place.host, place.port)
    head = (
        f"{method} {place.raw_path_qs} HTTP/1.1",
        f"Host: {place.authority}",
        f"Content-Length: {len(body)}",
    )
    writer.write("\r\n".join((*head, "", "")).encode() + body)
    try:
        return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.transport.abort()


def onward(address: URL, got: Got) -> URL:
    """Where an answer says to go on, its bytes unchanged."""
    return address.join(URL(got.headers["Location"], encoded=True))


def closing(upload: URL, digest: str) -> URL:
    return URL(f"{upload}&digest={digest}", encoded=True)
