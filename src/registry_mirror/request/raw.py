"""A line as a stranger wrote it: what in it is harmless, and what of it may be shown."""

import re
import unicodedata

MAX_SHOWN = 200
"""Characters of a line that a problem keeps."""

_INVISIBLE = re.compile("[\ufeff\u200b-\u200d\u2060\u00ad\u180e]")
_BLANK = re.compile("[\t\u00a0]")
_LINE_BREAK = re.compile("\r\n|\r")
_FORBIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

_SECRET_OPTION = re.compile(
    r"(?P<option>(?<!\S)--?(?:[a-z-]*(?:creds|password|passwd|token|username|user)|[up])(?:\s+|=))"
    r"(?!-)\S+"
)
_WORD = re.compile(r"\S+")
_AT = re.compile("[@＠]")
_DIGEST_LIKE = re.compile(r"(?i:sha[0-9]{1,3}[^a-z0-9]|[a-z0-9+._-]{1,32}:[0-9a-f]{32})")
_TAG_LIKE = re.compile(
    r"(?:latest|v?[0-9]+(?:\.[0-9]+){0,2}(?:-[A-Za-z][\w.-]*)?)"
    r"[\"'`,;.!)\]]*\Z"
)
_SCHEME = re.compile(r"[\"'`(\[]*(?:[A-Za-z][A-Za-z0-9+.-]{0,31}:/{1,2})?")


def split_lines(text: str) -> list[str]:
    """The lines as an editor counts them: no other character than these ends a line."""
    return _LINE_BREAK.sub("\n", text).split("\n")


def visible(text: str) -> str:
    """Drop marks of no width, and make a space of tabs and spaces that don't break."""
    return _BLANK.sub(" ", _INVISIBLE.sub("", text))


def clean(line: str) -> str:
    """Drop what nobody sees in a line, the white space around it too."""
    return visible(line).strip()


def forbidden_character(line: str) -> str | None:
    """The first control, bidirectional or unassigned character of a line."""
    return next((c for c in line if unicodedata.category(c) in _FORBIDDEN), None)


def code_point(character: str) -> str:
    return f"U+{ord(character):04X}"


def cut(text: str) -> str:
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"


def redact(text: str) -> str:
    """Take away whatever may be a password: `user:password@host`, `--creds user:password`."""
    text = _SECRET_OPTION.sub(r"\g<option>***", text)
    return _WORD.sub(_without_user, text) if _AT.search(text) else text


def _without_user(match: re.Match[str]) -> str:
    """A word without what stands before its last `@` that neither digest nor tag follows."""
    word = match[0]
    ats = [at for at in _AT.finditer(word) if not _is_no_host(word, at.end())]
    if not ats:
        return word
    user, host = word[: ats[-1].start()], word[ats[-1].end() :]
    if not re.search("[:：]", user) and not re.search("[/／]", host):
        return word
    scheme = _SCHEME.match(user)
    return f"{scheme[0] if scheme else ''}***@{host}"


def _is_no_host(word: str, start: int) -> bool:
    return bool(_DIGEST_LIKE.match(word, start) or _TAG_LIKE.match(word, start))


def shown(line: str) -> str:
    """What a problem keeps of a line."""
    return cut(redact(line))
