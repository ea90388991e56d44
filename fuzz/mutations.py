"""Changes to an input that know what it is made of, for what flipping bytes hardly ever finds."""

import json
from collections.abc import Sequence
from random import Random
from typing import TypeAlias

from fuzz.target import Shape

Value: TypeAlias = "bool | int | float | str | list[Value] | dict[str, Value] | None"

_ODD: tuple[Value, ...] = (
    None, True, False, 0, -1, 1, 2, 2**31, 2**63, 1.5, "", "a", "\ud800", "\u0000", "=", [], {},
    [None], {"": None},
)  # fmt: skip


def mutate(shape: Shape, data: bytes, words: Sequence[str], most: int, random: Random) -> bytes:
    match shape:
        case Shape.JSON:
            return (_json(data, words, random) or _text(data, words, random))[:most]
        case Shape.LINES | Shape.HEADERS:
            return _text(data, words, random)[:most]


def amplified(data: bytes, words: Sequence[str], most: int, random: Random) -> bytes:
    """An input with a part or a word in it again and again: shows what grows faster than that."""
    start = random.randrange(len(data) + 1)
    end = min(len(data), start + random.choice((1, 2, 3, 8, 40, len(data))))
    part = random.choice((data[start:end], random.choice(words).encode("utf-8", "replace")))
    times = min((most - len(data)) // max(len(part), 1), most)
    return data[:start] + part * times + data[start:]


def _text(data: bytes, words: Sequence[str], random: Random) -> bytes:
    lines = data.split(b"\n")
    change = random.choice((_doubled, _dropped, _swapped, _inserted, _joined))
    for _ in range(random.randrange(1, 4)):
        lines = change(lines, [word.encode("utf-8", "surrogateescape") for word in words], random)
    return b"\n".join(lines)


Lines: TypeAlias = list[bytes]


def _doubled(lines: Lines, _words: Lines, random: Random) -> Lines:
    at = random.randrange(len(lines))
    return lines[:at] + [lines[at]] * random.randrange(2, 4) + lines[at + 1 :]


def _dropped(lines: Lines, _words: Lines, random: Random) -> Lines:
    at = random.randrange(len(lines))
    return lines[:at] + lines[at + 1 :] or [b""]


def _swapped(lines: Lines, _words: Lines, random: Random) -> Lines:
    one, other = random.randrange(len(lines)), random.randrange(len(lines))
    changed = list(lines)
    changed[one], changed[other] = changed[other], changed[one]
    return changed


def _inserted(lines: Lines, words: Lines, random: Random) -> Lines:
    """One of the words: as a line, or anywhere in one."""
    at, word = random.randrange(len(lines)), random.choice(words)
    if random.random() < 0.3:
        return [*lines[:at], word, *lines[at:]]
    where = random.randrange(len(lines[at]) + 1)
    return [*lines[:at], lines[at][:where] + word + lines[at][where:], *lines[at + 1 :]]


def _joined(lines: Lines, _words: Lines, random: Random) -> Lines:
    at = random.randrange(len(lines))
    return [*lines[:at], b" ".join(lines[at : at + 2]), *lines[at + 2 :]]


def _json(data: bytes, words: Sequence[str], random: Random) -> bytes | None:
    """None where the input is no JSON, so that there is no tree to change."""
    try:
        value: Value = json.loads(data)
        for _ in range(random.randrange(1, 4)):
            value = _changed(value, words, random)
        return json.dumps(value, ensure_ascii=random.random() < 0.5).encode()
    except (ValueError, RecursionError):
        return None


def _changed(value: Value, words: Sequence[str], random: Random) -> Value:
    """The value with something in it that is other than before, at a depth that is drawn."""
    if isinstance(value, dict) and value and random.random() < 0.85:
        return _changed_object(value, words, random)
    if isinstance(value, list) and value and random.random() < 0.85:
        return _changed_array(value, words, random)
    return random.choice((*_ODD, random.choice(words), [value], {random.choice(words): value}))


def _changed_object(value: dict[str, Value], words: Sequence[str], random: Random) -> Value:
    key, left = random.choice(list(value)), random.random()
    if left < 0.1:
        return {name: each for name, each in value.items() if name != key}
    if left < 0.3:
        return {**value, random.choice(words): random.choice((*_ODD, *value.values()))}
    if left < 0.35:
        return {random.choice((name.upper(), name)): each for name, each in value.items()}
    return {**value, key: _changed(value[key], words, random)}


def _changed_array(value: list[Value], words: Sequence[str], random: Random) -> Value:
    at, left = random.randrange(len(value)), random.random()
    if left < 0.1:
        return value[:at] + value[at + 1 :]
    if left < 0.25:
        return value + [value[at]] * random.choice((1, 2, 20))
    if left < 0.3:
        return [*value[:at], random.choice(_ODD), *value[at:]]
    return [*value[:at], _changed(value[at], words, random), *value[at + 1 :]]
