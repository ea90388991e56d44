"""How often a command is tried, how long between, and what is known when its time is over."""

import json

import pytest

from registry_mirror.engines.skopeo.tries import LONGEST_PAUSE, Tries
from registry_mirror.errors import Code, Side
from registry_mirror.oci.reference import Reference
from tests.test_skopeo_stderr import CASES, Recorded

SOURCE = Reference.parse("127.0.0.1:5001/library/app:1.0")
TARGET = Reference.parse("127.0.0.1:5002/team/app:1.0")


def said(message: str, level: str = "fatal") -> str:
    return f'time="2026-01-02T03:04:05Z" level={level} msg={json.dumps(message)}\n'


def reading(answer: str) -> str:
    return f"reading manifest 1.0 in 127.0.0.1:5001/library/app: {answer}"


def retrying(answer: str, number: int) -> str:
    message = f"Failed, retrying in 1s ... ({number}/9). Error: {reading(answer)}"
    return said(message, "warning")


UNAVAILABLE = "received unexpected HTTP status: 503 Service Unavailable"
ENDED = said(f'Error parsing image name "docker://{SOURCE}": {reading(UNAVAILABLE)}')


def fail(tries: Tries, stderr: str) -> bool:
    """Whether another try is made after one that ended with these words."""
    tries.next().extend(stderr.encode())
    tries.failed(1)
    return tries.may_go_on


@pytest.mark.parametrize("retries", [0, 1, 3])
def test_a_command_is_tried_once_and_then_as_often_as_allowed(retries: int) -> None:
    tries = Tries(retries, SOURCE)
    made = 1
    while fail(tries, ENDED):
        made += 1
    assert made == 1 + retries


def test_the_tries_that_skopeo_makes_itself_are_tries() -> None:
    own = retrying(UNAVAILABLE, 1) + retrying(UNAVAILABLE, 2)
    assert not fail(Tries(2, SOURCE), own + ENDED)
    tries = Tries(4, SOURCE)
    assert fail(tries, own + ENDED)
    assert fail(tries, ENDED)
    assert not fail(tries, ENDED)


def recorded(case: str) -> list[Recorded]:
    found = [each for each in CASES if each.case == case]
    assert found
    return found


@pytest.mark.parametrize(
    ("case", "again"),
    [
        ("source-429-manifest", False),
        ("source-429-html", False),
        ("source-429-ping", False),
        ("source-429-blob", False),
        ("source-inspect-429", False),
        ("target-429-head", False),
        ("target-429-post", False),
        ("target-429-manifest", True),
        ("target-429-manifest-empty", True),
        ("source-token-429", True),
        ("target-token-429", True),
    ],
)
def test_a_rate_limit_is_waited_for_only_where_skopeo_does_not(case: str, *, again: bool) -> None:
    for each in recorded(case):
        tries = Tries(1, Reference.parse(each.source), Reference.parse(each.target))
        assert fail(tries, each.stderr) is again, each.versions


def test_a_pause_grows_to_a_limit() -> None:
    tries = Tries(20, SOURCE)
    pauses = []
    while fail(tries, ENDED):
        pauses.append(tries.pause)
    assert pauses[:4] == [1, 2, 4, 8]
    assert max(pauses) == pauses[-1] == LONGEST_PAUSE
    assert len(pauses) == 20


def test_nothing_is_known_of_who_said_nothing() -> None:
    tries = Tries(3, SOURCE)
    tries.next()
    assert tries.last_failure is None


def test_what_was_said_last_is_known_when_time_is_over() -> None:
    tries = Tries(3, SOURCE)
    fail(tries, ENDED)
    tries.next()
    first = tries.last_failure
    running = tries.next()
    running.extend(retrying("EOF", 1).encode())
    running.extend(retrying("connection reset by peer", 2).encode())
    second = tries.last_failure

    assert first is not None
    assert (first.code, first.side) == (Code.SOURCE_UNAVAILABLE, Side.SOURCE)
    assert "503" in first.said
    assert second is not None
    assert (second.code, second.side) == (Code.SOURCE_UNAVAILABLE, Side.SOURCE)
    assert second.said.endswith("connection reset by peer")
