"""What a registry's no means: ordered tables, the first row that fits decides.

A registry's own words come first (they say what a status can't), then its codes, then the status.
docs/errors.md has the codes that come out.
"""

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeVar, assert_never

from registry_mirror.errors import Code, Failure, Side
from registry_mirror.registry.errors import (
    AddressRefusedError,
    AnswerError,
    AnswerTooLargeError,
    AuthenticationRefusedError,
    ConnectionLostError,
    ContentMismatchError,
    Lost,
    Operation,
    ProtocolError,
    RegistryError,
    SizeDiffersError,
)
from registry_mirror.text import Text

UNTRUSTED = Text(
    zh="证书不受信任：请维护者用 --ca-file（SSL_CERT_FILE）加入 CA；"
    "只支持 http 的仓库，把主机加到 INSECURE_HOSTS（--insecure）",
    en="ask a maintainer to add the registry's CA with --ca-file (SSL_CERT_FILE), or, where it "
    "speaks plain http only, its host to INSECURE_HOSTS (--insecure)",
)

_READS = frozenset({Operation.RESOLVE, Operation.GET_MANIFEST})
_PARTS = frozenset({Operation.GET_CHILD, Operation.HEAD_BLOB, Operation.GET_BLOB})
_OPENS = frozenset({Operation.START_UPLOAD, Operation.MOUNT})
_SESSION = frozenset({Operation.SEND, Operation.FINISH})
_PUTS = frozenset({Operation.PUT_MANIFEST})
_EVERY = frozenset(Operation)

_Code = TypeVar("_Code", Code, Code | None)


@dataclass(frozen=True, slots=True)
class _Row:
    """`source` and `target` are the codes by side; a row without one for a side does not fit it."""

    said: re.Pattern[str]
    operations: frozenset[Operation]
    source: Code | None
    target: Code | None


def _row(
    pattern: str,
    source: Code | None,
    target: Code | None,
    operations: frozenset[Operation] = _EVERY,
) -> _Row:
    return _Row(re.compile(pattern), operations, source, target)


_UNAVAILABLE = (Code.SOURCE_UNAVAILABLE, Code.TARGET_UNAVAILABLE)
_DENIED = (Code.SOURCE_DENIED, Code.TARGET_DENIED)
_LIMITED = (Code.RATE_LIMITED, Code.RATE_LIMITED)
_TOO_LARGE = (Code.TOO_LARGE, Code.TOO_LARGE)
_NO_REPOSITORY = (Code.REPOSITORY_NOT_FOUND, Code.TARGET_NOT_FOUND)

_KINDS: tuple[tuple[type[RegistryError], tuple[Code, Code]], ...] = (
    (AddressRefusedError, (Code.ADDRESS_REFUSED, Code.ADDRESS_REFUSED)),
    (AnswerTooLargeError, _TOO_LARGE),
    (ContentMismatchError, (Code.DIGEST_MISMATCH, Code.TARGET_MISMATCH)),
    (SizeDiffersError, (Code.BAD_MANIFEST, Code.TARGET_MISMATCH)),
)

_WORDS: tuple[_Row, ...] = (
    _row(
        r"immutable|already exists in the .{1,300} cannot be overwritten", None, Code.TAG_IMMUTABLE
    ),
    _row(
        r"exceed the configured upper limit|(?i:quota|storage limit)|reached the limit of",
        None,
        Code.QUOTA_EXCEEDED,
    ),
    _row(r"unknown manifest class", None, Code.TARGET_REFUSES_FORMAT),
    _row(r"due to configured policy", *_DENIED),
    _row(r"(?i:too ?many ?requests|\brate limit)", *_LIMITED),
    _row(
        r"(?i:\b(?:project|namespace|repository)\b.{0,200}\b(?:not found|not exist))",
        *_NO_REPOSITORY,
    ),
)

_CODES: tuple[_Row, ...] = (
    _row("TOOMANYREQUESTS", *_LIMITED),
    _row("NAME_UNKNOWN|NAME_INVALID|PROJECT_NOT_FOUND", *_NO_REPOSITORY),
    _row("MANIFEST_BLOB_UNKNOWN|BLOB_UNKNOWN", None, Code.TARGET_UNAVAILABLE, _PUTS),
    _row("MANIFEST_INVALID|MANIFEST_UNVERIFIED|TAG_INVALID", None, Code.TARGET_REFUSES_FORMAT),
    _row("UNSUPPORTED", None, Code.TARGET_REFUSES_FORMAT, _PUTS),
    _row("UNSUPPORTED", None, Code.TARGET_DENIED, _OPENS),
    _row("DIGEST_INVALID", None, Code.TARGET_MISMATCH),
    _row("SIZE_INVALID", *_TOO_LARGE),
    _row("MANIFEST_UNKNOWN|MANIFEST_INVALID", Code.TAG_NOT_FOUND, Code.TARGET_NOT_FOUND, _READS),
    _row("MANIFEST_UNKNOWN", Code.BLOB_MISSING, None, _PARTS),
    _row("BLOB_UNKNOWN", Code.BLOB_MISSING, None),
    _row("UNAUTHORIZED|DENIED", *_DENIED),
)

