"""The proxies of an environment: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY."""

import base64
import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from yarl import URL

from registry_mirror.hosts import is_loopback


@dataclass(frozen=True, slots=True)
class Proxies:
    """`bypass` has the entries of NO_PROXY."""

    http: URL | None = None
    https: URL | None = None
    bypass: tuple[str, ...] = ()

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Proxies":
        """Lowercase names go first; a proxy without a scheme is spoken to in http."""
        every = _variable(environment, "ALL_PROXY")
        return cls(
            http=_proxy(_variable(environment, "HTTP_PROXY") or every),
            https=_proxy(_variable(environment, "HTTPS_PROXY") or every),
            bypass=tuple(_entries(_variable(environment, "NO_PROXY"))),
        )

    def find(self, url: URL) -> URL | None:
        """The proxy on the way to a URL; loopback is never behind one."""
        host = (url.raw_host or "").rstrip(".").lower()
        loopback = is_loopback(f"[{host}]" if ":" in host else host)
        if loopback or any(_bypasses(entry, host, url.port) for entry in self.bypass):
            return None
        return self.https if url.scheme == "https" else self.http


def authorization_of(proxy: URL | None) -> dict[str, str]:
    """The header with which a proxy's own user and password are sent to it."""
    if proxy is None or not proxy.user:
        return {}
    pair = f"{proxy.user}:{proxy.password or ''}".encode()
    return {"Proxy-Authorization": "Basic " + base64.b64encode(pair).decode()}


def _variable(environment: Mapping[str, str], name: str) -> str:
    values = (environment.get(key, "").strip() for key in (name.lower(), name))
    return next(filter(None, values), "")


def _proxy(value: str) -> URL | None:
    return URL(value if "://" in value else f"http://{value}") if value else None


def _entries(no_proxy: str) -> Iterator[str]:
    return (entry.strip().lower() for entry in no_proxy.split(",") if entry.strip())


def _bypasses(entry: str, host: str, port: int | None) -> bool:
    """An entry is `*`, a domain with all that is below it (perhaps a port), or a network."""
    if entry == "*":
        return True
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(entry.strip("[]"), strict=False)
    except ValueError:
        pass
    name, _, digits = entry.rpartition(":")
    if name and digits.isdecimal():
        if port != int(digits):
            return False
        entry = name
    domain = entry.strip("[]").removeprefix("*").lstrip(".")
    return host == domain or host.endswith(f".{domain}")
