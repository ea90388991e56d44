"""What no local runner shows: the workflow's triggers, guard, permissions and settings, as data."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

from registry_mirror.config import Needs, read_runner, read_settings
from registry_mirror.errors import ConfigurationInvalidError
from registry_mirror.github import labels
from registry_mirror.issue.cancelling import RUN_NAME
from registry_mirror.report.setting_examples import SECRETS, VARIABLES
from registry_mirror.request.body import SYNC_ALL, SYNC_ALL_ZH, Heading, is_form_body

CHECKOUT = Path(__file__).parents[1]
WORKFLOWS = sorted((CHECKOUT / ".github/workflows").glob("*.y*ml"))
FORM = CHECKOUT / ".github/ISSUE_TEMPLATE/mirror-request.yml"
FORM_CONFIG = CHECKOUT / ".github/ISSUE_TEMPLATE/config.yml"
ACTION = CHECKOUT / "action/action.yml"

BY_THE_RUNNER = frozenset(
    {
        "GITHUB_EVENT_NAME",
        "GITHUB_EVENT_PATH",
        "GITHUB_API_URL",
        "GITHUB_SERVER_URL",
        "GITHUB_REPOSITORY",
        "GITHUB_RUN_ID",
        "GITHUB_STEP_SUMMARY",
        "GITHUB_OUTPUT",
        "HOME",
    }
)
BY_THE_MACHINE = frozenset({"SSL_CERT_FILE", "REGISTRY_AUTH_FILE", "DOCKER_CONFIG"})
"""Whoever runs a runner of their own sets them there; passed on empty, the first would leave
OpenSSL without any certificate."""

Node = dict[str, Any]


def read(path: Path) -> Node:
    """A YAML file; `on` is the word and not the truth value that YAML 1.1 makes of it."""
    node: Node = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return node


WORKFLOW = read(CHECKOUT / ".github/workflows/mirror.yml")
JOB: Node = WORKFLOW["jobs"]["mirror"]
INSTALL, MIRROR, CLOSING = JOB["steps"]
CANCEL_JOB: Node = WORKFLOW["jobs"]["cancel"]
CANCEL_INSTALL, CANCEL = CANCEL_JOB["steps"]


class Recorder(Mapping[str, str]):
    """An environment that is empty and remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def settings_read() -> set[str]:
    """Every variable that the program reads of its environment."""
    recorder = Recorder()
    for needs in Needs:
        with suppress(ConfigurationInvalidError):
            read_settings(recorder, needs=needs)
    with pytest.raises(ConfigurationInvalidError):
        read_runner(recorder)
    return recorder.asked


def steps_of(node: Node) -> list[Node]:
    """The steps of a workflow or a composite action."""
    jobs = node.get("jobs", {"": node.get("runs", {})})
    return [step for job in jobs.values() for step in job.get("steps", [])]


def test_it_runs_for_issues_and_for_new_comments() -> None:
    assert WORKFLOW["on"] == {
        "issues": {"types": ["opened", "reopened", "edited"]},
        "issue_comment": {"types": ["created"]},
    }
    assert set(WORKFLOW["jobs"]) == {"mirror", "cancel"}


@pytest.mark.parametrize("job", [JOB, CANCEL_JOB], ids=["mirror", "cancel"])
def test_the_guard_knows_the_label_and_the_form(job: Node) -> None:
    quoted = re.findall(r"'([^']+)'", job["if"])
    heading = next(text for text in quoted if text.startswith("### "))
    form = read(FORM)
    assert form["labels"] == [labels.REQUEST.name]
    assert labels.REQUEST.name in quoted
    first = next(part for part in form["body"] if part["type"] == "textarea")
    written = f"### {first['attributes']['label']}"
    assert written.startswith(heading)
    assert is_form_body(f"{written}\n\n_No response_\n")


def test_a_run_is_named_so_that_it_can_be_cancelled() -> None:
    """Its name holds words of ours and the issue's number, and a cancelling run has another."""
    name = " ".join(WORKFLOW["run-name"].split())
    number = "${{ github.event.issue.number }}"
    mine = RUN_NAME.format(number="N").removesuffix(" #N")
    assert name.endswith(f"'Cancel request' || '{mine}' }}}} #{number}")
    assert set(re.findall(r"github\.event[\w.]*", name)) == {
        "github.event_name",
        "github.event.comment.body",
        "github.event.issue.number",
    }
    assert re.findall(r"(\w+)\(github\.event\.comment\.body", name) == ["startsWith"] * 2


def test_the_headings_of_the_form_are_those_that_are_understood() -> None:
    parts = [part for part in read(FORM)["body"] if part["type"] != "markdown"]
    assert [part["attributes"]["label"] for part in parts] == list(Heading)
    (option,) = parts[-1]["attributes"]["options"]
    assert SYNC_ALL in option["label"]
    assert SYNC_ALL_ZH in option["label"]


def test_it_may_write_to_issues_and_no_more() -> None:
    assert WORKFLOW["permissions"] == {}
    assert JOB["permissions"] == {"issues": "write", "contents": "read"}


def test_runs_are_ended_by_a_job_that_holds_no_secret() -> None:
    permissions = {"issues": "write", "actions": "write", "contents": "read"}
    assert CANCEL_JOB["permissions"] == permissions
    assert set(CANCEL["env"]) == {"GITHUB_TOKEN", "TMPDIR", "REPORT_LANGUAGE"}
    assert "env" not in CANCEL_INSTALL
    assert CANCEL_JOB["concurrency"]["group"] != JOB["concurrency"]["group"]
    assert CANCEL["run"] == "exec registry-mirror issue"


