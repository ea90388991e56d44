"""What is read of issues, runs and the repository."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from registry_mirror.github.caller import MAX_PAGES, MOST_LISTED
from registry_mirror.github.client import GitHub, IssueState, RepositoryState, Run, Wording
from registry_mirror.github.labels import Label
from registry_mirror.github.retry import DeniedError, GitHubError, NotFoundError
from tests.fake_github import FakeGitHub
from tests.github_patience import Waits, client_of
from tests.github_repository import BOT, MAX_BODY
from tests.github_workflows import WORKFLOW

HOUR = timedelta(hours=1)


@pytest.fixture
async def fake() -> AsyncIterator[FakeGitHub]:
    async with FakeGitHub() as fake:
        fake.open_issue("nginx:1.27", labels=["mirror-request"], author="alice")
        yield fake


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def github(fake: FakeGitHub, waits: Waits) -> GitHub:
    return client_of(fake, waits)


# Issues and comments


async def test_an_issue_is_read_as_it_stands_now(fake: FakeGitHub, github: GitHub) -> None:
    fake.edit_issue(1, "nginx:1.28")
    request = frozenset({"mirror-request"})
    assert await github.issue(1) == IssueState("nginx:1.28", request, is_open=True, author="alice")
    await github.close_issue(1)
    assert not (await github.issue(1)).is_open


async def test_an_issue_without_a_text(fake: FakeGitHub, github: GitHub) -> None:
    number = fake.open_issue(None)
    assert (await github.issue(number)).body == ""


async def test_an_issue_that_isnt_there(github: GitHub) -> None:
    with pytest.raises(NotFoundError):
        await github.issue(8)


@pytest.mark.parametrize(
    ("author", "is_ours"),
    [(BOT, True), ("github-actions", False), ("alice", False), ("dependabot[bot]", False)],
)
async def test_whose_comment_it_is(
    fake: FakeGitHub, github: GitHub, author: str, *, is_ours: bool
) -> None:
    fake.add_comment(1, "hello", author=author)
    [comment] = await github.comments(1)
    assert (comment.author, comment.is_ours) == (author, is_ours)


async def test_a_user_of_the_bots_name_is_not_the_bot(fake: FakeGitHub, github: GitHub) -> None:
    fake.user_types[BOT] = "User"
    fake.add_comment(1, "hello")
    [comment] = await github.comments(1)
    assert not comment.is_ours


async def test_a_deleted_users_comment(fake: FakeGitHub, github: GitHub) -> None:
    fake.add_comment(1, "hello", author=None)
    [comment] = await github.comments(1)
    assert (comment.author, comment.is_ours) == ("ghost", False)


async def test_recent_comments_of_all_issues_in_their_order(
    fake: FakeGitHub, github: GitHub
) -> None:
    fake.open_issue("redis:7")
    fake.add_comment(1, "too old", age=2 * HOUR)
    wanted = [fake.add_comment(1 + index % 2, f"number {index}") for index in range(230)]
    found = await github.recent_comments(datetime.now(UTC) - HOUR)
    assert found.is_whole
    assert [each.id for each in found.comments] == wanted
    assert [each.issue for each in found.comments[:3]] == [1, 2, 1]
    assert abs(found.comments[0].created_at - datetime.now(UTC)) < timedelta(minutes=1)


async def test_a_flood_of_comments_pushes_out_the_oldest(fake: FakeGitHub, github: GitHub) -> None:
    most = MAX_PAGES * 100
    ids = [fake.add_comment(1, "flood", author="mallory") for _ in range(most + 1)]
    found = await github.recent_comments(datetime.now(UTC) - HOUR)
    assert [each.id for each in found.comments] == ids[1:]
    assert len(fake.requests) == MAX_PAGES
    assert not found.is_whole


async def test_a_flood_on_one_issue_hides_the_oldest_and_not_the_newest(
    fake: FakeGitHub, github: GitHub
) -> None:
    """GitHub lists them from the oldest alone; the last page has only a part of what fits."""
    ids = [fake.add_comment(1, "flood", author="mallory") for _ in range(MOST_LISTED + 250)]
    found = await github.comments(1)
    assert [each.id for each in found] == ids[-MOST_LISTED:]
    assert len(fake.requests) == MAX_PAGES + 2


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 200, 230])
async def test_all_comments_of_an_issue_in_their_order(
    fake: FakeGitHub, github: GitHub, count: int
) -> None:
    ids = [fake.add_comment(1, "hello") for _ in range(count)]
    assert [each.id for each in await github.comments(1)] == ids


async def test_a_page_of_the_longest_comments_is_read(fake: FakeGitHub, github: GitHub) -> None:
    """Of characters that JSON needs two bytes for: strangers could keep us from reading ours."""
    for _ in range(100):
        fake.add_comment(1, '"' * MAX_BODY, author="mallory")
    assert len(await github.comments(1)) == 100


async def test_one_comment(fake: FakeGitHub, github: GitHub) -> None:
    number = fake.add_comment(1, "hello", author="alice")
    found = await github.comment(number)
    assert (found.id, found.issue, found.author, found.body) == (number, 1, "alice", "hello")


async def test_comments_of_any_age(fake: FakeGitHub, github: GitHub) -> None:
    fake.add_comment(1, "old", age=100 * HOUR)
    assert [each.body for each in await github.comments(1)] == ["old"]


async def test_a_moment_of_another_time_zone(fake: FakeGitHub, github: GitHub) -> None:
    fake.add_comment(1, "just now")
    east = datetime.now(UTC).astimezone().tzinfo
    since = (datetime.now(UTC) - HOUR).astimezone(east)
    assert len((await github.recent_comments(since)).comments) == 1


async def test_a_comment_gets_a_reaction(fake: FakeGitHub, github: GitHub) -> None:
    comment = fake.add_comment(1, "/retry", author="alice")
    await github.react_to_comment(comment, "+1")
    await github.react_to_comment(comment, "+1")
    [written] = fake.comments(1)
    assert [(each.user, each.content) for each in written.reactions] == [(BOT, "+1")]
    assert fake.issue(1).reactions == []


# Who wrote an issue's text


async def test_a_text_that_nobody_changed(fake: FakeGitHub, github: GitHub) -> None:
    fake.edit_issue(1, title="Another title", sender="mallory")
    assert await github.wording(1) == Wording("nginx:1.27", None)


@pytest.mark.parametrize(
    ("editor", "told"),
    [("alice", "alice"), ("helper[bot]", "ghost"), ("me", "me")],
)
async def test_who_changed_a_text_last(
    fake: FakeGitHub, github: GitHub, editor: str, told: str
) -> None:
    """A bot has no brackets here, and could have the name of a person."""
    fake.edit_issue(1, "nginx:1.28", sender="mallory")
    fake.edit_issue(1, "nginx:1.29", sender=editor)
    assert await github.wording(1) == Wording("nginx:1.29", told)


async def test_a_text_whose_editor_was_deleted(fake: FakeGitHub, github: GitHub) -> None:
    fake.edit_issue(1, "nginx:1.28", sender="mallory")
    fake.issue(1).editor = None
    assert await github.wording(1) == Wording("nginx:1.28", "ghost")


async def test_an_editor_that_github_does_not_tell(
    fake: FakeGitHub, github: GitHub, waits: Waits
) -> None:
    assert await github.wording(8) is None
    fake.graphql_refused = True
    assert await github.wording(1) is None
    assert waits.seconds == []


async def test_the_quota_of_graphql_is_not_that_of_the_other_calls(
    fake: FakeGitHub, github: GitHub
) -> None:
    fake.set_budget(900)
    await github.issue(1)
    assert github.budget
    known = github.budget.remaining
    await github.wording(1)
    assert github.budget.remaining == known


async def test_an_enterprises_graphql_is_beside_its_rest(waits: Waits) -> None:
    async with FakeGitHub(base_path="/api/v3") as fake:
        number = fake.open_issue("nginx:1.27")
        assert await client_of(fake, waits).wording(number) == Wording("nginx:1.27", None)


# Runs


async def test_unfinished_runs_however_many_are_finished(fake: FakeGitHub, github: GitHub) -> None:
    unfinished = {"in_progress", "queued", "pending", "waiting", "requested"}
    wanted = [fake.add_run(f"Mirror request #{n}", status) for n, status in enumerate(unfinished)]
    for _ in range(150):
        fake.add_run("Mirror request #9", "completed")
    assert await github.runs() == tuple(
        Run(run.id, run.title, WORKFLOW, run.status) for run in wanted
    )


async def test_more_runs_than_a_page_has(fake: FakeGitHub, github: GitHub) -> None:
    for _ in range(120):
        fake.add_run("Mirror request #1", "queued")
    assert len({run.id for run in await github.runs()}) == 120


async def test_a_run_is_cancelled_once(fake: FakeGitHub, github: GitHub) -> None:
    run = fake.add_run("Mirror request #1")
    assert not (await github.run(run.id)).is_finished
    assert await github.cancel_run(run.id) is True
    assert await github.cancel_run(run.id) is False
    assert (run.status, run.conclusion) == ("completed", "cancelled")
    assert (await github.run(run.id)).is_finished


async def test_a_run_that_this_token_may_not_cancel(fake: FakeGitHub, github: GitHub) -> None:
    run = fake.add_run("Mirror request #1")
    fake.actions_read_only = True
    with pytest.raises(DeniedError, match="not accessible by integration"):
        await github.cancel_run(run.id)


# The repository


async def test_a_file_is_read_as_it_is(fake: FakeGitHub, github: GitHub) -> None:
    content = bytes(range(256)) * 3
    fake.files[".github/a b/registry-mirror.yml"] = content
    assert await github.file(".github/a b/registry-mirror.yml") == content


async def test_an_empty_file_is_not_a_missing_one(fake: FakeGitHub, github: GitHub) -> None:
    fake.files["empty"] = b""
    assert await github.file("empty") == b""
    assert await github.file("missing") is None


@pytest.mark.parametrize("path", [".github", "large"], ids=["folder", "over 1 MB"])
async def test_what_cannot_be_read_as_a_file(
    fake: FakeGitHub, github: GitHub, waits: Waits, path: str
) -> None:
    fake.files = {".github/registry-mirror.yml": b"", "large": b"x" * 1_100_000}
    with pytest.raises(GitHubError, match=rf"contents/{path}.* not a file, or too large"):
        await github.file(path)
    assert waits.seconds == []


async def test_a_link_that_leads_nowhere_is_no_file(
    fake: FakeGitHub, github: GitHub, waits: Waits
) -> None:
    fake.fail("GET", "/contents/", status=200, raw=b'{"type": "symlink", "target": "../gone"}')
    with pytest.raises(GitHubError, match="not a file"):
        await github.file("link")
    assert waits.seconds == []


async def test_the_repositorys_state(fake: FakeGitHub, github: GitHub) -> None:
    usual = RepositoryState(
        has_issues=True, is_private=False, is_fork=True, is_archived=False, default_branch="main"
    )
    assert await github.repository_state() == usual
    fake.issues_disabled, fake.private = True, True
    state = await github.repository_state()
    assert (state.has_issues, state.is_private) == (False, True)


async def test_all_labels_of_the_repository(github: GitHub) -> None:
    for index in range(120):
        await github.ensure_label(f"label {index}", "0e8a16", "")
    found = await github.labels()
    assert found[0] == Label("mirror-request", "0075ca", "")
    assert len(found) == 121


@pytest.mark.parametrize("enabled", [True, False, None])
async def test_whether_actions_run(
    fake: FakeGitHub, github: GitHub, *, enabled: bool | None
) -> None:
    fake.actions_enabled = enabled
    assert await github.actions_enabled() is enabled
