"""A registry under a stranger's control leads us nowhere inside, whatever it says.

Every socket of the process is watched, and on 127.0.0.1 and [::1] somebody listens who must hear
nothing. The settings are those of a request on an issue.
"""

import asyncio
import socket
import unicodedata
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from urllib.parse import unquote

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from registry_mirror.config import Asker, Settings
from registry_mirror.embedded.actions import AlterHeaders
from registry_mirror.embedded.images import BuiltImage, Piece
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.engines.native.engine import NativeEngine
from registry_mirror.engines.native.pinning import pin
from registry_mirror.engines.native.registries import Waits
from registry_mirror.errors import Code, Failure, Side
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.reference import InvalidReferenceError, Reference
from registry_mirror.outcome import Failed, Outcome
from registry_mirror.plan import Copy, Plan
from tests.native_runs import ALL, AMD64, BASE, copied, image, silent, two_platforms
from tests.opened_sockets import Opened, watched_sockets
from tests.registry_clients import Pauses
from tests.registry_peers import Peer, peer

PUBLIC = "1.1.1.1"

LOOPBACK = [
    "127.0.0.1", "127.0.0.1.", "127.1", "127.0.1", "127.0.0.01", "127.255.0.3", "2130706433",
    "0x7f000001", "0x7f.1", "0X7F.0.0.1", "0177.0.0.1", "017700000001", "0", "0.0.0.0", "[::]",
    "[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]",
    "[::ffff:0:127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b::127.0.0.1]", "[2002:7f00:1::]",
    "[::1%25lo]", "[::1%lo]", "[fe80::1%25lo]", "%31%32%37.0.0.1", "127%2e0%2e0%2e1", "%5b::1%5d",
    "１２７.０.０.１", "①②⑦.⓪.⓪.①", "127。0。0。1", "localhost", "LOCALHOST", "localhost.",
    "a.localhost", "loopback.example", "LOOPBACK.example.", "six.example", "mapped.example",
    "both.example", "both6.example",
]  # fmt: skip
ELSEWHERE = [
    "169.254.169.254", "169.254.169.254.", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376",
    "169.254.43518", "[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]", "[64:ff9b::a9fe:a9fe]",
    "[2002:a9fe:a9fe::]", "168.63.129.16", "100.100.100.200", "169.254.170.2", "[fd00:ec2::254]",
    "metadata.example", "10.0.0.1", "10.1", "172.16.0.1", "172.31.255.254", "192.168.1.1",
    "100.64.0.1", "198.18.0.1", "[fd12::1]", "[fec0::1]", "[fe80::1]", "224.0.0.1",
    "255.255.255.255", "[ff02::1]", "intranet.example",
]  # fmt: skip
HOSTS = [*LOOPBACK, *ELSEWHERE]
URLS = [
    "http://public.example@127.0.0.1:{port}/x", "http://public.example:80@127.0.0.1:{port}/x",
    "http://127.0.0.1:{port}#@public.example/", "http://127.0.0.1:{port}?@public.example/",
    "http://127.0.0.1:{port}\\@public.example/", "http:\\\\127.0.0.1:{port}/x",
    "http:///127.0.0.1:{port}/x", "http:127.0.0.1:{port}/x", "//127.0.0.1:{port}/x",
    "HTTP://127.0.0.1:{port}/x", "  http://127.0.0.1:{port}/x  ", "http://127.0.0.1:{port}",
    "http://public.example%40127.0.0.1:{port}/x", "https://127.0.0.1:{port}/x",
    "https://[::1]:{port}/x", "http://[::1]:{port}@127.0.0.1:{port}/", "gopher://127.0.0.1:{port}/",
    "ftp://127.0.0.1:{port}/", "file:///etc/passwd", "unix:///run/docker.sock",
]  # fmt: skip
PLACES = [*(f"http://{host}:{{port}}/x" for host in HOSTS), *URLS]
OUTSIDE = [
    "http://127.0.0.1:{port}%2f@public.example/", "http://127.0.0.1%23@public.example:{port}/",
]  # fmt: skip
"""What looks as if it were inside, and is a user's name at a public host."""

NAMES = {
    "evil.example": [PUBLIC],
    "public.example": [PUBLIC],
    "localhost": ["127.0.0.1", "::1"],
    "a.localhost": ["127.0.0.1"],
    "loopback.example": ["127.0.0.1"],
    "six.example": ["::1"],
    "mapped.example": ["::ffff:127.0.0.1"],
    "both.example": [PUBLIC, "127.0.0.1"],
    "both6.example": ["2606:4700:4700::1111", "::1"],
    "metadata.example": ["169.254.169.254"],
    "intranet.example": ["10.0.0.1"],
}


