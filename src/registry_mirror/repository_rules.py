"""The rules that a repository sets for everybody who asks by an issue: how much, and from where.

They are the file `.github/registry-mirror.yml`, in which everything is optional:

    limits:
      images-per-request: 20
      images-per-day: 100
      image-size: 10 GiB
    sources:
      allow: [docker.io/library/*, quay.io/prometheus/**, registry.k8s.io]
      deny: [docker.io/evil/*]
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeVar

from registry_mirror import rules_words as words
from registry_mirror.errors import Code, ConfigurationInvalidError, Problem
from registry_mirror.request import Item
from registry_mirror.request.raw import shown
from registry_mirror.request.words import TOO_MANY_IMAGES
from registry_mirror.source_pattern import BadPatternError, Pattern
from registry_mirror.text import Text
from registry_mirror.yaml_nodes import BadYamlError, Entry, Listing, Node, Scalar, read_yaml
from registry_mirror.yaml_nodes import Mapping as MappingNode

PATH = ".github/registry-mirror.yml"

MAX_FILE = 64 * 1024
"""Bytes."""
MAX_NUMBER = 100_000
MAX_SIZE = 1024**5
"""Bytes of one image, a pebibyte: more is a slip of the pen."""
MAX_LISTED = 5
"""Patterns that a hint lists."""
MAX_KEY = 100
"""Characters of an unknown key for which a near one is looked for."""

SECTIONS: Mapping[str, tuple[str, ...]] = {
    "limits": ("images-per-request", "images-per-day", "image-size"),
    "sources": ("allow", "deny"),
}

_WHOLE_NUMBER = re.compile(r"[0-9]{1,9}")
_SIZE = re.compile(r"(?P<number>[0-9]{1,16}) *(?P<unit>[A-Za-z]*)")
_UNITS = {
    "": 1,
    "B": 1,
    "KB": 1000,
    "MB": 1000**2,
    "GB": 1000**3,
    "TB": 1000**4,
    "KIB": 1024,
    "MIB": 1024**2,
    "GIB": 1024**3,
    "TIB": 1024**4,
}

_T = TypeVar("_T")


def uncountable_problem() -> Problem:
    """Where so much was said that a day's images can't be counted."""
    return Problem(Code.DAILY_LIMIT, words.DAY_UNCOUNTED, words.DAY_UNCOUNTED_HINT)


@dataclass(frozen=True, slots=True)
class Rules:
    """None is no limit. `max_image_size` is in bytes; without `allow` every source is allowed."""

    images_per_request: int | None = None
    images_per_day: int | None = None
    max_image_size: int | None = None
    allow: tuple[Pattern, ...] = ()
    deny: tuple[Pattern, ...] = ()

    def problems(self, items: Sequence[Item]) -> tuple[Problem, ...]:
        """What keeps a list from being served, but for the limit of a day.

        `items` are the images that would be copied, each once.
        """
        return (*self._forbidden(items), *self._too_many(len(items)))

    def daily_problem(self, before: int, now: int) -> Problem | None:
        """Whether `now` images are too many for who asked for `before` in the last 24 hours."""
        limit = self.images_per_day
        if limit is None or before + now <= limit:
            return None
        reason = words.DAILY_LIMIT.fill(before=str(before), now=str(now), limit=str(limit))
        hint = words.DAILY_LIMIT_HINT.fill(file=PATH, key="images-per-day")
        return Problem(Code.DAILY_LIMIT, reason, hint)

    def _forbidden(self, items: Iterable[Item]) -> Iterator[Problem]:
        for item in items:
            told = self._judge(item)
            if told:
                reason, hint = told
                code = Code.SOURCE_NOT_ALLOWED
                yield Problem(code, reason, hint, item.line, shown(item.text))

    def _judge(self, item: Item) -> tuple[Text, Text] | None:
        """Why a source is not allowed, and what to do."""
        image = item.source.name
        denied = next((p for p in self.deny if p.matches(item.source)), None)
        if denied:
            reason = words.DENIED.fill(image=image, pattern=str(denied), file=PATH)
            return reason, words.DENIED_HINT.fill(file=PATH)
        if self.allow and not any(p.matches(item.source) for p in self.allow):
            reason = words.NOT_ALLOWED.fill(image=image, file=PATH)
            return reason, _listed(self.allow)
        return None

    def _too_many(self, count: int) -> Iterator[Problem]:
        limit = self.images_per_request
        if limit is not None and count > limit:
            reason = TOO_MANY_IMAGES.fill(count=str(count), limit=str(limit))
            hint = words.TOO_MANY_IMAGES_HINT.fill(file=PATH, key="images-per-request")
            yield Problem(Code.TOO_MANY_IMAGES, reason, hint)


def read_rules(content: bytes | None) -> Rules:
    """Read the file's content; None, where there is no such file, sets no rule.

    Raises ConfigurationInvalidError with every mistake, each with its line.
    """
    if content is None:
        return Rules()
    reader = _Reader()
    try:
        rules = reader.rules(_only_document(content))
    except _UnreadableError as error:
        raise ConfigurationInvalidError((error.problem,)) from None
    if reader.problems:
        in_order = sorted(reader.problems, key=lambda problem: problem.line or 0)
        raise ConfigurationInvalidError(tuple(in_order))
    return rules


class _UnreadableError(Exception):
    """Nothing more can be said of the file than this one problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem.reason))
        self.problem = problem


