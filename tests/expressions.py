"""GitHub's expressions, as far as the workflow's guards use them.

https://docs.github.com/en/actions/reference/workflows-and-actions/expressions: texts are compared
in any case, what isn't there is null, `||` and `&&` give one of their sides.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

Value = Any

_TOKEN = re.compile(r"\s*('(?:[^']|'')*'|[\w*-]+(?:\.[\w*-]+)*|\|\||&&|==|!=|[!(),])")


def evaluate(expression: str, contexts: Mapping[str, Value]) -> Value:
    return _Reader(expression, contexts).whole()


class _Reader:
    def __init__(self, expression: str, contexts: Mapping[str, Value]) -> None:
        self._tokens = _tokens(expression)
        self._contexts = contexts

    def whole(self) -> Value:
        value = self._either()
        assert not self._tokens, self._tokens
        return value

    def _either(self) -> Value:
        value = self._both()
        while self._take("||"):
            other = self._both()
            value = value if _is_true(value) else other
        return value

    def _both(self) -> Value:
        value = self._equal()
        while self._take("&&"):
            other = self._equal()
            value = other if _is_true(value) else value
        return value

    def _equal(self) -> Value:
        value = self._not()
        while self._tokens[:1] in (["=="], ["!="]):
            wanted = self._tokens.pop(0) == "=="
            value = (_folded(value) == _folded(self._not())) == wanted
        return value

    def _not(self) -> Value:
        return not _is_true(self._not()) if self._take("!") else self._one()

    def _one(self) -> Value:
        if self._take("("):
            value = self._either()
            assert self._take(")")
            return value
        token = self._tokens.pop(0)
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if self._take("("):
            return _FUNCTIONS[token](*self._arguments())
        return _found(self._contexts, token.split("."))

    def _arguments(self) -> list[Value]:
        values = [self._either()]
        while self._take(","):
            values.append(self._either())
        assert self._take(")")
        return values

    def _take(self, token: str) -> bool:
        there = self._tokens[:1] == [token]
        del self._tokens[: int(there)]
        return there


def _tokens(expression: str) -> list[str]:
    tokens, at = [], 0
    while rest := expression[at:].strip():
        found = _TOKEN.match(expression, at)
        assert found, rest
        tokens.append(found[1])
        at = found.end()
    return tokens


def _found(node: Value, path: list[str]) -> Value:
    if not path:
        return node
    name, *rest = path
    if name == "*":
        return [_found(each, rest) for each in node or []]
    return _found(node.get(name) if isinstance(node, Mapping) else None, rest)


def _is_true(value: Value) -> bool:
    return value not in (None, False, "", 0)


def _folded(value: Value) -> Value:
    """Letters of ASCII alone: the guards' own texts have no others that have a case."""
    text = "" if value is None else value
    return re.sub("[A-Z]", lambda found: found[0].lower(), text) if isinstance(text, str) else text


def _contains(where: Value, what: Value) -> bool:
    if isinstance(where, list):
        return _folded(what) in map(_folded, where)
    return _folded(what) in _folded(where)


def _starts_with(text: Value, beginning: Value) -> bool:
    return bool(_folded(text).startswith(_folded(beginning)))


_FUNCTIONS: Mapping[str, Callable[..., Value]] = {
    "contains": _contains,
    "startsWith": _starts_with,
}
