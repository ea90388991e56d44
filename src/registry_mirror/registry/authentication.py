"""How we prove to one registry who we are: as it asks, with what the keychain has."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain

from yarl import URL

from registry_mirror.errors import Side
from registry_mirror.registry.challenge import Challenge, read_challenges
from registry_mirror.registry.credentials import Found, Keychain, RegistryToken
from registry_mirror.registry.errors import (
    AddressRefusedError,
    AnswerTooLargeError,
    AuthenticationRefusedError,
)
from registry_mirror.registry.locations import BadLocationError, go
from registry_mirror.registry.refusals import read_refusal, read_retry_after
from registry_mirror.registry.sending import Answer, Sender, Sent
from registry_mirror.registry.tokens import (
    Question,
    Reply,
    Scope,
    Token,
    TokenRefusedError,
    TokenStore,
    Wanted,
    authorization,
    bearer,
    wanted_scopes,
)

MAX_TOKEN_ANSWER = 1024 * 1024
"""Bytes of a token server's answer that are read."""

_OK = 200


@dataclass(frozen=True, slots=True)
class Proof:
    """The headers to send, and the token that they hold, if one was asked for."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    wanted: Wanted | None = None
    token: Token | None = None


class Authentication:
    """Knows nothing until the registry has refused a request and said what it wants."""

    def __init__(self, registry: str, side: Side, keychain: Keychain, sender: Sender) -> None:
        self._registry = registry
        self._side = side
        self._keychain = keychain
        self._sender = sender
        self._tokens = TokenStore(self._exchange)
        self._challenge: Challenge | None = None
        self._realm: URL | None = None
        self._more: dict[tuple[Scope, ...], str] = {}

    async def close(self) -> None:
        await self._tokens.close()
        await self._keychain.close()

    async def has_credentials(self, repository: str) -> bool:
        found = await self._keychain.find(self._registry, repository)
        return found.credentials is not None

    @property
    def was_asked(self) -> bool:
        """Whether the registry has ever wanted to know who we are."""
        return self._challenge is not None

    @property
    def challenge(self) -> Challenge | None:
        """The one that it wants to see answered."""
        return self._challenge

    async def prove(self, scopes: tuple[Scope, ...], fresh_for: float) -> Proof:
        """Raises AuthenticationRefusedError, AddressRefusedError, ConnectionLostError."""
        if self._challenge is None:
            return Proof()
        found = await self._find(scopes)
        wanted = self._wanted(scopes, found)
        if wanted is None:
            return Proof(authorization(found.credentials))
        token = await self._token(wanted, found, fresh_for)
        return Proof(bearer(token.value), wanted, token)

    async def wants_else(self, scopes: tuple[Scope, ...], used: Proof) -> bool:
        """Whether the registry now asks for something else than what it was shown."""
        return self._wanted(scopes, await self._find(scopes)) != used.wanted

    async def _find(self, scopes: tuple[Scope, ...]) -> Found:
        repository = scopes[0].repository if scopes else ""
        return await self._keychain.find(self._registry, repository)

    def _wanted(self, scopes: tuple[Scope, ...], found: Found) -> Wanted | None:
        """None where credentials are sent as they are."""
        if self._challenge is None or self._realm is None:
            return None
        if isinstance(found.credentials, RegistryToken):
            return None
        asked = wanted_scopes(scopes, self._more.get(scopes, ""))
        service = self._challenge.get("service")
        return Wanted(str(self._realm), service, asked, found.credentials)

    def learn(self, base: URL, answer: Answer, scopes: tuple[Scope, ...], used: Proof) -> None:
        """Take a 401 of the registry itself to heart. Raises AddressRefusedError for its realm.

        The scope it names counts only where ours don't do, for GHCR's ping names one that nobody
        may have.
        """
        if used.wanted and used.token:
            self._tokens.forget(used.wanted, used.token)
        challenge = choose(read_challenges(answer.headers.getall("WWW-Authenticate", ())))
        if challenge is None:
            return
        self._realm = self._judged(base, challenge) if challenge.scheme == "bearer" else None
        self._challenge = challenge
        asked = challenge.get("scope")
        if asked and used.token:
            self._more[scopes] = asked

    async def problem(self, scopes: tuple[Scope, ...]) -> str:
        """Why there are no credentials although there should be, if so."""
        found = await self._find(scopes)
        return found.problem if found.credentials is None else ""

    def _judged(self, base: URL, challenge: Challenge) -> URL:
        try:
            return go(base, challenge.get("realm"))
        except BadLocationError as error:
            raise AddressRefusedError(self._side, f"the token server: {error}") from None

    async def _token(self, wanted: Wanted, found: Found, fresh_for: float) -> Token:
        try:
            return await self._tokens.get(wanted, fresh_for)
        except TokenRefusedError as error:
            raise _refusal(self._side, error.reply, found.problem) from None
        except AnswerTooLargeError:
            said = "the token server's answer is too long"
            raise AuthenticationRefusedError(self._side, said) from None

    async def _exchange(self, question: Question) -> Reply:
        sent = Sent(question.method, question.url, question.headers, question.body)
        answer = await self._sender.send(sent, from_registry=False)
        try:
            body = await answer.read(MAX_TOKEN_ANSWER)
        finally:
            await answer.close()
        return Reply(answer.status, answer.headers, body)


def choose(challenges: Iterable[Challenge]) -> Challenge | None:
    """Tokens before passwords; other schemes are not for us."""
    challenges = tuple(challenges)
    tokens = (each for each in challenges if each.scheme == "bearer" and each.get("realm"))
    passwords = (each for each in challenges if each.scheme == "basic")
    return next(chain(tokens, passwords), None)


def _refusal(side: Side, reply: Reply, problem: str) -> AuthenticationRefusedError:
    if reply.status == _OK:
        return AuthenticationRefusedError(side, "the token server gave no token")
    codes, said = read_refusal(reply.body)
    return AuthenticationRefusedError(
        side,
        problem or said,
        status=reply.status,
        codes=codes,
        retry_after=read_retry_after(reply.headers, said),
    )
