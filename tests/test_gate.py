"""The gate, its whole table: nothing gets past it that nobody with the right to it has seen."""

from dataclasses import replace
from itertools import product

import pytest

from registry_mirror.approval import PinnedList, digest_of_body
from registry_mirror.comment_command import Approve, Cancel, Help, Retry, Unknown
from registry_mirror.config import Asker, RequestPolicy
from registry_mirror.gate import (
    Approval,
    Begin,
    Reason,
    Refuse,
    Serve,
    Standing,
    Wait,
    approve,
    heeds_approvals,
    judge,
    may_command,
    wish_of,
)
from registry_mirror.github.event import Action, EventComment, IssueEvent

LIST = PinnedList(("docker.io/library/nginx:1@sha256:" + "a" * 64 + "  # line 4",), "b" * 64)
UNASKABLE = Standing(is_author=True, may_write=None)
STRANGER = Standing(is_author=False, may_write=False)
AUTHOR = Standing(is_author=True, may_write=False)
WRITING_AUTHOR = Standing(is_author=True, may_write=True)
WRITER = Standing(is_author=False, may_write=True)
WRITER_FOR_WRITER = Standing(is_author=False, may_write=True, author_may_write=True)
UNVOUCHED = replace(WRITING_AUTHOR, is_vouched=False)
UNVOUCHED_FOR_WRITER = replace(WRITER_FOR_WRITER, is_vouched=False)

COLLABORATORS, APPROVAL, EVERYONE = (
    RequestPolicy.COLLABORATORS,
    RequestPolicy.APPROVAL,
    RequestPolicy.EVERYONE,
)
BY_COLLABORATOR, BY_STRANGER = Serve(Asker.COLLABORATOR), Serve(Asker.STRANGER)
PINNED = Serve(Asker.COLLABORATOR, LIST)
NO_RIGHT, UNKNOWN_RIGHT = Refuse(Reason.MAY_NOT_WRITE), Refuse(Reason.UNASKABLE)


@pytest.mark.parametrize(
    ("policy", "who", "unapproved", "approved"),
    [
        (COLLABORATORS, WRITING_AUTHOR, BY_COLLABORATOR, BY_COLLABORATOR),
        (COLLABORATORS, WRITER, Wait(), PINNED),
        (COLLABORATORS, WRITER_FOR_WRITER, BY_COLLABORATOR, BY_COLLABORATOR),
        (COLLABORATORS, UNVOUCHED, Wait(), PINNED),
        (COLLABORATORS, UNVOUCHED_FOR_WRITER, Wait(), PINNED),
        (COLLABORATORS, AUTHOR, NO_RIGHT, NO_RIGHT),
        (COLLABORATORS, STRANGER, NO_RIGHT, NO_RIGHT),
        (COLLABORATORS, UNASKABLE, UNKNOWN_RIGHT, UNKNOWN_RIGHT),
        (APPROVAL, WRITING_AUTHOR, BY_COLLABORATOR, BY_COLLABORATOR),
        (APPROVAL, WRITER, Wait(), PINNED),
        (APPROVAL, WRITER_FOR_WRITER, BY_COLLABORATOR, BY_COLLABORATOR),
        (APPROVAL, UNVOUCHED, Wait(), PINNED),
        (APPROVAL, UNVOUCHED_FOR_WRITER, Wait(), PINNED),
        (APPROVAL, AUTHOR, Wait(), PINNED),
        (APPROVAL, STRANGER, Wait(), Wait()),
        (APPROVAL, UNASKABLE, UNKNOWN_RIGHT, UNKNOWN_RIGHT),
        (EVERYONE, WRITING_AUTHOR, BY_COLLABORATOR, BY_COLLABORATOR),
        (EVERYONE, WRITER, BY_STRANGER, BY_STRANGER),
        (EVERYONE, WRITER_FOR_WRITER, BY_COLLABORATOR, BY_COLLABORATOR),
        (EVERYONE, UNVOUCHED, BY_STRANGER, BY_STRANGER),
        (EVERYONE, UNVOUCHED_FOR_WRITER, BY_STRANGER, BY_STRANGER),
        (EVERYONE, AUTHOR, BY_STRANGER, BY_STRANGER),
        (EVERYONE, STRANGER, BY_STRANGER, BY_STRANGER),
        (EVERYONE, UNASKABLE, BY_STRANGER, BY_STRANGER),
    ],
)
def test_who_gets_past_the_gate(
    policy: RequestPolicy, who: Standing, unapproved: object, approved: object
) -> None:
    assert judge(policy, who, None) == unapproved
    assert judge(policy, who, LIST) == approved


