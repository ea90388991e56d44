"""One line of a list: `REFERENCE [--platform P[,P]] [--all] [--as NAME[:TAG]]`.

Blank lines and comments are skipped; a comment begins with a `#` at the start of the line or after
white space. Nothing else is accepted: what can be guessed is said in the hint, not done.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from registry_mirror.errors import Code, Problem
from registry_mirror.oci.reference import (
    MAX_REPOSITORY,
    MAX_TAG,
    InvalidReferenceError,
    NameTooLongError,
    Reference,
    UppercaseNameError,
    bad_port,
)
from registry_mirror.request import Item, TargetName, words
from registry_mirror.request.options import Options, read_options
from registry_mirror.request.pasted import Undone, is_web_page, undo
from registry_mirror.request.raw import clean, code_point, cut, forbidden_character, redact, shown
from registry_mirror.text import Text

MAX_LINE = 2000
"""Characters of a line; the longest that is of any use has some 900."""

MAX_EXPLAINED = 300
"""Characters of a wrong line up to which the right one is looked for."""

MAX_WORDS = 30
"""Words of a line that are looked at one by one."""

MAX_OFFERED = 20
"""Images of one line up to which each is offered a line of its own."""

_DIGITS_OF_A_TAG = 12
_BULLET = re.compile(r"^[-*+]\s+")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_PLACEHOLDER = re.compile(
    r"<[^<>]*>|\$\{[^{}\s]*\}?|\$\w+|\{\{[^{}]*\}*|%\w+%|\[[^\[\]:]+\]|(?i:your[-_][\w.-]*)"
    r"|(?i:\bx{3,}\b)"
)
_STRUCTURE = re.compile(r"[\[\]{}(),]+|[\w-]*images\s*:|[\"\w-]+\s*:\s*[\[{|>]|-+")
_TEMPLATE = re.compile(r"\{\{[^{}]*\}\}|\$\{[^{}]*\}")
_FENCE = re.compile(r"(?:`{3,}|~{3,})[^`]*")
_ID = re.compile(r"[0-9a-f]{64}")
_BETWEEN_IMAGES = (words.SPECIAL_SPACE, words.FULL_WIDTH, words.TRAILING_PUNCTUATION)
_LONG_TAG = re.compile(rf"[^\s:]+(?::[0-9]+/[^\s:]+)?:[\w.-]{{{MAX_TAG + 1},}}")


def read_line(raw: str, number: int) -> Item | tuple[Problem, ...] | None:
    """Read a line; None where there is nothing on it."""
    text = clean(raw)
    if not text or text.startswith("#"):
        return None
    read = _read(text)
    if isinstance(read, _Line):
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
    return len(text) <= MAX_LINE and isinstance(_read_strictly(text), _Line)


def image_meant(raw: str) -> str | None:
    """The line that asks for the image that a line means, put right where it is one and alone."""
    text = _COMMENT.sub("", clean(raw)).strip()
    if not text or len(text) > MAX_EXPLAINED:
        return None
    left = undo(redact(text)).line
    read = _read_strictly(left)
    if isinstance(read, _Line):
        return left
    is_name = len(read) == 1 and read[0].code is Code.MISSING_TAG
    return dict(read[0].hint.values).get("line") if is_name else None


@dataclass(frozen=True, slots=True)
class _Line:
    source: Reference
    options: Options


def _checked(hint: Text) -> Text:
    """A hint that offers a line that is right; what is still wrong with it has its own hint."""
    for _ in range(2):
        offered = dict(hint.values).get("line")
        read = _read_strictly(offered) if offered is not None else None
        if not isinstance(read, tuple):
            return hint
        hint = _best_hint(read)
    return words.WRITE_IMAGE


def _cut(reason: Text) -> Text:
    return replace(reason, values=tuple((name, cut(value)) for name, value in reason.values))


def _target(line: _Line) -> TargetName | None:
    name = line.options.name
    tag = name.tag or line.source.tag if name else None
    return TargetName(name.path, tag) if name and tag else None


def _read(text: str) -> _Line | tuple[Problem, ...]:
    if len(text) > MAX_LINE:
        reason = words.LINE_TOO_LONG.fill(limit=str(MAX_LINE))
        return (_bad(reason, words.WRITE_IMAGE),)
    forbidden = forbidden_character(text)
    if forbidden:
        reason = words.CONTROL_CHARACTER.fill(code_point=code_point(forbidden))
        return (_bad(reason, words.CONTROL_CHARACTER_HINT),)
    text = " ".join(word for word in _COMMENT.sub("", text).split(" ") if word)
    if text.count(" ") >= MAX_WORDS:
        return (_bad(words.EXTRA_WORDS, words.WRITE_IMAGE),)
    read = _read_strictly(text)
    if isinstance(read, _Line):
        return read
    text = redact(text)
    return _explain(text) if len(text) <= MAX_EXPLAINED else _explain_long(text)


def _read_strictly(text: str) -> _Line | tuple[Problem, ...]:
    first, *rest = [word for word in text.split(" ") if word] or [""]
    source = _read_source(first)
    options = read_options(rest)
    match source, options:
        case Reference(), Options():
            return _Line(source, options)
        case _:
            problems = (source,) if isinstance(source, Problem) else ()
            wrong = options if isinstance(options, tuple) else ()
            return _with_options(problems, rest if not wrong else ()) + wrong


def _with_options(problems: tuple[Problem, ...], rest: Iterable[str]) -> tuple[Problem, ...]:
    """Let the hints offer the whole line, where its options are right."""
    options = " ".join(("", *rest))
    return tuple(replace(p, hint=_longer(p.hint, options)) for p in problems)


def _longer(hint: Text, options: str) -> Text:
    values = tuple((k, v + options if k == "line" else v) for k, v in hint.values)
    return replace(hint, values=values)


def _read_source(text: str) -> Reference | Problem:
    try:
        source = Reference.parse(text)
    except InvalidReferenceError as error:
        return _not_a_reference(text, error)
    if is_web_page(source.registry):
        return _bad(words.WEB_PAGE, words.WRITE_IMAGE)
    if port := bad_port(source.registry):
        return _bad(words.BAD_PORT.fill(port=port), words.BAD_PORT_HINT)
    return source if source.tag else _missing_tag(text)


def _missing_tag(text: str) -> Problem:
    """A pinned image is offered a tag of its own, which replaces nothing at the target."""
    name, at, digest = text.partition("@")
    tag = digest.rpartition(":")[2][:_DIGITS_OF_A_TAG] or "latest"
    hint = words.WRITE_WITH_TAG_BEFORE_DIGEST if at else words.WRITE_WITH_TAG
    return Problem(Code.MISSING_TAG, words.MISSING_TAG, hint.fill(line=f"{name}:{tag}{at}{digest}"))


def _not_a_reference(text: str, error: InvalidReferenceError) -> Problem:
    if text.startswith("-"):
        return Problem(Code.BAD_OPTION, words.OPTION_WITHOUT_IMAGE, words.WRITE_IMAGE)
    if text.endswith(":") and _parses(text[:-1] + ":latest"):
        return _missing_tag(text[:-1])
    if isinstance(error, UppercaseNameError):
        return _bad(words.UPPERCASE, _offer(_lowered(text)))
    if isinstance(error, NameTooLongError):
        limit = str(MAX_REPOSITORY)
        return _bad(words.NAME_TOO_LONG.fill(limit=limit), words.SHORTEN_NAME.fill(limit=limit))
    return _bad(*_about(text))


def _lowered(text: str) -> str:
    """The reference with its name in lowercase and its tag as it is."""
    name, at, digest = text.partition("@")
    last = name.rfind("/")
    colon = name.find(":", last + 1)
    end = colon if colon >= 0 else len(name)
    return name[:end].lower() + name[end:] + at + digest.lower()


def _about(text: str) -> tuple[Text, Text]:
    """What keeps a word from being a reference, and what would be right."""
    strange = next((c for c in text if not c.isascii()), None)
    if _ID.fullmatch(text):
        return words.IMAGE_ID, words.WRITE_IMAGE
    if placeholder := _PLACEHOLDER.search(text):
        return words.PLACEHOLDER, _replace(placeholder[0])
    if strange:
        filled = words.STRANGE_LETTER.fill(letter=strange, code_point=code_point(strange))
        return filled, words.STRANGE_LETTER_HINT
    if _LONG_TAG.fullmatch(text):
        limit = str(MAX_TAG)
        return words.TAG_TOO_LONG.fill(limit=limit), words.SHORTEN_TAG.fill(limit=limit)
    name, at, _ = text.partition("@")
    if at and _parses(name):
        return words.BAD_DIGEST, words.WRITE_DIGEST
    return words.NOT_A_REFERENCE, words.WRITE_IMAGE


def _wrong(text: str) -> tuple[Problem, ...]:
    read = _read_strictly(text)
    return read if isinstance(read, tuple) else (_bad(words.NOT_A_REFERENCE, _offer(text)),)


def _explain_long(text: str) -> tuple[Problem, ...]:
    """A list on one line is the commonest of long ones; JSON's brackets may be around it."""
    images = _several(text.strip("[]{}, "))
    return (_bad(words.SEVERAL_IMAGES, _one_per_line(images)),) if images else _wrong(text)


