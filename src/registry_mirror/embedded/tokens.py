"""A token server on the registry itself, and the gate that takes its tokens.

Distribution's token specification (GET) and its OAuth2 form (POST). Tokens are opaque.
"""

import re
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass

from aiohttp import web

from registry_mirror.embedded.auth import (
    PULL,
    Access,
    Account,
    Tokens,
    find_account,
    match_account,
    needed,
    unauthorized,
)
from registry_mirror.embedded.refusal import Refusal

SERVICE = "embedded-registry"
_SCOPE = re.compile(r"repository:(?P<name>[^:]+):(?P<actions>[^:]+)")


@dataclass(frozen=True, slots=True)
class _Grant:
    accesses: frozenset[Access]
    ends: float


class TokenGate:
    def __init__(self, auth: Tokens) -> None:
        self._auth = auth
        self._grants: dict[str, _Grant] = {}
        self._refresh_tokens: dict[str, Account] = {}

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        return (web.get("/token", self._get), web.post("/token", self._post))

    def expire(self) -> None:
        """End every token now."""
        self._grants.clear()

    def refusal(self, request: web.Request, /) -> Refusal | None:
        wanted, grant = needed(request), self._grant(request)
        if grant is None:
            error = "invalid_token" if "Authorization" in request.headers else ""
            return unauthorized(_challenge(request, wanted, error))
        if not wanted <= grant.accesses:
            return unauthorized(_challenge(request, wanted, "insufficient_scope"))
        return None

    def may_pull(self, request: web.Request, repository: str, /) -> bool:
        grant = self._grant(request)
        return grant is not None and Access(repository, PULL) in grant.accesses

    def _grant(self, request: web.Request) -> _Grant | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        grant = self._grants.get(token) if scheme.lower() == "bearer" else None
        return grant if grant and time.monotonic() < grant.ends else None

    async def _get(self, request: web.Request) -> web.Response:
        header = request.headers.get("Authorization")
        account = find_account(header, self._auth.accounts)
        if header is not None and account is None:
            return _wrong_credentials().response()
        token, _ = self._issue(account, request.query.getall("scope", []))
        return web.json_response(
            {"token": token, "access_token": token, "expires_in": self._auth.seconds}
        )

    async def _post(self, request: web.Request) -> web.Response:
        form = {
            key: value for key, value in (await request.post()).items() if isinstance(value, str)
        }
        match form.get("grant_type"):
            case "password":
                user, password = form.get("username", ""), form.get("password", "")
                account = match_account(user, password, self._auth.accounts)
            case "refresh_token":
                account = self._refresh_tokens.get(form.get("refresh_token", ""))
            case _:
                return web.json_response({"error": "unsupported_grant_type"}, status=400)
        if account is None:
            return _wrong_credentials().response()
        token, granted = self._issue(account, [form.get("scope", "")])
        answer = {"access_token": token, "expires_in": self._auth.seconds, "scope": granted}
        if form.get("access_type") == "offline":
            answer["refresh_token"] = self.make_refresh_token(account)
        return web.json_response(answer)

    def make_refresh_token(self, account: Account) -> str:
        """An identity token: it stands for the account and doesn't end."""
        token = secrets.token_urlsafe(24)
        self._refresh_tokens[token] = account
        return token

    def _issue(self, account: Account | None, scopes: Iterable[str]) -> tuple[str, str]:
        """A token for as much of the scopes as the account may have, and that much as a scope."""
        allowed = account.actions if account else self._anonymous_actions()
        asked = {access for scope in scopes for access in _parse(scope)}
        accesses = frozenset(access for access in asked if access.action in allowed)
        token = secrets.token_urlsafe(24)
        self._grants[token] = _Grant(accesses, time.monotonic() + self._auth.seconds)
        return token, _scope(accesses)

    def _anonymous_actions(self) -> frozenset[str]:
        return frozenset({PULL}) if self._auth.anonymous_pull else frozenset()


def _challenge(request: web.Request, wanted: Iterable[Access], error: str) -> str:
    parts = {
        "realm": f"{request.scheme}://{request.host}/token",
        "service": SERVICE,
        "scope": _scope(wanted),
        "error": error,
    }
    return "Bearer " + ",".join(f'{name}="{value}"' for name, value in parts.items() if value)


def _scope(accesses: Iterable[Access]) -> str:
    actions: dict[str, list[str]] = {}
    for access in sorted(accesses, key=lambda a: (a.repository, a.action)):
        actions.setdefault(access.repository, []).append(access.action)
    return " ".join(f"repository:{name}:{','.join(them)}" for name, them in actions.items())


def _parse(scopes: str) -> Iterable[Access]:
    """Every access of space-separated scopes; other resources than repositories are skipped."""
    for scope in scopes.split():
        match = _SCOPE.fullmatch(scope)
        if match:
            for action in match["actions"].split(","):
                yield Access(match["name"], action)


def _wrong_credentials() -> Refusal:
    return Refusal(401, "UNAUTHORIZED", "incorrect username or password")
