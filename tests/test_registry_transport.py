import asyncio
import base64
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from yarl import URL

from registry_mirror.config import Settings
from registry_mirror.docker_config import parse_docker_config
from registry_mirror.embedded import auth
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.errors import Side
from registry_mirror.naming import Target
from registry_mirror.registry.connector import Network
from registry_mirror.registry.credentials import Keychain
from registry_mirror.registry.errors import (
    AddressRefusedError,
    AnswerTooLargeError,
    AuthenticationRefusedError,
    ConnectionLostError,
    Lost,
)
from registry_mirror.registry.helper_program import HelperAnswer, HelperFailedError
from registry_mirror.registry.outgoing import Patience
from registry_mirror.registry.policy import NetworkPolicy
from registry_mirror.registry.proxies import Proxies
from registry_mirror.registry.transport import Scope, Transport
from registry_mirror.secret import Login, Secret
from tests.registries import PASSWORD, USER, Server
from tests.registry_peers import Handler, Names, Peer, listener, peer, tls_context, tunnel

PULL = frozenset({"pull"})
PUSH = frozenset({"pull", "push"})
ACCOUNT = auth.Account(USER, PASSWORD)


async def no_helper(_name: str, _registry: str) -> HelperAnswer | None:
    raise AssertionError("no helper should be asked")


def keychain(host: str, user: str = USER, password: str = PASSWORD) -> Keychain:
    encoded = base64.b64encode(f"{user}:{password}".encode()).decode()
    config = {"auths": {host: {"auth": encoded}}} if user else {}
    return Keychain(parse_docker_config(json.dumps(config)), no_helper)


def network(
    host: str,
    *,
    policy: NetworkPolicy | None = None,
    insecure: bool = False,
    ca_file: Path | None = None,
    proxies: Proxies | None = None,
) -> Network:
    """Of `sync`, where the operator has named the host, unless another policy is given."""
    return Network(
        policy or NetworkPolicy.for_operator([host], []),
        frozenset({host}) if insecure else frozenset(),
        proxies or Proxies(),
        ca_file,
    )


def transport(
    host: str,
    *,
    user: str = "",
    net: Network | None = None,
    patience: Patience | None = None,
    names: Names | None = None,
    keys: Keychain | None = None,
) -> Transport:
    return Transport(
        host,
        Side.SOURCE,
        net or network(host),
        keys or keychain(host, user),
        patience=patience or Patience(),
        resolver=names or Names(),
    )


async def get(transport: Transport, location: str | URL, *scopes: Scope) -> tuple[int, bytes]:
    async with transport.request("GET", location, scopes=scopes) as answer:
        return answer.status, await answer.read(1 << 20)


def text(body: str = "", status: int = 200, **headers: str) -> web.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return web.Response(text=body, status=status, headers=named)


def paths(answers: Mapping[str, web.Response | Handler]) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        found = answers.get(request.path)
        if found is None:
            return text("no such path", 404)
        if isinstance(found, web.Response):
            return text(found.text or "", found.status, **dict(found.headers))
        return await found(request)

    return handler


# --- registries -----------------------------------------------------------------------------------


async def test_a_registry_open_to_all_gets_one_request_for_one_asked(
    embedded: EmbeddedRegistry,
) -> None:
    async with transport(embedded.host) as there:
        results = await asyncio.gather(*(get(there, f"/v2/a/tags/list?n={n}") for n in range(5)))
    assert {status for status, _ in results} == {404}
    assert len(embedded.requests) == 5


async def test_a_first_request_that_hangs_stops_nobody(embedded: EmbeddedRegistry) -> None:
    hold = embedded.faults.hold("GET", "/v2/a/*")
    async with transport(embedded.host, patience=Patience(alone=0.05)) as there:
        first = asyncio.create_task(get(there, "/v2/a/tags/list"))
        await hold.arrived.wait()
        assert (await get(there, "/v2/b/tags/list"))[0] == 404
        assert not first.done()
        hold.released.set()
        assert (await first)[0] == 404


