"""Patterns of sources, such as `docker.io/library/*`: which registry, and which repositories of it.

A host alone is everything there. `*` stands for any characters within one part of the path, `**`
for any number of parts, none too. Names are completed as references are: `nginx` is
`docker.io/library/nginx`. A host without a port is that host at every port.
"""

import ipaddress
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from registry_mirror.hosts import is_ipv6, without_port
from registry_mirror.oci.reference import DOCKER_HUB, DOMAIN, MAX_REPOSITORY, Reference
from registry_mirror.rules_words import (
    BAD_PATTERN,
    BAD_PATTERN_HINT,
    EMPTY_PATTERN,
    HOST_OF_ONE_WORD,
    HOST_OF_ONE_WORD_HINT,
    PATTERN_IN_UPPERCASE,
    PATTERN_TOO_LONG,
    PATTERN_TOO_LONG_HINT,
    PATTERN_WITH_SCHEME,
    PATTERN_WITH_TAG,
    STARS_WITHIN_PART,
    STARS_WITHIN_PART_HINT,
    WILDCARD_HOST,
    WILDCARD_HOST_HINT,
    WRITE_PATTERN,
)
from registry_mirror.text import Text

MAX_PATTERN = 2 * MAX_REPOSITORY

_ANY = "*"
_ANY_PARTS = "**"
_HTTPS_PORT = "443"
_HUB_HOSTS = frozenset(
    {DOCKER_HUB, "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"}
)
"""Docker Hub answers at each of them: who denies `docker.io/evil/*` means them all."""

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_PART = re.compile(r"[a-z0-9*._-]+")
_TAG_OR_DIGEST = re.compile(r"(?P<name>[^@]*?[^:@/])(?::[^:/@]*)?(?:@.*)?")
_NUMBER_FOR_PORT = re.compile(r"[^.\[]+:[0-9]+")


class BadPatternError(ValueError):
    def __init__(self, reason: Text, hint: Text) -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.hint = hint


class _WrongError(Exception):
    """`offered` may be what was meant."""

    def __init__(
        self, reason: Text, hint: Text = BAD_PATTERN_HINT, offered: str | None = None
    ) -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.hint = hint
        self.offered = offered


@dataclass(frozen=True, slots=True)
class Pattern:
    """`text` is the pattern as it is written; `port` None is every port."""

    text: str
    host: str
    port: str | None
    path: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> "Pattern":
        """Raises BadPatternError, whose hint offers a pattern only if it is one."""
        try:
            return cls._read(text)
        except _WrongError as wrong:
            hint = wrong.hint
            if wrong.offered is not None and cls._is_one(wrong.offered):
                hint = WRITE_PATTERN.fill(pattern=wrong.offered)
            raise BadPatternError(wrong.reason, hint) from None

    @classmethod
    def _is_one(cls, text: str) -> bool:
        try:
            cls._read(text)
        except _WrongError:
            return False
        return True

    @classmethod
    def _read(cls, text: str) -> "Pattern":
        _judge(text)
        first, _, rest = text.partition("/")
        if not _is_host(first):
            first, rest = DOCKER_HUB, text
        elif not DOMAIN.fullmatch(first):
            raise _bad_host(text)
        host, port = _split(first)
        parts = tuple(rest.split("/")) if rest else (_ANY_PARTS,)
        _judge_parts(parts, text)
        return cls(text, host, port, _completed(host, parts))

    def matches(self, source: Reference) -> bool:
        host, port = _split(source.registry)
        if host != self.host or self.port not in (None, port or _HTTPS_PORT):
            return False
        path = _completed(host, tuple(source.repository.split("/")))
        return _globs(self.path, path, _ANY_PARTS, _part_matches)

    def __str__(self) -> str:
        return self.text


def _split(registry: str) -> tuple[str, str | None]:
    host = without_port(registry)
    port = registry[len(host) :].removeprefix(":").lstrip("0") or None
    if is_ipv6(host):
        host = f"[{_one_spelling(host[1:-1])}]"
    return (DOCKER_HUB if host in _HUB_HOSTS else host), port


def _one_spelling(address: str) -> str:
    try:
        return str(ipaddress.IPv6Address(address))
    except ValueError:
        return address


def _completed(host: str, path: tuple[str, ...]) -> tuple[str, ...]:
    """The parts of a repository, with `library` where Docker Hub puts it."""
    if host != DOCKER_HUB or len(path) > 1 or path == (_ANY_PARTS,):
        return path
    return ("library", *path)


def _is_host(first: str) -> bool:
    return "." in first or ":" in first or first.lower() == "localhost"


def _judge(text: str) -> None:
    """Raise for what is wrong with a pattern as a whole."""
    if not text:
        raise _WrongError(EMPTY_PATTERN)
    if len(text) > MAX_PATTERN:
        hint = PATTERN_TOO_LONG_HINT.fill(limit=str(MAX_PATTERN))
        raise _WrongError(PATTERN_TOO_LONG.fill(limit=str(MAX_PATTERN)), hint)
    scheme = _SCHEME.match(text)
    if scheme:
        raise _WrongError(PATTERN_WITH_SCHEME, offered=text[scheme.end() :].rstrip("/"))
    first, slash, _ = text.partition("/")
    if _ANY in first:
        raise _WrongError(WILDCARD_HOST, WILDCARD_HOST_HINT)
    if not slash and _NUMBER_FOR_PORT.fullmatch(first):
        hint = HOST_OF_ONE_WORD_HINT.fill(host=f"{first}/**", image=first.partition(":")[0])
        raise _WrongError(HOST_OF_ONE_WORD, hint)


def _judge_parts(parts: tuple[str, ...], text: str) -> None:
    path = "/".join(parts)
    if ":" in path or "@" in path:
        raise _tagged(text)
    if path != path.lower():
        raise _WrongError(PATTERN_IN_UPPERCASE, offered=text.lower())
    if any(_ANY_PARTS in part and part != _ANY_PARTS for part in parts):
        raise _WrongError(STARS_WITHIN_PART, STARS_WITHIN_PART_HINT)
    if not all(map(_PART.fullmatch, parts)):
        raise _WrongError(BAD_PATTERN)


def _bad_host(text: str) -> _WrongError:
    """What stands before the first slash looks like a host: `nginx:1.27` does too."""
    return _WrongError(BAD_PATTERN) if "/" in text or ":" not in text else _tagged(text)


def _tagged(text: str) -> _WrongError:
    named = _TAG_OR_DIGEST.fullmatch(text)
    return _WrongError(PATTERN_WITH_TAG, offered=named["name"] if named else None)


def _part_matches(pattern: str, part: str) -> bool:
    return _globs(pattern, part, _ANY, str.__eq__)


def _globs(
    pattern: Sequence[str], found: Sequence[str], many: str, same: Callable[[str, str], bool]
) -> bool:
    """Whether `found` is what `pattern` describes; `many` stands for any number of its members.

    Only the last `many` is ever tried anew, so that no pattern takes more than the product of the
    two lengths.
    """
    at, index = 0, 0
    tried: tuple[int, int] | None = None
    while index < len(found):
        if at < len(pattern) and pattern[at] == many:
            at, tried = at + 1, (at + 1, index)
        elif at < len(pattern) and same(pattern[at], found[index]):
            at, index = at + 1, index + 1
        elif tried:
            at, index = tried[0], tried[1] + 1
            tried = at, index
        else:
            return False
    return all(rest == many for rest in pattern[at:])
