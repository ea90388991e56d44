"""What happens on an issue, told by the fake GitHub; images really move, by either engine."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from registry_mirror.config import read_runner
from registry_mirror.embedded.images import build_image, build_layer
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.engines import EngineName
from registry_mirror.errors import ConfigurationInvalidError
from registry_mirror.github.conversation import Conversation
from registry_mirror.github.event import read_event
from registry_mirror.github.retry import GitHubError
from registry_mirror.issue import Answering, answer
from registry_mirror.report import Report
from tests.fake_github import FakeGitHub
from tests.github_patience import Waits, client_of
from tests.registries import require_peer

HEADING = "### 镜像列表 / Images"


@pytest.fixture
async def github() -> AsyncIterator[FakeGitHub]:
    async with FakeGitHub() as fake:
        yield fake


@dataclass
class Pauses:
    """Pauses between edits, which last until a test ends them."""

    begun: asyncio.Queue[float] = field(default_factory=asyncio.Queue)
    over: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    async def take(self, seconds: float) -> None:
        self.begun.put_nowait(seconds)
        await self.over.acquire()


@dataclass
class Desk:
    """Answers the events of one fake repository, mirroring within one embedded registry."""

    github: FakeGitHub
    registry: EmbeddedRegistry
    folder: Path
    engine: EngineName = EngineName.NATIVE
    waits: Waits = field(default_factory=Waits)
    settings: dict[str, str] = field(default_factory=dict)
    endings: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    outputs: dict[str, str] = field(default_factory=dict)
    pause: Callable[[float], Awaitable[None]] = field(default_factory=lambda: Pauses().take)
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    def image(self, name: str) -> str:
        """Put an image into the registry and return its reference."""
        repository, _, tag = name.partition(":")
        self.registry.put(repository, tag, build_image([build_layer({"name": name.encode()})]))
        return f"{self.registry.host}/{name}"

    def open(self, *lines: str, label: bool = True) -> int:
        body = "\n".join([HEADING, "", "```text", *lines, "```", ""])
        return self.github.open_issue(body, ["mirror-request"] if label else [])

    async def serve(self, number: int, action: str = "opened", sender: str = "me") -> Report | None:
        event = self.github.event(action, number, sender)
        file = self.folder / "event.json"
        file.write_text(json.dumps(event), encoding="utf-8")
        environment = {
            "PATH": os.environ["PATH"],
            "GITHUB_EVENT_NAME": "issues",
            "GITHUB_EVENT_PATH": str(file),
            "GITHUB_API_URL": self.github.api_url,
            "GITHUB_SERVER_URL": "https://github.example.com",
            "GITHUB_REPOSITORY": self.github.repository,
            "GITHUB_RUN_ID": "77",
            "GITHUB_TOKEN": self.github.token,
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "TARGET_REGISTRY": self.registry.host,
            "TARGET_NAMESPACE": "ns",
            "MIRROR_ENGINE": self.engine,
            **self.settings,
        }
        client = client_of(self.github, self.waits)
        talk = Conversation(client, number, "nonce", self.log.append, self.pause)
        work = Answering(
            read_event("issues", file.read_bytes()),
            read_runner(environment),
            environment,
            talk,
            self.stop,
            tell=self.log.append,
            output=self._set,
        )
        return await answer(work)

    def _set(self, name: str, value: str) -> None:
        self.outputs[name] = value
        if name == "ending":
            self.endings.append(value)

    @property
    def summary(self) -> Path:
        return self.folder / "summary.md"

    def bodies(self, number: int) -> list[str]:
        return [comment.body for comment in self.github.comments(number)]


@pytest.fixture(params=list(EngineName))
def desk(
    github: FakeGitHub,
    embedded: EmbeddedRegistry,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> Desk:
    engine = EngineName(request.param)
    if engine is EngineName.SKOPEO:
        require_peer("skopeo")
    return Desk(github, embedded, tmp_path, engine)


async def test_all_mirrored_is_reported_labelled_and_closed(desk: Desk) -> None:
    number = desk.open(desk.image("team/app:1"), desk.image("team/web:2"))

    report = await desk.serve(number)

    issue = desk.github.issue(number)
    status, final = desk.bodies(number)
    assert report
    assert not report.failed
    assert (issue.state, issue.state_reason) == ("closed", "completed")
    assert set(issue.labels) == {"mirror-request", "completed"}
    assert desk.github.labels()["completed"].color == "0e8a16"
    assert "https://github.example.com/me/fork/actions/runs/77" in status
    assert "镜像同步报告" in final
    assert f"docker pull {desk.registry.host}/ns/app:1" in final
    assert [r.content for r in issue.reactions] == ["eyes"]
    assert desk.summary.read_text(encoding="utf-8").startswith("## ")
    assert any("copied" in line for line in desk.log)


async def test_a_failure_leaves_it_open_and_reopening_runs_again(desk: Desk) -> None:
    good, late = desk.image("team/app:1"), f"{desk.registry.host}/team/app:2"
    number = desk.open(good, late)

    await desk.serve(number)
    failed = desk.github.issue(number)
    assert (failed.state, set(failed.labels)) == ("open", {"mirror-request", "failed"})
    assert "`tag-not-found`" in desk.bodies(number)[-1]

    desk.image("team/app:2")
    await desk.serve(number, "reopened")
    done = desk.github.issue(number)
    assert (done.state, set(done.labels)) == ("closed", {"mirror-request", "completed"})
    assert len(desk.bodies(number)) == 4


async def test_an_invalid_list_is_answered_with_every_problem(desk: Desk) -> None:
    number = desk.open("nginx", desk.image("team/app:1"), "docker pull redis:7")

    assert await desk.serve(number) is None

    (comment,) = desk.bodies(number)
    issue = desk.github.issue(number)
    assert (issue.state, set(issue.labels)) == ("open", {"mirror-request", "invalid"})
    assert "| 4 | `nginx` |" in comment
    assert "| 6 | `docker pull redis:7` |" in comment
    assert not [seen for seen in desk.registry.requests if seen.path != "/v2/"]


async def test_labels_of_earlier_endings_go(desk: Desk) -> None:
    number = desk.open(desk.image("team/app:1"))
    await client_of(desk.github, desk.waits).add_labels(number, ["failed", "invalid"])

    await desk.serve(number, "reopened")

    assert set(desk.github.issue(number).labels) == {"mirror-request", "completed"}


async def test_missing_settings_are_named_with_where_to_set_them(desk: Desk) -> None:
    desk.settings = {"TARGET_REGISTRY": "", "TARGET_NAMESPACE": " ", "MAX_PARALLEL": "x"}
    number = desk.open(desk.image("team/app:1"))

    with pytest.raises(ConfigurationInvalidError):
        await desk.serve(number)

    (comment,) = desk.bodies(number)
    for name in ("TARGET_REGISTRY", "TARGET_NAMESPACE", "MAX_PARALLEL"):
        assert f"`{name}`" in comment
    assert "https://github.example.com/me/fork/settings/variables/actions" in comment
    assert "failed" in desk.github.issue(number).labels


async def test_the_password_is_asked_for_as_a_secret(desk: Desk) -> None:
    desk.settings = {"TARGET_REGISTRY": "registry.example.com"}
    number = desk.open("nginx:1")

    with pytest.raises(ConfigurationInvalidError):
        await desk.serve(number)

    (comment,) = desk.bodies(number)
    assert "`TARGET_REGISTRY_PASSWORD`" in comment
    assert "https://github.example.com/me/fork/settings/secrets/actions" in comment


@pytest.mark.parametrize(
    ("permission", "served"),
    [("admin", True), ("write", True), ("read", False), ("none", False), (None, False)],
)
async def test_only_who_may_write_is_served(
    desk: Desk, permission: str | None, *, served: bool
) -> None:
    desk.settings = {"REQUEST_POLICY": "collaborators"}
    number = desk.open(desk.image("team/app:1"))
    if permission:
        desk.github.permissions["someone"] = permission

    report = await desk.serve(number, sender="someone")

    assert bool(report) == served
    if not served:
        (comment,) = desk.bodies(number)
        assert "`someone`" in comment
        assert desk.github.issue(number).state == "open"
        assert desk.registry.manifest("ns/app", "1") is None


async def test_the_sender_is_judged_and_not_the_author(desk: Desk) -> None:
    number = desk.open(desk.image("team/app:1"))

    assert await desk.serve(number, "reopened", sender="stranger") is None
    assert desk.registry.manifest("ns/app", "1") is None


async def test_the_owner_is_served_where_the_permission_is_not_told(desk: Desk) -> None:
    desk.github.permission_refused = True
    number = desk.open(desk.image("team/app:1"))

    assert await desk.serve(number, sender="me")
    assert await desk.serve(number, sender="someone") is None


async def test_where_nobody_may_be_asked_about_it_is_the_operators_to_mend(desk: Desk) -> None:
    desk.github.permission_refused = True
    desk.settings = {"REPORT_LANGUAGE": "en"}
    number = desk.open(desk.image("team/app:1"))

    assert await desk.serve(number, sender="someone") is None

    (comment,) = desk.bodies(number)
    assert "has no write access" not in comment
    assert "for the maintainers of this repository to mend" in comment
    assert "owner" in comment
    assert "failed" in desk.github.issue(number).labels
    assert desk.registry.manifest("ns/app", "1") is None


@pytest.mark.parametrize("status", [401, 410, 422, 500])
async def test_a_permission_that_could_not_be_looked_up_is_told_as_that(
    desk: Desk, status: int
) -> None:
    desk.github.permissions["someone"] = "write"
    desk.github.fail("GET", "/permission$", status=status, times=1000)
    number = desk.open(desk.image("team/app:1"))

    with pytest.raises(GitHubError):
        await desk.serve(number, sender="someone")

    assert desk.endings == ["unchecked"]
    assert desk.registry.manifest("ns/app", "1") is None


async def test_a_used_up_quota_is_waited_for_by_what_must_not_be_lost(desk: Desk) -> None:
    """Its end is said to be an hour away; the report is the second comment."""
    desk.github.permissions["someone"] = "write"
    number = desk.open(desk.image("team/app:1"))
    desk.github.slow_down("GET", "/permission$", 1_800)
    desk.github.fail("POST", "/comments$", status=422)
    desk.github.slow_down("POST", "/comments$", 3_000)

    assert await desk.serve(number, sender="someone")

    (report,) = desk.bodies(number)
    assert "镜像同步报告" in report
    assert desk.waits.seconds == [1_800, 3_000]


async def test_the_label_is_known_in_any_case(embedded: EmbeddedRegistry, tmp_path: Path) -> None:
    require_peer("skopeo")
    async with FakeGitHub(labels={"Mirror-Request": "0075ca"}) as github:
        desk = Desk(github, embedded, tmp_path)
        number = github.open_issue(desk.image("team/app:1"), ["Mirror-Request"])

        assert await desk.serve(number)

        assert set(github.issue(number).labels) == {"Mirror-Request", "completed"}


async def test_a_fork_without_the_label_gets_it(embedded: EmbeddedRegistry, tmp_path: Path) -> None:
    require_peer("skopeo")
    async with FakeGitHub(labels={}) as github:
        desk = Desk(github, embedded, tmp_path)
        number = desk.open(desk.image("team/app:1"))

        await desk.serve(number)

        assert github.labels()["mirror-request"].color == "0075ca"
        assert set(github.issue(number).labels) == {"mirror-request", "completed"}


async def test_an_issue_about_something_else_is_left_alone(desk: Desk) -> None:
    number = desk.github.open_issue("It does not work: nginx:1")

    assert await desk.serve(number) is None
    assert desk.github.requests == []


async def test_an_event_that_is_no_opening_is_left_alone(desk: Desk) -> None:
    number = desk.open(desk.image("team/app:1"))

    assert await desk.serve(number, "edited") is None
    assert desk.github.requests == []


async def test_the_status_is_edited_in_place_and_not_at_every_change(desk: Desk) -> None:
    """Three images end without the pause being over: one edit, the last."""
    number = desk.open(*(desk.image(f"team/app{n}:1") for n in range(3)))

    await desk.serve(number)

    edits = desk.github.seen("PATCH", "/issues/comments/")
    assert len(edits) == 1
    assert desk.bodies(number)[0].count("| ✅") == 3


async def test_the_status_follows_when_its_time_has_come(desk: Desk) -> None:
    pauses = Pauses()
    desk.pause = pauses.take
    desk.settings = {"MAX_PARALLEL": "1", "MIRROR_ENGINE": "skopeo"}
    held = desk.registry.faults.hold("GET", "/v2/team/last/manifests/1")
    number = desk.open(desk.image("team/app:1"), desk.image("team/last:1"))
    serving = asyncio.create_task(desk.serve(number))
    _, seconds = await asyncio.gather(held.arrived.wait(), pauses.begun.get())
    assert seconds == 10

    pauses.over.release()
    await pauses.begun.get()
    midway = desk.bodies(number)[0]
    held.released.set()
    await serving

    assert (midway.count("| ✅"), midway.count("| 🔄")) == (1, 1)
    assert desk.bodies(number)[0].count("| ✅") == 2


@pytest.mark.parametrize("path", ["/comments$", "/labels", "/reactions", "/issues/1$"])
async def test_a_passing_trouble_of_github_is_waited_for(desk: Desk, path: str) -> None:
    desk.github.fail("*", path, status=502, times=2)
    desk.github.slow_down("*", path, retry_after=7)
    number = desk.open(desk.image("team/app:1"))

    await desk.serve(number)

    issue = desk.github.issue(number)
    assert (issue.state, set(issue.labels)) == ("closed", {"mirror-request", "completed"})


@pytest.mark.parametrize(
    "fault",
    [
        lambda github: setattr(github, "issues_disabled", True),
        lambda github: setattr(github, "read_only_token", True),
        lambda github: github.fail("POST", "/comments", status=500, times=1000),
    ],
    ids=["issues off", "read-only token", "down"],
)
async def test_a_report_that_github_refuses_is_not_lost(
    desk: Desk, fault: Callable[[FakeGitHub], None]
) -> None:
    number = desk.open(desk.image("team/app:1"))
    fault(desk.github)

    with pytest.raises(GitHubError):
        await desk.serve(number)

    assert desk.registry.manifest("ns/app", "1")
    assert "镜像同步报告" in desk.summary.read_text(encoding="utf-8")
    assert any(line.startswith("copied") for line in desk.log)
    assert desk.endings == ["reported"]


async def test_an_answer_that_stands_is_known_before_its_label_is_set(desk: Desk) -> None:
    number = desk.open(desk.image("team/app:1"))
    known: list[str] = []

    class Looking(Waits):
        async def sleep(self, seconds: float) -> None:
            known.extend(desk.endings)
            await super().sleep(seconds)

    desk.waits = Looking()
    desk.github.fail("POST", "/issues/1/labels$", status=500)
    await desk.serve(number)

    assert known == ["reported", "posted-completed"]


@pytest.mark.parametrize(
    ("line", "ending"), [("nginx", "posted-invalid"), ("127.0.0.1:9/a/b:1", "posted-failed")]
)
async def test_every_answer_has_its_ending(desk: Desk, line: str, ending: str) -> None:
    desk.settings = {"MAX_RETRIES": "0"}
    await desk.serve(desk.open(line))
    assert desk.endings[-1] == ending


async def test_a_summary_that_cannot_be_written_costs_no_report(desk: Desk) -> None:
    desk.summary.mkdir()
    number = desk.open(desk.image("team/app:1"))

    assert await desk.serve(number)

    assert "镜像同步报告" in desk.bodies(number)[-1]
    assert any("summary could not be written" in line for line in desk.log)
    assert desk.github.issue(number).state == "closed"


async def test_a_status_that_github_refuses_holds_nothing_up(desk: Desk) -> None:
    desk.github.fail("PATCH", "/issues/comments/", status=500, times=1000)
    number = desk.open(desk.image("team/app:1"))

    await desk.serve(number)

    assert desk.waits.seconds == []
    assert desk.github.issue(number).state == "closed"


async def test_a_stopped_run_reports_what_it_did(desk: Desk) -> None:
    held = desk.registry.faults.hold("GET", "/v2/team/last/manifests/1")
    desk.settings = {"MAX_PARALLEL": "1", "REPORT_LANGUAGE": "en", "MIRROR_ENGINE": "skopeo"}
    number = desk.open(desk.image("team/app:1"), desk.image("team/last:1"))
    serving = asyncio.create_task(desk.serve(number))
    await held.arrived.wait()
    desk.stop.set()

    report = await serving

    assert report
    assert [type(o).__name__ for o in report.outcomes] == ["Copied", "Failed"]
    assert "`cancelled`" in desk.bodies(number)[-1]
    assert "failed" in desk.github.issue(number).labels


async def test_two_hundred_images_make_comments_that_fit(desk: Desk) -> None:
    desk.settings = {"MAX_IMAGES": "200"}
    lines = [f"127.0.0.1:9/{'team/' * 20}app{n}:1 --as app{n}" for n in range(200)]
    desk.settings["MAX_RETRIES"] = "0"
    number = desk.open(*lines)

    report = await desk.serve(number)

    assert report
    assert len(report.failed) == 200
    assert all(len(body) < 65_536 for body in desk.bodies(number))
    assert all(len(body.encode()) < 262_144 for body in desk.bodies(number))


async def test_more_images_than_allowed_are_refused(desk: Desk) -> None:
    number = desk.open(*(f"quay.io/a/app{n}:1" for n in range(101)))

    assert await desk.serve(number) is None
    assert "invalid" in desk.github.issue(number).labels
