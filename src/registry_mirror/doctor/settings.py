"""The settings as they were written: all that is wrong, and what is odd about secrets."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from registry_mirror.config import Needs, Settings, read_settings
from registry_mirror.docker_config import (
    Flaw,
    FlawedAccount,
    InvalidDockerConfigError,
    flawed_accounts,
    hosts_with_login,
)
from registry_mirror.doctor import words
from registry_mirror.doctor.accounts import GOOGLE_USERS
from registry_mirror.errors import ConfigurationInvalidError, Problem
from registry_mirror.helper_lookup import has_helper
from registry_mirror.report.checklist import Check, Name, Page, State
from registry_mirror.report.setting_examples import SECRETS, VARIABLES
from registry_mirror.text import Text

PASSWORD = "TARGET_REGISTRY_PASSWORD"  # noqa: S105 - the name of a setting
USER = "TARGET_REGISTRY_USER"
SOURCE_AUTH = "SOURCE_AUTH_JSON"

_LOGIN = frozenset({USER, PASSWORD})
_QUOTES = ("'", '"', "“”", "‘’", "`")
_LINE_BREAKS = frozenset("\r\n")
_FLAWS: dict[Flaw, Text] = {
    Flaw.NOT_BASE64: words.AUTH_NOT_BASE64,
    Flaw.NO_PAIR: words.AUTH_NO_PAIR,
    Flaw.LINE_BREAK: words.AUTH_LINE_BREAK,
    Flaw.NO_PASSWORD: words.AUTH_NO_PASSWORD,
    Flaw.EMPTY: words.AUTH_EMPTY,
    Flaw.HELPER: words.AUTH_HELPER,
}


@dataclass(frozen=True, slots=True)
class Reading:
    """`settings` are what is left of them without those that are wrong.

    `has_login`: user and password are as they should be, or not needed.
    """

    checks: tuple[Check, ...]
    settings: Settings
    has_login: bool


def examine_settings(values: Mapping[str, str], needs: Needs) -> Reading:
    odd = tuple(_odd_secrets(values))
    try:
        settings = read_settings(values, needs=needs)
    except ConfigurationInvalidError as error:
        wrong = frozenset(problem.text for problem in error.problems)
        checks = (*map(_problem, error.problems), *odd)
        return Reading(checks, _without(values, wrong), not wrong & _LOGIN)
    good = words.SETTINGS_GOOD if needs is Needs.LOGIN else words.SETTINGS_GOOD_SHELL
    found = tuple(_warnings(settings)) or (Check(Name.SETTINGS, State.OK, good),)
    return Reading((*found, *(odd or _even_secrets(values))), settings, has_login=True)


def page_of(setting: str) -> Page | None:
    """Where a setting is kept on GitHub."""
    if setting in SECRETS:
        return Page.SECRETS
    return Page.VARIABLES if setting in VARIABLES else None


def _problem(problem: Problem) -> Check:
    cause = _about(problem.text, problem.reason)
    return Check(Name.SETTINGS, State.BROKEN, cause, problem.hint, page_of(problem.text))


def _about(setting: str, text: Text) -> Text:
    values = (*text.values, ("named", setting))
    return Text(f"{{named}} {text.zh}", f"{{named}}: {text.en}", values)


def _without(values: Mapping[str, str], wrong: frozenset[str]) -> Settings:
    """What can be looked at all the same: with a target if that is right, else without one."""
    dropped = wrong | (_LOGIN if wrong & _LOGIN else frozenset())
    rest = {name: value for name, value in values.items() if name not in dropped}
    try:
        return read_settings(rest, needs=Needs.TARGET)
    except ConfigurationInvalidError:
        return read_settings(rest, needs=Needs.NAMES)


def _warnings(settings: Settings) -> Iterator[Check]:
    """Those of secrets are told more exactly."""
    for warning in settings.warnings:
        setting = dict(warning.values).get("setting", "")
        if setting in SECRETS:
            continue
        cure = words.SAVE_AGAIN.fill(setting=setting)
        if setting == "TARGET_REGISTRY" and settings.target:
            cure = words.SAVE_AS.fill(setting=setting, value=settings.target.registry)
        yield Check(Name.SETTINGS, State.WARNING, warning, cure, page_of(setting))


def _even_secrets(values: Mapping[str, str]) -> tuple[Check, ...]:
    if not any(values.get(name, "").strip() for name in SECRETS):
        return ()
    return (Check(Name.SECRETS, State.OK, words.SECRETS_GOOD),)


def _odd_secrets(values: Mapping[str, str]) -> Iterator[Check]:
    """Nothing of a value is told, not even how long it is."""
    yield from _around(PASSWORD, values.get(PASSWORD, ""))
    yield from _around(SOURCE_AUTH, values.get(SOURCE_AUTH, ""))
    for name in (USER, PASSWORD):
        yield from _quoted(name, values.get(name, "").strip())
    if values.get(USER, "").strip() not in GOOGLE_USERS:
        yield from _within(PASSWORD, values.get(PASSWORD, "").strip())
    if _LINE_BREAKS & set(values.get(SOURCE_AUTH, "").strip()):
        yield _odd(SOURCE_AUTH, words.ONE_LINE, words.ONE_LINE_CURE)
    yield from _accounts(values)


def _accounts(values: Mapping[str, str]) -> Iterator[Check]:
    """What is no docker configuration at all is told of the settings."""
    text = values.get(SOURCE_AUTH, "").strip()
    try:
        flawed = flawed_accounts(text, lambda name: has_helper(name, values)) if text else ()
        others = bool(text) and bool(hosts_with_login(text) - {"*"})
    except InvalidDockerConfigError:
        return
    for account in flawed:
        yield _flawed(account, has_others=others)


def _flawed(account: FlawedAccount, *, has_others: bool) -> Check:
    """A store that nothing depends on harms nobody."""
    cause, cure = _FLAWS[account.flaw], words.AUTH_CURE
    if account.host is None:
        cause = words.AUTH_STORE
    state = State.WARNING if account.host is None and has_others else State.BROKEN
    cause = cause.fill(setting=SOURCE_AUTH, host=account.host or "", helper=account.helper)
    return Check(Name.SECRETS, state, cause, cure.fill(setting=SOURCE_AUTH), page_of(SOURCE_AUTH))


def _around(name: str, value: str) -> Iterator[Check]:
    stripped = value.strip()
    if not stripped or stripped == value:
        return
    start = value.index(stripped)
    edges = value[:start] + value[start + len(stripped) :]
    cause = words.NEWLINE_AROUND if _LINE_BREAKS & set(edges) else words.SPACE_AROUND
    yield _odd(name, cause, words.SECRET_AGAIN)


def _quoted(name: str, value: str) -> Iterator[Check]:
    if any(len(value) > 1 and value[0] == pair[0] and value[-1] == pair[-1] for pair in _QUOTES):
        yield _odd(name, words.QUOTES_AROUND, words.QUOTES_OFF)


def _within(name: str, value: str) -> Iterator[Check]:
    if _LINE_BREAKS & set(value):
        yield _odd(name, words.SEVERAL_LINES, words.SECRET_AGAIN, State.BROKEN)
    elif not value.isprintable():
        yield _odd(name, words.INVISIBLE, words.TYPE_AGAIN)


def _odd(name: str, cause: Text, cure: Text, state: State = State.WARNING) -> Check:
    return Check(Name.SECRETS, state, cause.fill(setting=name), _filled(cure, name), page_of(name))


def _filled(cure: Text, setting: str) -> Text:
    return cure.fill(setting=setting) if "{setting}" in cure.en else cure