@pytest.mark.parametrize("user", ["", USER])
async def test_tokens_are_fetched_once_for_each_scope_set(user: str) -> None:
    scopes = [(Scope("a", PUSH), Scope("b", PULL)), (Scope("c", PULL),)]
    async with EmbeddedRegistry(auth.Tokens((ACCOUNT,), anonymous_pull=True)) as registry:
        async with transport(registry.host, user=user) as there:
            for _ in range(2):
                await asyncio.gather(
                    *(get(there, f"/v2/{s[0].repository}/tags/list", *s) for s in scopes * 4)
                )
            async with there.request("POST", "/v2/a/blobs/uploads/", scopes=scopes[0]) as answer:
                assert answer.status == (202 if user else 401)
        tokens = [seen.query for seen in registry.requests if seen.path == "/token"]
    asked = {query.partition("scope=")[2] for query in tokens}
    assert asked >= {
        "repository:a:pull,push&scope=repository:b:pull",
        "repository:c:pull",
    }
    assert len(tokens) == (2 if user else 3)  # a stranger's push is tried with a newer token, once


async def test_basic_credentials_are_sent_where_they_are_asked_for() -> None:
    async with EmbeddedRegistry(auth.Basic((ACCOUNT,))) as registry:
        async with transport(registry.host, user=USER) as there:
            assert (await get(there, "/v2/a/tags/list"))[0] == 404
            await get(there, "/v2/a/tags/list")
        statuses = [seen.status for seen in registry.requests]
        assert statuses == [401, 404, 404]
        async with transport(registry.host, keys=keychain(registry.host, USER, "wrong")) as there:
            assert (await get(there, "/v2/a/tags/list"))[0] == 401
        async with transport(registry.host) as there:
            assert (await get(there, "/v2/a/tags/list"))[0] == 401


async def test_wrong_credentials_are_refused_by_the_token_server_in_its_words() -> None:
    async with (
        EmbeddedRegistry(auth.Tokens((ACCOUNT,))) as registry,
        transport(registry.host, keys=keychain(registry.host, USER, "wrong")) as there,
    ):
        with pytest.raises(AuthenticationRefusedError) as refused:
            await get(there, "/v2/a/tags/list", Scope("a", PULL))
    assert refused.value.side is Side.SOURCE
    assert refused.value.status == 401
    assert "incorrect username or password" in refused.value.said


async def test_a_token_that_ended_early_is_replaced_within_the_request() -> None:
    async with (
        EmbeddedRegistry(auth.Tokens((ACCOUNT,))) as registry,
        transport(registry.host, user=USER) as there,
    ):
        scope = Scope("a", PUSH)
        assert (await get(there, "/v2/a/tags/list", scope))[0] == 404
        registry.expire_tokens()
        assert (await get(there, "/v2/a/tags/list", scope))[0] == 404


async def test_a_stream_meets_a_ping_first_and_arrives_with_its_token() -> None:
    content = b"layer" * 100_000

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(content), 65536):
            yield content[start : start + 65536]

    async with (
        EmbeddedRegistry(auth.Tokens((ACCOUNT,))) as registry,
        transport(registry.host, user=USER) as there,
    ):
        scopes = (Scope("a", PUSH),)
        async with there.request("POST", "/v2/a/blobs/uploads/", scopes=scopes) as answer:
            assert answer.status == 202
            location = answer.headers["Location"]
        async with there.request(
            "PATCH", location, scopes=scopes, body=chunks(), content_length=len(content)
        ) as answer:
            assert answer.status == 202
            assert answer.headers["Range"] == f"0-{len(content) - 1}"


async def test_docker_registry_takes_our_tokens(docker_registry_tokens: Server) -> None:
    async with transport(docker_registry_tokens.host, user=USER) as there:
        scope = Scope("team/a", PUSH)
        assert (await get(there, "/v2/team/a/tags/list", scope))[0] == 404
        async with there.request("POST", "/v2/team/a/blobs/uploads/", scopes=(scope,)) as answer:
            assert answer.status == 202


async def test_docker_registry_takes_our_password(docker_registry_basic: Server) -> None:
    async with transport(docker_registry_basic.host, user=USER) as there:
        assert (await get(there, "/v2/team/a/tags/list", Scope("team/a", PULL)))[0] == 404


# --- redirects, Locations and realms --------------------------------------------------------------


