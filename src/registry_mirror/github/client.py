"""The few calls to GitHub that a conversation with an issue needs."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import quote, urlencode, urlsplit

from registry_mirror.github.document import Document
from registry_mirror.github.exchange import Call
from registry_mirror.github.retry import (
    DeniedError,
    InvalidError,
    Lost,
    NotFoundError,
    Refusal,
    may_have_happened,
)
from registry_mirror.github.tries import Patience, Tries
from registry_mirror.secret import Secret

_T = TypeVar("_T")

_DELETED_USER = "ghost"
_PER_PAGE = 100
_MAX_PAGES = 20
_CLOCK_SKEW = timedelta(minutes=5)
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)


class Permission(StrEnum):
    """What a user may do in a repository; REFUSED where this token may not ask."""

    ADMIN = "admin"
    WRITE = "write"
    READ = "read"
    NONE = "none"
    REFUSED = "refused"

    @property
    def may_write(self) -> bool:
        return self in {Permission.ADMIN, Permission.WRITE}


@dataclass(frozen=True, slots=True)
class Comment:
    id: int
    author: str
    body: str


@dataclass(frozen=True, slots=True)
class GitHub:
    """One repository, by way of one token.

    Every method raises a GitHubError when GitHub can't or won't. Raises ValueError for an
    address, a repository or a token that can be none.
    """

    api_url: str
    repository: str
    token: Secret
    patience: Patience = field(default_factory=Patience)

    def __post_init__(self) -> None:
        url = urlsplit(self.api_url)
        if url.scheme not in {"http", "https"} or not url.hostname or "@" in url.netloc:
            raise ValueError(f"not the address of an API: {self.api_url!r}")
        if not _REPOSITORY.fullmatch(self.repository):
            raise ValueError(f"not a repository's owner/name: {self.repository!r}")
        if not re.fullmatch(r"[!-~]+", self.token.reveal()):
            raise ValueError("the token is empty or has characters that no token has")

    async def permission(self, login: str) -> Permission:
        """A user that GitHub doesn't know has none."""
        call = self._get("collaborators", login, "permission")
        try:
            return await self._call(call, _permission)
        except NotFoundError:
            return Permission.NONE
        except DeniedError as error:
            if error.status == HTTPStatus.FORBIDDEN:
                return Permission.REFUSED
            raise

    async def comments(self, issue: int, since: datetime) -> tuple[Comment, ...]:
        """The comments written or edited since then, oldest first."""
        found: list[Comment] = []
        for page in range(1, _MAX_PAGES + 1):
            query = {
                "since": f"{since:%Y-%m-%dT%H:%M:%SZ}",
                "per_page": str(_PER_PAGE),
                "page": str(page),
            }
            call = self._get("issues", str(issue), "comments", query=query)
            batch = await self._call(call, _comments)
            found += batch
            if len(batch) < _PER_PAGE:
                break
        return tuple(found)

    async def create_comment(self, issue: int, body: str, marker: str) -> int:
        """Post a comment, once, and return its id.

        Where GitHub broke off before it answered, the comment may stand: then it is looked for by
        `marker`, a part of the body that nobody else can have written (it needs a random part).
        """
        call = self._send("POST", {"body": body}, "issues", str(issue), "comments")
        tries = Tries(call, self.token, self.patience)
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

    async def ensure_label(self, name: str, color: str, description: str) -> None:
        """Create a label of the repository; one that exists stays as it is."""
        fields = {"name": name, "color": color, "description": description}
        try:
            await self._do(self._send("POST", fields, "labels"))
        except InvalidError as error:
            if "already_exists" not in error.codes:
                raise

    async def close_issue(self, issue: int) -> None:
        fields = {"state": "closed", "state_reason": "completed"}
        await self._do(self._send("PATCH", fields, "issues", str(issue)))

    async def react(self, issue: int, content: str) -> None:
        await self._do(self._send("POST", {"content": content}, "issues", str(issue), "reactions"))

    async def _find_comment(self, issue: int, marker: str, since: datetime) -> int | None:
        comments = await self.comments(issue, since)
        return next((comment.id for comment in reversed(comments) if marker in comment.body), None)

    def _get(self, *parts: str, query: Mapping[str, str] | None = None) -> Call:
        url = self._url(parts)
        return Call("GET", f"{url}?{urlencode(query)}" if query else url)

    def _send(self, method: str, fields: Mapping[str, object] | None, *parts: str) -> Call:
        body = None if fields is None else json.dumps(fields).encode()
        return Call(method, self._url(parts), body)

    def _url(self, parts: Sequence[str]) -> str:
        path = "/".join(quote(part, safe="") for part in parts)
        return f"{self.api_url.rstrip('/')}/repos/{self.repository}/{path}"

    async def _do(self, call: Call) -> None:
        await self._call(call, _nothing)

    async def _call(self, call: Call, read: Callable[[Document], _T]) -> _T:
        tries = Tries(call, self.token, self.patience)
        while isinstance(outcome := await tries.once(read), Refusal | Lost):
            await tries.pause(outcome)
        return outcome


def _nothing(_: Document) -> None:
    return None


def _id(document: Document) -> int:
    return document.field("id").number()


def _permission(document: Document) -> Permission:
    """`maintain` counts as write here and `triage` as read; a word of tomorrow as none."""
    word = document.field("permission").text()
    known = {Permission.ADMIN, Permission.WRITE, Permission.READ}
    return next((permission for permission in known if permission == word), Permission.NONE)


def _comments(document: Document) -> tuple[Comment, ...]:
    return tuple(_comment(item) for item in document.items())


def _comment(comment: Document) -> Comment:
    user = comment.field("user")
    author = _DELETED_USER if user.is_null() else user.field("login").text()
    return Comment(_id(comment), author, comment.field("body").text_or(""))
