"""The runs of the repository's workflows."""

from dataclasses import dataclass
from http import HTTPStatus

from registry_mirror.github.caller import Caller
from registry_mirror.github.document import Document
from registry_mirror.github.retry import GitHubError

_UNFINISHED = ("in_progress", "queued", "pending", "waiting", "requested")

_RUNS_PER_PAGE = 50
"""A run's description has some 15 KB."""


@dataclass(frozen=True, slots=True)
class Run:
    """`title` is what the workflow's `run-name` made."""

    id: int
    title: str
    workflow_id: int
    status: str

    @property
    def is_finished(self) -> bool:
        return self.status not in _UNFINISHED


class RunCalls(Caller):
    __slots__ = ()

    async def runs(self) -> tuple[Run, ...]:
        """The unfinished ones, oldest first.

        Asked for status by status: strangers could push them out of the newest runs.
        """
        found: dict[int, Run] = {}
        for status in _UNFINISHED:
            query = {"status": status, "exclude_pull_requests": "true"}
            runs = await self._pages(
                "actions", "runs", read=_runs, query=query, size=_RUNS_PER_PAGE
            )
            found |= {run.id: run for run in runs}
        return tuple(sorted(found.values(), key=lambda run: run.id))

    async def run(self, number: int) -> Run:
        return await self._call(self._get("actions", "runs", str(number)), _run)

    async def cancel_run(self, number: int) -> bool:
        """False where the run has ended already."""
        try:
            await self._do(self._send("POST", None, "actions", "runs", str(number), "cancel"))
        except GitHubError as error:
            if error.status != HTTPStatus.CONFLICT:
                raise
            return False
        return True


def _runs(document: Document) -> tuple[Run, ...]:
    return tuple(_run(item) for item in document.field("workflow_runs").items())


def _run(run: Document) -> Run:
    return Run(
        id=run.field("id").number(),
        title=run.field("display_title").text_or(""),
        workflow_id=run.field("workflow_id").number(),
        status=run.field("status").text_or(""),
    )
