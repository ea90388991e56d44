"""A registry's `host[:port]`, taken apart."""

import ipaddress
from urllib.parse import urlsplit

from registry_mirror.oci.reference import DOMAIN


class InvalidHostError(ValueError):
    pass


def parse_host(text: str) -> str:
    """Check a `host[:port]` as people paste it: a scheme and trailing slashes are understood.

    Raises InvalidHostError, for one with a path too.
    """
    host = text.strip().removeprefix("https://").removeprefix("http://").rstrip("/")
    if not DOMAIN.fullmatch(host):
        raise InvalidHostError(text)
    return host.lower()


def without_port(registry: str) -> str:
    return urlsplit(f"//{registry}").hostname or registry


def is_loopback(registry: str) -> bool:
    host = without_port(registry)
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_ipv6(registry: str) -> bool:
    return registry.startswith("[")


def is_listed(registry: str, hosts: frozenset[str]) -> bool:
    """Whether a list that names hosts as `host` or `host:port` names this registry."""
    registry = registry.lower()
    return registry in hosts or without_port(registry) in hosts