class Obliging(AbstractResolver):
    """Finds an address in everything that some system somewhere takes for one."""

    def __init__(self, turns: Callable[[str], list[str]] | None = None) -> None:
        self._turns = turns or (lambda _: [])

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        name = unicodedata.normalize("NFKC", unquote(host)).replace("。", ".").strip("[].").lower()
        found = self._turns(name) or NAMES.get(name) or _numbers(name.partition("%")[0])
        if not found:
            raise OSError(None, f"no such name: {host}")
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in found
            if not family or (":" in address) == (family == socket.AF_INET6)
        ]

    async def close(self) -> None:
        """Hold nothing."""


def _numbers(name: str) -> list[str]:
    try:
        return [socket.inet_ntoa(socket.inet_aton(name))]
    except OSError:
        pass
    try:
        return [str(ip_address(name))]
    except ValueError:
        return []


@dataclass
class Quiet:
    """Who must hear nothing: on 127.0.0.1 and, where there is IPv6, on [::1]."""

    port: int
    knocks: int = 0


@asynccontextmanager
async def quiet() -> AsyncIterator[Quiet]:
    this = Quiet(0)

    async def knock(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        this.knocks += 1
        writer.close()

    server = await asyncio.start_server(knock, "127.0.0.1", 0)
    this.port = server.sockets[0].getsockname()[1]
    servers = [server]
    if socket.has_ipv6:
        with suppress(OSError):
            servers.append(await asyncio.start_server(knock, "::1", this.port))
    try:
        yield this
    finally:
        for each in servers:
            each.close()
            await each.wait_closed()


ONE, TWO = image(), two_platforms()
ITSELF = "once-more"

STATUSES = (301, 302, 303, 307, 308)
STAGES = ["manifest-302", "blob-307", "child-302", "hops-302"]
"""Names of repositories, each of which leads away at another place and with another status."""

EVERY_STATUS = [f"{kind}-{status}" for kind in ("manifest", "blob", "child") for status in STATUSES]


@dataclass
class Evil:
    """What a hostile registry leads us to."""

    place: str = ""
    realm: bool = False
    images: dict[str, BuiltImage] = field(default_factory=lambda: {"child": TWO})

    async def answer(self, request: web.Request) -> web.StreamResponse:
        path = request.path
        if self.realm and path != "/token":
            challenge = f'Bearer realm="{self._quoted()}",service="s"'
            return web.Response(status=401, headers={"WWW-Authenticate": challenge})
        _, _, repository, kind, name = path.split("/", 4)
        stage, _, status = repository.partition("-")
        if ITSELF not in path and stage == "hops":
            return _moved(302, f"{path}?{ITSELF}=1") if not request.query else self._away(302)
        if stage == "manifest" and kind == "manifests":
            return self._away(int(status))
        if stage == "child" and kind == "manifests" and ":" in name:
            return self._away(int(status))
        if stage == "blob" and kind == "blobs":
            return self._away(int(status))
        return _found(self.images.get(stage, ONE), kind, name)

    def _away(self, status: int) -> web.Response:
        return _moved(status, self.place)

    def _quoted(self) -> str:
        return self.place.replace("\\", "\\\\")


def _moved(status: int, location: str) -> web.Response:
    return web.Response(status=status, headers={"Location": location})


def _found(built: BuiltImage, kind: str, name: str) -> web.Response:
    pieces = built.manifests if kind == "manifests" else built.blobs
    named: Mapping[str, Piece] = {**{p.digest: p for p in pieces}, built.top.digest: built.top}
    piece = built.top if kind == "manifests" and ":" not in name else named.get(name)
    if piece is None:
        return web.Response(status=404)
    return web.Response(body=piece.content, headers={"Content-Type": piece.media_type})


@dataclass
class Scene:
    """A hostile registry that the operator lets us reach, for want of a public address to be at.

    `source` is how the list names it. `reachable` are the only places where sockets may go.
    """

    evil: Evil
    quiet: Quiet
    target: EmbeddedRegistry
    source: str
    reachable: tuple[str, ...]
    settings: Settings
    opened: Opened
    front: Peer

    def plan(self, stages: Iterable[str]) -> Plan:
        return Plan(
            tuple(
                Copy(
                    line,
                    Reference.parse(f"{self.source}/{stage}:1"),
                    Reference.parse(f"{self.target.host}/ns/{stage}:1"),
                    ALL if stage.startswith("child") else AMD64,
                )
                for line, stage in enumerate(stages, 1)
            )
        )

    async def pin(self, plan: Plan) -> tuple[Digest | Failure, ...]:
        return await pin(plan, self.settings, _waits())

    async def run(self, plan: Plan) -> tuple[Outcome, ...]:
        return await NativeEngine(self.settings, _waits()).run(plan, silent)

    def check(self) -> None:
        assert self.opened.inside_but(*self.reachable) == []
        assert self.quiet.knocks == 0


def _waits(resolver: Callable[[], AbstractResolver] = Obliging) -> Waits:
    return Waits(Pauses().take, make_resolver=resolver)


@pytest.fixture
async def target() -> AsyncIterator[EmbeddedRegistry]:
    async with EmbeddedRegistry() as registry:
        yield registry


@pytest.fixture
async def direct(target: EmbeddedRegistry) -> AsyncIterator[Scene]:
    """The hostile registry answers at an endpoint of ALLOW_PRIVATE_HOSTS."""
    evil = Evil()
    async with quiet() as nobody, peer(evil.answer) as front:
        allowed = frozenset({front.host})
        settings = replace(BASE, asker=Asker.STRANGER, allow_private_hosts=allowed)
        reachable = (front.host, target.host)
        with watched_sockets() as opened:
            yield Scene(evil, nobody, target, front.host, reachable, settings, opened, front)


@pytest.fixture
async def proxied(target: EmbeddedRegistry) -> AsyncIterator[Scene]:
    """The hostile registry is a public one, behind the operator's proxy."""
    evil = Evil()
    async with quiet() as nobody, peer(evil.answer) as front:
        settings = replace(
            BASE,
            asker=Asker.STRANGER,
            insecure_hosts=frozenset({"evil.example:80"}),
            environment={"http_proxy": front.host, "https_proxy": front.host},
        )
        reachable = (front.host, target.host)
        with watched_sockets() as opened:
            yield Scene(evil, nobody, target, "evil.example:80", reachable, settings, opened, front)


def refused(results: Iterable[Outcome | Digest | Failure]) -> list[tuple[Code, Side | None]]:
    failures = [each.failure if isinstance(each, Failed) else each for each in results]
    assert all(isinstance(each, Failure) for each in failures), failures
    return [(each.code, each.side) for each in failures if isinstance(each, Failure)]


ADDRESS_REFUSED = (Code.ADDRESS_REFUSED, Side.SOURCE)


async def test_the_hostile_registry_is_one_that_images_can_come_from(direct: Scene) -> None:
    plan = direct.plan(["plain", "plain-2"])

    assert await direct.pin(plan) == (ONE.top.digest, ONE.top.digest)
    for outcome in await direct.run(plan):
        copied(outcome)
    direct.check()


async def test_so_is_the_one_behind_a_proxy(proxied: Scene) -> None:
    plan = proxied.plan(["plain"])

    assert await proxied.pin(plan) == (ONE.top.digest,)
    copied(*await proxied.run(plan))
    proxied.check()
    assert proxied.front.requests


async def test_the_listener_hears_whoever_is_let_through(direct: Scene) -> None:
    """So that its silence says something."""
    place = f"127.0.0.1:{direct.quiet.port}"
    direct.evil.place = f"http://{place}/x"
    everywhere = direct.settings.allow_private_hosts | {place}
    await NativeEngine(replace(direct.settings, allow_private_hosts=everywhere), _waits()).run(
        direct.plan(["blob-307"]), silent
    )
    assert direct.quiet.knocks
    assert direct.opened.inside_but(*direct.reachable)


@pytest.mark.parametrize("place", PLACES)
async def test_no_redirect_and_no_token_server_leads_inside(direct: Scene, place: str) -> None:
    direct.evil.place = place.format(port=direct.quiet.port)
    plan = direct.plan(STAGES)

    outcomes = await direct.run(plan)
    direct.evil.realm = True
    for_tokens = await direct.run(direct.plan(["plain"]))
    pinned = await direct.pin(plan)

    assert set(refused(outcomes)) == {ADDRESS_REFUSED}
    assert refused(for_tokens) == [ADDRESS_REFUSED]
    assert set(refused(pinned)) == {ADDRESS_REFUSED}
    direct.check()


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "2130706433", "loopback.example"])
async def test_whatever_a_redirect_calls_itself(direct: Scene, host: str) -> None:
    direct.evil.place = f"http://{host}:{direct.quiet.port}/x"
    plan = direct.plan(EVERY_STATUS)

    assert set(refused(await direct.run(plan))) == {ADDRESS_REFUSED}
    at_manifest = direct.plan(stage for stage in EVERY_STATUS if stage.startswith("manifest"))
    assert set(refused(await direct.pin(at_manifest))) == {ADDRESS_REFUSED}
    direct.check()


