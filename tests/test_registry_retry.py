"""Whether to try again, and when."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_mirror.errors import Side
from registry_mirror.registry.errors import (
    AddressRefusedError,
    AnswerError,
    AnswerTooLargeError,
    AuthenticationRefusedError,
    ConnectionLostError,
    ContentMismatchError,
    Lost,
    Operation,
    ProtocolError,
    RegistryError,
)
from registry_mirror.registry.retry import (
    MAX_PAUSE,
    MAX_UNLUCKY,
    PROGRESS,
    GiveUp,
    Patience,
    Retry,
    decide,
    lost_session,
)

S, T = Side.SOURCE, Side.TARGET


def answer(
    status: int,
    *codes: str,
    operation: Operation = Operation.GET_MANIFEST,
    said: str = "",
    after: float | None = None,
    redirected: bool = False,
) -> AnswerError:
    return AnswerError(
        T, operation, status, said, codes=codes, retry_after=after, redirected=redirected
    )


CUT = ConnectionLostError(S, "")
LIMITED = answer(429)


@pytest.mark.parametrize(
    "error",
    [
        *(answer(status) for status in (408, 429, 500, 502, 503, 504, 599)),
        *(ConnectionLostError(S, "", how=how) for how in (Lost.CONNECT, Lost.CUT, Lost.STALLED)),
        answer(403, said="You have exceeded a secondary rate limit"),
        answer(400, "MANIFEST_BLOB_UNKNOWN", operation=Operation.PUT_MANIFEST),
        answer(404, "BLOB_UPLOAD_INVALID", operation=Operation.SEND),
        answer(416, operation=Operation.SEND),
        answer(401, operation=Operation.SEND),
        answer(403, operation=Operation.GET_BLOB, redirected=True),
        AuthenticationRefusedError(S, "", status=429),
        AuthenticationRefusedError(S, "", status=503),
        ProtocolError(S, "another range", Operation.GET_BLOB),
    ],
    ids=str,
)
def test_what_passes_is_tried_again(error: RegistryError) -> None:
    assert isinstance(decide(error, 1, tries=3, jitter=1.0), Retry)


@pytest.mark.parametrize(
    "error",
    [
        *(answer(status) for status in (300, 400, 401, 403, 404, 405, 413, 415, 501, 507)),
        ConnectionLostError(S, "", how=Lost.TLS),
        AddressRefusedError(S),
        AnswerTooLargeError(S),
        ContentMismatchError(S),
        AuthenticationRefusedError(S, "", status=401),
        AuthenticationRefusedError(S, "no token"),
        answer(404, operation=Operation.GET_BLOB),
        answer(404, "NAME_UNKNOWN", operation=Operation.START_UPLOAD),
        answer(403, "DENIED", operation=Operation.SEND),
        answer(400, "DIGEST_INVALID", operation=Operation.FINISH),
        answer(400, "MANIFEST_INVALID", operation=Operation.PUT_MANIFEST),
        answer(429, said="toomanyrequests: You have reached your pull rate limit."),
    ],
    ids=str,
)
def test_what_stays_is_not(error: RegistryError) -> None:
    assert decide(error, 1, tries=3, jitter=1.0) == GiveUp()


def test_tries_are_those_of_one_request() -> None:
    decisions = [decide(CUT, attempt, tries=3, jitter=1.0) for attempt in (1, 2, 3)]
    assert [isinstance(decision, Retry) for decision in decisions] == [True, True, False]


def test_a_token_that_ended_is_renewed_once() -> None:
    error = answer(401, operation=Operation.SEND)
    assert isinstance(decide(error, 1, tries=9, jitter=0.0), Retry)
    assert decide(error, 2, tries=9, jitter=0.0) == GiveUp()


@given(st.integers(1, 50), st.floats(0, 1), st.one_of(st.none(), st.floats(0, MAX_PAUSE)))
def test_what_is_asked_for_is_kept_and_nothing_takes_forever(
    attempt: int, jitter: float, asked: float | None
) -> None:
    decision = decide(answer(429, after=asked), attempt, tries=100, jitter=jitter)
    assert isinstance(decision, Retry)
    assert (asked or 0) <= decision.after <= 1.1 * MAX_PAUSE


def test_a_registry_that_asks_for_hours_is_not_waited_for() -> None:
    assert decide(answer(429, after=3600.0), 1, tries=3, jitter=0.0) == GiveUp()


def test_pauses_grow_and_jitter_shortens_them() -> None:
    def after(attempt: int, jitter: float) -> float:
        decision = decide(answer(503), attempt, tries=99, jitter=jitter)
        assert isinstance(decision, Retry)
        return decision.after

    assert [after(n, 1.0) for n in (1, 2, 3)] == [0.5, 1.0, 2.0]
    assert after(2, 0.0) == 0.5
    assert after(50, 1.0) == 30.0


def test_progress_starts_the_count_again() -> None:
    patience = Patience(2, lambda: 1.0)
    for _ in range(20):
        assert isinstance(patience.failed(CUT), Retry)
        patience.progressed()
    assert isinstance(patience.failed(CUT), Retry)
    assert patience.failed(CUT) == GiveUp()


def test_a_connection_cut_while_bytes_moved_is_replaced_at_once() -> None:
    patience = Patience(5, lambda: 1.0)
    patience.moved(PROGRESS)
    assert patience.failed(CUT) == Retry(0.1)
    assert patience.failed(CUT) == Retry(1.0)
    patience.moved(PROGRESS)
    assert patience.failed(answer(503)) == Retry(2.0)


def test_one_of_many_that_meets_a_limit_has_not_failed_but_does_not_go_on_forever() -> None:
    patience = Patience(2, lambda: 1.0)
    decisions = [patience.failed(LIMITED, others_succeed=True) for _ in range(MAX_UNLUCKY + 2)]
    assert all(isinstance(decision, Retry) for decision in decisions[:-1])
    assert decisions[-1] == GiveUp()


@pytest.mark.parametrize("tries", [0, 1])
def test_there_is_always_one_try(tries: int) -> None:
    assert Patience(tries).failed(CUT) == GiveUp()


@pytest.mark.parametrize(
    ("error", "lost"),
    [
        (answer(404, "BLOB_UPLOAD_INVALID", operation=Operation.SEND), True),
        (answer(404, operation=Operation.FINISH), True),
        (answer(416, operation=Operation.SEND), True),
        (answer(400, "BLOB_UPLOAD_INVALID", operation=Operation.SEND), True),
        (answer(401, operation=Operation.SEND), False),
        (answer(503, operation=Operation.SEND), False),
        (CUT, False),
    ],
)
def test_which_answers_tell_of_a_lost_session(error: RegistryError, *, lost: bool) -> None:
    assert lost_session(error) is lost
