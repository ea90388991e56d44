"""`doctor` on set-ups that are broken in one way each, and on a good one.

Most in this process; the good ones, a real registry's and signals by the program itself.

`UPDATE_GOLDEN=1 pytest` writes the summaries anew.
"""

import asyncio
import io
import json
import os
import re
import signal
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from registry_mirror.doctor.command import run_doctor
from registry_mirror.doctor.probe import NOWHERE, PROBE
from registry_mirror.embedded.actions import Hold, Reply
from registry_mirror.embedded.auth import Account, Auth, Basic, Tokens
from registry_mirror.embedded.faults import UNAVAILABLE
from registry_mirror.embedded.refusal import Refusal
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.exits import Exit
from registry_mirror.github import labels
from registry_mirror.output import STDOUT, Output
from tests.fake_github import FakeGitHub
from tests.program import Result, finish, program, start
from tests.registries import PASSWORD, USER, Server, basic
from tests.rendered import render

GOLDEN = Path(__file__).parent / "golden" / "doctor"
READER, READER_PASSWORD = "reader", "only for reading 7"
NAMESPACE = "mirrors"
NO_PROJECT = Refusal(404, "NAME_UNKNOWN", "project mirrors not found")
NO_SCHEMA_2 = Refusal(400, "MANIFEST_INVALID", "only OCI manifests are accepted")
READ_ONLY = Refusal(405, "UNSUPPORTED", "The operation is unsupported.")
WEB_PAGE = Reply(200, (("Content-Type", "text/html"),), b"<!doctype html><p>Welcome</p>")
UNSUPPORTED_TYPE = Refusal(415, "UNSUPPORTED", "unsupported media type")

TURNS = 20
"""Of the loop, in which a task hears that it is cancelled."""

LABELS = {label.name: label.color for label in (labels.REQUEST, *labels.STATES, labels.APPROVED)}


@dataclass
class World:
    """A set-up that is good until a case breaks it."""

    target: EmbeddedRegistry
    source: EmbeddedRegistry
    github: FakeGitHub
    summary: Path
    auth: Auth
    values: dict[str, str] = field(default_factory=dict)

    def set_up(self, language: str) -> None:
        self.values = {
            "TARGET_REGISTRY": self.target.host,
            "TARGET_NAMESPACE": NAMESPACE,
            "TARGET_REGISTRY_USER": USER,
            "TARGET_REGISTRY_PASSWORD": PASSWORD,
            "ALLOW_PRIVATE_HOSTS": "127.0.0.1",
            "REPORT_LANGUAGE": language,
            "GITHUB_TOKEN": self.github.token,
            "GITHUB_REPOSITORY": self.github.repository,
            "GITHUB_API_URL": self.github.api_url,
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_ACTIONS": "true",
        }

    @property
    def password(self) -> str:
        return self.values.get("TARGET_REGISTRY_PASSWORD", "").strip()

    async def examine(self, *sources: str) -> "Examined":
        """In this process."""
        document, log = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
        tried = (self.source.host, *sources)
        with redirect_stdout(document), redirect_stderr(log):
            code = await run_doctor(self.values, tried, Output(STDOUT), asyncio.Event())
        document.seek(0)
        return self.told(Result(code, document.read(), log.getvalue()))

    async def examine_by_program(self) -> "Examined":
        arguments = ("doctor", "--json", "-", "--source", self.source.host)
        return self.told(await program(*arguments, environment=self.values))

    def told(self, result: Result) -> "Examined":
        summary = self.summary.read_text(encoding="utf-8") if self.summary.exists() else ""
        return Examined(result.code, json.loads(result.stdout), result.stderr, summary)

    def normal(self, text: str) -> str:
        """Without what is another each time."""
        hosts = {self.target.host: "TARGET", self.source.host: "SOURCE"}
        for host, name in hosts.items():
            text = text.replace(host, name)
        return re.sub(r"127\.0\.0\.1(:|', )\d+", r"ELSEWHERE", text)


