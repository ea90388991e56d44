"""One row of a table for each image."""

from typing import assert_never

from registry_mirror.outcome import Copied, Failed, Outcome, Unchanged
from registry_mirror.report import words
from registry_mirror.report.markup import REFERENCE_LIMIT, UNKNOWN, row
from registry_mirror.report.measures import duration, size
from registry_mirror.report.quoting import code_span
from registry_mirror.text import Language

OUTCOME_HEAD = (
    words.SOURCE,
    words.TARGET,
    words.STATUS,
    words.PLATFORMS,
    words.SIZE,
    words.TIME,
)
_PLATFORMS_LIMIT = 120


def outcome_row(outcome: Outcome, language: Language) -> str:
    return row(
        code_span(str(outcome.copy.source), REFERENCE_LIMIT),
        code_span(str(outcome.copy.target), REFERENCE_LIMIT),
        state(outcome, language),
        _platforms(outcome),
        _size(outcome),
        UNKNOWN if outcome.seconds is None else duration(outcome.seconds),
    )


def state(outcome: Outcome, language: Language) -> str:
    match outcome:
        case Copied(replaced=None):
            return words.COPIED.say(language)
        case Copied():
            return words.COPIED_OVER.say(language)
        case Unchanged():
            return words.UNCHANGED.say(language)
        case Failed(failure=failure):
            return f"❌ {code_span(failure.code)}"
        case _:
            assert_never(outcome)


def _platforms(outcome: Outcome) -> str:
    if isinstance(outcome, Failed) or not outcome.content.platforms:
        return UNKNOWN
    return code_span(", ".join(outcome.content.platforms), _PLATFORMS_LIMIT)


def _size(outcome: Outcome) -> str:
    if isinstance(outcome, Failed) or outcome.content.size is None:
        return UNKNOWN
    return size(outcome.content.size)
