"""Which addresses a socket may be opened to: one rule for hosts, redirects, realms and Locations.

Public addresses always; anything else only at endpoints that somebody in charge has named, or
where a private registry that the operator named sends us. A name is nothing: what is judged is the
address, at the moment when the socket is opened to it.
"""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from yarl import URL

from registry_mirror.oci.reference import DOCKER_HUB

DOCKER_HUB_HOST = "registry-1.docker.io"

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_PORTS = {"https": 443, "http": 80}
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9a-fA-F]*")

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE = ipaddress.IPv6Network("::/96")
_UNIQUE_LOCAL = ipaddress.IPv6Network("fc00::/7")
_SITE_LOCAL = ipaddress.IPv6Network("fec0::/10")

_METADATA = frozenset(
    map(
        ipaddress.ip_address,
        (
            "169.254.169.254",  # AWS, Azure, Google Cloud, Huawei Cloud, OpenStack
            "169.254.170.2",  # AWS ECS
            "169.254.0.23",  # Tencent Cloud
            "100.100.100.200",  # Alibaba Cloud
            "192.0.0.192",  # Oracle Cloud
            "168.63.129.16",  # Azure, though it looks public
            "fd00:ec2::254",  # AWS
            "fd20:ce::254",  # Google Cloud
        ),
    )
)


class OddLiteralError(ValueError):
    """A host that is neither a name nor an address as everybody writes it."""


class Kind(StrEnum):
    """How far an address reaches. SPECIAL: link-local, multicast, unspecified, reserved."""

    PUBLIC = "public"
    PRIVATE = "private"
    LOOPBACK = "loopback"
    SPECIAL = "special"
    METADATA = "metadata"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The host in lowercase, without brackets and trailing dots."""

    host: str
    port: int

    @classmethod
    def of(cls, url: URL) -> "Endpoint":
        return cls(_plain(url.raw_host or ""), url.port or 0)


@dataclass(frozen=True, slots=True)
class NetworkPolicy:
    """`endpoints` may be private; `hosts` too, at any port.

    `follows_private`: a private registry among them may send us to private addresses elsewhere.
    """

    endpoints: frozenset[Endpoint] = frozenset()
    hosts: frozenset[str] = frozenset()
    follows_private: bool = False

    @classmethod
    def for_strangers(cls, target: str | None, allowed: Iterable[str]) -> "NetworkPolicy":
        """Of the issue flow. `allowed` holds `host` and `host:port`, as ALLOW_PRIVATE_HOSTS."""
        return cls._naming([target] if target else [], allowed, follows_private=False)

    @classmethod
    def for_operator(cls, named: Iterable[str], allowed: Iterable[str]) -> "NetworkPolicy":
        """Of `sync`. `named` are the registries of the plan, the target among them."""
        return cls._naming(named, allowed, follows_private=True)

    @classmethod
    def _naming(
        cls, registries: Iterable[str], allowed: Iterable[str], *, follows_private: bool
    ) -> "NetworkPolicy":
        allowed = tuple(allowed)
        with_port = frozenset(host for host in allowed if URL(f"//{host}").explicit_port)
        named = (endpoint for each in registries for endpoint in endpoints_of(each))
        listed = (endpoint for each in with_port for endpoint in endpoints_of(each))
        return cls(
            frozenset({*named, *listed}),
            frozenset(_plain(host) for host in allowed if host not in with_port),
            follows_private,
        )

    def names(self, endpoint: Endpoint) -> bool:
        return endpoint in self.endpoints or endpoint.host in self.hosts

    def allows(
        self, endpoint: Endpoint, address: Address, reach: frozenset[Kind] = frozenset()
    ) -> bool:
        """Whether a socket may be opened to an address on behalf of an endpoint.

        `reach` is what the registry that sends us there may send us to. A metadata service is
        reached only by who names its very address.
        """
        kind = kind_of(address)
        if kind is Kind.PUBLIC:
            return True
        if self.names(endpoint):
            return kind is not Kind.METADATA or endpoint.host == str(address)
        return self.follows_private and kind in reach


def reach_of(kind: Kind) -> frozenset[Kind]:
    """Where a registry at such an address may send us, besides to public ones."""
    match kind:
        case Kind.PRIVATE:
            return frozenset({Kind.PRIVATE})
        case Kind.LOOPBACK:
            return frozenset({Kind.PRIVATE, Kind.LOOPBACK})
        case Kind.PUBLIC | Kind.SPECIAL | Kind.METADATA:
            return frozenset()
        case _:
            assert_never(kind)


def kind_of(address: Address) -> Kind:
    """An IPv6 address that leads to an IPv4 address is as far-reaching as that."""
    inner = _embedded(address) if isinstance(address, ipaddress.IPv6Address) else None
    if inner:
        return kind_of(inner)
    if address in _METADATA:
        return Kind.METADATA
    if address.is_loopback:
        return Kind.LOOPBACK
    if _is_special(address):
        return Kind.SPECIAL
    return Kind.PRIVATE if _is_private(address) else Kind.PUBLIC


def literal(host: str) -> Address | None:
    """The address that a host is, or None for a name.

    Raises OddLiteralError for what resolvers take for an address though it is written in another
    way: one number, fewer than four, octal or hexadecimal ones, an IPv6 address with a zone.
    """
    host = _plain(host)
    if not _looks_numeric(host):
        return None
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        raise OddLiteralError(host) from None
    if isinstance(address, ipaddress.IPv6Address) and address.scope_id is not None:
        raise OddLiteralError(host)
    return address


def endpoints_of(registry: str) -> tuple[Endpoint, ...]:
    """Where a registry may be: without a port, at that of https or http."""
    host = DOCKER_HUB_HOST if registry == DOCKER_HUB else registry
    return tuple(Endpoint.of(URL(f"{scheme}://{host}")) for scheme in _PORTS)


def _looks_numeric(host: str) -> bool:
    """Whether a host ends in a number, as the URL standard tells addresses from names."""
    return ":" in host or bool(_NUMBER.fullmatch(host.rpartition(".")[2]))


def _plain(host: str) -> str:
    return host.lower().strip("[]").rstrip(".")


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address behind a mapped, 6to4, Teredo, NAT64 or IPv4-compatible one."""
    if inner := address.ipv4_mapped or address.sixtofour:
        return inner
    if address.teredo:
        return address.teredo[1]
    low = int(address) & 0xFFFFFFFF
    if address in _NAT64 or (address in _COMPATIBLE and low > 1):
        return ipaddress.IPv4Address(low)
    return None


def _is_special(address: Address) -> bool:
    zoned = isinstance(address, ipaddress.IPv6Address) and address.scope_id is not None
    reserved = address.is_reserved or address.is_unspecified
    return zoned or reserved or address.is_link_local or address.is_multicast


def _is_private(address: Address) -> bool:
    """Carrier-grade NAT and the other ranges of the registries' special tables count as private."""
    if isinstance(address, ipaddress.IPv6Address):
        nets = (_UNIQUE_LOCAL, _SITE_LOCAL)
        if any(address in net for net in nets):
            return True
    return not address.is_global
