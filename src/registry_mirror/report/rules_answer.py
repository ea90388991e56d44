"""The comment that names what is wrong with a repository's file of rules, each with its line."""

from registry_mirror.errors import Problem
from registry_mirror.report import words
from registry_mirror.report.fitting import COMMENT, Limit, most
from registry_mirror.report.markup import UNKNOWN, join, link, prose, row, table
from registry_mirror.report.quoting import code_span
from registry_mirror.text import Language


def rules_comment(
    problems: tuple[Problem, ...],
    *,
    language: Language,
    repository_url: str,
    limit: Limit = COMMENT,
) -> str:
    """As many of the mistakes as the limit holds; `repository_url` has no slash at its end."""
    head = (words.LINE, words.PROBLEM, words.RIGHT)
    rows = [_row(problem, language, repository_url) for problem in problems]
    file = problems[0].text
    where = words.RULES_WHERE.fill(file=link(code_span(file), _page(repository_url, file)))

    def write(kept: int) -> str:
        more = words.RULES_MORE.fill(count=str(len(rows) - kept)).say(language)
        return join(
            f"## {words.RULES.fill(count=str(len(rows))).say(language)}",
            where.say(language),
            table((text.say(language) for text in head), rows[:kept]),
            more if kept < len(rows) else "",
            words.RULES_RETRY.say(language),
        )

    whole = write(len(rows))
    return whole if limit.holds(whole) else write(most(len(rows), write, limit))


def _row(problem: Problem, language: Language, repository_url: str) -> str:
    page = f"{_page(repository_url, problem.text)}#L{problem.line}"
    return row(
        link(str(problem.line), page) if problem.line else UNKNOWN,
        prose(problem.reason, language),
        prose(problem.hint, language),
    )


def _page(repository_url: str, file: str) -> str:
    """The file in the default branch."""
    return f"{repository_url}/blob/HEAD/{file}"
