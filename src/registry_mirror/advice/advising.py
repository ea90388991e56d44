"""Better hints for images that failed, the same for both engines.

What their registry, the target's product and the clock tell is added at once. Then tags and
repositories that are really there are looked for, by the native client, under the network policy of
the run, within a deadline. Whatever goes wrong here leaves a failure as the engine told it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from registry_mirror.advice.lookalikes import CATALOGUE, Catalogue
from registry_mirror.advice.searching import PATIENCE, Search
from registry_mirror.advice.sources import Logins, at_source
from registry_mirror.advice.targets import at_target
from registry_mirror.config import Asker, Settings
from registry_mirror.docker_config import (
    InvalidDockerConfigError,
    flawed_accounts,
    hosts_with_login,
)
from registry_mirror.engines.native.registries import Waits, open_registries
from registry_mirror.errors import Code, Failure
from registry_mirror.helper_lookup import has_helper
from registry_mirror.oci.reference import Reference
from registry_mirror.outcome import Failed, Outcome
from registry_mirror.plan import Copy, Plan
from registry_mirror.race import unless_stopped

DEADLINE = 30.0
"""Seconds for all look-ups of a run."""

MAX_LOOKED_UP = 30
"""Images of a run whose names or tags are looked for."""

_AT_ONCE = 4
_NOT_THERE = frozenset(
    {
        Code.TAG_NOT_FOUND,
        Code.REPOSITORY_NOT_FOUND,
        Code.SOURCE_DENIED,
        Code.SOURCE_UNAVAILABLE,
    }
)


Advise = Callable[[tuple[Outcome, ...], Settings, asyncio.Event], Awaitable[tuple[Outcome, ...]]]


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Adviser:
    """What advice is made of; tests have catalogues of registries on loopback."""

    catalogue: Catalogue = CATALOGUE
    deadline: float = DEADLINE
    patience: float = PATIENCE
    now: Callable[[], datetime] = field(default=_now)

    async def advise(
        self, outcomes: tuple[Outcome, ...], settings: Settings, stop: asyncio.Event
    ) -> tuple[Outcome, ...]:
        """The same outcomes, in their order, with better hints; at once where `stop` is set."""
        failed = tuple(one for one in outcomes if isinstance(one, Failed))
        known = {one.copy: self._at_hand(one, settings) for one in failed}
        missing = [one for one in failed if one.failure.code in _NOT_THERE][:MAX_LOOKED_UP]
        if missing and not stop.is_set():
            plan = Plan(tuple(outcome.copy for outcome in outcomes))
            known |= await self._look_up(
                {f.copy: known[f.copy] for f in missing}, plan, settings, stop
            )
        return tuple(
            replace(one, failure=known[one.copy]) if isinstance(one, Failed) else one
            for one in outcomes
        )

    def _at_hand(self, failed: Failed, settings: Settings) -> Failure:
        copy = failed.copy
        failure = at_source(failed.failure, copy, _logins(settings), self.now())
        return at_target(failure, copy, settings.target.namespace if settings.target else "")

    async def _look_up(
        self,
        failures: dict[Copy, Failure],
        plan: Plan,
        settings: Settings,
        stop: asyncio.Event,
    ) -> dict[Copy, Failure]:
        found: dict[Copy, Failure] = {}
        others = tuple(copy.source for copy in plan.copies if copy not in failures)
        places = asyncio.Semaphore(_AT_ONCE)

        async def one(search: Search, copy: Copy, failure: Failure) -> None:
            async with places:
                found[copy] = await search.better(failure, copy)

        async with self._open(plan, settings, others) as search:
            work = (one(search, copy, failure) for copy, failure in failures.items())
            await unless_stopped(_all_of(work), stop, self.deadline)
        return found

    @asynccontextmanager
    async def _open(
        self, plan: Plan, settings: Settings, others: tuple[Reference, ...]
    ) -> AsyncIterator[Search]:
        quick = replace(settings, retries=0)
        async with (
            open_registries(_for_public(quick), plan, Waits()) as named,
            open_registries(_without_logins(quick), plan, Waits()) as open_to_all,
            Search(named, open_to_all, self.catalogue, others, self.patience) as search,
        ):
            yield search


async def advise(
    outcomes: tuple[Outcome, ...], settings: Settings, stop: asyncio.Event
) -> tuple[Outcome, ...]:
    return await Adviser().advise(outcomes, settings, stop)


async def _all_of(work: Iterable[Coroutine[None, None, None]]) -> None:
    async with asyncio.TaskGroup() as group:
        for each in work:
            group.create_task(each)


def _for_public(settings: Settings) -> Settings:
    """What is found for an issue everybody reads, be it public: no tags of a private image."""
    return _without_logins(settings) if settings.is_of_an_issue else settings


def _without_logins(settings: Settings) -> Settings:
    return replace(settings, source_auth=None, docker_config=None)


def _logins(settings: Settings) -> Logins:
    if settings.asker is Asker.STRANGER:
        return Logins(used=False)
    if not settings.source_auth:
        return Logins()
    text = settings.source_auth.reveal()
    try:
        flawed = flawed_accounts(text, lambda name: has_helper(name, settings.environment))
        hosts = frozenset(account.host for account in flawed if account.host)
        return Logins(hosts_with_login(text), flawed=hosts)
    except InvalidDockerConfigError:
        return Logins()
