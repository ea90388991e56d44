"""The part of the fake repository that isn't issues: workflow runs, files, and what is switched."""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha1
from typing import Any
from urllib.parse import quote

from tests.github_description import Exchange
from tests.github_replies import Reply, conflict, page_of, refused
from tests.github_shapes import Shapes, as_time, now

WORKFLOW = 5_000_001
"""Our own workflow's number."""

_COMMIT = "0" * 40

Json = Any
Handler = Callable[[Mapping[str, str], Exchange], Reply]


@dataclass
class FakeRun:
    id: int
    title: str
    status: str
    workflow_id: int
    conclusion: str | None = None

    @property
    def is_finished(self) -> bool:
        return self.status == "completed"


class FakeWorkflows:
    """What tests switch: `files` (path to content), `actions_enabled` (None: this token may not
    ask, which is GitHub's answer to a workflow's own), `actions_read_only`, `private`,
    `issues_disabled`."""

    shapes: Shapes

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.actions_enabled: bool | None = None
        self.actions_read_only = False
        self.private = False
        self.issues_disabled = False
        self.runs: dict[int, FakeRun] = {}

    def add_run(
        self,
        title: str,
        status: str = "in_progress",
        *,
        workflow_id: int = WORKFLOW,
        number: int | None = None,
    ) -> FakeRun:
        run = FakeRun(number or 9_900_001 + len(self.runs), title, status, workflow_id)
        self.runs[run.id] = run
        return run

    def workflow_handlers(self) -> dict[tuple[str, str], Handler]:
        repo = "/repos/{owner}/{repo}"
        runs = f"{repo}/actions/runs"
        return {
            ("GET", repo): self._get_repository,
            ("GET", f"{repo}/actions/permissions"): self._get_actions_permissions,
            ("GET", runs): self._get_runs,
            ("GET", f"{runs}/{{run_id}}"): self._get_run,
            ("POST", f"{runs}/{{run_id}}/cancel"): self._cancel_run,
            ("GET", f"{repo}/contents/{{path}}"): self._get_contents,
        }

    def _get_repository(self, _values: Mapping[str, str], _exchange: Exchange) -> Reply:
        switched = {
            "has_issues": not self.issues_disabled,
            "private": self.private,
            "visibility": "private" if self.private else "public",
        }
        return Reply(200, {**self.shapes.full_repository(), **switched})

    def _get_actions_permissions(self, _values: Mapping[str, str], _exchange: Exchange) -> Reply:
        if self.actions_enabled is None:
            raise refused(403, "Resource not accessible by integration")
        allowed = {"allowed_actions": "all"} if self.actions_enabled else {}
        return Reply(200, {"enabled": self.actions_enabled, **allowed})

    def _get_runs(self, _values: Mapping[str, str], exchange: Exchange) -> Reply:
        """Newest first; `status` may be a conclusion too."""
        wanted = exchange.query.get("status")
        found = [
            self._run_json(run)
            for run in sorted(self.runs.values(), key=lambda run: -run.id)
            if wanted in {None, run.status, run.conclusion}
        ]
        shown, headers = page_of(found, exchange, self.shapes.url)
        return Reply(200, {"total_count": len(found), "workflow_runs": shown}, headers)

    def _get_run(self, values: Mapping[str, str], _exchange: Exchange) -> Reply:
        return Reply(200, self._run_json(self._find_run(values)))

    def _cancel_run(self, values: Mapping[str, str], _exchange: Exchange) -> Reply:
        """One that runs needs a while to end; nothing here waits for it."""
        if self.actions_read_only:
            raise refused(403, "Resource not accessible by integration")
        run = self._find_run(values)
        if run.is_finished:
            raise conflict("Cannot cancel a workflow run that is completed.")
        run.status, run.conclusion = "completed", "cancelled"
        return Reply(202, {})

    def _get_contents(self, values: Mapping[str, str], _exchange: Exchange) -> Reply:
        path = values["path"]
        if path in self.files:
            return Reply(200, self._file_json(path, self.files[path]))
        below = [each for each in self.files if each.startswith(f"{path}/")]
        if not below:
            raise refused(404, "Not Found")
        return Reply(200, self._folder_json(below))

    def _find_run(self, values: Mapping[str, str]) -> FakeRun:
        run = self.runs.get(int(values["run_id"]))
        if run is None:
            raise refused(404, "Not Found")
        return run

    def _file_json(self, path: str, content: bytes) -> Json:
        """In lines of 60 characters, as GitHub has it; over 1 MB without the content."""
        text = base64.b64encode(content).decode()
        lines = "".join(f"{text[start : start + 60]}\n" for start in range(0, len(text), 60))
        left_out = len(content) > 1024 * 1024
        return {
            **self._entry_json(path, content),
            "content": "" if left_out else lines,
            "encoding": "none" if left_out else "base64",
        }

    def _folder_json(self, paths: Sequence[str]) -> Json:
        return [self._entry_json(path, self.files[path]) for path in paths]

    def _entry_json(self, path: str, content: bytes) -> Json:
        # not for safety: git's name of a blob
        sha = sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
        quoted = quote(path)
        url = f"{self.shapes.url}/contents/{quoted}?ref=main"
        git = f"{self.shapes.url}/git/blobs/{sha}"
        html = f"{self.shapes.html}/blob/main/{quoted}"
        return {
            "type": "file",
            "size": len(content),
            "name": path.rpartition("/")[2],
            "path": path,
            "sha": sha,
            "url": url,
            "git_url": git,
            "html_url": html,
            "download_url": f"https://raw.example.com/{quoted}",
            "_links": {"self": url, "git": git, "html": html},
        }

    def _run_json(self, run: FakeRun) -> Json:
        url = f"{self.shapes.url}/actions/runs/{run.id}"
        workflow = f"{self.shapes.url}/actions/workflows/{run.workflow_id}"
        suite = f"{self.shapes.url}/check-suites/{run.id}"
        bot = {"name": "me", "email": "me@example.com"}
        moment = as_time(now() - timedelta(minutes=1))
        return {
            "id": run.id,
            "name": "Mirror",
            "node_id": f"WFR_{run.id}",
            "check_suite_id": run.id,
            "check_suite_node_id": f"CS_{run.id}",
            "head_branch": "main",
            "head_sha": _COMMIT,
            "path": ".github/workflows/mirror.yml",
            "display_title": run.title,
            "run_number": 1,
            "run_attempt": 1,
            "event": "issues",
            "status": run.status,
            "conclusion": run.conclusion,
            "workflow_id": run.workflow_id,
            "url": url,
            "html_url": f"{self.shapes.html}/actions/runs/{run.id}",
            "pull_requests": [],
            "created_at": moment,
            "updated_at": moment,
            "run_started_at": moment,
            "actor": self.shapes.user(self.shapes.owner),
            "triggering_actor": self.shapes.user(self.shapes.owner),
            "jobs_url": f"{url}/jobs",
            "logs_url": f"{url}/logs",
            "check_suite_url": suite,
            "artifacts_url": f"{url}/artifacts",
            "cancel_url": f"{url}/cancel",
            "rerun_url": f"{url}/rerun",
            "previous_attempt_url": None,
            "workflow_url": workflow,
            "head_commit": {
                "id": _COMMIT,
                "tree_id": _COMMIT,
                "message": "Mirror",
                "timestamp": moment,
                "author": bot,
                "committer": bot,
            },
            "repository": self.shapes.small_repository(),
            "head_repository": self.shapes.small_repository(),
        }
