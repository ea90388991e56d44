"""The state behind the fake GitHub: one repository, and what its calls do to it."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.github_description import Exchange
from tests.github_replies import DOCS, RefusedError, Reply, page_of, refused
from tests.github_shapes import (
    FakeComment,
    FakeIssue,
    FakeLabel,
    FakeReaction,
    as_time,
    now,
)
from tests.github_workflows import FakeWorkflows, Handler

BOT = "github-actions[bot]"
MAX_BODY = 262_144
"""Bytes of an issue's or a comment's body, as measured (the error text speaks of 65536)."""

Json = Any


class FakeRepository(FakeWorkflows):
    """`shapes` is set by whoever knows the API's address. `permissions` gives a login's word
    (admin, write, read or none); an unknown login is 404. `user_types` gives a login's type where
    its name doesn't tell (User, or Bot for `…[bot]`)."""

    def __init__(self, repository: str, labels: Mapping[str, str]) -> None:
        super().__init__()
        self.repository = repository
        self.permissions: dict[str, str] = {repository.partition("/")[0]: "admin"}
        self.permission_refused = False
        self.user_types: dict[str, str] = {}
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

    def event(
        self, action: str, number: int, sender: str, sender_type: str | None = None
    ) -> dict[str, Any]:
        """The event's payload; to have `reopened` the issue is opened again by it."""
        issue = self._issues[number]
        if action == "reopened":
            issue.state, issue.state_reason, issue.closed = "open", "reopened", None
        return self._event(action, issue, sender, sender_type)

    def edit_issue(
        self,
        number: int,
        body: str | None = None,
        title: str | None = None,
        sender: str | None = None,
    ) -> dict[str, Any]:
        """Edit as somebody (the author, if not told) does, and return the event's payload."""
        issue = self._issues[number]
        changes: dict[str, Any] = {}
        if body is not None:
            changes["body"] = {"from": issue.body or ""}
            issue.body = body
            issue.edited, issue.editor = now(), sender or issue.author
        if title is not None:
            changes["title"] = {"from": issue.title}
            issue.title = title
        issue.updated = now()
        event = self._event("edited", issue, sender or issue.author)
        return {**event, "changes": changes}

    def comment_event(
        self,
        number: int,
        body: str,
        sender: str,
        *,
        action: str = "created",
        sender_type: str | None = None,
    ) -> dict[str, Any]:
        """Comment as somebody does, and return the payload of the `issue_comment` event."""
        comment = self._comments[self.add_comment(number, body, author=sender)]
        event = self._event(action, self._issues[number], sender, sender_type)
        return {**event, "comment": self.shapes.comment(comment)}

    def _event(
        self, action: str, issue: FakeIssue, sender: str, sender_type: str | None = None
    ) -> dict[str, Any]:
        event = self.shapes.event(action, self._issue_json(issue), sender)
        if sender_type is not None:
            event["sender"]["type"] = sender_type
        return event

    def issue(self, number: int) -> FakeIssue:
        return self._issues[number]

    def comments(self, number: int) -> list[FakeComment]:
        return [comment for comment in self._comments.values() if comment.issue == number]

    def labels(self) -> dict[str, FakeLabel]:
        return {label.name: label for label in self._labels.values()}

    def forget_labels(self) -> None:
        """As a new fork, which has none of ours."""
        self._labels.clear()

    def add_comment(
        self, number: int, body: str, author: str | None = BOT, age: timedelta = timedelta()
    ) -> int:
        """`author` None is one who was deleted since."""
        comment = FakeComment(self._next_comment, number, author, body, now() - age, now() - age)
        self._next_comment += 1
        self._comments[comment.id] = comment
        return comment.id

    # What the calls do

    def all_handlers(self) -> dict[tuple[str, str], Handler]:
        repo = "/repos/{owner}/{repo}"
        issue = f"{repo}/issues/{{issue_number}}"
        comment = f"{repo}/issues/comments/{{comment_id}}"
        return {
            **self.workflow_handlers(),
            ("GET", issue): self._get_issue,
            ("PATCH", issue): self._patch_issue,
            ("GET", f"{issue}/comments"): self._get_comments,
            ("POST", f"{issue}/comments"): self._post_comment,
            ("GET", f"{repo}/issues/comments"): self._get_all_comments,
            ("GET", comment): self._get_comment,
            ("PATCH", comment): self._patch_comment,
            ("GET", f"{issue}/labels"): self._get_issue_labels,
            ("POST", f"{issue}/labels"): self._post_issue_labels,
            ("DELETE", f"{issue}/labels/{{name}}"): self._delete_issue_label,
            ("POST", f"{comment}/reactions"): self._post_comment_reaction,
            ("GET", f"{repo}/labels"): self._get_labels,
            ("POST", f"{repo}/labels"): self._post_label,
            ("GET", f"{repo}/labels/{{name}}"): self._get_label,
            ("POST", f"{issue}/reactions"): self._post_reaction,
            ("GET", f"{repo}/collaborators/{{username}}/permission"): self._get_permission,
        }

    def _get_issue(self, values: Mapping[str, str], _exchange: Exchange) -> Reply:
        return Reply(200, self._issue_json(self._find_issue(values)))

    def wording(self, owner: str, name: str, number: int) -> Json:
        """The answer to the one question by GraphQL; a bot's login has no `[bot]` there."""
        if f"{owner}/{name}" != self.repository:
            return {"repository": None}
        issue = self._issues.get(number)
        if issue is None:
            return {"repository": {"issue": None}}
        edited = as_time(issue.edited) if issue.edited else None
        return {
            "repository": {
                "issue": {
                    "body": issue.body or "",
                    "lastEditedAt": edited,
                    "editor": self._actor(issue.editor),
                }
            }
        }

    def _actor(self, login: str | None) -> Json:
        """None for one that was deleted, too."""
        if login is None:
            return None
        kind = self.shapes.user(login)["type"]
        return {"__typename": kind, "login": login.removesuffix("[bot]")}

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
        return self._listed(self.comments(self._find_issue(values).number), exchange)

    def _get_all_comments(self, _values: Mapping[str, str], exchange: Exchange) -> Reply:
        """In the order of their creation; the direction counts where `sort` is given."""
        query, comments = exchange.query, [*self._comments.values()]
        if query.get("sort") == "updated":
            comments.sort(key=lambda each: each.updated)
        if "sort" in query and query.get("direction", "desc") == "desc":
            comments.reverse()
        return self._listed(comments, exchange)

    def _listed(self, comments: Sequence[FakeComment], exchange: Exchange) -> Reply:
        since = datetime.fromisoformat(exchange.query.get("since", "2000-01-01T00:00:00Z"))
        found = [self.shapes.comment(each) for each in comments if each.updated >= since]
        shown, headers = page_of(found, exchange, self.shapes.url)
        return Reply(200, shown, headers)

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

    def _get_labels(self, _values: Mapping[str, str], exchange: Exchange) -> Reply:
        found = [self.shapes.label(label) for label in self._labels.values()]
        shown, headers = page_of(found, exchange, self.shapes.url)
        return Reply(200, shown, headers)

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
        return self._react(self._find_issue(values).reactions, exchange)

    def _post_comment_reaction(self, values: Mapping[str, str], exchange: Exchange) -> Reply:
        return self._react(self._find_comment(values).reactions, exchange)

    def _react(self, reactions: list[FakeReaction], exchange: Exchange) -> Reply:
        content = exchange.body["content"]
        for reaction in reactions:
            if (reaction.user, reaction.content) == (BOT, content):
                return Reply(200, self.shapes.reaction(reaction))
        reactions.append(FakeReaction(BOT, content))
        return Reply(201, self.shapes.reaction(reactions[-1]))

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


def _invalid(resource: str, name: str, code: str, message: str | None = None) -> RefusedError:
    error = {"resource": resource, "field": name, "code": code}
    error |= {"message": message} if message else {}
    body = {"message": "Validation Failed", "documentation_url": DOCS, "errors": [error]}
    return RefusedError(Reply(422, body))
