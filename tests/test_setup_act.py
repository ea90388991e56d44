"""The setup workflow, run by act against a real registry, and what act doesn't look at, as data."""

import re
from pathlib import Path

import pytest

from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.github import labels
from tests.act_runs import CHECKOUT, SETUP, WORKFLOW, Fork, Scene, run_act
from tests.fake_github import FakeGitHub
from tests.issue_requests import settings
from tests.registries import PASSWORD, Server

STEP = "Look for what is wrong"


def scene(github: FakeGitHub, target: Server, source: EmbeddedRegistry, password: str) -> Scene:
    """Of a fork whose rules allow one source, so that no other is tried."""
    rules = f"sources:\n  allow: ['{source.host}/library/*']\n"
    github.files[".github/registry-mirror.yml"] = rules.encode()
    secrets = {"GITHUB_TOKEN": github.token, "TARGET_REGISTRY_PASSWORD": password}
    return Scene({}, github.api_url, settings(target.host), secrets, SETUP)


@pytest.mark.slow
async def test_a_fork_is_set_up_by_one_run(
    fork: Fork, docker_registry_basic: Server, tmp_path: Path
) -> None:
    async with FakeGitHub(labels={}) as github, EmbeddedRegistry() as source:
        given = scene(github, docker_registry_basic, source, PASSWORD)
        run = await run_act(fork, tmp_path / "home", given)
        assert run.exit_code == 0, run.log
        assert run.result(STEP) == "success"
        assert set(github.labels()) >= {labels.REQUEST.name, *(s.name for s in labels.STATES)}
        assert "## Set-up: ready to use" in run.summary()
        assert PASSWORD not in run.log


@pytest.mark.slow
async def test_a_wrong_password_fails_the_run(
    fork: Fork, docker_registry_basic: Server, tmp_path: Path
) -> None:
    async with FakeGitHub() as github, EmbeddedRegistry() as source:
        given = scene(github, docker_registry_basic, source, "wrong 55")
        run = await run_act(fork, tmp_path / "home", given)
        assert run.exit_code != 0
        assert run.result(STEP) == "failure"
        assert "[BROKEN] Login: the target doesn't accept" in "\n".join(run.output(STEP))
        assert "https://github.com/me/fork/settings/secrets/actions" in run.summary()


def test_it_is_run_by_hand_alone_and_may_do_little() -> None:
    text = (CHECKOUT / SETUP).read_text(encoding="utf-8")
    assert re.search(r"^on:\n  workflow_dispatch:\n\n", text, re.MULTILINE)
    permissions = re.findall(r"^      (\w+): (read|write)\b", text, re.MULTILINE)
    assert dict(permissions) == {"issues": "write", "contents": "read", "actions": "read"}


def test_it_sees_the_settings_that_a_request_is_served_with() -> None:
    passed = {
        path: set(re.findall(r"(\w+): (\$\{\{ .* \}\})$", text, re.MULTILINE))
        for path in (SETUP, WORKFLOW)
        for text in ((CHECKOUT / path).read_text(encoding="utf-8"),)
    }
    own = {pair for pair in passed[WORKFLOW] if re.search(r" (vars|secrets)\.", pair[1])}
    assert {pair for pair in passed[SETUP] if re.search(r" (vars|secrets)\.", pair[1])} == own
