import asyncio
import json
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_mirror.registry.credentials import IdentityToken, RegistryToken
from registry_mirror.registry.tokens import (
    MAX_LIFE,
    Question,
    Reply,
    Scope,
    Token,
    TokenRefusedError,
    TokenStore,
    Wanted,
    question,
    read_token,
    wanted_scopes,
)
from registry_mirror.secret import Login, Secret

PULL = frozenset({"pull"})
PUSH = frozenset({"pull", "push"})
SCOPES = ("repository:a:pull,push", "repository:b:pull")


def wanted(**changes: object) -> Wanted:
    values = {"realm": "https://h/token", "service": "s", "scopes": SCOPES, "credentials": None}
    return Wanted(**(values | changes))  # type: ignore[arg-type]  # a test's own names


def reply(status: int = 200, /, **fields: object) -> Reply:
    return Reply(status, {}, json.dumps(fields).encode())


class Server:
    """Gives `token-1`, `token-2`, … that last 300 s, once `open` is set."""

    def __init__(self, *statuses: int, life: object = 300) -> None:
        self.questions: list[Question] = []
        self.asked = asyncio.Event()
        self.open = asyncio.Event()
        self.open.set()
        self._statuses = list(statuses)
        self._life = life

    async def __call__(self, question: Question) -> Reply:
        self.questions.append(question)
        number = len(self.questions)
        self.asked.set()
        await self.open.wait()
        status = self._statuses.pop(0) if self._statuses else 200
        return reply(status, token=f"token-{number}", expires_in=self._life)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_scopes_are_sent_one_by_one_in_their_order_with_the_password() -> None:
    asked = question(wanted(credentials=Login("me", Secret("pw"))))
    assert asked.method == "GET"
    assert parse_qsl(asked.url.raw_query_string) == [
        ("service", "s"),
        ("account", "me"),
        ("scope", "repository:a:pull,push"),
        ("scope", "repository:b:pull"),
    ]
    assert asked.headers == {"Authorization": "Basic bWU6cHc="}


def test_a_stranger_asks_without_credentials_and_keeps_the_realms_query() -> None:
    asked = question(wanted(realm="https://h/t?a=%2f", service="", scopes=()))
    assert str(asked.url) == "https://h/t?a=%2f"
    assert asked.headers == {}
    asked = question(wanted(realm="https://h/t?a=%2f", service=""))
    assert str(asked.url).startswith("https://h/t?a=%2f&scope=repository%3Aa")


