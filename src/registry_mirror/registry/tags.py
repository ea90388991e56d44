"""The tags of a repository, page by page, as many as are of use."""

import json
import re
from dataclasses import dataclass
from itertools import islice

from registry_mirror.oci.reference import TAG
from registry_mirror.registry.client import RegistryClient
from registry_mirror.registry.errors import Operation
from registry_mirror.registry.exchange import Question
from registry_mirror.registry.throttle import Action, Slot

PAGE = 1_000
MAX_PAGES = 5
MAX_TAGS = PAGE * MAX_PAGES
"""Whatever a registry puts on a page."""
MAX_PAGE_BYTES = 1024 * 1024

_NEXT = re.compile(r"<([^<>]{1,4000})>\s*;\s*rel=\"?next\b")


@dataclass(frozen=True, slots=True)
class TagList:
    """`is_whole`: the registry has no others, as far as it says."""

    tags: tuple[str, ...]
    is_whole: bool


async def list_tags(client: RegistryClient, repository: str) -> TagList:
    """The tags of the first pages; what is no tag by the grammar is left out.

    Raises a RegistryError: AnswerError with NAME_UNKNOWN where there is no such repository.
    """
    tags: dict[str, None] = {}
    location: str | None = f"/v2/{repository}/tags/list?n={PAGE}"
    for _ in range(MAX_PAGES):
        if location is None or len(tags) > MAX_TAGS:
            break
        page, location = await _page(client, repository, location)
        if page is None:
            return TagList(tuple(tags), is_whole=False)
        tags |= dict.fromkeys(page)
    is_whole = location is None and len(tags) <= MAX_TAGS
    return TagList(tuple(islice(tags, MAX_TAGS)), is_whole)


async def _page(
    client: RegistryClient, repository: str, location: str
) -> tuple[tuple[str, ...] | None, str | None]:
    question = Question(Operation.LIST_TAGS, "GET", location, client.exchange.scopes(repository))

    async def work(_slot: Slot) -> tuple[tuple[str, ...] | None, str | None]:
        async with client.exchange.ask(question) as answer:
            content = await answer.read(MAX_PAGE_BYTES)
            return read_tags(content), read_next(answer.headers.get("Link", ""))

    return await client.persist(Action.RESOLVE, work)


def read_tags(content: bytes) -> tuple[str, ...] | None:
    """Of the specification's `{"name": …, "tags": […]}`, one more than are used at most.

    None of anything else; null is how some registries write an empty list.
    """
    try:
        document: object = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or "tags" not in document:
        return None
    tags = document["tags"]
    if not isinstance(tags, list):
        return None if tags is not None else ()
    are_tags = (tag for tag in tags if isinstance(tag, str) and TAG.fullmatch(tag))
    return tuple(islice(are_tags, MAX_TAGS + 1))


def read_next(link: str) -> str | None:
    """Where a Link header says that the next page is."""
    found = _NEXT.search(link)
    return found[1] if found else None
