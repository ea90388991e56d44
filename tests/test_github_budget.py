"""GitHub's quota: what it says of it is remembered, and the last calls are kept."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from registry_mirror.github.budget import RESERVE, Budget, BudgetWatch
from registry_mirror.github.client import GitHub
from registry_mirror.github.conversation import edit_interval
from registry_mirror.github.retry import UnavailableError
from tests.fake_github import FakeGitHub
from tests.github_patience import Waits, client_of

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
async def fake() -> AsyncIterator[FakeGitHub]:
    async with FakeGitHub() as fake:
        fake.open_issue("nginx:1.27", labels=["mirror-request"])
        yield fake


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def github(fake: FakeGitHub, waits: Waits) -> GitHub:
    return client_of(fake, waits)


@pytest.mark.parametrize(
    ("age", "remaining", "minutes", "seconds"),
    [
        (0, 1_000, 60, 10),
        (600, 1_000, 60, 60),
        (0, RESERVE + 200, 60, 36),
        (0, RESERVE + 200, 10, 10),
        (0, RESERVE + 20, 60, 360),
        (600, RESERVE + 200, 60, 60),
        (0, RESERVE + 2, 60, 3_600),
        (0, RESERVE + 1, 60, None),
        (0, RESERVE, 60, None),
        (0, 0, 1, None),
    ],
)
def test_edits_slow_down_as_the_budget_shrinks(
    age: float, remaining: int, minutes: float, seconds: float | None
) -> None:
    budget = Budget(remaining, NOW + timedelta(minutes=minutes))
    assert edit_interval(age, budget, NOW) == seconds


def test_a_run_spends_some_half_of_what_may_be_spent() -> None:
    """An hour of edits as soon as they may be, were all of them of a young comment."""
    now, ends, remaining = NOW, NOW + timedelta(hours=1), RESERVE + 200
    while now < ends and (interval := edit_interval(0, Budget(remaining, ends), now)):
        now, remaining = now + timedelta(seconds=interval), remaining - 1
    assert RESERVE < remaining <= RESERVE + 100


async def test_every_answer_is_noted_and_shared_by_copies(fake: FakeGitHub, github: GitHub) -> None:
    await github.react(1, "eyes")
    assert [github.budget] == [None]

    fake.set_budget(400, resets_in=1_800)
    await replace(github, patience=Waits().patience).react(1, "eyes")

    assert github.budget is not None
    assert github.budget.remaining == 399
    left = github.budget.seconds_left(datetime.now(UTC))
    assert left == pytest.approx(1_800, abs=10)


async def test_a_refusal_is_noted_too(fake: FakeGitHub, github: GitHub) -> None:
    fake.set_budget(0)
    with pytest.raises(UnavailableError, match="rate limit"):
        await github.react(1, "eyes")
    assert github.budget is not None
    assert github.budget.remaining == 0


async def test_a_clock_that_is_off_doesnt_matter(fake: FakeGitHub, github: GitHub) -> None:
    """GitHub's times are GitHub's: only what lies between them counts here."""
    headers = {
        "Date": "Thu, 01 Jan 2026 00:00:00 GMT",
        "X-RateLimit-Remaining": "7",
        "X-RateLimit-Reset": str(int(datetime(2026, 1, 1, 0, 5, tzinfo=UTC).timestamp())),
    }
    fake.fail("POST", "/reactions$", status=404, headers=headers)
    with pytest.raises(Exception, match="404"):
        await github.react(1, "eyes")
    assert github.budget is not None
    assert github.budget.seconds_left(datetime.now(UTC)) == pytest.approx(300, abs=10)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-RateLimit-Remaining": "7"},
        {"X-RateLimit-Remaining": "-7", "X-RateLimit-Reset": "99999999999"},
        {"X-RateLimit-Remaining": "many", "X-RateLimit-Reset": "99999999999"},
        {"X-RateLimit-Remaining": "7", "X-RateLimit-Reset": "soon"},
        {"X-RateLimit-Remaining": "9" * 400, "X-RateLimit-Reset": "99999999999"},
        {
            "X-RateLimit-Remaining": "7",
            "X-RateLimit-Reset": "99999999999",
            "Date": f"Thu, 01 Jan 2026 00:00:{'1' * 40} GMT",
        },
    ],
)
async def test_what_makes_no_sense_is_not_noted(
    fake: FakeGitHub, github: GitHub, headers: dict[str, str]
) -> None:
    fake.fail("POST", "/reactions$", status=404, headers=headers)
    with pytest.raises(Exception, match="404"):
        await github.react(1, "eyes")
    assert [github.budget] == [None]


async def test_a_reset_in_a_thousand_years_is_an_hour_away(
    fake: FakeGitHub, github: GitHub
) -> None:
    fake.set_budget(7, resets_in=1e10)
    await github.react(1, "eyes")
    assert github.budget is not None
    assert github.budget.seconds_left(datetime.now(UTC)) <= 3_600


def test_what_was_said_before_the_reset_is_out_of_date() -> None:
    watch = BudgetWatch()
    watch.note(Budget(3, datetime.now(UTC) - timedelta(seconds=1)))
    assert watch.budget is None


def test_an_answer_without_a_word_of_it_changes_nothing() -> None:
    watch, known = BudgetWatch(), Budget(3, datetime.now(UTC) + timedelta(hours=1))
    watch.note(known)
    watch.note(None)
    assert watch.budget == known
