"""The target: reached, logged in to, pushed to, and asked whether it takes the format."""

from collections.abc import AsyncIterator
from http import HTTPStatus

from registry_mirror.config import Settings
from registry_mirror.doctor import words
from registry_mirror.doctor.meeting import Met, meet
from registry_mirror.doctor.probe import PROBE
from registry_mirror.doctor.pushing import Known, Pushing, examine_format, examine_pushing
from registry_mirror.doctor.reach import gives_no_token, no_token, unreachable
from registry_mirror.doctor.signs import Sign
from registry_mirror.engines.native.registries import Registries, Waits
from registry_mirror.errors import Code, Side
from registry_mirror.naming import Target
from registry_mirror.registry.credentials import Keychain
from registry_mirror.registry.errors import (
    AnswerError,
    AuthenticationRefusedError,
    ConnectionLostError,
    RegistryError,
)
from registry_mirror.registry.failures import failure_of
from registry_mirror.report.checklist import Check, Name, Page, State
from registry_mirror.report.reasons import cause_of, hint_of
from registry_mirror.text import Text

BEYOND_REACH = (Name.LOGIN, Name.NAMESPACE, Name.PUSH, Name.PULL, Name.FORMAT)
BEYOND_LOGIN = (Name.NAMESPACE, Name.PUSH, Name.PULL, Name.FORMAT)

_REFUSALS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


def skipped(names: tuple[Name, ...], why: Text = words.SKIPPED_EARLIER) -> tuple[Check, ...]:
    return tuple(Check(name, State.SKIPPED, why) for name in names)


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
        met = await meet(self._client)
        reached = await self._reached(met)
        if reached.state is State.WARNING and self._has_login:
            for check in await self._in_doubt(reached, met):
                yield check
            return
        yield reached
        if reached.state is State.BROKEN:
            for check in skipped(BEYOND_REACH):
                yield check
            return
        if not self._has_login:
            for check in skipped(BEYOND_REACH, words.SKIPPED_SETTINGS):
                yield check
            return
        login, known = await self._login(met)
        yield login
        for check in await self._beyond(known):
            yield check

    async def _in_doubt(self, reached: Check, met: Met) -> tuple[Check, ...]:
        """What comes of a push tells what it is that we have reached."""
        login, known = await self._login(met)
        if known is None:
            return reached, login, *skipped(BEYOND_LOGIN)
        pushing = await examine_pushing(self._client, self._target, known, in_doubt=True)
        if pushing.is_registry:
            return self._good(), login, *await self._after(pushing)
        return reached, login, *pushing.checks, *skipped((Name.PULL, Name.FORMAT))

    async def _beyond(self, known: Known | None) -> tuple[Check, ...]:
        if known is None:
            return skipped(BEYOND_LOGIN)
        return await self._after(await examine_pushing(self._client, self._target, known))

    async def _after(self, pushing: Pushing) -> tuple[Check, ...]:
        pull = await self._pull()
        if any(check.state is State.BROKEN for check in pushing.checks):
            return (*pushing.checks, pull, *skipped((Name.FORMAT,)))
        taken = await examine_format(self._client, self._target, self._settings.format)
        return (*pushing.checks, pull, taken)

    async def _reached(self, met: Met) -> Check:
        error = met.error
        match error:
            case None:
                pass
            case ConnectionLostError():
                challenge = self._client.exchange.challenge
                registry = self._target.registry
                return await unreachable(error, registry, challenge, self._settings, self._waits)
            case AnswerError() if error.status not in _REFUSALS:
                return self._strange(error)
            case AuthenticationRefusedError() | AnswerError() if not _is_out_of_order(error):
                pass
            case _:
                return _broken(Name.TARGET, error)
        match met.sign:
            case Sign.REGISTRY:
                return self._good()
            case Sign.PAGE:
                return self._no_registry(words.WEB_PAGE)
            case Sign.NONE:
                doubt = words.REACHED_IN_DOUBT.fill(registry=self._target.registry)
                cure = words.NO_REGISTRY_CURE
                return Check(Name.TARGET, State.WARNING, doubt, cure, Page.VARIABLES)

    def _good(self) -> Check:
        good = words.REACHED.fill(registry=self._target.registry)
        return Check(Name.TARGET, State.OK, good)

    def _strange(self, error: AnswerError) -> Check:
        """An answer to the ping that no registry gives, or only one that is out of order."""
        if _is_out_of_order(error) or failure_of(error).code is Code.RATE_LIMITED:
            return _broken(Name.TARGET, error)
        return self._no_registry(words.NO_REGISTRY.fill(status=str(error.status)), error.said)

    def _no_registry(self, cause: Text, said: str = "") -> Check:
        cause, cure = cause.fill(registry=self._target.registry), words.NO_REGISTRY_CURE
        return Check(Name.TARGET, State.BROKEN, cause, cure, Page.VARIABLES, said)

    async def _login(self, met: Met) -> tuple[Check, Known | None]:
        """None where it is refused."""
        error, has_account = met.error, await self._has_account()
        if error is None and not has_account:
            return Check(Name.LOGIN, State.SKIPPED, words.NO_ACCOUNT), Known.ANONYMOUS
        if error is None and not self._client.exchange.has_been_asked_who_we_are:
            return Check(Name.LOGIN, State.SKIPPED, words.LOGIN_UNTOLD), Known.UNTOLD
        if error is None:
            return Check(Name.LOGIN, State.OK, words.LOGIN_GOOD), Known.ACCEPTED
        return self._refused(error, met.sign, has_account=has_account), None

    def _refused(self, error: RegistryError, sign: Sign, *, has_account: bool) -> Check:
        said, registry = failure_of(error).said, self._target.registry
        if gives_no_token(error):
            return no_token(registry, self._client.exchange.challenge, said)
        if sign is Sign.NONE:
            cause = words.LOGIN_IN_DOUBT.fill(registry=registry)
            cure = words.LOGIN_IN_DOUBT_CURE.fill(registry=registry)
            return Check(Name.LOGIN, State.BROKEN, cause, cure, Page.VARIABLES, said)
        cause, cure = words.LOGIN_NEEDED, words.LOGIN_NEEDED_CURE
        if has_account:
            cause, cure = words.LOGIN_REFUSED, words.LOGIN_CURE.fill(registry=registry)
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
