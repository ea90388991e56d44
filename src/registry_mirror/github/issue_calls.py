"""What is read of and done to an issue and its comments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from registry_mirror.github.caller import MOST_LISTED, Caller
from registry_mirror.github.document import BadDocumentError, Document
from registry_mirror.github.fields import label_names, login_of
from registry_mirror.github.retry import Lost, NotFoundError, Refusal, may_have_happened

BOT = "github-actions[bot]"
"""Whom a workflow's own token writes as."""

_CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class IssueState:
    """An issue as it stands now."""

    body: str
    labels: frozenset[str]
    is_open: bool
    author: str


@dataclass(frozen=True, slots=True)
class Comment:
    """`is_ours`: written by a workflow's token, as which nobody can sign in."""

    id: int
    issue: int
    author: str
    body: str
    created_at: datetime
    is_ours: bool


@dataclass(frozen=True, slots=True)
class Recent:
    """Comments, oldest first; not `is_whole` where there were more than are listed."""

    comments: tuple[Comment, ...]
    is_whole: bool


class IssueCalls(Caller):
    __slots__ = ()

    async def issue(self, number: int) -> IssueState:
        return await self._call(self._get("issues", str(number)), _issue_state)

    async def comments(self, issue: int, since: datetime | None = None) -> tuple[Comment, ...]:
        """An issue's comments, oldest first; with `since` those written or edited since then.

        Of too many the newest, as a flood of them must not hide what we said last.
        """
        return await self._last_pages(
            "issues", str(issue), "comments", read=_comments, query=_since(since)
        )

    async def comment(self, number: int) -> Comment:
        return await self._call(self._get("issues", "comments", str(number)), _comment)

    async def recent_comments(self, since: datetime) -> Recent:
        """The comments of all issues written or edited since then, oldest first.

        Read from the newest, so that a flood of them pushes out the oldest.
        """
        order = {"sort": "created", "direction": "desc"}
        found = await self._pages(
            "issues", "comments", read=_comments, query={**_since(since), **order}
        )
        each_once = {each.id: each for each in found}.values()
        return Recent(tuple(sorted(each_once, key=lambda each: each.id)), len(found) < MOST_LISTED)

    async def create_comment(self, issue: int, body: str, marker: str) -> int:
        """Post a comment, once, and return its id.

        Where GitHub broke off before it answered, the comment may stand: then it is looked for by
        `marker`, a part of the body that nobody else can have written (it needs a random part).
        """
        call = self._send("POST", {"body": body}, "issues", str(issue), "comments")
        tries = self._tries(call)
        since = datetime.now(UTC) - _CLOCK_SKEW
        may_stand = False
        while isinstance(outcome := await tries.once(_id), Refusal | Lost):
            await tries.pause(outcome)
            may_stand = may_stand or may_have_happened(outcome)
            if may_stand and (found := await self._find_comment(issue, marker, since)):
                return found
        return outcome

    async def edit_comment(self, comment: int, body: str) -> None:
        await self._do(self._send("PATCH", {"body": body}, "issues", "comments", str(comment)))

    async def add_labels(self, issue: int, names: Sequence[str]) -> None:
        await self._do(self._send("POST", {"labels": [*names]}, "issues", str(issue), "labels"))

    async def remove_label(self, issue: int, name: str) -> None:
        """One that isn't there is removed already."""
        try:
            await self._do(self._send("DELETE", None, "issues", str(issue), "labels", name))
        except NotFoundError:
            return

    async def close_issue(self, issue: int) -> None:
        fields = {"state": "closed", "state_reason": "completed"}
        await self._do(self._send("PATCH", fields, "issues", str(issue)))

    async def react(self, issue: int, content: str) -> None:
        await self._do(self._send("POST", {"content": content}, "issues", str(issue), "reactions"))

    async def react_to_comment(self, comment: int, content: str) -> None:
        parts = ("issues", "comments", str(comment), "reactions")
        await self._do(self._send("POST", {"content": content}, *parts))

    async def _find_comment(self, issue: int, marker: str, since: datetime) -> int | None:
        comments = await self.comments(issue, since)
        ours = (each.id for each in reversed(comments) if each.is_ours and marker in each.body)
        return next(ours, None)


def _since(since: datetime | None) -> Mapping[str, str]:
    return {} if since is None else {"since": f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}


def _id(document: Document) -> int:
    return document.field("id").number()


def _issue_state(issue: Document) -> IssueState:
    return IssueState(
        body=issue.field("body").text_or(""),
        labels=label_names(issue),
        is_open=issue.field("state").text() == "open",
        author=login_of(issue.field("user")),
    )


def _comments(document: Document) -> tuple[Comment, ...]:
    return tuple(_comment(item) for item in document.items())


def _comment(comment: Document) -> Comment:
    user = comment.field("user")
    author = login_of(user)
    return Comment(
        id=_id(comment),
        issue=_number_in(comment.field("issue_url").text()),
        author=author,
        body=comment.field("body").text_or(""),
        created_at=comment.field("created_at").moment(),
        is_ours=author == BOT and user.field("type").text_or("") == "Bot",
    )


def _number_in(issue_url: str) -> int:
    number = issue_url.rpartition("/")[2]
    if not (number.isascii() and number.isdigit()):
        raise BadDocumentError("document[].issue_url names no issue")
    return int(number)
