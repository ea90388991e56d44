"""The repository on GitHub: what its token may do, what is switched on, its labels and rules."""

from collections.abc import AsyncIterator
from http import HTTPStatus

from registry_mirror.config import RequestPolicy
from registry_mirror.doctor import repository_words as words
from registry_mirror.errors import ConfigurationInvalidError, Problem
from registry_mirror.github import labels
from registry_mirror.github.client import GitHub, RepositoryState
from registry_mirror.github.labels import Label
from registry_mirror.github.retry import DeniedError, GitHubError, NotFoundError
from registry_mirror.report.checklist import Check, Name, Page, State
from registry_mirror.repository_rules import PATH, Rules, read_rules
from registry_mirror.text import Text

LABELS = (labels.REQUEST, *labels.STATES, labels.APPROVED)

_OF_GITHUB = (Name.TOKEN, Name.ISSUES, Name.ACTIONS, Name.LABELS, Name.RULES)


class RepositoryExamination:
    """`rules` are those of the repository once it was examined, None where there are none.

    `runs_here`: that we run at all shows that Actions are switched on.
    """

    def __init__(self, github: GitHub, policy: RequestPolicy, *, runs_here: bool) -> None:
        self._github = github
        self._policy = policy
        self._runs_here = runs_here
        self.rules: Rules | None = None

    async def checks(self) -> AsyncIterator[Check]:
        """In their order, each as soon as it is known."""
        try:
            state = await self._github.repository_state()
        except GitHubError as error:
            yield _token_refused(error)
            for name in _OF_GITHUB[1:]:
                yield Check(name, State.SKIPPED, words.SKIPPED)
            return
        missing, token = await self._create_labels()
        yield token
        for check in (*_issues(state, self._policy), await self._actions()):
            yield check
        yield missing
        for check in await self._rules():
            yield check

    async def _create_labels(self) -> tuple[Check, Check]:
        """The checks of the labels and, told by creating them, of the token.

        A label that is there is created too where none is missing: that changes nothing, and only
        a token that may write is told so.
        """
        missing: tuple[Label, ...] | None = None
        try:
            there = {label.name.lower() for label in await self._github.labels()}
            missing = tuple(label for label in LABELS if label.name.lower() not in there)
            for label in missing or (labels.REQUEST,):
                await self._github.ensure_label(label.name, label.color, label.description)
        except GitHubError as error:
            return _labels_missing(missing), _token(error)
        return _labels_there(missing), Check(Name.TOKEN, State.OK, words.TOKEN_GOOD)

    async def _actions(self) -> Check:
        try:
            enabled = await self._github.actions_enabled()
        except GitHubError as error:
            return Check(Name.ACTIONS, State.SKIPPED, words.ACTIONS_UNTOLD, said=error.message)
        if enabled or (enabled is None and self._runs_here):
            return Check(Name.ACTIONS, State.OK, words.ACTIONS_GOOD)
        if enabled is None:
            return Check(Name.ACTIONS, State.SKIPPED, words.ACTIONS_UNTOLD)
        return Check(Name.ACTIONS, State.BROKEN, words.ACTIONS_OFF, words.ACTIONS_ON, Page.ACTIONS)

    async def _rules(self) -> tuple[Check, ...]:
        try:
            content = await self._github.file(PATH)
            self.rules = read_rules(content)
        except ConfigurationInvalidError as error:
            return tuple(map(_rules_problem, error.problems))
        except GitHubError as error:
            cure = words.RULES_UNREADABLE_CURE.fill(file=PATH)
            cause, said = words.RULES_UNREADABLE, error.message
            return (Check(Name.RULES, State.BROKEN, cause, cure, Page.RULES, said),)
        found = words.RULES_NONE if content is None else words.RULES_GOOD
        return (Check(Name.RULES, State.OK, found),)


def _token_refused(error: GitHubError) -> Check:
    if isinstance(error, DeniedError | NotFoundError):
        cause, cure = words.TOKEN_REFUSED, words.TOKEN_REFUSED_CURE
    else:
        cause, cure = words.GITHUB_UNAVAILABLE, words.GITHUB_UNAVAILABLE_CURE
    return Check(Name.TOKEN, State.BROKEN, cause, cure, said=error.message)


def _token(error: GitHubError) -> Check:
    if isinstance(error, DeniedError) and error.status == HTTPStatus.FORBIDDEN:
        cause, cure = words.TOKEN_READ_ONLY, words.TOKEN_READ_ONLY_CURE
        return Check(Name.TOKEN, State.BROKEN, cause, cure, Page.ACTIONS, error.message)
    return _token_refused(error)


def _issues(state: RepositoryState, policy: RequestPolicy) -> tuple[Check, ...]:
    archived = Check(Name.ISSUES, State.BROKEN, words.ARCHIVED, words.ARCHIVED_CURE, Page.FEATURES)
    off = Check(Name.ISSUES, State.BROKEN, words.ISSUES_OFF, words.ISSUES_ON, Page.FEATURES)
    cure = words.EVERYONE_CURE.fill(file=PATH)
    wide = Check(Name.ISSUES, State.WARNING, words.EVERYONE, cure, Page.VARIABLES)
    is_wide = policy is RequestPolicy.EVERYONE and not state.is_private
    found = (
        *([archived] if state.is_archived else []),
        *([] if state.has_issues else [off]),
        *([wide] if is_wide else []),
    )
    return found or (Check(Name.ISSUES, State.OK, words.ISSUES_GOOD),)


def _labels_there(created: tuple[Label, ...]) -> Check:
    if not created:
        return Check(Name.LABELS, State.OK, words.LABELS_GOOD)
    cause = words.LABELS_CREATED.fill(labels=_names(created))
    return Check(Name.LABELS, State.OK, cause, page=Page.LABELS)


def _labels_missing(missing: tuple[Label, ...] | None) -> Check:
    """None where it isn't known which are there."""
    if missing is None:
        return Check(Name.LABELS, State.SKIPPED, words.SKIPPED)
    if not missing:
        return Check(Name.LABELS, State.OK, words.LABELS_GOOD)
    cause = words.LABELS_MISSING.fill(labels=_names(missing))
    return Check(Name.LABELS, State.BROKEN, cause, words.LABELS_CURE, Page.LABELS)


def _names(missing: tuple[Label, ...]) -> str:
    return ", ".join(label.name for label in missing)


def _rules_problem(problem: Problem) -> Check:
    reason, line = problem.reason, words.RULES_LINE
    cause = Text(line.zh + reason.zh, line.en + reason.en, reason.values)
    found = cause.fill(line=str(problem.line)) if problem.line else reason
    return Check(Name.RULES, State.BROKEN, found, problem.hint, Page.RULES)
