"""Pieces of a Markdown comment. Quoting is done by whoever fills them in."""

import re
from collections.abc import Iterable
from dataclasses import replace

from registry_mirror.report.quoting import code_span
from registry_mirror.text import Language, Text

UNKNOWN = "–"
# A reference has at most 255 characters of host, 255 of repository, 128 of tag and a digest.
REFERENCE_LIMIT = 800

_NUMBER = re.compile(r"[0-9]{1,12}")
_OUTSIDE_CODE = re.compile(r"(`[^`]*`)")
_MARKUP = re.compile(r"[*<>\[\]~&]|(?<!\w)_|_(?!\w)")


def join(*pieces: str) -> str:
    """Pieces with a blank line between them; empty ones are left out."""
    return "\n\n".join(piece for piece in pieces if piece)


def row(*cells: str) -> str:
    """A table's row. A pipe in a cell is escaped, in a code span too, as GitHub wants it."""
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def table(head: Iterable[str], rows: Iterable[str]) -> str:
    """A table, or nothing where there are no rows."""
    cells = tuple(head)
    body = tuple(rows)
    if not body:
        return ""
    return "\n".join((row(*cells), row(*("---" for _ in cells)), *body))


def details(summary: str, *pieces: str) -> str:
    """A folded part, or nothing where it would be empty."""
    body = join(*pieces)
    if not body:
        return ""
    return f"<details>\n<summary>{summary}</summary>\n\n{body}\n\n</details>"


def link(words: str, address: str) -> str:
    return f"[{words}]({address})"


def prose(text: Text, language: Language) -> str:
    """A sentence of ours, its own words free of markup but code spans, its values quoted."""
    escaped = replace(text, zh=_escape(text.zh), en=_escape(text.en))
    return escaped.say(language, _quote)


def _quote(value: str) -> str:
    return value if _NUMBER.fullmatch(value) else code_span(value)


def _cell(cell: str) -> str:
    return cell.replace("|", "\\|").replace("\n", " ")


def _escape(template: str) -> str:
    parts = _OUTSIDE_CODE.split(template)
    parts[::2] = [_MARKUP.sub(r"\\\g<0>", part) for part in parts[::2]]
    return "".join(parts).replace("\n", " ")
