"""The target: reached, logged in to, pushed to, and asked whether it takes the format."""

from collections.abc import AsyncIterator
from http import HTTPStatus

from registry_mirror.config import Settings
from registry_mirror.doctor import words
from registry_mirror.doctor.probe import PROBE
from registry_mirror.doctor.pushing import examine_format, examine_pushing
from registry_mirror.doctor.reach import unreachable
from registry_mirror.engines.native.registries import Registries, Waits
from registry_mirror.errors import Code, Side
from registry_mirror.naming import Target
from registry_mirror.registry.client import RegistryClient
from registry_mirror.registry.credentials import Keychain
from registry_mirror.registry.errors import (
    AnswerError,
    AuthenticationRefusedError,
    ConnectionLostError,
    Operation,
    RegistryError,
)
from registry_mirror.registry.exchange import Question
from registry_mirror.registry.failures import failure_of
from registry_mirror.registry.throttle import Action, Slot
from registry_mirror.report.checklist import Check, Name, Page, State
from registry_mirror.report.reasons import cause_of, hint_of
from registry_mirror.text import Text

BEYOND_REACH = (Name.LOGIN, Name.NAMESPACE, Name.PUSH, Name.PULL, Name.FORMAT)
BEYOND_LOGIN = (Name.NAMESPACE, Name.PUSH, Name.PULL, Name.FORMAT)

_REFUSALS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


def skipped(names: tuple[Name, ...], why: Text = words.SKIPPED_EARLIER) -> tuple[Check, ...]:
    return tuple(Check(name, State.SKIPPED, why) for name in names)


async def ping(client: RegistryClient) -> None:
    """Say who we are, if we are anybody, and hear whether that is right. Raises RegistryError."""
    question = Question(Operation.RESOLVE, "GET", "/v2/", ())

    async def work(_slot: Slot) -> None:
        async with client.exchange.ask(question):
            pass

    await client.persist(Action.RESOLVE, work)


class TargetExamination:
    """`has_login` is False where the settings of the login are wrong, so that it is not tried."""

    def __init__(
        self,
        registries: Registries,
        target: Target,
        settings: Settings,
        waits: Waits,
        *,
        has_login: bool,
    ) -> None:
        self._client = registries.target
        self._target = target
        self._settings = settings
        self._waits = waits
        self._has_login = has_login

    async def checks(self) -> AsyncIterator[Check]:
        """In their order, each as soon as it is known."""
        error = await self._ping()
        reached = await self._reached(error)
        yield reached
        if reached.state is State.BROKEN:
            for check in skipped(BEYOND_REACH):
                yield check
            return
        if not self._has_login:
            for check in skipped(BEYOND_REACH, words.SKIPPED_SETTINGS):
                yield check
            return
        login = await self._login(error)
        yield login
        for check in await self._beyond(login):
            yield check

    async def _beyond(self, login: Check) -> tuple[Check, ...]:
        if login.state is State.BROKEN:
            return skipped(BEYOND_LOGIN)
        pushing = await examine_pushing(
            self._client, self._target, knows_login=login.state is State.OK
        )
        pull = await self._pull()
        if any(check.state is State.BROKEN for check in pushing):
            return (*pushing, pull, *skipped((Name.FORMAT,)))
        taken = await examine_format(self._client, self._target, self._settings.format)
        return (*pushing, pull, taken)

    async def _ping(self) -> RegistryError | None:
        try:
            await ping(self._client)
        except RegistryError as error:
            return error
        return None

    async def _reached(self, error: RegistryError | None) -> Check:
        registry = self._target.registry
        match error:
            case None:
                pass
            case ConnectionLostError():
                return await unreachable(error, registry, self._settings, self._waits)
            case AnswerError() if error.status not in _REFUSALS:
                return self._strange(error)
            case AuthenticationRefusedError() | AnswerError() if not _is_out_of_order(error):
                pass
            case _:
                return _broken(Name.TARGET, error)
        return Check(Name.TARGET, State.OK, words.REACHED.fill(registry=registry))

    def _strange(self, error: AnswerError) -> Check:
        """An answer to the ping that no registry gives, or only one that is out of order."""
        if _is_out_of_order(error) or failure_of(error).code is Code.RATE_LIMITED:
            return _broken(Name.TARGET, error)
        cause = words.NO_REGISTRY.fill(registry=self._target.registry, status=str(error.status))
        return Check(
            Name.TARGET, State.BROKEN, cause, words.NO_REGISTRY_CURE, Page.VARIABLES, error.said
        )

    async def _login(self, error: RegistryError | None) -> Check:
        has_account = await self._has_account()
        if error is None and not has_account:
            return Check(Name.LOGIN, State.SKIPPED, words.NO_ACCOUNT)
        if error is None and not self._client.exchange.has_been_asked_who_we_are:
            return Check(Name.LOGIN, State.SKIPPED, words.LOGIN_UNTOLD)
        if error is None:
            return Check(Name.LOGIN, State.OK, words.LOGIN_GOOD)
        said = failure_of(error).said
        if not has_account:
            cause, cure = words.LOGIN_NEEDED, words.LOGIN_NEEDED_CURE
        else:
            cause = words.LOGIN_REFUSED
            cure = words.LOGIN_CURE.fill(registry=self._target.registry)
        return Check(Name.LOGIN, State.BROKEN, cause, cure, Page.SECRETS, said)

    async def _has_account(self) -> bool:
        keychain = Keychain.of(self._settings, Side.TARGET)
        try:
            repository = f"{self._target.namespace}/{PROBE}"
            found = await keychain.find(self._target.registry, repository)
        finally:
            await keychain.close()
        return found.credentials is not None

    async def _pull(self) -> Check:
        """Asking for what is not there: where that is all that is wrong, it may be read."""
        try:
            await self._client.resolve(f"{self._target.namespace}/{PROBE}", PROBE)
        except RegistryError as error:
            if failure_of(error).code is not Code.TARGET_DENIED:
                return _broken(Name.PULL, error)
            cure = words.NO_PULL_CURE.fill(namespace=self._target.namespace)
            said = failure_of(error).said
            return Check(Name.PULL, State.BROKEN, words.NO_PULL, cure, said=said)
        return Check(Name.PULL, State.OK, words.PULL_GOOD)


def _is_out_of_order(error: RegistryError) -> bool:
    return error.status >= HTTPStatus.INTERNAL_SERVER_ERROR


def _broken(name: Name, error: RegistryError) -> Check:
    failure = failure_of(error)
    return Check(name, State.BROKEN, cause_of(failure), hint_of(failure), said=failure.said)
