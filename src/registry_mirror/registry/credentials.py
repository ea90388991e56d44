"""Who we are at a registry: the operator's own settings, a docker configuration, a helper."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from registry_mirror.config import Asker, Settings
from registry_mirror.docker_config import (
    DockerConfig,
    Entry,
    InvalidDockerConfigError,
    parse_docker_config,
)
from registry_mirror.errors import Side
from registry_mirror.oci.reference import DOCKER_HUB
from registry_mirror.registry.helper_program import HelperAnswer, HelperFailedError, ask_helper
from registry_mirror.secret import Login, Secret

_IDENTITY_USER = "<token>"
"""The user under which docker and its helpers keep an identity token."""

_DOCKER_HUB_KEY = "https://index.docker.io/v1/"
"""What docker calls Docker Hub when it asks a helper."""


@dataclass(frozen=True, slots=True)
class IdentityToken:
    """A refresh token of OAuth2, which stands for user and password."""

    token: Secret


@dataclass(frozen=True, slots=True)
class RegistryToken:
    """A bearer token that is sent as it is."""

    token: Secret


Credentials = Login | IdentityToken | RegistryToken

_Value = TypeVar("_Value")

AskHelper = Callable[[str, str], Awaitable[HelperAnswer | None]]
"""Asks a helper, by its name, about a registry. Raises HelperFailedError."""


@dataclass(frozen=True, slots=True)
class Found:
    """`problem` says why there may be no credentials although there should."""

    credentials: Credentials | None = None
    problem: str = ""


class Keychain:
    """The credentials of one side; a helper is asked once for each registry."""

    def __init__(
        self,
        config: DockerConfig,
        ask: AskHelper,
        *,
        fixed: tuple[str, Login] | None = None,
        problem: str = "",
    ) -> None:
        self._config = config
        self._ask = ask
        self._problem = problem
        self._fixed = fixed
        self._asked: dict[tuple[str, str], asyncio.Task[Found]] = {}

    @classmethod
    def of(cls, settings: Settings, side: Side) -> "Keychain":
        """The target's own login or SOURCE_AUTH_JSON for sources, else the docker configuration.

        For a stranger no source is told who we are, whatever we might see there.
        """

        async def ask(name: str, registry: str) -> HelperAnswer | None:
            return await ask_helper(name, registry, settings.environment)

        if side is Side.SOURCE and settings.asker is Asker.STRANGER:
            return cls(DockerConfig(), ask)
        if side is Side.SOURCE and settings.source_auth:
            return cls._reading(settings.source_auth.reveal(), "SOURCE_AUTH_JSON", ask)
        if side is Side.TARGET and settings.target and settings.target_login:
            fixed = (settings.target.registry, settings.target_login)
            return cls(DockerConfig(), ask, fixed=fixed)
        return cls._of_file(settings, ask)

    @classmethod
    def _of_file(cls, settings: Settings, ask: AskHelper) -> "Keychain":
        if settings.docker_config is None:
            return cls(DockerConfig(), ask)
        try:
            text = settings.docker_config.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return cls(DockerConfig(), ask, problem="the docker configuration can't be read")
        return cls._reading(text, "the docker configuration", ask)

    @classmethod
    def _reading(cls, text: str, name: str, ask: AskHelper) -> "Keychain":
        try:
            return cls(parse_docker_config(text), ask)
        except InvalidDockerConfigError:
            return cls(DockerConfig(), ask, problem=f"{name} is no docker configuration")

    async def find(self, registry: str, repository: str = "") -> Found:
        """The credentials for a repository: an entry for a longer path goes first."""
        if self._fixed and self._fixed[0] == registry:
            return Found(self._fixed[1])
        for key in _keys(registry, repository):
            if helper := _value(self._config.helpers, key):
                return await self._of_helper(helper, registry)
            if entry := _value(self._config.entries, key):
                return Found(_of_entry(entry))
        if self._config.store:
            return await self._of_helper(self._config.store, registry)
        return Found(problem=self._problem)

    async def close(self) -> None:
        """Stop asking helpers."""
        for task in self._asked.values():
            task.cancel()
        await asyncio.gather(*self._asked.values(), return_exceptions=True)

    async def _of_helper(self, name: str, registry: str) -> Found:
        key = (name, registry)
        if key not in self._asked:
            self._asked[key] = asyncio.create_task(self._ask_helper(name, registry))
        return await asyncio.shield(self._asked[key])

    async def _ask_helper(self, name: str, registry: str) -> Found:
        server = _DOCKER_HUB_KEY if registry == DOCKER_HUB else registry
        try:
            answer = await self._ask(name, server)
        except HelperFailedError as error:
            return Found(problem=str(error))
        return Found(_of_entry(Entry(answer.user, answer.secret)) if answer else None)


def _keys(registry: str, repository: str) -> tuple[str, ...]:
    """From the repository up to its registry."""
    parts = f"{registry}/{repository}".rstrip("/").split("/")
    return tuple("/".join(parts[:count]) for count in range(len(parts), 0, -1))


def _of_entry(entry: Entry) -> Credentials | None:
    if entry.registry_token:
        return RegistryToken(Secret(entry.registry_token))
    if entry.identity_token:
        return IdentityToken(Secret(entry.identity_token))
    if entry.user == _IDENTITY_USER:
        return IdentityToken(Secret(entry.password))
    return Login(entry.user, Secret(entry.password)) if entry.user else None


def _value(pairs: tuple[tuple[str, _Value], ...], key: str) -> _Value | None:
    return next((value for name, value in pairs if name == key), None)
