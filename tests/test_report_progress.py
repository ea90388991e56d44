"""What is told of a run's bytes while it goes on."""

import gc
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_mirror.engines import Advanced, Ended, Event, Started
from registry_mirror.errors import Code
from registry_mirror.outcome import Bytes
from registry_mirror.plan import Copy, Plan
from registry_mirror.report.markdown import status_comment
from registry_mirror.report.progress import Advance, Flow, ProgressBoard
from registry_mirror.text import Language
from tests.report_samples import MIB, MIXED, copied, copy_of, failed

ONE, TWO, THREE = copy_of("nginx:1", 1), copy_of("nginx:2", 2), copy_of("nginx:3", 3)


def board_of(*copies: Copy) -> ProgressBoard:
    return ProgressBoard(Plan(copies))


def after(copies: tuple[Copy, ...], *events: tuple[float, Event]) -> ProgressBoard:
    board = board_of(*copies)
    for now, event in events:
        board.take(event, now)
    return board


def ended(copy: Copy, moved: Bytes | None) -> Ended:
    return Ended(replace(copied("nginx:1"), copy=copy, moved=moved))


@given(st.integers(8, 400), st.integers(1, 10**9))
def test_a_steady_flow_has_its_speed_from_its_beginning_on(quarters: int, octets: int) -> None:
    flow = Flow.beginning(100.0)
    for number in range(1, quarters + 1):
        flow = flow.after(octets, 100 + number / 4)
    assert flow.speed(100 + quarters / 4) == pytest.approx(octets * 4, rel=0.02)


def test_a_speed_follows_and_fades() -> None:
    flow = Flow.beginning(0.0)
    assert flow.after(MIB, 0.5).speed(0.9) is None
    for second in range(1, 61):
        flow = flow.after(MIB if second <= 30 else 4 * MIB, second)
    assert flow.speed(60.0) == pytest.approx(4 * MIB, rel=0.1)
    stalled = [flow.speed(60.0 + wait) or 0.0 for wait in (0, 5, 30, 1000)]
    assert stalled == sorted(stalled, reverse=True)
    assert stalled[2] < 0.3 * MIB
    assert stalled[3] < 1


def test_an_image_tells_bytes_speed_and_time_left() -> None:
    board = after(
        (ONE,),
        (0.0, Started(ONE)),
        *((n / 4, Advanced(ONE, n * MIB, 100 * MIB)) for n in range(1, 41)),
    )
    advance = board.advance(ONE, 10.0)
    assert advance
    assert (advance.moved, advance.total, advance.percent) == (40 * MIB, 100 * MIB, 40)
    assert advance.speed == pytest.approx(4 * MIB, rel=0.05)
    assert advance.seconds_left == pytest.approx(15, rel=0.05)
    assert board.overall(10.0) == advance


def test_bytes_that_go_again_are_taken_back() -> None:
    board = after(
        (ONE,),
        (0.0, Started(ONE)),
        (5.0, Advanced(ONE, 50 * MIB, 60 * MIB)),
        (5.0, Advanced(ONE, 20 * MIB, 60 * MIB)),
    )
    for advance in (board.advance(ONE, 6.0), board.overall(6.0)):
        assert advance
        assert (advance.moved, advance.percent) == (20 * MIB, 33)
        assert advance.speed == pytest.approx(10 * MIB, rel=0.05)


@pytest.mark.parametrize(
    ("advance", "percent", "has_end"),
    [
        (Advance(5, 10, 1.0), 50, True),
        (Advance(5, 10), 50, False),
        (Advance(5, 10, 0.0), 50, False),
        (Advance(5, 10, 1e-9), 50, False),
        (Advance(10, 10, 1.0), 100, False),
        (Advance(5, None, 1.0), None, False),
    ],
)
def test_an_end_is_told_only_where_it_can_be(
    advance: Advance, percent: int | None, *, has_end: bool
) -> None:
    assert advance.percent == percent
    assert (advance.seconds_left is not None) is has_end


def test_a_total_that_was_too_small_grows() -> None:
    board = after((ONE,), (0.0, Started(ONE)), (0.2, Advanced(ONE, 7, 5)))
    assert board.advance(ONE, 0.2) == board.overall(0.2) == Advance(7, 7)


def test_an_unknown_total_stays_unknown() -> None:
    board = after((ONE,), (0.0, Started(ONE)), (0.2, Advanced(ONE, 7, 0)))
    assert board.advance(ONE, 0.2) == board.overall(0.2) == Advance(7)


def test_sizes_may_be_told_before_anything_starts() -> None:
    board = after((ONE, TWO), (0.0, Advanced(ONE, 0, 10)), (0.0, Advanced(TWO, 0, 30)))
    assert board.overall(0.5) == Advance(0, 40)
    board.take(Started(ONE), 20.0)
    board.take(Advanced(ONE, 5, 10), 22.0)
    advance = board.advance(ONE, 22.0)
    assert advance
    assert advance.speed == pytest.approx(2.5, rel=0.2)


