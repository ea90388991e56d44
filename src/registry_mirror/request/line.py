"""One line of a list: `REFERENCE [--platform P[,P]] [--all] [--as NAME[:TAG]]`.

Blank lines and comments are skipped; a comment begins with a `#` at the start of the line or after
white space. Nothing else is accepted: what can be guessed is said in the hint, not done.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from registry_mirror.errors import Code, Problem
from registry_mirror.request import Item, TargetName, words
from registry_mirror.request.pages import is_web_page
from registry_mirror.request.pasted import Undone, undo
from registry_mirror.request.prose import is_no_name, is_registry
from registry_mirror.request.raw import clean, code_point, cut, forbidden_character, redact, shown
from registry_mirror.request.sentence import lines_meant
from registry_mirror.request.strict import (
    Line,
    bad,
    name_in,
    offer,
    read_source,
    read_strictly,
    replace_placeholder,
)
from registry_mirror.text import Text

MAX_LINE = 2000
"""Characters of a line; the longest that is of any use has some 900."""

MAX_EXPLAINED = 300
"""Characters of a wrong line up to which the right one is looked for."""

MAX_WORDS = 30
"""Words of a line that are looked at one by one."""

_BULLET = re.compile(r"^[-*+]\s+")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_STRUCTURE = re.compile(r"[\[\]{}(),]+|[\w-]*images\s*:|[\"\w-]+\s*:\s*[\[{|>]|-+")
_TEMPLATE = re.compile(r"\{\{[^{}]*\}\}|\$\{[^{}]*\}")
_FENCE = re.compile(r"(?:`{3,}|~{3,})[^`]*")
_WEB = re.compile(r"https?://(?P<host>[^/\s]+)")
_LISTS = (words.JSON, words.COMMAND)
_BETWEEN_IMAGES = (words.SPECIAL_SPACE, words.FULL_WIDTH, words.TRAILING_PUNCTUATION)


def read_line(raw: str, number: int) -> Item | tuple[Problem, ...] | None:
    """Read a line; None where there is nothing on it."""
    text = clean(raw)
    if not text or text.startswith("#"):
        return None
    read = _read(text)
    if isinstance(read, Line):
        target = _target(read)
        return Item(number, raw, read.source, read.options.selection, target)
    return tuple(
        replace(
            problem,
            reason=_cut(problem.reason),
            hint=_checked(problem.hint),
            line=number,
            text=shown(raw),
        )
        for problem in read
    )


def is_image(raw: str) -> bool:
    """Whether a line asks for an image: strictly, but for a bullet before it."""
    text = _BULLET.sub("", _COMMENT.sub("", clean(raw)))
    return len(text) <= MAX_LINE and isinstance(read_strictly(text), Line)


def image_meant(raw: str) -> str | None:
    """The line that asks for the image that a line means, put right where it is one and alone."""
    text = _COMMENT.sub("", clean(raw)).strip()
    if not text or len(text) > MAX_EXPLAINED:
        return None
    left = undo(redact(text)).line
    read = read_strictly(left)
    if isinstance(read, Line):
        return left
    is_name = len(read) == 1 and read[0].code is Code.MISSING_TAG
    offered = dict(read[0].hint.values).get("line") if is_name else None
    return offered if offered and isinstance(read_strictly(offered), Line) else None


def _checked(hint: Text) -> Text:
    """A hint that offers a line that is right; what is still wrong with it has its own hint."""
    for _ in range(2):
        offered = dict(hint.values).get("line")
        if offered is None:
            return hint
        read = read_strictly(offered)
        if isinstance(read, Line):
            return words.WRITE_IMAGE if is_no_name(name_in(read.source)) else hint
        hint = _best_hint(read)
    return words.WRITE_IMAGE


def _cut(reason: Text) -> Text:
    return replace(reason, values=tuple((name, cut(value)) for name, value in reason.values))


def _target(line: Line) -> TargetName | None:
    name = line.options.name
    tag = name.tag or line.source.tag if name else None
    return TargetName(name.path, tag) if name and tag else None


def _read(text: str) -> Line | tuple[Problem, ...]:
    if len(text) > MAX_LINE:
        reason = words.LINE_TOO_LONG.fill(limit=str(MAX_LINE))
        return (bad(reason, words.WRITE_IMAGE),)
    forbidden = forbidden_character(text)
    if forbidden:
        reason = words.CONTROL_CHARACTER.fill(code_point=code_point(forbidden))
        return (bad(reason, words.CONTROL_CHARACTER_HINT),)
    text = " ".join(word for word in _COMMENT.sub("", text).split(" ") if word)
    if text.count(" ") >= MAX_WORDS:
        return (bad(words.EXTRA_WORDS, words.WRITE_IMAGE),)
    read = read_strictly(text)
    if isinstance(read, Line):
        return read
    text = redact(text)
    return _explain(text) if len(text) <= MAX_EXPLAINED else _explain_long(text)


def _wrong(text: str) -> tuple[Problem, ...]:
    read = read_strictly(text)
    return read if isinstance(read, tuple) else (bad(words.NOT_A_REFERENCE, offer(text)),)


def _explain_long(text: str) -> tuple[Problem, ...]:
    """A list on one line is the commonest of long ones; JSON's brackets may be around it."""
    lines = lines_meant(text.strip("[]{}, "), is_list=text[:1] in ("[", "{"))
    return (bad(words.SEVERAL_IMAGES, _one_per_line(lines)),) if len(lines) > 1 else _wrong(text)


