"""What is said on an issue, and the label it is left with.

A comment that must arrive raises GitHubError where it can't; a reaction, a progress edit and a
label are niceties, whose failures are told to `complain` and no more.
"""

import asyncio
import functools
import math
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from registry_mirror.engines import Event, Observer
from registry_mirror.github.budget import Budget
from registry_mirror.github.client import GitHub, Permission
from registry_mirror.github.labels import (
    COMPLETED,
    NEEDS_APPROVAL,
    REQUEST,
    STATES,
    Label,
)
from registry_mirror.github.marker import Marker, Values
from registry_mirror.github.retry import MAX_RESET_WAITING, GitHubError, GivenUpError
from registry_mirror.plan import Plan
from registry_mirror.report.progress import ProgressBoard, Status

STATUS = "status"
"""The kind of the comment that is edited while a run lasts."""

ENDED = "ended"
"""What that comment is of once another step has told that its run is over, which it couldn't."""

SHORTEST_EDIT_INTERVAL = 10.0
LONGEST_EDIT_INTERVAL = 60.0


EDIT_SHARE = 0.5
"""How much of what may be spent of GitHub's budget one run's edits take; others edit too."""


def edit_interval(age: float, budget: Budget | None, now: datetime) -> float | None:
    """Seconds at least between two edits of a status comment that is `age` seconds old.

    GitHub's budget is 1,000 calls an hour, for all runs of a repository together; so a run makes
    some 80 edits in its first hour and 60 in each after, and fewer where others have spent much of
    it. None where what is left is kept for the report: no edits until the budget is renewed.
    """
    usual = min(max(SHORTEST_EDIT_INTERVAL, age / 10), LONGEST_EDIT_INTERVAL)
    if budget is None:
        return usual
    edits = math.floor(budget.spendable * EDIT_SHARE)
    return max(usual, budget.seconds_left(now) / edits) if edits else None


def new_nonce() -> str:
    return secrets.token_hex(8)