async def test_a_redirect_is_followed_with_its_bytes_unchanged_and_without_credentials() -> None:
    signed = "/blob%2Ffile?sig=%2f+%7E=&n=a%20b"

    async def registry(request: web.Request) -> web.StreamResponse:
        if "Authorization" not in request.headers:
            return text(status=401, WWW_Authenticate='Basic realm="x"')
        return text(status=307, Location=f"http://{cdn.host}{signed}", Set_Cookie="a=b")

    async def storage(_request: web.Request) -> web.StreamResponse:
        return text("content")

    async with (
        peer(storage) as cdn,
        peer(registry) as there,
        transport(there.host, user=USER) as client,
    ):
        for _ in range(2):
            async with client.request("GET", "/v2/a/blobs/x") as answer:
                assert (answer.status, await answer.read(100)) == (200, b"content")
                assert answer.redirected
                assert str(answer.url) == f"http://{cdn.host}{signed}"
    assert cdn.seen == [f"GET {signed}"] * 2
    for name in ("Authorization", "Cookie"):
        assert set(cdn.header(name)) == {None}
    assert set(there.header("Cookie")) == {None}
    assert set(cdn.header("Accept-Encoding")) == {"identity"}


async def test_a_redirect_within_the_registry_keeps_the_credentials() -> None:
    answers = {
        "/v2/": text(),
        "/v2/a": text(status=308, Location="b?x=%2f"),
        "/v2/b": text("here"),
    }

    async def registry(request: web.Request) -> web.StreamResponse:
        if "Authorization" not in request.headers:
            return text(status=401, WWW_Authenticate='Basic realm="x"')
        return await paths(answers)(request)

    async with peer(registry) as there, transport(there.host, user=USER) as client:
        assert await get(client, "/v2/a") == (200, b"here")
    assert there.seen[-1] == "GET /v2/b?x=%2f"


async def test_redirects_that_never_end_are_followed_five_times() -> None:
    async def registry(_request: web.Request) -> web.StreamResponse:
        return text(status=302, Location="/v2/again")

    async with peer(registry) as there, transport(there.host) as client:
        assert (await get(client, "/v2/a"))[0] == 302
    assert len(there.requests) == 6


async def test_only_reading_follows_redirects() -> None:
    async def registry(_request: web.Request) -> web.StreamResponse:
        return text(status=307, Location="/v2/again")

    async with (
        peer(registry) as there,
        transport(there.host) as client,
        client.request("POST", "/v2/a", body=b"x") as answer,
    ):
        assert answer.status == 307
    assert there.seen == ["POST /v2/a"]


async def test_an_address_that_the_registry_gave_is_asked_as_it_is() -> None:
    async def registry(request: web.Request) -> web.StreamResponse:
        return text(request.raw_path)

    async with peer(registry) as there, transport(there.host) as client:
        absolute = URL(f"http://{there.host}/v2/a?_state=%2f%2F", encoded=True)
        assert await get(client, absolute) == (200, b"/v2/a?_state=%2f%2F")
        assert await get(client, str(absolute)) == (200, b"/v2/a?_state=%2f%2F")
        assert await get(client, "/v2/a?_state=%2f%2F&digest=sha256:0") == (
            200,
            b"/v2/a?_state=%2f%2F&digest=sha256:0",
        )


@pytest.mark.parametrize(
    "location",
    ["http://127.0.0.1:{port}/x", "http://localhost:{port}/x", "http://[::ffff:7f00:1]:{port}/x",
     "http://2130706433:{port}/x", "http://0x7f.1:{port}/x", "http://127.1:{port}/x",
     "http://0.0.0.0:{port}/x", "http://cdn.test:{port}/x", "http://[::]:{port}/x",
     "http://[64:ff9b::7f00:1]:{port}/x"],
)  # fmt: skip
@pytest.mark.parametrize("via", ["redirect", "realm", "location", "registry"])
async def test_nobody_sends_a_strangers_request_to_loopback(location: str, via: str) -> None:
    """The registry itself is on the list of hosts that may be private; nothing else is."""
    async with listener(b"") as silent:
        url = location.format(port=silent.port)
        redirect = text(status=307, Location=url)
        challenge = text(status=401, WWW_Authenticate=f'Bearer realm="{url}"')
        async with peer(paths({"/v2/redirect": redirect, "/v2/realm": challenge})) as there:
            policy = NetworkPolicy.for_strangers(None, [there.host])
            names = Names(cdn_test=["127.0.0.1"], localhost=["127.0.0.1"])
            host = (
                f"{URL(url).host_subcomponent}:{silent.port}" if via == "registry" else there.host
            )
            async with transport(host, net=network(host, policy=policy), names=names) as client:
                with pytest.raises(AddressRefusedError) as refused:
                    await get(client, url if via == "location" else f"/v2/{via}")
        assert silent.knocks == 0
    assert refused.value.side is Side.SOURCE


