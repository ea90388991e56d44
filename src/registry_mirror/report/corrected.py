"""A list that was refused, as it would be right: to paste, and as a form that is filled in."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import assert_never
from urllib.parse import urlencode

from registry_mirror.errors import Problem
from registry_mirror.oci.platform import EveryPlatform, OnlyPlatforms, Selection
from registry_mirror.oci.reference import Reference
from registry_mirror.request import Item, Request, words
from registry_mirror.request.line import read_line
from registry_mirror.request.raw import clean

MAX_URL = 6_000
"""Characters of an address that GitHub opens; what is longer it answers with an error."""

TEMPLATE = "mirror-request.yml"
"""The form's file; `images` is the id of its list."""


def corrected_list(request: Request, problems: Sequence[Problem]) -> tuple[str, ...]:
    """The whole list put right; nothing where a problem leaves it to the requester how.

    Several images may stand on one line of a manifest: what is offered takes the place of those
    that it is about, and of no other.
    """
    offered: dict[int, list[str]] = {}
    for problem in problems:
        right = _right(problem)
        if problem.line is None or right is None:
            return ()
        offered.setdefault(problem.line, []).extend(right)
    written: dict[int, list[str]] = {}
    for item in request.items:
        if item.source not in _sources(offered.get(item.line, ())):
            written.setdefault(item.line, []).append(_written(item))
    pieces = chain.from_iterable(
        dict.fromkeys((*written.get(number, ()), *offered.get(number, ())))
        for number in sorted(written.keys() | offered.keys())
    )
    lines = tuple(_with_choice(piece, request.selection) for piece in pieces)
    return lines if all(isinstance(read_line(line, 1), Item) for line in lines) else ()


def _sources(lines: Iterable[str]) -> set[Reference]:
    read = (read_line(line, 1) for line in lines)
    return {item.source for item in read if isinstance(item, Item)}


def form_url(repository_url: str, lines: Sequence[str]) -> str | None:
    """The form with the list filled in; None where the address would be too long."""
    query = urlencode({"template": TEMPLATE, "images": "\n".join(lines)})
    url = f"{repository_url}/issues/new?{query}"
    return url if len(url) <= MAX_URL else None


def _right(problem: Problem) -> tuple[str, ...] | None:
    """The lines that a hint offers in the place of one; none where that is to be deleted."""
    if problem.hint == words.DELETE_LINE:
        return ()
    line = dict(problem.hint.values).get("line")
    return dict(problem.hint.lists).get("lines") or ((line,) if line else None)


def _with_choice(line: str, chosen: Selection | None) -> str:
    """The line with the platforms that the form said for all."""
    read = read_line(line, 1)
    if not isinstance(read, Item) or read.selection or not chosen:
        return line
    return f"{line.strip()} {_option(chosen)}"


def _option(selection: Selection) -> str:
    match selection:
        case EveryPlatform():
            return "--all"
        case OnlyPlatforms(platforms):
            return f"--platform {','.join(map(str, platforms))}"
        case _:
            assert_never(selection)


def _written(item: Item) -> str:
    """What was written, where that is a line; in a manifest it may not be."""
    text = clean(item.text)
    return text if isinstance(read_line(text, 1), Item) else str(item.source)
