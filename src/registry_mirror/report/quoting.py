"""Strangers' words made inert, for a comment, a log or a JSON document.

What can't be seen, or looks like something it isn't, is written as an escape. `##[` is broken
everywhere, because a runner obeys `##[command]` anywhere in a line of its log.
"""

import json
import re
from collections.abc import Mapping, Sequence

Json = Mapping[str, "Json"] | Sequence["Json"] | str | int | float | bool | None

SPAN_LIMIT = 200
BLOCK_LIMIT = 1_000

_BLANK_BUT_PRINTABLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0e\uffa0\U000e0100-\U000e01ef]"
)
_NAMED = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}
_LAST_OF_FOUR_DIGITS = 0xFFFF
_TICKS = re.compile("`+")


def visible(text: str) -> str:
    """The text as one line in which every character can be seen."""
    if not text.isprintable() or _BLANK_BUT_PRINTABLE.search(text):
        text = "".join(map(_visible_character, text))
    return text.replace("##[", "##\\[")


def code_span(text: str, limit: int = SPAN_LIMIT) -> str:
    """A Markdown code span. In a table, `markup.table` escapes its pipes."""
    shown = cut(visible(cut(text, limit)), limit) or " "
    fence = "`" * (_longest_ticks(shown) + 1)
    pad = " " if shown.strip(" ") and (shown[0] in " `" or shown[-1] in " `") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def code_block(text: str, limit: int = BLOCK_LIMIT, language: str = "text") -> str:
    """A fenced Markdown block whose lines are those of the text."""
    lines = cut(text, limit).replace("\r\n", "\n").expandtabs(4).strip("\n").split("\n")
    shown = cut("\n".join(log_line(line.rstrip()) for line in lines), limit)
    fence = "`" * max(3, _longest_ticks(shown) + 1)
    return f"{fence}{language}\n{shown}\n{fence}"


def log_line(text: str) -> str:
    """One line in which a runner finds no command."""
    shown = visible(text)
    bare = shown.lstrip(" ")
    indent = shown[: len(shown) - len(bare)]
    return f"{indent}\\{bare}" if bare.startswith("::") else shown


def json_text(value: Json) -> str:
    """Indented JSON in ASCII, safe to print where a runner reads."""
    text = json.dumps(value, indent=2, allow_nan=False)
    return text.replace("##[", "##\\u005b")


def cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _visible_character(character: str) -> str:
    if character.isprintable() and not _BLANK_BUT_PRINTABLE.match(character):
        return character
    return _NAMED.get(character) or _escape(ord(character))


def _escape(code: int) -> str:
    return f"\\u{code:04x}" if code <= _LAST_OF_FOUR_DIGITS else f"\\U{code:08x}"


def _longest_ticks(text: str) -> int:
    return max((len(run) for run in _TICKS.findall(text)), default=0)
