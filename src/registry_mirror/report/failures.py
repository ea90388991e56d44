"""What failed and what helps, said once for all images that failed alike."""

from itertools import groupby

from registry_mirror.errors import Code
from registry_mirror.outcome import Failed
from registry_mirror.report import words
from registry_mirror.report.markup import REFERENCE_LIMIT, join, prose
from registry_mirror.report.quoting import code_block, code_span
from registry_mirror.report.reasons import cause_of, hint_of
from registry_mirror.text import Language, Text

Why = tuple[Code, Text]


def failure_sections(failed: tuple[Failed, ...], language: Language, *, said: int) -> str:
    """A section for each reason, in the order in which they first occur.

    `said` is how much is shown of what a registry said, in characters.
    """
    order = {why: place for place, why in reversed(list(enumerate(map(_why, failed))))}
    alike = groupby(sorted(failed, key=lambda one: order[_why(one)]), key=_why)
    return join(*(_section(why, tuple(group), language, said) for why, group in alike))


def _why(failed: Failed) -> Why:
    return failed.failure.code, cause_of(failed.failure)


def _section(why: Why, failed: tuple[Failed, ...], language: Language, said: int) -> str:
    """What helps is said once where it is the same for all, else below each image."""
    code, cause = why
    heading = words.FAILURES_OF_CODE.fill(code=code_span(code), count=str(len(failed)))
    hints = {hint_of(one.failure) for one in failed}
    common = _hint(hints.pop(), language) if len(hints) == 1 else ""
    return join(
        f"#### {heading.say(language)}",
        words.CAUSE.fill(text=prose(cause, language)).say(language),
        common,
        *(
            join(
                _image(one, language, said),
                "" if common else _hint(hint_of(one.failure), language),
            )
            for one in failed
        ),
    )


def _hint(hint: Text, language: Language) -> str:
    return words.HINT.fill(text=prose(hint, language)).say(language)


def _image(failed: Failed, language: Language, said: int) -> str:
    source = code_span(str(failed.copy.source), REFERENCE_LIMIT)
    where = words.FAILED_IMAGE.fill(line=str(failed.copy.line), source=source).say(language)
    if not said or not failed.failure.said.strip():
        return where
    return join(where + words.SAID.say(language), code_block(failed.failure.said, said))
