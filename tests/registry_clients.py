"""Clients of registries on loopback, whose pauses take no time but are remembered."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from registry_mirror.config import Settings
from registry_mirror.errors import Side
from registry_mirror.registry.client import RegistryClient
from registry_mirror.registry.connector import Network
from registry_mirror.registry.credentials import Keychain
from registry_mirror.registry.policy import NetworkPolicy
from registry_mirror.registry.throttle import Gate
from registry_mirror.registry.transport import Transport
from registry_mirror.registry.verified import OpenSource


def in_memory(content: bytes) -> OpenSource:
    """A source of these bytes."""

    async def open_at(offset: int) -> AsyncIterator[bytes]:
        yield content[offset:]

    return open_at


def nobody(_size: int) -> None:
    """Want to know of no progress."""


@dataclass(slots=True)
class Pauses:
    """In seconds; `now` is a clock that only they move."""

    taken: list[float] = field(default_factory=list)
    now: float = 0.0

    async def take(self, seconds: float) -> None:
        self.taken.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)

    def clock(self) -> float:
        return self.now


@asynccontextmanager
async def client_of(
    host: str,
    side: Side = Side.TARGET,
    *,
    tries: int = 3,
    gate: Gate | None = None,
    pauses: Pauses | None = None,
    settings: Settings | None = None,
) -> AsyncIterator[RegistryClient]:
    """Nothing is drawn by lot: a pause of our own choice is its longest."""
    pauses = pauses or Pauses()
    settings = settings or Settings()
    network = Network.of(settings, NetworkPolicy.for_operator([host], []))
    async with Transport(host, side, network, Keychain.of(settings, side)) as transport:
        yield RegistryClient(
            transport,
            gate or Gate(32, pauses.clock),
            tries=tries,
            pause=pauses.take,
            draw=lambda: 1.0,
        )