@dataclass(frozen=True, slots=True)
class Conversation:
    """One run's part of an issue's talk.

    `nonce` makes its markers its own; `pause` waits some seconds between two edits of the status.
    `comment` is the one that asked for the run, where it wasn't the issue itself.
    """

    github: GitHub
    issue: int
    nonce: str
    complain: Callable[[str], None]
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    comment: int | None = None

    async def say(self, kind: str, body: str, values: Values = ()) -> int:
        """Post a comment and return its id; its marker carries the values. Raises GitHubError."""
        return await self._post(self._insistent, self._marker(kind, values), body)

    async def reserve(self, kind: str, body: str, values: Values = ()) -> int:
        """Like `say`, but gives up where GitHub's budget is used up: nothing is lost yet."""
        return await self._post(self.github, self._marker(kind, values), body)

    async def permission(self, login: str) -> Permission:
        """What somebody may do in the repository. Raises GitHubError."""
        return await self._patient.permission(login)

    async def rewrite(
        self, comment: int, body: str, kind: str | None = None, values: Values = ()
    ) -> None:
        """Replace a comment of ours, its marker too: without a kind it has none from then on."""
        text = body if kind is None else f"{self._marker(kind, values)}\n{body}"
        await self._attempt(self.github.edit_comment(comment, text))

    async def acknowledge(self) -> None:
        await self.react("eyes")

    async def react(self, content: str) -> None:
        """Answer by a reaction (`+1`, `-1`, `confused` …) whoever asked for this run."""
        if self.comment is None:
            await self._attempt(self._hurried.react(self.issue, content))
        else:
            await self._attempt(self._hurried.react_to_comment(self.comment, content))

    async def take_as_request(self) -> None:
        """Give the issue the label that a fork lacked when the form wanted to set it."""
        await self.mark(REQUEST)

    async def clear_ending(self) -> None:
        for label in STATES:
            await self.unmark(label)

    async def end_with(self, ending: Label) -> None:
        """Leave the issue with this label alone of its kind, and closed if nothing is left.

        Raises GivenUpError: the closing step has time for what is left of it.
        """
        for label in STATES:
            if label != ending:
                await self._settle(self.github.remove_label(self.issue, label.name))
        await self._settle(self._put(ending))
        if ending == COMPLETED:
            await self._settle(self.github.close_issue(self.issue))

    async def wait_for_approval(self) -> None:
        await self.end_with(NEEDS_APPROVAL)

    async def mark(self, label: Label) -> None:
        """Add a label that excludes no other."""
        await self._attempt(self._put(label))

    async def unmark(self, label: Label) -> None:
        await self._attempt(self._hurried.remove_label(self.issue, label.name))

    @asynccontextmanager
    async def status(
        self,
        plan: Plan,
        render: Callable[[Status], str],
        output: Callable[[str, str], None],
        comment: int | None = None,
        values: Values = (),
    ) -> AsyncIterator[Observer]:
        """A comment that is edited in place while the plan is carried out.

        One that was posted before is gone on with, and every edit keeps the marker's values. Its id
        becomes the output `status_comment`, for whoever has to answer after a killed run. Raises
        GitHubError where it can't be posted.
        """
        board = _Board(plan)
        if comment is None:
            comment = await self.reserve(STATUS, render(board.status), values)
        output("status_comment", str(comment))
        edit = functools.partial(self._edit_status, comment, values)
        editing = asyncio.create_task(self._keep_current(board, lambda: edit(render(board.status))))
        try:
            yield board.observe
        finally:
            board.finish()
            await editing

    async def _keep_current(self, board: "_Board", edit: Callable[[], Awaitable[None]]) -> None:
        """An edit that was under way when the board was finished isn't the last."""
        began = time.monotonic()
        is_last = False
        while not is_last:
            await board.news(self.pause(self._interval(began) or LONGEST_EDIT_INTERVAL))
            is_last = board.finished
            if self._interval(began) is None:
                board.remember_news()
            else:
                await edit()

    def _interval(self, began: float) -> float | None:
        age = time.monotonic() - began
        return edit_interval(age, self.github.budget, datetime.now(UTC))

    async def _edit_status(self, comment: int, values: Values, body: str) -> None:
        text = f"{self._marker(STATUS, values)}\n{body}"
        await self._attempt(self._hurried.edit_comment(comment, text))

    async def _post(self, github: GitHub, marker: Marker, body: str) -> int:
        return await github.create_comment(self.issue, f"{marker}\n{body}", str(marker))

    def _marker(self, kind: str, values: Values) -> Marker:
        return Marker(kind, self.nonce, values)

    async def _put(self, label: Label) -> None:
        """Give the issue a label, which may exist even where creating it fails."""
        created = self.github.ensure_label(label.name, label.color, label.description)
        await self._settle(created)
        await self.github.add_labels(self.issue, [label.name])

    async def _attempt(self, call: Awaitable[None]) -> None:
        try:
            await self._settle(call)
        except GivenUpError as error:
            self.complain(str(error))

    async def _settle(self, call: Awaitable[None]) -> None:
        """Like `_attempt`, for what another step makes good where this run was told to stop."""
        try:
            await call
        except GivenUpError:
            raise
        except GitHubError as error:
            self.complain(str(error))

    @property
    def _hurried(self) -> GitHub:
        """One try: what it would do is out of date by the next."""
        return replace(self.github, patience=replace(self.github.patience, limit=0))

    @property
    def _patient(self) -> GitHub:
        """Waits for a used up quota: without it there is no answer at all."""
        patience = replace(self.github.patience, reset_limit=MAX_RESET_WAITING)
        return replace(self.github, patience=patience)

    @property
    def _insistent(self) -> GitHub:
        """Patient, and with a little more time than the rest where we are told to stop."""
        patient = self._patient
        return replace(patient, patience=replace(patient.patience, must_arrive=True))


class _Board:
    """How the plan stands, and whether anybody has seen it."""

    def __init__(self, plan: Plan) -> None:
        self._progress = ProgressBoard(plan)
        self.finished = False
        self._changed = asyncio.Event()
        self._finished = asyncio.Event()

    def observe(self, event: Event) -> None:
        self._progress.take(event, time.monotonic())
        self._changed.set()

    @property
    def status(self) -> Status:
        return self._progress.status(time.monotonic())

    def finish(self) -> None:
        self.finished = True
        self._finished.set()
        self._changed.set()

    async def news(self, pause: Awaitable[None]) -> None:
        """Wait for the pause and then for a change, or for the end alone."""
        pausing = asyncio.ensure_future(pause)
        ending = asyncio.ensure_future(self._finished.wait())
        await asyncio.wait({pausing, ending}, return_when=asyncio.FIRST_COMPLETED)
        pausing.cancel()
        ending.cancel()
        await self._changed.wait()
        self._changed.clear()

    def remember_news(self) -> None:
        """What was new hasn't been told."""
        self._changed.set()
