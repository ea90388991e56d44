"""Fields that GitHub writes alike in answers and in events."""

from registry_mirror.github.document import Document

DELETED_USER = "ghost"
"""A name that nobody can have."""


def login_of(user: Document) -> str:
    """A user's name; null stands for one that was deleted."""
    return DELETED_USER if user.is_null() else user.field("login").text()


def label_names(issue: Document) -> frozenset[str]:
    return frozenset(label.field("name").text() for label in issue.field("labels").items())