def _explain(text: str) -> tuple[Problem, ...]:
    """Every problem of a line that isn't right, the line itself offered where it is clear."""
    if _FENCE.fullmatch(text):
        return (_bad(words.FENCE, words.DELETE_LINE),)
    if _STRUCTURE.fullmatch(text):
        return (_bad(words.NOT_A_LIST, words.DELETE_LINE),)
    if template := _TEMPLATE.search(text):
        return (_bad(words.PLACEHOLDER, _replace(template[0])),)
    undone = undo(text)
    images = _several(undone.line)
    if images:
        return (_bad(_why_several(undone.reason), _one_per_line(images)),)
    return _explain_rest(undone)


def _why_several(reason: Text | None) -> Text:
    """What stands between the images is nothing to speak of: they need a line each."""
    return words.SEVERAL_IMAGES if reason is None or reason in _BETWEEN_IMAGES else reason


def _explain_rest(undone: Undone) -> tuple[Problem, ...]:
    match _read_strictly(undone.line), undone.reason:
        case _Line(), reason:
            return (_bad(reason or words.NOT_A_REFERENCE, _offer(undone.line)),)
        case problems, reason if _has_words(problems):
            return (_bad(reason or words.EXTRA_WORDS, _only_image(undone.line)),)
        case problems, None:
            return problems
        case problems, reason:
            of_options = (p for p in problems if p.code is Code.BAD_OPTION)
            return (_bad(reason, _best_hint(problems)), *of_options)


