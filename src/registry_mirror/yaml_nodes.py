"""YAML as a tree of texts with their lines, read within limits; no value is ever constructed.

The tree is built from the parser's events, so that depth and number of nodes are judged while
they are read, and what an alias stands for is counted each time that it stands there.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import yaml

from registry_mirror.text import Text

MAX_TEXT = 1024 * 1024
"""Characters of one text."""
MAX_NODES = 100_000
"""Of all documents together, with what aliases stand for."""
MAX_DEPTH = 50
MAX_SAID = 100
"""Characters of the parser's own words that are kept."""

TOO_LONG = Text(
    zh="YAML 超过了 {limit} 个字符", en="the YAML text has more than {limit} characters"
)
TOO_MANY_NODES = Text(zh="YAML 的内容超过了 {limit} 项", en="the YAML has more than {limit} values")
TOO_DEEP = Text(zh="YAML 嵌套超过了 {limit} 层", en="the YAML is nested more than {limit} deep")
STRANGE_CHARACTER = Text(
    zh="含有 YAML 不允许的字符（{code_point}）",
    en="it holds a character that YAML doesn't allow ({code_point})",
)
TAB = Text(
    zh="缩进里有制表符（Tab），YAML 只能用空格缩进",
    en="there is a tab in the indentation; YAML is indented with spaces alone",
)
NOT_YAML = Text(zh="不是合法的 YAML：{said}", en="it isn't YAML: {said}")
STAR = Text(
    zh="以 * 开头的文字要加引号，否则 YAML 会当成别名",
    en="a text that begins with * stands in quotes, or YAML takes it for an alias",
)
KEY_IS_NO_TEXT = Text(
    zh="键必须是文字（是不是留下了没有渲染的模板 {template}）",
    en="a key must be text (is there a template {template} that wasn't rendered?)",
).fill(template="{{…}}")
UNKNOWN_ALIAS = Text(
    zh="别名 *{name} 没有对应的锚点", en="nothing above has the anchor that *{name} refers to"
)
ALIAS_OF_ITSELF = Text(zh="别名 *{name} 引用了自己", en="the alias *{name} stands within itself")
ALIAS_REFUSED = Text(
    zh="这里不能用 YAML 别名（*{name}），请把内容写出来",
    en="no YAML alias (*{name}) may stand here; write out what it stands for",
)

_STRANGE = re.compile(
    "[^\t\n\r\\x20-\\x7e\\x85\\xa0-\\ud7ff\\ue000-\\ufefe\\uff00-\\ufffd\\U00010000-\\U0010ffff]"
)
_OTHER_BREAKS: Final = {0x85: " ", 0x2028: " ", 0x2029: " "}
"""Line breaks to YAML 1.1 and to nobody else: lines are counted as everybody does."""
_TAB_IN_INDENTATION = re.compile(r" *\t")
_IN_ALIAS = "while scanning an alias"
"""The parser's own words."""
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_SURROGATE = re.compile("[\ud800-\udfff]")
_BYTE_ORDER_MARK = "\ufeff"


class BadYamlError(ValueError):
    """`line` counts from 1."""

    def __init__(self, line: int, reason: Text) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Scalar:
    """`text` is what stands there, whatever type YAML would give it; quotes are taken off."""

    line: int
    text: str
    is_quoted: bool = False

    @property
    def is_null(self) -> bool:
        return not self.is_quoted and self.text in _NULLS


@dataclass(frozen=True, slots=True)
class Listing:
    line: int
    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Entry:
    key: Scalar
    value: "Node"


@dataclass(frozen=True, slots=True)
class Mapping:
    """The entries as they are written: a key may stand twice, and `<<` is a key like others."""

    line: int
    entries: tuple[Entry, ...]

    def get(self, key: str) -> "Node | None":
        """The first value that a key has here."""
        return next((entry.value for entry in self.entries if entry.key.text == key), None)


Node: TypeAlias = Scalar | Listing | Mapping


def read_yaml(text: str, *, aliases: bool = True, most: int = MAX_TEXT) -> tuple[Node, ...]:
    """Read each document of a text of at most `most` characters.

    An alias is what it stands for, with the lines of where that was written; without `aliases` it
    is refused. Raises BadYamlError and nothing else.
    """
    text = text.removeprefix(_BYTE_ORDER_MARK)
    _judge_characters(text, most)
    builder = _Builder(aliases=aliases)
    for event in _events(text.translate(_OTHER_BREAKS)):
        builder.take(event)
    return tuple(builder.documents)


def _judge_characters(text: str, most: int) -> None:
    if len(text) > most:
        raise BadYamlError(_line_at(text, most), TOO_LONG.fill(limit=str(most)))
    strange = _STRANGE.search(text)
    if strange:
        point = f"U+{ord(strange[0]):04X}"
        at = _line_at(text, strange.start())
        raise BadYamlError(at, STRANGE_CHARACTER.fill(code_point=point))


def _line_at(text: str, index: int) -> int:
    before = text[:index]
    return 1 + before.count("\n") + before.count("\r") - before.count("\r\n")


