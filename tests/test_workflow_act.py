"""The workflow itself, run by act with real skopeo and a real registry as its target."""

import asyncio
import base64
import json
import os
import re
import signal
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Self

import pytest

from registry_mirror.embedded.auth import Account, Basic
from registry_mirror.embedded.images import build_index, build_layer
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.oci.media_type import DOCKER_MANIFEST, DOCKER_MANIFEST_LIST
from registry_mirror.oci.platform import Platform
from tests.act_runs import (
    Fork,
    Scene,
    act,
    command_line,
    descendants,
    environment_of,
    run_act,
)
from tests.fake_github import FakeGitHub
from tests.issue_requests import (
    LABEL,
    Shown,
    form,
    images_of,
    media_type_at,
    settings,
    small_image,
)
from tests.registries import PASSWORD, USER, Server, basic, docker_registry, require_peer
from tests.rendered import render

INSTALL, MIRROR, CLOSING = "Install", "Mirror and report", "Answer if nothing else did"

ASKED_FOR = ("manifests", "blobs")

ODD_PASSWORD = 'it\'s "quoted" pässwörd 密码'
ODD_HTPASSWD = "mirror:$2y$05$abcdefghijklmnopqrstuu59fHxCVVJVYas.1NPnMI3PkhsQpA.iK\n"


@pytest.fixture
async def github() -> AsyncIterator[FakeGitHub]:
    async with FakeGitHub() as fake:
        yield fake


def scene(
    github: FakeGitHub,
    number: int,
    *,
    action: str = "opened",
    variables: dict[str, str] | None = None,
    secrets: dict[str, str] | None = None,
) -> Scene:
    """An event that the repository's owner caused."""
    return Scene(
        github.event(action, number, github.repository.partition("/")[0]),
        github.api_url,
        variables or {},
        {"GITHUB_TOKEN": github.token, **(secrets or {})},
    )


@pytest.mark.parametrize("engine", ["native", "skopeo"])
async def test_six_images_of_which_two_come_later(
    fork: Fork, github: FakeGitHub, docker_registry_basic: Server, tmp_path: Path, engine: str
) -> None:
    target, account = docker_registry_basic, Account("reader", "secret of the source")
    shared = build_layer({"base": b"shared by two"})
    both = [small_image("both", platform=Platform("linux", cpu)) for cpu in ("amd64", "arm64")]
    async with (
        EmbeddedRegistry() as open_source,
        EmbeddedRegistry(Basic((account,))) as private,
        EmbeddedRegistry() as late,
        Door() as door,
    ):
        open_source.put("library/one", "1", small_image("one", shared))
        open_source.put("library/two", "2", small_image("two", shared))
        open_source.put("library/both", "3", build_index(both))
        open_source.put("library/missing", "4", small_image("present"))
        private.put("team/app", "4", small_image("app"))
        late.put("library/down", "6", small_image("down"))
        number = github.open_issue(
            form(
                [
                    f"{open_source.host}/library/one:1",
                    f"{open_source.host}/library/two:2",
                    f"{open_source.host}/library/both:3 --all",
                    f"{private.host}/team/app:4",
                    f"{open_source.host}/library/missing:5",
                    f"{door.host}/library/down:6",
                ]
            ),
            [LABEL],
        )
        variables = settings(target.host, MAX_RETRIES="1", MIRROR_ENGINE=engine)
        secrets = {
            "TARGET_REGISTRY_PASSWORD": PASSWORD,
            "SOURCE_AUTH_JSON": docker_config(private.host, account),
        }
        opened = scene(github, number, variables=variables, secrets=secrets)
        first = await run_act(fork.bare, tmp_path / "first", opened)

        assert images_of(first.document(MIRROR)) == [
            Shown("one:1", "copied", None),
            Shown("two:2", "copied", None),
            Shown("both:3", "copied", None),
            Shown("app:4", "copied", None),
            Shown("missing:5", "failed", "tag-not-found"),
            Shown("down:6", "failed", "source-unavailable"),
        ]
        issue = github.issue(number)
        assert (issue.state, issue.labels) == ("open", [LABEL, "failed"])
        assert [(reaction.user, reaction.content) for reaction in issue.reactions] == [
            ("github-actions[bot]", "eyes")
        ]
        status, report = github.comments(number)
        assert len(github.seen("PATCH", f"/issues/comments/{status.id}$")) >= 1
        assert "actions/runs/1" in status.body
        assert report.body.count("✅ copied") == 4
        assert "`tag-not-found`" in report.body
        assert "`source-unavailable`" in report.body
        assert first.exit_code == 0
        assert first.result(CLOSING) == ""
        assert report.body.partition("\n")[2] in first.summary()

        open_source.put("library/missing", "5", small_image("missing"))
        async with door.opened_to(late.host):
            reopened = scene(
                github, number, action="reopened", variables=variables, secrets=secrets
            )
            second = await run_act(fork, tmp_path / "second", reopened)

        assert [(each.name, each.status) for each in images_of(second.document(MIRROR))] == [
            ("one:1", "unchanged"),
            ("two:2", "unchanged"),
            ("both:3", "unchanged"),
            ("app:4", "unchanged"),
            ("missing:5", "copied"),
            ("down:6", "copied"),
        ]
        assert (issue.state, issue.state_reason) == ("closed", "completed")
        assert issue.labels == [LABEL, "completed"]
        assert github.labels()["completed"].color == "0e8a16"
        assert len(github.comments(number)) == 4
        held = {name: await media_type_at(target, name) for name in ("one:1", "app:4", "down:6")}
        assert held == dict.fromkeys(held, DOCKER_MANIFEST)
        assert await media_type_at(target, "both:3") == DOCKER_MANIFEST_LIST


