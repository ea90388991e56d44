"""What a run does to an issue besides its comments, and how long it lets GitHub hold it up."""

from collections.abc import AsyncIterator

import pytest

from registry_mirror.github import labels
from registry_mirror.github.conversation import Conversation, edit_interval
from tests.fake_github import FakeGitHub
from tests.github_patience import Waits, client_of


@pytest.fixture
async def github() -> AsyncIterator[FakeGitHub]:
    async with FakeGitHub() as fake:
        fake.open_issue("nginx:1.27", ["mirror-request"])
        yield fake


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def complaints() -> list[str]:
    return []


@pytest.fixture
def talk(github: FakeGitHub, waits: Waits, complaints: list[str]) -> Conversation:
    return Conversation(client_of(github, waits), 1, "nonce", complaints.append)


async def test_what_is_no_answer_is_tried_once(
    github: FakeGitHub, talk: Conversation, waits: Waits, complaints: list[str]
) -> None:
    github.fail("POST", "/reactions$", status=500, times=1000)
    github.fail("DELETE", "/labels/", status=500, times=1000)

    await talk.acknowledge()
    await talk.clear_ending()

    assert waits.seconds == []
    assert len(github.requests) == len(complaints) == 4


async def test_an_ending_takes_the_others_away(github: FakeGitHub, talk: Conversation) -> None:
    github.issue(1).labels.append("mirror-request".upper())
    for ending in (labels.FAILED, labels.INVALID, labels.COMPLETED):
        await talk.end_with(ending)
        set_by_us = [name for name in github.issue(1).labels if name.lower() != "mirror-request"]
        assert set_by_us == [ending.name]
    assert github.issue(1).state == "closed"


async def test_only_completed_closes(github: FakeGitHub, talk: Conversation) -> None:
    await talk.end_with(labels.FAILED)
    await talk.end_with(labels.INVALID)
    assert github.issue(1).state == "open"


async def test_a_label_that_cannot_be_created_may_be_there(
    github: FakeGitHub, talk: Conversation, complaints: list[str]
) -> None:
    await talk.end_with(labels.FAILED)
    await talk.end_with(labels.INVALID)
    github.fail("POST", "/repos/me/fork/labels$", status=403, times=1000)

    await talk.end_with(labels.FAILED)

    assert github.issue(1).labels == ["mirror-request", "failed"]
    assert len(complaints) == 1


@pytest.mark.parametrize(
    ("age", "seconds"), [(0, 10), (100, 10), (300, 30), (600, 60), (20_000, 60)]
)
def test_edits_become_rarer(age: float, seconds: float) -> None:
    assert edit_interval(age) == seconds


def test_an_hour_of_edits_leaves_room_for_other_runs() -> None:
    age, edits = 0.0, 0
    while age < 3_600:
        age, edits = age + edit_interval(age), edits + 1
    assert edits < 100
