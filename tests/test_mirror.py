"""The sentence: plans carried out by an engine that does nothing but what a test tells it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from registry_mirror.config import Settings
from registry_mirror.engines import Ended, EngineName, Event, Observer, Started
from registry_mirror.errors import Code, ConfigurationInvalidError, Failure, RequestInvalidError
from registry_mirror.mirror import carry_out, mirror, open_engine, plan_of
from registry_mirror.naming import Target
from registry_mirror.oci import media_type
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.platform import DEFAULT_SELECTION
from registry_mirror.oci.reference import Reference
from registry_mirror.outcome import Content, Copied, Failed, Outcome
from registry_mirror.plan import Copy, Plan
from registry_mirror.request.listing import read_list

CONTENT = Content(Digest.of(b"an image"), media_type.DOCKER_MANIFEST)


def copy_of(name: str, line: int) -> Copy:
    source = Reference.parse(f"quay.io/team/{name}:1")
    return Copy(line, source, Reference.parse(f"a.example/ns/{name}:1"), DEFAULT_SELECTION)


A, B, C = (copy_of(name, line) for line, name in enumerate("abc", start=1))
PLAN = Plan((A, B, C))


def copied(copy: Copy) -> Copied:
    return Copied(copy, CONTENT, seconds=1.0)


def cancelled(copy: Copy) -> Failed:
    return Failed(copy, Failure(Code.CANCELLED))


class ToldEngine:
    """An engine whose run is a function of the test's."""

    name = EngineName.SKOPEO

    def __init__(self, work: Callable[[Plan, Observer], Awaitable[tuple[Outcome, ...]]]) -> None:
        self._work = work
        self.was_cancelled = False

    async def run(self, plan: Plan, observer: Observer) -> tuple[Outcome, ...]:
        try:
            return await self._work(plan, observer)
        except asyncio.CancelledError:
            self.was_cancelled = True
            raise


async def succeed_backwards(plan: Plan, observer: Observer) -> tuple[Outcome, ...]:
    for copy in reversed(plan.copies):
        observer(Started(copy))
        observer(Ended(copied(copy)))
    return tuple(copied(copy) for copy in plan.copies)


async def test_outcomes_come_in_the_order_of_the_plan() -> None:
    events: list[Event] = []

    outcomes = await carry_out(PLAN, ToldEngine(succeed_backwards), events.append, asyncio.Event())

    assert outcomes == (copied(A), copied(B), copied(C))
    assert events == [event for copy in (C, B, A) for event in (Started(copy), Ended(copied(copy)))]


async def test_an_empty_plan_has_no_outcomes() -> None:
    engine = ToldEngine(succeed_backwards)
    assert await carry_out(Plan(()), engine, lambda _: None, asyncio.Event()) == ()


async def test_stopped_what_has_not_ended_is_cancelled() -> None:
    stop = asyncio.Event()
    events: list[Event] = []

    async def work(_: Plan, observer: Observer) -> tuple[Outcome, ...]:
        observer(Started(B))
        observer(Ended(copied(B)))
        observer(Started(C))
        stop.set()
        await asyncio.get_running_loop().create_future()
        raise AssertionError

    engine = ToldEngine(work)
    outcomes = await carry_out(PLAN, engine, events.append, stop)

    assert engine.was_cancelled
    assert outcomes == (cancelled(A), copied(B), cancelled(C))
    assert events == [
        Started(B),
        Ended(copied(B)),
        Started(C),
        Ended(cancelled(A)),
        Ended(cancelled(C)),
    ]


async def test_stopped_before_it_began_everything_is_cancelled() -> None:
    stop = asyncio.Event()
    stop.set()

    async def work(_: Plan, __: Observer) -> tuple[Outcome, ...]:
        await asyncio.get_running_loop().create_future()
        raise AssertionError

    outcomes = await carry_out(PLAN, ToldEngine(work), lambda _: None, stop)

    assert outcomes == (cancelled(A), cancelled(B), cancelled(C))


async def test_what_ends_while_the_engine_winds_up_counts() -> None:
    stop = asyncio.Event()

    async def work(_: Plan, observer: Observer) -> tuple[Outcome, ...]:
        stop.set()
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            observer(Ended(copied(A)))
        raise AssertionError

    outcomes = await carry_out(PLAN, ToldEngine(work), lambda _: None, stop)

    assert outcomes == (copied(A), cancelled(B), cancelled(C))


