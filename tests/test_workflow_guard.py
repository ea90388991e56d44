"""What the workflow lets through and what the program takes for a command are the same comments."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from registry_mirror.comment_command import Cancel, Unknown, read_command
from registry_mirror.issue.cancelling import RUN_NAME
from tests.expressions import evaluate
from tests.github_shapes import FakeIssue, FakeLabel, Shapes
from tests.issue_requests import LABEL, form

WORKFLOW = yaml.load(
    (Path(__file__).parents[1] / ".github/workflows/mirror.yml").read_text(encoding="utf-8"),
    Loader=yaml.BaseLoader,
)
JOBS = ("mirror", "cancel")
SHAPES = Shapes("https://api.github.com", "me/fork", {})
ISSUE = SHAPES.issue(FakeIssue(7, form(["nginx:1.27"]), "ann", "Mirror"), [], 0)


def jobs_of(event: dict[str, Any], name: str) -> list[str]:
    """The jobs that an event starts."""
    contexts = {"github": {"event_name": name, "event": event}}
    return [job for job in JOBS if evaluate(WORKFLOW["jobs"][job]["if"], contexts)]


def comment_event(body: str, kind: str = "User") -> dict[str, Any]:
    event = SHAPES.event("created", ISSUE, "ann")
    return {**event, "comment": {"body": body, "user": {"login": "ann", "type": kind}}}


def name_of(event: dict[str, Any], name: str) -> str:
    """What the run is called, before the issue's number."""
    expression = WORKFLOW["run-name"].partition("${{")[2].partition("}}")[0]
    found: str = evaluate(expression, {"github": {"event_name": name, "event": event}})
    return found


def check(comment: str) -> None:
    command, event = read_command(comment), comment_event(comment)
    jobs = jobs_of(event, "issue_comment")
    assert len(jobs) == (command is not None)
    if isinstance(command, Cancel):
        assert jobs == ["cancel"]
    if jobs == ["cancel"]:
        assert isinstance(command, Cancel | Unknown)
    mine = RUN_NAME.removesuffix(" #{number}")
    assert (name_of(event, "issue_comment") == mine) == (jobs != ["cancel"])


@pytest.mark.parametrize(
    ("comment", "jobs"),
    [
        ("/retry", ["mirror"]),
        ("`/retry`", ["mirror"]),
        ("/RETRY failed", ["mirror"]),
        ("/mirror now", ["mirror"]),
        ("/cancel", ["cancel"]),
        ("/CANCEL", ["cancel"]),
        ("`/cancel`", ["cancel"]),
        ("/cancel now", ["cancel"]),
        ("/\u200bcancel", ["mirror"]),
        (" /retry", []),
        ("\n/retry", []),
        ("\r\n\r\n/retry", []),
        ("\u3000/retry", []),
        ("\u200b/retry", []),
        ("\ufeff/cancel", []),
        ("``/retry``", []),
        ("` /retry`", []),
        ("    /retry", []),
        ("Thanks!\n/retry", []),
        ("> /cancel", []),
        ("", []),
    ],
)
def test_a_comment_is_a_command_to_the_workflow_and_to_the_program(
    comment: str, jobs: list[str]
) -> None:
    assert jobs_of(comment_event(comment), "issue_comment") == jobs
    check(comment)


PIECES = ("/", "`", " ", "\n", "\t", "\u200b", "\u3000", "retry", "cancel", "CANCEL", "failed", "!")


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=6).map("".join)))
def test_the_workflow_and_the_program_agree_on_any_comment(comment: str) -> None:
    check(comment)


def test_no_comment_of_a_bot_or_on_a_pull_request_starts_anything() -> None:
    for command in ("/retry", "/cancel"):
        assert jobs_of(comment_event(command, "Bot"), "issue_comment") == []
        event = comment_event(command)
        event["issue"] = {**ISSUE, "pull_request": {"url": "https://example.com"}}
        assert jobs_of(event, "issue_comment") == []


@pytest.mark.parametrize(
    ("action", "changes", "starts"),
    [
        ("opened", None, True),
        ("reopened", None, True),
        ("edited", {"body": {"from": "nginx"}}, True),
        ("edited", {"title": {"from": "Mirror"}}, False),
    ],
)
def test_which_events_of_an_issue_start_it(
    action: str, changes: dict[str, Any] | None, *, starts: bool
) -> None:
    event = {**SHAPES.event(action, ISSUE, "ann"), **({"changes": changes} if changes else {})}
    assert jobs_of(event, "issues") == (["mirror"] if starts else [])


@pytest.mark.parametrize(
    ("body", "labels", "starts"),
    [
        (form(["nginx:1.27"]), [], True),
        ("nginx:1.27", [LABEL], True),
        ("nginx:1.27", [LABEL.upper()], True),
        ("nginx:1.27", ["bug"], False),
        (None, [], False),
    ],
)
def test_which_issues_are_requests(body: str | None, labels: list[str], *, starts: bool) -> None:
    shown = [FakeLabel(label, "ededed") for label in labels]
    issue = SHAPES.issue(FakeIssue(7, body, "ann", "Mirror"), shown, 0)
    event = SHAPES.event("opened", issue, "ann")
    assert jobs_of(event, "issues") == (["mirror"] if starts else [])
