"""Runs that meet, and the day's limit: what a status comment reserves, and who was first."""

import base64
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from registry_mirror.github.caller import MAX_PAGES
from registry_mirror.github.client import Comment
from registry_mirror.github.marker import Marker, encoded, read_marker
from registry_mirror.issue.reservations import (
    DAY,
    LONGEST_RUN,
    MAX_NAMES,
    counted,
    name_of_copy,
    read_reservations,
    rivals_of,
    served_from,
    values_of,
)
from registry_mirror.plan import Copy, Plan
from registry_mirror.repository_rules import PATH
from tests.issue_office import AUTHOR, COLLABORATOR, OWNER, Office, office
from tests.issue_requests import form
from tests.report_samples import copy_of

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
NGINX, REDIS = copy_of("nginx:1", 4), copy_of("redis:7", 5)
PLAN = Plan((NGINX, REDIS))


def comment(  # noqa: PLR0913 - a comment has this many sides
    number: int = 1,
    plan: Plan = PLAN,
    *,
    issue: int = 7,
    account: str = "ann",
    age: timedelta = timedelta(minutes=1),
    kind: str = "status",
    nonce: str = "n1",
    is_ours: bool = True,
) -> Comment:
    marker = Marker(kind, nonce, values_of(plan, account) if kind in {"status", "ended"} else ())
    return Comment(number, issue, "x", f"{marker}\nbody", NOW - age, is_ours)


def rivals(*comments: Comment, plan: Plan = PLAN) -> dict[Copy, tuple[int, bool]]:
    found = rivals_of(plan, 100, read_reservations(comments, NOW))
    return {copy: (rival.issue, rival.same) for copy, rival in found.items()}


def test_the_same_target_from_the_same_source_is_no_harm() -> None:
    assert rivals(comment()) == {NGINX: (7, True), REDIS: (7, True)}


def test_the_same_target_from_another_source_is_the_earlier_runs() -> None:
    other = replace(NGINX, source=replace(NGINX.source, registry="quay.io"))
    assert rivals(comment(plan=Plan((other,)))) == {NGINX: (7, False)}


def test_nobody_finds_another_source_of_the_same_mark() -> None:
    """24 bits, as they were, took ten seconds."""
    mark = base64.b64decode(name_of_copy(NGINX).source)
    assert len(mark) * 8 >= 64
    assert mark != base64.b64decode(name_of_copy(REDIS).source)


@pytest.mark.parametrize(
    "others",
    [
        [comment(101)],
        [comment(100, issue=8)],
        [comment(is_ours=False)],
        [comment(kind="report")],
        [comment(), comment(2, kind="report")],
        [comment(kind="ended")],
        [comment(age=LONGEST_RUN + timedelta(seconds=1))],
        [comment(plan=Plan((replace(NGINX, target=copy_of("else:1").target),)))],
    ],
    ids=[
        "later",
        "own comment",
        "forged",
        "no status",
        "reported",
        "ended",
        "too old",
        "elsewhere",
    ],
)
def test_what_is_no_rival(others: list[Comment]) -> None:
    assert rivals(*others) == {}


OTHER_NGINX = replace(NGINX, source=replace(NGINX.source, registry="quay.io"))


@pytest.mark.parametrize("numbers", [(1, 2), (2, 1)])
def test_of_many_earlier_runs_that_of_another_source_keeps_the_target(
    numbers: tuple[int, int],
) -> None:
    first, second = numbers
    others = [
        comment(first, Plan((OTHER_NGINX,)), issue=7),
        comment(second, Plan((NGINX,)), issue=9),
    ]
    assert rivals(*others) == {NGINX: (7, False)}


def test_two_runs_of_one_issue_are_rivals_too() -> None:
    assert rivals(comment(plan=Plan((OTHER_NGINX,)), issue=8)) == {NGINX: (8, False)}


def test_a_copy_that_was_held_reserves_nothing() -> None:
    held = Marker("status", "n1", values_of(PLAN, "ann", {NGINX}))
    other = Comment(1, 7, "x", f"{held}\nbody", NOW, is_ours=True)
    assert rivals(other) == {REDIS: (7, True)}
    (read,) = read_reservations([other], NOW)
    assert read.images == 2


def test_a_run_that_was_killed_counts_for_the_day() -> None:
    killed = [comment(1, kind="ended")]
    assert len(counted("ann", 100, read_reservations(killed, NOW), NOW)) == 1


