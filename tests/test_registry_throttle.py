"""How many requests at once a registry gets, on clocks that tests move."""

import asyncio
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_mirror.registry.retry import MAX_PAUSE
from registry_mirror.registry.throttle import (
    Action,
    BodyWindow,
    Gate,
    Ticket,
    Window,
)

TICK = 0.1


def fill(window: Window, now: float = 0.0) -> list[Ticket]:
    tickets = []
    while ticket := window.acquire(now):
        tickets.append(ticket)
    return tickets


def test_a_burst_of_refusals_halves_once() -> None:
    window = Window(32, start=8)
    tickets = fill(window)

    for ticket in tickets:
        window.slow_down(ticket, 1.0)
        window.release(ticket, 1.0)

    assert window.size == 4


def test_the_next_burst_halves_again_and_one_is_always_left() -> None:
    window = Window(32, start=8)
    for expected in (4, 2, 1, 1):
        tickets = fill(window)
        for ticket in tickets:
            window.slow_down(ticket, 0.0)
            window.release(ticket, 0.0)
        assert window.size == expected


def test_what_is_halved_is_what_was_in_use() -> None:
    window = Window(32, start=32)
    tickets = [ticket for ticket in (window.acquire(0.0) for _ in range(4)) if ticket]

    window.slow_down(tickets[0], 0.0)

    assert window.size == 2


def test_success_makes_it_grow_to_its_limit_but_only_while_it_is_full() -> None:
    window = Window(16, start=4)
    for _ in range(20):
        lone = window.acquire(0.0)
        assert lone
        window.success(lone)
        window.release(lone, 0.0)
    assert window.size == 4

    for _ in range(20):
        for ticket in fill(window):
            window.success(ticket)
            window.release(ticket, 0.0)
    assert window.size == 16


def test_after_a_refusal_it_grows_by_one_for_each_round() -> None:
    window = Window(32, start=8)
    tickets = fill(window)
    window.slow_down(tickets[0], 0.0)
    for ticket in tickets:
        window.release(ticket, 0.0)

    sizes = []
    for _ in range(4):
        tickets = fill(window)
        sizes.append(len(tickets))
        for ticket in tickets:
            window.success(ticket)
        for ticket in tickets:
            window.release(ticket, 0.0)
    assert sizes == [4, 5, 6, 7]


def test_a_pause_that_was_asked_for_is_kept() -> None:
    window = Window(32)
    ticket = window.acquire(0.0)
    assert ticket
    window.slow_down(ticket, 0.0, pause=5.0)
    window.release(ticket, 0.0)

    assert window.acquire(4.9) is None
    assert window.acquire(5.0)


@given(st.lists(st.sampled_from(["acquire", "success", "refusal", "release"])), st.integers(1, 40))
def test_it_never_exceeds_its_limit_and_never_closes(events: list[str], limit: int) -> None:
    window = Window(limit)
    held: list[Ticket] = []
    for event in events:
        if event == "acquire" and (ticket := window.acquire(0.0)):
            held.append(ticket)
        elif event != "acquire" and held:
            if event == "success":
                window.success(held[0])
            elif event == "refusal":
                window.slow_down(held[0], 0.0)
            window.release(held.pop(0), 0.0)
        assert 1 <= window.size <= limit
        assert len(held) == window.in_use <= limit


@dataclass
class Link:
    """Bytes per second in all and per connection; `most` bodies at once are served."""

    total: float
    each: float
    most: int = 1000
    refused: int = 0
    peak: int = 0

    def carry(self, window: Window, bodies: list[float], seconds: float) -> float | None:
        """Seconds until all bodies have arrived; None where they did not in time."""
        waiting, moving = list(bodies), [(0.0, Ticket(0)) for _ in range(0)]
        now = 0.0
        while now < seconds:
            while waiting and (ticket := window.acquire(now)):
                if len(moving) >= self.most:
                    self.refused += 1
                    window.slow_down(ticket, now)
                    window.release(ticket, now)
                    break
                moving.append((waiting.pop(0), ticket))
            self.peak = max(self.peak, len(moving))
            now += TICK
            moving = self._tick(window, moving, now)
            if not waiting and not moving:
                return now
        return None

    def _tick(
        self, window: Window, moving: list[tuple[float, Ticket]], now: float
    ) -> list[tuple[float, Ticket]]:
        rate = min(self.each, self.total / max(len(moving), 1))
        left = []
        for size, ticket in moving:
            window.moved(now, round(min(size, rate * TICK)))
            if size > rate * TICK:
                left.append((size - rate * TICK, ticket))
            else:
                window.success(ticket)
                window.release(ticket, now)
        return left


class Constant(Window):
    def slow_down(self, ticket: Ticket, now: float, pause: float = 0.0) -> None:
        pass

    def success(self, ticket: Ticket) -> None:
        pass


MB = 1_000_000.0
BODIES = [20 * MB] * 60


def test_a_link_that_needs_four_connections_gets_about_four() -> None:
    link = Link(total=40 * MB, each=10 * MB)
    window = BodyWindow(32)

    seconds = link.carry(window, BODIES, 100)

    assert seconds is not None
    assert seconds <= 1.1 * sum(BODIES) / link.total
    assert link.peak <= 5


