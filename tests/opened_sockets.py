"""Every socket that this process connects, whoever opens it, as the interpreter itself tells."""

import contextlib
import errno
import ipaddress
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Address = tuple[str, int]


@dataclass
class Opened:
    """Where connections were tried to. Those that would leave the machine fail at once."""

    addresses: list[Address] = field(default_factory=list)

    def inside_but(self, *allowed: str) -> list[Address]:
        """Addresses that are not public, apart from these `host:port`."""
        return [
            (host, port)
            for host, port in self.addresses
            if not _is_public(host) and f"{host}:{port}" not in allowed
        ]


_watchers: list[Opened] = []


@contextlib.contextmanager
def watched_sockets() -> Iterator[Opened]:
    opened = Opened()
    _watchers.append(opened)
    try:
        yield opened
    finally:
        _watchers.remove(opened)


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "socket.connect" or not _watchers or not isinstance(arguments[1], tuple):
        return
    host, port = arguments[1][:2]
    for opened in _watchers:
        opened.addresses.append((host, port))
    if not ipaddress.ip_address(host).is_loopback:
        raise OSError(errno.ENETUNREACH, "the tests stay at home")


def _is_public(host: str) -> bool:
    """By the tests' own list: the code under test is not asked about itself."""
    return host in {"1.1.1.1", "2606:4700:4700::1111"}


sys.addaudithook(_hook)