@dataclass(frozen=True)
class Examined:
    code: int
    document: Mapping[str, Any]
    log: str
    summary: str

    def of(self, name: str) -> list[Mapping[str, Any]]:
        return [check for check in self.document["checks"] if check["name"] == name]

    def states(self) -> dict[str, str]:
        """Of each check; where there are several, of the worst."""
        order = ["ok", "skipped", "warning", "broken"]
        found: dict[str, str] = {}
        for check in self.document["checks"]:
            found[check["name"]] = max(
                check["state"], found.get(check["name"], "ok"), key=order.index
            )
        return found

    def broken(self) -> set[str]:
        return {name for name, state in self.states().items() if state == "broken"}

    def warned(self) -> set[str]:
        return {name for name, state in self.states().items() if state == "warning"}


async def world_of(auth: Auth, tmp_path: Path, language: str = "en") -> AsyncIterator[World]:
    async with (
        EmbeddedRegistry(auth) as target,
        EmbeddedRegistry() as source,
        FakeGitHub(labels=LABELS) as github,
    ):
        world = World(target, source, github, tmp_path / "summary.md", auth)
        world.set_up(language)
        yield world


ACCOUNTS = (Account(USER, PASSWORD), Account(READER, READER_PASSWORD, may_push=False))


def compare(name: str, language: str, text: str) -> None:
    file = GOLDEN / f"{name}.{language}.md"
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


BASIC, TOKENS = Basic(ACCOUNTS), Tokens(ACCOUNTS)