def test_a_long_thin_link_gets_as_many_as_it_has_use_for() -> None:
    link = Link(total=40 * MB, each=2 * MB)
    window = BodyWindow(32)

    seconds = link.carry(window, BODIES * 4, 400)

    assert seconds is not None
    assert seconds <= 1.3 * sum(BODIES) * 4 / link.total
    assert 18 <= link.peak <= 28


def test_a_registry_that_serves_two_at_once_gets_two() -> None:
    link = Link(total=40 * MB, each=10 * MB, most=2)
    window = BodyWindow(32)

    seconds = link.carry(window, BODIES, 200)

    assert seconds is not None
    assert seconds <= 1.15 * sum(BODIES) / (2 * link.each)
    assert link.refused <= 8


def test_a_registry_that_serves_two_at_once_is_asked_for_more_less_and_less_often() -> None:
    link = Link(total=40 * MB, each=10 * MB, most=2)

    assert link.carry(BodyWindow(32), BODIES * 10, 1000)

    assert link.refused <= 15


def test_one_bad_measure_does_not_decide() -> None:
    window = BodyWindow(32)
    sizes = []
    for second, rate in enumerate([40, 41, 50, 51, 51]):
        fill(window, float(second))
        window.moved(second + 1.0, rate)
        sizes.append(window.size)

    assert sizes == [5, 5, 6, 6, 5]


@pytest.mark.parametrize("size", [2, 4])
def test_no_constant_does_for_both(size: int) -> None:
    """What the two tests before show needs a number that is found out."""
    fast = Link(total=40 * MB, each=10 * MB)
    strict = Link(total=40 * MB, each=10 * MB, most=2)

    seconds = fast.carry(Constant(32, start=size), BODIES, 1000)
    assert seconds
    too_slow = seconds > 1.5 * sum(BODIES) / fast.total
    strict.carry(Constant(32, start=size), BODIES, 200)

    assert too_slow or strict.refused > 100


async def test_requests_of_a_kind_pass_in_the_order_in_which_they_came() -> None:
    gate = Gate(1)
    order: list[int] = []

    async def ask(number: int) -> None:
        async with gate.slot(Action.READ):
            order.append(number)
            await asyncio.sleep(0)

    await asyncio.gather(*(ask(number) for number in range(5)))

    assert order == [0, 1, 2, 3, 4]


async def test_the_limit_holds_for_all_kinds_together() -> None:
    gate = Gate(3)
    inside, peak = 0, 0

    async def ask(action: Action) -> None:
        nonlocal inside, peak
        async with gate.slot(action) as slot:
            inside += 1
            peak = max(peak, inside)
            for _ in range(3):
                await asyncio.sleep(0)
            inside -= 1
            slot.served()

    await asyncio.gather(*(ask(action) for action in Action for _ in range(10)))

    assert peak == 3


async def test_one_kind_that_is_refused_does_not_slow_the_others() -> None:
    gate = Gate(32)
    async with gate.slot(Action.PUT) as slot:
        slot.refused(60.0)

    assert gate.size(Action.PUT) == 1
    async with asyncio.timeout(5):
        async with gate.slot(Action.RESOLVE):
            pass


async def test_a_kind_that_was_told_to_wait_goes_on_by_itself() -> None:
    gate = Gate(32)
    async with gate.slot(Action.PUT) as slot:
        slot.refused(0.01)

    async with asyncio.timeout(5), gate.slot(Action.PUT):
        pass


async def test_a_pause_that_nobody_waits_for_keeps_nobody_else() -> None:
    gate = Gate(32, lambda: 0.0)
    async with gate.slot(Action.READ) as slot:
        slot.refused(MAX_PAUSE + 1)
    async with asyncio.timeout(5):
        await _pass(gate)

    async with gate.slot(Action.READ) as slot:
        slot.refused(MAX_PAUSE)
    waiter = asyncio.create_task(_pass(gate))
    for _ in range(10):
        await asyncio.sleep(0)
    assert not waiter.done()
    waiter.cancel()


async def test_who_stops_waiting_leaves_no_trace() -> None:
    gate = Gate(1)
    async with gate.slot(Action.READ):
        waiter = asyncio.create_task(_pass(gate))
        await asyncio.sleep(0)
        waiter.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiter
    async with asyncio.timeout(5):
        await _pass(gate)


async def test_who_is_let_in_and_stopped_at_once_gives_its_place_back() -> None:
    gate = Gate(1)
    async with gate.slot(Action.READ):
        waiter = asyncio.create_task(_pass(gate))
        await asyncio.sleep(0)
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    async with asyncio.timeout(5):
        await _pass(gate)


async def _pass(gate: Gate) -> None:
    async with gate.slot(Action.READ):
        pass


async def test_reading_waits_for_no_experience_of_its_own() -> None:
    """What is sent has found out how much at once is good; a layer says so only in the end."""
    assert Gate(32).size(Action.READ) == 32
    assert Gate(32).size(Action.STREAM) < 32
