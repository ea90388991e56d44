"""Bearer tokens: distribution's token specification (GET) and its OAuth2 form (POST)."""

import asyncio
import base64
import json
import math
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from yarl import URL

from registry_mirror.registry.credentials import Credentials, IdentityToken, RegistryToken
from registry_mirror.secret import Login, Secret

CLIENT = "registry-mirror"

DEFAULT_LIFE = 60.0
"""Seconds a token lasts where the server doesn't say."""

MAX_LIFE = 24 * 3600.0
"""Seconds after which a token is renewed whatever the server says."""

MAX_TOKEN = 32 * 1024
"""Characters of a token: it goes into a header, and servers take headers of 8 or 16 KiB."""

_MARGIN = 30.0
_MARGIN_SHARE = 0.2
_FRESHEST = 0.9
_NO_POST = frozenset({401, 404, 405})


@dataclass(frozen=True, slots=True)
class Scope:
    """One repository and what is to be done with it."""

    repository: str
    actions: frozenset[str]

    def __str__(self) -> str:
        actions = sorted(self.actions, key=lambda action: (action != "pull", action))
        return f"repository:{self.repository}:{','.join(actions)}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a token is asked for; two equal ones are served by one token.

    `scopes` are in the order in which they are sent, for some servers heed only the first.
    """

    realm: str
    service: str
    scopes: tuple[str, ...]
    credentials: Credentials | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A request to the token server."""

    method: str
    url: URL
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


Exchange = Callable[[Question], Awaitable[Reply]]


class TokenRefusedError(Exception):
    """The token server gave something else than a token."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"the token server answered {reply.status}")
        self.reply = reply


@dataclass(frozen=True, slots=True)
class Token:
    """`life` in seconds; `ends` by the monotonic clock, whatever the server's clock says."""

    value: Secret
    life: float
    ends: float

    def lasts(self, now: float, fresh_for: float = 0.0) -> bool:
        """Whether it needn't be renewed yet, and lasts so many seconds more.

        Where no token lasts as long as that, one that has just been given does.
        """
        margin = min(max(_MARGIN, _MARGIN_SHARE * self.life), self.life / 2)
        needed = min(max(margin, fresh_for), _FRESHEST * self.life)
        return self.ends - now >= needed


class TokenStore:
    """One token for each thing wanted; who wants the same while it is fetched waits for it."""

    def __init__(self, exchange: Exchange, clock: Callable[[], float] = time.monotonic) -> None:
        self._exchange = exchange
        self._clock = clock
        self._tokens: dict[Wanted, Token] = {}
        self._fetching: dict[Wanted, asyncio.Task[Token]] = {}

    async def get(self, wanted: Wanted, fresh_for: float = 0.0) -> Token:
        """Raises TokenRefusedError, and whatever the exchange raises."""
        token = self._tokens.get(wanted)
        if token and token.lasts(self._clock(), fresh_for):
            return token
        task = self._fetching.get(wanted)
        if task is None:
            task = asyncio.create_task(self._fetch(wanted))
            self._fetching[wanted] = task
            task.add_done_callback(lambda done: self._fetched(wanted, done))
        return await asyncio.shield(task)

    def forget(self, wanted: Wanted, token: Token) -> None:
        """The registry has refused this one; a newer one stays."""
        if self._tokens.get(wanted) == token:
            del self._tokens[wanted]

    async def close(self) -> None:
        tasks = tuple(self._fetching.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _fetch(self, wanted: Wanted) -> Token:
        asked_at = self._clock()
        reply = await self._exchange(question(wanted))
        if isinstance(wanted.credentials, IdentityToken) and reply.status in _NO_POST:
            reply = await self._exchange(get_question(wanted))
        return read_token(reply, asked_at)

    def _fetched(self, wanted: Wanted, task: asyncio.Task[Token]) -> None:
        del self._fetching[wanted]
        if not task.cancelled() and task.exception() is None:
            self._tokens[wanted] = task.result()


def question(wanted: Wanted) -> Question:
    match wanted.credentials:
        case IdentityToken(token):
            return _post_question(wanted, token)
        case _:
            return get_question(wanted)


def get_question(wanted: Wanted) -> Question:
    """Raises ValueError where the realm is no URL."""
    fields = [("service", wanted.service)] if wanted.service else []
    match wanted.credentials:
        case Login(user):
            fields.append(("account", user))
        case IdentityToken():
            fields.append(("client_id", CLIENT))
        case RegistryToken() | None:
            pass
    query = _urlencoded([*fields, *(("scope", scope) for scope in wanted.scopes)])
    joint = "&" if "?" in wanted.realm else "?"
    url = URL(f"{wanted.realm}{joint}{query}" if query else wanted.realm, encoded=True)
    return Question("GET", url, authorization(wanted.credentials))


def authorization(credentials: Credentials | None) -> Mapping[str, str]:
    """The header that gives credentials away as they are."""
    match credentials:
        case None:
            return {}
        case Login(user, password):
            return {"Authorization": _basic(user, password.reveal())}
        case IdentityToken(token):
            return {"Authorization": _basic("<token>", token.reveal())}
        case RegistryToken(token):
            return bearer(token)


def bearer(token: Secret) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {token.reveal()}"}


def read_token(reply: Reply, asked_at: float) -> Token:
    """Raises TokenRefusedError."""
    answer = _json_object(reply.body) if reply.status == 200 else {}  # noqa: PLR2004  HTTP's own
    value = answer.get("token") or answer.get("access_token")
    if not isinstance(value, str) or not _is_header_value(value):
        raise TokenRefusedError(reply)
    life = _life(answer.get("expires_in"))
    return Token(Secret(value), life, asked_at + life)


def wanted_scopes(scopes: Iterable[Scope], asked: str) -> tuple[str, ...]:
    """Ours first, then what the registry asks for besides."""
    ours = tuple(map(str, scopes))
    covered = {access for scope in ours for access in _accesses(scope)}
    more = (scope for scope in asked.split() if not set(_accesses(scope)) <= covered)
    return (*ours, *more)


def _accesses(scope: str) -> Iterable[tuple[str, str]]:
    resource, _, actions = scope.rpartition(":")
    return ((resource, action) for action in actions.split(","))


def _post_question(wanted: Wanted, refresh_token: Secret) -> Question:
    form = [
        ("grant_type", "refresh_token"),
        ("client_id", CLIENT),
        ("service", wanted.service),
        ("scope", " ".join(wanted.scopes)),
        ("refresh_token", refresh_token.reveal()),
    ]
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return Question("POST", URL(wanted.realm, encoded=True), headers, _urlencoded(form).encode())


def _urlencoded(fields: Sequence[tuple[str, str]]) -> str:
    """A registry's words may hold bytes that are no UTF-8; they go back as they came."""
    return urlencode(fields, errors="surrogateescape")


def _basic(user: str, password: str) -> str:
    pair = f"{user}:{password}".encode("utf-8", "surrogateescape")
    return "Basic " + base64.b64encode(pair).decode()


def _life(value: object) -> float:
    """`expires_in` as a number or, where a server errs, as text."""
    try:
        life = float(value) if isinstance(value, int | float | str) else DEFAULT_LIFE
    except (ValueError, OverflowError):
        life = DEFAULT_LIFE
    return min(life, MAX_LIFE) if math.isfinite(life) and life > 0 else DEFAULT_LIFE


def _is_header_value(text: str) -> bool:
    return 0 < len(text) <= MAX_TOKEN and text.isascii() and text.isprintable()


def _json_object(body: bytes) -> Mapping[str, object]:
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
