import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from registry_mirror.github.event import (
    Action,
    BadEventError,
    EventComment,
    IssueEvent,
    read_event,
)
from tests.fake_github import FakeGitHub

EVENTS = Path(__file__).parent / "data" / "events"


def payload(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    return event


def read_changed(
    change: Callable[[dict[str, Any]], object], kept: str = "opened", name: str = "issues"
) -> IssueEvent:
    event = payload(kept)
    change(event)
    return read_event(name, json.dumps(event).encode())


def test_an_opened_issue_is_read() -> None:
    event = read_event("issues", (EVENTS / "opened.json").read_bytes())
    assert event == IssueEvent(
        action=Action.OPENED,
        number=7,
        title="[Mirror] nginx",
        body=payload("opened")["issue"]["body"],
        labels=frozenset({"mirror-request"}),
        is_open=True,
        author="alice",
        sender="alice",
        sender_is_bot=False,
        owner="me",
        body_changed=False,
        comment=None,
    )
    assert "\r\nnginx:1.27\r\n" in event.body


def test_who_reopened_is_the_sender_and_not_the_author() -> None:
    event = read_event("issues", (EVENTS / "reopened.json").read_bytes())
    assert payload("reopened")["issue"]["user"]["login"] == "alice"
    assert (event.action, event.sender, event.author) == (Action.REOPENED, "me", "alice")
    assert event.labels == {"mirror-request", "failed"}


def test_an_edited_issue_is_read() -> None:
    event = read_event("issues", (EVENTS / "edited.json").read_bytes())
    assert (event.action, event.body_changed, event.comment) == (Action.EDITED, True, None)
    assert "\r\nnginx:1.28\r\n" in event.body


def test_a_comment_is_read() -> None:
    event = read_event("issue_comment", (EVENTS / "commented.json").read_bytes())
    assert event.action is Action.COMMENTED
    assert event.comment == EventComment(9_000_001, "/retry failed\r\n\r\nthe registry is back")
    assert (event.number, event.author, event.sender) == (7, "alice", "bob")
    assert event.body == payload("commented")["issue"]["body"]


@pytest.mark.parametrize("kept", ["opened", "edited", "commented"])
async def test_the_fakes_event_has_every_key_of_the_kept_one(kept: str) -> None:
    async with FakeGitHub() as github:
        number = github.open_issue("nginx:1.27", labels=["mirror-request"], author="alice")
        event = {
            "opened": lambda: github.event("opened", number, sender="alice"),
            "edited": lambda: github.edit_issue(number, "nginx:1.28"),
            "commented": lambda: github.comment_event(number, "/retry", sender="bob"),
        }[kept]()
    there = payload(kept)
    assert event.keys() == there.keys()
    for part in there.keys() - {"action"}:
        assert event[part].keys() == there[part].keys()


@pytest.mark.parametrize(
    ("name", "kept", "word", "action"),
    [
        ("issues", "opened", "opened", Action.OPENED),
        ("issues", "opened", "reopened", Action.REOPENED),
        ("issues", "edited", "edited", Action.EDITED),
        ("issues", "opened", "closed", Action.OTHER),
        ("issues", "opened", "labeled", Action.OTHER),
        ("issues", "opened", "typed", Action.OTHER),
        ("issues", "opened", "created", Action.OTHER),
        ("issues", "opened", "commented", Action.OTHER),
        ("issues", "opened", "other", Action.OTHER),
        ("issues", "opened", "OPENED", Action.OTHER),
        ("issue_comment", "commented", "created", Action.COMMENTED),
        ("issue_comment", "commented", "edited", Action.OTHER),
        ("issue_comment", "commented", "deleted", Action.OTHER),
        ("issue_comment", "commented", "opened", Action.OTHER),
        ("issue_comment", "commented", "commented", Action.OTHER),
    ],
)
def test_what_happened(name: str, kept: str, word: str, action: Action) -> None:
    event = read_changed(lambda event: event.update(action=word), kept, name)
    assert event.action is action
    assert (event.comment is not None) == (action is Action.COMMENTED)


@pytest.mark.parametrize(("name", "kept"), [("issues", "opened"), ("issue_comment", "commented")])
def test_a_pull_request_is_never_a_request(name: str, kept: str) -> None:
    link = {"url": "https://api.github.com/repos/me/registry-mirror/pulls/7"}
    event = read_changed(lambda event: event["issue"].update(pull_request=link), kept, name)
    assert (event.action, event.comment) == (Action.OTHER, None)


@pytest.mark.parametrize(
    ("word", "changes", "body_changed"),
    [
        ("edited", {"body": {"from": "redis:7"}}, True),
        ("edited", {"body": {"from": "redis:7"}, "title": {"from": "x"}}, True),
        ("edited", {"title": {"from": "x"}}, False),
        ("edited", {}, False),
        ("edited", None, False),
        ("opened", {"body": {"from": "redis:7"}}, False),
    ],
)
def test_whether_the_list_was_edited(word: str, changes: object, *, body_changed: bool) -> None:
    event = read_changed(lambda event: event.update(action=word, changes=changes), "edited")
    assert event.body_changed is body_changed


@pytest.mark.parametrize(
    ("login", "type_", "is_bot"),
    [
        ("alice", "User", False),
        ("acme", "Organization", False),
        ("github-actions[bot]", "Bot", True),
        ("copilot", "Bot", True),
        ("renovate[bot]", None, True),
        ("alice", None, False),
    ],
)
def test_whether_a_bot_did_it(login: str, type_: str | None, *, is_bot: bool) -> None:
    event = read_changed(lambda event: event["sender"].update(login=login, type=type_))
    assert (event.sender, event.sender_is_bot) == (login, is_bot)


async def test_the_fakes_sender_may_be_of_any_type() -> None:
    async with FakeGitHub() as github:
        number = github.open_issue("nginx:1.27")
        comment = github.comment_event(number, "/retry", sender="copilot", sender_type="Bot")
        issue = github.event("opened", number, sender="copilot", sender_type="Bot")
    assert read_event("issue_comment", json.dumps(comment).encode()).sender_is_bot
    assert read_event("issues", json.dumps(issue).encode()).sender_is_bot


def test_a_closed_issue_may_be_commented() -> None:
    event = read_changed(
        lambda event: event["issue"].update(state="closed"), "commented", "issue_comment"
    )
    assert not event.is_open


def test_a_comment_may_be_empty() -> None:
    event = read_changed(
        lambda event: event["comment"].update(body=None, user=None), "commented", "issue_comment"
    )
    assert event.comment == EventComment(9_000_001, "")


def test_an_empty_body_comes_as_null() -> None:
    assert read_changed(lambda event: event["issue"].update(body=None)).body == ""


def test_an_author_may_be_deleted() -> None:
    assert read_changed(lambda event: event["issue"].update(user=None)).author == "ghost"


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
        ("issue.title", 7),
        ("issue.body", 7),
        ("issue.state", None),
        ("issue.user", "alice"),
        ("issue.user", {}),
        ("changes", "body"),
        ("issue.labels", None),
        ("issue.labels", [{"color": "ffffff"}]),
        ("comment", None),
        ("comment.id", None),
        ("comment.id", "9"),
        ("comment.body", ["/retry"]),
        ("sender", None),
        ("sender.login", None),
        ("repository", None),
        ("repository.owner", None),
        ("repository.owner.login", 7),
    ],
)
def test_a_payload_that_lacks_something_is_refused_by_its_name(path: str, value: object) -> None:
    name, kept = ("issue_comment", "commented") if "comment" in path else ("issues", "edited")
    event = payload(kept)
    *outer, last = path.split(".")
    node = event
    for part in outer:
        node = node[part]
    node[last] = value
    with pytest.raises(BadEventError, match=path.replace(".", r"\.")):
        read_event(name, json.dumps(event).encode())


@pytest.mark.parametrize("name", ["issues", "issue_comment"])
@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"[]", b"null", b"\xff\xfe\x00", b'{"action": "opened"}', b"[" * 100_000],
    ids=["empty", "cut", "list", "null", "no UTF-8", "nothing else", "too deep"],
)
def test_what_is_no_event_is_refused(name: str, raw: bytes) -> None:
    with pytest.raises(BadEventError):
        read_event(name, raw)


@pytest.mark.parametrize("name", ["pull_request", "push", ""])
def test_another_event_is_refused(name: str) -> None:
    with pytest.raises(BadEventError, match="neither 'issues' nor 'issue_comment'"):
        read_event(name, (EVENTS / "opened.json").read_bytes())
