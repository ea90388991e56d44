"""Comments that answer an issue when nothing, or not everything, was mirrored."""

from enum import StrEnum

from registry_mirror.errors import Problem
from registry_mirror.report import words
from registry_mirror.report.fitting import COMMENT, Limit, most
from registry_mirror.report.markup import UNKNOWN, join, link, prose, row, table
from registry_mirror.report.quoting import code_block, code_span
from registry_mirror.report.rules_answer import rules_comment
from registry_mirror.report.setting_examples import SECRETS, VARIABLES
from registry_mirror.text import Language, Text

_LOGIN_LIMIT = 60
_NO_LIMIT = 10**9
_EXAMPLE = "nginx:1.27\nquay.io/prometheus/node-exporter:v1.7.0\n"


class Interruption(StrEnum):
    CANCELLED = "cancelled"
    KILLED = "killed"


_INTERRUPTED = {
    Interruption.CANCELLED: words.CANCELLED,
    Interruption.KILLED: words.KILLED,
}


def invalid_comment(
    problems: tuple[Problem, ...],
    *,
    language: Language,
    limit: Limit = COMMENT,
    corrected: tuple[str, ...] = (),
    form: str | None = None,
) -> str:
    """Every problem of a request, as many as the limit holds, and how to ask again.

    `corrected` is the list put right, where that is clear; `form` the address of a form with it.
    """
    head = (words.LINE, words.WRITTEN, words.PROBLEM, words.RIGHT)
    rows = [_problem_row(problem, language) for problem in problems]
    title = words.INVALID_ONE if len(rows) == 1 else words.INVALID

    def write(kept: int) -> str:
        more = words.INVALID_MORE.fill(count=str(len(rows) - kept)).say(language)
        return join(
            f"## {title.fill(count=str(len(rows))).say(language)}",
            table((text.say(language) for text in head), rows[:kept]),
            more if kept < len(rows) else "",
            *(_corrected(corrected, form, language) if kept == len(rows) else _example(language)),
            words.INVALID_RETRY.say(language),
        )

    whole = write(len(rows))
    return whole if limit.holds(whole) else write(most(len(rows) - 1, write, limit))


def _example(language: Language) -> tuple[str, ...]:
    return words.INVALID_FORM.say(language), code_block(_EXAMPLE)


def _corrected(lines: tuple[str, ...], form: str | None, language: Language) -> tuple[str, ...]:
    if not lines:
        return _example(language)
    address = link(words.INVALID_PREFILLED.say(language), form) if form else ""
    return words.INVALID_CORRECTED.say(language), code_block("\n".join(lines), _NO_LIMIT), address


def settings_comment(
    problems: tuple[Problem, ...], *, language: Language, settings_url: str
) -> str:
    """What is wrong with the settings, or where the problems have lines with the file of rules.

    `settings_url` is the address of the repository's settings, without a slash at its end.
    """
    if problems and all(problem.line for problem in problems):
        repository_url = settings_url.removesuffix("/settings")
        return rules_comment(problems, language=language, repository_url=repository_url)
    head = (words.SETTING, words.KIND, words.PROBLEM, words.ADVICE, words.EXAMPLE)
    rows = [_setting_row(problem, language, settings_url) for problem in problems]
    secret = any(problem.text in SECRETS for problem in problems)
    return join(
        f"## {words.SETTINGS.say(language)}",
        words.SETTINGS_WHERE.say(language),
        table((text.say(language) for text in head), rows),
        words.SETTINGS_SECRET.say(language) if secret else "",
        words.SETTINGS_RETRY.say(language),
    )


def refused_comment(login: str, *, language: Language) -> str:
    why = words.REFUSED_WHY.fill(login=code_span(login, _LOGIN_LIMIT))
    return _answer((words.REFUSED, why, words.REFUSED_NEXT), language, None)


def unaskable_comment(login: str, *, language: Language) -> str:
    """Where the workflow's token may not ask what `login` may do."""
    why = words.UNASKABLE_WHY.fill(login=code_span(login, _LOGIN_LIMIT))
    return _answer((words.UNASKABLE, why, words.UNASKABLE_NEXT), language, None)


def unchecked_comment(*, language: Language, run_url: str | None = None) -> str:
    """Where GitHub didn't say what the sender may do."""
    return _answer((words.UNCHECKED, words.UNCHECKED_WHY, words.TRY_AGAIN), language, run_url)


def interrupted_comment(
    reason: Interruption, *, language: Language, run_url: str | None = None
) -> str:
    texts = [_INTERRUPTED[reason], words.INTERRUPTED_STATE, words.INTERRUPTED_RETRY]
    if reason is Interruption.KILLED:
        texts.append(words.INTERRUPTED_SPLIT)
    return _answer(tuple(texts), language, run_url)


def failed_to_start_comment(*, language: Language, run_url: str | None = None) -> str:
    texts = (words.FAILED_TO_START, words.FAILED_TO_START_WHY, words.TRY_AGAIN)
    return _answer(texts, language, run_url)


def unposted_comment(*, language: Language, run_url: str | None = None) -> str:
    """Of a run that is done, where the first try to post its report failed."""
    return _answer((words.UNPOSTED, words.UNPOSTED_WHY, words.TRY_AGAIN), language, run_url)


def bug_comment(*, language: Language, run_url: str | None = None) -> str:
    return _answer((words.BUG, words.BUG_WHY, words.TRY_AGAIN), language, run_url)


def _answer(texts: tuple[Text, ...], language: Language, run_url: str | None) -> str:
    title, *body = (text.say(language) for text in texts)
    address = link(words.RUN_LOG.say(language), run_url) if run_url else ""
    return join(f"## {title}", *body, address)


def _problem_row(problem: Problem, language: Language) -> str:
    return row(
        str(problem.line) if problem.line else UNKNOWN,
        code_span(problem.text) if problem.text else UNKNOWN,
        prose(problem.reason, language),
        prose(problem.hint, language),
    )


def _setting_row(problem: Problem, language: Language, settings_url: str) -> str:
    example = SECRETS.get(problem.text) or VARIABLES.get(problem.text)
    return row(
        code_span(problem.text) if problem.text else UNKNOWN,
        _kind(problem.text, settings_url),
        prose(problem.reason, language),
        prose(problem.hint, language),
        code_span(example) if example else UNKNOWN,
    )


def _kind(setting: str, settings_url: str) -> str:
    if setting in SECRETS:
        return link("Secret", f"{settings_url}/secrets/actions")
    if setting in VARIABLES:
        return link("Variable", f"{settings_url}/variables/actions")
    return UNKNOWN
