import base64
import re
from collections.abc import AsyncIterator

import aiohttp
import pytest

from registry_mirror.embedded.auth import Account, Auth, Basic, Tokens
from registry_mirror.embedded.images import build_image, build_layer
from registry_mirror.embedded.server import EmbeddedRegistry
from tests.registries import basic, push

OWNER = Account("owner", "pässword: with colon")
READER = Account("reader", "secret", may_push=False)
ACCOUNTS = (OWNER, READER)
AUTHS = [Basic(ACCOUNTS), Tokens(ACCOUNTS)]
IMAGE = build_image([build_layer({"hello": b"hello"})])
REPOSITORY = "team/app"


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def tokens() -> AsyncIterator[EmbeddedRegistry]:
    async with EmbeddedRegistry(Tokens(ACCOUNTS)) as registry:
        registry.put(REPOSITORY, "1.0", IMAGE)
        yield registry


def credentials(account: Account) -> str:
    return basic(account.user, account.password)


def manifest(registry: EmbeddedRegistry) -> str:
    return f"http://{registry.host}/v2/{REPOSITORY}/manifests/1.0"


async def get(
    client: aiohttp.ClientSession, url: str, authorization: str = "", method: str = "GET"
) -> tuple[int, str]:
    """The status of an answer and its challenge."""
    headers = {"Authorization": authorization} if authorization else {}
    async with client.request(method, url, headers=headers) as response:
        return response.status, response.headers.get("WWW-Authenticate", "")


async def token(
    client: aiohttp.ClientSession,
    registry: EmbeddedRegistry,
    *scopes: str,
    account: Account | None = None,
) -> str:
    headers = {"Authorization": credentials(account)} if account else {}
    async with client.get(
        f"http://{registry.host}/token", params=[("scope", s) for s in scopes], headers=headers
    ) as response:
        assert response.status == 200
        return f"Bearer {(await response.json())['token']}"


@pytest.mark.parametrize("auth", AUTHS, ids=lambda auth: type(auth).__name__)
async def test_nobody_gets_in_without_credentials(
    auth: Auth, client: aiohttp.ClientSession
) -> None:
    async with EmbeddedRegistry(auth) as registry:
        registry.put(REPOSITORY, "1.0", IMAGE)
        for url in (manifest(registry), f"http://{registry.host}/v2/"):
            status, challenge = await get(client, url)
            assert (status, challenge.split()[0]) == (
                401,
                "Basic" if isinstance(auth, Basic) else "Bearer",
            )


@pytest.mark.parametrize("account", [OWNER, READER], ids=lambda account: account.user)
async def test_basic_lets_in_who_has_the_password(
    account: Account, client: aiohttp.ClientSession
) -> None:
    async with EmbeddedRegistry(Basic(ACCOUNTS)) as registry:
        registry.put(REPOSITORY, "1.0", IMAGE)
        assert (await get(client, manifest(registry), credentials(account)))[0] == 200


@pytest.mark.parametrize(
    "header",
    [
        basic("owner", "wrong"),
        basic("nobody", OWNER.password),
        "Basic !",
        "Basic " + base64.b64encode(b"\xff:").decode(),
        "Bearer x",
    ],
)
async def test_basic_refuses_everybody_else(header: str, client: aiohttp.ClientSession) -> None:
    async with EmbeddedRegistry(Basic(ACCOUNTS)) as registry:
        assert (await get(client, f"http://{registry.host}/v2/", header))[0] == 401


async def test_basic_denies_a_push_to_who_may_only_pull() -> None:
    async with EmbeddedRegistry(Basic(ACCOUNTS)) as registry:
        await push(registry.host, REPOSITORY, "1.0", IMAGE, credentials(OWNER))
        with pytest.raises(aiohttp.ClientResponseError) as refused:
            await push(registry.host, REPOSITORY, "2.0", IMAGE, credentials(READER))
        assert refused.value.status == 403
        assert registry.tags(REPOSITORY) == ("1.0",)


