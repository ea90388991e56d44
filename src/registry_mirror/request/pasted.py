"""What people paste instead of an image, and the image they mean by it.

A habit undoes one thing. They are tried in order, again and again until nothing changes; the first
that changes the line says what is wrong with it, and what is left is offered as the right line.
Lines are short and hold no password when they come here (`raw.redact`).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from registry_mirror.request import words
from registry_mirror.request.command import image_of_command
from registry_mirror.request.pages import image_of_page, without_alias
from registry_mirror.text import Text

_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Habit:
    reason: Text
    undo: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Undone:
    """What is left of a line; `reason` is None where no habit was found in it."""

    line: str
    reason: Text | None = None


def undo(line: str) -> Undone:
    """Undo every habit in a line."""
    left = " ".join(line.split())
    reason = None if left == line else words.SPECIAL_SPACE
    for _ in range(_ROUNDS):
        before = left
        for habit in _HABITS:
            undone = " ".join(habit.undo(left).split())
            if undone != left:
                left = undone
                reason = habit.reason if reason in (None, words.SPECIAL_SPACE) else reason
        if left == before:
            break
    return Undone(left, reason)


def _without(pattern: str, replacement: str = "") -> Callable[[str], str]:
    compiled = re.compile(pattern)

    def undo(line: str) -> str:
        return compiled.sub(replacement, line)

    return undo


_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    ord(character): ascii_
    for characters, ascii_ in (
        ("“”„‟″", '"'),
        ("‘’‚‛′", "'"),
        ("「」『』", '"'),
        ("。", "."),
        ("、", ","),
        ("‐‑‒–−", "-"),
        ("【", "["),
        ("】", "]"),
        ("《", "<"),
        ("》", ">"),
    )
    for character in characters
}


def _narrow(line: str) -> str:
    """Full-width letters and Chinese punctuation; editors make one long dash of two."""
    line = re.sub(r"(?<!\S)[—–―]+(?=[a-z])", "--", line)
    return line.translate(_FULL_WIDTH).replace("—", "-")


def _without_punctuation(line: str) -> str:
    line = re.sub(r"(:[\w.-]*\w)\.+(?=\s)", r"\1", line)
    return line.rstrip(" ,;.!") or line


def _image_first(line: str) -> str:
    options, _, last = line.rpartition(" ")
    is_image = options.startswith("-") and ":" in last and not last.startswith("-")
    return f"{last} {options}" if is_image else line


def _without_quotes(line: str) -> str:
    return re.sub(r"(?<!\S)([\"'`*_]{1,3})(?=[^\s\"'`*_])([^\"'`]*)\1(?!\S)", r"\2", line)


_KEYS = r"(?i:images?|img|container|repository|镜像|镜像名|镜像地址)"

_LIKELY_TAG = r"(?:[\w.-]*[0-9][\w.-]*|latest|stable|edge|alpine|slim|main|master)"
_REGISTRY = r"(?:(?=[^\s/]*[.:])\S*/)?"
_RENAMED = r"(?i:as|renamed?(?: to)?|改名为?|重命名为?|命名为)(?:\s|(?<=[名为]))"

_HABITS = (
    Habit(words.BULLET, _without(r"^[0-9]{1,4}[、．）]\s*")),
    Habit(words.FULL_WIDTH, _narrow),
    Habit(words.TRAILING_PUNCTUATION, _without_punctuation),
    Habit(words.CREDENTIALS, _without(r"\*\*\*@(?=\S+/)")),
    Habit(words.BULLET, _without(r"^(?:[-*+•·>]\s+|[•·>]|[0-9]{1,4}[.)]\s+|\([0-9]{1,4}\)\s*)")),
    Habit(words.BULLET, _without(r"^[0-9]{1,4}[),](?=\S)")),
    Habit(words.BULLET, _without(r"^\[[ xX]?\]\s+")),
    Habit(words.LEADING_DASH, _without(r"^-(?=[a-z0-9][^ ]*[:/])")),
    Habit(words.JSON, _without(r"^[\[{]\s*(?=[\"'])(.*?),?\s*[\]}]?$", r"\1")),
    Habit(words.JSON, _without(r"(?<=[\"'])\s*[\]}]$")),
    Habit(words.YAML, _without(rf"^[\"']?{_KEYS}[\"']?\s*[:=]\s*(?=\S)")),
    Habit(words.QUOTES, _without_quotes),
    Habit(words.COMMAND, image_of_command),
    Habit(words.WEB_PAGE, image_of_page),
    Habit(words.HUB_ALIAS, without_alias),
    Habit(
        words.SCHEME,
        _without(
            r"^(?:(?:https?|oci|docker|docker-daemon|containers-storage):)?//+|^docker-daemon:"
        ),
    ),
    Habit(words.OPTION_FIRST, _image_first),
    Habit(words.SPACED_COMMA, _without(r"(?<=\S),\s+(?=(?:linux|windows|darwin|freebsd)/)", ",")),
    Habit(
        words.SPACED_COLON,
        _without(rf"^([^\s:@]+(?::[0-9]+/[^\s:@]+)?)\s*:\s*(?={_LIKELY_TAG}(?:[\s@]|$))", r"\1:"),
    ),
    Habit(words.SPACED_COLON, _without(r"^([^\s:@,]+)\s+(v?[0-9][\w.-]*|latest)$", r"\1:\2")),
    Habit(words.ARROW, _without(rf"^(\S+)\s*(?:->|=>|→|⇒)\s*{_REGISTRY}(\S+)$", r"\1 --as \2")),
    Habit(words.ARROW, _without(rf"^(\S+:\S+)\s+{_RENAMED}\s*([a-z0-9][\w./-]*)$", r"\1 --as \2")),
)
