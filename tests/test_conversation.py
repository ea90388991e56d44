"""What a run does to an issue besides its comments, and how long it lets GitHub hold it up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from registry_mirror.engines import Ended, Observer, Started
from registry_mirror.errors import Code, Failure
from registry_mirror.github import labels
from registry_mirror.github.budget import RESERVE, Budget
from registry_mirror.github.conversation import (
    LONGEST_EDIT_INTERVAL,
    SHORTEST_EDIT_INTERVAL,
    Conversation,
    edit_interval,
)
from registry_mirror.github.marker import Marker, Values, read_marker
from registry_mirror.github.retry import UnavailableError
from registry_mirror.outcome import Failed
from registry_mirror.plan import Plan
from tests.fake_github import FakeGitHub
from tests.github_patience import Waits, client_of
from tests.report_samples import copy_of


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
    assert len(github.requests) == len(complaints) == 1 + len(labels.STATES)


async def test_an_ending_takes_the_others_away(github: FakeGitHub, talk: Conversation) -> None:
    github.issue(1).labels.append("mirror-request".upper())
    for ending in (labels.FAILED, labels.NEEDS_APPROVAL, labels.INVALID, labels.COMPLETED):
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


async def test_waiting_for_approval_is_a_state_like_the_endings(
    github: FakeGitHub, talk: Conversation
) -> None:
    await talk.end_with(labels.INVALID)
    await talk.wait_for_approval()
    assert github.issue(1).labels == ["mirror-request", "needs-approval"]
    assert github.issue(1).state == "open"
    assert github.labels()["needs-approval"].color == labels.NEEDS_APPROVAL.color
    await talk.clear_ending()
    assert github.issue(1).labels == ["mirror-request"]


# Reactions


async def test_whoever_asked_gets_the_reaction(github: FakeGitHub, talk: Conversation) -> None:
    asked = github.add_comment(1, "/retry", author="alice")
    answer = replace(talk, comment=asked)
    await answer.acknowledge()
    await answer.react("+1")
    await talk.react("confused")
    [comment] = github.comments(1)
    assert [each.content for each in comment.reactions] == ["eyes", "+1"]
    assert [each.content for each in github.issue(1).reactions] == ["confused"]


async def test_a_comment_that_is_gone_gets_none(
    talk: Conversation, waits: Waits, complaints: list[str]
) -> None:
    await replace(talk, comment=77).acknowledge()
    assert "404" in complaints[0]
    assert waits.seconds == []


# Markers


async def test_a_comment_says_in_its_first_line_what_it_is(
    github: FakeGitHub, talk: Conversation
) -> None:
    values = (("digest", "00ff"), ("failed", "3,5"))
    comment = await talk.say("report", "All went well.\n", values)
    [written] = github.comments(1)
    assert (written.id, written.body.partition("\n")[2]) == (comment, "All went well.\n")
    assert read_marker(written.body) == Marker("report", "nonce", values)


async def test_a_rewritten_comment_has_the_marker_that_it_is_given(
    github: FakeGitHub, talk: Conversation
) -> None:
    comment = await talk.reserve("status", "reserved", (("run", "7"),))
    [written] = github.comments(1)
    assert read_marker(written.body) == Marker("status", "nonce", (("run", "7"),))

    await talk.rewrite(comment, "refused", "limit", (("until", "9"),))
    assert read_marker(written.body) == Marker("limit", "nonce", (("until", "9"),))

    await talk.rewrite(comment, "over")
    assert written.body == "over"


async def test_a_reservation_isnt_worth_an_hour(
    github: FakeGitHub, talk: Conversation, waits: Waits
) -> None:
    github.set_budget(0, resets_in=1_800)
    with pytest.raises(UnavailableError):
        await talk.reserve("status", "reserved")
    assert waits.seconds == []


# The status comment

PLAN = Plan((copy_of("docker.io/library/nginx:1.27"),))


@dataclass
class Run:
    """A run whose pauses between two edits end when a test says so."""

    talk: Conversation
    outputs: list[tuple[str, str]] = field(default_factory=list)
    asked: list[float] = field(default_factory=list)
    begun: asyncio.Queue[float] = field(default_factory=asyncio.Queue)
    over: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    async def pause(self, seconds: float) -> None:
        self.asked.append(seconds)
        self.begun.put_nowait(seconds)
        await self.over.acquire()

    def status(
        self, comment: int | None = None, values: Values = ()
    ) -> AbstractAsyncContextManager[Observer]:
        talk = replace(self.talk, pause=self.pause)
        return talk.status(
            PLAN, str, lambda name, value: self.outputs.append((name, value)), comment, values
        )

    async def news(self, observe: Observer) -> float:
        """Tell something new, end the pause, and give the seconds of the next one."""
        observe(Started(PLAN.copies[0]))
        self.over.release()
        return await self.begun.get()


async def test_a_reservation_becomes_the_status_comment(
    github: FakeGitHub, talk: Conversation
) -> None:
    values = (("run", "7"), ("asker", "00ff"))
    comment = await talk.reserve("status", "reserved", values)
    run = Run(talk)
    async with run.status(comment, values) as observe:
        await run.begun.get()
        await run.news(observe)
        [written] = github.comments(1)
        edited = written.body
        observe(Started(PLAN.copies[0]))

    assert run.outputs == [("status_comment", str(comment))]
    assert len(github.comments(1)) == 1
    assert edited != f"{Marker('status', 'nonce', values)}\nreserved"
    assert read_marker(edited) == read_marker(written.body) == Marker("status", "nonce", values)


async def test_below_the_reserve_nothing_is_edited_and_the_report_arrives(
    github: FakeGitHub, talk: Conversation
) -> None:
    run = Run(talk)
    async with run.status() as observe:
        assert await run.begun.get() == SHORTEST_EDIT_INTERVAL
        github.set_budget(RESERVE + 102, resets_in=1_800)
        await run.news(observe)
        assert len(github.seen("PATCH")) == 1
        assert run.asked[-1] == pytest.approx(1_800 / 50, rel=0.1)

        github.set_budget(RESERVE + 1, resets_in=1_800)
        await run.news(observe)
        edits = len(github.seen("PATCH"))
        for _ in range(5):
            await run.news(observe)
        observe(Started(PLAN.copies[0]))

    assert edits == 2
    assert len(github.seen("PATCH")) == edits
    assert run.asked[-1] == LONGEST_EDIT_INTERVAL

    await talk.say("report", "All went well.")
    await talk.end_with(labels.COMPLETED)
    assert github.comments(1)[-1].body.endswith("All went well.")
    assert github.issue(1).labels == ["mirror-request", "completed"]
    assert github.issue(1).state == "closed"


async def test_an_edit_under_way_at_the_end_is_not_the_last_one(
    github: FakeGitHub, talk: Conversation
) -> None:
    held = github.hold("PATCH", "/comments/", times=1)
    run = Run(talk)
    async with asyncio.timeout(10), run.status() as observe:
        await run.begun.get()
        observe(Started(PLAN.copies[0]))
        run.over.release()
        await held.arrived.wait()
        observe(Ended(Failed(PLAN.copies[0], Failure(Code.CANCELLED))))
        asyncio.get_running_loop().call_soon(held.released.set)

    assert len(github.seen("PATCH")) == 2
    assert "cancelled" in github.comments(1)[0].body


async def test_what_could_not_be_told_is_told_after_the_reset(
    github: FakeGitHub, talk: Conversation
) -> None:
    run = Run(talk)
    async with run.status() as observe:
        await run.begun.get()
        talk.github.watch.note(Budget(RESERVE, datetime.now(UTC) + timedelta(hours=1)))
        await run.news(observe)
        assert github.seen("PATCH") == []

        talk.github.watch.note(Budget(RESERVE, datetime.now(UTC)))
        run.over.release()
        async with asyncio.timeout(10):
            await run.begun.get()
        assert len(github.seen("PATCH")) == 1


@pytest.mark.parametrize(
    ("age", "seconds"), [(0, 10), (100, 10), (300, 30), (600, 60), (20_000, 60)]
)
def test_edits_become_rarer(age: float, seconds: float) -> None:
    assert edit_interval(age, None, datetime.now(UTC)) == seconds


def test_an_hour_of_edits_leaves_room_for_other_runs() -> None:
    age, edits = 0.0, 0
    while age < 3_600 and (interval := edit_interval(age, None, datetime.now(UTC))):
        age, edits = age + interval, edits + 1
    assert edits < 100