def test_a_report_of_another_run_ends_no_reservation() -> None:
    assert rivals(comment(), comment(2, kind="report", nonce="n2"))


def test_a_reservation_of_many_images_fits_into_a_comment() -> None:
    plan = Plan(tuple(copy_of(f"quay.io/team/app-{n}:1", n) for n in range(MAX_NAMES + 50)))
    written = comment(plan=plan)
    assert len(written.body) < 5_000
    (read,) = read_reservations([written], NOW)
    assert (read.images, len(read.names)) == (MAX_NAMES + 50, MAX_NAMES)


@pytest.mark.parametrize(
    "values",
    [
        (),
        (("account", encoded("ann")),),
        (("account", encoded("ann")), ("images", "")),
        (("account", encoded("ann")), ("images", "x")),
        (("account", "!".replace("!", "=")), ("images", "1")),
    ],
)
def test_a_marker_that_reserves_nothing_is_none(values: tuple[tuple[str, str], ...]) -> None:
    body = str(Marker("status", "n", values))
    assert read_reservations([Comment(1, 1, "x", body, NOW, is_ours=True)], NOW) == ()


def test_a_days_images_are_those_of_one_person_and_of_the_last_24_hours() -> None:
    comments = [
        comment(1, age=DAY),
        comment(2, age=DAY - timedelta(seconds=1)),
        comment(3, account="bob"),
        comment(4, age=timedelta(hours=1)),
        comment(5, is_ours=False),
        comment(101),
    ]
    found = counted("ann", 100, read_reservations(comments, NOW), NOW)
    assert [one.comment for one in found] == [2, 4]


@pytest.mark.parametrize(
    ("now", "limit", "hours"),
    [(1, 4, 4), (2, 4, 4), (3, 4, 14), (4, 4, 14), (5, 4, None)],
)
def test_it_says_when_the_day_is_over(now: int, limit: int, hours: int | None) -> None:
    """Two images were asked for 20 hours ago, and two more 10 hours ago."""
    earlier = [comment(1, age=timedelta(hours=20)), comment(2, age=timedelta(hours=10))]
    before = counted("ann", 100, read_reservations(earlier, NOW), NOW)
    until = served_from(before, now, limit)
    assert until == (None if hours is None else NOW + timedelta(hours=hours))


# Through `issue`


async def other_run(place: Office, line: str, *, over: bool = False) -> int:
    """Another issue whose run has mirrored a line; where it isn't over its report is missing."""
    number = place.open(line, author=COLLABORATOR)
    await place.happen("opened", number, COLLABORATOR)
    if not over:
        for each in place.github.comments(number):
            each.body = each.body.replace("registry-mirror report", "registry-mirror gone")
    return number


