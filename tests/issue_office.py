"""An office where a fake repository's events are answered, by `registry-mirror issue` in-process.

Its sources and its target are embedded registries; a registry's requests tell what has moved.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from registry_mirror import commands
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.exits import Exit
from registry_mirror.github.marker import read_marker
from registry_mirror.output import Output
from tests.fake_github import FakeGitHub
from tests.issue_requests import LABEL, NAMESPACE, form, settings, small_image

OWNER, COLLABORATOR, AUTHOR, STRANGER, BOT = "me", "cora", "ann", "sam", "helper[bot]"
SENDERS = (OWNER, COLLABORATOR, AUTHOR, STRANGER, BOT)
OWN_RUN = 1

_APPROVE = re.compile(r"^/approve [0-9a-f]{12}$", re.MULTILINE)


@dataclass
class Office:
    github: FakeGitHub
    source: EmbeddedRegistry
    target: EmbeddedRegistry
    folder: Path
    variables: dict[str, str] = field(default_factory=dict)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    namespace: str = NAMESPACE

    def image(self, name: str = "app", tag: str = "1", content: str = "") -> str:
        """Put an image into the source and return the line that asks for it."""
        self.source.put(f"library/{name}", tag, small_image(content or name))
        return f"{self.source.host}/library/{name}:{tag}"

    def open(self, *lines: str, author: str = AUTHOR) -> int:
        return self.github.open_issue(form(lines or (self.image(),)), [LABEL], author)

    async def serve(self, event: Mapping[str, Any]) -> Exit:
        file = self.folder / "event.json"
        file.write_text(json.dumps(event), encoding="utf-8")
        runner = {
            "GITHUB_EVENT_NAME": "issue_comment" if "comment" in event else "issues",
            "GITHUB_EVENT_PATH": str(file),
            "GITHUB_API_URL": self.github.api_url,
            "GITHUB_SERVER_URL": "https://github.example.com",
            "GITHUB_REPOSITORY": self.github.repository,
            "GITHUB_RUN_ID": str(OWN_RUN),
            "GITHUB_TOKEN": self.github.token,
            "GITHUB_OUTPUT": str(self.folder / "outputs"),
        }
        variables = settings(
            self.target.host,
            TARGET_NAMESPACE=self.namespace,
            TARGET_REGISTRY_USER="",
            MAX_RETRIES="0",
        )
        return await commands.issue(variables | runner | self.variables, Output(), self.stop)

    async def happen(self, action: str, number: int, sender: str) -> Exit:
        return await self.serve(self.github.event(action, number, sender))

    async def comment(self, number: int, text: str, sender: str) -> Exit:
        return await self.serve(self.github.comment_event(number, text, sender))

    async def edit(self, number: int, *lines: str, sender: str = AUTHOR) -> Exit:
        return await self.serve(self.github.edit_issue(number, form(lines), sender=sender))

    def kinds(self, number: int) -> list[str]:
        """The kinds of our comments on an issue."""
        ours = (c for c in self.github.comments(number) if c.author == "github-actions[bot]")
        markers = (read_marker(comment.body) for comment in ours)
        return [marker.kind if marker else "" for marker in markers]

    def last(self, number: int) -> str:
        return self.github.comments(number)[-1].body

    def labels(self, number: int) -> set[str]:
        return set(self.github.issue(number).labels) - {LABEL}

    def approval(self, number: int) -> str:
        """The last line that is offered to approve a list with."""
        found = [line for c in self.github.comments(number) for line in _APPROVE.findall(c.body)]
        return str(found[-1])

    def reactions(self, number: int) -> list[str]:
        """Of the last comment that somebody wrote by hand."""
        by_hand = [c for c in self.github.comments(number) if c.author != "github-actions[bot]"]
        return [reaction.content for reaction in by_hand[-1].reactions]

    def holds(self, name: str = "app:1") -> bool:
        repository, _, tag = name.partition(":")
        return self.target.manifest(f"{self.namespace}/{repository}", tag) is not None

    @property
    def was_written_to(self) -> bool:
        """Whether the target was sent anything, be it only the opening of an upload."""
        return any(seen.method not in {"GET", "HEAD"} for seen in self.target.requests)


@asynccontextmanager
async def office(folder: Path, policy: str = "approval") -> AsyncIterator[Office]:
    async with (
        FakeGitHub(labels=dict.fromkeys((LABEL, "invalid"), "ededed")) as github,
        EmbeddedRegistry() as source,
        EmbeddedRegistry() as target,
    ):
        github.permissions |= {COLLABORATOR: "write", AUTHOR: "read"}
        opened = Office(github, source, target, folder, {"REQUEST_POLICY": policy})
        github.add_run("Mirror request", number=OWN_RUN)
        yield opened