@pytest.fixture(params=[TOKENS], ids=["tokens"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """Its target asks for a login, by tokens unless the test wants another one."""
    async for made in world_of(request.param, tmp_path):
        yield made


either_login = pytest.mark.parametrize(
    "world", [BASIC, TOKENS], ids=["basic", "tokens"], indirect=True
)


@dataclass(frozen=True)
class Case:
    """`cure` is part of the hint of the check that finds what `broken` and `warned` say."""

    name: str
    breaks: Callable[[World], object]
    finder: str
    cure: str
    broken: frozenset[str]
    warned: frozenset[str] = frozenset()

    @property
    def code(self) -> Exit:
        return Exit.CONFIGURATION_INVALID if self.broken else Exit.DONE


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def unset(*names: str) -> Callable[[World], object]:
    return lambda world: [world.values.pop(name) for name in names]


def change(**values: str) -> Callable[[World], object]:
    return lambda world: world.values.update(values)


def case(
    name: str,
    breaks: Callable[[World], object],
    finder: str,
    cure: str,
    *,
    broken: set[str] | None = None,
    warned: set[str] | None = None,
) -> Case:
    return Case(name, breaks, finder, cure, frozenset(broken or ()), frozenset(warned or ()))


def read_only_token(world: World) -> None:
    world.github.read_only_token = True


def read_only_token_and_no_labels(world: World) -> None:
    world.github.read_only_token = True
    world.github.forget_labels()


def issues_off(world: World) -> None:
    world.github.issues_disabled = True


REQUIRED = (
    "TARGET_REGISTRY",
    "TARGET_NAMESPACE",
    "TARGET_REGISTRY_USER",
    "TARGET_REGISTRY_PASSWORD",
)

CASES = [
    case("no-settings", unset(*REQUIRED), "settings", "such as", broken={"settings"}),
    case(
        "one-missing",
        unset("TARGET_NAMESPACE"),
        "settings",
        "the namespace below which images go",
        broken={"settings"},
    ),
    case(
        "password-missing",
        unset("TARGET_REGISTRY_PASSWORD"),
        "settings",
        "a secret",
        broken={"settings"},
    ),
    case(
        "registry-with-https",
        lambda world: world.values.update(TARGET_REGISTRY=f"https://{world.target.host}/"),
        "settings",
        "set TARGET_REGISTRY to TARGET",
        warned={"settings"},
    ),
    case(
        "namespace-missing",
        lambda world: world.target.faults.fail("POST", "*/uploads/", NO_PROJECT, times=None),
        "namespace",
        "ask its administrator to create the project mirrors",
        broken={"namespace"},
    ),
    case(
        "wrong-password",
        change(TARGET_REGISTRY_PASSWORD="not the password 5"),
        "login",
        "check TARGET_REGISTRY_USER and TARGET_REGISTRY_PASSWORD",
        broken={"login"},
    ),
    case(
        "password-with-newline",
        change(TARGET_REGISTRY_PASSWORD=f"{PASSWORD}\n"),
        "secrets",
        "without Enter at its end",
        warned={"secrets"},
    ),
    case(
        "password-in-quotes",
        change(TARGET_REGISTRY_PASSWORD=f'"{PASSWORD}"'),
        "secrets",
        "save it again without them",
        broken={"login"},
        warned={"secrets"},
    ),
    case(
        "user-of-another-registry",
        change(TARGET_REGISTRY_USER="AWS"),
        "account",
        "to an account of TARGET",
        broken={"login"},
        warned={"account"},
    ),
    case(
        "login-may-only-pull",
        change(TARGET_REGISTRY_USER=READER, TARGET_REGISTRY_PASSWORD=READER_PASSWORD),
        "push",
        "give the account the right to push to mirrors",
        broken={"push"},
    ),
    case("token-read-only", read_only_token, "token", "issues: write", broken={"token"}),
    case(
        "token-read-only-and-labels-absent",
        read_only_token_and_no_labels,
        "labels",
        "under Issues → Labels",
        broken={"token", "labels"},
    ),
    case("issues-off", issues_off, "issues", "Settings → General → Features", broken={"issues"}),
    case(
        "target-unreachable",
        lambda world: world.values.update(TARGET_REGISTRY=f"127.0.0.1:{unused_port()}"),
        "target",
        "check the port",
        broken={"target"},
    ),
    case(
        "target-out-of-order",
        lambda world: world.target.faults.fail("GET", "/v2/", UNAVAILABLE, times=None),
        "target",
        "try again later",
        broken={"target"},
    ),
    case(
        "format-refused",
        lambda world: world.target.faults.fail("PUT", "*/manifests/*", NO_SCHEMA_2, times=None),
        "format",
        "set MIRROR_FORMAT to oci",
        broken={"format"},
    ),
    case(
        "format-unsupported",
        lambda world: world.target.faults.fail(
            "PUT", "*/manifests/*", UNSUPPORTED_TYPE, times=None
        ),
        "format",
        "set MIRROR_FORMAT to oci",
        broken={"format"},
    ),
    case(
        "format-oci-refused",
        lambda world: (
            change(MIRROR_FORMAT="oci")(world),
            world.target.faults.fail("PUT", "*/manifests/*", UNSUPPORTED_TYPE, times=None),
        ),
        "format",
        "unset MIRROR_FORMAT",
        broken={"format"},
    ),
    case(
        "bad-rules",
        lambda world: world.github.files.update(
            {".github/registry-mirror.yml": b"limits:\n  images-per-dey: 3\n"}
        ),
        "rules",
        "images-per-day",
        broken={"rules"},
    ),
    case(
        "actions-off",
        lambda world: setattr(world.github, "actions_enabled", False),
        "actions",
        "Allow all actions",
        broken={"actions"},
    ),
    case(
        "bad-number",
        change(MAX_PARALLEL="many"),
        "settings",
        "leave it empty",
        broken={"settings"},
    ),
    case(
        "target-is-a-web-page",
        lambda world: world.target.faults.add("*", "*", WEB_PAGE, times=None),
        "target",
        "not that of a web console",
        broken={"target"},
    ),
    case(
        "target-read-only",
        lambda world: world.target.faults.fail("POST", "*/uploads/", READ_ONLY, times=None),
        "push",
        "set TARGET_REGISTRY and TARGET_NAMESPACE to where pushes are taken",
        broken={"push"},
    ),
    case(
        "target-is-a-console",
        change(TARGET_REGISTRY="https://hub.docker.com/u/mirrors"),
        "settings",
        "the host that docker login takes, probably docker.io",
        broken={"settings"},
    ),
    case(
        "source-account-not-base64",
        change(SOURCE_AUTH_JSON='{"auths": {"ghcr.io": {"auth": "user:token"}}}'),
        "secrets",
        "printf '%s' 'user:token' | base64 | tr -d '\\n'",
        broken={"secrets"},
    ),
    case(
        "source-account-of-a-helper",
        change(SOURCE_AUTH_JSON='{"auths": {"ghcr.io": {}}, "credsStore": "desktop"}'),
        "secrets",
        'write it as {"auths": {"HOST": {"auth": "…"}}}',
        broken={"secrets"},
    ),
    case(
        "wide-open",
        change(REQUEST_POLICY="everyone"),
        "issues",
        "approval",
        warned={"issues"},
    ),
]


OF_LOGIN = {"wrong-password", "user-of-another-registry", "login-may-only-pull"}
GOOD = case("good", lambda _: None, "", "")
SHOWN = {
    "no-settings",
    "registry-with-https",
    "namespace-missing",
    "wrong-password",
    "password-with-newline",
    "login-may-only-pull",
    "token-read-only-and-labels-absent",
    "issues-off",
    "target-unreachable",
    "format-refused",
    "bad-rules",
    "target-is-a-web-page",
    "target-read-only",
    "target-is-a-console",
    "source-account-not-base64",
}


@pytest.mark.parametrize(
    ("world", "broken"),
    [
        *(pytest.param(TOKENS, each, id=each.name) for each in CASES),
        *(pytest.param(BASIC, e, id=f"{e.name}-basic") for e in CASES if e.name in OF_LOGIN),
    ],
    indirect=["world"],
)
async def test_what_is_broken_is_found_with_its_cure(world: World, broken: Case) -> None:
    broken.breaks(world)
    found = await world.examine()
    assert found.broken() == broken.broken, found.log
    assert found.warned() == broken.warned, found.log
    hints = [check["hint"] for check in found.of(broken.finder) if check["hint"]]
    assert any(broken.cure in world.normal(hint) for hint in hints), hints
    assert found.code == broken.code
    assert found.document["ok"] is not bool(broken.broken)
    told = found.log + found.summary + str(found.document)
    secrets = {PASSWORD, READER_PASSWORD, world.github.token, world.password}
    assert not [secret for secret in secrets if secret and secret in told]
    if broken.name in SHOWN and world.auth is TOKENS:
        compare(broken.name, "en", world.normal(found.summary))


@pytest.mark.parametrize(
    "shown", [GOOD, *(each for each in CASES if each.name in SHOWN)], ids=lambda each: each.name
)
async def test_the_summary_in_chinese(tmp_path: Path, shown: Case) -> None:
    async for world in world_of(TOKENS, tmp_path, "zh"):
        shown.breaks(world)
        found = await world.examine()
        compare(shown.name, "zh", world.normal(found.summary))


@either_login
async def test_a_good_set_up_is_green_and_nothing_is_left_behind(world: World) -> None:
    found = await world.examine_by_program()
    assert found.code == Exit.DONE
    assert set(found.states().values()) == {"ok"}, found.log
    compare("good", "en", world.normal(found.summary))
    assert world.target.repositories() == ()
    asked = [(seen.method, seen.status) for seen in world.target.requests]
    assert asked.count(("POST", 202)) == asked.count(("DELETE", 204)) == 1
    assert ("PUT", 201) not in asked


async def test_a_real_registry_is_as_it_was(
    docker_registry_basic: Server, tmp_path: Path, world: World
) -> None:
    world.values["TARGET_REGISTRY"] = docker_registry_basic.host
    found = await world.examine_by_program()
    assert found.code == Exit.DONE, found.log
    assert set(found.states().values()) == {"ok"}
    data = tmp_path / "registry-basic" / "data"
    left = {
        path.name for path in data.rglob("*") if path.is_file() and "hashstates" not in path.parts
    }
    assert left == set(), "docker-registry itself writes a hash state once a session is deleted"
    catalog = f"{docker_registry_basic.url}/v2/_catalog"
    headers = {"Authorization": basic()}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.get(catalog) as response,
    ):
        assert await response.json() == {"repositories": []}


async def test_labels_that_are_missing_are_created_with_their_colours(world: World) -> None:
    world.github.forget_labels()
    found = await world.examine()
    assert found.code == Exit.DONE
    assert "mirror-request" in found.of("labels")[0]["message"]
    assert {name: label.color for name, label in world.github.labels().items()} == LABELS


async def test_a_manifest_that_is_taken_is_deleted_again(world: World) -> None:
    """By a registry that doesn't look whether blobs are there."""
    world.target.faults.add("PUT", "*/manifests/*", Reply(201))
    deleted = world.target.faults.add("DELETE", "*/manifests/*", Reply(202))
    found = await world.examine()
    assert found.states()["format"] == "ok"
    assert deleted.hits == 1


async def test_a_manifest_that_stays_is_told(world: World) -> None:
    world.target.faults.add("PUT", "*/manifests/*", Reply(201))
    refusal = Refusal(405, "UNSUPPORTED", "the operation is unsupported")
    world.target.faults.fail("DELETE", "*/manifests/*", refusal)
    found = await world.examine()
    assert found.code == Exit.DONE
    (check,) = found.of("format")
    assert check["state"] == "warning"
    assert f"{world.target.host}/mirrors/registry-mirror-doctor@sha256:" in check["message"]


async def test_in_a_shell_it_says_what_it_leaves_out(world: World) -> None:
    for name in ("GITHUB_TOKEN", "GITHUB_REPOSITORY", "REPORT_LANGUAGE"):
        del world.values[name]
    found = await world.examine()
    assert found.code == Exit.DONE
    skipped = {name for name, state in found.states().items() if state == "skipped"}
    assert skipped == {"token", "issues", "actions", "labels", "rules"}
    assert "[skipped] Labels: looked at in GitHub Actions only" in found.log
    assert world.github.requests == []
    assert all(check["link"] is None for check in found.document["checks"])


async def test_a_shell_may_leave_the_login_to_docker(world: World, tmp_path: Path) -> None:
    for name in ("GITHUB_TOKEN", "TARGET_REGISTRY_USER", "TARGET_REGISTRY_PASSWORD"):
        del world.values[name]
    account = {"username": USER, "password": PASSWORD}
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"auths": {world.target.host: account}}), encoding="utf-8")
    world.values["REGISTRY_AUTH_FILE"] = str(config)
    found = await world.examine()
    assert found.code == Exit.DONE, found.log
    assert found.states()["login"] == "ok"


