"""One repository, asked by way of one token: how every call goes out and is tried again."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import quote, urlencode, urlsplit

from registry_mirror.github.budget import Budget, BudgetWatch
from registry_mirror.github.document import Document
from registry_mirror.github.exchange import Call
from registry_mirror.github.retry import Lost, Refusal
from registry_mirror.github.tries import Patience, Tries
from registry_mirror.secret import Secret

_T = TypeVar("_T")

MAX_PAGES = 20
"""Pages of a listing that are read."""

_PAGE = 100
MOST_LISTED = MAX_PAGES * _PAGE
"""Entries of a listing that are read."""

_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Caller:
    """Every call raises a GitHubError when GitHub can't or won't.

    Raises ValueError for an address, a repository or a token that can be none. Copies made by
    `replace` share what is known of the budget.
    """

    api_url: str
    repository: str
    token: Secret
    patience: Patience = field(default_factory=Patience)
    watch: BudgetWatch = field(default_factory=BudgetWatch, repr=False, compare=False)

    def __post_init__(self) -> None:
        url = urlsplit(self.api_url)
        if url.scheme not in {"http", "https"} or not url.hostname or "@" in url.netloc:
            raise ValueError(f"not the address of an API: {self.api_url!r}")
        if not _REPOSITORY.fullmatch(self.repository):
            raise ValueError(f"not a repository's owner/name: {self.repository!r}")
        if not re.fullmatch(r"[!-~]+", self.token.reveal()):
            raise ValueError("the token is empty or has characters that no token has")

    @property
    def budget(self) -> Budget | None:
        """What GitHub's last answer said is left of the quota; None where that isn't known."""
        return self.watch.budget

    def _get(self, *parts: str, query: Mapping[str, str] | None = None) -> Call:
        url = self._url(parts)
        return Call("GET", f"{url}?{urlencode(query)}" if query else url)

    def _send(self, method: str, fields: Mapping[str, object] | None, *parts: str) -> Call:
        body = None if fields is None else json.dumps(fields).encode()
        return Call(method, self._url(parts), body)

    def _query(self, text: str, variables: Mapping[str, object]) -> Call:
        """A question in GraphQL; an enterprise's API has it beside REST, not below."""
        base = self.api_url.rstrip("/").removesuffix("/v3")
        body = json.dumps({"query": text, "variables": variables}).encode()
        return Call("POST", f"{base}/graphql", body)

    def _url(self, parts: Sequence[str]) -> str:
        path = "/".join((self.repository, *(quote(part, safe="") for part in parts)))
        return f"{self.api_url.rstrip('/')}/repos/{path}"

    def _tries(self, call: Call) -> Tries:
        return Tries(call, self.token, self.patience, self.watch)

    async def _do(self, call: Call) -> None:
        await self._call(call, _nothing)

    async def _call(self, call: Call, read: Callable[[Document], _T]) -> _T:
        return await _finish(self._tries(call), read)

    async def _pages(
        self,
        *parts: str,
        read: Callable[[Document], tuple[_T, ...]],
        query: Mapping[str, str] | None = None,
        size: int = _PAGE,
    ) -> tuple[_T, ...]:
        """A listing page by page, up to MAX_PAGES of `size` entries (at most 100)."""
        found: list[_T] = []
        for page in range(1, MAX_PAGES + 1):
            batch = await self._call(self._page(parts, query, page, size), read)
            found += batch
            if len(batch) < size:
                break
        return tuple(found)

    async def _last_pages(
        self,
        *parts: str,
        read: Callable[[Document], tuple[_T, ...]],
        query: Mapping[str, str] | None = None,
    ) -> tuple[_T, ...]:
        """The last MOST_LISTED entries of a listing that GitHub gives from the oldest alone.

        Its first page tells how many there are. What comes while it is read is read too.
        """
        opening = self._tries(self._page(parts, query, 1))
        batch = await _finish(opening, read)
        begin = max((opening.last_page or 1) - MAX_PAGES, 1)
        found = list(batch) if begin == 1 else []
        for page in range(max(begin, 2), begin + 2 * MAX_PAGES):
            if len(batch) < _PAGE:
                break
            batch = await self._call(self._page(parts, query, page), read)
            found += batch
        return tuple(found[-MOST_LISTED:])

    def _page(
        self, parts: Sequence[str], query: Mapping[str, str] | None, page: int, size: int = _PAGE
    ) -> Call:
        asked = {**(query or {}), "per_page": str(size), "page": str(page)}
        return self._get(*parts, query=asked)


async def _finish(tries: Tries, read: Callable[[Document], _T]) -> _T:
    while isinstance(outcome := await tries.once(read), Refusal | Lost):
        await tries.pause(outcome)
    return outcome


def _nothing(_: Document) -> None:
    return None