@pytest.mark.parametrize("place", [*PLACES, *OUTSIDE])
async def test_nor_does_a_proxy_take_us_there(proxied: Scene, place: str) -> None:
    proxied.evil.place = place.format(port=proxied.quiet.port)
    plan = proxied.plan(STAGES)

    outcomes = await proxied.run(plan)
    proxied.evil.realm = True
    for_tokens = await proxied.run(proxied.plan(["plain"]))
    pinned = await proxied.pin(plan)

    if place not in OUTSIDE:
        assert set(refused(outcomes)) == {ADDRESS_REFUSED}
        assert refused(for_tokens) == [ADDRESS_REFUSED]
        assert set(refused(pinned)) == {ADDRESS_REFUSED}
    proxied.check()
    asked = {request.host.partition(":")[0] for request in proxied.front.requests}
    assert asked <= {"evil.example", "public.example"}


@pytest.mark.parametrize("place", OUTSIDE)
async def test_a_user_name_is_no_host(direct: Scene, place: str) -> None:
    direct.evil.place = place.format(port=direct.quiet.port)

    refused(await direct.run(direct.plan(STAGES)))

    direct.check()
    assert {host for host, _ in direct.opened.addresses if host == PUBLIC}


@pytest.mark.parametrize("asker", [Asker.STRANGER, Asker.COLLABORATOR])
@pytest.mark.parametrize("host", HOSTS)
async def test_no_line_of_a_list_leads_inside(direct: Scene, host: str, asker: Asker) -> None:
    try:
        source = Reference.parse(f"{host}:{direct.quiet.port}/team/app:1")
    except InvalidReferenceError:
        return
    settings = replace(direct.settings, asker=asker)
    plan = Plan((replace(direct.plan(["plain"]).copies[0], source=source),))

    assert refused(await NativeEngine(settings, _waits()).run(plan, silent)) == [ADDRESS_REFUSED]
    assert refused(await pin(plan, settings, _waits())) == [ADDRESS_REFUSED]
    direct.check()