async def test_no_resolver_is_needed_to_refuse_an_address() -> None:
    """aiohttp asks no resolver about a literal, so one that judged would be passed by."""
    names = Names()
    async with listener(b"") as silent:
        policy = NetworkPolicy.for_strangers(None, [])
        host = f"127.0.0.1:{silent.port}"
        async with transport(host, net=network(host, policy=policy), names=names) as client:
            with pytest.raises(AddressRefusedError):
                await get(client, "/v2/")
        assert silent.knocks == 0
    assert names.asked == []


async def test_a_name_that_leads_elsewhere_the_second_time_is_judged_again() -> None:
    """A public address at first, where nobody answers, and loopback when it is tried again."""
    names = Names(registry_test=["192.0.2.1", "127.0.0.1"])
    async with listener(b"") as silent:
        policy = NetworkPolicy.for_strangers(None, [])
        host = f"registry.test:{silent.port}"
        async with transport(
            host, net=network(host, policy=policy, insecure=True), names=names
        ) as client:
            for _ in range(3):
                with pytest.raises(AddressRefusedError):
                    await get(client, "/v2/")
        assert silent.knocks == 0


async def test_a_loopback_registry_of_the_operators_may_send_us_to_loopback() -> None:
    async with peer(paths({"/x": text("here")})) as storage:
        redirect = text(status=307, Location=f"http://{storage.host}/x")
        async with peer(paths({"/v2/a": redirect})) as there, transport(there.host) as client:
            assert await get(client, "/v2/a") == (200, b"here")


async def test_a_host_on_the_list_may_be_private_whoever_sends_us_there() -> None:
    async with peer(paths({"/x": text("here")})) as storage:
        redirect = text(status=307, Location=f"http://{storage.host}/x")
        async with peer(paths({"/v2/a": redirect})) as there:
            policy = NetworkPolicy.for_strangers(there.host, [storage.host])
            async with transport(there.host, net=network(there.host, policy=policy)) as client:
                assert await get(client, "/v2/a") == (200, b"here")


async def test_a_realm_gets_the_credentials_and_the_registry_the_token() -> None:
    async def tokens(request: web.Request) -> web.StreamResponse:
        assert request.query.getall("scope") == ["repository:a:pull,push", "repository:b:pull"]
        return web.json_response({"access_token": "opaque"})

    async def registry(request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") == "Bearer opaque":
            return text("in")
        realm = f"http://{realm_peer.host}/token?existing=%2f"
        return text(status=401, WWW_Authenticate=f'Basic realm="x", Bearer realm="{realm}"')

    async with (
        peer(tokens) as realm_peer,
        peer(registry) as there,
        transport(there.host, user=USER) as client,
    ):
        scopes = (Scope("a", PUSH), Scope("b", PULL))
        assert await get(client, "/v2/a", *scopes) == (200, b"in")
    assert realm_peer.requests[0].raw_path.startswith("/token?existing=%2f&")
    assert str(realm_peer.header("Authorization")[0]).startswith("Basic ")
    assert there.header("Authorization") == [None, "Bearer opaque"]


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (text("{}"), "no token"),
        (text("not json"), "no token"),
        (text('{"token": "a\\r\\nb"}'), "no token"),
        (text("x" * 2_000_000), "too long"),
        (text('{"details": "go away"}', 403), "go away"),
    ],
)
async def test_a_token_server_that_gives_no_token(reply: web.Response, said: str) -> None:
    async def registry(request: web.Request) -> web.StreamResponse:
        if request.path == "/token":
            return text(reply.text or "", reply.status)
        realm = f"http://{request.host}/token"
        return text(status=401, WWW_Authenticate=f'Bearer realm="{realm}"')

    async with peer(registry) as there, transport(there.host) as client:
        with pytest.raises(AuthenticationRefusedError) as refused:
            await get(client, "/v2/a")
    assert said in refused.value.said


async def test_why_there_are_no_credentials_is_told_when_they_are_asked_for() -> None:
    async def broken(_name: str, _registry: str) -> HelperAnswer | None:
        raise HelperFailedError("docker-credential-x can't be run")

    async def registry(request: web.Request) -> web.StreamResponse:
        if request.path == "/v2/public":
            return text("public")
        return text(status=401, WWW_Authenticate='Basic realm="x"')

    keys = Keychain(parse_docker_config('{"credsStore": "x"}'), broken)
    async with peer(registry) as there, transport(there.host, keys=keys) as client:
        assert await get(client, "/v2/public") == (200, b"public")
        with pytest.raises(AuthenticationRefusedError, match="docker-credential-x can't be run"):
            await get(client, "/v2/private")


