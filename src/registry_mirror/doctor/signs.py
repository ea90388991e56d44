"""By what a registry can be told from a web site: the first answer, to `GET /v2/`. Pure.

Registries in use name their API in a header of every answer, a 401 included (distribution's
specification wants that); OCI's wants it no longer, and proxies lose it. So the other marks count
too: a challenge that names a token server, an error as the specification shapes it, or the body of
a good ping, which is `{}` (distribution and most) or `true` (Quay, which calls it HTML).
"""

import json
import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from http import HTTPStatus

from registry_mirror.registry.challenge import Challenge

_VERSION = re.compile(r"\s*registry/2", re.IGNORECASE)
_CODE = re.compile(r"[A-Z][A-Z_]*")
_URL = re.compile(r"https?://", re.IGNORECASE)
_GOOD = frozenset({b"{}", b"true"})
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|head|body|\?xml)\b", re.IGNORECASE)


class Sign(StrEnum):
    """`PAGE`: it is for people. `NONE`: it may be a registry, or anything else."""

    REGISTRY = "registry"
    PAGE = "page"
    NONE = "none"


def sign_of(
    status: int,
    versions: Iterable[str],
    content_type: str,
    content: bytes,
    challenge: Challenge | None,
) -> Sign:
    """`versions` are the headers Docker-Distribution-API-Version; `content` may be cut.

    `challenge` is what was asked for on the way to this answer.
    """
    if any(_VERSION.match(version) for version in versions) or names_token_server(challenge):
        return Sign.REGISTRY
    if status == HTTPStatus.OK:
        return _of_body(content_type, content)
    return Sign.REGISTRY if _is_refusal(content) else Sign.NONE


def names_token_server(challenge: Challenge | None) -> bool:
    """Web APIs have a Bearer challenge as well, whose realm is a mere word."""
    is_bearer = challenge is not None and challenge.scheme == "bearer"
    return is_bearer and bool(challenge and _URL.match(challenge.get("realm")))


def _of_body(content_type: str, content: bytes) -> Sign:
    if content.strip() in _GOOD:
        return Sign.REGISTRY
    is_html = "html" in content_type.lower() and bool(content.strip())
    return Sign.PAGE if is_html or _MARKUP.match(content) else Sign.NONE


def _is_refusal(content: bytes) -> bool:
    """`{"errors": [{"code": "UNAUTHORIZED", …}]}`."""
    try:
        body: object = json.loads(content)
    except (ValueError, RecursionError):
        return False
    errors = body.get("errors") if isinstance(body, dict) else None
    return isinstance(errors, list) and any(map(_is_error, errors))


def _is_error(error: object) -> bool:
    code = error.get("code") if isinstance(error, Mapping) else None
    return isinstance(code, str) and bool(_CODE.fullmatch(code))
