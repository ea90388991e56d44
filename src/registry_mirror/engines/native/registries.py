"""The clients of a run: one for each registry that images come from, one for the target."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from registry_mirror.config import Settings
from registry_mirror.errors import Side
from registry_mirror.plan import Plan
from registry_mirror.registry.client import Pause, RegistryClient
from registry_mirror.registry.connector import MakeResolver, Network, system_resolver
from registry_mirror.registry.credentials import Keychain
from registry_mirror.registry.outgoing import Patience
from registry_mirror.registry.policy import NetworkPolicy
from registry_mirror.registry.throttle import Action, Gate
from registry_mirror.registry.transport import Transport


@dataclass(frozen=True, slots=True)
class Waits:
    """How registries are waited for: `pause` between two tries, `patience` within one.

    `make_resolver` makes what waits for their names.
    """

    pause: Pause = asyncio.sleep
    patience: Patience = field(default_factory=Patience)
    make_resolver: MakeResolver = system_resolver


class Registries:
    """Source clients are made as they are needed; all live as long as the run."""

    def __init__(
        self,
        settings: Settings,
        network: Network,
        target: str,
        stack: AsyncExitStack,
        waits: Waits,
    ) -> None:
        self._settings = settings
        self._waits = waits
        self._network = network
        self._stack = stack
        self._keychain = Keychain.of(settings, Side.SOURCE)
        self._sources: dict[str, RegistryClient] = {}
        self._target_gate = Gate(settings.connections)
        keychain = Keychain.of(settings, Side.TARGET)
        self.target = self._client(target, Side.TARGET, keychain, self._target_gate)

    def source(self, registry: str) -> RegistryClient:
        client = self._sources.get(registry)
        if client is None:
            gate = Gate(self._settings.connections)
            client = self._client(registry, Side.SOURCE, self._keychain, gate)
            self._sources[registry] = client
        return client

    def streams(self) -> int:
        """How many large layers may be on their way to the target at once, just now."""
        return self._target_gate.size(Action.STREAM)

    def _client(self, registry: str, side: Side, keychain: Keychain, gate: Gate) -> RegistryClient:
        transport = Transport(
            registry, side, self._network, keychain, patience=self._waits.patience
        )
        self._stack.push_async_callback(transport.close)
        return RegistryClient(
            transport,
            gate,
            tries=self._settings.retries + 1,
            whole=self._waits.patience.whole,
            pause=self._waits.pause,
        )


@asynccontextmanager
async def open_registries(
    settings: Settings, plan: Plan, waits: Waits
) -> AsyncIterator[Registries]:
    """The registries of a plan, whose copies all go to one target."""
    async with AsyncExitStack() as stack:
        network = Network.of(settings, policy_of(settings, plan), waits.make_resolver)
        yield Registries(settings, network, plan.copies[0].target.registry, stack, waits)


def policy_of(settings: Settings, plan: Plan) -> NetworkPolicy:
    """In `sync` the operator named every registry of the plan; on an issue, only the target."""
    target = plan.copies[0].target.registry
    if settings.is_of_an_issue:
        return NetworkPolicy.for_strangers(target, settings.allow_private_hosts)
    named = {target, *(copy.source.registry for copy in plan.copies)}
    return NetworkPolicy.for_operator(named, settings.allow_private_hosts)
