"""Whether a request is worth another try, and when: values in, a value out.

Passing: 408, 429, 5xx, lost connections, a manifest whose blobs the registry has not noticed yet
right after they were sent. Everything else stays as it is, however often it is asked.
"""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from registry_mirror.registry.errors import (
    AnswerError,
    ConnectionLostError,
    Lost,
    Operation,
    ProtocolError,
    RegistryError,
)
from registry_mirror.registry.failures import is_rate_limit

MAX_PAUSE = 120.0
"""Seconds. A registry that asks for more is not waited for."""

PROGRESS = 64 * 1024
"""Bytes that a try has to move before it counts as progress."""

MAX_UNLUCKY = 10
"""Times that one request may meet a limit while others of its kind get through."""

_SHORT_PAUSE = 0.1
_FIRST_PAUSE = 0.5
_FIRST_LIMIT_PAUSE = 1.0
_LONGEST_PAUSE = 30.0

_HOURS = re.compile(r"(?i)pull rate limit")
_BLOB_UNKNOWN = frozenset({"MANIFEST_BLOB_UNKNOWN", "BLOB_UNKNOWN"})
_SESSION_LOST = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE})
_SESSION_CODES = frozenset({"BLOB_UPLOAD_INVALID", "BLOB_UPLOAD_UNKNOWN", "RANGE_INVALID"})


@dataclass(frozen=True, slots=True)
class Retry:
    """`after` is in seconds."""

    after: float


@dataclass(frozen=True, slots=True)
class GiveUp:
    pass


def decide(error: RegistryError, attempt: int, *, tries: int, jitter: float) -> Retry | GiveUp:
    """`attempt` counts the tries in a row without progress, from 1; `tries` is how many there are.

    `jitter` (0 to 1) shortens a pause of our own choice by up to a half; one that the registry
    asked for is only ever made longer.
    """
    if attempt >= tries or not _passes(error, attempt):
        return GiveUp()
    asked = error.retry_after or 0.0
    if asked > MAX_PAUSE:
        return GiveUp()
    return Retry(max(asked * (1 + jitter / 10), _pause(error, attempt) * (1 + jitter) / 2))


def lost_session(error: RegistryError) -> bool:
    """Whether a registry no longer knows an upload session, or not what we know of it."""
    if not isinstance(error, AnswerError) or error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return False
    return error.status in _SESSION_LOST or bool(_SESSION_CODES.intersection(error.codes))


def misses_blobs(error: RegistryError) -> bool:
    """Whether a manifest was refused because the registry does not find its blobs."""
    return isinstance(error, AnswerError) and (
        error.operation is Operation.PUT_MANIFEST and bool(_BLOB_UNKNOWN.intersection(error.codes))
    )


class Patience:
    """Counts the tries of one request, or of one blob, that brought nothing.

    A connection that was lost after bytes had moved is tried again almost at once, even where it is
    not known yet whether they count.
    """

    def __init__(self, tries: int, draw: Callable[[], float] = random.random) -> None:
        self._tries = max(tries, 1)
        self._draw = draw
        self._attempt = 0
        self._unlucky = 0
        self._moved = 0

    def progressed(self) -> None:
        self._attempt = 0

    def moved(self, size: int) -> None:
        self._moved += size

    def failed(self, error: RegistryError, *, others_succeed: bool = False) -> Retry | GiveUp:
        """A limit that strikes one of many requests is no failed try of that one."""
        if others_succeed and is_rate_limit(error) and self._unlucky < MAX_UNLUCKY:
            self._unlucky += 1
            self._attempt = 0
            return decide(error, 1, tries=2, jitter=self._draw())
        self._attempt += 1
        decision = decide(error, self._attempt, tries=self._tries, jitter=self._draw())
        moved, self._moved = self._moved, 0
        if isinstance(decision, Retry) and isinstance(error, ConnectionLostError):
            return Retry(min(decision.after, _SHORT_PAUSE)) if moved >= PROGRESS else decision
        return decision


def _passes(error: RegistryError, attempt: int) -> bool:
    match error:
        case ConnectionLostError(how=how):
            return how is not Lost.TLS
        case AnswerError():
            return _answer_passes(error, attempt)
        case ProtocolError(operation=operation):
            return operation is Operation.GET_BLOB
        case _:
            return _status_passes(error)


def _answer_passes(error: AnswerError, attempt: int) -> bool:
    if _status_passes(error) or misses_blobs(error):
        return True
    match error.operation:
        case Operation.SEND | Operation.FINISH if lost_session(error):
            return True
        case Operation.SEND:  # a token that ended; the body could not be sent twice
            return error.status == HTTPStatus.UNAUTHORIZED and attempt == 1
        case Operation.GET_BLOB:  # a signed URL that ran out
            return error.redirected
        case _:
            return False


def _status_passes(error: RegistryError) -> bool:
    if is_rate_limit(error):
        return not _HOURS.search(error.said)
    status = error.status
    return status == HTTPStatus.REQUEST_TIMEOUT or (
        status >= HTTPStatus.INTERNAL_SERVER_ERROR
        and status not in (HTTPStatus.NOT_IMPLEMENTED, HTTPStatus.INSUFFICIENT_STORAGE)
    )


def _pause(error: RegistryError, attempt: int) -> float:
    first = _FIRST_LIMIT_PAUSE if is_rate_limit(error) else _FIRST_PAUSE
    return min(first * 2.0 ** (attempt - 1), _LONGEST_PAUSE)
