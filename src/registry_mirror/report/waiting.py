"""The comment that shows a list to whoever may approve it."""

from collections.abc import Sequence
from dataclasses import dataclass

from registry_mirror.approval import PinnedList
from registry_mirror.oci.digest import Digest
from registry_mirror.outcome import Failed
from registry_mirror.plan import Copy
from registry_mirror.report import reply_words as words
from registry_mirror.report import words as common
from registry_mirror.report.failures import failure_sections
from registry_mirror.report.fitting import COMMENT, Limit
from registry_mirror.report.markup import REFERENCE_LIMIT, details, join, row, table
from registry_mirror.report.quoting import code_block, code_span
from registry_mirror.text import Language, Text

_NO_LIMIT = 10**9
_DIGEST_LIMIT = 140
_SAID = 200
_FEW = 100


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown for approval: a list, its copies, and what could not be resolved.

    `note` says why it is shown again.
    """

    pinned: PinnedList
    copies: Sequence[tuple[Copy, Digest]]
    unresolved: tuple[Failed, ...] = ()
    note: Text | None = None


def waiting_comment(shown: Shown, *, language: Language, limit: Limit = COMMENT) -> str | None:
    """The list comes first among the blocks. None where it doesn't fit, as it must be whole."""
    for said, with_table in ((_SAID, True), (0, True), (0, False)):
        text = _write(shown, language, said=said, with_table=with_table)
        if limit.holds(text):
            return text
    return None


def unresolved_comment(unresolved: tuple[Failed, ...], *, language: Language) -> str:
    """Where nothing of a list is there to be approved."""
    for said in (_SAID, 0):
        text = _nothing(unresolved, language, said)
        if COMMENT.holds(text):
            return text
    return _nothing(unresolved[:_FEW], language, 0)


def _nothing(unresolved: tuple[Failed, ...], language: Language, said: int) -> str:
    return join(
        f"## {words.UNRESOLVED_TITLE.say(language)}",
        words.UNRESOLVED_WHY.say(language),
        failure_sections(unresolved, language, said=said),
    )


def _write(shown: Shown, language: Language, *, said: int, with_table: bool) -> str:
    listed = code_block("\n".join(shown.pinned.lines), _NO_LIMIT)
    return join(
        f"## {_title(len(shown.copies)).say(language)}",
        shown.note.say(language) if shown.note else words.WAITING_WHY.say(language),
        words.WAITING_LIST.fill(digest=shown.pinned.short).say(language),
        listed,
        words.WAITING_HOW.say(language),
        code_block(f"/approve {shown.pinned.short}"),
        words.WAITING_EDIT.say(language),
        _left_out(shown.unresolved, language, said),
        _copies(shown, language) if with_table else "",
    )


def _title(count: int) -> Text:
    if count == 1:
        return words.WAITING_TITLE_ONE
    return words.WAITING_TITLE.fill(count=str(count))


def _copies(shown: Shown, language: Language) -> str:
    head = (common.SOURCE, common.TARGET, common.SOURCE_DIGEST)
    rows = (
        row(
            code_span(str(copy.source), REFERENCE_LIMIT),
            code_span(str(copy.target), REFERENCE_LIMIT),
            code_span(digest, _DIGEST_LIMIT),
        )
        for copy, digest in shown.copies
    )
    return details(
        words.WAITING_TARGETS.say(language), table((text.say(language) for text in head), rows)
    )


def _left_out(unresolved: tuple[Failed, ...], language: Language, said: int) -> str:
    if not unresolved:
        return ""
    title = words.WAITING_LEFT_OUT.fill(count=str(len(unresolved)))
    return join(
        f"### {title.say(language)}",
        words.WAITING_LEFT_OUT_WHY.say(language),
        failure_sections(unresolved, language, said=said),
    )
