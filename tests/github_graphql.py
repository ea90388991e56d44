"""What of GitHub's GraphQL the program asks for, held to an excerpt of GitHub's schema.

Of the language itself it knows what our one question uses: variables, arguments, fields.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "data" / "github-schema.graphql"

Json = Any

_TOKEN = re.compile(r"\$?\w+!?|[{}():]")
_TYPE = re.compile(r"(?:type|interface) (\w+) \{\n(.*?)\n\}", re.DOTALL)
_FIELD = re.compile(r"  (\w+)(?:\((.*?)\))?: (\w+!?)")
_SCALARS = {"String": str, "DateTime": str, "Int": int}


@dataclass(frozen=True)
class Described:
    """A field of the schema: its arguments with their types, and its own type."""

    arguments: Mapping[str, str]
    type: str


@dataclass(frozen=True)
class Asked:
    """A field of a question; `fields` are empty where it is a scalar."""

    arguments: Mapping[str, str]
    fields: Mapping[str, "Asked"]


@dataclass(frozen=True)
class Question:
    """`declared` are its variables with their types."""

    declared: Mapping[str, str]
    fields: Mapping[str, Asked]


@cache
def schema() -> Mapping[str, Mapping[str, Described]]:
    text = FILE.read_text(encoding="utf-8")
    return {
        name: {
            field: Described(dict(re.findall(r"(\w+): (\w+!?)", given)), kind)
            for field, given, kind in _FIELD.findall(body)
        }
        for name, body in _TYPE.findall(text)
    }


def read_question(text: str) -> Question:
    tokens = _TOKEN.findall(text)
    assert "".join(tokens) == re.sub(r"[\s,]", "", text), "more than is understood"
    assert tokens.pop(0) == "query"
    declared = {name.removeprefix("$"): kind for name, kind in _pairs(tokens).items()}
    return Question(declared, _fields(tokens))


def wrong_with_question(question: Question, variables: Mapping[str, Json]) -> list[str]:
    wrong = [f"unknown variable {name}" for name in variables.keys() - question.declared.keys()]
    for name, kind in question.declared.items():
        if not _is_of(variables.get(name), kind):
            wrong.append(f"${name} is no {kind}")
    return [*wrong, *_wrong_fields(question, "Query", question.fields)]


def wrong_with_data(asked: Mapping[str, Asked], data: Json, kind: str = "Query") -> list[str]:
    """What is answered has what was asked for and nothing else, null where that may be."""
    if data.keys() != asked.keys():
        return [f"{kind} has {sorted(data)} where {sorted(asked)} were asked for"]
    wrong = []
    for name, field in asked.items():
        given, value = _kind_of(kind, name), data[name]
        if value is None or not field.fields:
            wrong += [] if _is_of(value, given) else [f"{kind}.{name} is no {given}"]
        else:
            wrong += wrong_with_data(field.fields, value, given.rstrip("!"))
    return wrong


def _wrong_fields(question: Question, kind: str, asked: Mapping[str, Asked]) -> list[str]:
    wrong = []
    for name, field in asked.items():
        if name == "__typename":
            continue
        described = schema()[kind].get(name)
        if described is None:
            wrong.append(f"{kind} has no {name}")
            continue
        given = {
            key: question.declared.get(value.removeprefix("$"))
            for key, value in field.arguments.items()
        }
        if given != described.arguments:
            wrong.append(f"{kind}.{name} is given {given}")
        inner = described.type.rstrip("!")
        if bool(field.fields) != (inner in schema()):
            wrong.append(f"{kind}.{name} is asked for as what it is not")
        elif field.fields:
            wrong += _wrong_fields(question, inner, field.fields)
    return wrong


def _kind_of(kind: str, name: str) -> str:
    return "String!" if name == "__typename" else schema()[kind][name].type


def _is_of(value: Json, kind: str) -> bool:
    if value is None:
        return not kind.endswith("!")
    return isinstance(value, _SCALARS.get(kind.rstrip("!"), ()))


def _pairs(tokens: list[str]) -> dict[str, str]:
    """What stands in brackets."""
    assert tokens.pop(0) == "("
    pairs = {}
    while tokens[0] != ")":
        name, colon, value = tokens.pop(0), tokens.pop(0), tokens.pop(0)
        assert colon == ":"
        pairs[name] = value
    tokens.pop(0)
    return pairs


def _fields(tokens: list[str]) -> dict[str, Asked]:
    assert tokens.pop(0) == "{"
    fields = {}
    while tokens[0] != "}":
        name = tokens.pop(0)
        arguments = _pairs(tokens) if tokens[0] == "(" else {}
        fields[name] = Asked(arguments, _fields(tokens) if tokens[0] == "{" else {})
    tokens.pop(0)
    return fields
