"""Texts as YAML scalars that every reader takes for text."""

import json
import re

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*(?::[A-Za-z0-9_./@-]+)*")
_OTHER_TYPES = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def scalar(text: str) -> str:
    """Plain where no YAML reader sees anything else in it; JSON's quotes are YAML's too."""
    is_plain = _PLAIN.fullmatch(text) and text.lower() not in _OTHER_TYPES
    return text if is_plain else _quoted(text)


def _quoted(text: str) -> str:
    """JSON has no escape for what lies beyond four hex digits; YAML has."""
    return _printable(json.dumps(text, ensure_ascii=False))


def comment(text: str) -> str:
    """A line of a comment, in YAML, TOML and sed alike."""
    return f"# {_printable(' '.join(text.split()))}"


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in text)
