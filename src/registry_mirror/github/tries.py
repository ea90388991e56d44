"""The tries of one call, until GitHub has answered or there is no use in another."""

import asyncio
import functools
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import urlsplit

from registry_mirror.github.budget import BudgetWatch
from registry_mirror.github.document import BadDocumentError, Document
from registry_mirror.github.exchange import IDLE_TIMEOUT, Answer, Call, exchange
from registry_mirror.github.hurry import Hurry
from registry_mirror.github.retry import (
    MAX_WAITING,
    GivenUpError,
    GiveUp,
    Lost,
    Problem,
    Refusal,
    Retry,
    decide,
    error_of,
)
from registry_mirror.secret import Secret
from registry_mirror.threads import in_a_thread

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a call waits for GitHub to recover: `limit` seconds in all, 0 for one try.

    `reset_limit` is the same for a limit whose end GitHub names, where that is more.
    `idle_timeout` is in seconds without a byte, for each try. `jitter` gives a number from 0 to 1.
    All this ends soon once the `hurry` begins; what `must_arrive` has a little longer.
    """

    limit: float = MAX_WAITING
    reset_limit: float = 0.0
    idle_timeout: float = IDLE_TIMEOUT
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    clock: Callable[[], float] = time.monotonic
    jitter: Callable[[], float] = random.random
    must_arrive: bool = False
    hurry: Hurry = field(default_factory=Hurry, repr=False, compare=False)


class Tries:
    """Every answer, a refusal too, is told to `watch`.

    `last_page` is how many pages there are, where the last answer has said so.
    """

    def __init__(self, call: Call, token: Secret, patience: Patience, watch: BudgetWatch) -> None:
        self._call = call
        self._token = token
        self._patience = patience
        self._watch = watch
        self._started = patience.clock()
        self._count = 0
        self.last_page: int | None = None

    async def once(self, read: Callable[[Document], _T]) -> _T | Problem:
        """Raises GivenUpError where we are told to stop and it takes too long for that."""
        self._count += 1
        answer = await self._patience.hurry.answer(
            self._exchange, must_arrive=self._patience.must_arrive
        )
        if answer is None:
            raise GivenUpError(self._tried())
        if isinstance(answer, Lost):
            return replace(answer, reason=self._hide_token(answer.reason))
        self._watch.note(answer.budget)
        self.last_page = answer.last_page
        if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
            refusal = refusal_of(answer)
            return replace(refusal, message=self._hide_token(refusal.message))
        try:
            return read(Document.read(answer.body))
        except BadDocumentError as error:
            return Lost(f"the answer makes no sense: {error}")

    async def _exchange(self) -> Answer | Lost:
        return await in_a_thread(
            functools.partial(exchange, self._call, self._token, self._patience.idle_timeout)
        )

    async def pause(self, problem: Problem) -> None:
        """Wait until it is time to try again. Raises a GitHubError where that is no use."""
        elapsed = self._patience.clock() - self._started
        decision = decide(
            problem,
            self._count,
            elapsed,
            jitter=self._patience.jitter(),
            limit=self._patience.limit,
            reset_limit=self._patience.reset_limit,
        )
        match decision:
            case Retry(after=seconds):
                if not await self._patience.hurry.pause(seconds, self._patience.sleep):
                    raise GivenUpError(self._tried())
            case GiveUp():
                raise error_of(problem, self._tried(), decision)

    def _tried(self) -> str:
        return f"{self._call.method} {urlsplit(self._call.url).path}"

    def _hide_token(self, text: str) -> str:
        """Whoever answers in GitHub's stead (a proxy) may repeat what it was sent."""
        return text.replace(self._token.reveal(), "***")


def refusal_of(answer: Answer) -> Refusal:
    message, codes = _explanation(answer)
    return Refusal(
        status=answer.status,
        message=message or _phrase(answer.status),
        codes=codes,
        retry_after=answer.retry_after,
        resets_in=answer.resets_in,
    )


def _explanation(answer: Answer) -> tuple[str, tuple[str, ...]]:
    """GitHub's message with its details, and the codes of these; nothing of a foreign page."""
    try:
        document = Document.read(answer.body)
        message = document.field("message").text_or("")
        errors = document.field("errors")
        items = () if errors.is_null() else errors.items()
        codes = tuple(item.field("code").text_or("") for item in items)
        details = (item.field("message").text_or("") for item in items)
        return ": ".join(filter(None, (message, *details))), codes
    except BadDocumentError:
        return "", ()


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in {*HTTPStatus} else "no explanation"
