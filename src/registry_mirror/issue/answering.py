"""What it takes to answer one event, and how an answer is left."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from registry_mirror.config import Runner, read_language
from registry_mirror.errors import Problem
from registry_mirror.exits import Ending
from registry_mirror.github import labels
from registry_mirror.github.conversation import Conversation
from registry_mirror.github.event import IssueEvent
from registry_mirror.github.labels import Label
from registry_mirror.github.marker import Values
from registry_mirror.report import Report
from registry_mirror.report.problems import problem_line
from registry_mirror.text import Language

_POSTED = {
    labels.COMPLETED: Ending.POSTED_COMPLETED,
    labels.FAILED: Ending.POSTED_FAILED,
    labels.INVALID: Ending.POSTED_INVALID,
    labels.NEEDS_APPROVAL: Ending.POSTED_WAITING,
    labels.REFUSED: Ending.POSTED_REFUSED,
}


@dataclass(frozen=True, slots=True)
class Answering:
    """What it takes to answer one event.

    `tell` writes a line for whoever reads the run's log, `publish` the report for scripts; `output`
    sets an output of the step.
    """

    event: IssueEvent
    runner: Runner
    environment: Mapping[str, str]
    conversation: Conversation
    stop: asyncio.Event
    tell: Callable[[str], None]
    output: Callable[[str, str], None]
    publish: Callable[[Report], object] = lambda _: None

    @property
    def language(self) -> Language:
        return read_language(self.environment)


async def answer_with(
    work: Answering, kind: str, comment: str, ending: Label, values: Values = ()
) -> None:
    """Post the answer; the closing step need not find out what has become of the label."""
    await work.conversation.say(kind, comment, values)
    work.output("ending", _POSTED[ending])
    await work.conversation.end_with(ending)


async def reply_with(work: Answering, comment: str, reaction: str | None = None) -> None:
    """Answer a command that changes nothing of how the issue stands."""
    if reaction:
        await work.conversation.react(reaction)
    await work.conversation.say("reply", comment)


def tell_problems(work: Answering, problems: tuple[Problem, ...]) -> None:
    for problem in problems:
        work.tell(problem_line(problem))
