"""What the doctor makes of a target that is no registry, hides that it is one, or is out of use."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from aiohttp import web
from yarl import URL

from registry_mirror.doctor.examination import Doctor
from registry_mirror.doctor.signs import Sign, sign_of
from registry_mirror.doctor.surroundings import read_surroundings
from registry_mirror.engines.native.registries import Waits
from registry_mirror.registry.challenge import Challenge
from registry_mirror.report.checklist import Check, Name, State
from registry_mirror.text import Language
from tests.registries import basic
from tests.registry_peers import Handler, Names, Peer, listener, peer

USER, PASSWORD = "mirror", "the word 7"
VERSION = {"Docker-Distribution-API-Version": "registry/2.0"}
TOKENS = Challenge("bearer", (("realm", "https://auth.example.com/token"),))
LOGIN = Challenge("basic", (("realm", "Registry"),))
WEB_API = Challenge("bearer", (("realm", "api"),))
REFUSAL = b'{"errors": [{"code": "UNAUTHORIZED", "message": "authentication required"}]}'
PAGE = b"<!DOCTYPE html><title>Sign in</title>"
WEB_CONSOLE = "not that of a web console"


@pytest.mark.parametrize(
    ("status", "version", "content_type", "content", "challenge", "sign"),
    [
        (200, "registry/2.0", "application/json", b"{}", None, Sign.REGISTRY),
        (200, "registry/2.0", "text/html", b"true", None, Sign.REGISTRY),
        (200, "registry/2.0", "", b"", None, Sign.REGISTRY),
        (401, "registry/2.0", "text/html", PAGE, LOGIN, Sign.REGISTRY),
        (403, "registry/2.0", "", b"", None, Sign.REGISTRY),
        (200, "", "application/json", b"{}\n", None, Sign.REGISTRY),
        (200, "", "text/html; charset=utf-8", b"true", None, Sign.REGISTRY),
        (401, "", "text/plain", b"unauthorized", TOKENS, Sign.REGISTRY),
        (200, "", "text/plain", b"", TOKENS, Sign.REGISTRY),
        (401, "", "application/json", REFUSAL, LOGIN, Sign.REGISTRY),
        (200, "", "text/html", PAGE, None, Sign.PAGE),
        (200, "", "text/plain", b"\n <html>", None, Sign.PAGE),
        (200, "", "text/html", b"Welcome", LOGIN, Sign.PAGE),
        (200, "", "text/plain", b"", None, Sign.NONE),
        (200, "", "text/html", b"", None, Sign.NONE),
        (200, "", "application/json", b'{"name": "an API"}', None, Sign.NONE),
        (200, "1.0", "text/plain", b"ok", None, Sign.NONE),
        (401, "", "text/html", PAGE, LOGIN, Sign.NONE),
        (401, "", "text/plain", b"unauthorized", None, Sign.NONE),
        (401, "", "application/json", b'{"errors": []}', WEB_API, Sign.NONE),
        (401, "", "application/json", b'{"errors": [{"code": "bad-token"}]}', None, Sign.NONE),
        (403, "", "application/json", b"[" * 10_000, None, Sign.NONE),
    ],
)
def test_a_registry_is_told_from_a_web_site(
    status: int,
    version: str,
    content_type: str,
    content: bytes,
    challenge: Challenge | None,
    sign: Sign,
) -> None:
    versions = [version] if version else []
    assert sign_of(status, versions, content_type, content, challenge) is sign


def page(status: int = 200, **headers: str) -> web.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return web.Response(status=status, body=PAGE, content_type="text/html", headers=named)


def refusal(status: int, code: str) -> web.Response:
    return web.json_response({"errors": [{"code": code, "message": "no"}]}, status=status)


async def web_site(_request: web.Request) -> web.Response:
    return page()


async def signing_in(request: web.Request) -> web.Response:
    return page() if request.path == "/login" else page(302, Location="/login?next=%2Fv2%2F")


async def signing_in_by_password(request: web.Request) -> web.Response:
    if "Authorization" in request.headers:
        return page()
    return page(401, WWW_Authenticate='Basic realm="Admin"')


async def refusing_everybody(_request: web.Request) -> web.Response:
    return page(401, WWW_Authenticate='Basic realm="Admin"')


async def forbidding(_request: web.Request) -> web.Response:
    return page(403)


async def web_api(request: web.Request) -> web.Response:
    if request.path == "/v2/":
        return web.json_response({"name": "an API"})
    return web.json_response({"message": "not found"}, status=404)


async def fenced_api(request: web.Request) -> web.Response:
    if request.headers.get("Authorization") != basic(USER, PASSWORD):
        return page(401, WWW_Authenticate='Basic realm="API"')
    return web.Response(text="ok") if request.path == "/v2/" else web.Response(status=405)


async def read_only(request: web.Request) -> web.Response:
    if request.method == "POST":
        return refusal(405, "UNSUPPORTED")
    if request.path == "/v2/":
        return web.json_response({}, headers=VERSION)
    return refusal(404, "NAME_UNKNOWN")


async def read_only_behind_a_login(request: web.Request) -> web.Response:
    if request.headers.get("Authorization") != basic(USER, PASSWORD):
        return page(401, WWW_Authenticate='Basic realm="Registry"', **VERSION)
    return await read_only(request)


async def without_marks(request: web.Request) -> web.Response:
    """A registry behind a proxy that drops its header, and whose ping has no body."""
    if request.method == "POST":
        return web.Response(status=202, headers={"Location": f"{request.path}1"})
    if request.method == "DELETE":
        return web.Response(status=204)
    if request.method == "PUT":
        return refusal(400, "MANIFEST_BLOB_UNKNOWN")
    return web.Response() if request.path == "/v2/" else refusal(404, "NAME_UNKNOWN")


async def without_marks_and_closed(request: web.Request) -> web.Response:
    return refusal(403, "DENIED") if request.path != "/v2/" else web.Response()


async def without_marks_and_busy(request: web.Request) -> web.Response:
    return web.Response(status=503) if request.path != "/v2/" else web.Response()


async def closed_to_pushes(request: web.Request) -> web.Response:
    if request.method == "POST":
        return refusal(400, "DENIED")
    return await read_only(request)


@dataclass(frozen=True)
class Site:
    """`finder` says `cause` and `cure`, and nobody says what is in `never`."""

    handler: Handler
    finder: Name
    cause: str
    cure: str
    target: State = State.BROKEN
    has_account: bool = True
    login: State = State.SKIPPED
    never: tuple[str, ...] = ("and is a registry", "login is fine", "try again later")

    @property
    def name(self) -> str:
        return f"{self.handler.__name__}{'' if self.has_account else '-anonymous'}"


AS_REGISTRY = ("login is fine", "try again later")
SITES = [
    Site(web_site, Name.TARGET, "not as a registry: /v2/ is a web page", WEB_CONSOLE),
    Site(signing_in, Name.TARGET, "not as a registry: /v2/ is a web page", WEB_CONSOLE),
    Site(signing_in_by_password, Name.TARGET, "/v2/ is a web page", WEB_CONSOLE),
    Site(
        refusing_everybody,
        Name.LOGIN,
        "the account or its password is wrong, or it is no registry",
        "check TARGET_REGISTRY first",
        State.WARNING,
        login=State.BROKEN,
    ),
    Site(
        forbidding,
        Name.LOGIN,
        "the account or its password is wrong, or it is no registry",
        "check TARGET_REGISTRY first",
        State.WARNING,
        login=State.BROKEN,
    ),
    Site(web_api, Name.PUSH, "doesn't answer as a registry does", WEB_CONSOLE, State.WARNING),
    Site(
        fenced_api,
        Name.PUSH,
        "doesn't answer as a registry does",
        WEB_CONSOLE,
        State.WARNING,
        login=State.OK,
    ),
    Site(
        read_only,
        Name.PUSH,
        "takes no pushes from anybody: it is read-only, or a cache",
        "end its read-only mode",
        State.OK,
        never=(*AS_REGISTRY, "give the account the right"),
    ),
    Site(
        read_only_behind_a_login,
        Name.PUSH,
        "takes no pushes from anybody",
        "where pushes are taken",
        State.OK,
        login=State.OK,
        never=(*AS_REGISTRY, "give the account the right"),
    ),
    Site(
        without_marks_and_closed,
        Name.PUSH,
        "the account or its password is wrong, or it lacks the right",
        "check TARGET_REGISTRY_USER",
        State.OK,
        never=AS_REGISTRY,
    ),
    Site(
        without_marks_and_busy,
        Name.PUSH,
        "can't be reached or is out of order",
        "try again later",
        State.WARNING,
        never=("and is a registry", "login is fine"),
    ),
    Site(
        closed_to_pushes,
        Name.PUSH,
        "the account or its password is wrong, or it lacks the right",
        "check TARGET_REGISTRY_USER",
        State.OK,
        never=AS_REGISTRY,
    ),
    Site(
        closed_to_pushes,
        Name.PUSH,
        "wants a login, and no account is set",
        "set TARGET_REGISTRY_USER",
        State.OK,
        has_account=False,
        never=(*AS_REGISTRY, "password is wrong"),
    ),
]

ACCOUNT = {"TARGET_REGISTRY_USER": USER, "TARGET_REGISTRY_PASSWORD": PASSWORD}
OF_TARGET = (Name.TARGET, Name.LOGIN, Name.NAMESPACE, Name.PUSH, Name.PULL, Name.FORMAT)


async def at_once(_seconds: float) -> None:
    """Between two tries."""


async def examine(
    registry: str, *, account: Mapping[str, str] = ACCOUNT, waits: Waits | None = None
) -> dict[Name, Check]:
    """What is found of a target; each check is told once, in its order."""
    values = {"TARGET_REGISTRY": registry, "TARGET_NAMESPACE": "mirrors", **account}
    doctor = Doctor(
        values, read_surroundings({}), ("127.0.0.1:1",), waits=waits or Waits(pause=at_once)
    )
    checks = [check async for check in doctor.checks() if check.name in OF_TARGET]
    assert tuple(check.name for check in checks) == OF_TARGET
    return {check.name: check for check in checks}


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
async def test_the_right_cause_is_named(site: Site) -> None:
    async with peer(site.handler) as there:
        found = await examine(there.host, account=ACCOUNT if site.has_account else {})
    finding = found[site.finder]
    assert finding.state is State.BROKEN
    assert site.cause in str(finding.cause)
    assert site.cure in str(finding.cure)
    assert found[Name.TARGET].state is site.target
    assert found[Name.LOGIN].state is site.login
    said = " ".join(f"{check.cause} {check.cure}" for check in found.values())
    assert not [phrase for phrase in site.never if phrase in said]
    assert all(check.cause.say(Language.ZH) for check in found.values())


async def test_a_push_that_is_taken_shows_that_it_is_a_registry() -> None:
    async with peer(without_marks) as there:
        found = await examine(there.host)
    assert "and is a registry" in str(found[Name.TARGET].cause)
    assert found[Name.LOGIN].state is State.SKIPPED
    others = [check.state for name, check in found.items() if name is not Name.LOGIN]
    assert set(others) == {State.OK}
    assert [seen for seen in there.seen if seen.startswith("POST")] == [
        "POST /v2/mirrors/registry-mirror-doctor/blobs/uploads/"
    ]


def sending_to(realm: str) -> Handler:
    async def answer(_request: web.Request) -> web.Response:
        return page(401, WWW_Authenticate=f'Bearer realm="{realm}",service="x"')

    return answer


async def away(realm: str, **names: list[str]) -> tuple[Peer, dict[Name, Check]]:
    """What is found of a registry on loopback whose token server is somewhere else."""
    waits = Waits(pause=at_once, make_resolver=lambda: Names(**names))
    async with peer(sending_to(realm)) as there:
        return there, await examine(there.host, waits=waits)


@pytest.mark.parametrize(
    ("realm", "names", "cause"),
    [
        (
            "http://auth.example.com/token",
            {},
            "there is no host called auth.example.com, which it names as its token server",
        ),
        (
            "http://auth.example.com:1/token",
            {"auth_example_com": ["127.0.0.1"]},
            "no connection to auth.example.com:1, which it names as its token server",
        ),
        ("http://127.0.0.1:1/token", {}, "no connection to 127.0.0.1:1, which it names"),
    ],
)
async def test_a_token_server_out_of_reach_is_the_one_that_is_named(
    realm: str, names: dict[str, list[str]], cause: str
) -> None:
    there, found = await away(realm, **names)
    target = found[Name.TARGET]
    assert target.state is State.BROKEN
    assert cause in str(target.cause)
    assert f"{there.host} answers" in str(target.cause)
    assert "auth.token.realm" in str(target.cure)
    assert str(URL(realm).host) in target.cause.say(Language.ZH)
    assert target.page is None
    assert {check.state for name, check in found.items() if name is not Name.TARGET} == {
        State.SKIPPED
    }


async def test_a_token_server_that_breaks_off() -> None:
    async with listener(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n") as broken:
        _, found = await away(f"http://127.0.0.1:{broken.port}/token")
    target = found[Name.TARGET]
    assert target.state is State.BROKEN
    assert f"127.0.0.1:{broken.port}, which it names as its token server" in str(target.cause)
    assert "no whole answer" in str(target.cause)


@pytest.mark.parametrize("status", [200, 404])
async def test_a_token_server_that_gives_no_token_is_no_question_of_the_password(
    status: int,
) -> None:
    async def no_tokens(_request: web.Request) -> web.Response:
        return page(status)

    async with peer(no_tokens) as server:
        _, found = await away(f"http://{server.host}/token")
    assert found[Name.TARGET].state is State.OK
    login = found[Name.LOGIN]
    assert login.state is State.BROKEN
    assert f"{server.host}, which" in str(login.cause)
    assert "gives no token" in str(login.cause)
    assert "PASSWORD" not in str(login.cure)


async def test_where_a_target_redirects_is_named_when_it_is_out_of_reach() -> None:
    async def redirecting(_request: web.Request) -> web.Response:
        return page(302, Location="http://127.0.0.1:1/signin")

    async with peer(redirecting) as there:
        found = await examine(there.host)
    target = found[Name.TARGET]
    assert target.state is State.BROKEN
    assert f"{there.host} sends /v2/ on to 127.0.0.1:1, which can't be reached" in str(target.cause)
    assert WEB_CONSOLE in str(target.cure)