_STATUSES: tuple[_Row, ...] = (
    _row("401|403|451", *_DENIED),
    _row("400|404|410", Code.TAG_NOT_FOUND, Code.TARGET_NOT_FOUND, _READS),
    _row("404|410", Code.BLOB_MISSING, Code.TARGET_UNAVAILABLE, _PARTS),
    _row("404|410", *_UNAVAILABLE, _SESSION),
    _row("404|410", *_NO_REPOSITORY),
    _row("405", None, Code.TARGET_DENIED, _OPENS),
    _row("400|405|406|415|422", None, Code.TARGET_REFUSES_FORMAT, _PUTS),
    _row("413", *_TOO_LARGE),
    _row("507", None, Code.QUOTA_EXCEEDED),
    _row(r"\d+", *_UNAVAILABLE),
)


def failure_of(error: RegistryError, operation: Operation | None = None) -> Failure:
    """What a requester should be told.

    `operation` is what the error's own one served, where that is more (`get_child`).
    """
    hint = UNTRUSTED if isinstance(error, ConnectionLostError) and error.how is Lost.TLS else None
    code, said = _code(error, operation), _said(error)
    return Failure(code, error.side, said, hint=hint, retry_after=error.retry_after)


def is_rate_limit(error: RegistryError) -> bool:
    """A 403 is one where it says so (GHCR's secondary limit)."""
    if error.status == HTTPStatus.TOO_MANY_REQUESTS:
        return True
    return error.status != 0 and failure_of(error).code is Code.RATE_LIMITED


def _code(error: RegistryError, operation: Operation | None) -> Code:
    match error:
        case AnswerError():
            return _code_of_answer(error, operation or error.operation)
        case AuthenticationRefusedError():
            return _code_of_authentication(error)
        case ProtocolError():
            return _code_of_protocol(error)
        case _:
            codes = next((codes for kind, codes in _KINDS if isinstance(error, kind)), _UNAVAILABLE)
            return _of_side(error.side, *codes)


def _code_of_answer(error: AnswerError, operation: Operation) -> Code:
    if error.status == HTTPStatus.TOO_MANY_REQUESTS:  # whose words may speak of a quota
        return Code.RATE_LIMITED
    code = _first(_WORDS, error.said, error.side, operation)
    for own in () if code else error.codes:
        code = code or _first(_CODES, own, error.side, operation, whole=True)
    code = code or _first(_STATUSES, str(error.status), error.side, operation, whole=True)
    return code or _of_side(error.side, *_UNAVAILABLE)


def _code_of_authentication(error: AuthenticationRefusedError) -> Code:
    """A token server that is out of order says nothing about the credentials."""
    limited = _first(_WORDS, error.said, error.side, Operation.RESOLVE) is Code.RATE_LIMITED
    if limited or error.status == HTTPStatus.TOO_MANY_REQUESTS:
        return Code.RATE_LIMITED
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _of_side(error.side, *_UNAVAILABLE)
    return _of_side(error.side, *_DENIED)


def _code_of_protocol(error: ProtocolError) -> Code:
    """A registry that opens no upload where it should has no such repository (ECR, ACR)."""
    if error.operation in _OPENS:
        return _of_side(error.side, *_NO_REPOSITORY)
    return _of_side(error.side, *_UNAVAILABLE)


def _first(
    rows: tuple[_Row, ...], text: str, side: Side, operation: Operation, *, whole: bool = False
) -> Code | None:
    for row in rows:
        code = _of_side(side, row.source, row.target)
        found = row.said.fullmatch(text) if whole else row.said.search(text)
        if code and found and operation in row.operations:
            return code
    return None


def _said(error: RegistryError) -> str:
    status = f"HTTP {error.status}" if error.status else ""
    return ": ".join(filter(None, (status, error.said)))


def _of_side(side: Side, source: _Code, target: _Code) -> _Code:
    match side:
        case Side.SOURCE:
            return source
        case Side.TARGET:
            return target
        case _:
            assert_never(side)
