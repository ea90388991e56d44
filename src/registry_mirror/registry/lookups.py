"""Names of hosts, looked up by the system; a name server that never answers holds nobody up."""

import functools
import socket

from aiohttp.abc import AbstractResolver, ResolveResult

from registry_mirror.threads import in_a_thread

_NUMERIC = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV

SocketAddress = tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]
"""As getaddrinfo has it: of IPv4, of IPv6, and of IPv6 where Python was built without."""


class SystemResolver(AbstractResolver):
    """Like aiohttp's own, but for the threads.

    Of an IPv6 address with a zone the zone stays, so that it is judged as what it is.
    """

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Raises OSError, and UnicodeError for what can be no name."""
        found = await in_a_thread(
            functools.partial(
                socket.getaddrinfo,
                host,
                port,
                type=socket.SOCK_STREAM,
                family=family,
                flags=socket.AI_ADDRCONFIG,
            )
        )
        return [
            ResolveResult(
                hostname=host,
                host=_address(where),
                port=port,
                family=kind,
                proto=protocol,
                flags=_NUMERIC,
            )
            for kind, _, protocol, _, where in found
        ]

    async def close(self) -> None:
        """Nothing is kept."""


def _address(where: SocketAddress) -> str:
    match where:
        case (str(address), _, _, int(zone)) if zone:
            return f"{address}%{zone}"
        case _:
            return str(where[0])