def _only_document(content: bytes) -> Node | None:
    text = _text(content)
    try:
        documents = read_yaml(text, aliases=False, most=MAX_FILE)
    except BadYamlError as error:
        raise _UnreadableError(_bad(error.line, error.reason, words.YAML_HINT)) from None
    if len(documents) > 1:
        problem = _bad(documents[1].line, words.SECOND_DOCUMENT, words.SECOND_DOCUMENT_HINT)
        raise _UnreadableError(problem)
    return documents[0] if documents else None


def _text(content: bytes) -> str:
    if len(content) > MAX_FILE:
        reason = words.TOO_LARGE.fill(limit=str(MAX_FILE))
        raise _UnreadableError(_bad(1, reason, words.TOO_LARGE_HINT))
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = 1 + content[: error.start].count(b"\n")
        raise _UnreadableError(_bad(line, words.NOT_UTF8, words.NOT_UTF8_HINT)) from None


class _Reader:
    """Reads the file key by key and keeps what is wrong with them."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def rules(self, document: Node | None) -> Rules:
        sections = self._keys(document, words.THE_FILE, tuple(SECTIONS))
        limits = self._keys(sections.get("limits"), "limits", SECTIONS["limits"])
        sources = self._keys(sections.get("sources"), "sources", SECTIONS["sources"])
        return Rules(
            images_per_request=self._value(limits, "images-per-request", self._number),
            images_per_day=self._value(limits, "images-per-day", self._number),
            max_image_size=self._value(limits, "image-size", self._size),
            allow=self._value(sources, "allow", self._patterns) or (),
            deny=self._value(sources, "deny", self._patterns) or (),
        )

    def _keys(self, node: Node | None, name: str, known: tuple[str, ...]) -> dict[str, Node]:
        """The values of the keys that there are; what is left empty counts as absent."""
        if node is None or _is_absent(node):
            return {}
        if not isinstance(node, MappingNode):
            hint = words.NOT_A_MAPPING_HINT.fill(keys=", ".join(known))
            self._tell(node.line, words.NOT_A_MAPPING.fill(key=name), hint)
            return {}
        first: dict[str, Entry] = {}
        for entry in node.entries:
            self._judge_key(entry.key, first.setdefault(entry.key.text, entry).key, known)
        return {key: entry.value for key, entry in first.items()}

    def _judge_key(self, key: Scalar, first: Scalar, known: tuple[str, ...]) -> None:
        if key.text not in known:
            reason = words.UNKNOWN_KEY.fill(key=shown(key.text))
            self._tell(key.line, reason, _nearest(key.text, known))
        elif key is not first:
            reason = words.DUPLICATE_KEY.fill(key=key.text, line=str(first.line))
            self._tell(key.line, reason, words.DUPLICATE_KEY_HINT)

    def _value(
        self, found: Mapping[str, Node], key: str, read: Callable[[str, Node], _T]
    ) -> _T | None:
        node = found.get(key)
        return None if node is None or _is_absent(node) else read(key, node)

    def _number(self, key: str, node: Node) -> int | None:
        text = node.text if isinstance(node, Scalar) else ""
        if _WHOLE_NUMBER.fullmatch(text) and 1 <= int(text) <= MAX_NUMBER:
            return int(text)
        reason = words.NOT_A_NUMBER.fill(key=key, low="1", high=str(MAX_NUMBER))
        self._tell(node.line, reason, words.NUMBER_HINT.fill(example=f"{key}: 20"))
        return None

    def _size(self, key: str, node: Node) -> int | None:
        size = _bytes(node.text) if isinstance(node, Scalar) else None
        if size is None:
            hint = words.SIZE_HINT.fill(example=f"{key}: 10 GiB")
            self._tell(node.line, words.NOT_A_SIZE.fill(key=key), hint)
        return size

    def _patterns(self, key: str, node: Node) -> tuple[Pattern, ...]:
        if not isinstance(node, Listing):
            self._tell(node.line, words.NOT_A_LIST.fill(key=key), _as_list(key))
            return ()
        read = (self._pattern(key, item) for item in node.items)
        return tuple(pattern for pattern in read if pattern)

    def _pattern(self, key: str, node: Node) -> Pattern | None:
        if not isinstance(node, Scalar):
            self._tell(node.line, words.PATTERN_NOT_TEXT, _as_list(key))
            return None
        try:
            return Pattern.parse(node.text.strip())
        except BadPatternError as error:
            self._tell(node.line, _about(key, node.text, error.reason), error.hint)
            return None

    def _tell(self, line: int, reason: Text, hint: Text) -> None:
        self.problems.append(_bad(line, reason, hint))


def _is_absent(node: Node) -> bool:
    return isinstance(node, Scalar) and node.is_null


def _bytes(text: str) -> int | None:
    read = _SIZE.fullmatch(text.strip())
    unit = _UNITS.get(read["unit"].upper()) if read else None
    size = int(read["number"]) * unit if read and unit else 0
    return size if 1 <= size <= MAX_SIZE else None


def _about(key: str, pattern: str, reason: Text) -> Text:
    about = words.ABOUT_PATTERN
    whole = Text(about.zh + reason.zh, about.en + reason.en, reason.values)
    return whole.fill(key=key, pattern=shown(pattern) or "''")


def _as_list(key: str) -> Text:
    return words.LIST_HINT.fill(example=f"{key}: [docker.io/library/*]")


def _nearest(key: str, known: tuple[str, ...]) -> Text:
    section = next((name for name, keys in SECTIONS.items() if key in keys), None)
    if section:
        return words.KEY_BELONGS.fill(key=key, section=section)
    near = get_close_matches(key.lower().replace("_", "-")[:MAX_KEY], known, n=1)
    if near:
        return words.NEAREST_KEY.fill(near=near[0])
    return words.NOT_A_MAPPING_HINT.fill(keys=", ".join(known))


def _listed(patterns: tuple[Pattern, ...]) -> Text:
    """The hint that lists what is allowed, the first few of it."""
    listed = [*map(str, patterns[:MAX_LISTED])]
    if len(patterns) > MAX_LISTED:
        listed.append("…")
    return words.NOT_ALLOWED_HINT.fill(patterns=", ".join(listed))


def _bad(line: int, reason: Text, hint: Text) -> Problem:
    return Problem(Code.BAD_SETTING, reason, hint, line, PATH)