# --- TLS, http and proxies ------------------------------------------------------------------------


@pytest.fixture
async def secure(tmp_path: Path) -> AsyncIterator[tuple[Peer, Path]]:
    context, certificate = tls_context(tmp_path)

    async def registry(request: web.Request) -> web.StreamResponse:
        return text(request.scheme)

    async with peer(registry, context) as there:
        yield there, certificate


NAMES = {"registry_test": ["127.0.0.1"]}


async def test_a_certificate_that_nobody_trusts_is_refused(secure: tuple[Peer, Path]) -> None:
    host = f"registry.test:{secure[0].port}"
    async with transport(host, names=Names(**NAMES)) as client:
        with pytest.raises(ConnectionLostError) as lost:
            await get(client, "/v2/")
    assert lost.value.how is Lost.TLS
    assert "not trusted" in lost.value.said


async def test_a_certificate_of_the_ca_file_is_trusted(secure: tuple[Peer, Path]) -> None:
    host = f"registry.test:{secure[0].port}"
    async with transport(
        host, net=network(host, ca_file=secure[1]), names=Names(**NAMES)
    ) as client:
        assert await get(client, "/v2/") == (200, b"https")


async def test_an_insecure_host_is_spoken_to_in_https_without_verifying(
    secure: tuple[Peer, Path],
) -> None:
    host = f"registry.test:{secure[0].port}"
    async with transport(host, net=network(host, insecure=True), names=Names(**NAMES)) as client:
        assert await get(client, "/v2/") == (200, b"https")


@pytest.mark.parametrize("streams", [False, True])
async def test_an_insecure_host_without_tls_is_spoken_to_in_http(*, streams: bool) -> None:
    async def registry(request: web.Request) -> web.StreamResponse:
        return text(f"{request.scheme} {(await request.read()).decode()}")

    async def chunks() -> AsyncIterator[bytes]:
        yield b"body"

    async with peer(registry) as there:
        host = f"registry.test:{there.port}"
        async with transport(
            host, net=network(host, insecure=True), names=Names(**NAMES)
        ) as client:
            body = chunks() if streams else b"body"
            async with client.request("PUT", "/v2/a", body=body, content_length=4) as answer:
                assert await answer.read(100) == b"http body"


async def test_https_never_becomes_http(tmp_path: Path) -> None:
    async with listener(b"") as silent:
        url = f"http://127.0.0.1:{silent.port}/x"
        context, certificate = tls_context(tmp_path)

        async def registry(request: web.Request) -> web.StreamResponse:
            if request.path == "/v2/realm":
                return text(status=401, WWW_Authenticate=f'Bearer realm="{url}"')
            return text(status=307, Location=url)

        async with peer(registry, context) as there:
            host = f"registry.test:{there.port}"
            async with transport(
                host, net=network(host, ca_file=certificate), names=Names(**NAMES)
            ) as client:
                for path in ("/v2/realm", "/v2/redirect"):
                    with pytest.raises(AddressRefusedError):
                        await get(client, path)
        assert silent.knocks == 0


@pytest.fixture
async def proxy() -> AsyncIterator[Peer]:
    """Answers for whatever it is asked, in http."""

    async def answer(request: web.Request) -> web.StreamResponse:
        return text(f"proxied {request.raw_path}")

    async with peer(answer) as there:
        yield there


async def test_a_proxy_is_asked_for_the_operators_registry(proxy: Peer) -> None:
    proxies = Proxies(http=URL(f"http://u:p@{proxy.host}"))
    host = "registry.test:80"
    net = network(host, insecure=True, proxies=proxies)
    async with transport(host, net=net) as client:
        status, body = await get(client, URL("http://registry.test:80/v2/"))
    assert (status, body) == (200, b"proxied http://registry.test/v2/")
    assert proxy.header("Proxy-Authorization")[-1] == "Basic dTpw"


