import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_mirror.github.retry import (
    DeniedError,
    GitHubError,
    GiveUp,
    GoneError,
    InvalidError,
    Lost,
    NotFoundError,
    Problem,
    Refusal,
    Retry,
    UnavailableError,
    decide,
    error_of,
    may_have_happened,
)

SECONDARY = "You have exceeded a secondary rate limit"


@pytest.mark.parametrize(
    ("problem", "attempt", "expected"),
    [
        # broken or out of reach: doubling, up to half a minute
        (Refusal(500), 1, Retry(1)),
        (Refusal(502), 2, Retry(2)),
        (Refusal(503), 4, Retry(8)),
        (Refusal(504), 5, Retry(16)),
        (Refusal(599), 9, Retry(30)),
        (Refusal(408), 1, Retry(1)),
        (Lost("connection reset"), 1, Retry(1)),
        (Lost("connection reset"), 3, Retry(4)),
        (Refusal(503, retry_after=20), 1, Retry(20)),
        (Refusal(503, retry_after=0), 3, Retry(4)),
        # limits: what GitHub says, or a minute and more
        (Refusal(429, retry_after=17), 1, Retry(17)),
        (Refusal(429, retry_after=0), 1, Retry(1)),
        (Refusal(429), 1, Retry(60)),
        (Refusal(429), 2, Retry(120)),
        (Refusal(429, resets_in=42), 1, Retry(42)),
        (Refusal(403, retry_after=5), 1, Retry(5)),
        (Refusal(403, resets_in=42), 3, Retry(42)),
        (Refusal(403, resets_in=42, retry_after=5), 1, Retry(5)),
        (Refusal(403, SECONDARY), 1, Retry(60)),
        (Refusal(403, SECONDARY), 2, Retry(120)),
        (Refusal(403, SECONDARY, retry_after=30), 2, Retry(30)),
        (Refusal(403, "API rate limit exceeded", resets_in=3_000), 1, GiveUp(3_000)),
        # no use
        (Refusal(400), 1, GiveUp()),
        (Refusal(401), 1, GiveUp()),
        (Refusal(403, "Resource not accessible by integration"), 1, GiveUp()),
        (Refusal(404), 1, GiveUp()),
        (Refusal(404, resets_in=42), 1, GiveUp()),
        (Refusal(410), 1, GiveUp()),
        (Refusal(422), 1, GiveUp()),
        (Refusal(301), 1, GiveUp()),
        (Lost("certificate", permanent=True), 1, GiveUp()),
    ],
)
def test_decisions(problem: Problem, attempt: int, expected: Retry | GiveUp) -> None:
    assert decide(problem, attempt, elapsed=0) == expected


@pytest.mark.parametrize(("elapsed", "expected"), [(240, Retry(60)), (240.1, GiveUp(60))])
def test_no_pause_goes_past_the_limit(elapsed: float, expected: Retry | GiveUp) -> None:
    assert decide(Refusal(429), 1, elapsed) == expected


def test_with_no_patience_there_is_one_try() -> None:
    assert decide(Refusal(500), 1, 0, limit=0) == GiveUp(1)


@pytest.mark.parametrize(
    ("problem", "elapsed", "expected"),
    [
        (Refusal(403, resets_in=1_800), 0, Retry(1_800)),
        (Refusal(429, retry_after=3_000), 600, Retry(3_000)),
        (Refusal(429, retry_after=3_000), 601, GiveUp(3_000)),
        (Refusal(403, SECONDARY), 241, GiveUp(60)),
        (Refusal(503, retry_after=1_800), 0, GiveUp(1_800)),
        (Lost("connection reset"), 300, GiveUp(1)),
        (Refusal(403), 0, GiveUp()),
    ],
)
def test_only_a_limit_whose_end_is_named_is_waited_for_longer(
    problem: Problem, elapsed: float, expected: Retry | GiveUp
) -> None:
    assert decide(problem, 1, elapsed, reset_limit=3_600) == expected


problems = st.one_of(
    st.builds(Lost, st.text(), st.booleans()),
    st.builds(
        Refusal,
        st.integers(300, 599),
        st.sampled_from(["", SECONDARY]),
        retry_after=st.none() | st.floats(0, 1e6),
        resets_in=st.none() | st.floats(0, 1e6),
    ),
)


@given(problems, st.integers(1, 50), st.floats(0, 400), st.floats(0, 1))
def test_a_pause_is_never_empty_too_long_or_shorter_than_asked(
    problem: Problem, attempt: int, elapsed: float, jitter: float
) -> None:
    decision = decide(problem, attempt, elapsed, jitter=jitter)
    if isinstance(decision, Retry):
        assert decision.after >= 0.5
        assert elapsed + decision.after <= 300
        if isinstance(problem, Refusal) and problem.retry_after is not None:
            assert decision.after >= problem.retry_after


@given(problems, st.lists(st.floats(0, 1), min_size=1))
def test_the_same_failure_for_ever_ends(problem: Problem, jitters: list[float]) -> None:
    elapsed = 0.0
    for attempt in range(1, 700):
        decision = decide(problem, attempt, elapsed, jitter=jitters[attempt % len(jitters)])
        if isinstance(decision, GiveUp):
            return
        elapsed += decision.after
    pytest.fail("still trying")


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        (Lost("connection reset"), True),
        (Refusal(502), True),
        (Refusal(408), True),
        (Refusal(429), False),
        (Refusal(403, SECONDARY), False),
        (Refusal(422), False),
    ],
)
def test_what_may_have_been_done_without_an_answer(problem: Problem, *, expected: bool) -> None:
    assert may_have_happened(problem) is expected


@pytest.mark.parametrize(
    ("problem", "decision", "kind"),
    [
        (Refusal(401), GiveUp(), DeniedError),
        (Refusal(403), GiveUp(), DeniedError),
        (Refusal(403, SECONDARY), GiveUp(600), UnavailableError),
        (Refusal(404), GiveUp(), NotFoundError),
        (Refusal(410), GiveUp(), GoneError),
        (Refusal(422), GiveUp(), InvalidError),
        (Refusal(500), GiveUp(30), UnavailableError),
        (Refusal(418), GiveUp(), GitHubError),
        (Lost("reset"), GiveUp(30), UnavailableError),
        (Lost("certificate", permanent=True), GiveUp(), UnavailableError),
    ],
)
def test_errors(problem: Problem, decision: GiveUp, kind: type[GitHubError]) -> None:
    assert type(error_of(problem, "GET /x", decision)) is kind


def test_an_error_is_one_short_line_that_says_what_was_tried() -> None:
    message = "no\n::add-mask::x\r\n\x1b[31m" + "x" * 5_000
    error = error_of(Refusal(422, message, ("invalid",)), "POST /repos/me/fork/labels", GiveUp())
    assert str(error).startswith("POST /repos/me/fork/labels: 422: no ::add-mask::x [31mxxx")
    assert len(str(error)) < 400
    assert str(error).isprintable()
    assert (error.status, error.codes) == (422, ("invalid",))


def test_an_error_says_which_pause_was_too_long() -> None:
    error = error_of(Refusal(429, "slow down"), "GET /x", GiveUp(wanted=3_000))
    assert str(error) == "GET /x: 429: slow down (gave up before a pause of 3000 s)"
