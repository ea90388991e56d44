"""What happened to an issue, as the runner hands it over."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from registry_mirror.github.document import BadDocumentError, Document
from registry_mirror.github.fields import label_names, login_of

ISSUES: Final = "issues"
ISSUE_COMMENT: Final = "issue_comment"


class BadEventError(ValueError):
    pass


class Action(StrEnum):
    """OTHER is what is no business of ours: a label, a comment edited, a pull request's comment."""

    OPENED = "opened"
    REOPENED = "reopened"
    EDITED = "edited"
    COMMENTED = "commented"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class EventComment:
    """Its author is the event's sender."""

    id: int
    body: str


@dataclass(frozen=True, slots=True)
class IssueEvent:
    """An `issues` or `issue_comment` event.

    `sender` did what `action` says: who reopened, and not who opened (`author`). All else is as it
    was at that moment, whatever was edited since. `comment` is there where `action` is COMMENTED.
    """

    action: Action
    number: int
    title: str
    body: str
    labels: frozenset[str]
    is_open: bool
    author: str
    sender: str
    sender_is_bot: bool
    owner: str
    body_changed: bool = False
    comment: EventComment | None = None


def read_event(name: str, payload: bytes) -> IssueEvent:
    """Read an event's file; `name` is what the runner calls the event.

    Raises BadEventError for another event, and for a payload that lacks something.
    """
    if name not in {ISSUES, ISSUE_COMMENT}:
        raise BadEventError(f"the event is {name!r}, neither {ISSUES!r} nor {ISSUE_COMMENT!r}")
    try:
        return _issue_event(name, Document.read(payload))
    except BadDocumentError as error:
        raise BadEventError(f"the event cannot be read: {error}") from error


def _issue_event(name: str, event: Document) -> IssueEvent:
    issue, repository, sender = (event.field(part) for part in ("issue", "repository", "sender"))
    action = _action(name, event)
    login = sender.field("login").text()
    return IssueEvent(
        action=action,
        number=issue.field("number").number(),
        title=issue.field("title").text_or(""),
        body=issue.field("body").text_or(""),
        labels=label_names(issue),
        is_open=issue.field("state").text() == "open",
        author=login_of(issue.field("user")),
        sender=login,
        sender_is_bot=sender.field("type").text_or("") == "Bot" or login.endswith("[bot]"),
        owner=repository.field("owner").field("login").text(),
        body_changed=action is Action.EDITED and _has_changed(event, "body"),
        comment=_comment(event.field("comment")) if action is Action.COMMENTED else None,
    )


def _action(name: str, event: Document) -> Action:
    """A pull request is an issue to GitHub, and its comments come as `issue_comment`."""
    word = event.field("action").text()
    if not event.field("issue").field("pull_request").is_null():
        return Action.OTHER
    if name == ISSUE_COMMENT:
        return Action.COMMENTED if word == "created" else Action.OTHER
    known = {Action.OPENED, Action.REOPENED, Action.EDITED}
    return next((action for action in known if action == word), Action.OTHER)


def _has_changed(event: Document, name: str) -> bool:
    changes = event.field("changes")
    return not changes.is_null() and not changes.field(name).is_null()


def _comment(comment: Document) -> EventComment:
    return EventComment(comment.field("id").number(), comment.field("body").text_or(""))