async def test_https_goes_through_a_tunnel_of_the_proxy(secure: tuple[Peer, Path]) -> None:
    """The proxy sees a host and its own password; what the registry is told it doesn't see."""
    host = "registry.test"
    async with tunnel(secure[0].port) as (port, heads):
        proxies = Proxies(https=URL(f"http://u:p@127.0.0.1:{port}"))
        net = network(host, ca_file=secure[1], proxies=proxies)
        async with transport(host, net=net) as client:
            assert await get(client, "/v2/secret") == (200, b"https")
    assert len(heads) == 1
    assert heads[0].startswith(b"CONNECT registry.test:443 HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic dTpw" in heads[0]
    assert b"secret" not in heads[0]
    assert secure[0].header("Proxy-Authorization") == [None]


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://public.test/x", None),
        ("http://private.test/x", AddressRefusedError),
        ("http://10.0.0.1/x", AddressRefusedError),
        ("http://1.1.1.1/x", AddressRefusedError),
        ("http://167772161/x", AddressRefusedError),
        ("http://unknown.test/x", ConnectionLostError),
    ],
)
async def test_hosts_behind_a_proxy_are_judged_before_they_are_handed_on(
    proxy: Peer, url: str, error: type[Exception] | None
) -> None:
    names = Names(public_test=["1.1.1.1"], private_test=["10.0.0.1"])
    proxies = Proxies(http=URL(f"http://{proxy.host}"))
    async with peer(paths({"/v2/a": text(status=307, Location=url)})) as there:
        policy = NetworkPolicy.for_strangers(None, [there.host])
        net = network(there.host, policy=policy, proxies=proxies)
        async with transport(there.host, net=net, names=names) as client:
            if error:
                with pytest.raises(error):
                    await get(client, "/v2/a")
                assert proxy.requests == []
            else:
                assert await get(client, "/v2/a") == (200, b"proxied http://public.test/x")


# --- connections that fail ------------------------------------------------------------------------

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
IMPATIENT = Patience(idle=0.2, answer=0.2)


@pytest.mark.parametrize(
    ("reply", "how"),
    [
        (b"", Lost.CUT),
        (b"nonsense\r\n\r\n", Lost.CUT),
        (HEAD[:20], Lost.CUT),
        (HEAD + b"half", Lost.CUT),
        (None, Lost.STALLED),
    ],
)
async def test_what_becomes_of_a_connection(reply: bytes | None, how: Lost) -> None:
    async with (
        listener(reply) as there,
        transport(f"127.0.0.1:{there.port}", patience=IMPATIENT) as client,
    ):
        with pytest.raises(ConnectionLostError) as lost:
            await get(client, "/v2/a?secret=signature")
    assert lost.value.how is how
    assert lost.value.side is Side.SOURCE
    assert "signature" not in str(lost.value)


async def test_nobody_there_is_a_connection_that_never_came_to_be() -> None:
    async with listener() as gone:
        pass
    for host in (f"127.0.0.1:{gone.port}", "nowhere.test"):
        async with transport(host) as client:
            with pytest.raises(ConnectionLostError) as lost:
                await get(client, "/v2/")
        assert lost.value.how is Lost.CONNECT


@asynccontextmanager
async def slow_registry() -> AsyncIterator[Peer]:
    """Sends 4 MB at once, or a byte now and then, or nothing after the first ones."""
    over = asyncio.Event()

    async def registry(request: web.Request) -> web.StreamResponse:
        if request.path == "/v2/fast":
            return web.Response(body=b"x" * 4_000_000)
        response = web.StreamResponse(headers={"Content-Length": "4000000"})
        await response.prepare(request)
        await response.write(b"x" * 1000)
        waiting = asyncio.ensure_future(over.wait())
        while request.path == "/v2/drips" and not over.is_set():
            await asyncio.wait({waiting}, timeout=0.01)
            await response.write(b"x")
        await waiting
        return response

    async with peer(registry) as there:
        try:
            yield there
        finally:
            over.set()


@pytest.mark.parametrize(
    ("path", "said"), [("/v2/stops", "nothing moved"), ("/v2/drips", "too slowly")]
)
async def test_a_body_that_stops_or_only_drips_is_given_up(path: str, said: str) -> None:
    patience = Patience(idle=0.3, window=0.1, rate=1e6)
    async with slow_registry() as there, transport(there.host, patience=patience) as client:
        with pytest.raises(ConnectionLostError, match=said) as lost:
            await get(client, path)
    assert lost.value.how is Lost.STALLED


