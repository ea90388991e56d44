"""A list that waits to be approved: what was asked for, each source pinned to what its tag held.

Its lines are request lines with everything filled in, so that neither the tags nor the settings
can make another list of them: `docker.io/library/nginx:1.27@sha256:… --platform linux/amd64`.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from registry_mirror.naming import Naming, Target, name_of
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.platform import EveryPlatform, OnlyPlatforms, Selection
from registry_mirror.oci.reference import Reference
from registry_mirror.plan import Copy
from registry_mirror.request import Item, Request, TargetName
from registry_mirror.request.line import read_line

SHOWN_DIGITS = 12
"""Hex digits of a list's digest that a comment shows."""

_NUMBERED = re.compile(r"(?P<line>.+)  # line (?P<number>[0-9]{1,6})")
_FENCE = re.compile(r"`{3,}")


@dataclass(frozen=True, slots=True)
class PinnedList:
    """`body_digest` is that of the issue's body that was read, in hex."""

    lines: tuple[str, ...]
    body_digest: str

    @property
    def digest(self) -> str:
        """SHA-256 in hex of the list and of the body that it was read from."""
        return _sha256("\n".join((self.body_digest, *self.lines)))

    @property
    def short(self) -> str:
        return self.digest[:SHOWN_DIGITS]

    def is_of(self, body: str) -> bool:
        return self.body_digest == digest_of_body(body)

    def request(self) -> Request:
        """The list as a request, whose lines have the body's numbers.

        Raises ValueError for a line that `pinned_line` hasn't written.
        """
        return Request(tuple(map(_item, self.lines)))


def digest_of_body(body: str) -> str:
    """SHA-256 in hex; how lines end doesn't count."""
    return _sha256(body.replace("\r\n", "\n"))


def pinned_line(copy: Copy, digest: Digest, target: Target) -> str:
    """The line of one copy of a plan whose target is `target`, with its number in the body."""
    source = replace(copy.source, digest=digest)
    name = TargetName(
        copy.target.repository.removeprefix(f"{target.namespace}/"), copy.target.tag or ""
    )
    flat = name_of(Item(copy.line, "", source), Naming.FLAT)
    renamed = "" if name == flat else f" --as {name}"
    return f"{source} {_option(copy.selection)}{renamed}  # line {copy.line}"


def worded_like(pinned: Request, asked: Request) -> Request:
    """The images of a pinned list, each in the words of the line that asked for it.

    `asked` is the body that the list is of; what is said of an image is said to who wrote that.
    """
    words = {_place(item): item.text for item in reversed(asked.items)}
    items = (replace(item, text=words.get(_place(item), item.text)) for item in pinned.items)
    return replace(pinned, items=tuple(items))


def _place(item: Item) -> tuple[int, Reference]:
    return item.line, replace(item.source, digest=None)


def find_list(comment: str, *, digest: str, body_digest: str) -> PinnedList | None:
    """The list in a comment of ours: its first fenced block, if that has the digest.

    None for a list that another version of ours has written in another way, too.
    """
    found = PinnedList(tuple(_first_block(comment.splitlines())), body_digest)
    return found if found.digest == digest and _is_readable(found) else None


def lists_with(prefix: str, lists: Iterable[PinnedList]) -> tuple[PinnedList, ...]:
    """The different lists whose digest begins like that."""
    matching = {one.digest: one for one in lists if one.digest.startswith(prefix)}
    return tuple(matching.values())


def _is_readable(one: PinnedList) -> bool:
    try:
        return bool(one.request().items)
    except ValueError:
        return False


def _first_block(lines: list[str]) -> Iterable[str]:
    fence = ""
    for line in lines:
        if fence and line == fence:
            return
        if fence:
            yield line
        elif opening := _FENCE.match(line):
            fence = opening[0]


def _option(selection: Selection) -> str:
    match selection:
        case EveryPlatform():
            return "--all"
        case OnlyPlatforms(platforms):
            return f"--platform {','.join(map(str, platforms))}"


def _item(line: str) -> Item:
    numbered = _NUMBERED.fullmatch(line)
    read = read_line(numbered["line"], int(numbered["number"])) if numbered else None
    if not isinstance(read, Item) or read.source.digest is None or read.selection is None:
        raise ValueError("not the line of a pinned list")
    return replace(read, target=name_of(read, Naming.FLAT))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
