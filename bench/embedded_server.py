"""The embedded registry as a process: empty, with docker-registry's log of answers on stdout."""

import asyncio
import signal
import sys
from collections.abc import Sequence

from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.embedded.statistics import Seen

_LOGGED_EVERY = 0.05
"""Seconds."""


async def serve() -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    async with EmbeddedRegistry() as registry:
        sys.stderr.write(f"listening on {registry.host}\n")
        sys.stderr.flush()
        logged = 0
        while not ended.is_set():
            await asyncio.sleep(_LOGGED_EVERY)
            new = registry.requests[logged:]
            logged += len(new)
            _log(new)


def _log(requests: Sequence[Seen]) -> None:
    """The sizes of the answers aren't known here."""
    for seen in requests:
        query = f"?{seen.query}" if seen.query else ""
        sys.stdout.write(
            f'- - - [-] "{seen.method} {seen.path}{query} HTTP/1.1" {seen.status or 499} - "" ""\n'
        )
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(serve())