def _explain(text: str) -> tuple[Problem, ...]:
    """Every problem of a line that isn't right, the line itself offered where it is clear."""
    if _FENCE.fullmatch(text):
        return (bad(words.FENCE, words.DELETE_LINE),)
    if _STRUCTURE.fullmatch(text):
        return (bad(words.NOT_A_LIST, words.DELETE_LINE),)
    if template := _TEMPLATE.search(text):
        return (bad(words.PLACEHOLDER, replace_placeholder(template[0])),)
    return _explain_words(text, undo(text))


def _explain_words(text: str, undone: Undone) -> tuple[Problem, ...]:
    if host := _page_host(text, undone.line):
        reason = words.WEB_PAGE if is_web_page(host) else words.SCHEME
        return (bad(reason, words.WRITE_IMAGE),)
    lines = _lines_meant(undone)
    match lines:
        case ():
            return _explain_rest(undone)
        case (line,):
            return (bad(_why_one(undone, line), _write(line)),)
        case _:
            return (bad(_why_several(undone.reason), _one_per_line(lines)),)


def _page_host(text: str, left: str) -> str | None:
    """The host of an address on the web of which nothing says that images are there."""
    found = _WEB.search(text)
    host = found["host"] if found else ""
    if not host or not left.startswith(f"{host}/"):
        return None
    if is_web_page(host) or is_registry(host):
        return host if is_web_page(host) else None
    return host if isinstance(read_source(left.partition(" ")[0]), Problem) else None


def _lines_meant(undone: Undone) -> tuple[str, ...]:
    """What the words ask for where more than one of them stands where one image should."""
    read = read_strictly(undone.line)
    if isinstance(read, Line):
        return ()
    if not (_has_words(read) or read[0].code is Code.BAD_REFERENCE):
        return ()
    lines = lines_meant(undone.line, is_list=undone.reason in _LISTS)
    return lines if lines != (undone.line,) else ()


def _why_one(undone: Undone, line: str) -> Text:
    if undone.reason is not None and undone.reason not in _BETWEEN_IMAGES:
        return undone.reason
    is_platform = "--platform" in line and "--platform" not in undone.line
    if is_platform:
        return words.PLATFORM_WORD
    return words.EXTRA_WORDS if " " in undone.line else undone.reason or words.EXTRA_WORDS


def _write(line: str) -> Text:
    """Offer a line; an image in it may lack a tag."""
    read = read_strictly(line)
    return _best_hint(read) if isinstance(read, tuple) else offer(line)


def _why_several(reason: Text | None) -> Text:
    """What stands between the images is nothing to speak of: they need a line each."""
    return words.SEVERAL_IMAGES if reason is None or reason in _BETWEEN_IMAGES else reason


def _explain_rest(undone: Undone) -> tuple[Problem, ...]:
    match read_strictly(undone.line), undone.reason:
        case Line(), reason:
            return (bad(reason or words.NOT_A_REFERENCE, offer(undone.line)),)
        case problems, reason if _has_words(problems):
            return (bad(reason or words.EXTRA_WORDS, words.WRITE_IMAGE),)
        case problems, None:
            return problems
        case problems, reason:
            of_options = (p for p in problems if p.code is Code.BAD_OPTION)
            return (bad(reason, _best_hint(problems)), *of_options)


def _best_hint(problems: tuple[Problem, ...]) -> Text:
    """What the first problem of the line that is left offers."""
    offers = [p.hint for p in problems if p.code is not Code.BAD_OPTION]
    return offers[0] if offers else words.WRITE_IMAGE


def _has_words(problems: tuple[Problem, ...]) -> bool:
    return any(problem.reason.zh == words.UNEXPECTED_WORD.zh for problem in problems)


def _one_per_line(images: Sequence[str]) -> Text:
    return words.ONE_PER_LINE.fill(count=str(len(images))).listing(lines=map(_tagged, images))


def _tagged(line: str) -> str:
    """The line with a tag: without one it is none."""
    read = read_strictly(line)
    return line if isinstance(read, Line) else dict(_best_hint(read).values).get("line", line)
