"""All that is looked at, in its order."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace

from registry_mirror.config import Asker, Settings, read_policy
from registry_mirror.doctor import words
from registry_mirror.doctor.accounts import check_account
from registry_mirror.doctor.repository import RepositoryExamination
from registry_mirror.doctor.settings import Reading, examine_settings
from registry_mirror.doctor.sources import examine_quota, examine_sources, registries_to_try
from registry_mirror.doctor.surroundings import Surroundings
from registry_mirror.doctor.target import BEYOND_REACH, TargetExamination, skipped
from registry_mirror.engines.native.registries import Registries, Waits
from registry_mirror.errors import ConfigurationInvalidError
from registry_mirror.mirror import open_engine
from registry_mirror.oci.reference import DOCKER_HUB
from registry_mirror.registry.connector import Network
from registry_mirror.registry.outgoing import Patience
from registry_mirror.registry.policy import NetworkPolicy
from registry_mirror.report.checklist import Check, Name, State
from registry_mirror.repository_rules import Rules

TRIES = 2
"""Of a request that gets no answer."""

PATIENCE = Patience(connect=15.0, idle=20.0, answer=30.0)

_OF_GITHUB = (Name.TOKEN, Name.ISSUES, Name.ACTIONS, Name.LABELS, Name.RULES)


@dataclass(frozen=True, slots=True)
class Doctor:
    """`sources` are tried in place of those that rules or habit name. `hub` has Docker's quota."""

    values: Mapping[str, str]
    surroundings: Surroundings
    sources: tuple[str, ...] = ()
    hub: str = DOCKER_HUB
    waits: Waits = field(default_factory=lambda: Waits(patience=PATIENCE))

    async def checks(self) -> AsyncIterator[Check]:
        """Each as soon as it is known."""
        reading = examine_settings(self.values, self.surroundings.needs)
        for check in (*reading.checks, *_account(reading), await _engine(reading.settings)):
            yield check
        settings = replace(reading.settings, retries=TRIES - 1, asker=self._asker())
        async for check in self._target(settings, has_login=reading.has_login):
            yield check
        rules = None
        if self.surroundings.github is None:
            for check in skipped(_OF_GITHUB, words.SKIPPED_SHELL):
                yield check
        else:
            examination = RepositoryExamination(
                self.surroundings.github,
                read_policy(self.values),
                runs_here=self.surroundings.in_actions,
            )
            async for check in examination.checks():
                yield check
            rules = examination.rules
        for check in await self._sources(settings, rules):
            yield check

    def _asker(self) -> Asker:
        """The network is held to what a request would be held to."""
        return Asker.COLLABORATOR if self.surroundings.github else Asker.OPERATOR

    async def _target(self, settings: Settings, *, has_login: bool) -> AsyncIterator[Check]:
        target = settings.target
        if target is None:
            for check in skipped((Name.TARGET, *BEYOND_REACH), words.SKIPPED_SETTINGS):
                yield check
            return
        async with self._open(settings, target.registry) as registries:
            examination = TargetExamination(
                registries, target, settings, self.waits, has_login=has_login
            )
            async for check in examination.checks():
                yield check

    async def _sources(self, settings: Settings, rules: Rules | None) -> tuple[Check, ...]:
        tried = self.sources or registries_to_try(rules, settings)
        target = settings.target.registry if settings.target else tried[0]
        async with self._open(settings, target, tried) as registries:
            found = await examine_sources(registries, tried, settings)
            if self.hub not in tried:
                return found
            return (*found, await examine_quota(registries, self.hub))

    @asynccontextmanager
    async def _open(
        self, settings: Settings, target: str, sources: tuple[str, ...] = ()
    ) -> AsyncIterator[Registries]:
        allowed = settings.allow_private_hosts
        if settings.is_of_an_issue:
            named = settings.target.registry if settings.target else None
            policy = NetworkPolicy.for_strangers(named, allowed)
        else:
            policy = NetworkPolicy.for_operator({target, *sources}, allowed)
        async with AsyncExitStack() as stack:
            network = Network.of(settings, policy, self.waits.make_resolver)
            yield Registries(settings, network, target, stack, self.waits)


def _account(reading: Reading) -> tuple[Check, ...]:
    target, login = reading.settings.target, reading.settings.target_login
    return (check_account(target.registry, login),) if target and login else ()


async def _engine(settings: Settings) -> Check:
    try:
        async with open_engine(settings) as engine:
            good = words.ENGINE_GOOD.fill(engine=engine.name)
            return Check(Name.ENGINE, State.OK, good)
    except ConfigurationInvalidError as error:
        problem = error.problems[0]
        return Check(Name.ENGINE, State.BROKEN, problem.reason, problem.hint)
