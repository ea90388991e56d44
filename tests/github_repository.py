"""The state behind the fake GitHub: one repository, and what its calls do to it."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.github_description import Exchange
from tests.github_shapes import (
    FakeComment,
    FakeIssue,
    FakeLabel,
    FakeReaction,
    Shapes,
    now,
)

BOT = "github-actions[bot]"
MAX_BODY = 262_144
"""Bytes of an issue's or a comment's body, as measured (the error text speaks of 65536)."""

DOCS = "https://docs.github.com/rest"

Json = Any


@dataclass(frozen=True)
class Reply:
    status: int
    body: Json = None
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None

    @property
    def sent(self) -> bytes:
        if self.raw is not None:
            return self.raw
        return b"" if self.body is None else json.dumps(self.body).encode()


class RefusedError(Exception):
    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


class FakeRepository:
    """`shapes` is set by whoever knows the API's address. `permissions` gives a login's word
    (admin, write, read or none); an unknown login is 404."""

    shapes: Shapes

    def __init__(self, repository: str, labels: Mapping[str, str]) -> None:
        self.repository = repository
        self.permissions: dict[str, str] = {repository.partition("/")[0]: "admin"}
        self.permission_refused = False
        self._labels = {name.casefold(): FakeLabel(name, color) for name, color in labels.items()}
        self._issues: dict[int, FakeIssue] = {}
        self._comments: dict[int, FakeComment] = {}
        self._next_comment = 9_000_001

    # What tests do and see

    def open_issue(
        self,
        body: str | None,
        labels: Sequence[str] = (),
        author: str = "me",
        title: str = "Mirror",
    ) -> int:
        """Open an issue as the form does: labels that the repository lacks are left out."""
        number = len(self._issues) + 1
        there = [name for name in labels if name.casefold() in self._labels]
        self._issues[number] = FakeIssue(number, body, author, title, there)
        return number

    def event(self, action: str, number: int, sender: str) -> dict[str, Any]:
        """The event's payload; to have `reopened` the issue is opened again by it."""
        issue = self._issues[number]
        if action == "reopened":
            issue.state, issue.state_reason, issue.closed = "open", "reopened", None
        return self.shapes.event(action, self._issue_json(issue), sender)

    def issue(self, number: int) -> FakeIssue:
        return self._issues[number]

    def comments(self, number: int) -> list[FakeComment]:
        return [comment for comment in self._comments.values() if comment.issue == number]

    def labels(self) -> dict[str, FakeLabel]:
        return {label.name: label for label in self._labels.values()}

    def add_comment(
        self, number: int, body: str, author: str = BOT, age: timedelta = timedelta()
    ) -> int:
        comment = FakeComment(self._next_comment, number, author, body, now() - age, now() - age)
        self._next_comment += 1
        self._comments[comment.id] = comment
        return comment.id

    # What the calls do

    def all_handlers(
        self,
    ) -> dict[tuple[str, str], Callable[[Mapping[str, str], Exchange], Reply]]:
        repo = "/repos/{owner}/{repo}"
        issue = f"{repo}/issues/{{issue_number}}"
        comment = f"{repo}/issues/comments/{{comment_id}}"
        return {
            ("GET", repo): lambda _values, _exchange: Reply(200, self.shapes.full_repository()),
            ("GET", issue): self._get_issue,
            ("PATCH", issue): self._patch_issue,
            ("GET", f"{issue}/comments"): self._get_comments,
            ("POST", f"{issue}/comments"): self._post_comment,
            ("GET", comment): self._get_comment,
            ("PATCH", comment): self._patch_comment,
            ("GET", f"{issue}/labels"): self._get_issue_labels,
            ("POST", f"{issue}/labels"): self._post_issue_labels,
            ("DELETE", f"{issue}/labels/{{name}}"): self._delete_issue_label,
            ("POST", f"{repo}/labels"): self._post_label,
            ("GET", f"{repo}/labels/{{name}}"): self._get_label,
            ("POST", f"{issue}/reactions"): self._post_reaction,
            ("GET", f"{repo}/collaborators/{{username}}/permission"): self._get_permission,
        }

    def _get_issue(self, values: Mapping[str, str], _exchange: Exchange) -> Reply:
        return Reply(200, self._issue_json(self._find_issue(values)))

    def _patch_issue(self, values: Mapping[str, str], exchange: Exchange) -> Reply:
        """GitHub answers 200 to a body that is too long, and keeps the old one."""
        issue, fields = self._find_issue(values), exchange.body or {}
        if "state" in fields:
            issue.state = fields["state"]
            issue.closed = now() if issue.state == "closed" else None
            default = "completed" if issue.state == "closed" else "reopened"
            issue.state_reason = fields.get("state_reason") or default
        if "body" in fields and not _too_long(fields["body"] or ""):
            issue.body = fields["body"]
        issue.updated = now()
        return Reply(200, self._issue_json(issue))

    def _get_comments(self, values: Mapping[str, str], exchange: Exchange) -> Reply:
        query = exchange.query
        since = datetime.fromisoformat(query.get("since", "2000-01-01T00:00:00Z"))
        comments = self.comments(self._find_issue(values).number)
        found = [self.shapes.comment(each) for each in comments if each.updated >= since]
        page, size = int(query.get("page", 1)), min(int(query.get("per_page", 30)), 100)
        more = len(found) > page * size
        address = f"{self.shapes.url}/issues/{values['issue_number']}/comments?page={page + 1}"
        headers = {"Link": f'<{address}>; rel="next"'} if more else {}
        return Reply(200, found[(page - 1) * size : page * size], headers)

    def _post_comment(self, values: Mapping[str, str], exchange: Exchange) -> Reply:
        issue, body = self._find_issue(values), self._comment_body(exchange)
        comment = self._comments[self.add_comment(issue.number, body)]
        return Reply(201, self.shapes.comment(comment), {"Location": self._comment_url(comment)})

    def _get_comment(self, values: Mapping[str, str], _exchange: Exchange) -> Reply:
        return Reply(200, self.shapes.comment(self._find_comment(values)))

    def _patch_comment(self, values: Mapping[str, str], exchange: Exchange) -> Reply:
        comment = self._find_comment(values)
        comment.body, comment.updated = self._comment_body(exchange), now()
        return Reply(200, self.shapes.comment(comment))

    def _get_issue_labels(self, values: Mapping[str, str], _exchange: Exchange) -> Reply:
        return Reply(200, self._labels_json(self._find_issue(values)))

    def _post_issue_labels(self, values: Mapping[str, str], exchange: Exchange) -> Reply:
        """A label that the repository lacks is created, grey."""
        issue = self._find_issue(values)
        for given in exchange.body["labels"]:
            name = given if isinstance(given, str) else given["name"]
            label = self._labels.setdefault(name.casefold(), FakeLabel(name, "ededed"))
            if label.name not in issue.labels:
                issue.labels.append(label.name)
        return Reply(200, self._labels_json(issue))

    def _delete_issue_label(self, values: Mapping[str, str], _exchange: Exchange) -> Reply:
        issue = self._find_issue(values)
        there = [name for name in issue.labels if name.casefold() == values["name"].casefold()]
        if not there:
            raise refused(404, "Label does not exist")
        issue.labels.remove(there[0])
        return Reply(200, self._labels_json(issue))

    def _post_label(self, _values: Mapping[str, str], exchange: Exchange) -> Reply:
        fields = exchange.body
        name, color = fields["name"], fields.get("color", "ededed")
        if name.casefold() in self._labels:
            raise _invalid("Label", "name", "already_exists")
        if not re.fullmatch(r"[0-9a-fA-F]{6}", color):
            raise _invalid("Label", "color", "invalid")
        if len(fields.get("description") or "") > 100:
            raise _invalid("Label", "description", "invalid")
        label = self._labels[name.casefold()] = FakeLabel(name, color, fields.get("description"))
        shape = self.shapes.label(label)
        return Reply(201, shape, {"Location": shape["url"]})

    def _get_label(self, values: Mapping[str, str], _exchange: Exchange) -> Reply:
        label = self._labels.get(values["name"].casefold())
        if label is None:
            raise refused(404, "Not Found")
        return Reply(200, self.shapes.label(label))

    def _post_reaction(self, values: Mapping[str, str], exchange: Exchange) -> Reply:
        issue, content = self._find_issue(values), exchange.body["content"]
        for reaction in issue.reactions:
            if (reaction.user, reaction.content) == (BOT, content):
                return Reply(200, self.shapes.reaction(reaction))
        issue.reactions.append(FakeReaction(BOT, content))
        return Reply(201, self.shapes.reaction(issue.reactions[-1]))

    def _get_permission(self, values: Mapping[str, str], _exchange: Exchange) -> Reply:
        login = values["username"]
        if self.permission_refused:
            raise refused(403, "Resource not accessible by integration")
        if login not in self.permissions:
            raise refused(404, f"{login} is not a user")
        permission = self.permissions[login]
        user = {**self.shapes.user(login), "role_name": permission}
        return Reply(200, {"permission": permission, "role_name": permission, "user": user})

    # What they share

    def _find_issue(self, values: Mapping[str, str]) -> FakeIssue:
        issue = self._issues.get(int(values["issue_number"]))
        if issue is None:
            raise refused(404, "Not Found")
        return issue

    def _find_comment(self, values: Mapping[str, str]) -> FakeComment:
        comment = self._comments.get(int(values["comment_id"]))
        if comment is None:
            raise refused(404, "Not Found")
        return comment

    def _comment_body(self, exchange: Exchange) -> str:
        body: str = exchange.body["body"]
        if not body.strip():
            raise _invalid("IssueComment", "body", "missing_field")
        if _too_long(body):
            message = "Body is too long (maximum is 65536 characters)"
            raise _invalid("IssueComment", "data", "unprocessable", message)
        return body

    def _comment_url(self, comment: FakeComment) -> str:
        return f"{self.shapes.url}/issues/comments/{comment.id}"

    def _issue_json(self, issue: FakeIssue) -> Json:
        labels = [self._labels[name.casefold()] for name in issue.labels]
        return self.shapes.issue(issue, labels, len(self.comments(issue.number)))

    def _labels_json(self, issue: FakeIssue) -> Json:
        return [self.shapes.label(self._labels[name.casefold()]) for name in issue.labels]


def _too_long(body: str) -> bool:
    return len(body.encode()) > MAX_BODY


def error_json(status: int, message: str) -> Json:
    return {"message": message, "documentation_url": DOCS, "status": str(status)}


def refused(status: int, message: str) -> RefusedError:
    return RefusedError(Reply(status, error_json(status, message)))


def _invalid(resource: str, name: str, code: str, message: str | None = None) -> RefusedError:
    error = {"resource": resource, "field": name, "code": code}
    error |= {"message": message} if message else {}
    body = {"message": "Validation Failed", "documentation_url": DOCS, "errors": [error]}
    return RefusedError(Reply(422, body))