def _events(text: str) -> Iterator[yaml.Event]:
    last = 1
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            last = _line_of(event)
            yield event
    except yaml.MarkedYAMLError as error:
        raise _not_yaml(text, error) from None
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        # A number that the parser itself can't hold: "\U00110000", or a version of 5000 digits.
        raise BadYamlError(last, NOT_YAML.fill(said=str(error)[:MAX_SAID])) from None


def _line_of(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _not_yaml(text: str, error: yaml.MarkedYAMLError) -> BadYamlError:
    mark = error.problem_mark or error.context_mark
    line = mark.line if mark else 0
    lines = re.split(r"\r\n|\r|\n", text)
    if line < len(lines) and _TAB_IN_INDENTATION.match(lines[line]):
        return BadYamlError(line + 1, TAB)
    if error.context == _IN_ALIAS:
        return BadYamlError(line + 1, STAR)
    said = error.problem or error.context or ""
    return BadYamlError(min(line, len(lines) - 1) + 1, NOT_YAML.fill(said=said[:MAX_SAID]))


@dataclass(slots=True)
class _Open:
    """A list or a mapping that hasn't ended: a mapping's keys and values take turns.

    `size` and `height` are those of what it holds already, aliases written out.
    """

    line: int
    anchor: str | None
    is_mapping: bool
    children: list[Node] = field(default_factory=list)
    size: int = 1
    height: int = 1


@dataclass(frozen=True, slots=True)
class _Anchored:
    node: Node
    size: int
    height: int


class _Builder:
    def __init__(self, *, aliases: bool) -> None:
        self.documents: list[Node] = []
        self._aliases = aliases
        self._open: list[_Open] = []
        self._anchored: dict[str, _Anchored] = {}
        self._count = 0

    def take(self, event: yaml.Event) -> None:
        line = _line_of(event)
        match event:
            case yaml.DocumentStartEvent():
                self._anchored = {}
            case yaml.ScalarEvent(anchor=anchor, value=value, style=style):
                self._scalar(Scalar(line, value, style is not None), anchor)
            case yaml.SequenceStartEvent(anchor=anchor):
                self._begin(_Open(line, anchor, is_mapping=False))
            case yaml.MappingStartEvent(anchor=anchor):
                self._begin(_Open(line, anchor, is_mapping=True))
            case yaml.CollectionEndEvent():
                self._end()
            case yaml.AliasEvent(anchor=str(name)):
                self._alias(line, name)
            case _:
                pass

    def _scalar(self, scalar: Scalar, anchor: str | None) -> None:
        if _SURROGATE.search(scalar.text):
            raise BadYamlError(scalar.line, STRANGE_CHARACTER.fill(code_point="U+D800-U+DFFF"))
        self._add(_Anchored(scalar, 1, 1), scalar.line, anchor)

    def _begin(self, opened: _Open) -> None:
        self._open.append(opened)
        self._judge_depth(opened.line, 0)
        self._spend(opened.line, 1)

    def _end(self) -> None:
        ended = self._open.pop()
        self._count -= ended.size
        self._add(_Anchored(_node(ended), ended.size, ended.height), ended.line, ended.anchor)

    def _alias(self, line: int, name: str) -> None:
        if not self._aliases:
            raise BadYamlError(line, ALIAS_REFUSED.fill(name=name))
        if any(opened.anchor == name for opened in self._open):
            raise BadYamlError(line, ALIAS_OF_ITSELF.fill(name=name))
        if name not in self._anchored:
            raise BadYamlError(line, UNKNOWN_ALIAS.fill(name=name))
        self._add(self._anchored[name], line, None)

    def _add(self, added: _Anchored, line: int, anchor: str | None) -> None:
        """Put a node that is whole where it belongs."""
        self._spend(line, added.size)
        self._judge_depth(line, added.height)
        if anchor:
            self._anchored[anchor] = added
        if not self._open:
            self.documents.append(added.node)
            return
        holder = self._open[-1]
        is_key = holder.is_mapping and len(holder.children) % 2 == 0
        if is_key and not isinstance(added.node, Scalar):
            raise BadYamlError(line, KEY_IS_NO_TEXT)
        holder.children.append(added.node)
        holder.size += added.size
        holder.height = max(holder.height, 1 + added.height)

    def _spend(self, line: int, nodes: int) -> None:
        self._count += nodes
        if self._count > MAX_NODES:
            raise BadYamlError(line, TOO_MANY_NODES.fill(limit=str(MAX_NODES)))

    def _judge_depth(self, line: int, height: int) -> None:
        if len(self._open) + height > MAX_DEPTH:
            raise BadYamlError(line, TOO_DEEP.fill(limit=str(MAX_DEPTH)))


def _node(ended: _Open) -> Node:
    children = tuple(ended.children)
    if not ended.is_mapping:
        return Listing(ended.line, children)
    pairs = zip(children[::2], children[1::2], strict=True)
    return Mapping(
        ended.line, tuple(Entry(key, value) for key, value in pairs if isinstance(key, Scalar))
    )