async def test_a_fork_without_the_label_gets_it(
    fork: Fork, docker_registry_basic: Server, embedded: EmbeddedRegistry, tmp_path: Path
) -> None:
    embedded.put("library/one", "1", small_image("one"))
    async with FakeGitHub(labels={}) as github:
        github.permission_refused = True
        number = github.open_issue(form([f"{embedded.host}/library/one:1"]), [LABEL])
        assert github.issue(number).labels == []
        variables = settings(docker_registry_basic.host)
        secrets = {"TARGET_REGISTRY_PASSWORD": PASSWORD}
        await run_act(
            fork, tmp_path / "home", scene(github, number, variables=variables, secrets=secrets)
        )

        assert github.labels()[LABEL].color == "0075ca"
        assert github.issue(number).labels == [LABEL, "completed"]
        assert github.issue(number).state == "closed"


@pytest.mark.parametrize("body", ["The form is broken, please help.\n\nnginx:1.27", "", None])
async def test_an_issue_that_is_no_request_is_left_alone(
    body: str | None, fork: Fork, github: FakeGitHub, tmp_path: Path
) -> None:
    number = github.open_issue(body, ["question"])
    run = await run_act(fork, tmp_path / "home", scene(github, number))
    assert run.exit_code == 0
    assert run.result(INSTALL) == ""
    assert github.requests == []


async def test_settings_that_nobody_filled_in_are_named_on_the_issue(
    fork: Fork, github: FakeGitHub, tmp_path: Path
) -> None:
    number = github.open_issue(form(["nginx:1.27"]), [LABEL])
    run = await run_act(fork, tmp_path / "home", scene(github, number))

    assert (run.exit_code, run.result(MIRROR), run.result(CLOSING)) == (1, "failure", "")
    assert "exit status 3" in run.log
    (comment,) = github.comments(number)
    assert {"TARGET_REGISTRY", "TARGET_NAMESPACE"} <= set(render(comment.body).code)
    assert github.issue(number).state == "open"
    assert github.issue(number).labels == [LABEL, "failed"]


