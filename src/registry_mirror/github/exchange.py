"""One request to GitHub and its answer.

With the standard library alone, as everything in this package: the workflow's last step answers
the issue through it even where nothing could be installed.
"""

import re
import ssl
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from urllib.error import URLError
from urllib.parse import urljoin, urlsplit
from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, ProxyHandler, Request

from registry_mirror import __version__
from registry_mirror.github.budget import Budget
from registry_mirror.github.retry import LIMIT_PAUSE, Lost
from registry_mirror.secret import Secret

MAX_ANSWER = 64 * 1024 * 1024
"""Bytes of an answer that are read: a page of 100 comments, each 256 KiB of escaped characters."""

IDLE_TIMEOUT = 20.0
"""Seconds without a byte."""

TOTAL_TIMEOUT = 60.0
"""Seconds for reading a whole answer."""

LONGEST_WINDOW = 3_600.0
"""Seconds for which a quota of GitHub's is, at most."""

_MAX_REDIRECTS = 3
_PIECE = 64 * 1024
_SECONDS = re.compile("[0-9]{1,12}")
_LAST_PAGE = re.compile(r'<[^<>]*[?&]page=([0-9]{1,9})(?:&[^<>]*)?>; *rel="last"')

_REDIRECTS = frozenset(
    {
        HTTPStatus.MOVED_PERMANENTLY,  # a renamed repository or a transferred issue
        HTTPStatus.TEMPORARY_REDIRECT,
        HTTPStatus.PERMANENT_REDIRECT,
    }
)


@dataclass(frozen=True, slots=True)
class Call:
    method: str
    url: str
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """`retry_after` and `resets_in` are in seconds, the latter only where the quota is used up.

    `budget` is what is left of the quota, where the answer says so. `last_page` is how many pages a
    listing has, where the answer says so: not where it is the last one.
    """

    status: int
    body: bytes
    location: str | None = None
    retry_after: float | None = None
    resets_in: float | None = None
    budget: Budget | None = None
    last_page: int | None = None


def exchange(call: Call, token: Secret, idle_timeout: float = IDLE_TIMEOUT) -> Answer | Lost:
    """Send a call and follow its redirects, with the same method and body; blocks.

    A redirect to another scheme, host or port is not followed but returned, so the token stays
    with the host that it was meant for. Proxies of the environment are used.
    """
    for _ in range(_MAX_REDIRECTS + 1):
        answer = _exchange_once(call, token, idle_timeout)
        url = _redirect(call.url, answer) if isinstance(answer, Answer) else None
        if url is None:
            return answer
        call = replace(call, url=url)
    return Lost("redirected too often", permanent=True)


def _exchange_once(call: Call, token: Secret, idle_timeout: float) -> Answer | Lost:
    try:
        with _open(_request(call, token), idle_timeout) as response:
            return _answer(response)
    except (OSError, HTTPException) as error:
        return _lost(error)


def _open(request: Request, idle_timeout: float) -> HTTPResponse:
    """Only http and https are known here, redirects and error statuses are left to us."""
    opener = OpenerDirector()
    for handler in (ProxyHandler(), HTTPHandler(), HTTPSHandler()):
        opener.add_handler(handler)
    response = opener.open(request, timeout=idle_timeout)
    if not isinstance(response, HTTPResponse):
        raise URLError("unknown kind of address")
    return response


def _request(call: Call, token: Secret) -> Request:
    headers = {
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
        "User-Agent": f"registry-mirror/{__version__}",
        "Authorization": f"Bearer {token.reveal()}",
    }
    if call.body is not None:
        headers["Content-Type"] = "application/json"
    # S310: `_open` knows no other schemes than http and https
    return Request(call.url, data=call.body, headers=headers, method=call.method)  # noqa: S310


def _answer(response: HTTPResponse) -> Answer | Lost:
    body = _read(response, time.monotonic() + TOTAL_TIMEOUT)
    if body is None:
        return Lost(f"the answer has more than {MAX_ANSWER} bytes", permanent=True)
    return Answer(
        status=response.status,
        body=body,
        location=response.headers.get("Location"),
        retry_after=_seconds(response.headers.get("Retry-After")),
        resets_in=_resets_in(response.headers),
        budget=_budget(response.headers),
        last_page=_last_page(response.headers),
    )


def _read(response: HTTPResponse, deadline: float) -> bytes | None:
    """None for a body over the cap. Raises TimeoutError past the deadline."""
    body = bytearray()
    while piece := response.read1(_PIECE):
        body += piece
        if len(body) > MAX_ANSWER:
            return None
        if time.monotonic() > deadline:
            raise TimeoutError("the answer takes too long")
    return bytes(body)


def _redirect(url: str, answer: Answer) -> str | None:
    """Where to ask next; None where the answer is no redirect or one that we don't follow."""
    if answer.status not in _REDIRECTS or not answer.location:
        return None
    try:
        there = urljoin(url, answer.location)
        same = _origin(there) == _origin(url)
    except ValueError:
        return None
    return there if same and there.isascii() and there.isprintable() else None


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.netloc.lower()


def _seconds(text: str | None) -> float | None:
    return float(text) if text and _SECONDS.fullmatch(text) else None


def _resets_in(headers: Message) -> float | None:
    if headers.get("X-RateLimit-Remaining") != "0":
        return None
    left = _until_reset(headers)
    return LIMIT_PAUSE if left is None else left + 1.0


def _budget(headers: Message) -> Budget | None:
    """Of the calls by REST: GraphQL and the search have quotas of their own."""
    if headers.get("X-RateLimit-Resource", "core") != "core":
        return None
    remaining, left = _seconds(headers.get("X-RateLimit-Remaining")), _until_reset(headers)
    if remaining is None or left is None:
        return None
    return Budget(int(remaining), datetime.now(UTC) + timedelta(seconds=left))


def _until_reset(headers: Message) -> float | None:
    """By GitHub's own clock, as ours may be off; an hour at most, which is what a quota is for."""
    reset = _seconds(headers.get("X-RateLimit-Reset"))
    try:
        now = parsedate_to_datetime(headers.get("Date", "")).timestamp()
    except (ValueError, OverflowError):
        return None
    return None if reset is None else min(max(reset - now, 0.0), LONGEST_WINDOW)


def _last_page(headers: Message) -> int | None:
    found = _LAST_PAGE.search(headers.get("Link", ""))
    return int(found[1]) if found else None


def _lost(error: OSError | HTTPException) -> Lost:
    """A certificate that isn't trusted now won't be in a minute."""
    cause = error.reason if isinstance(error, URLError) else error
    untrusted = isinstance(cause, ssl.SSLCertVerificationError)
    return Lost(f"{type(cause).__name__}: {cause}", permanent=untrusted)
