"""Who changed an issue's text last, which GitHub tells by GraphQL alone."""

from dataclasses import dataclass

from registry_mirror.github.caller import Caller
from registry_mirror.github.document import Document
from registry_mirror.github.fields import DELETED_USER

QUERY = """
query($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    issue(number: $number) {
      body
      lastEditedAt
      editor { __typename login }
    }
  }
}
"""


@dataclass(frozen=True, slots=True)
class Wording:
    """An issue's text as it stands now.

    `editor` is who changed it last: None where nobody has, `ghost` where it was no person or one
    that was deleted since.
    """

    body: str
    editor: str | None


class WordingCalls(Caller):
    __slots__ = ()

    async def wording(self, issue: int) -> Wording | None:
        """None where GitHub doesn't tell."""
        owner, _, name = self.repository.partition("/")
        variables = {"owner": owner, "name": name, "number": issue}
        return await self._call(self._query(QUERY, variables), _wording)


def _wording(answer: Document) -> Wording | None:
    """An error comes with status 200, and what it concerns is null."""
    node = answer
    for name in ("data", "repository", "issue"):
        node = node.field(name)
        if node.is_null():
            return None
    return Wording(node.field("body").text(), _editor(node))


def _editor(issue: Document) -> str | None:
    """A bot's login may be that of a person here."""
    if issue.field("lastEditedAt").is_null():
        return None
    editor = issue.field("editor")
    if editor.is_null() or editor.field("__typename").text() != "User":
        return DELETED_USER
    return editor.field("login").text()