async def test_the_registries_that_the_rules_allow_are_the_ones_tried(world: World) -> None:
    rules = f"sources:\n  allow: ['{world.source.host}/library/*']\n"
    world.github.files[".github/registry-mirror.yml"] = rules.encode()
    world.values.pop("GITHUB_STEP_SUMMARY")
    result = await program("doctor", environment=world.values)
    assert result.code == Exit.DONE
    assert f"all can be reached: {world.source.host}\n" in result.stdout
    assert [seen.path for seen in world.source.requests] == ["/v2/"]


async def test_a_source_out_of_reach_stops_nobody(world: World) -> None:
    away = f"127.0.0.1:{unused_port()}"
    found = await world.examine(away)
    assert found.code == Exit.DONE
    (reached, unreached) = found.of("sources")
    assert world.source.host in reached["message"]
    assert (unreached["state"], away in unreached["message"]) == ("warning", True)


async def test_an_account_for_a_source_that_is_refused(world: World) -> None:
    async with EmbeddedRegistry(Tokens(ACCOUNTS, anonymous_pull=True)) as source:
        account = {"username": "who", "password": "wrong 99"}
        auths = json.dumps({"auths": {source.host: account}})
        world.values["SOURCE_AUTH_JSON"] = auths
        found = await world.examine(source.host)
        assert found.warned() == {"sources"}
        assert "renew the account" in found.of("sources")[-1]["hint"]
        assert "wrong 99" not in found.log + str(found.document)