async def test_the_later_run_of_one_tag_says_so(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        line = place.image()
        first = await other_run(place, line)
        second = place.open(line, author=OWNER)
        await place.happen("opened", second, OWNER)

        status, report = (each.body for each in place.github.comments(second))
        assert f"⚠️ #{first} is writing too" in status
        assert f"⚠️ #{first} is writing too" in report
        assert place.labels(second) == {"completed"}


async def test_the_later_run_of_another_image_leaves_the_tag_alone(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        first = await other_run(place, f"{place.image('other')} --as app:1")
        held = place.target.manifest("mirrors/app", "1")
        lines = (place.image(), place.image("free"))
        second = place.open(*lines, author=OWNER)
        await place.happen("opened", second, OWNER)

        report = place.last(second)
        assert "`target-conflict`" in report
        third = place.open(f"{place.image('third')} --as app:1", author=OWNER)
        await place.happen("opened", third, OWNER)
        assert f"`#{first}`" in place.last(third)
        for number in (second, third):
            status = place.github.comments(number)[0].body
            marker = read_marker(status)
            assert marker
            names = marker.value("names") or ""
            assert bool(names) is (number == second)

        assert f"`#{first}`" in report
        assert place.labels(second) == {"failed"}
        assert place.target.manifest("mirrors/app", "1") == held
        assert place.holds("free:1")

        for each in place.github.comments(first):
            each.body = each.body.replace("registry-mirror gone", "registry-mirror report")
        await place.comment(second, "/retry failed", OWNER)
        assert place.labels(second) == {"completed"}
        assert place.target.manifest("mirrors/app", "1") != held
        assert place.last(second).count("✅ copied") == 1


async def test_a_run_that_is_over_hinders_nobody(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        await other_run(place, f"{place.image('other')} --as app:1", over=True)
        second = place.open(place.image(), author=OWNER)
        await place.happen("opened", second, OWNER)
        assert place.labels(second) == {"completed"}


async def test_a_person_gets_no_more_than_a_days_images(tmp_path: Path) -> None:
    async with office(tmp_path, "everyone") as place:
        place.github.files[PATH] = b"limits:\n  images-per-day: 2\n"
        names = [place.image(f"app{n}") for n in range(5)]
        first = place.open(names[0], author=AUTHOR)
        await place.happen("opened", first, AUTHOR)
        assert place.labels(first) == {"completed"}

        second = place.open(*names[1:3], author=AUTHOR)
        await place.happen("opened", second, AUTHOR)
        (refusal,) = place.github.comments(second)
        assert "`daily-limit`" in refusal.body
        assert re.search(r"From 20\d\d-\d\d-\d\d \d\d:\d\d UTC", refusal.body)
        assert place.labels(second) == {"failed"}
        assert not place.holds("app1:1")

        other = place.open(*names[3:5], author=COLLABORATOR)
        await place.happen("opened", other, COLLABORATOR)
        assert place.labels(other) == {"completed"}

        place.github.edit_issue(second, form([names[1]]))
        await place.comment(second, "/retry", AUTHOR)
        assert place.labels(second) == {"completed"}


async def test_lists_that_wait_count_for_a_day_once_they_are_run(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        place.github.files[PATH] = b"limits:\n  images-per-day: 1\n"
        numbers = [place.open(place.image(f"app{n}")) for n in range(2)]
        for number in numbers:
            await place.happen("opened", number, AUTHOR)
            assert place.labels(number) == {"needs-approval"}
        for number in numbers:
            await place.comment(number, place.approval(number), COLLABORATOR)
        assert [place.labels(number) - {"approved"} for number in numbers] == [
            {"completed"},
            {"failed"},
        ]
        assert (place.holds("app0:1"), place.holds("app1:1")) == (True, False)


async def test_where_too_much_was_said_to_count_a_day_nothing_runs(tmp_path: Path) -> None:
    async with office(tmp_path, "everyone") as place:
        place.github.files[PATH] = b"limits:\n  images-per-day: 2\n"
        names = [place.image(f"app{n}") for n in range(2)]
        first, second = place.open(names[0]), place.open(names[1])
        await place.happen("opened", first, AUTHOR)
        for _ in range(MAX_PAGES * 100):
            place.github.add_comment(first, "+1", "sam")
        await place.happen("opened", second, AUTHOR)

        assert "`daily-limit`" in place.last(second)
        assert "comments" in place.last(second)
        assert place.labels(second) == {"failed"}
        assert not place.holds("app1:1")


async def test_where_nobody_is_limited_much_talk_hinders_nobody(tmp_path: Path) -> None:
    async with office(tmp_path, "everyone") as place:
        number = place.open()
        for _ in range(MAX_PAGES * 100):
            place.github.add_comment(number, "+1", "sam")
        await place.happen("opened", number, AUTHOR)
        assert place.labels(number) == {"completed"}


async def test_an_approved_list_counts_for_its_author(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        number = place.open(author=AUTHOR)
        await place.happen("opened", number, AUTHOR)
        await place.comment(number, place.approval(number), COLLABORATOR)
        bodies = [each.body for each in place.github.comments(number)]
        markers = [marker for body in bodies if (marker := read_marker(body))]
        (status,) = (marker for marker in markers if marker.kind == "status")
        assert status.value("account") == encoded(AUTHOR)


@pytest.mark.parametrize("trouble", ["POST .*/issues/2/comments$", "GET .*/issues/comments$"])
async def test_a_limit_that_cannot_be_kept_lets_nothing_through(
    trouble: str, tmp_path: Path
) -> None:
    async with office(tmp_path, "everyone") as place:
        place.github.files[PATH] = b"limits:\n  images-per-day: 2\n"
        place.open()
        number = place.open()
        method, _, path = trouble.partition(" ")
        place.github.fail(method, path, status=422, times=1000)
        await place.happen("opened", number, AUTHOR)
        assert not place.was_written_to


async def test_where_nobody_is_limited_a_run_that_hears_of_no_other_goes_on(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        number = place.open(author=COLLABORATOR)
        place.github.fail("GET", "/issues/comments$", status=422, times=1000)
        await place.happen("opened", number, COLLABORATOR)
        status, _ = place.github.comments(number)
        assert place.labels(number) == {"completed"}
        assert "Finished: 1 of 1" in status.body