async def test_time_that_the_reader_takes_is_not_counted() -> None:
    """It takes as long as another request takes to be given up."""
    patience = Patience(idle=0.2, window=0.1, rate=1e7)
    async with (
        slow_registry() as there,
        transport(there.host, patience=patience) as client,
        client.request("GET", "/v2/fast") as answer,
    ):
        chunks = answer.chunks()
        size = len(await anext(chunks))
        with pytest.raises(ConnectionLostError):
            await get(client, "/v2/stops")
        size += sum([len(chunk) async for chunk in chunks])
    assert size == 4_000_000


async def test_more_than_the_limit_is_not_read() -> None:
    async def registry(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=b"x" * 1000)

    async with peer(registry) as there, transport(there.host) as client:
        async with client.request("GET", "/v2/a") as answer:
            with pytest.raises(AnswerTooLargeError):
                await answer.read(999)
        async with client.request("GET", "/v2/a") as answer:
            assert len(await answer.read(1000)) == 1000


async def test_nothing_is_decompressed() -> None:
    async def registry(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=b"no gzip at all", headers={"Content-Encoding": "gzip"})

    async with peer(registry) as there, transport(there.host) as client:
        assert await get(client, "/v2/a") == (200, b"no gzip at all")


# --- bodies that are sent -------------------------------------------------------------------------


async def test_an_answer_that_comes_early_ends_the_sending() -> None:
    closed = asyncio.Event()

    async def endless() -> AsyncGenerator[bytes, None]:
        try:
            while True:
                yield b"x" * 65536
        finally:
            closed.set()

    async def registry(_request: web.Request) -> web.StreamResponse:
        return text("too large", 413)

    async with peer(registry) as there, transport(there.host) as client:
        body = endless()
        async with client.request("PUT", "/v2/a", body=body, content_length=1 << 40) as answer:
            assert answer.status == 413
            assert await answer.read(100) == b"too large"
        await body.aclose()
        assert closed.is_set()
        assert (await get(client, "/v2/b"))[0] == 413


async def test_a_stream_is_not_sent_again_when_it_is_refused() -> None:
    async def registry(request: web.Request) -> web.StreamResponse:
        if request.method == "GET":
            return text()
        await request.read()
        return text(status=401, WWW_Authenticate='Basic realm="x"')

    async def chunks() -> AsyncIterator[bytes]:
        yield b"body"

    async with peer(registry) as there, transport(there.host, user=USER) as client:
        async with client.request("PUT", "/v2/a", body=chunks(), content_length=4) as answer:
            assert answer.status == 401
        async with client.request("PUT", "/v2/a", body=b"body") as answer:
            assert answer.status == 401
    puts = [request for request in there.requests if request.method == "PUT"]
    assert [request.headers.get("Authorization", "")[:5] for request in puts] == ["", "Basic"]


async def test_what_the_source_of_a_body_raises_comes_out() -> None:
    async def registry(request: web.Request) -> web.StreamResponse:
        return text(str(len(await request.read())))

    async def chunks() -> AsyncIterator[bytes]:
        yield b"half"
        raise ConnectionLostError(Side.SOURCE, "the source broke")

    async with peer(registry) as there:
        keys = keychain(there.host, "")
        async with Transport(there.host, Side.TARGET, network(there.host), keys) as client:
            with pytest.raises(ConnectionLostError, match="the source broke") as lost:
                async with client.request("PUT", "/v2/a", body=chunks(), content_length=8):
                    pass
    assert lost.value.side is Side.SOURCE


async def test_a_registry_that_takes_no_more_bytes_is_given_up_but_a_slow_source_is_not() -> None:
    """The slow source waits until the other request, begun later, has been given up."""
    given_up, begun = asyncio.Event(), asyncio.Event()

    async def registry(request: web.Request) -> web.StreamResponse:
        if request.path == "/v2/stuck":
            await given_up.wait()
            return text()
        return text(str(len(await request.read())))

    async def slow() -> AsyncIterator[bytes]:
        yield b"half"
        begun.set()
        await given_up.wait()
        yield b"half"

    async def large() -> AsyncIterator[bytes]:
        for _ in range(1000):
            yield b"x" * 65536

    async def put(client: Transport, path: str, body: AsyncIterator[bytes], size: int) -> bytes:
        async with client.request("PUT", path, body=body, content_length=size) as answer:
            return await answer.read(100)

    async with peer(registry) as there, transport(there.host, patience=IMPATIENT) as client:
        patient = asyncio.create_task(put(client, "/v2/a", slow(), 8))
        await begun.wait()
        with pytest.raises(ConnectionLostError) as lost:
            await put(client, "/v2/stuck", large(), 65_536_000)
        given_up.set()
        assert await patient == b"8"
    assert lost.value.how is Lost.STALLED


