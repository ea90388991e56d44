"""What is said on an issue, and the label it is left with.

A comment that must arrive raises GitHubError where it can't; a reaction, a progress edit and a
label are niceties, whose failures are told to `complain` and no more.
"""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from registry_mirror.engines import Event, Observer
from registry_mirror.github.client import GitHub, Permission
from registry_mirror.github.labels import COMPLETED, ENDINGS, REQUEST, Label
from registry_mirror.github.retry import MAX_RESET_WAITING, GitHubError
from registry_mirror.plan import Plan
from registry_mirror.report.progress import ProgressBoard, Status

SHORTEST_EDIT_INTERVAL = 10.0
LONGEST_EDIT_INTERVAL = 60.0


def edit_interval(age: float) -> float:
    """Seconds at least between two edits of a status comment that is `age` seconds old.

    GitHub's budget is 1,000 calls an hour, for all runs of a repository together; so a run makes
    some 80 edits in its first hour and 60 in each after.
    """
    return min(max(SHORTEST_EDIT_INTERVAL, age / 10), LONGEST_EDIT_INTERVAL)


def new_nonce() -> str:
    return secrets.token_hex(8)


@dataclass(frozen=True, slots=True)
class Conversation:
    """One run's part of an issue's talk.

    `nonce` makes its markers its own; `pause` waits some seconds between two edits of the status.
    """

    github: GitHub
    issue: int
    nonce: str
    complain: Callable[[str], None]
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def say(self, kind: str, body: str) -> int:
        """Post a comment and return its id. Raises GitHubError."""
        return await self._post(self._patient, kind, body)

    async def permission(self, login: str) -> Permission:
        """What somebody may do in the repository. Raises GitHubError."""
        return await self._patient.permission(login)

    async def rewrite(self, comment: int, body: str) -> None:
        await self._attempt(self.github.edit_comment(comment, body))

    async def acknowledge(self) -> None:
        await self._attempt(self._hurried.react(self.issue, "eyes"))

    async def take_as_request(self) -> None:
        """Give the issue the label that a fork lacked when the form wanted to set it."""
        await self._attempt(self._put(REQUEST))

    async def clear_ending(self) -> None:
        for label in ENDINGS:
            await self._attempt(self._hurried.remove_label(self.issue, label.name))

    async def end_with(self, ending: Label) -> None:
        """Leave the issue with this label alone of its kind, and closed if nothing is left."""
        for label in ENDINGS:
            if label != ending:
                await self._attempt(self.github.remove_label(self.issue, label.name))
        await self._attempt(self._put(ending))
        if ending == COMPLETED:
            await self._attempt(self.github.close_issue(self.issue))

    @asynccontextmanager
    async def status(
        self, plan: Plan, render: Callable[[Status], str], output: Callable[[str, str], None]
    ) -> AsyncIterator[Observer]:
        """A comment that is edited in place while the plan is carried out.

        Its id becomes the output `status_comment`, for whoever has to answer after a killed run.
        Raises GitHubError where it can't be posted.
        """
        board = _Board(plan)
        comment = await self._post(self.github, "status", render(board.status))
        output("status_comment", str(comment))
        editing = asyncio.create_task(self._keep_current(board, comment, render))
        try:
            yield board.observe
        finally:
            board.finish()
            await editing

    async def _keep_current(
        self, board: "_Board", comment: int, render: Callable[[Status], str]
    ) -> None:
        began = time.monotonic()
        while not board.finished:
            await board.news(self.pause(edit_interval(time.monotonic() - began)))
            body = f"{_marker('status', self.nonce)}\n{render(board.status)}"
            await self._attempt(self._hurried.edit_comment(comment, body))

    async def _post(self, github: GitHub, kind: str, body: str) -> int:
        marker = _marker(kind, self.nonce)
        return await github.create_comment(self.issue, f"{marker}\n{body}", marker)

    async def _put(self, label: Label) -> None:
        """Give the issue a label, which may exist even where creating it fails."""
        created = self.github.ensure_label(label.name, label.color, label.description)
        await self._attempt(created)
        await self.github.add_labels(self.issue, [label.name])

    async def _attempt(self, call: Awaitable[None]) -> None:
        try:
            await call
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


def _marker(kind: str, nonce: str) -> str:
    return f"<!-- registry-mirror {kind} {nonce} -->"
