"""What happened to an issue, as the runner hands it over."""

from dataclasses import dataclass

from registry_mirror.github.document import BadDocumentError, Document


class BadEventError(ValueError):
    pass


@dataclass(frozen=True, slots=True)
class IssueEvent:
    """An `issues` event.

    `sender` did what `action` says: who reopened, and not who opened. `body` and `labels` are as
    they were at that moment, whatever was edited since.
    """

    action: str
    number: int
    body: str
    labels: frozenset[str]
    sender: str
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
        body=issue.field("body").text_or(""),
        labels=frozenset(label.field("name").text() for label in issue.field("labels").items()),
        sender=sender.field("login").text(),
        owner=repository.field("owner").field("login").text(),
    )
