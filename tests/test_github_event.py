import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from registry_mirror.github.event import BadEventError, IssueEvent, read_event
from tests.fake_github import FakeGitHub

EVENTS = Path(__file__).parent / "data" / "events"


def payload(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    return event


def read_changed(change: Callable[[dict[str, Any]], object]) -> IssueEvent:
    event = payload("opened")
    change(event)
    return read_event("issues", json.dumps(event).encode())


def test_an_opened_issue_is_read() -> None:
    event = read_event("issues", (EVENTS / "opened.json").read_bytes())
    assert event == IssueEvent(
        action="opened",
        number=7,
        body=payload("opened")["issue"]["body"],
        labels=frozenset({"mirror-request"}),
        sender="alice",
        owner="me",
    )
    assert "\r\nnginx:1.27\r\n" in event.body


def test_who_reopened_is_the_sender_and_not_the_author() -> None:
    event = read_event("issues", (EVENTS / "reopened.json").read_bytes())
    assert payload("reopened")["issue"]["user"]["login"] == "alice"
    assert (event.action, event.sender) == ("reopened", "me")
    assert event.labels == {"mirror-request", "failed"}


async def test_the_fakes_event_has_every_key_of_the_kept_one() -> None:
    async with FakeGitHub() as github:
        number = github.open_issue("nginx:1.27", labels=["mirror-request"], author="alice")
        event = github.event("opened", number, sender="alice")
    kept = payload("opened")
    assert event.keys() == kept.keys()
    for part in ("issue", "repository", "sender"):
        assert event[part].keys() == kept[part].keys()


def test_an_empty_body_comes_as_null() -> None:
    assert read_changed(lambda event: event["issue"].update(body=None)).body == ""


def test_an_author_may_be_deleted() -> None:
    assert read_changed(lambda event: event["issue"].update(user=None)).number == 7


def test_an_action_that_we_dont_know_is_left_to_the_caller() -> None:
    assert read_changed(lambda event: event.update(action="typed")).action == "typed"


def test_half_a_surrogate_pair_doesnt_break_what_writes_the_body() -> None:
    raw = (EVENTS / "opened.json").read_bytes().replace(b"nginx:1.27", rb"ngi\ud83dnx:1.27")
    body = read_event("issues", raw).body
    assert "ngi?nx:1.27" in body
    body.encode()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("action", None),
        ("issue", None),
        ("issue", []),
        ("issue.number", None),
        ("issue.number", "7"),
        ("issue.number", True),
        ("issue.body", 7),
        ("issue.labels", None),
        ("issue.labels", [{"color": "ffffff"}]),
        ("sender", None),
        ("sender.login", None),
        ("repository", None),
        ("repository.owner", None),
        ("repository.owner.login", 7),
    ],
)
def test_a_payload_that_lacks_something_is_refused_by_its_name(path: str, value: object) -> None:
    event = payload("opened")
    *outer, last = path.split(".")
    node = event
    for name in outer:
        node = node[name]
    node[last] = value
    with pytest.raises(BadEventError, match=path.replace(".", r"\.")):
        read_event("issues", json.dumps(event).encode())


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"[]", b"null", b"\xff\xfe\x00", b'{"action": "opened"}', b"[" * 100_000],
    ids=["empty", "cut", "list", "null", "no UTF-8", "nothing else", "too deep"],
)
def test_what_is_no_event_is_refused(raw: bytes) -> None:
    with pytest.raises(BadEventError):
        read_event("issues", raw)


@pytest.mark.parametrize("name", ["issue_comment", "push", ""])
def test_another_event_is_refused(name: str) -> None:
    with pytest.raises(BadEventError, match="only 'issues'"):
        read_event(name, (EVENTS / "opened.json").read_bytes())
