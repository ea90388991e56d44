"""Who may have what done, through the workflow itself: its guards, its events and both its jobs."""

import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.act_runs import ActRun, Fork, Scene, run_act
from tests.issue_office import AUTHOR, COLLABORATOR, STRANGER, Office, office
from tests.issue_requests import form, settings

MIRROR, CANCEL = "Mirror and report", "Cancel runs"


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path) as opened:
        yield opened


class Workflow:
    def __init__(self, fork: Fork, place: Office) -> None:
        self._fork, self._place, self._runs = fork, place, 0

    async def run(self, event: Mapping[str, Any]) -> ActRun:
        self._runs += 1
        variables = settings(self._place.target.host, TARGET_REGISTRY_USER="", MAX_RETRIES="0")
        github = self._place.github
        scene = Scene(event, github.api_url, variables, {"GITHUB_TOKEN": github.token})
        return await run_act(self._fork, self._place.folder / f"run-{self._runs}", scene)


@pytest.fixture
def workflow(fork: Fork, place: Office) -> Workflow:
    return Workflow(fork, place)


@pytest.mark.slow
async def test_a_strangers_list_waits_and_runs_as_it_was_approved(
    workflow: Workflow, place: Office
) -> None:
    github, number = place.github, place.open()

    opened = await workflow.run(github.event("opened", number, AUTHOR))
    assert opened.result(MIRROR) == "success"
    assert (place.kinds(number), place.labels(number)) == (["approval"], {"needs-approval"})

    await workflow.run(github.comment_event(number, place.approval(number), STRANGER))
    assert place.reactions(number) == ["eyes", "-1"]
    assert place.kinds(number) == ["approval", "reply"]

    github.edit_issue(number, form([place.image("late"), place.image("app", content="evil")]))
    await workflow.run(github.comment_event(number, place.approval(number), COLLABORATOR))
    assert place.kinds(number) == ["approval", "reply", "approval"]
    assert not place.was_written_to

    shown = place.source.manifest("library/late", "1")
    place.image("late", content="moved after it was shown")
    await workflow.run(github.comment_event(number, place.approval(number), COLLABORATOR))
    assert place.labels(number) == {"approved", "completed"}
    assert place.holds("app:1")
    copied = place.target.manifest("mirrors/late", "1")
    assert shown
    assert copied
    assert json.loads(shown[1])["config"]["digest"] == json.loads(copied[1])["config"]["digest"]


@pytest.mark.slow
async def test_an_edited_list_is_checked_by_itself(workflow: Workflow, place: Office) -> None:
    number = place.open("nginx", author=COLLABORATOR)
    await workflow.run(place.github.event("opened", number, COLLABORATOR))
    assert place.labels(number) == {"invalid"}

    titled = place.github.edit_issue(number, title="Another title", sender=COLLABORATOR)
    assert (await workflow.run(titled)).result(MIRROR) == ""

    mended = place.github.edit_issue(number, form([place.image()]), sender=COLLABORATOR)
    await workflow.run(mended)
    assert place.labels(number) == {"completed"}
    assert place.holds()


@pytest.mark.slow
async def test_the_author_cancels_runs_by_a_job_without_secrets(
    workflow: Workflow, place: Office
) -> None:
    number = place.open()
    running = place.github.add_run(f"Mirror request #{number}")
    run = await workflow.run(place.github.comment_event(number, "/cancel", AUTHOR))

    assert (run.result(MIRROR), run.result(CANCEL)) == ("", "success")
    assert running.is_finished
    assert place.reactions(number) == ["eyes", "+1"]


@pytest.mark.slow
async def test_talk_and_bots_start_nothing(workflow: Workflow, place: Office) -> None:
    number = place.open()
    for comment in ("Thanks!\n/retry", "see /cancel"):
        run = await workflow.run(place.github.comment_event(number, comment, AUTHOR))
        assert (run.result(MIRROR), run.result(CANCEL)) == ("", "")
    by_bot = place.github.comment_event(number, "/retry", "helper[bot]", sender_type="Bot")
    assert (await workflow.run(by_bot)).result(MIRROR) == ""
    assert place.kinds(number) == []
