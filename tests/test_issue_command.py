"""`registry-mirror issue` as the workflow's step starts it, where act would add nothing."""

import asyncio
import json
import signal
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from registry_mirror import commands
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.oci.media_type import DOCKER_MANIFEST
from registry_mirror.output import Output
from tests.fake_github import FakeGitHub
from tests.github_repository import MAX_BODY
from tests.issue_requests import (
    LABEL,
    Shown,
    form,
    images_of,
    media_type_at,
    settings,
    small_image,
)
from tests.program import Result, finish, start
from tests.registries import PASSWORD, Server, require_peer
from tests.rendered import render


@pytest.fixture
async def github() -> AsyncIterator[FakeGitHub]:
    async with FakeGitHub() as fake:
        yield fake


@pytest.fixture
async def source() -> AsyncIterator[EmbeddedRegistry]:
    require_peer("skopeo")
    async with EmbeddedRegistry() as registry:
        registry.put("library/one", "1", small_image("one"))
        yield registry


def runner_environment(github: FakeGitHub, event: Path) -> dict[str, str]:
    return {
        "GITHUB_EVENT_NAME": "issues",
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_API_URL": github.api_url,
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_REPOSITORY": github.repository,
        "GITHUB_RUN_ID": "1",
        "GITHUB_TOKEN": github.token,
    }


class Step:
    """The step of one run, with a folder for the files that a runner hands to it."""

    def __init__(self, github: FakeGitHub, folder: Path, variables: Mapping[str, str]) -> None:
        self._github, self._folder, self._variables = github, folder, variables
        self.summary, self.outputs = folder / "summary.md", folder / "outputs"

    async def start(
        self, number: int, action: str = "opened", sender: str = "me"
    ) -> asyncio.subprocess.Process:
        event = self._folder / "event.json"
        event.write_text(json.dumps(self._github.event(action, number, sender)), encoding="utf-8")
        environment = {
            **runner_environment(self._github, event),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_OUTPUT": str(self.outputs),
            "TMPDIR": str(self._folder),
            **self._variables,
        }
        return await start("issue", "--json", "-", environment=environment)

    async def run(self, number: int, action: str = "opened", sender: str = "me") -> Result:
        return await finish(await self.start(number, action, sender))


@pytest.fixture
def step(github: FakeGitHub, embedded: EmbeddedRegistry, tmp_path: Path) -> Step:
    """It mirrors into `embedded`, which asks for no password."""
    variables = settings(embedded.host, TARGET_REGISTRY_USER="", MAX_RETRIES="0")
    return Step(github, tmp_path, variables)


def document(result: Result) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(result.stdout)
    return read


async def test_two_images_of_one_name_are_refused_until_one_is_renamed(
    github: FakeGitHub, docker_registry_basic: Server, source: EmbeddedRegistry, tmp_path: Path
) -> None:
    source.put("other/one", "1", small_image("another"))
    first, second = f"{source.host}/library/one:1", f"{source.host}/other/one:1"
    number = github.open_issue(form([first, second]), [LABEL], author="alice")
    github.permissions["alice"] = "write"
    variables = settings(docker_registry_basic.host, TARGET_REGISTRY_PASSWORD=PASSWORD)
    step = Step(github, tmp_path, variables)
    refused = await step.run(number, sender="alice")

    assert refused.code == 0
    issue = github.issue(number)
    assert (issue.state, issue.labels) == ("open", [LABEL, "invalid"])
    (comment,) = github.comments(number)
    page = render(comment.body)
    assert second in page.code
    assert any(f"{first}" in code for code in page.code)
    assert "line 4" in page.words
    assert await media_type_at(docker_registry_basic, "one:1") is None

    issue.body = form([first, f"{second} --as another:1"])
    passed = await step.run(number, "reopened", sender="alice")
    assert [image.status for image in images_of(document(passed))] == ["copied", "copied"]
    assert (issue.state, issue.labels) == ("closed", [LABEL, "completed"])
    for name in ("one:1", "another:1"):
        assert await media_type_at(docker_registry_basic, name) == DOCKER_MANIFEST


async def test_who_may_not_write_gets_an_answer_and_nothing_else(
    github: FakeGitHub, source: EmbeddedRegistry, embedded: EmbeddedRegistry, tmp_path: Path
) -> None:
    variables = settings(embedded.host, TARGET_REGISTRY_USER="", REQUEST_POLICY="collaborators")
    step = Step(github, tmp_path, variables)
    github.permissions["stranger"] = "read"
    body = form([f"{source.host}/library/one:1"])
    number = github.open_issue(body, [LABEL], author="stranger")
    result = await step.run(number, sender="stranger")

    assert result.code == 0
    (comment,) = github.comments(number)
    assert "stranger" in render(comment.body).code
    assert github.issue(number).labels == [LABEL, "refused"]
    assert github.issue(number).state == "open"
    assert source.requests == embedded.requests == []
    assert step.outputs.read_text(encoding="utf-8").endswith("\nanswered=true\n")