async def test_a_repository_that_the_token_is_not_open_to(world: World) -> None:
    world.values["GITHUB_TOKEN"] = "another-token"
    found = await world.examine()
    assert found.broken() == {"token"}
    assert "another-token" not in found.log
    assert found.states()["labels"] == "skipped"


async def test_what_a_registry_says_is_inert(world: World) -> None:
    said = (
        "::error::x\n::set-output name=a::b | @everyone [link](https://evil.example) <img src=x> `"
    )
    world.target.faults.fail("POST", "*/uploads/", Refusal(403, "DENIED", said), times=None)
    found = await world.examine()
    assert found.broken() == {"push"}
    page = render(found.summary)
    assert page.elements.count("table") == 1
    assert not [element for element in page.elements if element.startswith("img")]
    links = {element for element in page.elements if element.startswith("a ")}
    assert links == set()
    assert "@everyone" not in page.words
    assert not [line for line in found.log.splitlines() if line.lstrip().startswith("::")]


async def test_a_target_that_lets_anybody_in_tells_nothing_of_the_login(world: World) -> None:
    world.target.faults.add("GET", "/v2/", Reply(200), times=None)
    found = await world.examine()
    assert found.code == Exit.DONE, found.log
    (login,) = found.of("login")
    assert (login["state"], login["link"]) == ("skipped", None)
    assert "didn't ask who we are" in login["message"]
    assert found.states()["push"] == "ok"