async def test_the_challenge_says_where_to_ask_and_what_for(
    tokens: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    _, challenge = await get(client, f"http://{tokens.host}/v2/team/app/blobs/uploads/", "", "POST")
    assert dict(re.findall(r'(\w+)="([^"]*)"', challenge)) == {
        "realm": f"http://{tokens.host}/token",
        "service": "embedded-registry",
        "scope": "repository:team/app:pull,push",
    }


async def test_a_token_opens_what_its_scope_names(
    tokens: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    pull = await token(client, tokens, "repository:team/app:pull", account=READER)
    assert (await get(client, manifest(tokens), pull))[0] == 200
    elsewhere = f"http://{tokens.host}/v2/team/other/manifests/1.0"
    status, challenge = await get(client, elsewhere, pull)
    assert status == 401
    assert 'error="insufficient_scope"' in challenge
    assert 'scope="repository:team/other:pull"' in challenge


async def test_several_scopes_come_apart_or_in_one(
    tokens: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    one, two = "repository:team/app:pull", "repository:team/other:pull"
    for scopes in ((one, two), (f"{one} {two}",)):
        both = await token(client, tokens, *scopes, account=OWNER)
        assert (await get(client, manifest(tokens), both))[0] == 200
        elsewhere = f"http://{tokens.host}/v2/team/other/manifests/1.0"
        assert (await get(client, elsewhere, both))[0] == 404


@pytest.mark.parametrize(("account", "allowed"), [(OWNER, True), (READER, False), (None, False)])
async def test_a_token_to_push_is_given_to_who_may(
    tokens: EmbeddedRegistry,
    client: aiohttp.ClientSession,
    account: Account | None,
    *,
    allowed: bool,
) -> None:
    header = await token(client, tokens, "repository:team/app:pull,push", account=account)
    status, _ = await get(
        client, f"http://{tokens.host}/v2/team/app/blobs/uploads/", header, "POST"
    )
    assert status == (202 if allowed else 401)


async def test_deleting_takes_a_scope_of_its_own(
    tokens: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    push_only = await token(client, tokens, "repository:team/app:pull,push", account=OWNER)
    assert (await get(client, manifest(tokens), push_only, "DELETE"))[0] == 401
    delete = await token(client, tokens, "repository:team/app:delete", account=OWNER)
    assert (await get(client, manifest(tokens), delete, "DELETE"))[0] == 202


async def test_the_token_server_refuses_a_wrong_password(
    tokens: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    url = f"http://{tokens.host}/token"
    assert (await get(client, url, basic("owner", "wrong")))[0] == 401


async def test_everybody_may_pull_where_that_is_so(client: aiohttp.ClientSession) -> None:
    async with EmbeddedRegistry(Basic(ACCOUNTS, anonymous_pull=True)) as registry:
        registry.put(REPOSITORY, "1.0", IMAGE)
        assert (await get(client, manifest(registry)))[0] == 200
        assert (await get(client, manifest(registry), basic("owner", "wrong")))[0] == 401
        assert (await get(client, manifest(registry), "", "DELETE"))[0] == 401


async def test_the_ping_asks_for_credentials_even_where_everybody_may_pull(
    client: aiohttp.ClientSession,
) -> None:
    """Clients learn from the ping alone how to push."""
    for auth in (Basic(ACCOUNTS, anonymous_pull=True), Tokens(ACCOUNTS, anonymous_pull=True)):
        async with EmbeddedRegistry(auth) as registry:
            assert (await get(client, f"http://{registry.host}/v2/"))[0] == 401


@pytest.mark.parametrize(("allowed", "status"), [(True, 200), (False, 401)])
async def test_everybody_may_have_a_token_to_pull_where_that_is_so(
    client: aiohttp.ClientSession, *, allowed: bool, status: int
) -> None:
    async with EmbeddedRegistry(Tokens(ACCOUNTS, anonymous_pull=allowed)) as registry:
        registry.put(REPOSITORY, "1.0", IMAGE)
        header = await token(client, registry, "repository:team/app:pull,push,delete")
        assert (await get(client, manifest(registry), header))[0] == status
        assert (await get(client, manifest(registry), header, "DELETE"))[0] == 401


async def test_a_token_ends(tokens: EmbeddedRegistry, client: aiohttp.ClientSession) -> None:
    header = await token(client, tokens, "repository:team/app:pull", account=OWNER)
    tokens.expire_tokens()
    status, challenge = await get(client, manifest(tokens), header)
    assert status == 401
    assert 'error="invalid_token"' in challenge


async def test_a_token_ends_by_itself(client: aiohttp.ClientSession) -> None:
    async with EmbeddedRegistry(Tokens(ACCOUNTS, seconds=0)) as registry:
        header = await token(client, registry, "repository:team/app:pull", account=OWNER)
        assert (await get(client, manifest(registry), header))[0] == 401


async def test_a_mount_is_not_refused_for_want_of_a_scope_on_its_source(
    tokens: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    blob = IMAGE.blobs[0].digest
    url = f"http://{tokens.host}/v2/team/other/blobs/uploads/?mount={blob}&from={REPOSITORY}"
    both = ("repository:team/other:pull,push", f"repository:{REPOSITORY}:pull")
    for scopes, expected in ((both[:1], 202), (both, 201)):
        header = await token(client, tokens, *scopes, account=OWNER)
        assert (await get(client, url, header, "POST"))[0] == expected


async def test_oauth2_gives_tokens_for_a_password_and_for_a_refresh_token(
    tokens: EmbeddedRegistry, client: aiohttp.ClientSession
) -> None:
    url = f"http://{tokens.host}/token"
    wanted = {"service": "embedded-registry", "scope": "repository:team/app:pull"}
    password = {
        "grant_type": "password",
        "username": OWNER.user,
        "password": OWNER.password,
        "access_type": "offline",
    }
    async with client.post(url, data=wanted | password) as response:
        answer = await response.json()
    assert answer["scope"] == "repository:team/app:pull"
    refresh = {"grant_type": "refresh_token", "refresh_token": answer["refresh_token"]}
    async with client.post(url, data=wanted | refresh) as response:
        refreshed = await response.json()
    for found in (answer, refreshed):
        header = f"Bearer {found['access_token']}"
        assert (await get(client, manifest(tokens), header))[0] == 200


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"grant_type": "password", "username": "owner", "password": "wrong"}, 401),
        ({"grant_type": "refresh_token", "refresh_token": "wrong"}, 401),
        ({"grant_type": "implicit"}, 400),
    ],
)
async def test_oauth2_refuses_what_it_does_not_know(
    tokens: EmbeddedRegistry, client: aiohttp.ClientSession, form: dict[str, str], status: int
) -> None:
    async with client.post(f"http://{tokens.host}/token", data=form) as response:
        assert response.status == status


def test_a_password_is_not_in_what_is_printed() -> None:
    assert OWNER.password not in repr(Tokens(ACCOUNTS))