@pytest.mark.slow
async def test_two_hundred_images_fit(
    github: FakeGitHub, source: EmbeddedRegistry, embedded: EmbeddedRegistry, tmp_path: Path
) -> None:
    long = "with-a-name-of-no-small-length"
    names = [f"{long}-{number:03}" for number in range(200)]
    for name in names:
        source.put(f"library/{name}", "1", small_image(name))
    variables = settings(embedded.host, TARGET_REGISTRY_USER="", MAX_IMAGES="200", MAX_PARALLEL="4")
    number = github.open_issue(form(f"{source.host}/library/{name}:1" for name in names), [LABEL])
    result = await Step(github, tmp_path, variables).run(number)

    listed = images_of(document(result))
    assert listed == [Shown(f"{name}:1", "copied", None) for name in names]
    sizes = [len(comment.body.encode()) for comment in github.comments(number)]
    assert len(sizes) == 2
    assert max(sizes) <= MAX_BODY
    assert github.issue(number).state == "closed"


@pytest.mark.parametrize("trouble", ["issues_disabled", "read_only_token"])
async def test_a_github_that_refuses_costs_no_report(
    trouble: str, github: FakeGitHub, source: EmbeddedRegistry, step: Step
) -> None:
    number = github.open_issue(form([f"{source.host}/library/one:1"]), [LABEL])
    setattr(github, trouble, True)
    result = await step.run(number)

    assert github.comments(number) == []
    assert result.code == 1
    assert "copied" in result.stderr
    assert "/library/one:1" in result.stderr
    assert "Resource not accessible" in result.stderr or "disabled" in result.stderr
    assert "✅ copied" in step.summary.read_text(encoding="utf-8")
    assert [image.status for image in images_of(document(result))] == ["copied"]


@pytest.mark.parametrize("number_of_signal", [signal.SIGINT, signal.SIGTERM])
async def test_a_cancelled_run_reports_before_the_runner_loses_patience(
    number_of_signal: signal.Signals,
    github: FakeGitHub,
    source: EmbeddedRegistry,
    step: Step,
    tmp_path: Path,
) -> None:
    source.put("library/held", "2", small_image("held"))
    held = source.faults.hold("GET", "/v2/library/held/manifests/*")
    lines = [f"{source.host}/library/one:1", f"{source.host}/library/held:2"]
    number = github.open_issue(form(lines), [LABEL])
    process = await step.start(number)
    async with asyncio.timeout(30):
        await held.arrived.wait()
    asked = time.monotonic()
    process.send_signal(number_of_signal)
    result = await finish(process)

    assert time.monotonic() - asked < 5
    assert images_of(document(result))[1] == Shown("held:2", "failed", "cancelled")
    status, report = github.comments(number)
    assert "cancelled" in status.body
    assert "`cancelled`" in report.body
    assert github.issue(number).labels == [LABEL, "failed"]
    assert "answered=true" in step.outputs.read_text(encoding="utf-8")
    assert list(tmp_path.glob("registry-mirror-*")) == []


async def test_a_run_that_is_cancelled_while_it_uploads_leaves_no_session(
    github: FakeGitHub, source: EmbeddedRegistry, embedded: EmbeddedRegistry, step: Step
) -> None:
    held = embedded.faults.hold("PUT", "/v2/mirrors/one/blobs/uploads/?*")
    number = github.open_issue(form([f"{source.host}/library/one:1"]), [LABEL])
    process = await step.start(number)
    async with asyncio.timeout(30):
        await held.arrived.wait()
    asked = time.monotonic()
    process.send_signal(signal.SIGINT)
    result = await finish(process)

    assert time.monotonic() - asked < 5
    assert images_of(document(result)) == [Shown("one:1", "failed", "cancelled")]
    answers = [(seen.method, seen.status) for seen in embedded.requests]
    opened, closed = answers.count(("POST", 202)), answers.count(("DELETE", 204))
    assert opened == closed + answers.count(("PUT", 201)) >= 1
    assert "`cancelled`" in github.comments(number)[-1].body
    assert github.issue(number).labels == [LABEL, "failed"]


class Broken(Output):
    def say(self, line: str) -> None:
        raise RuntimeError(line)


async def test_a_bug_is_named_for_the_step_that_answers(github: FakeGitHub, tmp_path: Path) -> None:
    number = github.open_issue("no request")
    event = tmp_path / "event.json"
    event.write_text(json.dumps(github.event("opened", number, "me")), encoding="utf-8")
    environment = runner_environment(github, event) | {"GITHUB_OUTPUT": str(tmp_path / "outputs")}

    with pytest.raises(RuntimeError, match="Not a mirror request"):
        await commands.issue(environment, Broken(), asyncio.Event())

    assert (tmp_path / "outputs").read_text(encoding="utf-8") == "ending=bug\n"


async def test_an_unwritable_file_of_the_runner_costs_no_answer(
    github: FakeGitHub, source: EmbeddedRegistry, step: Step
) -> None:
    step.outputs.mkdir()
    number = github.open_issue(form([f"{source.host}/library/one:1"]), [LABEL])
    result = await step.run(number)

    assert result.code == 0
    assert github.issue(number).state == "closed"
    assert "answered could not be set" in result.stderr
