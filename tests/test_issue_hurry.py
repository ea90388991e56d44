"""Told to stop, a run ends within seconds, though GitHub or a name server never answers.

Whatever hangs then, the issue has its answer and its label once the workflow's last step has run.
"""

import asyncio
import json
import re
import signal
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from registry_mirror import closing
from registry_mirror.config import read_runner
from registry_mirror.embedded.actions import Hold
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.github.marker import read_marker
from tests.fake_github import FakeGitHub
from tests.issue_requests import LABEL, form, settings, small_image
from tests.program import SOURCE, Result, finish, start

DEADLINE = 5
"""Seconds from the signal to the end of the process."""

FOREVER = 1_000

AUTHOR, COLLABORATOR = "ann", "cora"


@dataclass
class World:
    """`pythonpath` may have a `sitecustomize` of its own."""

    github: FakeGitHub
    source: EmbeddedRegistry
    target: EmbeddedRegistry
    folder: Path
    pythonpath: str = str(SOURCE)

    async def start(self, sender: str, *lines: str) -> asyncio.subprocess.Process:
        number = self.github.open_issue(form(lines), [LABEL], sender)
        event = json.dumps(self.github.event("opened", number, sender))
        (self.folder / "event.json").write_text(event, encoding="utf-8")
        return await start("issue", environment=self.values)

    @property
    def values(self) -> dict[str, str]:
        return {
            "PYTHONPATH": self.pythonpath,
            "GITHUB_EVENT_NAME": "issues",
            "GITHUB_EVENT_PATH": str(self.folder / "event.json"),
            "GITHUB_API_URL": self.github.api_url,
            "GITHUB_SERVER_URL": "https://github.example.com",
            "GITHUB_REPOSITORY": self.github.repository,
            "GITHUB_RUN_ID": "1",
            "GITHUB_TOKEN": self.github.token,
            "GITHUB_OUTPUT": str(self.folder / "outputs"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "TMPDIR": str(self.folder),
            **settings(self.target.host, TARGET_REGISTRY_USER="", MAX_RETRIES="0"),
        }

    @property
    def outputs(self) -> Mapping[str, str]:
        """The step's, the last of each name."""
        try:
            text = (self.folder / "outputs").read_text(encoding="utf-8")
        except FileNotFoundError:
            return {}
        return dict(line.split("=", 1) for line in text.splitlines())

    async def close(self) -> None:
        """What the workflow does after a run that was cancelled."""
        told = self.outputs
        if told.get("answered") == "true":
            return
        values = self.values | {
            "JOB_STATUS": "cancelled",
            "INSTALLED": "success",
            **{name.upper(): told.get(name, "") for name in ("began", "ending", "status_comment")},
        }
        await closing.answer(read_runner(values), values)

    @property
    def kinds(self) -> list[str]:
        """Those of our comments."""
        markers = (read_marker(comment.body) for comment in self.github.comments(1))
        return [marker.kind for marker in markers if marker]

    @property
    def labels(self) -> set[str]:
        return set(self.github.issue(1).labels) - {LABEL}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with (
        FakeGitHub(labels=dict.fromkeys((LABEL, "invalid"), "ededed")) as github,
        EmbeddedRegistry() as source,
        EmbeddedRegistry() as target,
    ):
        github.permissions |= {COLLABORATOR: "write", AUTHOR: "read"}
        source.put("library/app", "1", small_image("app"))
        yield World(github, source, target, tmp_path)


async def signalled(process: asyncio.subprocess.Process, ready: asyncio.Event) -> Result:
    """What a process says that is told to stop once it is ready, and ends in time."""
    try:
        async with asyncio.timeout(30):
            await ready.wait()
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(DEADLINE):
            return await finish(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@dataclass(frozen=True)
class Hang:
    """Calls that get no answer, and what the issue has been told when the process has ended.

    `ending` and `answered` are the step's outputs.
    """

    call: str
    times: int
    said: tuple[str, ...]
    code: int = 0
    ending: str | None = "posted-failed"

    def of(self, github: FakeGitHub) -> Hold:
        method, _, path = self.call.partition(" ")
        return github.hold(method, path, times=self.times)


REPORTED = ("status", "report")

HANGS = [
    Hang("GET /permission$", FOREVER, (), 130, None),
    Hang("GET /permission$", 1, (), 130, None),
    Hang("POST /reactions$", FOREVER, REPORTED),
    Hang("GET /contents/", FOREVER, (), 130, None),
    Hang("DELETE /labels/", 2, REPORTED),
    Hang("DELETE /labels/", FOREVER, (), 130, None),
    Hang("POST /issues/1/comments$", 1, ("report",)),
    Hang("POST /issues/1/comments$", FOREVER, (), 130, "reported"),
    Hang("GET /issues/comments$", FOREVER, REPORTED),
]


@pytest.mark.parametrize("hang", HANGS, ids=lambda hang: f"{hang.call} {hang.times}")
async def test_whatever_github_leaves_unanswered(hang: Hang, world: World) -> None:
    held = hang.of(world.github)
    process = await world.start(COLLABORATOR, f"{world.source.host}/library/app:1")
    ended = await signalled(process, held.arrived)

    assert (ended.code, tuple(world.kinds)) == (hang.code, hang.said)
    assert world.outputs.get("ending") == hang.ending
    assert (world.outputs.get("answered") == "true") is (hang.code == 0)
    assert "Traceback" not in ended.stdout + ended.stderr
    assert not list(world.folder.glob("registry-mirror-*"))

    held.released.set()
    await world.close()
    assert world.labels == {"failed"}
    assert "cancelled" in world.github.comments(1)[-1].body or hang.ending == "reported"


@pytest.mark.parametrize(
    ("call", "code"), [("PATCH /issues/comments/", 0), ("POST /issues/1/labels$", 130)]
)
async def test_a_nicety_after_the_end_holds_nothing_up(call: str, code: int, world: World) -> None:
    held = world.source.faults.hold("GET", "/v2/library/app/manifests/*")
    hang = Hang(call, FOREVER, REPORTED, code)
    silent = hang.of(world.github)
    process = await world.start(COLLABORATOR, f"{world.source.host}/library/app:1")
    ended = await signalled(process, held.arrived)

    assert silent.arrived.is_set()
    assert (ended.code, tuple(world.kinds)) == (code, REPORTED)
    assert "`cancelled`" in world.github.comments(1)[-1].body
    assert world.outputs["ending"] == "posted-failed"

    silent.released.set()
    await world.close()
    assert tuple(world.kinds) == REPORTED
    assert world.labels == {"failed"}


async def test_nothing_at_all_is_answered(world: World) -> None:
    """Not even the closing step gets a word out; the run's summary has the report."""
    held = world.source.faults.hold("GET", "/v2/library/app/manifests/*")
    process = await world.start(COLLABORATOR, f"{world.source.host}/library/app:1")
    async with asyncio.timeout(30):
        await held.arrived.wait()
    for method in ("GET", "POST", "PATCH", "DELETE"):
        world.github.hold(method, "")
    ended = await signalled(process, held.arrived)

    assert ended.code == 130
    assert "failed (cancelled)" in ended.stdout
    assert "`cancelled`" in (world.folder / "summary").read_text(encoding="utf-8")
    assert world.outputs["ending"] == "reported"


# Name servers that never answer

NEVER = """
import os, socket, threading

_find = socket.getaddrinfo

def _never(host, *arguments, **options):
    if str(host).endswith(".slow.example"):
        os.write(2, b"looks up\\n")
        threading.Event().wait()
    return _find(host, *arguments, **options)

socket.getaddrinfo = _never
"""
"""A `sitecustomize`: what the system's resolver does where a name server never answers."""

LINES = [f"r{number}.slow.example/team/app:1 --as app-{number}" for number in range(40)]


@pytest.fixture
def slow(world: World, tmp_path: Path) -> World:
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(NEVER, encoding="utf-8")
    world.pythonpath = f"{site}:{SOURCE}"
    return world


async def looking_up(process: asyncio.subprocess.Process, hosts: int) -> asyncio.Event:
    """Set, once that many hosts are being looked up."""
    assert process.stderr
    found, ready = 0, asyncio.Event()
    async with asyncio.timeout(30):
        while found < hosts:
            line = await process.stderr.readline()
            assert line
            found += line == b"looks up\n"
    ready.set()
    return ready


async def test_names_that_nobody_answers_for_hold_no_list_up_that_waits(slow: World) -> None:
    process = await slow.start(AUTHOR, *LINES)
    ended = await signalled(process, await looking_up(process, 16))

    assert ended.code == 0
    assert slow.kinds == ["cancelled"]
    assert slow.labels == {"failed"}


async def test_nor_a_run_that_mirrors(slow: World) -> None:
    process = await slow.start(COLLABORATOR, *LINES, f"{slow.source.host}/library/app:1")
    ended = await signalled(process, await looking_up(process, 16))

    assert ended.code == 0
    assert tuple(slow.kinds) == REPORTED
    assert "`cancelled`" in slow.github.comments(1)[-1].body


async def test_nor_a_command_of_the_shell(slow: World) -> None:
    arguments = ("sync", "--engine", "native", "--json", str(slow.folder / "report.json"))
    images = [f"r{number}.slow.example/team/app-{number}:1" for number in range(3)]
    to = ("--to", f"{slow.target.host}/ns")
    process = await start(*arguments, *images, *to, environment=slow.values)
    ended = await signalled(process, await looking_up(process, 3))

    assert ended.code == 130
    told = json.loads((slow.folder / "report.json").read_text(encoding="utf-8"))["images"]
    assert [image["error"]["code"] for image in told] == ["cancelled"] * 3
    assert len(re.findall("cancelled", ended.stdout)) >= 3
