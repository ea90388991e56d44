"""The workflow's last step, run without the program's dependencies."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from registry_mirror.github.caller import MOST_LISTED
from registry_mirror.github.marker import Marker, read_marker
from tests.fake_github import FakeGitHub
from tests.issue_requests import LABEL, form
from tests.program import SOURCE


@pytest.fixture
async def github() -> AsyncIterator[FakeGitHub]:
    async with FakeGitHub() as fake:
        yield fake


async def close(
    github: FakeGitHub, folder: Path, number: int, action: str = "opened", **given: str
) -> tuple[int, str]:
    """The exit code, and what was printed."""
    if given.get("GITHUB_EVENT_NAME") == "issue_comment":
        payload = github.comment_event(number, "/retry", "me")
    elif action == "edited":
        payload = github.edit_issue(number, form(["nginx:1.28"]))
    else:
        payload = github.event(action, number, "me")
    event = folder / "event.json"
    event.write_text(json.dumps(payload), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-S", "-P", "-m", "registry_mirror.closing"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={
            "PYTHONPATH": str(SOURCE),
            "GITHUB_EVENT_NAME": "issues",
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_API_URL": github.api_url,
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_REPOSITORY": github.repository,
            "GITHUB_RUN_ID": "1",
            "GITHUB_TOKEN": github.token,
            "TMPDIR": str(folder),
            "REPORT_LANGUAGE": "en",
            "INSTALLED": "success",
            "JOB_STATUS": "failure",
            "STATUS_COMMENT": "",
            "ENDING": "",
            **given,
        },
    )
    printed, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, printed.decode()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "or killed"),
        ({"JOB_STATUS": "cancelled"}, "was cancelled"),
        ({"INSTALLED": "failure"}, "did not start"),
        ({"INSTALLED": "cancelled"}, "did not start"),
        ({"INSTALLED": "cancelled", "JOB_STATUS": "cancelled"}, "was cancelled"),
        ({"ENDING": "unchecked"}, "could not be asked"),
        ({"ENDING": "bug"}, "a fault of its own"),
        ({"ENDING": "reported"}, "could not be posted"),
        ({"REPORT_LANGUAGE": "", "ENDING": "reported"}, "没能发到这里"),
        ({"REPORT_LANGUAGE": "klingon"}, "被系统杀掉"),
    ],
)
async def test_it_says_what_happened(
    given: dict[str, str], said: str, github: FakeGitHub, tmp_path: Path
) -> None:
    number = github.open_issue(form(["nginx:1.27"]), [LABEL])
    assert await close(github, tmp_path, number, **given) == (0, "")
    (comment,) = github.comments(number)
    assert said in comment.body
    assert "actions/runs/1" in comment.body
    assert github.issue(number).labels == [LABEL, "failed"]
    assert github.issue(number).state == "open"


async def test_a_run_that_a_comment_asked_for_is_answered_too(
    github: FakeGitHub, tmp_path: Path
) -> None:
    number = github.open_issue(form(["nginx:1.27"]), [LABEL])
    given = {"GITHUB_EVENT_NAME": "issue_comment", "BEGAN": "true"}
    assert await close(github, tmp_path, number, **given) == (0, "")
    _, answer = github.comments(number)
    assert "or killed" in answer.body
    assert github.issue(number).labels == [LABEL, "failed"]


async def test_a_comment_whose_run_began_nothing_leaves_the_issue_as_it_was(
    tmp_path: Path,
) -> None:
    given = {"GITHUB_EVENT_NAME": "issue_comment", "ENDING": "unchecked"}
    async with FakeGitHub(labels=dict.fromkeys((LABEL, "completed"), "ededed")) as github:
        number = github.open_issue(form(["nginx:1.27"]), [LABEL, "completed"])
        assert await close(github, tmp_path, number, **given) == (0, "")
        assert github.issue(number).labels == [LABEL, "completed"]


@pytest.mark.parametrize(
    ("given", "state", "said"),
    [
        ({"ENDING": "unchecked"}, "completed", 0),
        ({"ENDING": "unchecked"}, "Invalid", 1),
        ({"ENDING": "unchecked"}, "needs-approval", 1),
        ({"INSTALLED": "failure"}, "completed", 0),
        ({"INSTALLED": "failure"}, "failed", 1),
    ],
)
async def test_an_edit_whose_run_began_nothing_leaves_the_issue_as_it_was(
    given: dict[str, str], state: str, said: int, tmp_path: Path
) -> None:
    """Where it was to lead to nothing, nothing is said of it either."""
    there = [LABEL, state]
    async with FakeGitHub(labels=dict.fromkeys(there, "ededed")) as github:
        number = github.open_issue(form(["nginx:1.27"]), there)
        assert await close(github, tmp_path, number, "edited", **given) == (0, "")
        assert github.issue(number).labels == there
        assert len(github.comments(number)) == said


async def test_an_edit_whose_run_was_killed_leaves_the_issue_failed(
    github: FakeGitHub, tmp_path: Path
) -> None:
    number = github.open_issue(form(["nginx:1.27"]), [LABEL])
    assert await close(github, tmp_path, number, "edited", BEGAN="true") == (0, "")
    assert len(github.comments(number)) == 1
    assert github.issue(number).labels == [LABEL, "failed"]


async def test_an_issue_opened_again_whose_run_began_nothing_has_failed(
    github: FakeGitHub, tmp_path: Path
) -> None:
    number = github.open_issue(form(["nginx:1.27"]), [LABEL])
    assert await close(github, tmp_path, number, "reopened", ENDING="unchecked") == (0, "")
    assert github.issue(number).labels == [LABEL, "failed"]


async def test_the_status_no_longer_says_that_the_run_goes_on(
    github: FakeGitHub, tmp_path: Path
) -> None:
    number = github.open_issue(form(["nginx:1.27"]), [LABEL])
    status = github.add_comment(number, "2 images, 1 running")
    await close(github, tmp_path, number, STATUS_COMMENT=str(status))
    old, new = github.comments(number)
    assert old.id == status
    assert "or killed" in old.body
    assert "or killed" in new.body


async def test_a_killed_run_keeps_what_it_reserved_for_the_day(
    github: FakeGitHub, tmp_path: Path
) -> None:
    """However much was said below it."""
    number = github.open_issue(form(["nginx:1.27"]), [LABEL])
    values = (("account", "YW5u"), ("images", "2"), ("names", "abcdefghij"))
    status = github.add_comment(number, f"{Marker('status', 'n1', values)}\n2 images, 1 running")
    for _ in range(MOST_LISTED):
        github.add_comment(number, "flood", author="mallory")
    await close(github, tmp_path, number, STATUS_COMMENT=str(status))
    old = github.comments(number)[0]
    marker = read_marker(old.body)
    assert marker
    assert (marker.kind, marker.values) == ("ended", values)
    assert "or killed" in old.body


async def test_what_a_killed_run_left_is_removed_and_nothing_else(
    github: FakeGitHub, tmp_path: Path
) -> None:
    number = github.open_issue(form(["nginx:1.27"]), [LABEL])
    left, other = tmp_path / "registry-mirror-x1", tmp_path / "installed-registry-mirror"
    for folder in (left, other):
        folder.mkdir()
        (folder / "target.json").write_text("{}", encoding="utf-8")
    await close(github, tmp_path, number)
    assert (left.exists(), other.exists()) == (False, True)


@pytest.mark.parametrize(
    ("ending", "label", "state"),
    [
        ("posted-completed", "completed", "closed"),
        ("posted-failed", "failed", "open"),
        ("posted-invalid", "invalid", "open"),
    ],
)
@pytest.mark.parametrize("job", ["failure", "cancelled"])
async def test_an_answer_that_stands_is_not_contradicted(
    ending: str, label: str, state: str, job: str, github: FakeGitHub, tmp_path: Path
) -> None:
    number = github.open_issue(form(["nginx:1.27"]), [LABEL])
    status = github.add_comment(number, "the status")
    given = {"ENDING": ending, "JOB_STATUS": job, "STATUS_COMMENT": str(status)}
    assert await close(github, tmp_path, number, **given) == (0, "")
    assert [comment.body for comment in github.comments(number)] == ["the status"]
    assert github.issue(number).labels == [LABEL, label]
    assert github.issue(number).state == state


async def test_where_github_refuses_the_log_says_so(github: FakeGitHub, tmp_path: Path) -> None:
    number = github.open_issue(form(["nginx:1.27"]), [LABEL])
    github.issues_disabled = True
    code, printed = await close(github, tmp_path, number)
    assert code == 1
    assert "could not be answered" in printed
    assert "410" in printed
