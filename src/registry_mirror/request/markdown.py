"""An issue's body taken apart: comments, fences, headings, checkboxes.

Every line keeps its number. A fence hides headings only if it is closed somewhere: the form fences
the list, and a stray mark in it shall not swallow the sections that follow.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from registry_mirror.request.raw import split_lines, visible

_OPENING = re.compile(r" {0,3}(?P<mark>`{3,}(?=[^`]*$)|~{3,})")
_CLOSING = re.compile(r" {0,3}(?P<mark>`{3,}|~{3,}) *")
_PLAIN_FENCE = re.compile(r"(?:`{3,}|~{3,}) *[\w+.#-]*")
_HEADING = re.compile(r" {0,3}###[ \t]+(?P<label>\S.*)")
_CHECKBOX = re.compile(r"(?:[-*+] *)?\[ {0,3}(?P<mark>[xX✓√]?) {0,3}\] *(?P<label>.*)")

MAX_LABEL = 100
"""Characters of a heading or a checkbox that are compared with the form's."""


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """What stands below a heading; `line` is the heading's number."""

    line: int
    label: str
    lines: Sequence[str]

    def numbered(self) -> Iterator[Line]:
        """The lines that aren't blank."""
        numbered = enumerate(self.lines, self.line + 1)
        return (Line(number, text) for number, text in numbered if text and not text.isspace())


@dataclass(frozen=True, slots=True)
class Body:
    """The first section is what stands above all headings, at line 0.

    `unclosed` is the line of a comment that doesn't end.
    """

    sections: tuple[Section, ...]
    unclosed: Line | None = None


@dataclass(frozen=True, slots=True)
class Checkbox:
    label: str
    checked: bool


def read_markdown(text: str) -> Body:
    raw = split_lines(text)
    stripped, unclosed = strip_comments(visible("\n".join(raw)))
    lines = stripped.split("\n")
    starts = [-1, *_headings(lines), len(lines)]
    sections = tuple(
        Section(start + 1, _label(lines[start]) if start >= 0 else "", lines[start + 1 : end])
        for start, end in pairwise(starts)
    )
    return Body(sections, None if unclosed is None else Line(unclosed + 1, raw[unclosed]))


def strip_comments(text: str) -> tuple[str, int | None]:
    """Put a space for each HTML comment and keep its line breaks.

    Also returns the index of the line with a comment that doesn't end; of it only the mark goes.
    """
    kept, end = [], 0
    while (start := text.find("<!--", end)) >= 0:
        kept.append(text[end:start])
        # `<!-->` and `<!--->` are whole comments (CommonMark 0.31, "HTML comment").
        close = text.find("-->", start + 2)
        if close < 0:
            rest = text[start:].replace("<!--", "")
            return "".join(kept) + rest, text.count("\n", 0, start)
        end = close + len("-->")
        kept.append(" " + "\n" * text.count("\n", start, end))
    return "".join(kept) + text[end:], None


def normal(label: str) -> str:
    """Neither case, white space, full width nor marks at the end tell two labels apart."""
    folded = unicodedata.normalize("NFKC", label).casefold().strip(" *_:")
    return re.sub(r"\s*/\s*", "/", re.sub(r"\s+", " ", folded))


def is_fence(text: str) -> bool:
    """Whether a line is the mark of a code block, with at most its language."""
    return _PLAIN_FENCE.fullmatch(text) is not None


def read_checkbox(text: str) -> Checkbox | None:
    match = _CHECKBOX.fullmatch(text)
    return Checkbox(normal(match["label"][:MAX_LABEL]), match["mark"] != "") if match else None


def _label(heading: str) -> str:
    match = _HEADING.match(heading)
    return normal(match["label"].rstrip().rstrip("#")[:MAX_LABEL]) if match else ""


def _headings(lines: Sequence[str]) -> list[int]:
    """The indexes of headings, which are in no closed fence (CommonMark, "Fenced code blocks")."""
    marked = [i for i, line in enumerate(lines) if "###" in line or "```" in line or "~~~" in line]
    closable = _closable(lines, marked)
    headings = []
    mark = ""
    for index in marked:
        line = lines[index]
        if mark:
            mark = "" if _closes(line, mark) else mark
        elif index in closable and (opening := _OPENING.match(line)):
            mark = opening["mark"]
        elif _HEADING.match(line):
            headings.append(index)
    return headings


def _closes(line: str, mark: str) -> bool:
    closing = _CLOSING.fullmatch(line)
    return closing is not None and closing["mark"].startswith(mark)


def _closable(lines: Sequence[str], marked: Sequence[int]) -> frozenset[int]:
    """The indexes of the opening marks of fences that a later line could close."""
    longest = {"`": 0, "~": 0}
    closable = set()
    for index in reversed(marked):
        opening, closing = _OPENING.match(lines[index]), _CLOSING.fullmatch(lines[index])
        if opening and len(opening["mark"]) <= longest[opening["mark"][0]]:
            closable.add(index)
        if closing:
            character = closing["mark"][0]
            longest[character] = max(longest[character], len(closing["mark"]))
    return frozenset(closable)
