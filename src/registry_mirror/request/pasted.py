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


def is_web_page(registry: str) -> bool:
    """Whether a host has pages about images but no images."""
    return registry.lower() in _PAGES


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
    return line.rstrip(" ,;.!") or line


def _without_parenthesis(line: str) -> str:
    before = line.rpartition("(")[0] if line.endswith(")") else ""
    return before or line


def _image_first(line: str) -> str:
    options, _, last = line.rpartition(" ")
    is_image = options.startswith("-") and ":" in last and not last.startswith("-")
    return f"{last} {options}" if is_image else line


def _without_quotes(line: str) -> str:
    return re.sub(r"(?<!\S)([\"'`*_]{1,3})(?=[^\s\"'`*_])([^\"'`]*)\1(?!\S)", r"\2", line)


def _image_of_page(line: str) -> str:
    """The image that a page of Docker Hub, Quay or GitHub is about, its tag if the page has one."""
    address = re.sub(r"^https?://(?:www\.)?", "", line)
    for pattern, image in _PAGE_PATTERNS:
        match = pattern.match(address)
        if match:
            name = match.expand(image).lower()
            tag = match.groupdict().get("tag")
            return re.sub(r"^(?:library|_)/", "", name) + (f":{tag}" if tag else "")
    return line


_PAGES = frozenset({"hub.docker.com", "github.com", "registry.hub.docker.com", "www.docker.com"})
_NAME = r"(?P<name>[\w.-]+)"
_OWNER = r"(?P<owner>[\w.-]+)"
_COLON_TAG = r"(?::(?P<tag>[\w.-]+))?"
_TAGS_PAGE = r"(?:/tags/?\?(?:[^ ]*&)?name=(?P<tag>[\w.-]+))"
_PAGE_PATTERNS = (
    (
        re.compile(rf"(?:registry\.)?hub\.docker\.com/_/{_NAME}{_TAGS_PAGE}"),
        r"\g<name>",
    ),
    (
        re.compile(rf"(?:registry\.)?hub\.docker\.com/r/{_OWNER}/{_NAME}{_TAGS_PAGE}"),
        r"\g<owner>/\g<name>",
    ),
    (
        re.compile(rf"(?:registry\.)?hub\.docker\.com/layers/{_OWNER}/{_NAME}/(?P<tag>[\w.-]+)"),
        r"\g<owner>/\g<name>",
    ),
    (
        re.compile(rf"(?:registry\.)?hub\.docker\.com/_/{_NAME}{_COLON_TAG}"),
        r"\g<name>",
    ),
    (
        re.compile(
            rf"(?:registry\.)?hub\.docker\.com/(?:r|u|repository/docker)/{_OWNER}/{_NAME}{_COLON_TAG}"
        ),
        r"\g<owner>/\g<name>",
    ),
    (
        re.compile(rf"quay\.io/repository/{_OWNER}/{_NAME}{_COLON_TAG}"),
        r"quay.io/\g<owner>/\g<name>",
    ),
    (
        re.compile(
            rf"github\.com/(?:orgs/|users/)?{_OWNER}/(?:[\w.-]+/)?"
            rf"(?:pkgs|packages)/container/(?:package/)?{_NAME}{_COLON_TAG}"
        ),
        r"ghcr.io/\g<owner>/\g<name>",
    ),
)

_KEYS = r"(?i:images?|img|container|repository|镜像|镜像名|镜像地址)"

_HABITS = (
    Habit(words.BULLET, _without(r"^[0-9]{1,4}[、．）]\s*")),
    Habit(words.FULL_WIDTH, _narrow),
    Habit(words.TRAILING_PUNCTUATION, _without_punctuation),
    Habit(words.CREDENTIALS, _without(r"\*\*\*@")),
    Habit(words.BULLET, _without(r"^(?:[-*+•·>]\s+|[•·>]|[0-9]{1,4}[.)]\s+|\([0-9]{1,4}\)\s*)")),
    Habit(words.BULLET, _without(r"^[0-9]{1,4}[),](?=\S)")),
    Habit(words.BULLET, _without(r"^\[[ xX]?\]\s+")),
    Habit(words.LEADING_DASH, _without(r"^-(?=[a-z0-9][^ ]*[:/])")),
    Habit(words.JSON, _without(r"^[\[{]\s*(?=[\"'])(.*?),?\s*[\]}]?$", r"\1")),
    Habit(words.JSON, _without(r"(?<=[\"'])\s*[\]}]$")),
    Habit(words.YAML, _without(rf"^[\"']?{_KEYS}[\"']?\s*[:=]\s*(?=\S)")),
    Habit(words.QUOTES, _without_quotes),
    Habit(words.EXTRA_WORDS, _without_parenthesis),
    Habit(words.COMMAND, image_of_command),
    Habit(words.WEB_PAGE, _image_of_page),
    Habit(
        words.SCHEME,
        _without(
            r"^(?:(?:https?|oci|docker|docker-daemon|containers-storage):)?//+|^docker-daemon:"
        ),
    ),
    Habit(words.OPTION_FIRST, _image_first),
    Habit(words.SPACED_COMMA, _without(r"(?<=\S),\s+(?=(?:linux|windows|darwin|freebsd)/)", ",")),
    Habit(words.SPACED_COLON, _without(r"^([^\s:@]+(?::[0-9]+/[^\s:@]+)?)\s*:\s*(?=\w)", r"\1:")),
    Habit(words.SPACED_COLON, _without(r"^([^\s:@,]+)\s+(v?[0-9][\w.-]*|latest)$", r"\1:\2")),
    Habit(words.ARROW, _without(r"^(\S+)\s*(?:->|=>|→|⇒)\s*(?:\S*/)?([^\s/]+)$", r"\1 --as \2")),
)