def test_an_identity_token_is_posted_and_never_in_the_url() -> None:
    asked = question(wanted(credentials=IdentityToken(Secret("refresh"))))
    assert (asked.method, str(asked.url), asked.headers) == (
        "POST",
        "https://h/token",
        {"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert dict(parse_qsl((asked.body or b"").decode())) == {
        "grant_type": "refresh_token",
        "client_id": "registry-mirror",
        "service": "s",
        "scope": "repository:a:pull,push repository:b:pull",
        "refresh_token": "refresh",
    }
    assert "refresh" not in repr(asked).replace("refresh_token", "")


@pytest.mark.parametrize("credentials", [None, IdentityToken(Secret("refresh"))])
def test_a_registrys_words_go_back_as_they_came_whatever_bytes_they_are(
    credentials: IdentityToken | None,
) -> None:
    words = b"s\xff".decode("utf-8", "surrogateescape")
    asked = question(wanted(service=words, scopes=(words,), credentials=credentials))
    sent = asked.body.decode() if asked.body else asked.url.raw_query_string
    assert "service=s%FF" in sent
    assert "scope=s%FF" in sent


@pytest.mark.parametrize("status", [401, 404, 405])
async def test_a_server_without_oauth2_is_asked_in_the_old_way(status: int) -> None:
    server = Server(status)
    store = TokenStore(server)
    token = await store.get(wanted(credentials=IdentityToken(Secret("x"))))
    assert [question.method for question in server.questions] == ["POST", "GET"]
    assert token.value.reveal() == "token-2"


@pytest.mark.parametrize(("status", "asked"), [(403, 1), (500, 1), (429, 1)])
async def test_another_answer_to_oauth2_is_final(status: int, asked: int) -> None:
    server = Server(status)
    with pytest.raises(TokenRefusedError) as refused:
        await TokenStore(server).get(wanted(credentials=IdentityToken(Secret("x"))))
    assert len(server.questions) == asked
    assert refused.value.reply.status == status


@pytest.mark.parametrize(
    ("fields", "life"),
    [
        ({"token": "t"}, 60.0),
        ({"access_token": "t"}, 60.0),
        ({"token": "t", "access_token": "other", "expires_in": 300}, 300.0),
        ({"token": "", "access_token": "t", "expires_in": "120"}, 120.0),
        ({"token": "t", "expires_in": 0}, 60.0),
        ({"token": "t", "expires_in": -5}, 60.0),
        ({"token": "t", "expires_in": None}, 60.0),
        ({"token": "t", "expires_in": "soon"}, 60.0),
        ({"token": "t", "expires_in": 1e300}, MAX_LIFE),
        ({"token": "t", "expires_in": 1.5, "issued_at": "2001-01-01T00:00:00Z"}, 1.5),
    ],
)
def test_a_token_is_read(fields: dict[str, object], life: float) -> None:
    token = read_token(reply(**fields), asked_at=10.0)
    assert token == Token(Secret("t"), life, 10.0 + life)


@pytest.mark.parametrize(
    "answer",
    [
        reply(),
        reply(token=None),
        reply(token=["t"]),
        reply(token="a\r\nX: y"),
        reply(token="\u00e9"),
        reply(403, token="t"),
        reply(201, token="t"),
        Reply(200, {}, b""),
        Reply(200, {}, b"[" * 100_000),
        Reply(200, {}, b'"token"'),
    ],
)
def test_what_is_no_token_is_refused(answer: Reply) -> None:
    with pytest.raises(TokenRefusedError):
        read_token(answer, asked_at=0.0)


@given(st.binary())
def test_no_answer_fails_in_another_way(body: bytes) -> None:
    with pytest.raises(TokenRefusedError):
        read_token(Reply(200, {}, body), asked_at=0.0)


@pytest.mark.parametrize(
    ("life", "renewed_before_its_end"),
    [(300, 60), (100, 30), (60, 30), (40, 20), (10, 5), (3600, 720)],
)
async def test_a_token_is_renewed_before_its_end(life: int, renewed_before_its_end: int) -> None:
    clock, server = Clock(), Server(life=life)
    store = TokenStore(server, clock)
    await store.get(wanted())
    clock.now = 1000.0 + life - renewed_before_its_end
    await store.get(wanted())
    assert len(server.questions) == 1
    clock.now += 0.5
    await store.get(wanted())
    assert len(server.questions) == 2


async def test_who_needs_it_longer_gets_a_new_one_if_that_helps() -> None:
    clock, server = Clock(), Server()
    store = TokenStore(server, clock)
    await store.get(wanted(), fresh_for=200)
    clock.now += 99
    await store.get(wanted(), fresh_for=200)
    assert len(server.questions) == 1
    clock.now += 2
    await store.get(wanted(), fresh_for=200)
    assert len(server.questions) == 2
    await store.get(wanted(), fresh_for=10_000)
    assert len(server.questions) == 2


async def test_who_wants_the_same_at_once_shares_a_question() -> None:
    server = Server()
    server.open.clear()
    store = TokenStore(server)
    same = [asyncio.create_task(store.get(wanted())) for _ in range(5)]
    others = [
        asyncio.create_task(store.get(wanted(**change)))
        for change in (
            {"scopes": SCOPES[:1]},
            {"service": "other"},
            {"realm": "https://other/"},
            {"credentials": Login("me", Secret("pw"))},
        )
    ]
    await server.asked.wait()
    same[0].cancel()
    server.open.set()
    tokens = {(await task).value.reveal() for task in same[1:]}
    await asyncio.gather(*others)
    assert len(tokens) == 1
    assert len(server.questions) == 5
    assert same[0].cancelled()


async def test_a_failure_is_shared_but_not_kept() -> None:
    server = Server(503)
    server.open.clear()
    store = TokenStore(server)
    tasks = [asyncio.create_task(store.get(wanted())) for _ in range(3)]
    await server.asked.wait()
    server.open.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results] == [TokenRefusedError] * 3
    assert (await store.get(wanted())).value.reveal() == "token-2"


async def test_a_refused_token_is_forgotten_but_not_a_newer_one() -> None:
    server = Server()
    store = TokenStore(server)
    first = await store.get(wanted())
    store.forget(wanted(), first)
    second = await store.get(wanted())
    store.forget(wanted(), first)
    assert await store.get(wanted()) == second != first


async def test_closing_ends_what_is_being_asked() -> None:
    server = Server()
    server.open.clear()
    store = TokenStore(server)
    task = asyncio.create_task(store.get(wanted()))
    await server.asked.wait()
    await store.close()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize(
    ("scopes", "asked", "expected"),
    [
        ((), "", ()),
        ((), "repository:a:pull", ("repository:a:pull",)),
        ((Scope("a", PUSH),), "repository:a:pull", ("repository:a:pull,push",)),
        ((Scope("a", PUSH),), "repository:a:push,pull", ("repository:a:pull,push",)),
        ((Scope("a", PULL),), "repository:a:pull,push", (
            "repository:a:pull", "repository:a:pull,push",
        )),
        ((Scope("a", PUSH), Scope("b", PULL)), "registry:catalog:*", (
            *SCOPES, "registry:catalog:*",
        )),
    ],
)  # fmt: skip
def test_ours_go_first_and_then_what_else_the_registry_asks_for(
    scopes: tuple[Scope, ...], asked: str, expected: tuple[str, ...]
) -> None:
    assert wanted_scopes(scopes, asked) == expected


def test_no_secret_is_shown() -> None:
    for credentials in (Login("u", Secret("hush")), RegistryToken(Secret("hush"))):
        this = wanted(credentials=credentials)
        assert "hush" not in f"{this} {Token(Secret('hush'), 1, 1)} {question(this)}"
    assert "hush" not in f"{reply(token='hush')} {TokenRefusedError(reply(token='hush'))}"
