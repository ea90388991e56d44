"""`/cancel`: the issue's other runs are told to end; each reports what it has done by itself."""

from registry_mirror.github.client import GitHub
from registry_mirror.github.retry import GitHubError
from registry_mirror.issue.answering import Answering, reply_with
from registry_mirror.report import reply_words as words
from registry_mirror.report.replies import cancelled_comment

RUN_NAME = "Mirror request #{number}"
"""What the workflow's `run-name` calls a run that may mirror."""


async def cancel(work: Answering) -> None:
    try:
        count = await cancel_runs(
            work.conversation.github, work.event.number, int(work.runner.run_id)
        )
    except GitHubError as error:
        work.tell(str(error))
        await reply_with(work, words.CANCEL_FAILED.say(work.language), "confused")
        return
    await reply_with(work, cancelled_comment(count, language=work.language), "+1")


async def cancel_runs(github: GitHub, number: int, own: int) -> int:
    """End the unfinished runs of an issue and of our own workflow, and say how many there were.

    Runs of other workflows may have any name. Raises GitHubError.
    """
    workflow = (await github.run(own)).workflow_id
    title = RUN_NAME.format(number=number)
    found = [
        run
        for run in await github.runs()
        if run.title == title and run.workflow_id == workflow and run.id != own
    ]
    ended = [await github.cancel_run(run.id) for run in found]
    return ended.count(True)