def _best_hint(problems: tuple[Problem, ...]) -> Text:
    """What the first problem of the line that is left offers."""
    offers = [p.hint for p in problems if p.code is not Code.BAD_OPTION]
    return offers[0] if offers else words.WRITE_IMAGE


def _has_words(problems: tuple[Problem, ...]) -> bool:
    return any(problem.reason.zh == words.UNEXPECTED_WORD.zh for problem in problems)


def _only_image(text: str) -> Text:
    """Offer the one word of a sentence that is an image."""
    images = [word for word in text.split() if ":" in word and _parses(word)]
    return _offer(images[0]) if len(images) == 1 else words.WRITE_IMAGE


def _several(text: str) -> list[str]:
    """The images of a line that has more than one and nothing else."""
    images = [image for word in re.split(r"[\s,;|]+", text) if (image := word.strip("\"'`"))]
    if len(images) > MAX_OFFERED:
        return []
    marked = sum(":" in image or "/" in image for image in images)
    are_images = len(images) > 1 and 2 * marked >= len(images)
    return images if are_images and all(map(_parses, images)) else []


def _one_per_line(images: Sequence[str]) -> Text:
    return words.ONE_PER_LINE.fill(count=str(len(images))).listing(lines=map(_tagged, images))


def _tagged(image: str) -> str:
    """The image as a line of its own: one without a tag is no line."""
    read = _read_source(image)
    if isinstance(read, Problem) and read.code is Code.MISSING_TAG:
        return dict(read.hint.values)["line"]
    return image


def _parses(text: str) -> bool:
    try:
        Reference.parse(text)
    except InvalidReferenceError:
        return False
    return True


def _replace(placeholder: str) -> Text:
    return words.REPLACE_PLACEHOLDER.fill(placeholder=cut(placeholder))


def _offer(line: str) -> Text:
    return words.WRITE.fill(line=line)


def _bad(reason: Text, hint: Text) -> Problem:
    return Problem(Code.BAD_REFERENCE, reason, hint)
