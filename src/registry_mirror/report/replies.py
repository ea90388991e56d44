"""Short answers to commands in comments, and notes on runs that meet."""

from collections.abc import Sequence
from datetime import datetime

from registry_mirror.errors import Code, Failure, Problem
from registry_mirror.report import reply_words as words
from registry_mirror.report.markup import join, prose, row, table
from registry_mirror.report.quoting import code_span
from registry_mirror.text import Language, Text

LOGIN_LIMIT = 60
MAX_NAMED = 5
"""Targets of one other run that a note names."""

_COMMANDS = (
    ("/retry", words.HELP_RETRY, words.WHO_AUTHOR),
    ("/retry failed", words.HELP_RETRY_FAILED, words.WHO_AUTHOR),
    ("/approve <digest>", words.HELP_APPROVE, words.WHO_WRITER),
    ("/cancel", words.HELP_CANCEL, words.WHO_AUTHOR),
    ("/help", words.HELP_HELP, words.WHO_ANYBODY),
)


def reply(text: Text, *, language: Language) -> str:
    """A sentence whose values are numbers, ours, or a stranger's words."""
    return text.say(language, lambda value: value if value.isalnum() else code_span(value))


def about(text: Text, login: str, *, language: Language) -> str:
    return text.fill(login=code_span(login, LOGIN_LIMIT)).say(language)


def help_comment(unknown: str | None = None, *, language: Language) -> str:
    """The commands there are; `unknown` is a stranger's, which there isn't."""
    told = words.HELP_UNKNOWN.fill(command=code_span(unknown)).say(language) if unknown else ""
    head = (words.HELP_COMMAND, words.HELP_MEANING, words.HELP_WHO)
    rows = (
        row(code_span(command), meaning.say(language), who.say(language))
        for command, meaning, who in _COMMANDS
    )
    listed = table((text.say(language) for text in head), rows)
    return join(told, words.HELP.say(language), listed)


def approved_comment(login: str, digest: str, *, language: Language) -> str:
    return f"## {_approved(words.APPROVED, login, digest, language)}"


def approved_note(login: str, digest: str, *, language: Language) -> str:
    return _approved(words.APPROVED_NOTE, login, digest, language)


def cancelled_comment(count: int, *, language: Language) -> str:
    match count:
        case 0:
            return words.NOTHING_RUNS.say(language)
        case 1:
            return words.CANCELLED_RUN.say(language)
        case _:
            return words.CANCELLED_RUNS.fill(count=str(count)).say(language)


def daily_limit_comment(problem: Problem, until: datetime | None, *, language: Language) -> str:
    """`until` is when the list would be served, None where it never would."""
    when = f"{until:%Y-%m-%d %H:%M}" if until else ""
    return join(
        f"## {words.DAILY_LIMIT.say(language)}",
        f"{code_span(problem.code)}: {prose(problem.reason, language)}",
        words.DAILY_LIMIT_UNTIL.fill(time=when).say(language) if when else "",
        prose(problem.hint, language),
    )


def also_written(issue: int, targets: Sequence[str], *, language: Language) -> str:
    named = ", ".join(map(code_span, targets[:MAX_NAMED]))
    left = len(targets) - MAX_NAMED
    more = f" {words.AND_MORE.fill(count=str(left)).say(language)}" if left > 0 else ""
    return words.ALSO_WRITTEN.fill(issue=f"#{issue}", targets=named + more).say(language)


def taken(issue: int) -> Failure:
    """Of a copy whose target another issue's run is writing something else to."""
    cause = words.TAKEN_CAUSE.fill(issue=f"#{issue}")
    return Failure(Code.TARGET_CONFLICT, cause=cause, hint=words.TAKEN_HINT)


def _approved(text: Text, login: str, digest: str, language: Language) -> str:
    return text.fill(login=code_span(login, LOGIN_LIMIT), digest=digest).say(language)
