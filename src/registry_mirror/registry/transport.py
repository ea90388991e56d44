"""Requests to one registry: authenticated, redirected, judged."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from registry_mirror import __version__
from registry_mirror.errors import Side
from registry_mirror.hosts import is_listed, is_loopback
from registry_mirror.oci.reference import DOCKER_HUB
from registry_mirror.registry.authentication import Authentication, Proof
from registry_mirror.registry.challenge import Challenge
from registry_mirror.registry.connector import Door, Network, make_connector
from registry_mirror.registry.credentials import Keychain
from registry_mirror.registry.errors import (
    AddressRefusedError,
    AuthenticationRefusedError,
    ConnectionLostError,
)
from registry_mirror.registry.locations import BadLocationError, go, same_origin
from registry_mirror.registry.outgoing import Patience
from registry_mirror.registry.policy import DOCKER_HUB_HOST
from registry_mirror.registry.sending import Answer, Sender, Sent
from registry_mirror.registry.tokens import Scope

__all__ = ["Answer", "Scope", "Transport"]

MAX_REDIRECTS = 5

MAX_HEADER = 16 * 1024
"""Bytes of a status line and of one header; a Location with a signature takes some 4 KiB."""

MAX_HEADERS = 128
"""Of one answer."""

READ_BUFFER = 256 * 1024
"""Bytes that may wait to be read before the connection is told to pause."""

_HEADERS = {"Accept-Encoding": "identity", "User-Agent": f"registry-mirror/{__version__}"}
_PATIENCE = Patience()
_READS = frozenset({"GET", "HEAD"})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_UNAUTHORIZED = 401


@dataclass(frozen=True, slots=True)
class _Call:
    method: str
    location: str | URL
    scopes: tuple[Scope, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | AsyncIterable[bytes] | None = None
    content_length: int | None = None
    fresh_for: float = 0.0
    is_ping: bool = False
    own_connection: bool = False

    @property
    def streams(self) -> bool:
        return not (self.body is None or isinstance(self.body, bytes))

    @property
    def once(self) -> bool:
        """Whether it is sent once, whatever the answer."""
        return self.streams or self.is_ping

    @property
    def repository(self) -> str:
        return self.scopes[0].repository if self.scopes else ""

    def sent_to(self, url: URL, authorization: Mapping[str, str]) -> Sent:
        headers = {**self.headers, **authorization}
        return Sent(self.method, url, headers, self.body, self.content_length, self.own_connection)


class Transport:
    """Requests to one registry, as one side of a copy; one session for its whole life.

    HTTP/1.1; nothing is decompressed; no cookies. `docker.io` is spoken to where it is.
    """

    def __init__(
        self,
        registry: str,
        side: Side,
        network: Network,
        keychain: Keychain,
        *,
        patience: Patience = _PATIENCE,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self.registry = registry
        self.side = side
        self._network = network
        self._resolver = resolver or network.make_resolver()
        self._door = Door(network.policy, self._resolver)
        self._session = self._make_session()
        self._lone = self._make_session(lone=True)
        self._sender = Sender(self._session, self._lone, self._door, network, side, patience)
        self._authentication = Authentication(registry, side, keychain, self._sender)
        self._bases = _bases(registry, network.insecure_hosts)
        self._patience = patience
        self._is_meeting = False
        self._has_met = asyncio.Event()

    def _make_session(self, *, lone: bool = False) -> aiohttp.ClientSession:
        """`lone`: no connection serves twice."""
        return aiohttp.ClientSession(
            connector=make_connector(self._door, self._resolver, lone=lone),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=_HEADERS,
            auto_decompress=False,
            read_bufsize=READ_BUFFER,
            max_line_size=MAX_HEADER,
            max_field_size=MAX_HEADER,
            max_headers=MAX_HEADERS,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._authentication.close()
        await self._session.close()
        await self._lone.close()
        await self._resolver.close()

    @property
    def has_been_asked_who_we_are(self) -> bool:
        return self._authentication.was_asked

    @property
    def challenge(self) -> Challenge | None:
        """What the registry asked for last, of what we can answer."""
        return self._authentication.challenge

    @asynccontextmanager
    async def request(  # noqa: PLR0913  what HTTP and its authentication need, by name
        self,
        method: str,
        location: str | URL,
        *,
        scopes: tuple[Scope, ...] = (),
        headers: Mapping[str, str] | None = None,
        body: bytes | AsyncIterable[bytes] | None = None,
        content_length: int | None = None,
        fresh_for: float = 0.0,
        own_connection: bool = False,
    ) -> AsyncIterator[Answer]:
        """Send a request and follow where it leads; any status is an answer.

        `location` is a path below the registry or an address as the registry gave it, which is
        sent with its bytes unchanged. The scope that pushes stands first. `fresh_for`: seconds that
        the token has to last. `own_connection`: one that carried nothing before. A 401 is answered
        with a new token once, but a stream can't be sent again. GET and HEAD follow redirects;
        nothing that authenticates us goes to another host.

        Raises ConnectionLostError, AddressRefusedError, AuthenticationRefusedError, and what the
        body's source raises.
        """
        call = _Call(
            method,
            location,
            scopes,
            headers or {},
            body,
            content_length,
            fresh_for,
            own_connection=own_connection,
        )
        answer = await self._answer(call)
        try:
            yield answer
        finally:
            await answer.close()

    async def _answer(self, call: _Call) -> Answer:
        """The very first request goes alone: what it meets tells the others what to do."""
        if not self._is_meeting:
            self._is_meeting = True
            try:
                answer = await self._meet(call)
            finally:
                self._has_met.set()
            if answer:
                return answer
        if not self._has_met.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(self._patience.alone):
                    await self._has_met.wait()
        return await self._ask(call)

    async def _meet(self, call: _Call) -> Answer | None:
        """Where we have credentials or can't ask twice, a ping goes ahead and the call waits."""
        known = await self._authentication.has_credentials(call.repository)
        if not known and not call.streams:
            return await self._ask(call)
        await self._ping(call)
        return None

    async def _ping(self, call: _Call) -> None:
        """Learn where the registry is and what it asks for; what it answers doesn't matter."""
        answer = await self._ask(_Call("GET", "/v2/", call.scopes, is_ping=True))
        await answer.discard()

    async def _ask(self, call: _Call) -> Answer:
        """From the base that answers: where certificates aren't verified, http may be the one."""
        if len(self._bases) > 1 and call.streams:
            await self._ping(call)
        for base in self._bases[:-1]:
            with suppress(ConnectionLostError):
                return await self._ask_at(base, call)
        return await self._ask_at(self._bases[-1], call)

    async def _ask_at(self, base: URL, call: _Call) -> Answer:
        url = self._go(base, call.location)
        for _ in range(MAX_REDIRECTS):
            answer = await self._ask_for(base, url, call)
            location = answer.headers.get("Location")
            if not location or answer.status not in _REDIRECTS or call.method not in _READS:
                break
            await answer.discard()
            url = self._go(url, location)
        else:
            answer = await self._ask_for(base, url, call)
        self._bases = (base,)
        answer.redirected = not same_origin(base, url)
        if answer.status == _UNAUTHORIZED and not answer.redirected:
            await self._explain(call, answer)
        return answer

    async def _ask_for(self, base: URL, url: URL, call: _Call) -> Answer:
        """What stands at a URL; only the registry itself is told who we are."""
        if not same_origin(base, url):
            return await self._sender.send(call.sent_to(url, {}), from_registry=False)
        proof = await self._authentication.prove(call.scopes, call.fresh_for)
        answer = await self._sender.send(call.sent_to(url, proof.headers), from_registry=True)
        for is_new in (False, True):
            if answer.status != _UNAUTHORIZED:
                break
            better = await self._better_proof(base, call, proof, answer, is_new=is_new)
            if better is None:
                break
            await answer.discard()
            proof = better
            answer = await self._sender.send(call.sent_to(url, proof.headers), from_registry=True)
        return answer

    async def _better_proof(
        self, base: URL, call: _Call, proof: Proof, answer: Answer, *, is_new: bool
    ) -> Proof | None:
        """What the registry wants to see, if that is something else than it has seen.

        `is_new`: it has seen a token made for it just now, so another like it won't do.
        """
        authentication = self._authentication
        try:
            authentication.learn(base, answer, call.scopes, proof)
            if call.once or (is_new and not await authentication.wants_else(call.scopes, proof)):
                return None
            better = await authentication.prove(call.scopes, call.fresh_for)
        except BaseException:
            await answer.close()
            raise
        return better if better.headers != proof.headers else None

    async def _explain(self, call: _Call, answer: Answer) -> None:
        """Raises AuthenticationRefusedError where we know why we couldn't say who we are."""
        problem = await self._authentication.problem(call.scopes)
        if problem and not call.is_ping:
            await answer.close()
            raise AuthenticationRefusedError(self.side, problem, status=answer.status)

    def _go(self, current: URL, location: str | URL) -> URL:
        try:
            return go(current, location)
        except BadLocationError as error:
            raise AddressRefusedError(self.side, str(error)) from None


def _bases(registry: str, insecure_hosts: frozenset[str]) -> tuple[URL, ...]:
    """Where a registry may be, the likeliest first."""
    host = DOCKER_HUB_HOST if registry == DOCKER_HUB else registry
    secure, plain = URL(f"https://{host}/"), URL(f"http://{host}/")
    if is_listed(host, insecure_hosts):
        return secure, plain
    return (plain,) if is_loopback(host) else (secure,)
