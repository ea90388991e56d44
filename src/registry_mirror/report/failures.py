"""What failed and what helps, said once for all images that failed alike."""

from itertools import groupby

from registry_mirror.errors import Code
from registry_mirror.outcome import Failed
from registry_mirror.report import words
from registry_mirror.report.markup import REFERENCE_LIMIT, join, prose
from registry_mirror.report.quoting import code_block, code_span
from registry_mirror.report.reasons import cause_of, hint_of
from registry_mirror.text import Language, Text

Why = tuple[Code, Text, Text]


def failure_sections(failed: tuple[Failed, ...], language: Language, *, said: int) -> str:
    """A section for each reason, in the order in which they first occur.

    `said` is how much is shown of what a registry said, in characters.
    """
    order = {why: place for place, why in reversed(list(enumerate(map(_why, failed))))}
    alike = groupby(sorted(failed, key=lambda one: order[_why(one)]), key=_why)
    return join(*(_section(why, tuple(group), language, said) for why, group in alike))


def _why(failed: Failed) -> Why:
    return failed.failure.code, cause_of(failed.failure), hint_of(failed.failure)


def _section(why: Why, failed: tuple[Failed, ...], language: Language, said: int) -> str:
    code, cause, hint = why
    heading = words.FAILURES_OF_CODE.fill(code=code_span(code), count=str(len(failed)))
    return join(
        f"#### {heading.say(language)}",
        words.CAUSE.fill(text=prose(cause, language)).say(language),
        words.HINT.fill(text=prose(hint, language)).say(language),
        *(_image(one, language, said) for one in failed),
    )


def _image(failed: Failed, language: Language, said: int) -> str:
    source = code_span(str(failed.copy.source), REFERENCE_LIMIT)
    where = words.FAILED_IMAGE.fill(line=str(failed.copy.line), source=source).say(language)
    if not said or not failed.failure.said.strip():
        return where
    return join(where + words.SAID.say(language), code_block(failed.failure.said, said))