def test_what_was_approved_is_looked_for_where_it_counts() -> None:
    both = (True, False)
    standings = (Standing(*each) for each in product(both, (True, False, None), both, both))
    for who, policy in product(standings, RequestPolicy):
        if judge(policy, who, None) != judge(policy, who, LIST):
            assert heeds_approvals(policy, who)
    assert not heeds_approvals(EVERYONE, STRANGER)


def test_nobody_without_the_right_to_write_lends_a_text_to_somebody_with_it() -> None:
    """But to everyone, and then without an account of a source."""
    for policy in RequestPolicy:
        verdict = judge(policy, WRITER, None)
        assert verdict == (BY_STRANGER if policy is EVERYONE else Wait())


def test_without_the_right_to_write_no_body_is_served_but_to_everyone() -> None:
    standings = (Standing(*each) for each in product((True, False), (False, None), (True, False)))
    for who, policy in product(standings, (COLLABORATORS, APPROVAL)):
        for approved in (None, LIST):
            verdict = judge(policy, who, approved)
            assert not isinstance(verdict, Serve) or (who.is_author and verdict.pinned == LIST)


@pytest.mark.parametrize(
    ("command", "allowed"),
    [
        (Retry(), (True, True, False, True)),
        (Retry(only_failed=True), (True, True, False, True)),
        (Cancel(), (True, True, False, True)),
        (Approve("0" * 8), (True, False, False, False)),
        (Help(), (True, True, True, True)),
        (Unknown("/x"), (True, True, True, True)),
    ],
)
def test_who_may_say_what(
    command: Retry | Cancel | Approve | Help | Unknown, allowed: tuple[bool, ...]
) -> None:
    people = (WRITER, AUTHOR, STRANGER, UNASKABLE)
    assert tuple(may_command(command, who) for who in people) == allowed


BODY = "nginx:1"
MINE = PinnedList(LIST.lines, digest_of_body(BODY))
OLDER = PinnedList(LIST.lines, digest_of_body("nginx:0"))


@pytest.mark.parametrize(
    ("prefix", "body", "expected"),
    [
        (MINE.digest[:8], BODY, Serve(Asker.COLLABORATOR, MINE)),
        (MINE.digest, BODY, Serve(Asker.COLLABORATOR, MINE)),
        (OLDER.digest[:12], BODY, Approval.CHANGED),
        (MINE.digest[:8], BODY + " ", Approval.CHANGED),
        ("0" * 64, BODY, Approval.UNKNOWN),
        ("", BODY, Approval.AMBIGUOUS),
    ],
)
def test_an_approval_is_of_the_list_that_was_shown(
    prefix: str, body: str, expected: object
) -> None:
    assert approve(prefix, (OLDER, MINE, MINE), body) == expected


def event(action: Action, *, changed: bool = False, comment: str | None = None) -> IssueEvent:
    return IssueEvent(
        action=action,
        number=1,
        title="",
        body="",
        labels=frozenset(),
        is_open=True,
        author="ann",
        sender="ann",
        sender_is_bot=False,
        owner="me",
        body_changed=changed,
        comment=None if comment is None else EventComment(7, comment),
    )


@pytest.mark.parametrize(
    ("happened", "wish"),
    [
        (event(Action.OPENED), Begin.OPENED),
        (event(Action.REOPENED), Begin.OPENED),
        (event(Action.EDITED, changed=True), Begin.EDITED),
        (event(Action.EDITED), None),
        (event(Action.COMMENTED, comment="/retry"), Retry()),
        (event(Action.COMMENTED, comment="hello"), None),
        (event(Action.COMMENTED), None),
        (event(Action.OTHER, comment="/retry"), None),
    ],
)
def test_what_an_event_asks_for(happened: IssueEvent, wish: object) -> None:
    assert wish_of(happened) == wish