async def test_a_run_that_ended_just_before_the_stop_is_whole() -> None:
    stop = asyncio.Event()

    async def work(plan: Plan, observer: Observer) -> tuple[Outcome, ...]:
        stop.set()
        return await succeed_backwards(plan, observer)

    outcomes = await carry_out(PLAN, ToldEngine(work), lambda _: None, stop)

    assert outcomes == (copied(A), copied(B), copied(C))


class Bug(Exception):  # noqa: N818 - what it stands for
    pass


async def test_a_bug_of_the_engine_is_not_hidden() -> None:
    async def work(_: Plan, __: Observer) -> tuple[Outcome, ...]:
        raise Bug

    with pytest.raises(Bug):
        await carry_out(PLAN, ToldEngine(work), lambda _: None, asyncio.Event())


async def test_a_bug_while_the_engine_winds_up_is_not_hidden() -> None:
    stop = asyncio.Event()

    async def work(_: Plan, __: Observer) -> tuple[Outcome, ...]:
        stop.set()
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            raise Bug

    with pytest.raises(Bug):
        await carry_out(PLAN, ToldEngine(work), lambda _: None, stop)


async def test_a_bug_of_the_observer_is_not_hidden() -> None:
    def observe(_: Event) -> None:
        raise Bug

    with pytest.raises(Bug):
        await carry_out(PLAN, ToldEngine(succeed_backwards), observe, asyncio.Event())


async def test_cancelled_from_outside_the_engine_is_cancelled_too() -> None:
    began = asyncio.Event()
    events: list[Event] = []
    wound_up: list[str] = []

    async def work(_: Plan, __: Observer) -> tuple[Outcome, ...]:
        began.set()
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            await asyncio.wait({asyncio.create_task(began.wait())})
            wound_up.append("to its end")
        raise AssertionError

    engine = ToldEngine(work)
    task = asyncio.create_task(carry_out(PLAN, engine, events.append, asyncio.Event()))
    await began.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert engine.was_cancelled
    assert wound_up == ["to its end"]
    assert events == []
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_nothing_is_left_waiting_for_a_stop() -> None:
    await carry_out(PLAN, ToldEngine(succeed_backwards), lambda _: None, asyncio.Event())
    assert asyncio.all_tasks() == {asyncio.current_task()}


# Before anything moves.

TO_NS = Settings(target=Target("a.example", "ns"))


async def test_the_native_engine_opens_where_there_is_no_skopeo() -> None:
    settings = Settings(engine=EngineName.NATIVE, environment={"PATH": "/nonexistent"})
    async with open_engine(settings) as engine:
        assert engine.name is EngineName.NATIVE


async def test_the_skopeo_engine_does_not() -> None:
    settings = Settings(engine=EngineName.SKOPEO, environment={"PATH": "/nonexistent"})
    with pytest.raises(ConfigurationInvalidError):
        async with open_engine(settings):
            pytest.fail("there is no skopeo")


@asynccontextmanager
async def unwatched(plan: Plan) -> AsyncIterator[Observer]:
    assert not plan.copies, "nothing was to be carried out"
    yield lambda _: None


@pytest.mark.parametrize(
    ("images", "settings", "error"),
    [
        ("quay.io/team/a\n", TO_NS, RequestInvalidError),
        ("", TO_NS, RequestInvalidError),
        (
            "quay.io/team/a:1\n",
            Settings(
                target=TO_NS.target,
                engine=EngineName.SKOPEO,
                environment={"PATH": "/nonexistent"},
            ),
            ConfigurationInvalidError,
        ),
    ],
    ids=["missing tag", "empty", "no skopeo"],
)
async def test_what_is_invalid_is_told_before_anything_moves(
    images: str, settings: Settings, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await mirror(read_list(images), settings, unwatched, asyncio.Event())


def test_a_plan_is_made_by_the_settings() -> None:
    settings = Settings(target=Target("a.example", "ns"), max_images=1)

    plan = plan_of(read_list("quay.io/team/a:1"), settings)
    assert [str(copy.target) for copy in plan.copies] == ["a.example/ns/a:1"]

    with pytest.raises(RequestInvalidError):
        plan_of(read_list("quay.io/team/a:1\nquay.io/team/b:1"), settings)


def test_settings_without_a_target_are_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="target"):
        plan_of(read_list("quay.io/team/a:1"), Settings())