def turning(*addresses: str) -> Callable[[], AbstractResolver]:
    """Makes resolvers for which `evil.example` is somewhere else with every look-up."""
    left = list(addresses)

    def turn(name: str) -> list[str]:
        if name != "evil.example":
            return []
        return [left.pop(0) if len(left) > 1 else left[0]]

    return lambda: Obliging(turn)


async def test_a_name_that_turns_between_the_request_and_the_copy(direct: Scene) -> None:
    source = Reference.parse(f"evil.example:{direct.quiet.port}/team/app:1")
    plan = Plan((replace(direct.plan(["plain"]).copies[0], source=source),))
    waits = _waits(turning(PUBLIC, "127.0.0.1"))

    first = await pin(plan, direct.settings, waits)
    second = await NativeEngine(direct.settings, waits).run(plan, silent)

    assert refused(first) == [(Code.SOURCE_UNAVAILABLE, Side.SOURCE)]
    assert (PUBLIC, direct.quiet.port) in direct.opened.addresses
    assert refused(second) == [ADDRESS_REFUSED]
    direct.check()


async def test_a_name_that_turns_between_two_requests_behind_a_proxy(proxied: Scene) -> None:
    plan = proxied.plan(["plain"])
    waits = _waits(turning(PUBLIC, PUBLIC, "10.0.0.1"))

    outcomes = await NativeEngine(proxied.settings, waits).run(plan, silent)

    assert refused(outcomes) == [ADDRESS_REFUSED]
    assert proxied.front.requests
    proxied.check()


async def test_urls_that_a_manifest_names_are_left_alone(direct: Scene) -> None:
    """skopeo would fetch a config from them."""
    inside = f'"urls":["http://127.0.0.1:{direct.quiet.port}/x"],"size"'.encode()
    body = ONE.top.content.replace(b'"size"', inside)
    led = replace(ONE, top=Piece.of(ONE.top.media_type, body))
    direct.evil.images["urls"] = led
    plan = direct.plan(["urls"])

    await direct.run(plan)

    assert await direct.pin(plan) == (led.top.digest,)
    direct.check()


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "2130706433", "10.0.0.1"])
async def test_the_target_sends_an_upload_nowhere_else(direct: Scene, host: str) -> None:
    location = f"http://{host}:{direct.quiet.port}/v2/ns/plain/blobs/uploads/1"
    direct.target.faults.add(
        "POST", "*/blobs/uploads/", AlterHeaders((("Location", location),)), None
    )

    outcomes = await direct.run(direct.plan(["plain"]))

    assert refused(outcomes) == [(Code.ADDRESS_REFUSED, Side.TARGET)]
    direct.check()
