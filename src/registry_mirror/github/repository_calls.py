"""What is read of and done to the repository itself."""

import base64
import binascii
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus

from registry_mirror.github.caller import Caller
from registry_mirror.github.document import BadDocumentError, Document
from registry_mirror.github.labels import Label
from registry_mirror.github.retry import DeniedError, GitHubError, InvalidError, NotFoundError


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
class RepositoryState:
    has_issues: bool
    is_private: bool
    is_fork: bool
    is_archived: bool
    default_branch: str


class RepositoryCalls(Caller):
    __slots__ = ()

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

    async def repository_state(self) -> RepositoryState:
        return await self._call(self._get(), _repository_state)

    async def labels(self) -> tuple[Label, ...]:
        return await self._pages("labels", read=_labels)

    async def ensure_label(self, name: str, color: str, description: str) -> None:
        """Create a label of the repository; one that exists stays as it is."""
        fields = {"name": name, "color": color, "description": description}
        try:
            await self._do(self._send("POST", fields, "labels"))
        except InvalidError as error:
            if "already_exists" not in error.codes:
                raise

    async def actions_enabled(self) -> bool | None:
        """None where this token may not ask, as a workflow's own may not."""
        try:
            return await self._call(self._get("actions", "permissions"), _enabled)
        except DeniedError as error:
            if error.status == HTTPStatus.FORBIDDEN:
                return None
            raise

    async def file(self, path: str) -> bytes | None:
        """A file of the default branch; None where there is none.

        Raises GitHubError for what is no file, and for one over GitHub's 1 MB.
        """
        call = self._get("contents", *path.split("/"))
        try:
            content = await self._call(call, _file_content)
        except NotFoundError:
            return None
        if content is None:
            raise GitHubError(f"GET contents/{path}", "not a file, or too large to be read")
        return content


def _permission(document: Document) -> Permission:
    """`maintain` counts as write here and `triage` as read; a word of tomorrow as none."""
    word = document.field("permission").text()
    known = {Permission.ADMIN, Permission.WRITE, Permission.READ}
    return next((permission for permission in known if permission == word), Permission.NONE)


def _repository_state(document: Document) -> RepositoryState:
    return RepositoryState(
        has_issues=document.field("has_issues").truth(),
        is_private=document.field("private").truth(),
        is_fork=document.field("fork").truth(),
        is_archived=document.field("archived").truth(),
        default_branch=document.field("default_branch").text(),
    )


def _labels(document: Document) -> tuple[Label, ...]:
    return tuple(
        Label(
            item.field("name").text(),
            item.field("color").text(),
            item.field("description").text_or(""),
        )
        for item in document.items()
    )


def _enabled(document: Document) -> bool:
    return document.field("enabled").truth()


def _file_content(document: Document) -> bytes | None:
    """None for a folder (a list), a submodule or link, and a file that GitHub left out."""
    if document.is_list() or document.field("type").text() != "file":
        return None
    if document.field("encoding").text() != "base64":
        return None
    try:
        return base64.b64decode(document.field("content").text())
    except (binascii.Error, ValueError):
        raise BadDocumentError("document.content is no base64") from None
