"""A registry's `host[:port]`, taken apart."""

import ipaddress
import re

from registry_mirror.oci.reference import DOMAIN, InvalidReferenceError, Reference, bad_port

_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_PORT = re.compile(r":[0-9]+$")


class InvalidHostError(ValueError):
    pass


class HostOfOneWordError(InvalidHostError):
    """A reference that begins with it is one of Docker Hub."""


def parse_host(text: str) -> str:
    """Check a `host[:port]` as people paste it: a scheme and trailing slashes are understood.

    Raises InvalidHostError, for one with a path too.
    """
    text = text.strip()
    scheme = _SCHEME.match(text)
    host = text[scheme.end() if scheme else 0 :].rstrip("/")
    if not DOMAIN.fullmatch(host) or bad_port(host):
        raise InvalidHostError(text)
    return host.lower()


def parse_registry(text: str) -> str:
    """Check a host that references shall begin with, and give it as they name it.

    Raises InvalidHostError or a subclass of it.
    """
    host = parse_host(text)
    try:
        registry = Reference.parse(f"{host}/a/b:1").registry
    except InvalidReferenceError:
        raise InvalidHostError(text) from None
    if registry != host and "." not in host:
        raise HostOfOneWordError(text)
    return registry


def without_port(registry: str) -> str:
    """The host in lowercase; an IPv6 address keeps its brackets."""
    return _PORT.sub("", registry.lower())


def is_loopback(registry: str) -> bool:
    host = without_port(registry)
    address = _address(host)
    if address is None:
        return host == "localhost" or host.endswith(".localhost")
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def is_ipv6(registry: str) -> bool:
    return registry.startswith("[")


def is_listed(registry: str, hosts: frozenset[str]) -> bool:
    """Whether a list that names hosts as `host` or `host:port` names this registry."""
    registry = registry.lower()
    return registry in hosts or without_port(registry) in hosts


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a literal is; an IPv6 literal is one only in brackets."""
    try:
        if host.startswith("[") and host.endswith("]"):
            return ipaddress.IPv6Address(host[1:-1])
        return ipaddress.IPv4Address(host)
    except ValueError:
        return None
