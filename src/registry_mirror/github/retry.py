"""What GitHub's failures mean: try again after a while, or give up with which error.

GitHubError
├── DeniedError       401, 403: the token is wrong or may not do this
├── NotFoundError     404
├── GoneError         410: issues are switched off, or the issue is deleted
├── InvalidError      422: GitHub doesn't like what was sent
└── UnavailableError  out of reach, broken or asking us to slow down, for longer than we wait
    └── GivenUpError  we were told to stop, and it took too long for that
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import assert_never

from registry_mirror.errors import MirrorError

MAX_WAITING = 300.0
"""Seconds from a call's first try to the start of its last one."""

MAX_RESET_WAITING = 3_600.0
"""Seconds to wait for a used up quota, for what must arrive: GitHub's quotas are for an hour."""

LIMIT_PAUSE = 60.0
"""Seconds to wait at a limit that names no time: "at least one minute", says GitHub, then more."""

_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0
_LONGEST_MESSAGE = 300


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that is no success.

    `retry_after` is what the header of that name says, `resets_in` the seconds until the quota is
    back where it is used up. `codes` are the machine-readable reasons of a 422.
    """

    status: int
    message: str = ""
    codes: tuple[str, ...] = ()
    retry_after: float | None = None
    resets_in: float | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """No answer that makes sense; what was asked for may have been done all the same."""

    reason: str
    permanent: bool = False


Problem = Refusal | Lost


@dataclass(frozen=True, slots=True)
class Retry:
    after: float


@dataclass(frozen=True, slots=True)
class GiveUp:
    """`wanted` is the pause in seconds that was too long, None where trying again is no use."""

    wanted: float | None = None


class GitHubError(MirrorError):
    """`tried` is the call (method and path); `message` is GitHub's, cut to one short line."""

    def __init__(
        self, tried: str, message: str, status: int | None = None, codes: tuple[str, ...] = ()
    ) -> None:
        answer = "no answer" if status is None else str(status)
        super().__init__(f"{tried}: {answer}: {message}")
        self.tried = tried
        self.message = message
        self.status = status
        self.codes = codes


class DeniedError(GitHubError):
    pass


class NotFoundError(GitHubError):
    pass


class GoneError(GitHubError):
    pass


class InvalidError(GitHubError):
    pass


class UnavailableError(GitHubError):
    pass


class GivenUpError(UnavailableError):
    """It may have been done all the same. Whoever comes after us has the time to see to it."""

    def __init__(self, tried: str) -> None:
        super().__init__(tried, "told to stop")


_ERRORS: Mapping[int, type[GitHubError]] = {
    HTTPStatus.UNAUTHORIZED: DeniedError,
    HTTPStatus.FORBIDDEN: DeniedError,
    HTTPStatus.NOT_FOUND: NotFoundError,
    HTTPStatus.GONE: GoneError,
    HTTPStatus.UNPROCESSABLE_ENTITY: InvalidError,
}


def decide(
    problem: Problem,
    attempt: int,
    elapsed: float,
    *,
    jitter: float = 1.0,
    limit: float = MAX_WAITING,
    reset_limit: float = 0.0,
) -> Retry | GiveUp:
    """Whether to try again.

    `attempt` counts the tries so far, `elapsed` the seconds since the first one began. `jitter`
    (0 to 1) shortens a pause of our own choice by up to a half; one that GitHub asked for never.
    `reset_limit` is the `limit` where GitHub says when it will answer again, if that is more.
    """
    after = _pause(problem, attempt, jitter)
    if after is None:
        return GiveUp()
    longest = max(limit, reset_limit) if _names_its_end(problem) else limit
    return Retry(after) if elapsed + after <= longest else GiveUp(wanted=after)


def may_have_happened(problem: Problem) -> bool:
    match problem:
        case Lost():
            return True
        case Refusal(status=status):
            return _is_broken(status)
        case _:
            assert_never(problem)


def error_of(problem: Problem, tried: str, decision: GiveUp) -> GitHubError:
    waited = (
        "" if decision.wanted is None else f" (gave up before a pause of {decision.wanted:.0f} s)"
    )
    match problem:
        case Lost(reason=reason):
            return UnavailableError(tried, one_line(reason) + waited)
        case Refusal(status=status, codes=codes):
            kind = UnavailableError if waited else _ERRORS.get(status, GitHubError)
            return kind(tried, one_line(problem.message) + waited, status, codes)
        case _:
            assert_never(problem)


def one_line(text: str) -> str:
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= _LONGEST_MESSAGE else line[: _LONGEST_MESSAGE - 1] + "…"


def _pause(problem: Problem, attempt: int, jitter: float) -> float | None:
    match problem:
        case Lost(permanent=permanent):
            return None if permanent else _backoff(attempt, jitter)
        case Refusal() if _is_limit(problem):
            return _limit_pause(problem, attempt)
        case Refusal(status=status, retry_after=asked):
            return max(asked or 0.0, _backoff(attempt, jitter)) if _is_broken(status) else None
        case _:
            assert_never(problem)


def _backoff(attempt: int, jitter: float) -> float:
    pause = min(_FIRST_PAUSE * 2.0 ** (attempt - 1), _LONGEST_PAUSE)
    return pause * (1 + jitter) / 2


def _limit_pause(refusal: Refusal, attempt: int) -> float:
    asked = refusal.resets_in if refusal.retry_after is None else refusal.retry_after
    return LIMIT_PAUSE * 2.0 ** (attempt - 1) if asked is None else max(asked, _FIRST_PAUSE)


def _is_limit(refusal: Refusal) -> bool:
    """A 403 is a limit only where it says so; else the token may not do this."""
    if refusal.status == HTTPStatus.TOO_MANY_REQUESTS:
        return True
    return refusal.status == HTTPStatus.FORBIDDEN and (
        refusal.retry_after is not None
        or refusal.resets_in is not None
        or "rate limit" in refusal.message.lower()
    )


def _names_its_end(problem: Problem) -> bool:
    match problem:
        case Refusal() if _is_limit(problem):
            return problem.retry_after is not None or problem.resets_in is not None
        case _:
            return False


def _is_broken(status: int) -> bool:
    return status == HTTPStatus.REQUEST_TIMEOUT or status >= HTTPStatus.INTERNAL_SERVER_ERROR
