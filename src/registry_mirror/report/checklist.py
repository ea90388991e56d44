"""What was found of a set-up, one check a line: for a terminal, a run's summary, and machines."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from registry_mirror.report import checklist_words as words
from registry_mirror.report.markup import UNKNOWN, join, link, prose, row, table
from registry_mirror.report.quoting import Json, code_span, cut, json_text, log_line
from registry_mirror.text import Language, Text

MAX_SAID = 300
"""Characters of what a registry or GitHub said."""


class State(StrEnum):
    """`WARNING` stops nobody; `SKIPPED` could not be looked at, because of another check."""

    OK = "ok"
    WARNING = "warning"
    BROKEN = "broken"
    SKIPPED = "skipped"


class Name(StrEnum):
    """In the order in which they are shown."""

    SETTINGS = "settings"
    SECRETS = "secrets"
    ACCOUNT = "account"
    ENGINE = "engine"
    TARGET = "target"
    LOGIN = "login"
    NAMESPACE = "namespace"
    PUSH = "push"
    PULL = "pull"
    FORMAT = "format"
    TOKEN = "token"  # noqa: S105 - the name of a check
    ISSUES = "issues"
    ACTIONS = "actions"
    LABELS = "labels"
    RULES = "rules"
    SOURCES = "sources"
    QUOTA = "quota"


class Page(StrEnum):
    """Where something is put right, below the repository's address."""

    VARIABLES = "settings/variables/actions"
    SECRETS = "settings/secrets/actions"
    ACTIONS = "settings/actions"
    FEATURES = "settings#features"
    LABELS = "labels"
    RULES = "blob/HEAD/.github/registry-mirror.yml"


@dataclass(frozen=True, slots=True)
class Check:
    """`cause` says what was found, of a good one too. `said` is a stranger's words."""

    name: Name
    state: State
    cause: Text
    cure: Text | None = None
    page: Page | None = None
    said: str = ""


@dataclass(frozen=True, slots=True)
class Checklist:
    """`repository_url` is without a slash at its end, and None in a shell, which has no pages.

    `is_whole`: the examination came to its end.
    """

    checks: tuple[Check, ...]
    repository_url: str | None = None
    is_whole: bool = True

    @property
    def is_good(self) -> bool:
        return self.is_whole and not self.count(State.BROKEN)

    def count(self, state: State) -> int:
        return sum(check.state is state for check in self.checks)

    def address(self, page: Page | None) -> str:
        return f"{self.repository_url}/{page}" if page and self.repository_url else ""


def check_lines(checklist: Checklist, check: Check, language: Language) -> list[str]:
    """One check for a log or a terminal, its `said` and its cure on lines of their own."""
    return [log_line(line) for line in _check_lines(checklist, check, language)]


def totals_line(checklist: Checklist, language: Language) -> str:
    title, totals = _title(checklist).say(language), _totals(checklist).say(language)
    return words.END.fill(title=title, totals=totals).say(language)


def checklist_markdown(checklist: Checklist, language: Language) -> str:
    head = (words.CHECK, words.FOUND, words.CURE)
    rows = (_row(checklist, check, language) for check in checklist.checks)
    return join(
        f"## {_title(checklist).say(language)}",
        table((text.say(language) for text in head), rows),
        _totals(checklist).say(language),
        _again(checklist).say(language) if not checklist.is_good else "",
    )


def checklist_document(checklist: Checklist) -> str:
    """JSON, in English."""
    checks: tuple[Json, ...] = tuple(_check_json(checklist, check) for check in checklist.checks)
    return json_text({"version": 1, "ok": checklist.is_good, "checks": checks})


def _title(checklist: Checklist) -> Text:
    if not checklist.is_whole:
        return words.BROKEN_OFF
    return words.GOOD if checklist.is_good else words.BROKEN


def _again(checklist: Checklist) -> Text:
    return words.AGAIN if checklist.is_whole else words.AGAIN_BROKEN_OFF


def _totals(checklist: Checklist) -> Text:
    counts = {str(state): str(checklist.count(state)) for state in State}
    return words.TOTALS.fill(**counts)


def _check_lines(checklist: Checklist, check: Check, language: Language) -> Iterable[str]:
    state, title = words.STATES[check.state].say(language), words.TITLES[check.name].say(language)
    found = check.cause.say(language)
    yield words.LINE.fill(state=state, title=title, found=found).say(language)
    if check.said:
        yield _below(words.SAID, cut(check.said, MAX_SAID), language)
    if check.cure:
        yield _below(words.CURE, check.cure.say(language), language)
    if address := checklist.address(check.page):
        yield f"    {address}"


def _below(title: Text, found: str, language: Language) -> str:
    return words.BELOW.fill(title=title.say(language), found=found).say(language)


def _row(checklist: Checklist, check: Check, language: Language) -> str:
    title = words.TITLES[check.name].say(language)
    found = prose(check.cause, language)
    said = f" {code_span(check.said, MAX_SAID)}" if check.said else ""
    return row(
        f"{words.MARKS[check.state]} {title}", found + said, _cure(checklist, check, language)
    )


def _cure(checklist: Checklist, check: Check, language: Language) -> str:
    address = checklist.address(check.page)
    cure = prose(check.cure, language) if check.cure else ""
    page = link(words.OPEN.say(language), address) if address else ""
    return " ".join(filter(None, (cure, page))) or UNKNOWN


def _check_json(checklist: Checklist, check: Check) -> Json:
    return {
        "name": check.name,
        "state": check.state,
        "message": str(check.cause),
        "hint": str(check.cure) if check.cure else None,
        "link": checklist.address(check.page) or None,
        "said": cut(check.said, MAX_SAID) or None,
    }
