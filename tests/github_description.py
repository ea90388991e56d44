"""GitHub's own description of its API (reduced to the calls that matter), as a judge."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from openapi_core import Config, OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest, MockResponse

SERVER = "https://api.github.com"
FILE = Path(__file__).parent / "data" / "github-openapi.json"

# What any call may be answered with, described or not: the bearer, the quota, a renamed repository.
ANYWHERE = frozenset({301, 307, 401, 403, 404, 410, 429})

Json = Any

_REMEMBERED = 4096


@dataclass(frozen=True)
class Exchange:
    """A request as it came in; `path` is below the API's address, its parts still quoted."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    raw: bytes

    @property
    def body(self) -> Json:
        return json.loads(self.raw) if self.raw else None


@dataclass(frozen=True)
class Operation:
    template: str
    method: str
    values: Mapping[str, str]
    description: Json


class Description:
    def __init__(self) -> None:
        self._document = _document()

    def operation(self, exchange: Exchange) -> Operation | None:
        paths = self._document["paths"]
        for template, item in sorted(paths.items(), key=lambda each: each[0].count("{")):
            values = _match(template, exchange.path)
            if values is not None and exchange.method.lower() in item:
                return Operation(template, exchange.method, values, item[exchange.method.lower()])
        return None

    def wrong_with_request(self, exchange: Exchange, operation: Operation) -> list[str]:
        parameters = (self._resolved(each) for each in operation.description.get("parameters", ()))
        known = {each["name"] for each in parameters if each["in"] == "query"}
        wrong = [f"unknown parameter {name}" for name in exchange.query if name not in known]
        if refused := _refusal(operation.template, _asked(exchange)):
            return [*wrong, refused]
        content = operation.description.get("requestBody", {}).get("content", {})
        if exchange.raw and not content:
            wrong.append("a body, where none is described")
        elif exchange.raw:
            wrong += self._unknown_keys(content["application/json"]["schema"], exchange.body, "")
        return wrong

    def wrong_with_response(
        self, exchange: Exchange, operation: Operation, status: int, raw: bytes
    ) -> list[str]:
        described = operation.description["responses"].get(str(status))
        if described is None and status in ANYWHERE:
            return self._unknown_keys(self._schema("basic-error"), json.loads(raw), "")
        asked = replace(_asked(exchange), raw=b"")
        if refused := _refusal_of_answer(operation.template, asked, status, raw):
            return [refused]
        content = self._resolved(described).get("content")
        if not content:
            return []
        return self._unknown_keys(content["application/json"]["schema"], json.loads(raw), "")

    def _schema(self, name: str) -> Json:
        return self._document["components"]["schemas"][name]

    def _resolved(self, node: Json) -> Json:
        while "$ref" in node:
            found: Json = self._document
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            node = found
        return node

    def _unknown_keys(self, schema: Json, value: Json, where: str) -> list[str]:
        """A description allows keys that it doesn't name; what we send and fake has none."""
        parts = list(self._parts(schema))
        if isinstance(value, list):
            items = [part["items"] for part in parts if "items" in part]
            union = {"anyOf": items}
            return [
                each
                for index, item in enumerate(value)
                for each in self._unknown_keys(union, item, f"{where}[{index}]")
            ]
        if not isinstance(value, dict):
            return []
        wrong = []
        for key, inner in value.items():
            schemas = [
                part["properties"][key] for part in parts if key in part.get("properties", ())
            ]
            if not schemas:
                wrong.append(f"unknown key {where}.{key}")
            wrong += self._unknown_keys({"anyOf": schemas}, inner, f"{where}.{key}")
        return wrong

    def _parts(self, schema: Json) -> Iterator[Json]:
        schema = self._resolved(schema)
        yield schema
        for word in ("allOf", "anyOf", "oneOf"):
            for part in schema.get(word, ()):
                yield from self._parts(part)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Of an exchange what its judgement rests on: the description knows no header of a request."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    content_type: str
    raw: bytes

    def mock(self) -> MockRequest:
        return MockRequest(
            SERVER,
            self.method.lower(),
            self.path,
            args=dict(self.query),
            data=self.raw or None,
            content_type=self.content_type,
        )


def _asked(exchange: Exchange) -> _Asked:
    content_type = exchange.headers.get("Content-Type", "application/json")
    query = tuple(exchange.query.items())
    return _Asked(exchange.method, exchange.path, query, content_type, exchange.raw)


# A judgement takes ten times as long as an answer, and tests ask the same again and again.
@lru_cache(_REMEMBERED)
def _refusal(template: str, asked: _Asked) -> str:
    try:
        _judge(template).validate_request(asked.mock())
    except OpenAPIError as error:
        return _explained(error)
    return ""


@lru_cache(_REMEMBERED)
def _refusal_of_answer(template: str, asked: _Asked, status: int, raw: bytes) -> str:
    try:
        response = MockResponse(raw, status_code=status)
        _judge(template).validate_response(asked.mock(), response)
    except OpenAPIError as error:
        return _explained(error)
    return ""


@cache
def _judge(template: str) -> OpenAPI:
    """Of the calls of one path alone, for to find one's path among all costs most of the time."""
    document = _document()
    paths = {template: document["paths"][template]}
    part = {**document, "paths": paths, "servers": [{"url": SERVER}]}
    return OpenAPI.from_dict(part, config=Config(spec_validator_cls=None))


@cache
def _document() -> Json:
    document = json.loads(FILE.read_text(encoding="utf-8"))
    _allow_null(document)
    contents = document["paths"]["/repos/{owner}/{repo}/contents/{path}"]["get"]
    answer = contents["responses"]["200"]["content"]["application/json"]["schema"]
    del answer["discriminator"]  # it asks for a key of a folder, which is a list
    return document


def _allow_null(node: Json) -> None:
    """The description forgets null in the enums of what may be null, as `state_reason` is."""
    if isinstance(node, list):
        for item in node:
            _allow_null(item)
    elif isinstance(node, dict):
        if node.get("nullable") is True and None not in node.get("enum", [None]):
            node["enum"].append(None)
        _allow_null(list(node.values()))


def one_segment(path: str) -> str:
    """A file's path is one parameter of the description, though it has slashes."""
    head, word, tail = path.partition("/contents/")
    return f"{head}{word}{quote(unquote(tail), safe='')}"


def _match(template: str, path: str) -> dict[str, str] | None:
    pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(template))
    found = re.fullmatch(pattern, path)
    return None if found is None else {k: unquote(v) for k, v in found.groupdict().items()}


def _explained(error: BaseException) -> str:
    """The innermost reason; the outer ones repeat the whole document."""
    details = [each.message for each in getattr(error, "schema_errors", ())]
    if error.__cause__ is not None:
        return _explained(error.__cause__)
    return "; ".join(details) or f"{type(error).__name__}: {error}"
