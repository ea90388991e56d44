"""Where a registry sends us: relative or absolute, its bytes kept, for signatures cover them."""

import re
from urllib.parse import quote_from_bytes

from yarl import URL

_UNSENDABLE = re.compile(r"[^\x21-\x7e]+")
_SCHEMES = frozenset({"http", "https"})


class BadLocationError(ValueError):
    """Says why we won't go there, without the URL's query, which may be a secret."""


def go(current: URL, location: str | URL) -> URL:
    """The address of a location that was given in an answer from `current`.

    Only what no request line can hold is escaped. A registry behind a proxy that ends TLS may
    call itself by `http`: it is spoken to as before. Raises BadLocationError.
    """
    url = location if isinstance(location, URL) else _parse(location)
    try:
        url = url if url.scheme else current.join(url)
        url = _as_before(current, url.with_user(None))
        port = url.port
    except ValueError:
        raise BadLocationError("the address is no URL") from None
    if url.scheme not in _SCHEMES or not url.raw_host or not port:
        raise BadLocationError("the address is neither http nor https")
    if current.scheme == "https" and url.scheme != "https":
        raise BadLocationError(f"from https to http at {url.raw_host}")
    return url.with_fragment(None)


def same_origin(one: URL, other: URL) -> bool:
    return (one.scheme, one.raw_host, one.port) == (other.scheme, other.raw_host, other.port)


def _parse(location: str) -> URL:
    escaped = _UNSENDABLE.sub(_escape, location.strip())
    try:
        return URL(escaped, encoded=True)
    except (ValueError, IndexError):  # the latter of brackets with nothing after them: `//[::1]@`
        raise BadLocationError("the address is no URL") from None


def _escape(match: re.Match[str]) -> str:
    return quote_from_bytes(match[0].encode("utf-8", "surrogateescape"))


def _as_before(current: URL, url: URL) -> URL:
    downgraded = (current.scheme, url.scheme) == ("https", "http")
    if not downgraded or url.raw_host != current.raw_host:
        return url
    if url.explicit_port not in (None, 80, current.port):
        return url
    return url.with_scheme("https").with_port(current.explicit_port)
