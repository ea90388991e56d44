"""What a comment tells the program to do, by its first line, such as `/retry`."""

import re
import unicodedata
from dataclasses import dataclass

MAX_LINE = 200
"""Characters of a first line that may be a command which is understood."""

_BETWEEN_WORDS = re.compile(r"""[\s`,.;:!?'"<>()\[\]，。；：！？、“”‘’「」《》（）【】]+""")
_BEGINNINGS = ("/", "`/")
_CANCEL = re.compile(r"`?/cancel", re.IGNORECASE)
_DIGEST = re.compile(r"[0-9a-f]{8,64}")


@dataclass(frozen=True, slots=True)
class Retry:
    """Mirror the list once more, or what failed of it."""

    only_failed: bool = False


@dataclass(frozen=True, slots=True)
class Approve:
    """`prefix` is the beginning of a list's digest: 8 to 64 hex digits in lowercase."""

    prefix: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """End the issue's runs."""


@dataclass(frozen=True, slots=True)
class Help:
    """Tell what may be said."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something that begins like a command; `text` is a stranger's."""

    text: str


Command = Retry | Approve | Cancel | Help | Unknown


def read_command(comment: str) -> Command | None:
    """Read a comment; None where its very beginning is not that of a command.

    Case, punctuation around words, back-ticks and what nobody sees don't count; they do at the
    beginning and for `/cancel`, as the workflow's guards can't look past them.
    """
    if not comment.startswith(_BEGINNINGS):
        return None
    line, _, _ = comment.partition("\n")
    text = _plain(_visible(line))
    if len(text) > MAX_LINE:
        return Unknown(text[:MAX_LINE])
    command = _command(_BETWEEN_WORDS.sub(" ", text.lower()).split())
    if command == Cancel() and not _CANCEL.match(comment):
        return Unknown(_plain(line)[:MAX_LINE])
    return command or Unknown(text)


def _plain(line: str) -> str:
    return " ".join(line.replace("`", " ").split())


def _visible(text: str) -> str:
    """Without zero-width characters and the like, which come along when text is copied."""
    return "".join(each for each in text if unicodedata.category(each) != "Cf")


def _command(words: list[str]) -> Command | None:
    match words:
        case ["/retry"]:
            return Retry()
        case ["/retry", "failed"]:
            return Retry(only_failed=True)
        case ["/approve", prefix] if _DIGEST.fullmatch(prefix):
            return Approve(prefix)
        case ["/cancel"]:
            return Cancel()
        case ["/help"]:
            return Help()
        case _:
            return None
