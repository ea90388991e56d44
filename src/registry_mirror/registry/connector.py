"""Connections to one registry and to wherever it sends us, each address judged as it is opened."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from registry_mirror.config import Settings
from registry_mirror.hosts import is_listed
from registry_mirror.registry.lookups import SocketAddress, SystemResolver
from registry_mirror.registry.policy import (
    Address,
    Endpoint,
    Kind,
    NetworkPolicy,
    OddLiteralError,
    kind_of,
    literal,
    reach_of,
)
from registry_mirror.registry.proxies import Proxies

UNSENT = 512 * 1024
"""Bytes that the kernel takes before it can send them, instead of megabytes: what a throughput is
measured by, and what is lost with a connection."""

_KEEP_ALIVE = 30.0
"""Seconds that an idle connection is kept."""

_DNS_SECONDS = 60

MakeResolver = Callable[[], AbstractResolver]
"""Makes what looks names up for one transport, which closes it."""

AddrInfo = tuple[
    int | socket.AddressFamily,
    int | socket.SocketKind,
    int,
    str,
    SocketAddress,
]


def system_resolver() -> AbstractResolver:
    return SystemResolver()


async def resolves(host: str, make_resolver: MakeResolver) -> bool:
    """Whether a name has an address, wherever that may lead; a literal is its own."""
    resolver = make_resolver()
    try:
        return bool(await resolver.resolve(host, 0, family=socket.AF_UNSPEC))
    except (OSError, UnicodeError):
        return False
    finally:
        await resolver.close()


class RefusedAddressError(OSError):
    """The policy doesn't let us there."""


@dataclass(slots=True)
class Passage:
    """One request on its way to an endpoint. `refused` tells of an address that was."""

    endpoint: Endpoint
    from_registry: bool
    proxied: bool = False
    refused: bool = False


_PASSAGE: ContextVar[Passage] = ContextVar("passage")


@dataclass(frozen=True)
class Network:
    """What all transports of a run share."""

    policy: NetworkPolicy
    insecure_hosts: frozenset[str] = frozenset()
    proxies: Proxies = field(default_factory=Proxies)
    ca_file: Path | None = None
    make_resolver: MakeResolver = system_resolver

    @classmethod
    def of(
        cls,
        settings: Settings,
        policy: NetworkPolicy,
        make_resolver: MakeResolver = system_resolver,
    ) -> "Network":
        return cls(
            policy,
            settings.insecure_hosts,
            Proxies.of(settings.environment),
            settings.ca_file,
            make_resolver,
        )

    @cached_property
    def verified(self) -> ssl.SSLContext:
        """The system's authorities, and those of the CA file."""
        context = ssl.create_default_context()
        if self.ca_file:
            context.load_verify_locations(self.ca_file)
        return context

    @cached_property
    def unverified(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context

    def tls(self, url: URL) -> ssl.SSLContext | bool:
        """As aiohttp takes it; contexts are made when first needed, for that takes a while."""
        if url.scheme == "http":
            return True
        insecure = is_listed(f"{url.host_subcomponent}:{url.port}", self.insecure_hosts)
        return self.unverified if insecure else self.verified


class Door:
    """Lets one registry's requests out, and knows how private that registry is.

    Where it has addresses of several kinds, it may send us where each of them might.
    """

    def __init__(self, policy: NetworkPolicy, resolver: AbstractResolver) -> None:
        self._policy = policy
        self._resolver = resolver
        self._reach: frozenset[Kind] | None = None

    @contextmanager
    def passage(self, endpoint: Endpoint, *, from_registry: bool) -> Iterator[Passage]:
        """Sockets opened by this task, and by those it starts, are for this endpoint."""
        passage = Passage(endpoint, from_registry)
        token = _PASSAGE.set(passage)
        try:
            yield passage
        finally:
            _PASSAGE.reset(token)

    def open_socket(self, info: AddrInfo) -> socket.socket:
        """Raises RefusedAddressError. A proxy is the operator's, wherever it is."""
        family, kind, protocol, _, where = info
        passage = _PASSAGE.get()
        if not passage.proxied:
            self.judge(passage, ip_address(str(where[0])))
        made = socket.socket(family, kind, protocol)
        if hasattr(socket, "TCP_NOTSENT_LOWAT"):
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT)
        return made

    def judge(self, passage: Passage, address: Address) -> None:
        """Raises RefusedAddressError."""
        if not self._allows(passage, address):
            passage.refused = True
            raise RefusedAddressError
        if passage.from_registry:
            reach = reach_of(kind_of(address))
            self._reach = reach if self._reach is None else self._reach & reach

    def _allows(self, passage: Passage, address: Address) -> bool:
        return self._policy.allows(passage.endpoint, address, self._reach or frozenset())

    def check_literal(self, passage: Passage) -> None:
        """Refuse addresses that need no look-up, and those written as nobody writes them.

        Raises RefusedAddressError.
        """
        try:
            address = literal(passage.endpoint.host)
        except OddLiteralError:
            passage.refused = True
            raise RefusedAddressError from None
        if address and not self._allows(passage, address):
            passage.refused = True
            raise RefusedAddressError

    async def send_through_proxy(self, passage: Passage) -> None:
        """Judge a host that a proxy will resolve: by what it is here, and never a literal one.

        Raises RefusedAddressError, OSError where the name can't be resolved.
        """
        passage.proxied = True
        endpoint = passage.endpoint
        if self._policy.names(endpoint):
            return
        if literal(endpoint.host):
            passage.refused = True
            raise RefusedAddressError
        for found in await self._resolver.resolve(
            endpoint.host, endpoint.port, family=socket.AF_UNSPEC
        ):
            self.judge(passage, ip_address(found["host"]))


def make_connector(
    door: Door, resolver: AbstractResolver, *, lone: bool = False
) -> aiohttp.TCPConnector:
    """How many connections there are is the schedule's business. `lone`: none serves twice."""
    return aiohttp.TCPConnector(
        limit=0,
        force_close=lone,
        keepalive_timeout=None if lone else _KEEP_ALIVE,
        resolver=resolver,
        ttl_dns_cache=_DNS_SECONDS,
        socket_factory=door.open_socket,
    )
