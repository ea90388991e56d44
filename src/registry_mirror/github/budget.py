"""GitHub's quota of calls, of which all runs of a repository together have 1,000 an hour."""

from dataclasses import dataclass
from datetime import UTC, datetime

RESERVE = 50
"""Calls that are kept for the report, the labels and the closing, of this run and of others."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How many calls are left until `resets_at` (by our clock)."""

    remaining: int
    resets_at: datetime

    @property
    def spendable(self) -> int:
        return max(self.remaining - RESERVE, 0)

    def seconds_left(self, now: datetime) -> float:
        return max((self.resets_at - now).total_seconds(), 0.0)


class BudgetWatch:
    """What GitHub said last; shared by all that speak for one token."""

    def __init__(self) -> None:
        self._last: Budget | None = None

    def note(self, budget: Budget | None) -> None:
        """An answer may say nothing of it."""
        if budget is not None:
            self._last = budget

    @property
    def budget(self) -> Budget | None:
        """None where GitHub has said nothing yet, or its last word is out of date."""
        if self._last is None or self._last.resets_at <= datetime.now(UTC):
            return None
        return self._last
