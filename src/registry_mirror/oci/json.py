"""JSON as leniently as Go's encoding/json reads it, which is what skopeo decides by.

Keys match without regard to case, of several values for one key the last counts, null counts as
absent, unknown keys are ignored, and each byte that is no UTF-8 becomes U+FFFD. A value of the
wrong type is an error, as in Go: a size written 116.0 is no whole number.
"""

import json
import re
from collections.abc import Callable, Sequence
from typing import NoReturn, TypeVar

MAX_CONTENT = 4 * 1024 * 1024
"""Of one manifest or config, in bytes."""
MAX_DEPTH = 200
MAX_BRACKETS = 200_000
"""Of objects and arrays together: each costs far more to read than the bytes it is written in."""
MAX_INT64 = 2**63 - 1

_SURROGATE = re.compile(r"[\ud800-\udfff]")
_NESTING = re.compile(r'"(?:[^"\\]++|\\.)*+"?|([\[{])|([\]}])', re.DOTALL)
_FOLDED = str.maketrans({"\u017f": "s", "\u212a": "k"})
"""The two characters outside ASCII that Go takes for ASCII letters."""

_T = TypeVar("_T")


class InvalidJSONError(ValueError):
    pass


class Object:
    """A JSON object. Every accessor raises InvalidJSONError where the value is of another type."""

    __slots__ = ("_by_key", "members")

    def __init__(self, members: Sequence[tuple[str, object]] = ()) -> None:
        self.members = members
        self._by_key: dict[str, list[object]] = {}
        for name, value in members:
            self._by_key.setdefault(_fold(name), []).append(value)

    def has(self, key: str) -> bool:
        return self._last(key) is not None

    def text(self, key: str) -> str:
        return self._scalar(key, _text, "")

    def number(self, key: str) -> int:
        """A whole number that fits an int64."""
        return self._scalar(key, _number, 0)

    def flag(self, key: str) -> bool:
        return self._scalar(key, _flag, default=False)

    def texts(self, key: str) -> tuple[str, ...]:
        return tuple("" if item is None else _text(key, item) for item in self._array(key))

    def objects(self, key: str) -> tuple["Object", ...]:
        return tuple(Object() if item is None else _object(key, item) for item in self._array(key))

    def nested(self, key: str) -> "Object | None":
        """Of several objects for one key the members are merged, as Go decodes into one struct."""
        found = [_object(key, value) for value in self._values(key) if value is not None]
        return Object([pair for each in found for pair in each.members]) if found else None

    def text_map(self, key: str) -> tuple[tuple[str, str], ...]:
        """Texts by keys, which are taken as they are written, in the order that Go writes."""
        found = self.nested(key) or Object()
        texts = {
            _text(key, name): "" if value is None else _text(key, value)
            for name, value in found.members
        }
        return tuple(sorted(texts.items()))

    def keys(self, key: str) -> tuple[str, ...]:
        """The keys of an object whose values say nothing."""
        found = self.nested(key) or Object()
        return tuple(sorted({_text(key, name) for name, _ in found.members}))

    def _scalar(self, key: str, read: Callable[[str, object], _T], default: _T) -> _T:
        for value in self._values(key):
            default = default if value is None else read(key, value)
        return default

    def _array(self, key: str) -> list[object]:
        value = self._last(key)
        if value is None:
            return []
        return value if isinstance(value, list) else _wrong(key, "an array")

    def _last(self, key: str) -> object:
        values = self._values(key)
        return values[-1] if values else None

    def _values(self, key: str) -> Sequence[object]:
        return self._by_key.get(key.lower(), ())


def parse_object(content: bytes) -> Object:
    """Raises InvalidJSONError."""
    if len(content) > MAX_CONTENT:
        raise InvalidJSONError(f"over {MAX_CONTENT} bytes")
    text = _SURROGATE.sub("\ufffd", content.decode("utf-8", "surrogateescape"))
    _check_nesting(text)
    try:
        value: object = json.loads(text, object_pairs_hook=Object, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise InvalidJSONError("no JSON") from error
    if not isinstance(value, Object):
        raise InvalidJSONError("not a JSON object")
    return value


def _check_nesting(text: str) -> None:
    if text.count("{") + text.count("[") > MAX_BRACKETS:
        raise InvalidJSONError(f"more than {MAX_BRACKETS} objects and arrays")
    depth = 0
    for match in _NESTING.finditer(text):
        depth += bool(match[1]) - bool(match[2])
        if depth > MAX_DEPTH:
            raise InvalidJSONError(f"nested deeper than {MAX_DEPTH}")


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _fold(name: str) -> str:
    return name.translate(_FOLDED).lower()


def _text(key: str, value: object) -> str:
    """Half a surrogate pair, which JSON can carry and UTF-8 cannot, becomes U+FFFD."""
    return _SURROGATE.sub("\ufffd", value) if isinstance(value, str) else _wrong(key, "a string")


def _number(key: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > MAX_INT64:
        _wrong(key, "a whole number")
    return value


def _flag(key: str, value: object) -> bool:
    return value if isinstance(value, bool) else _wrong(key, "true or false")


def _object(key: str, value: object) -> Object:
    return value if isinstance(value, Object) else _wrong(key, "an object")


def _wrong(key: str, expected: str) -> NoReturn:
    raise InvalidJSONError(f"{key} is not {expected}")
