"""From an issue's list to a plan, by the settings and by the repository's rules."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from registry_mirror.config import Asker, Needs, Settings, read_settings
from registry_mirror.errors import Code, Problem, RequestInvalidError
from registry_mirror.github import labels
from registry_mirror.issue.answering import Answering, answer_with, tell_problems
from registry_mirror.issue.standing import first_of_all
from registry_mirror.mirror import plan_of
from registry_mirror.plan import Plan
from registry_mirror.planning import name_request
from registry_mirror.report.answers import invalid_comment, settings_comment
from registry_mirror.report.corrected import corrected_list, form_url
from registry_mirror.repository_rules import PATH, Rules, read_rules
from registry_mirror.request import Request

MAX_IMAGES = 100
"""Images of one issue, where the setting of that name doesn't say otherwise."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What a run is held to, whoever asks."""

    settings: Settings
    rules: Rules


async def read_frame(work: Answering, asker: Asker) -> Frame:
    """Raises ConfigurationInvalidError, and GitHubError where the rules can't be read."""
    settings = read_settings(work.environment, needs=Needs.LOGIN, max_images=MAX_IMAGES)
    for warning in settings.warnings:
        work.tell(f"warning: {warning}")
    rules = read_rules(await first_of_all(work, work.conversation.github.file(PATH)))
    return Frame(replace(settings, asker=asker, max_image_size=rules.max_image_size), rules)


def plan_by_rules(request: Request, frame: Frame) -> Plan:
    """Raises RequestInvalidError with every problem of the list, and of each line by the rules."""
    settings = frame.settings
    try:
        named = name_request(
            request, settings.naming, settings.selection, settings.max_images, settings.target
        )
    except RequestInvalidError as error:
        forbidden = (
            problem
            for problem in frame.rules.problems(request.items)
            if problem.code is Code.SOURCE_NOT_ALLOWED
        )
        raise RequestInvalidError(_in_order((*error.problems, *forbidden))) from None
    if problems := frame.rules.problems([one.item for one in named]):
        raise RequestInvalidError(_in_order(problems))
    return plan_of(request, settings)


async def answer_invalid(work: Answering, request: Request, problems: tuple[Problem, ...]) -> None:
    tell_problems(work, problems)
    corrected = corrected_list(request, problems)
    comment = invalid_comment(
        problems,
        language=work.language,
        corrected=corrected,
        form=form_url(work.runner.repository_url, corrected) if corrected else None,
    )
    await answer_with(work, "invalid", comment, labels.INVALID)


async def answer_misconfigured(work: Answering, problems: tuple[Problem, ...]) -> None:
    tell_problems(work, problems)
    comment = settings_comment(
        problems,
        language=work.language,
        settings_url=f"{work.runner.repository_url}/settings",
    )
    await answer_with(work, "settings", comment, labels.FAILED)


def _in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """By line; what is true of the whole list comes last."""
    return tuple(sorted(problems, key=lambda problem: (problem.line is None, problem.line or 0)))
