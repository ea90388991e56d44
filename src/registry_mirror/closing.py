"""The last step of a run: answer the issue where the run itself did not.

It does without the program's dependencies, for their installation may be what failed.
"""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from registry_mirror.config import Runner, process_environment, read_language, read_runner
from registry_mirror.engines.skopeo.workspace import PREFIX
from registry_mirror.errors import ConfigurationInvalidError
from registry_mirror.exits import Ending
from registry_mirror.github import labels
from registry_mirror.github.client import GitHub
from registry_mirror.github.conversation import ENDED, Conversation, new_nonce
from registry_mirror.github.event import Action, BadEventError, read_event
from registry_mirror.github.marker import Values, read_marker
from registry_mirror.github.retry import GitHubError
from registry_mirror.report.answers import (
    Interruption,
    bug_comment,
    failed_to_start_comment,
    interrupted_comment,
    unchecked_comment,
    unposted_comment,
)
from registry_mirror.report.quoting import log_line

_POSTED = {
    str(Ending.POSTED_COMPLETED): labels.COMPLETED,
    str(Ending.POSTED_FAILED): labels.FAILED,
    str(Ending.POSTED_INVALID): labels.INVALID,
    str(Ending.POSTED_WAITING): labels.NEEDS_APPROVAL,
    str(Ending.POSTED_REFUSED): labels.REFUSED,
}


def main() -> None:
    values = process_environment()
    remove_leftovers(Path(tempfile.gettempdir()))
    try:
        asyncio.run(answer(read_runner(values), values))
    except (ConfigurationInvalidError, BadEventError, GitHubError, OSError) as error:
        sys.exit(log_line(f"The issue could not be answered: {error}"))


async def answer(runner: Runner, values: Mapping[str, str]) -> None:
    """Say what happened and leave the issue `failed`; one that has its answer gets its label.

    An edit or a comment whose run hadn't begun to serve anything leaves the issue as it was, and an
    edit that was to lead to nothing isn't spoken of. Raises GitHubError and BadEventError.
    """
    ending = values.get("ENDING", "")
    event = read_event(runner.event_name, runner.event_path.read_bytes())
    conversation = Conversation(
        GitHub(runner.api_url, runner.repository, runner.token),
        event.number,
        new_nonce(),
        complain=_complain,
    )
    if ending in _POSTED:
        await conversation.end_with(_POSTED[ending])
        return
    began = values.get("BEGAN") == "true"
    if event.action is Action.EDITED and not began and not await _may_be_mended(conversation):
        return
    comment = what_happened(runner, values)
    await conversation.say("closing", comment)
    if status := values.get("STATUS_COMMENT", ""):
        await _end_status(conversation, int(status), comment)
    if began or event.action in {Action.OPENED, Action.REOPENED}:
        await conversation.end_with(labels.FAILED)


async def _may_be_mended(conversation: Conversation) -> bool:
    state = await conversation.github.issue(conversation.issue)
    found = frozenset(map(str.casefold, state.labels))
    return any(label.name in found for label in (*labels.MENDABLE, labels.FAILED))


async def _end_status(conversation: Conversation, status: int, comment: str) -> None:
    """What the run asked for still counts for the day, but it writes nothing any more."""
    try:
        kept = await _reserved(conversation, status)
    except GitHubError as error:
        _complain(str(error))
        return
    await conversation.rewrite(status, comment, ENDED, kept)


async def _reserved(conversation: Conversation, status: int) -> Values:
    marker = read_marker((await conversation.github.comment(status)).body)
    return marker.values if marker else ()


def what_happened(runner: Runner, values: Mapping[str, str]) -> str:
    language = read_language(values)
    cancelled = values.get("JOB_STATUS") == "cancelled"
    if values.get("INSTALLED") != "success" and not cancelled:
        return failed_to_start_comment(language=language, run_url=runner.run_url)
    match values.get("ENDING"):
        case Ending.REPORTED:
            return unposted_comment(language=language, run_url=runner.run_url)
        case Ending.BUG:
            return bug_comment(language=language, run_url=runner.run_url)
        case Ending.UNCHECKED:
            return unchecked_comment(language=language, run_url=runner.run_url)
        case _:
            reason = Interruption.CANCELLED if cancelled else Interruption.KILLED
            return interrupted_comment(reason, language=language, run_url=runner.run_url)


def remove_leftovers(folder: Path) -> None:
    """A killed run's private folders, which hold credentials."""
    for left in folder.glob(f"{PREFIX}*"):
        shutil.rmtree(left, ignore_errors=True)


def _complain(line: str) -> None:
    sys.stderr.write(f"{log_line(line)}\n")


if __name__ == "__main__":
    main()
