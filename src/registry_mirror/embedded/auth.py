"""Who may do what: open to everybody, Basic, or tokens (distribution's token specification)."""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from aiohttp import web

from registry_mirror.embedded.refusal import Headers, Refusal
from registry_mirror.embedded.requests import repository_of

PULL = "pull"
PUSH = "push"
DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Account:
    user: str
    password: str = field(repr=False)
    may_push: bool = True

    @property
    def actions(self) -> frozenset[str]:
        return frozenset({PULL, PUSH, DELETE}) if self.may_push else frozenset({PULL})


@dataclass(frozen=True, slots=True)
class Anonymous:
    """Everybody may do everything."""


@dataclass(frozen=True, slots=True)
class Basic:
    accounts: tuple[Account, ...]
    anonymous_pull: bool = False


@dataclass(frozen=True, slots=True)
class Tokens:
    """`seconds` is how long a token lasts."""

    accounts: tuple[Account, ...]
    anonymous_pull: bool = False
    seconds: int = 300


Auth = Anonymous | Basic | Tokens


@dataclass(frozen=True, slots=True)
class Access:
    """An action on a repository, as scopes write it."""

    repository: str
    action: str


class Gate(Protocol):
    """`refusal` is None where the request may go on; `may_pull` is asked of a mount's source.

    `expire` ends every token there is.
    """

    def refusal(self, request: web.Request, /) -> Refusal | None: ...

    def may_pull(self, request: web.Request, repository: str, /) -> bool: ...

    def routes(self) -> Iterable[web.AbstractRouteDef]: ...

    def expire(self) -> None: ...


class OpenGate:
    def refusal(self, _request: web.Request, /) -> Refusal | None:
        return None

    def may_pull(self, _request: web.Request, _repository: str, /) -> bool:
        return True

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        return ()

    def expire(self) -> None:
        pass


class BasicGate:
    def __init__(self, auth: Basic) -> None:
        self._auth = auth

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        return ()

    def expire(self) -> None:
        pass

    def may_pull(self, _request: web.Request, _repository: str, /) -> bool:
        return True

    def refusal(self, request: web.Request, /) -> Refusal | None:
        wanted = needed(request)
        actions = {access.action for access in wanted}
        header = request.headers.get("Authorization")
        if header is None and wanted and self._auth.anonymous_pull and actions <= {PULL}:
            return None
        account = find_account(header, self._auth.accounts)
        if account is None:
            return unauthorized('Basic realm="registry"')
        if not actions <= account.actions:
            return Refusal(403, "DENIED", "requested access to the resource is denied")
        return None


def needed(request: web.Request) -> frozenset[Access]:
    """The accesses that a request takes; none for the ping.

    Raises RefusedError (NAME_INVALID).
    """
    if "repository" not in request.match_info:
        return frozenset()
    repository = repository_of(request)
    return frozenset(Access(repository, action) for action in _actions(request))


def _actions(request: web.Request) -> tuple[str, ...]:
    if request.method in ("GET", "HEAD"):
        return (PULL,)
    if request.method == "DELETE" and "session" not in request.match_info:
        return (DELETE,)
    return (PULL, PUSH)


def unauthorized(challenge: str) -> Refusal:
    headers: Headers = (("WWW-Authenticate", challenge),)
    return Refusal(401, "UNAUTHORIZED", "authentication required", headers)


def find_account(header: str | None, accounts: Iterable[Account]) -> Account | None:
    """The account of a Basic Authorization header."""
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return match_account(user, password, accounts)


def match_account(user: str, password: str, accounts: Iterable[Account]) -> Account | None:
    return next((a for a in accounts if (a.user, a.password) == (user, password)), None)
