"""What the fake GitHub answers with: replies, pages of a listing, and refusals."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlencode

from tests.github_description import Exchange

DOCS = "https://docs.github.com/rest"
REPOSITORY_ID = 700_000_001

Json = Any
_T = TypeVar("_T")


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


def error_json(status: int, message: str) -> Json:
    return {"message": message, "documentation_url": DOCS, "status": str(status)}


def refused(status: int, message: str) -> RefusedError:
    return RefusedError(Reply(status, error_json(status, message)))


def conflict(message: str) -> RefusedError:
    return refused(409, message)


def page_of(
    found: Sequence[_T], exchange: Exchange, api_url: str
) -> tuple[Sequence[_T], Mapping[str, str]]:
    """The page that was asked for, and the header that names the others; one page has none."""
    query = exchange.query
    page, size = int(query.get("page", 1)), min(int(query.get("per_page", 30)), 100)
    last = max(-(-len(found) // size), 1)
    numbers = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
    left_out = {"prev", "first"} if page == 1 else {"next", "last"} if page >= last else set()
    base = api_url.partition("/repos/")[0]
    path = exchange.path.partition("/repos/")[2].split("/", 2)[-1]

    def link(name: str) -> str:
        asked = urlencode({**query, "page": str(numbers[name])})
        return f'<{base}/repositories/{REPOSITORY_ID}/{path}?{asked}>; rel="{name}"'

    links = [link(name) for name in numbers if name not in left_out]
    headers = {"Link": ", ".join(links)} if last > 1 else {}
    return found[(page - 1) * size : page * size], headers
