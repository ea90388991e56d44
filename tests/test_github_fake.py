"""The fake is as strict as GitHub's description, or the other tests are worth nothing."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.fake_github import FakeGitHub
from tests.github_graphql import read_question, wrong_with_data
from tests.github_replies import REPOSITORY_ID

ISSUE = "/repos/me/fork/issues/1"


@pytest.fixture
async def fake() -> AsyncIterator[FakeGitHub]:
    async with FakeGitHub() as fake:
        fake.open_issue("nginx:1.27", labels=["mirror-request"])
        yield fake


async def send(fake: FakeGitHub, method: str, path: str, body: object = None) -> int:
    headers = {"Authorization": f"Bearer {fake.token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.request(method, fake.api_url + path, json=body) as response,
    ):
        await response.read()
        return response.status


@pytest.mark.parametrize(
    ("method", "path", "body", "complaint"),
    [
        ("POST", f"{ISSUE}/comments", {"text": "x"}, "'body' is a required property"),
        ("POST", f"{ISSUE}/comments", {"body": 7}, "7 is not of type 'string'"),
        ("POST", f"{ISSUE}/comments", {"body": "x", "marker": "y"}, "unknown key .marker"),
        ("POST", f"{ISSUE}/reactions", {"content": "eye"}, "'eye' is not one of"),
        ("PATCH", ISSUE, {"state": "done"}, "'done' is not one of"),
        ("PATCH", ISSUE, {"state": "closed", "reason": "completed"}, "unknown key .reason"),
        ("POST", f"{ISSUE}/labels", {"labels": [{"name": "x", "hue": 1}]}, ".labels[0].hue"),
        ("POST", "/repos/me/fork/labels", {"colour": "ffffff", "name": "x"}, ".colour"),
        ("GET", f"{ISSUE}/comments?sinse=2026-01-01T00:00:00Z", None, "unknown parameter sinse"),
        ("GET", f"{ISSUE}/comments?per_page=many", None, "'many'"),
        ("GET", "/repos/me/fork/issues/one", None, "'one'"),
        ("PUT", ISSUE, None, "no such call"),
        ("GET", "/repos/me/fork/issue/1", None, "no such call"),
        ("POST", "/repos/me/fork/issues/comments/1/reactions", {"content": "ok"}, "'ok' is not"),
        ("GET", "/repos/me/fork/actions/runs?state=queued", None, "unknown parameter state"),
        ("GET", "/repos/me/fork/actions/runs?status=running", None, "'running' is not one of"),
        ("GET", "/repos/me/fork/issues/comments?sort=id", None, "'id' is not one of"),
        ("GET", "/repos/me/fork/contents", None, "no such call"),
        ("DELETE", f"{ISSUE}/labels/x", {"a": 1}, "a body, where none is described"),
    ],
)
async def test_what_the_description_doesnt_have_is_a_violation(
    fake: FakeGitHub, method: str, path: str, body: object, complaint: str
) -> None:
    assert await send(fake, method, path, body) in {404, 422}
    [violation] = fake.violations
    assert complaint in violation
    fake.violations.clear()


async def test_a_violation_fails_the_test_that_made_it() -> None:
    async def careless() -> None:
        async with FakeGitHub() as fake:
            await send(fake, "GET", "/nowhere")

    with pytest.raises(AssertionError, match="GET /nowhere: no such call"):
        await careless()


async def test_an_answer_that_github_wouldnt_give_is_a_violation(fake: FakeGitHub) -> None:
    fake.issue(1).state_reason = "finished"
    await send(fake, "GET", ISSUE)
    assert "'finished' is not one of" in fake.violations[0]
    fake.violations.clear()


async def test_the_labels_that_a_fork_lacks_are_missing_on_the_issue() -> None:
    async with FakeGitHub(labels={}) as fake:
        number = fake.open_issue("nginx:1.27", labels=["mirror-request"])
        assert fake.event("opened", number, "me")["issue"]["labels"] == []


async def test_an_unknown_label_is_created_grey(fake: FakeGitHub) -> None:
    assert await send(fake, "POST", f"{ISSUE}/labels", {"labels": ["failed"]}) == 200
    assert fake.labels()["failed"].color == "ededed"


async def test_a_reopened_issue_is_open(fake: FakeGitHub) -> None:
    await send(fake, "PATCH", ISSUE, {"state": "closed", "state_reason": "completed"})
    assert fake.issue(1).state == "closed"
    assert fake.event("reopened", 1, "me")["issue"]["state"] == "open"
    assert await send(fake, "GET", ISSUE) == 200


async def test_a_body_that_is_too_long_is_kept_out_silently(fake: FakeGitHub) -> None:
    assert await send(fake, "PATCH", ISSUE, {"body": "x" * 262_145}) == 200
    assert fake.issue(1).body == "nginx:1.27"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/repos/me/fork", 200),
        (ISSUE, 200),
        (f"{ISSUE}/labels", 200),
        ("/repos/me/fork/labels/mirror-request", 200),
        ("/repos/me/fork/labels/nope", 404),
        ("/repos/me/fork/issues/comments/9000001", 200),
        ("/repos/me/fork/issues/comments/1", 404),
        ("/repos/you/other/issues/1", 404),
        ("/repos/me/fork/issues/comments?since=2026-01-01T00:00:00Z", 200),
        ("/repos/me/fork/labels", 200),
        ("/repos/me/fork/actions/runs?status=queued", 200),
        ("/repos/me/fork/actions/runs/3", 200),
        ("/repos/me/fork/actions/runs/4", 404),
        ("/repos/me/fork/actions/permissions", 403),
        ("/repos/me/fork/contents/.github/registry-mirror.yml", 200),
        ("/repos/me/fork/contents/.github", 200),
        ("/repos/me/fork/contents/.git", 404),
    ],
)
async def test_what_is_read_is_what_the_description_says(
    fake: FakeGitHub, path: str, status: int
) -> None:
    fake.add_comment(1, "hello")
    fake.add_run("Mirror request #1", "queued", number=3)
    fake.files[".github/registry-mirror.yml"] = b"images_per_day: 5\n"
    assert await send(fake, "GET", path) == status


async def test_a_quota_counts_down_and_is_then_used_up(fake: FakeGitHub) -> None:
    fake.set_budget(2)
    assert [await send(fake, "GET", ISSUE) for _ in range(3)] == [200, 200, 403]
    assert fake.remaining == 0


async def test_a_comment_of_somebody_is_on_the_issue_and_in_the_event(fake: FakeGitHub) -> None:
    event = fake.comment_event(1, "/retry", sender="alice")
    [comment] = fake.comments(1)
    assert (event["comment"]["id"], event["comment"]["body"]) == (comment.id, "/retry")
    assert (comment.author, event["sender"]["login"]) == ("alice", "alice")


async def test_an_edited_issue_keeps_what_was_before_in_the_event(fake: FakeGitHub) -> None:
    event = fake.edit_issue(1, "redis:7", sender="me")
    assert event["changes"] == {"body": {"from": "nginx:1.27"}}
    assert event["issue"]["body"] == fake.issue(1).body == "redis:7"
    assert fake.edit_issue(1, title="Redis")["changes"] == {"title": {"from": "Mirror"}}


ASKED = "query($o: String!, $n: String!, $i: Int!) { repository(owner: $o, name: $n) { %s } }"
ISSUE_ASKED = "issue(number: $i) { body editor { login } }"


@pytest.mark.parametrize(
    ("asked", "number", "complaint"),
    [
        (ISSUE_ASKED, "1", "$i is no Int!"),
        (ISSUE_ASKED, None, "$i is no Int!"),
        (ISSUE_ASKED.replace("body", "text"), 1, "Issue has no text"),
        (ISSUE_ASKED.replace("number: $i", "number: $n"), 1, "Repository.issue is given"),
        (ISSUE_ASKED.replace("(number: $i)", ""), 1, "Repository.issue is given"),
        (ISSUE_ASKED.replace("body", "body { html }"), 1, "Issue.body is asked for as"),
        (ISSUE_ASKED.replace(" { login }", ""), 1, "Issue.editor is asked for as"),
        (ISSUE_ASKED.replace("login", "login email"), 1, "Actor has no email"),
    ],
)
async def test_a_question_that_the_schema_has_no_answer_to(
    asked: str, number: object, complaint: str
) -> None:
    async with FakeGitHub() as fake:
        fake.open_issue("nginx:1.27")
        variables = {"o": "me", "n": "fork", "i": number}
        body = {"query": ASKED % asked, "variables": variables}
        assert await send(fake, "POST", "/graphql", body) == 400
        assert complaint in fake.violations[0]
        fake.violations.clear()


def test_an_answer_that_the_schema_has_not() -> None:
    fields = read_question(ASKED % ISSUE_ASKED).fields

    def wrong(**issue: object) -> list[str]:
        return wrong_with_data(fields, {"repository": {"issue": issue}})

    assert wrong_with_data(fields, {"repository": None}) == []
    assert wrong(body="", editor={"login": "me"}) == []
    assert wrong(body="", editor=None) == []
    assert wrong(body=None, editor=None) == ["Issue.body is no String!"]
    assert wrong(body="", editor={"login": None}) == ["Actor.login is no String!"]
    assert wrong(body="") == ["Issue has ['body'] where ['body', 'editor'] were asked for"]


async def link_of(fake: FakeGitHub, path: str) -> str | None:
    headers = {"Authorization": f"Bearer {fake.token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.get(fake.api_url + path) as response,
    ):
        return response.headers.get("Link")


@pytest.mark.parametrize(
    ("page", "named"),
    [
        (1, {"next": 2, "last": 3}),
        (2, {"prev": 1, "next": 3, "last": 3, "first": 1}),
        (3, {"prev": 2, "first": 1}),
        (4, {"prev": 3, "first": 1}),
    ],
)
async def test_a_page_names_the_others(fake: FakeGitHub, page: int, named: dict[str, int]) -> None:
    """By addresses that have the repository's number, and what else was asked for."""
    for _ in range(201):
        fake.add_comment(1, "hello")
    asked = "since=2020-01-01T00%3A00%3A00Z&per_page=100&page="
    there = f"{fake.api_url}/repositories/{REPOSITORY_ID}/issues/1/comments?{asked}"
    assert await link_of(fake, f"{ISSUE}/comments?{asked}{page}") == ", ".join(
        f'<{there}{number}>; rel="{name}"' for name, number in named.items()
    )


async def test_a_listing_of_one_page_names_no_other(fake: FakeGitHub) -> None:
    fake.add_comment(1, "hello")
    assert await link_of(fake, f"{ISSUE}/comments") is None
