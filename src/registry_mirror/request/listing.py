"""A list of images, one a line, or a manifest; or a command's arguments, each of them a line."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from registry_mirror.errors import Code, Problem
from registry_mirror.request import Item, Request, words
from registry_mirror.request.line import read_line
from registry_mirror.request.manifests import is_manifest, read_manifest
from registry_mirror.request.raw import split_lines

MAX_PROBLEMS = 2000
"""Problems of a request that are told; then the rest of it isn't read."""


def read_list(text: str, first_line: int = 1) -> Request:
    return read_pasted(list(enumerate(split_lines(text), first_line)))


def read_pasted(lines: Sequence[tuple[int, str]], heading: int | None = None) -> Request:
    """Read numbered lines that are a list or a manifest; `heading` as `read_lines` has it."""
    if not is_manifest(lines):
        return read_lines(lines, heading)
    request = read_manifest(lines, heading)
    return replace(request, problems=request.problems[:MAX_PROBLEMS])


def read_arguments(images: Sequence[str]) -> Request:
    """Arguments count as lines, in their order."""
    return read_lines(
        (number, " ".join(split_lines(image))) for number, image in enumerate(images, 1)
    )


def read_lines(lines: Iterable[tuple[int, str]], heading: int | None = None) -> Request:
    """Read numbered lines; `heading` is the line that an empty list is complained of at."""
    items: list[Item] = []
    problems: list[Problem] = []
    for number, line in lines:
        match read_line(line, number):
            case Item() as item:
                items.append(item)
            case tuple(found):
                problems += found
            case None:
                pass
        if len(problems) >= MAX_PROBLEMS:
            break
    if not items and not problems:
        problems.append(_empty(heading))
    return Request(tuple(items), tuple(problems[:MAX_PROBLEMS]))


def _empty(heading: int | None) -> Problem:
    return Problem(Code.EMPTY_REQUEST, words.EMPTY_REQUEST, words.EMPTY_REQUEST_HINT, heading)