@either_login
async def test_the_password_is_doubted_where_nobody_has_looked_at_it_before(world: World) -> None:
    world.target.faults.add("GET", "/v2/", Reply(200), times=None)
    world.values["TARGET_REGISTRY_PASSWORD"] = "not the password 5"
    found = await world.examine()
    assert found.states()["login"] == "skipped"
    assert found.broken() >= {"push"}
    (push,) = found.of("push")
    assert "the account or its password is wrong, or it lacks the right" in push["message"]
    assert "check TARGET_REGISTRY_USER and TARGET_REGISTRY_PASSWORD first" in push["hint"]
    assert push["link"].endswith("/settings/secrets/actions")
    assert "login is fine" not in found.log + found.summary


async def test_an_upload_that_can_not_be_deleted_is_told(world: World) -> None:
    refusal = Refusal(405, "UNSUPPORTED", "the operation is unsupported")
    world.target.faults.fail("DELETE", "*/blobs/uploads/*", refusal, times=None)
    found = await world.examine()
    assert found.code == Exit.DONE
    (push,) = found.of("push")
    assert push["state"] == "ok"
    assert "could not be deleted: the registry ends it by itself" in push["message"]
    assert "opened and deleted" not in found.log


@asynccontextmanager
async def signalled(world: World, hold: Hold) -> AsyncIterator[asyncio.subprocess.Process]:
    """The program, which has asked for what is held and been told to stop."""
    arguments = ("doctor", "--json", "-", "--source", world.source.host)
    process = await start(*arguments, environment=world.values)
    try:
        async with asyncio.timeout(20):
            await hold.arrived.wait()
            process.send_signal(signal.SIGINT)
            yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_a_signal_ends_it_and_what_was_not_looked_at_is_told(world: World) -> None:
    hold = world.target.faults.hold("HEAD", "*/manifests/*")
    async with signalled(world, hold) as process:
        found = world.told(await finish(process))
    assert found.code == Exit.INTERRUPTED
    assert found.document["ok"] is False
    states = found.states()
    assert states["login"] == "ok"
    unseen = ["namespace", "push", "pull", "format", "token", "issues", "actions", "labels"]
    unseen += ["rules", "sources", "quota"]
    assert [name for name, state in states.items() if state == "skipped"] == unseen
    assert "ready to use" not in found.log + found.summary
    assert "Set-up: broken off before all was looked at" in found.log
    assert "[skipped] Format: not looked at" in found.log
    assert "to have the rest looked at" in found.summary


async def stop_at(hold: Hold, world: World) -> Exit:
    """Told to stop while what is held is on its way, which gets its answer only then."""
    stop = asyncio.Event()
    sources = (world.source.host,)
    running = asyncio.create_task(run_doctor(world.values, sources, Output(), stop))
    async with asyncio.timeout(20):
        await hold.arrived.wait()
        stop.set()
        for _ in range(TURNS):
            await asyncio.sleep(0)
        hold.released.set()
        return await running


async def test_a_manifest_on_its_way_is_deleted_all_the_same(world: World) -> None:
    content = b"registry-mirror doctor: nobody ever uploads this"
    assert world.target.put_blob(f"{NAMESPACE}/{PROBE}", content) == NOWHERE
    put = world.target.faults.hold("PUT", "*/manifests/*")
    deleted = world.target.faults.add("DELETE", "*/manifests/*", Reply(202))
    assert await stop_at(put, world) == Exit.INTERRUPTED
    asked = [(seen.method, seen.status) for seen in world.target.requests]
    assert asked.count(("PUT", 201)) == deleted.hits == 1


async def test_an_upload_on_its_way_is_deleted_all_the_same(world: World) -> None:
    opened = world.target.faults.hold("POST", "*/uploads/")
    assert await stop_at(opened, world) == Exit.INTERRUPTED
    asked = [(seen.method, seen.status) for seen in world.target.requests]
    assert asked.count(("POST", 202)) == asked.count(("DELETE", 204)) == 1
