import re
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from registry_mirror.github.client import Comment, GitHub, Permission
from registry_mirror.github.retry import (
    DeniedError,
    GitHubError,
    GoneError,
    InvalidError,
    NotFoundError,
    UnavailableError,
)
from registry_mirror.secret import Secret
from tests.fake_github import FakeGitHub
from tests.github_patience import Waits, client_of
from tests.github_repository import BOT

MARKER = "<!-- mirror 5f2c -->"
COMMENTS = r"/issues/\d+/comments$"


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture(params=["", "/api/v3"], ids=["github.com", "enterprise"])
async def fake(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[FakeGitHub]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    async with FakeGitHub(base_path=request.param) as fake:
        fake.open_issue("nginx:1.27", labels=["mirror-request"], author="alice")
        fake.add_run("Mirror request #1", number=1)
        yield fake


@pytest.fixture
def github(fake: FakeGitHub, waits: Waits) -> GitHub:
    return client_of(fake, waits)


# What each method does


@pytest.mark.parametrize(
    ("word", "permission", "may_write"),
    [
        ("admin", Permission.ADMIN, True),
        ("write", Permission.WRITE, True),
        ("read", Permission.READ, False),
        ("none", Permission.NONE, False),
        ("refused", Permission.NONE, False),
        ("anything-new", Permission.NONE, False),
    ],
)
async def test_permission(
    fake: FakeGitHub, github: GitHub, word: str, permission: Permission, *, may_write: bool
) -> None:
    fake.permissions["bob"] = word
    assert await github.permission("bob") == permission
    assert permission.may_write is may_write


async def test_a_stranger_has_no_permission(github: GitHub) -> None:
    assert await github.permission("stranger") == Permission.NONE


async def test_a_token_that_may_not_ask_for_permissions(
    fake: FakeGitHub, github: GitHub, waits: Waits
) -> None:
    fake.permission_refused = True
    assert await github.permission("me") == Permission.REFUSED
    assert not Permission.REFUSED.may_write
    assert waits.seconds == []


async def test_a_wrong_token_is_not_a_refused_question(fake: FakeGitHub, waits: Waits) -> None:
    with pytest.raises(DeniedError, match="Bad credentials") as caught:
        await client_of(fake, waits, token="wrong").permission("me")
    assert caught.value.status == 401


async def test_a_login_stays_one_part_of_the_path(fake: FakeGitHub, github: GitHub) -> None:
    await github.permission("github-actions[bot]")
    await github.permission("../x?y#z")
    assert [each.path.removeprefix("/repos/me/fork") for each in fake.requests] == [
        "/collaborators/github-actions%5Bbot%5D/permission",
        "/collaborators/..%2Fx%3Fy%23z/permission",
    ]


async def test_a_comment_is_posted_and_edited(fake: FakeGitHub, github: GitHub) -> None:
    comment = await github.create_comment(1, f"开始 🚀\n{MARKER}", MARKER)
    assert [(each.id, each.body) for each in fake.comments(1)] == [(comment, f"开始 🚀\n{MARKER}")]
    await github.edit_comment(comment, "done")
    assert [each.body for each in fake.comments(1)] == ["done"]


async def test_comments_since_a_moment_over_all_pages(fake: FakeGitHub, github: GitHub) -> None:
    fake.add_comment(1, "old", author="alice", age=timedelta(hours=2))
    ids = [fake.add_comment(1, f"number {index}") for index in range(230)]
    found = await github.comments(1, datetime.now(UTC) - timedelta(hours=1))
    assert [comment.id for comment in found] == ids
    [last] = [each for each in fake.comments(1) if each.id == ids[-1]]
    assert found[-1] == Comment(ids[-1], 1, BOT, "number 229", last.created, is_ours=True)


async def test_labels_come_and_go(fake: FakeGitHub, github: GitHub) -> None:
    await github.add_labels(1, ["completed", "a/b c"])
    assert fake.issue(1).labels == ["mirror-request", "completed", "a/b c"]
    await github.remove_label(1, "a/b c")
    await github.remove_label(1, "a/b c")
    assert fake.issue(1).labels == ["mirror-request", "completed"]


async def test_a_label_is_created_once_and_then_left_alone(
    fake: FakeGitHub, github: GitHub
) -> None:
    await github.ensure_label("completed", "0e8a16", "全部镜像已同步")
    await github.ensure_label("Completed", "ffffff", "")
    label = fake.labels()["completed"]
    assert (label.color, label.description) == ("0e8a16", "全部镜像已同步")
    assert fake.labels().keys() == {"mirror-request", "completed"}


async def test_a_label_that_github_doesnt_like_is_an_error(github: GitHub) -> None:
    with pytest.raises(InvalidError) as caught:
        await github.ensure_label("completed", "green", "")
    assert caught.value.codes == ("invalid",)


async def test_an_issue_is_closed_as_completed(fake: FakeGitHub, github: GitHub) -> None:
    await github.close_issue(1)
    assert (fake.issue(1).state, fake.issue(1).state_reason) == ("closed", "completed")


async def test_a_reaction_is_given_once(fake: FakeGitHub, github: GitHub) -> None:
    await github.react(1, "eyes")
    await github.react(1, "eyes")
    assert [(each.user, each.content) for each in fake.issue(1).reactions] == [(BOT, "eyes")]


async def test_github_is_told_who_asks_and_which_version(fake: FakeGitHub, github: GitHub) -> None:
    await github.react(1, "eyes")
    headers = fake.requests[0].headers
    assert headers["Accept"] == "application/vnd.github+json"
    assert headers["X-GitHub-Api-Version"] == "2022-11-28"
    assert headers["User-Agent"].startswith("registry-mirror/")
    assert headers["Content-Type"] == "application/json"


async def test_the_longest_comment_arrives_and_a_longer_one_is_invalid(
    fake: FakeGitHub, github: GitHub
) -> None:
    await github.create_comment(1, "镜" * 87_381 + "x", MARKER)
    assert len(fake.comments(1)[0].body.encode()) == 262_144
    with pytest.raises(InvalidError, match="Body is too long"):
        await github.create_comment(1, "镜" * 87_381 + "xx", MARKER)
    with pytest.raises(InvalidError, match="Body is too long"):
        await github.edit_comment(fake.comments(1)[0].id, "x" * 262_145)
    assert len(fake.comments(1)) == 1


# Every call, however GitHub fails

CALLS: dict[str, Callable[[GitHub], Awaitable[object]]] = {
    "permission": lambda github: github.permission("me"),
    "comments": lambda github: github.comments(1, datetime.now(UTC)),
    "create_comment": lambda github: github.create_comment(1, MARKER, MARKER),
    "edit_comment": lambda github: github.edit_comment(9_000_001, "edited"),
    "add_labels": lambda github: github.add_labels(1, ["completed"]),
    "remove_label": lambda github: github.remove_label(1, "mirror-request"),
    "ensure_label": lambda github: github.ensure_label("completed", "0e8a16", ""),
    "close_issue": lambda github: github.close_issue(1),
    "react": lambda github: github.react(1, "eyes"),
    "react_to_comment": lambda github: github.react_to_comment(9_000_001, "eyes"),
    "issue": lambda github: github.issue(1),
    "recent_comments": lambda github: github.recent_comments(datetime.now(UTC)),
    "run": lambda github: github.run(1),
    "cancel_run": lambda github: github.cancel_run(1),
    "labels": lambda github: github.labels(),
    "repository_state": lambda github: github.repository_state(),
}
READING = {"permission", "comments", "issue", "recent_comments", "run", "labels"} | {
    "repository_state"
}
every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
every_writing_call = pytest.mark.parametrize(
    "call",
    [call for name, call in CALLS.items() if name not in READING],
)


def fail_everything(fake: FakeGitHub, *, status: int, message: str, times: int) -> None:
    for method in ("GET", "POST", "PATCH", "DELETE"):
        fake.fail(method, "/", status=status, message=message, times=times)


@every_call
async def test_a_server_error_is_waited_out(
    fake: FakeGitHub, github: GitHub, waits: Waits, call: Callable[[GitHub], Awaitable[object]]
) -> None:
    fake.add_comment(1, "to be edited")
    method = await method_of(call, fake)
    fake.fail(method, "/", status=502, times=2)
    await call(github)
    assert waits.seconds == [1, 2]


@every_call
async def test_a_lost_answer_is_asked_for_again(
    fake: FakeGitHub, github: GitHub, waits: Waits, call: Callable[[GitHub], Awaitable[object]]
) -> None:
    fake.add_comment(1, "to be edited")
    fake.drop(await method_of(call, fake), "/")
    await call(github)
    assert waits.seconds == [1]


@every_call
async def test_github_being_down_ends_in_an_error_after_five_minutes(
    fake: FakeGitHub, github: GitHub, waits: Waits, call: Callable[[GitHub], Awaitable[object]]
) -> None:
    fail_everything(fake, status=503, message="No server is available", times=1_000)
    with pytest.raises(UnavailableError, match="503: No server is available"):
        await call(github)
    assert 270 < sum(waits.seconds) <= 600  # create_comment looks for its comment in between


@every_call
async def test_no_patience_is_one_try(
    fake: FakeGitHub, github: GitHub, waits: Waits, call: Callable[[GitHub], Awaitable[object]]
) -> None:
    fail_everything(fake, status=500, message="", times=1_000)
    with pytest.raises(UnavailableError):
        await call(replace(github, patience=replace(github.patience, limit=0)))
    assert waits.seconds == []
    assert len(fake.requests) == 1


@every_writing_call
async def test_a_read_only_token_is_denied_at_once(
    fake: FakeGitHub, github: GitHub, waits: Waits, call: Callable[[GitHub], Awaitable[object]]
) -> None:
    fake.read_only_token = True
    with pytest.raises(DeniedError, match="Resource not accessible by integration"):
        await call(github)
    assert waits.seconds == []


@every_call
async def test_the_token_shows_nowhere(
    fake: FakeGitHub,
    waits: Waits,
    call: Callable[[GitHub], Awaitable[object]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    github = client_of(fake, waits, token="k8Wq-unmistakable")
    fail_everything(fake, status=400, message="you sent Bearer k8Wq-unmistakable", times=1)
    with caplog.at_level(0), pytest.raises(GitHubError) as caught:
        await call(github)
    shown = [*traceback.format_exception(caught.value), repr(caught.value), repr(github)]
    shown += [repr(vars(caught.value)), caplog.text]
    assert "Bearer ***" in str(caught.value)
    assert "unmistakable" not in "".join(shown)


async def method_of(call: Callable[[GitHub], Awaitable[object]], fake: FakeGitHub) -> str:
    """The HTTP method of a call, learnt from one that is denied and so does nothing."""
    with pytest.raises(DeniedError):
        await call(client_of(fake, Waits(), token="wrong"))
    return fake.requests.pop().method


async def test_issues_switched_off(fake: FakeGitHub, github: GitHub, waits: Waits) -> None:
    fake.issues_disabled = True
    with pytest.raises(GoneError, match="Issues has been disabled"):
        await github.create_comment(1, MARKER, MARKER)
    assert waits.seconds == []


async def test_an_issue_that_isnt_there(github: GitHub) -> None:
    with pytest.raises(NotFoundError, match=re.escape("/repos/me/fork/issues/99/comments: 404")):
        await github.create_comment(99, MARKER, MARKER)


# Limits


@pytest.mark.parametrize(
    ("retry_after", "expected"), [(17, [17, 17]), (None, [60, 120]), (0, [1, 1])]
)
async def test_a_secondary_limit_is_waited_for_as_long_as_asked(
    fake: FakeGitHub, github: GitHub, waits: Waits, retry_after: int | None, expected: list[float]
) -> None:
    fake.slow_down("POST", COMMENTS, retry_after, times=2)
    await github.create_comment(1, MARKER, MARKER)
    assert waits.seconds == expected
    assert len(fake.comments(1)) == 1
    assert fake.seen("GET") == []  # refused for certain, so nothing to look for


async def test_a_used_up_quota_is_waited_for_by_githubs_clock(
    fake: FakeGitHub, github: GitHub, waits: Waits
) -> None:
    headers = {
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": "1000000042",
        "Date": "Sun, 09 Sep 2001 01:46:40 GMT",
    }
    fake.fail("GET", "/", status=403, message="API rate limit exceeded", headers=headers)
    assert await github.permission("me") == Permission.ADMIN
    assert waits.seconds == [43]


async def test_a_quota_that_is_back_in_an_hour_is_not_waited_for(
    fake: FakeGitHub, github: GitHub, waits: Waits
) -> None:
    fake.slow_down("POST", COMMENTS, 3600)
    with pytest.raises(UnavailableError, match="gave up before a pause of 3600 s"):
        await github.create_comment(1, MARKER, MARKER)
    assert waits.seconds == []


# A comment is posted once


@pytest.mark.parametrize("times", [1, 3])
async def test_a_comment_whose_answer_was_lost_is_found_again(
    fake: FakeGitHub, github: GitHub, times: int
) -> None:
    fake.drop("POST", COMMENTS, times=times)
    comment = await github.create_comment(1, f"report {MARKER}", MARKER)
    assert [each.id for each in fake.comments(1)] == [comment]


async def test_a_comment_behind_a_502_is_found_again(fake: FakeGitHub, github: GitHub) -> None:
    fake.fail("POST", COMMENTS, status=502, processed=True)
    comment = await github.create_comment(1, MARKER, MARKER)
    assert [each.id for each in fake.comments(1)] == [comment]


async def test_a_comment_whose_answer_is_garbled_is_found_again(
    fake: FakeGitHub, github: GitHub
) -> None:
    fake.fail("POST", COMMENTS, status=201, raw=b'{"id": 90', processed=True)
    comment = await github.create_comment(1, MARKER, MARKER)
    assert [each.id for each in fake.comments(1)] == [comment]


async def test_a_comment_is_found_on_the_last_page(fake: FakeGitHub, github: GitHub) -> None:
    for index in range(150):
        fake.add_comment(1, f"chatter {index}", author="alice")
    fake.drop("POST", COMMENTS)
    comment = await github.create_comment(1, MARKER, MARKER)
    assert comment == fake.comments(1)[-1].id
    assert len(fake.comments(1)) == 151


async def test_a_lost_comment_that_never_arrived_is_posted_again(
    fake: FakeGitHub, github: GitHub
) -> None:
    fake.drop("POST", COMMENTS, times=2, processed=False)
    comment = await github.create_comment(1, MARKER, MARKER)
    assert [each.id for each in fake.comments(1)] == [comment]


async def test_another_runs_comment_is_not_taken_for_ours(fake: FakeGitHub, github: GitHub) -> None:
    other = fake.add_comment(1, "<!-- mirror 0000 -->")
    fake.drop("POST", COMMENTS, processed=False)
    assert await github.create_comment(1, MARKER, MARKER) != other


async def test_a_comment_of_others_with_our_marker_is_not_ours(
    fake: FakeGitHub, github: GitHub
) -> None:
    forged = fake.add_comment(1, MARKER, "mallory")
    fake.fail("POST", COMMENTS, status=502)
    assert await github.create_comment(1, MARKER, MARKER) != forged
    assert len(fake.comments(1)) == 2


async def test_a_comment_lost_before_a_limit_is_still_looked_for(
    fake: FakeGitHub, github: GitHub, waits: Waits
) -> None:
    fake.drop("POST", COMMENTS)
    fake.fail("GET", COMMENTS, status=200, raw=b"[]")  # not in the list yet
    fake.slow_down("POST", COMMENTS, 20)
    comment = await github.create_comment(1, MARKER, MARKER)
    assert [each.id for each in fake.comments(1)] == [comment]
    assert waits.seconds == [1, 20]


# What can be no client


@pytest.mark.parametrize(
    ("url", "repository", "token"),
    [
        ("", "me/fork", "t"),
        ("api.github.com", "me/fork", "t"),
        ("file:///etc/passwd", "me/fork", "t"),
        ("https://user@api.github.com", "me/fork", "t"),
        ("https://api.github.com", "fork", "t"),
        ("https://api.github.com", "me/fork/../x", "t"),
        ("https://api.github.com", "me/fork", ""),
        ("https://api.github.com", "me/fork", "k8Wq-unmistakable\r\nX: y"),
        ("https://api.github.com", "me/fork", "k8Wq-unmistakable密"),
    ],
)
def test_nonsense_is_refused_before_any_call(url: str, repository: str, token: str) -> None:
    with pytest.raises(ValueError, match=r"not|token") as caught:
        GitHub(url, repository, Secret(token))
    assert "unmistakable" not in str(caught.value)
