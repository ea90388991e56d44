"""What stands in an answer that is a no: codes, words, and how long to wait."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

from registry_mirror.errors import Side
from registry_mirror.registry.errors import AnswerError, Operation

MAX_BODY = 64 * 1024
"""Of an answer that is a no; more of it is not read."""

MAX_SAID = 2_000

_MAX_CODES = 8
_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,63}")

_SECONDS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
_EPOCH = re.compile(r"[0-9]{9,11}")
_IN_TEXT = re.compile(
    r"\bretry-after:\s*([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*(ms|s|m)?\b", re.IGNORECASE
)
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0}

_MARKUP = re.compile(r"<(?:style|script)\b.*?(?:</(?:style|script)>|\Z)|<[^<>]{0,1000}>", re.DOTALL)
_QUERY = re.compile(r"(\w://[^\s\"'<>?]{1,2000})\?[^\s\"'<>]{1,4000}")


def refusal_of(
    side: Side,
    operation: Operation,
    status: int,
    headers: Mapping[str, str],
    content: bytes,
    *,
    redirected: bool = False,
) -> AnswerError:
    """The error of an answer; the names of `headers` are looked up as they are written here."""
    codes, said = read_refusal(content)
    return AnswerError(
        side,
        operation,
        status,
        said,
        codes=codes,
        retry_after=read_retry_after(headers, said),
        redirected=redirected,
    )


def read_refusal(content: bytes) -> tuple[tuple[str, ...], str]:
    """The registry's own error codes, and its words on one line.

    The body is what the distribution specification wants ("Error Codes"), or anything else.
    """
    text = content[:MAX_BODY].decode(errors="replace")
    errors = tuple(_errors(text))
    if not errors:
        return (), presentable(_MARKUP.sub(" ", text))
    codes = dict.fromkeys(code for code, _ in errors if _CODE.fullmatch(code))
    said = "; ".join(dict.fromkeys(": ".join(filter(None, error)) for error in errors))
    return tuple(codes)[:_MAX_CODES], presentable(said)


def read_retry_after(headers: Mapping[str, str], said: str = "") -> float | None:
    """Seconds to wait: of the header, else of GHCR's hint among its words, else until a reset.

    A date counts from the answer's own Date, so that nobody's clock matters.
    """
    value = headers.get("Retry-After", "").strip()
    if _SECONDS.fullmatch(value):
        return float(value)
    until, now = _date(value), _date(headers.get("Date", ""))
    if until and now:
        return max((until - now).total_seconds(), 0.0)
    hint = _IN_TEXT.search(said)
    return float(hint[1]) * _UNITS[(hint[2] or "s").lower()] if hint else _until_reset(headers)


def _until_reset(headers: Mapping[str, str]) -> float | None:
    """Of `RateLimit-Reset`, in seconds, or `X-RateLimit-Reset`, a time since 1970."""
    after = headers.get("RateLimit-Reset", "").strip()
    if _SECONDS.fullmatch(after):
        return float(after)
    at, now = headers.get("X-RateLimit-Reset", "").strip(), _date(headers.get("Date", ""))
    if now is None or not _EPOCH.fullmatch(at):
        return None
    return max(float(at) - now.timestamp(), 0.0)


def presentable(text: str) -> str:
    """On one line, without what signs a URL, and cut."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    line = _QUERY.sub(r"\1?…", line)
    return line if len(line) <= MAX_SAID else f"{line[: MAX_SAID - 1]}…"


def _errors(text: str) -> Iterator[tuple[str, str]]:
    try:
        body: object = json.loads(text)
    except (ValueError, RecursionError):
        return
    errors = body.get("errors") if isinstance(body, dict) else None
    for error in errors if isinstance(errors, list) else [body]:
        if isinstance(error, dict) and (named := _code_and_message(error)):
            yield named


def _code_and_message(error: Mapping[str, object]) -> tuple[str, str] | None:
    code = error.get("code", error.get("error"))
    message = error.get("message", error.get("details"))
    parts = (code if isinstance(code, str) else "", message if isinstance(message, str) else "")
    detail = error.get("detail")
    if isinstance(detail, str) and detail:
        parts = (parts[0], ": ".join(filter(None, (parts[1], detail))))
    return parts if any(parts) else None


def _date(value: str) -> datetime | None:
    """None where it is no date, or one without a zone."""
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return date if date.tzinfo else None
