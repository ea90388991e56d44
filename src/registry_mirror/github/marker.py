"""The hidden first line of a comment of ours, by which a later run knows what it is.

Whoever reads one must know who wrote the comment: anybody can write such a line.
"""

import base64
import binascii
import re
from dataclasses import dataclass

_KIND = r"[a-z]+(?:-[a-z]+)*"
_NONCE = r"[0-9A-Za-z]+"
_NAME = r"[a-z][a-z0-9_]*"
_VALUE = r"[0-9A-Za-z+/=_.,:]*"
"""Has no dash: two of them would end the comment in some readers' eyes."""

_LINE = re.compile(
    rf"<!-- registry-mirror ({_KIND}) ({_NONCE})((?: {_NAME}={_VALUE})*) -->", re.ASCII
)

Values = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Marker:
    """Its text is the comment's first line. Raises ValueError for what can't stand in one."""

    kind: str
    nonce: str
    values: Values = ()

    def __post_init__(self) -> None:
        if not _LINE.fullmatch(str(self)):
            raise ValueError(f"not fit for a marker: {self!r}")
        if len({name for name, _ in self.values}) < len(self.values):
            raise ValueError(f"a name twice in a marker: {self!r}")

    def __str__(self) -> str:
        parts = (self.kind, self.nonce, *(f"{name}={value}" for name, value in self.values))
        return f"<!-- registry-mirror {' '.join(parts)} -->"

    def value(self, name: str) -> str | None:
        return next((value for known, value in self.values if known == name), None)


def read_marker(body: str) -> Marker | None:
    """The marker of a comment's first line; None where that line is none."""
    line = body.partition("\n")[0].rstrip("\r")
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    pairs = tuple(part.partition("=") for part in found[3].split())
    try:
        return Marker(found[1], found[2], tuple((name, value) for name, _, value in pairs))
    except ValueError:
        return None


def encoded(text: str) -> str:
    """Any text as a marker's value."""
    return base64.b64encode(text.encode("utf-8", "surrogatepass")).decode().rstrip("=")


def decoded(value: str) -> str | None:
    """What `encoded` was given; None for a value that it can't have made."""
    try:
        raw = base64.b64decode(value + "=" * (-len(value) % 4), validate=True)
        return raw.decode("utf-8", "surrogatepass")
    except (binascii.Error, ValueError):
        return None
