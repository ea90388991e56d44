"""What becomes of calls to GitHub once a run is told to stop."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from registry_mirror.github.client import GitHub
from registry_mirror.github.conversation import Conversation
from registry_mirror.github.hurry import LAST_ANSWER, LAST_CALLS, LAST_WORD, Hurry
from registry_mirror.github.labels import FAILED
from registry_mirror.github.retry import GitHubError, GivenUpError
from registry_mirror.issue.patience import hurried_by
from tests.fake_github import FakeGitHub
from tests.github_patience import Waits, client_of

DEADLINE = 5


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def begun(since: float) -> Hurry:
    """Told to stop some seconds ago."""
    clock = Hand()
    hurry = Hurry(clock)
    hurry.begin()
    clock.now += since
    return hurry


def hurrying(github: GitHub, since: float = 0.0) -> GitHub:
    return replace(github, patience=replace(github.patience, hurry=begun(since)))


def conversation_of(github: GitHub, number: int, said: list[str]) -> Conversation:
    return Conversation(github, number, "nonce", said.append)


Talk = Callable[[Conversation], Awaitable[object]]

CALLS: dict[str, tuple[str, str, Talk]] = {
    "permission": ("GET", "/permission$", lambda talk: talk.permission("me")),
    "report": ("POST", "/issues/1/comments$", lambda talk: talk.say("report", "done")),
    "status": ("POST", "/issues/1/comments$", lambda talk: talk.reserve("status", "begun")),
    "ending": ("POST", "/issues/1/labels$", lambda talk: talk.end_with(FAILED)),
    "rules": ("GET", "/contents/", lambda talk: talk.github.file("rules.yml")),
}


@pytest.mark.parametrize("name", CALLS)
async def test_a_call_under_way_is_given_up(name: str) -> None:
    method, path, call = CALLS[name]
    stop = asyncio.Event()
    async with FakeGitHub() as fake, asyncio.timeout(DEADLINE):
        number = fake.open_issue("nginx:1.27")
        github = client_of(fake, Waits())
        held = fake.hold(method, path)
        async with hurried_by(stop, github):
            calling = asyncio.ensure_future(call(conversation_of(github, number, [])))
            await held.arrived.wait()
            assert not calling.done()
            stop.set()
            with pytest.raises(GivenUpError, match=f"{method} .*: told to stop"):
                await calling
        assert len(fake.seen(method, path)) == 1


NICETIES: dict[str, tuple[str, str, Talk]] = {
    "reaction": ("POST", "/reactions$", lambda talk: talk.react("eyes")),
    "label": ("DELETE", "/labels/", lambda talk: talk.unmark(FAILED)),
    "edit": ("PATCH", "/comments/7$", lambda talk: talk.rewrite(7, "text")),
}


@pytest.mark.parametrize("name", NICETIES)
async def test_a_nicety_under_way_is_told_and_no_more(name: str) -> None:
    method, path, call = NICETIES[name]
    stop = asyncio.Event()
    said: list[str] = []
    async with FakeGitHub() as fake, asyncio.timeout(DEADLINE):
        number = fake.open_issue("nginx:1.27")
        github = client_of(fake, Waits())
        held = fake.hold(method, path)
        async with hurried_by(stop, github):
            calling = asyncio.ensure_future(call(conversation_of(github, number, said)))
            await held.arrived.wait()
            stop.set()
            await calling
    (line,) = said
    assert line.endswith("told to stop")


async def test_what_is_answered_in_time_is_heard() -> None:
    async with FakeGitHub() as fake:
        number = fake.open_issue("nginx:1.27")
        talk = conversation_of(hurrying(client_of(fake, Waits())), number, [])
        await talk.say("report", "done")
        await talk.end_with(FAILED)
        assert [each.body.endswith("done") for each in fake.comments(number)] == [True]
        assert FAILED.name in fake.issue(number).labels


async def test_late_the_last_word_alone_is_said() -> None:
    said: list[str] = []
    async with FakeGitHub() as fake:
        number = fake.open_issue("nginx:1.27")
        late = hurrying(client_of(fake, Waits()), since=LAST_CALLS)
        talk = conversation_of(late, number, said)
        await talk.react("eyes")
        await talk.say("report", "done")
        with pytest.raises(GivenUpError):
            await talk.end_with(FAILED)
        assert [each.method for each in fake.requests] == ["POST"]
        assert len(fake.comments(number)) == 1
    assert len(said) == 1


async def test_the_last_word_has_more_time_than_the_rest() -> None:
    stop = asyncio.Event()
    async with FakeGitHub() as fake, asyncio.timeout(DEADLINE):
        number = fake.open_issue("nginx:1.27")
        github = client_of(fake, Waits())
        fake.hold("POST", "/comments$|/reactions$")
        talk = conversation_of(github, number, [])
        async with hurried_by(stop, github):
            stop.set()
            saying = asyncio.ensure_future(talk.say("report", "done"))
            await talk.react("eyes")
            assert not saying.done()
            with pytest.raises(GivenUpError):
                await saying
    assert LAST_ANSWER < LAST_WORD


@pytest.mark.parametrize("since", [0.0, LAST_CALLS - 0.5])
async def test_there_is_time_for_a_short_pause_alone(since: float) -> None:
    waits = Waits()
    longest = min(LAST_ANSWER, LAST_CALLS - since)
    assert not await begun(since).pause(longest + 0.1, waits.sleep)
    assert await begun(since).pause(longest, waits.sleep)
    assert waits.seconds == [longest]


async def test_a_long_pause_ends_when_we_are_told_to_stop() -> None:
    stop = asyncio.Event()
    pausing = asyncio.Event()

    async def sleep(_: float) -> None:
        pausing.set()
        await asyncio.Event().wait()

    async with FakeGitHub() as fake, asyncio.timeout(DEADLINE):
        fake.slow_down("GET", "/permission$", 60, times=100)
        github = client_of(fake, Waits())
        github = replace(github, patience=replace(github.patience, sleep=sleep))
        async with hurried_by(stop, github):
            calling = asyncio.create_task(github.permission("me"))
            await pausing.wait()
            stop.set()
            with pytest.raises(GitHubError, match="told to stop"):
                await calling


async def test_nobody_hurries_before() -> None:
    stop = asyncio.Event()
    async with FakeGitHub() as fake:
        fake.fail("GET", "/permission$", status=502, times=3)
        fake.permissions["ann"] = "read"
        waits = Waits()
        github = client_of(fake, waits)
        async with hurried_by(stop, github):
            await github.permission("ann")
    assert waits.seconds == [1, 2, 4]
