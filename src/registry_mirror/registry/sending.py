"""One request and its answer; every way to lose them as an error with its side."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import aiohttp
from multidict import CIMultiDictProxy
from yarl import URL

from registry_mirror.errors import Side
from registry_mirror.registry.connector import Door, Network
from registry_mirror.registry.errors import AnswerTooLargeError, ConnectionLostError, Lost
from registry_mirror.registry.losses import translated
from registry_mirror.registry.outgoing import Outgoing, Pace, Patience
from registry_mirror.registry.policy import Endpoint
from registry_mirror.registry.proxies import authorization_of

_DISCARDED = 64 * 1024
_READS = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it is sent. `content_length` is that of a stream, whose size only it tells."""

    method: str
    url: URL
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | AsyncIterable[bytes] | None = field(default=None, repr=False)
    content_length: int | None = None
    own_connection: bool = False


class Answer:
    """The head of an answer, and its body for as long as the request's `async with` lasts.

    `url` is where it came from in the end; `redirected` where that is another host than the
    registry's.
    """

    def __init__(
        self,
        response: aiohttp.ClientResponse,
        outgoing: Outgoing | None,
        side: Side,
        patience: Patience,
    ) -> None:
        self._response = response
        self._outgoing = outgoing
        self._side = side
        self._patience = patience
        self.status: int = response.status
        self.headers: CIMultiDictProxy[str] = response.headers
        self.url: URL = response.url
        self.redirected = False

    async def read(self, limit: int) -> bytes:
        """The whole body. Raises AnswerTooLargeError over `limit` bytes, ConnectionLostError."""
        body = bytearray()
        async for chunk in self.chunks():
            body += chunk
            if len(body) > limit:
                raise AnswerTooLargeError(self._side, f"an answer of more than {limit} bytes")
        return bytes(body)

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """The body as it arrives. Raises ConnectionLostError, also where too little moves.

        Only the time spent on waiting for bytes counts, not the time that the reader takes.
        """
        pace = Pace(self._patience)
        while True:
            asked_at = time.monotonic()
            with translated(self._side):
                chunk = await self._response.content.readany()
            if not chunk:
                return
            if not pace.holds(len(chunk), time.monotonic() - asked_at):
                raise ConnectionLostError(self._side, "the bytes came too slowly", how=Lost.STALLED)
            yield chunk

    async def discard(self) -> None:
        """Close an answer that nobody wants to read, with its end so that the connection lives."""
        with suppress(AnswerTooLargeError, ConnectionLostError):
            await self.read(_DISCARDED)
        await self.close()

    async def close(self) -> None:
        """Keep the connection for the next request, unless something is left of either body."""
        if self._outgoing is None or self._outgoing.whole:
            self._response.release()
        else:
            self._response.close()
            await self._outgoing.settled()


class Sender:
    """Sends one registry's requests, to it and to wherever it sends us."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        lone: aiohttp.ClientSession,
        door: Door,
        network: Network,
        side: Side,
        patience: Patience,
    ) -> None:
        self._session = session
        self._lone = lone
        self._door = door
        self._network = network
        self._side = side
        self._patience = patience

    async def send(self, sent: Sent, *, from_registry: bool) -> Answer:
        """Close the answer. `from_registry`: it is the registry itself that is asked.

        Raises AddressRefusedError, ConnectionLostError and whatever the body's source raises.
        """
        endpoint = Endpoint.of(sent.url)
        with (
            self._door.passage(endpoint, from_registry=from_registry) as passage,
            translated(self._side, passage),
        ):
            self._door.check_literal(passage)
            proxy = self._network.proxies.find(sent.url)
            if proxy:
                await self._door.send_through_proxy(passage)
            return await self._start(sent, proxy)

    async def _start(self, sent: Sent, proxy: URL | None) -> Answer:
        async with asyncio.timeout(self._patience.answer) as watch:
            if sent.body is None or isinstance(sent.body, bytes):
                response = await self._request(sent, sent.body, proxy)
                return Answer(response, None, self._side, self._patience)
            outgoing = Outgoing(sent.body, watch, self._patience)
            try:
                response = await self._request(sent, outgoing, proxy)
            except BaseException:
                outgoing.stop_watching()
                await outgoing.settled()
                if outgoing.error:
                    raise outgoing.error from None
                raise
            outgoing.stop_watching()
            return Answer(response, outgoing, self._side, self._patience)

    async def _request(
        self, sent: Sent, data: bytes | Outgoing | None, proxy: URL | None
    ) -> aiohttp.ClientResponse:
        headers = dict(sent.headers)
        if sent.content_length is not None:
            headers["Content-Length"] = str(sent.content_length)
        through = authorization_of(proxy)
        if sent.url.scheme == "http":
            headers.update(through)
        session = self._lone if sent.own_connection else self._session
        return await session.request(
            sent.method,
            sent.url,
            data=data,
            headers=headers,
            skip_auto_headers=("Content-Type",),
            allow_redirects=False,
            ssl=self._network.tls(sent.url),
            proxy=proxy.with_user(None) if proxy else None,
            proxy_headers=through if proxy else None,
            timeout=self._timeout(sent.method),
        )

    def _timeout(self, method: str) -> aiohttp.ClientTimeout:
        silence = self._patience.idle if method in _READS else self._patience.answer
        return aiohttp.ClientTimeout(sock_connect=self._patience.connect, sock_read=silence)