async def test_an_installation_that_fails_is_answered(
    fork: Fork, github: FakeGitHub, tmp_path: Path
) -> None:
    number = github.open_issue(form(["nginx:1.27"]), [LABEL])
    wheels = tmp_path / "none"
    wheels.mkdir()
    broken = replace(fork.bare, wheels=wheels)
    run = await run_act(broken, tmp_path / "home", scene(github, number))

    results = (run.result(INSTALL), run.result(MIRROR), run.result(CLOSING))
    assert results == ("failure", "", "success")
    (comment,) = github.comments(number)
    assert "actions/runs/1" in comment.body
    assert github.issue(number).labels == [LABEL, "failed"]


async def test_a_killed_run_is_answered_and_leaves_no_credentials(
    fork: Fork,
    github: FakeGitHub,
    docker_registry_basic: Server,
    embedded: EmbeddedRegistry,
    tmp_path: Path,
) -> None:
    embedded.put("library/one", "1", small_image("one"))
    held = embedded.faults.hold("GET", "/v2/library/one/manifests/*")
    number = github.open_issue(form([f"{embedded.host}/library/one:1"]), [LABEL])
    given = scene(
        github,
        number,
        variables=settings(docker_registry_basic.host, MIRROR_ENGINE="skopeo"),
        secrets={"TARGET_REGISTRY_PASSWORD": PASSWORD},
    )
    home = tmp_path / "home"
    async with act(fork, home, given) as running:
        await running.until(held.arrived)
        (folder,) = private_folders(home)
        os.kill(running.entry_process(), signal.SIGKILL)
        run = await running.finished()

    assert (run.result(MIRROR), run.result(CLOSING)) == ("failure", "success")
    assert not folder.exists()
    assert private_folders(home) == []
    status, answer = github.comments(number)
    assert "killed" in status.body
    assert "killed" in answer.body
    assert "actions/runs/1" in answer.body
    assert github.issue(number).state == "open"
    assert github.issue(number).labels == [LABEL, "failed"]


async def test_the_password_is_nowhere_to_be_seen(
    fork: Fork, github: FakeGitHub, embedded: EmbeddedRegistry, tmp_path: Path
) -> None:
    require_peer("docker-registry")
    hidden = {ODD_PASSWORD, json.dumps(ODD_PASSWORD), *encoded_forms(USER, ODD_PASSWORD)}
    embedded.put("library/one", "1", small_image("one"))
    holds = [embedded.faults.hold("GET", f"/v2/library/one/{kind}/*") for kind in ASKED_FOR]
    directory, home = tmp_path / "registry", tmp_path / "home"
    directory.mkdir()
    async with docker_registry(directory, htpasswd=True) as target:
        (directory / "htpasswd").write_text(ODD_HTPASSWD, encoding="utf-8")
        number = github.open_issue(
            form([f"{embedded.host}/library/one:1", f"{embedded.host}/library/absent:1"]), [LABEL]
        )
        given = scene(
            github,
            number,
            variables=settings(target.host, MIRROR_ENGINE="skopeo"),
            secrets={"TARGET_REGISTRY_PASSWORD": ODD_PASSWORD},
        )
        async with act(fork, home, given) as running:
            seen = ""
            for held in holds:
                await running.until(held.arrived)
                processes = [running.process.pid, *descendants(running.process.pid)]
                seen += "".join(" ".join(command_line(pid)) for pid in processes)
                seen += "".join(environment_of(pid) for pid in processes if is_skopeo(pid))
                (folder,) = private_folders(home)
                assert mode_of(folder) == 0o700
                assert {mode_of(file) for file in folder.glob("*.json")} == {0o600}
                held.released.set()
            run = await running.finished()
        authorization = basic(USER, ODD_PASSWORD)
        assert await media_type_at(target, "one:1", authorization) == DOCKER_MANIFEST

    assert "--insecure-policy inspect" in seen
    assert "--dest-authfile" in seen
    seen += run.log + "".join(comment.body for comment in github.comments(number))
    assert [text for text in hidden if text in seen] == []
    assert files_with(hidden, home) == []