def test_one_run_for_each_issue_at_a_time_and_none_is_cut_short() -> None:
    assert "concurrency" not in WORKFLOW
    for job in (JOB, CANCEL_JOB):
        assert job["concurrency"]["cancel-in-progress"] == "false"


@pytest.mark.parametrize(
    ("job", "strangers", "issues"),
    [
        (JOB, "mirror-strangers", "mirror-request-{0}"),
        (CANCEL_JOB, "mirror-cancel-strangers", "mirror-cancel-{0}"),
    ],
    ids=["mirror", "cancel"],
)
def test_strangers_comments_share_one_turn_and_push_out_nothing_of_an_issue(
    job: Node, strangers: str, issues: str
) -> None:
    """Members whose membership is private are told as contributors: they are no strangers."""
    group = " ".join(job["concurrency"]["group"].split())
    unknown = '["NONE", "FIRST_TIME_CONTRIBUTOR", "FIRST_TIMER"]'
    assert group == (
        "${{ github.event_name == 'issue_comment' && "
        "github.event.comment.user.login != github.event.issue.user.login && "
        f"contains(fromJSON('{unknown}'), github.event.comment.author_association) && "
        f"'{strangers}' || format('{issues}', github.event.issue.number) }}}}"
    )


def test_the_last_step_has_time_left_before_the_job_ends() -> None:
    job, step = int(JOB["timeout-minutes"]), int(MIRROR["timeout-minutes"])
    assert step + 15 <= job <= 360


def test_the_last_step_runs_whatever_happened_before() -> None:
    assert CLOSING["if"] == "always() && steps.mirror.outputs.answered != 'true'"
    assert MIRROR["id"] == "mirror"


def test_every_setting_is_passed_on() -> None:
    passed = {name: value for name, value in MIRROR["env"].items() if name != "TMPDIR"}
    assert set(passed) == settings_read() - BY_THE_RUNNER - BY_THE_MACHINE
    for name in VARIABLES.keys() - BY_THE_MACHINE:
        assert passed[name] == f"${{{{ vars.{name} }}}}"
    for name in SECRETS:
        assert passed[name] == f"${{{{ secrets.{name} }}}}"
    assert passed["GITHUB_TOKEN"] == "${{ github.token }}"


def test_secrets_are_seen_by_the_one_step_that_needs_them() -> None:
    mentions = {path: path.read_text(encoding="utf-8").count("secrets.") for path in WORKFLOWS}
    mine = [CHECKOUT / ".github/workflows" / name for name in ("mirror.yml", "setup.yml")]
    assert mentions == dict.fromkeys(WORKFLOWS, 0) | dict.fromkeys(mine, len(SECRETS))
    assert str(MIRROR["env"]).count("secrets.") == len(SECRETS)
    assert "env" not in JOB
    assert "env" not in WORKFLOW


def test_the_install_step_is_given_nothing() -> None:
    assert INSTALL["uses"] == "$/action"
    assert not {"env", "with"} & set(INSTALL)
    assert "inputs" not in read(ACTION)
    assert not [step for step in steps_of(read(ACTION)) if "env" in step]


@pytest.mark.parametrize("path", [*WORKFLOWS, ACTION], ids=lambda path: path.name)
def test_no_expression_becomes_part_of_a_script(path: Path) -> None:
    scripts = [step["run"] for step in steps_of(read(path)) if "run" in step]
    assert scripts
    assert not [script for script in scripts if "${{" in script]


@pytest.mark.parametrize("path", [*WORKFLOWS, ACTION], ids=lambda path: path.name)
def test_what_others_wrote_is_pinned_by_its_commit(path: Path) -> None:
    used = [step["uses"] for step in steps_of(read(path)) if "uses" in step]
    pinned = re.compile(r"\$/\w+|[\w.-]+/[\w./-]+@[0-9a-f]{40}")
    assert not [uses for uses in used if not pinned.fullmatch(uses)]


def test_a_fork_does_not_pay_for_the_tests_of_this_program() -> None:
    jobs = read(CHECKOUT / ".github/workflows/ci.yml")["jobs"].values()
    assert {job["if"] for job in jobs} == {"${{ !github.event.repository.fork }}"}


@pytest.mark.parametrize("script", ["action/install.sh", "scripts/need", ".ci/run"])
def test_scripts_can_be_executed(script: str) -> None:
    assert os.access(CHECKOUT / script, os.X_OK)


@pytest.mark.parametrize(
    "command",
    [
        ["jactionlint", *WORKFLOWS],
        ["zizmor", "--offline", "--no-progress", "--strict-collection", CHECKOUT],
        ["check-jsonschema", "--builtin-schema=vendor.github-workflows", *WORKFLOWS],
        ["check-jsonschema", "--builtin-schema=vendor.github-actions", ACTION],
        ["check-jsonschema", "--builtin-schema=vendor.github-issue-forms", FORM],
        ["check-jsonschema", "--builtin-schema=vendor.github-issue-config", FORM_CONFIG],
    ],
    ids=lambda command: f"{command[0]} {command[1]}".partition("/")[0],
)
def test_linters_find_nothing(command: list[str | Path]) -> None:
    tool = Path(sys.executable).with_name(str(command[0]))
    finished = subprocess.run(
        [tool, *command[1:]], check=False, capture_output=True, text=True, timeout=60
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