async def test_an_empty_post_says_that_it_is_empty() -> None:
    async def registry(request: web.Request) -> web.StreamResponse:
        return text(f"{request.headers['Content-Length']} {request.headers.get('Content-Type')}")

    async with (
        peer(registry) as there,
        transport(there.host) as client,
        client.request("POST", "/v2/a") as answer,
    ):
        assert await answer.read(100) == b"0 None"


async def test_the_target_login_is_for_the_target_alone() -> None:
    settings = Settings(
        target=Target("registry.test", "ns"), target_login=Login("user", Secret("secret"))
    )
    target, source = Keychain.of(settings, Side.TARGET), Keychain.of(settings, Side.SOURCE)
    assert (await target.find("registry.test")).credentials == settings.target_login
    assert (await target.find("elsewhere.test")).credentials is None
    assert (await source.find("registry.test")).credentials is None


async def test_the_source_of_a_body_is_left_alone_once_the_request_has_ended() -> None:
    """It could not be closed while somebody still waits for its next bytes."""

    async def stops() -> AsyncGenerator[bytes, None]:
        yield b"first"
        await asyncio.Event().wait()

    async def registry(_request: web.Request) -> web.StreamResponse:
        return text("too large", 413)

    async with peer(registry) as there, transport(there.host) as client:
        body = stops()
        async with client.request("PUT", "/v2/a", body=body, content_length=100) as answer:
            assert answer.status == 413
        await body.aclose()
    async with listener(b"") as gone, transport(f"127.0.0.1:{gone.port}") as client:
        with pytest.raises(ConnectionLostError):
            await get(client, "/v2/")
        body = stops()
        with pytest.raises(ConnectionLostError):
            async with client.request("PUT", "/v2/a", body=body, content_length=100):
                pass
        await body.aclose()


async def test_a_scope_that_the_registry_asks_for_is_asked_for_from_then_on() -> None:
    async def registry(request: web.Request) -> web.StreamResponse:
        if request.path == "/token":
            return web.json_response({"token": str(len(request.query.getall("scope")))})
        if request.headers.get("Authorization") == "Bearer 2":
            return text("in")
        challenge = f'Bearer realm="http://{request.host}/token",scope="repository:team/a:pull"'
        return text(status=401, WWW_Authenticate=challenge)

    async with peer(registry) as there, transport(there.host) as client:
        for _ in range(2):
            assert await get(client, "/v2/a", Scope("a", PULL)) == (200, b"in")
    assert [seen.partition("?")[0] for seen in there.seen] == [
        "GET /v2/a",
        "GET /token",
        "GET /v2/a",
        "GET /token",
        "GET /v2/a",
        "GET /v2/a",
    ]


async def test_a_scope_that_a_ping_names_is_left_alone() -> None:
    """GHCR's names a repository that nobody has."""

    async def registry(request: web.Request) -> web.StreamResponse:
        if request.path == "/token":
            assert request.query.getall("scope") == ["repository:a:pull"]
            return web.json_response({"token": "x"})
        if "Bearer x" in request.headers.getall("Authorization", []):
            return text("in")
        challenge = f'Bearer realm="http://{request.host}/token",scope="repository:user/image:pull"'
        return text(status=401, WWW_Authenticate=challenge)

    async with peer(registry) as there, transport(there.host, user=USER) as client:
        assert await get(client, "/v2/a", Scope("a", PULL)) == (200, b"in")


async def test_a_registry_that_is_never_content_is_given_up() -> None:
    async def registry(request: web.Request) -> web.StreamResponse:
        number = len(there.requests)
        if request.path == "/token":
            return web.json_response({"token": str(number)})
        challenge = f'Bearer realm="http://{request.host}/token",scope="repository:r{number}:pull"'
        return text(status=401, WWW_Authenticate=challenge)

    async with peer(registry) as there, transport(there.host) as client:
        assert (await get(client, "/v2/a", Scope("a", PULL)))[0] == 401
    assert len(there.requests) == 5