def test_what_was_mounted_is_no_longer_to_be_sent() -> None:
    board = after(
        (ONE, TWO),
        (0.0, Started(ONE)),
        (0.1, Started(TWO)),
        (0.2, Advanced(ONE, 10, 100)),
        (0.3, Advanced(TWO, 20, 100)),
        (0.4, ended(ONE, Bytes(100, 30, 50, 20))),
    )
    assert board.overall(0.5) == Advance(50, 130)


def test_a_failed_image_has_sent_what_it_had() -> None:
    lost = failed("nginx:1", Code.TIMEOUT)
    board = after(
        (lost.copy, TWO),
        (0.1, Advanced(lost.copy, 10, 100)),
        (0.2, Advanced(TWO, 20, 100)),
        (0.3, Ended(lost)),
    )
    assert board.overall(0.5) == Advance(30, 110)


def test_sizes_not_yet_known_are_taken_from_the_others() -> None:
    board = after(
        (ONE, TWO, THREE), (0.1, Advanced(ONE, 10, 100)), (0.2, ended(TWO, Bytes(100, 20, 80, 0)))
    )
    assert board.overall(0.5) == Advance(30, 180, is_estimate=True)
    board.take(Advanced(THREE, 0, 500), 0.6)
    assert board.overall(0.7) == Advance(30, 620)


def test_what_ended_tells_no_more() -> None:
    board = after(
        (ONE, TWO),
        (0.0, Started(ONE)),
        (0.1, Advanced(ONE, 10, 10)),
        (0.2, ended(ONE, Bytes(10, 10, 0, 0))),
        (0.3, Advanced(ONE, 4, 0)),
        (0.4, Advanced(TWO, -4, 30)),
    )
    assert board.advance(ONE, 0.5) is None
    assert board.overall(0.5) == Advance(10, 40)


def test_an_engine_that_tells_no_bytes_shows_none() -> None:
    board = after((ONE, TWO), (0.0, Started(ONE)), (1.0, ended(ONE, None)), (1.1, Started(TWO)))
    assert board.overall(2.0) is None
    assert board.advance(TWO, 2.0) is None
    comment = status_comment(board.status(2.0), language=Language.EN)
    assert " B" not in comment
    assert "📦" not in comment
    assert "%" not in comment


def test_nothing_is_left_to_tell_when_all_is_over() -> None:
    board = after((ONE,), (0.1, Advanced(ONE, 10, 10)), (1.0, ended(ONE, Bytes(10, 10, 0, 0))))
    assert "📦" not in status_comment(board.status(2.0), language=Language.EN)


def test_a_view_stays_as_it_was() -> None:
    board = after((ONE,), (0.0, Started(ONE)), (0.1, Advanced(ONE, 1, 10)))
    view = board.status(0.2)
    board.take(Ended(MIXED.outcomes[0]), 0.3)
    board.take(ended(ONE, None), 0.3)
    assert view.outcomes == {}
    assert view.advances == {ONE: Advance(1, 10)}


_SIZES = st.integers(-5, 100)
_MOVES = st.lists(st.tuples(st.integers(0, 9), _SIZES, st.integers(0, 100)), max_size=60)


@given(_MOVES, st.lists(st.integers(0, 9), unique=True))
def test_the_whole_is_the_sum_of_its_parts(
    moves: list[tuple[int, int, int]], ending: list[int]
) -> None:
    copies = tuple(copy_of(f"nginx:{number}", number) for number in range(10))
    board = board_of(*copies)
    latest = dict.fromkeys(copies, 0)
    for number, moved, total in moves:
        board.take(Advanced(copies[number], moved, total), 0.1)
        latest[copies[number]] = max(moved, 0)
    for number in ending:
        board.take(ended(copies[number], Bytes(200, 50, 100, 50)), 0.2)
        latest[copies[number]] = 50
    overall = board.overall(0.3)
    assert (overall.moved if overall else 0) == sum(latest.values())
    assert overall is None or overall.percent is None or 0 <= overall.percent <= 100
    assert board.done == len(ending)


def seconds_for_an_image(images: int) -> float:
    copies = tuple(copy_of(f"team/image-{number}:1", number) for number in range(images))
    board = board_of(*copies)
    events: list[Event] = [
        *(Started(copy) for copy in copies),
        *(Advanced(copy, moved, 10) for moved in range(1, 4) for copy in copies),
        *(ended(copy, Bytes(10, 5, 3, 2)) for copy in copies),
    ]
    gc.disable()  # it costs the more, the more tests this process has run
    try:
        start = time.process_time()
        for event in events:
            board.take(event, 0.1)
        return (time.process_time() - start) / images
    finally:
        gc.enable()


def test_an_image_costs_the_same_in_a_plan_of_thousands() -> None:
    """What grew with the plan would be hundreds of times as much."""
    among_few = min(seconds_for_an_image(50) for _ in range(5))
    among_many = min(seconds_for_an_image(16_000) for _ in range(2))
    assert among_many < 10 * among_few
