"""What happened to an issue, as the runner hands it over."""

from dataclasses import dataclass

from registry_mirror.github.document import BadDocumentError, Document

DELETED_USER = "ghost"


class BadEventError(ValueError):
    pass


@dataclass(frozen=True, slots=True)
class IssueEvent:
    """An `issues` event.

    `sender` did what `action` says (who reopened), `author` opened the issue; only the sender may
    be judged by. `body` and `labels` are as they were at that moment, whatever was edited since.
    """

    action: str
    number: int
    url: str
    body: str
    labels: frozenset[str]
    author: str
    sender: str
    sender_type: str
    repository: str
    owner: str


def read_event(name: str, payload: bytes) -> IssueEvent:
    """Read an event's file; `name` is what the runner calls the event.

    Raises BadEventError for another event, and for a payload that lacks something.
    """
    if name != "issues":
        raise BadEventError(f"the event is {name!r}, only 'issues' is understood")
    try:
        return _issue_event(Document.read(payload))
    except BadDocumentError as error:
        raise BadEventError(f"the event cannot be read: {error}") from error


def _issue_event(event: Document) -> IssueEvent:
    issue, repository, sender = (event.field(name) for name in ("issue", "repository", "sender"))
    return IssueEvent(
        action=event.field("action").text(),
        number=issue.field("number").number(),
        url=issue.field("html_url").text(),
        body=issue.field("body").text_or(""),
        labels=frozenset(label.field("name").text() for label in issue.field("labels").items()),
        author=_login(issue.field("user")),
        sender=sender.field("login").text(),
        sender_type=sender.field("type").text(),
        repository=repository.field("full_name").text(),
        owner=repository.field("owner").field("login").text(),
    )


def _login(user: Document) -> str:
    return DELETED_USER if user.is_null() else user.field("login").text()