HOSTILE = (
    "nginx:1.27; touch pwned",
    "$(touch pwned) `touch pwned` && touch pwned | tee pwned",
    "::add-mask::nginx",
    "  ::error::nothing to see",
    "##[add-mask]nginx",
    "x ##[error]nothing to see",
    "@everyone please see #1 and me/fork@0000000",
    "a | b | c",
    "</details><h1>big</h1><img src=http://example.com/x.png><!-- x -->",
    "![x](http://example.com/x.png) [click](http://example.com)",
    "~~~~",
    "````",
    "### 选项 / Options",
    "-v --help",
    "\u202enginx:1.27\u200b",
    "http://example.com/<script>alert(1)</script>",
)


async def test_a_hostile_body_changes_nothing_but_the_list_of_problems(
    fork: Fork, github: FakeGitHub, docker_registry_basic: Server, tmp_path: Path
) -> None:
    lines = [f"{line} {number}" for number in range(480) for line in HOSTILE]
    body = form(lines)
    assert len(body.encode()) > 240_000
    number = github.open_issue(body, [LABEL])
    home = tmp_path / "home"
    given = scene(
        github,
        number,
        variables=settings(docker_registry_basic.host),
        secrets={"TARGET_REGISTRY_PASSWORD": PASSWORD},
    )
    run = await run_act(fork, home, given)

    assert (run.exit_code, run.result(MIRROR), run.result(CLOSING)) == (0, "success", "")
    assert github.issue(number).labels == [LABEL, "invalid"]
    assert github.issue(number).state == "open"
    assert [each for each in run.output() if each.lstrip().startswith("::") or "##[" in each] == []
    assert run.commands() == {"set-output", "add-path"}
    assert list(home.rglob("pwned")) == []

    (comment,) = github.comments(number)
    page = render(comment.body)
    assert page.elements.pop(0).startswith("! registry-mirror invalid ")
    assert {element.partition(" ")[0] for element in page.elements} <= {
        *("h2", "p", "strong", "code", "pre"),
        *("table", "thead", "tbody", "tr", "th", "td"),
    }
    assert not re.search(r"everyone|#1\b|example\.com|touch|big|https?://\w", page.words)
    assert any("@everyone" in code for code in page.code)


class Door:
    """An address on loopback where nobody answers, until it is opened to a registry."""

    async def __aenter__(self) -> Self:
        probe = await asyncio.start_server(self._let_through, "127.0.0.1", 0)
        self._port: int = probe.sockets[0].getsockname()[1]
        probe.close()
        await probe.wait_closed()
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._port}"

    @asynccontextmanager
    async def opened_to(self, host: str) -> AsyncIterator[None]:
        self._behind = host
        server = await asyncio.start_server(self._let_through, "127.0.0.1", self._port)
        try:
            yield
        finally:
            server.close()
            await server.wait_closed()

    async def _let_through(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        host, _, port = self._behind.partition(":")
        there_reader, there_writer = await asyncio.open_connection(host, int(port))
        await asyncio.gather(_pour(reader, there_writer), _pour(there_reader, writer))


async def _pour(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while chunk := await source.read(64 * 1024):
            target.write(chunk)
            await target.drain()
    except ConnectionError:
        pass
    finally:
        target.close()


def docker_config(host: str, account: Account) -> str:
    auth = base64.b64encode(f"{account.user}:{account.password}".encode()).decode()
    return json.dumps({"auths": {host: {"auth": auth}}})


def private_folders(home: Path) -> list[Path]:
    """What runs keep in their temporary folder, by the name that these folders begin with."""
    return [path for path in home.rglob("registry-mirror-*") if path.is_dir()]


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def is_skopeo(pid: int) -> bool:
    return command_line(pid)[:1] == ("skopeo",)


def encoded_forms(user: str, password: str) -> Iterator[str]:
    """base64 of a password, and of the pair that HTTP sends, wherever they begin in three bytes."""
    for text in (password, f"{user}:{password}"):
        for shift in range(3):
            encoded = base64.b64encode(b"." * shift + text.encode()).decode()
            yield encoded[4 if shift else 0 : -4]


def files_with(texts: set[str], folder: Path) -> list[Path]:
    needles = [text.encode() for text in texts]
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return [file for file in files if any(text in file.read_bytes() for text in needles)]
