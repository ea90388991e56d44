"""What a link of `bench.link` is like, and the rates that its bytes take their turn at."""

from dataclasses import dataclass

CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Conditions:
    """Seconds, and bytes per second; None is without limit."""

    round_trip: float = 0.0
    rate: float | None = None
    rate_per_connection: float | None = None


@dataclass(frozen=True, slots=True)
class Cuts:
    """Bytes that a connection carries to the server (`up`) or to the client until it is cut."""

    up: int | None = None
    down: int | None = None


@dataclass(slots=True)
class Counters:
    """`up` and `down` are bytes that came out at the server's and the client's end."""

    up: int = 0
    down: int = 0
    connections: int = 0
    open: int = 0
    most: int = 0
    cuts: int = 0


class Turnstile:
    """Lets `rate` bytes a second through, in the order in which they are booked."""

    def __init__(self, rate: float | None) -> None:
        self.rate = rate
        self._free = 0.0

    def book(self, size: int, now: float, slack: float) -> float:
        """When the last of these bytes is through.

        A turnstile that stood still for less than `slack` seconds catches up.
        """
        if self.rate is None:
            return now
        self._free = max(self._free, now - slack) + size / self.rate
        return max(self._free, now)


class Wire:
    """What all connections of a link share."""

    def __init__(self, conditions: Conditions) -> None:
        self.conditions = conditions
        self.up = Turnstile(conditions.rate)
        self.down = Turnstile(conditions.rate)

    @property
    def chunk(self) -> int:
        """Bytes that take their turn together: a hundredth of a second of a slow link."""
        rates = (self.conditions.rate, self.conditions.rate_per_connection)
        return max(1, min([CHUNK, *(int(rate / 100) for rate in rates if rate)]))
