"""A line as the grammar has it, and what keeps one from being so."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from registry_mirror.errors import Code, Problem
from registry_mirror.oci.reference import (
    DOCKER_HUB,
    MAX_REPOSITORY,
    MAX_TAG,
    InvalidReferenceError,
    NameTooLongError,
    Reference,
    UppercaseNameError,
    bad_port,
)
from registry_mirror.request import words
from registry_mirror.request.options import Options, read_options
from registry_mirror.request.pages import is_web_page
from registry_mirror.request.platforms import platforms_meant
from registry_mirror.request.prose import is_host, is_no_name, is_version
from registry_mirror.request.raw import code_point, cut
from registry_mirror.text import Text

_DIGITS_OF_A_TAG = 12
_PLACEHOLDER = re.compile(
    r"<[^<>]*>|\$\{[^{}\s]*\}?|\$\w+|\{\{[^{}]*\}*|%\w+%|\[[^\[\]:]+\]|(?i:your[-_][\w.-]*)"
    r"|(?i:\bx{3,}\b)"
)
_ID = re.compile(r"(?:sha256:)?[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}")
_LONG_TAG = re.compile(rf"[^\s:]+(?::[0-9]+/[^\s:]+)?:[\w.-]{{{MAX_TAG + 1},}}")


@dataclass(frozen=True, slots=True)
class Line:
    source: Reference
    options: Options


def read_strictly(text: str) -> Line | tuple[Problem, ...]:
    first, *rest = [word for word in text.split(" ") if word] or [""]
    source = read_source(first)
    options = read_options(rest)
    match source, options:
        case Reference(), Options():
            return Line(source, options)
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


def read_source(text: str) -> Reference | Problem:
    try:
        source = Reference.parse(text)
    except InvalidReferenceError as error:
        return _not_a_reference(text, error)
    if _ID.fullmatch(text):
        return bad(words.IMAGE_ID, words.WRITE_IMAGE)
    if is_web_page(source.registry):
        return bad(words.WEB_PAGE, words.WRITE_IMAGE)
    if port := bad_port(source.registry):
        return bad(words.BAD_PORT.fill(port=port), words.BAD_PORT_HINT)
    if source.tag:
        return source
    return _no_name(text) if not source.digest and is_no_name(text) else _missing_tag(text)


def _no_name(text: str) -> Problem:
    """A word that has the form of an image's name, and is none."""
    if platforms_meant(text):
        return bad(words.PLATFORM_ALONE, words.WRITE_IMAGE)
    if is_version(text):
        return bad(words.TAG_ALONE, words.WRITE_IMAGE)
    reason = words.HOST_ALONE if is_host(text) else words.NOT_A_LIST
    return bad(reason, words.WRITE_IMAGE)


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
        return bad(words.UPPERCASE, offer(_lowered(text)))
    if isinstance(error, NameTooLongError):
        limit = str(MAX_REPOSITORY)
        return bad(words.NAME_TOO_LONG.fill(limit=limit), words.SHORTEN_NAME.fill(limit=limit))
    return bad(*_about(text))


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
    if _ID.fullmatch(text) or text.startswith("***@"):
        reason = words.CREDENTIALS if "@" in text else words.IMAGE_ID
        return reason, words.WRITE_IMAGE
    if placeholder := _PLACEHOLDER.search(text):
        return words.PLACEHOLDER, replace_placeholder(placeholder[0])
    if strange:
        filled = words.STRANGE_LETTER.fill(letter=strange, code_point=code_point(strange))
        return filled, words.STRANGE_LETTER_HINT
    if _LONG_TAG.fullmatch(text):
        limit = str(MAX_TAG)
        return words.TAG_TOO_LONG.fill(limit=limit), words.SHORTEN_TAG.fill(limit=limit)
    name, at, after = text.partition("@")
    if at and _parses(name):
        return _about_digest(name, after)
    return words.NOT_A_REFERENCE, words.WRITE_IMAGE


def _about_digest(name: str, after: str) -> tuple[Text, Text]:
    """A tag may stand where only a digest can; beside another tag it isn't known which is meant."""
    if not is_version(after):
        return words.BAD_DIGEST, words.WRITE_DIGEST
    tag = Reference.parse(name).tag
    if tag is None and not is_no_name(name):
        return words.TAG_AFTER_AT, offer(f"{name}:{after}")
    return words.TAG_AFTER_AT, words.KEEP_ONE_TAG


def _parses(text: str) -> bool:
    try:
        Reference.parse(text)
    except InvalidReferenceError:
        return False
    return True


def name_in(source: Reference) -> str:
    """The name as people write it, Docker Hub's without `library/`."""
    name = source.repository.removeprefix("library/")
    return name if source.registry == DOCKER_HUB else source.name


def replace_placeholder(placeholder: str) -> Text:
    return words.REPLACE_PLACEHOLDER.fill(placeholder=cut(placeholder))


def offer(line: str) -> Text:
    return words.WRITE.fill(line=line)


def bad(reason: Text, hint: Text) -> Problem:
    return Problem(Code.BAD_REFERENCE, reason, hint)
