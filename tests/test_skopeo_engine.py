"""The skopeo engine with the real skopeo."""

import asyncio
import base64
import contextlib
import json
import os
import shlex
import signal
import sys
import uuid
from dataclasses import replace
from pathlib import Path

import pytest

from registry_mirror.config import Settings
from registry_mirror.docker_config import auth_file
from registry_mirror.embedded.auth import Account, Basic, Tokens
from registry_mirror.embedded.faults import TAG_IMMUTABLE, UNAVAILABLE, too_many_requests
from registry_mirror.embedded.images import (
    BuiltImage,
    Style,
    build_attestation,
    build_image,
    build_index,
    build_layer,
)
from registry_mirror.embedded.refusal import Refusal
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.engines import Ended, Event, Started
from registry_mirror.engines.skopeo.calls import Skopeo
from registry_mirror.engines.skopeo.engine import SkopeoEngine, open_skopeo
from registry_mirror.engines.skopeo.process import find_leash
from registry_mirror.engines.skopeo.workspace import workspace
from registry_mirror.errors import Code, ConfigurationInvalidError, Side
from registry_mirror.naming import Target
from registry_mirror.oci import media_type
from registry_mirror.oci.platform import EveryPlatform, OnlyPlatforms, Platform, Selection
from registry_mirror.oci.reference import Reference
from registry_mirror.outcome import Copied, Failed, Outcome, Unchanged
from registry_mirror.plan import Copy, Format, Plan
from registry_mirror.secret import Login, Secret
from tests.registries import PASSWORD, USER, Server, require_peer
from tests.skopeo_wrapper import Wrapper

AMD64 = OnlyPlatforms((Platform("linux", "amd64"),))
ALL = EveryPlatform()


@pytest.fixture(autouse=True)
def _skopeo() -> None:
    require_peer("skopeo")


BASE = Settings(environment={"PATH": os.environ["PATH"], "HOME": "/nonexistent"}, retries=0)


def image(content: str = "", machine: str = "amd64", style: Style = Style.OCI) -> BuiltImage:
    layers = [build_layer({"base": b"base"}), build_layer({"own": content.encode()})]
    return build_image(layers, Platform("linux", machine), style)


def two_platforms(content: str = "") -> BuiltImage:
    return build_index([image(content, "amd64"), image(content, "arm64")])


def encoded(user: str, password: str) -> str:
    return base64.b64encode(f"{user}:{password}".encode()).decode()


def copy_of(source: str, target: str, selection: Selection = AMD64, line: int = 1) -> Copy:
    return Copy(line, Reference.parse(source), Reference.parse(target), selection)


async def run(plan: Plan, asked: Settings) -> tuple[Outcome, ...]:
    async with open_skopeo(asked) as engine:
        return await engine.run(plan, lambda _: None)


async def run_one(copy: Copy, asked: Settings | None = None) -> Outcome:
    (outcome,) = await run(Plan((copy,)), asked or BASE)
    return outcome


async def test_an_oci_image_arrives_as_v2s2(
    embedded: EmbeddedRegistry, docker_registry: Server
) -> None:
    built = image()
    embedded.put("team/app", "1", built)
    copy = copy_of(f"{embedded.host}/team/app:1", f"{docker_registry.host}/ns/app:1")

    outcome = await run_one(copy)

    assert isinstance(outcome, Copied)
    assert outcome.content.media_type == media_type.DOCKER_MANIFEST
    assert outcome.content.platforms == ("linux/amd64",)
    assert outcome.content.size == sum(len(blob.content) for blob in built.blobs)
    assert outcome.source_digest == built.top.digest
    assert outcome.replaced is None
    assert outcome.seconds > 0


async def test_all_platforms_arrive_as_a_manifest_list(
    embedded: EmbeddedRegistry, docker_registry: Server
) -> None:
    embedded.put("team/app", "1", two_platforms())
    copy = copy_of(f"{embedded.host}/team/app:1", f"{docker_registry.host}/ns/app:1", ALL)

    outcome = await run_one(copy)

    assert isinstance(outcome, Copied)
    assert outcome.content.media_type == media_type.DOCKER_MANIFEST_LIST
    assert outcome.content.platforms == ("linux/amd64", "linux/arm64")
    assert outcome.content.size


async def test_the_asked_platform_is_taken_from_an_index(embedded: EmbeddedRegistry) -> None:
    embedded.put("team/app", "1", two_platforms())
    arm = OnlyPlatforms((Platform("linux", "arm64"),))

    outcome = await run_one(
        copy_of(f"{embedded.host}/team/app:1", f"{embedded.host}/ns/app:1", arm)
    )

    assert isinstance(outcome, Copied)
    assert outcome.content.platforms == ("linux/arm64",)
    assert outcome.content.media_type == media_type.DOCKER_MANIFEST


@pytest.mark.parametrize(
    ("format_", "expected"),
    [(Format.OCI, media_type.OCI_MANIFEST), (Format.SOURCE, media_type.DOCKER_MANIFEST)],
)
async def test_other_formats(embedded: EmbeddedRegistry, format_: Format, expected: str) -> None:
    built = image(style=Style.DOCKER)
    embedded.put("team/app", "1", built)
    copy = copy_of(f"{embedded.host}/team/app:1", f"{embedded.host}/ns/app:1")

    outcome = await run_one(replace(copy, format=format_))

    assert isinstance(outcome, Copied)
    assert outcome.content.media_type == expected
    assert (outcome.content.digest == built.top.digest) == (format_ is Format.SOURCE)


async def test_a_second_run_is_unchanged_and_a_moved_tag_is_told(
    embedded: EmbeddedRegistry, docker_registry: Server
) -> None:
    embedded.put("team/app", "1", image("first"))
    copy = copy_of(f"{embedded.host}/team/app:1", f"{docker_registry.host}/ns/app:1")

    first = await run_one(copy)
    again = await run_one(copy)
    embedded.put("team/app", "1", image("second"))
    moved = await run_one(copy)

    assert isinstance(first, Copied)
    assert isinstance(again, Unchanged)
    assert again.content == first.content
    assert isinstance(moved, Copied)
    assert moved.replaced == first.content.digest


async def test_a_pinned_source_is_copied_by_its_digest(embedded: EmbeddedRegistry) -> None:
    old = image("old")
    embedded.put("team/app", "1", old)
    embedded.put("team/app", "1", image("new"))

    outcome = await run_one(
        copy_of(f"{embedded.host}/team/app:1@{old.top.digest}", f"{embedded.host}/ns/app:1")
    )

    assert isinstance(outcome, Copied)
    assert outcome.source_digest == old.top.digest


async def test_one_failure_touches_no_other_image(
    embedded: EmbeddedRegistry, docker_registry: Server
) -> None:
    embedded.put("team/app", "1", image())
    target = docker_registry.host
    sources = [
        f"{embedded.host}/team/app:1",
        f"{embedded.host}/team/app:missing",
        f"{embedded.host}/team/absent:1",
        "127.0.0.1:9/team/app:1",
        f"{embedded.host}/team/app:1",
    ]
    plan = Plan(
        tuple(copy_of(s, f"{target}/ns/app-{n}:1", line=n) for n, s in enumerate(sources, 1))
    )

    outcomes = await run(plan, BASE)

    failures = [o.failure if isinstance(o, Failed) else None for o in outcomes]
    assert [f and (f.code, f.side) for f in failures] == [
        None,
        (Code.TAG_NOT_FOUND, Side.SOURCE),
        (Code.REPOSITORY_NOT_FOUND, Side.SOURCE),
        (Code.SOURCE_UNAVAILABLE, Side.SOURCE),
        None,
    ]


async def test_a_failed_image_leaves_the_tag_as_it_was(embedded: EmbeddedRegistry) -> None:
    embedded.put("team/app", "1", image("first"))
    copy = copy_of(f"{embedded.host}/team/app:1", f"{embedded.host}/ns/app:1")
    await run_one(copy)
    before = embedded.manifest("ns/app", "1")
    embedded.put("team/app", "1", image("second"))
    embedded.faults.make_tags_immutable(TAG_IMMUTABLE)

    outcome = await run_one(copy)

    assert isinstance(outcome, Failed)
    assert outcome.failure.code is Code.TAG_IMMUTABLE
    assert outcome.failure.side is Side.TARGET
    assert embedded.manifest("ns/app", "1") == before


@pytest.mark.parametrize("refusal", [UNAVAILABLE, too_many_requests("1")])
async def test_a_registry_that_fails_twice_is_tried_again(
    embedded: EmbeddedRegistry, refusal: Refusal
) -> None:
    embedded.put("team/app", "1", image())
    read = embedded.faults.fail("GET", "/v2/team/app/manifests/1", refusal, times=2)
    pushed = embedded.faults.fail("PUT", "/v2/ns/app/manifests/1", refusal, times=2)
    copy = copy_of(f"{embedded.host}/team/app:1", f"{embedded.host}/ns/app:1")

    outcome = await run_one(copy, replace(BASE, retries=3))

    assert isinstance(outcome, Copied)
    assert (read.hits, pushed.hits) == (2, 2)


@pytest.mark.parametrize("auth", [Basic, Tokens])
async def test_source_and_target_have_credentials_of_their_own(
    auth: type[Basic | Tokens], docker_registry_basic: Server
) -> None:
    account = Account("reader", 'it\'s "secret" é密码', may_push=True)
    async with EmbeddedRegistry(auth((account,))) as source:
        source.put("private/app", "1", image())
        config = auth_file(source.host, encoded(account.user, account.password))
        copy = copy_of(f"{source.host}/private/app:1", f"{docker_registry_basic.host}/ns/app:1")
        asked = replace(
            BASE,
            target=Target(docker_registry_basic.host, "ns"),
            target_login=Login(USER, Secret(PASSWORD)),
            source_auth=Secret(config),
        )

        assert isinstance(await run_one(copy, asked), Copied)
        without_source = await run_one(copy, replace(asked, source_auth=None))
        without_target = await run_one(copy, replace(asked, target_login=None))

    assert isinstance(without_source, Failed)
    assert without_source.failure.code is Code.SOURCE_DENIED
    assert isinstance(without_target, Failed)
    assert without_target.failure.code is Code.TARGET_DENIED


async def test_an_account_that_is_not_base64_keeps_nobody_from_a_public_image(
    embedded: EmbeddedRegistry,
) -> None:
    embedded.put("team/app", "1", image())
    copy = copy_of(f"{embedded.host}/team/app:1", f"{embedded.host}/ns/app:1")
    config = auth_file(embedded.host, "user:token")

    outcome = await run_one(copy, replace(BASE, source_auth=Secret(config)))

    assert isinstance(outcome, Copied)


async def test_a_registry_with_tokens_as_target(
    embedded: EmbeddedRegistry, docker_registry_tokens: Server
) -> None:
    embedded.put("team/app", "1", image())
    copy = copy_of(f"{embedded.host}/team/app:1", f"{docker_registry_tokens.host}/ns/app:1")
    asked = replace(
        BASE,
        target=Target(docker_registry_tokens.host, "ns"),
        target_login=Login(USER, Secret(PASSWORD)),
    )

    assert isinstance(await run_one(copy, asked), Copied)


async def test_a_credentials_store_is_asked_although_skopeo_knows_none(
    docker_registry_basic: Server, tmp_path: Path
) -> None:
    """`docker login` with a store leaves an empty entry for each registry."""
    async with EmbeddedRegistry(Basic((Account(USER, PASSWORD, may_push=True),))) as source:
        source.put("private/app", "1", image())
        copy = copy_of(f"{source.host}/private/app:1", f"{docker_registry_basic.host}/ns/app:1")
        config = tmp_path / "config.json"
        entries: dict[str, object] = {source.host: {}, docker_registry_basic.host: {}}
        config.write_text(json.dumps({"auths": entries, "credsStore": "test"}), encoding="utf-8")
        bin_ = tmp_path / "bin"
        bin_.mkdir()
        helper = bin_ / "docker-credential-test"
        login = {"ServerURL": "x", "Username": USER, "Secret": PASSWORD}
        helper.write_text(f"#!/bin/sh\necho {shlex.quote(json.dumps(login))}\n", encoding="utf-8")
        helper.chmod(0o755)
        path = f"{bin_}{os.pathsep}{os.environ['PATH']}"
        asked = replace(BASE, docker_config=config)

        with_helper = await run_one(copy, replace(asked, environment={"PATH": path}))
        helper.unlink()
        without = await run_one(copy, asked)

    assert isinstance(with_helper, Copied)
    assert isinstance(without, Failed)
    assert without.failure.code is Code.SOURCE_DENIED


async def test_what_skopeo_cannot_do_is_refused_before_anything_moves(
    embedded: EmbeddedRegistry,
) -> None:
    with_attestation = build_index([image(), build_attestation(image())])
    embedded.put("team/app", "1", with_attestation)
    source, target = f"{embedded.host}/team/app:1", f"{embedded.host}/ns/app:1"
    several = OnlyPlatforms((Platform("linux", "amd64"), Platform("linux", "arm64")))
    refused = [
        copy_of(source, target, ALL),
        copy_of(source, target, several),
        copy_of("[::1]:5000/team/app:1", target),
    ]

    outcomes = [await run_one(copy) for copy in refused]

    assert [o.failure.code for o in outcomes if isinstance(o, Failed)] == (
        [Code.ENGINE_UNSUPPORTED] * 3
    )
    assert all(seen.method in {"GET", "HEAD"} for seen in embedded.requests)
    assert isinstance(await run_one(copy_of(source, target)), Copied)


async def test_no_more_processes_at_once_than_asked_for(
    embedded: EmbeddedRegistry, tmp_path: Path
) -> None:
    wrapper = Wrapper.install(tmp_path / "bin")
    plan = Plan(
        tuple(
            copy_of(f"{embedded.host}/team/app:{n}", f"{embedded.host}/ns/app:{n}", line=n)
            for n in range(1, 7)
        )
    )
    for n in range(1, 7):
        embedded.put("team/app", str(n), image(str(n)))
    held = [embedded.faults.hold("GET", f"/v2/team/app/manifests/{n}") for n in (1, 2)]

    async with open_skopeo(replace(BASE, parallel=2, environment=wrapper.environment)) as engine:
        running = asyncio.create_task(engine.run(plan, lambda _: None))
        await asyncio.gather(*(hold.arrived.wait() for hold in held))
        for hold in held:
            hold.released.set()
        outcomes = await running

    assert all(isinstance(outcome, Copied) for outcome in outcomes)
    assert wrapper.most_at_once == 2


async def test_the_same_layer_is_not_sent_to_one_repository_twice(
    embedded: EmbeddedRegistry,
) -> None:
    embedded.put("team/app", "1", image("one"))
    embedded.put("team/app", "2", image("two"))
    plan = Plan(
        tuple(
            copy_of(f"{embedded.host}/team/app:{n}", f"{embedded.host}/ns/app:{n}", line=n)
            for n in (1, 2)
        )
    )

    outcomes = await run(plan, replace(BASE, parallel=1))

    uploads = [s for s in embedded.requests if s.method == "PUT" and "/blobs/uploads/" in s.path]
    assert all(isinstance(outcome, Copied) for outcome in outcomes)
    assert len(uploads) == 5


async def test_a_push_in_another_format_than_asked_is_no_success(
    embedded: EmbeddedRegistry, tmp_path: Path
) -> None:
    """`--preserve-digests` and a target by digest make skopeo push OCI and exit with 0."""
    wrapper = Wrapper.install(tmp_path / "bin", edit="s/^--format=v2s2$/--format=oci/")
    embedded.put("team/app", "1", image())
    copy = copy_of(f"{embedded.host}/team/app:1", f"{embedded.host}/ns/app:1")

    outcome = await run_one(copy, replace(BASE, environment=wrapper.environment))

    assert isinstance(outcome, Failed)
    assert outcome.failure.code is Code.TARGET_MISMATCH
    assert outcome.failure.side is Side.TARGET


async def test_no_credential_stands_on_a_command_line_or_stays_on_disk(
    embedded: EmbeddedRegistry,
    docker_registry_basic: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    wrapper = Wrapper.install(tmp_path / "bin")
    embedded.put("team/app", "1", image())
    copy = copy_of(f"{embedded.host}/team/app:1", f"{docker_registry_basic.host}/ns/app:1")
    asked = replace(
        BASE,
        target=Target(docker_registry_basic.host, "ns"),
        target_login=Login(USER, Secret(PASSWORD)),
        environment=wrapper.environment,
    )

    assert isinstance(await run_one(copy, asked), Copied)

    assert PASSWORD not in "\n".join(wrapper.calls)
    assert list(folder.iterdir()) == []


async def test_an_image_has_its_time_and_no_more(embedded: EmbeddedRegistry) -> None:
    embedded.put("team/app", "1", image())
    embedded.faults.hold("GET", "/v2/team/app/manifests/1")
    copy = copy_of(f"{embedded.host}/team/app:1", f"{embedded.host}/ns/app:1")

    outcome = await run_one(copy, replace(BASE, timeout=1))

    assert isinstance(outcome, Failed)
    assert outcome.failure.code is Code.TIMEOUT


async def test_a_registry_that_never_answers_is_given_up_before_the_image_is(
    embedded: EmbeddedRegistry,
) -> None:
    embedded.put("team/app", "1", image())
    embedded.faults.hold("GET", "/v2/team/app/manifests/1")
    copy = copy_of(f"{embedded.host}/team/app:1", f"{embedded.host}/ns/app:1")

    with workspace(BASE) as private:
        engine = SkopeoEngine(Skopeo(BASE, private, read_timeout=0.5))
        (outcome,) = await engine.run(Plan((copy,)), lambda _: None)

    assert isinstance(outcome, Failed)
    assert outcome.failure.code is Code.SOURCE_UNAVAILABLE


async def test_what_a_failing_registry_said_outlives_the_time_limit(
    embedded: EmbeddedRegistry,
) -> None:
    """The pauses between tries may be longer than the limit: nobody was silent."""
    embedded.put("team/app", "1", image())
    embedded.faults.fail("GET", "/v2/team/app/manifests/1", UNAVAILABLE, times=None)
    copy = copy_of(f"{embedded.host}/team/app:1", f"{embedded.host}/ns/app:1")
    asked = replace(BASE, retries=20)

    with workspace(asked) as private:
        engine = SkopeoEngine(Skopeo(asked, private, read_timeout=2))
        (outcome,) = await engine.run(Plan((copy,)), lambda _: None)

    assert isinstance(outcome, Failed)
    assert outcome.failure.code is Code.SOURCE_UNAVAILABLE
    assert "503" in outcome.failure.said
    assert outcome.failure.cause is None


async def test_what_skopeo_said_before_its_own_retry_outlives_the_time_limit(
    embedded: EmbeddedRegistry,
) -> None:
    """skopeo makes up for lost connections itself, and has said why when its time is over."""
    copy = copy_of("127.0.0.1:9/team/app:1", f"{embedded.host}/ns/app:1")
    asked = replace(BASE, retries=20)

    with workspace(asked) as private:
        engine = SkopeoEngine(Skopeo(asked, private, read_timeout=2))
        (outcome,) = await engine.run(Plan((copy,)), lambda _: None)

    assert isinstance(outcome, Failed)
    assert outcome.failure.code is Code.SOURCE_UNAVAILABLE
    assert "connection refused" in outcome.failure.said


async def test_a_rate_limit_that_skopeo_has_waited_out_is_not_waited_out_again(
    embedded: EmbeddedRegistry,
) -> None:
    embedded.put("team/app", "1", image())
    refusal = too_many_requests("0")
    limit = embedded.faults.fail("GET", "/v2/team/app/manifests/1", refusal, times=None)
    copy = copy_of(f"{embedded.host}/team/app:1", f"{embedded.host}/ns/app:1")

    outcome = await run_one(copy, replace(BASE, retries=2))

    assert isinstance(outcome, Failed)
    assert outcome.failure.code is Code.RATE_LIMITED
    assert limit.hits == 5


async def test_what_was_copied_is_a_success_however_slowly_the_rest_is_told(
    embedded: EmbeddedRegistry,
) -> None:
    built = image()
    embedded.put("team/app", "1", built)
    embedded.faults.hold("GET", "/v2/ns/app/blobs/*")
    copy = copy_of(f"{embedded.host}/team/app:1", f"{embedded.host}/ns/app:1")
    asked = replace(BASE, timeout=15)

    with workspace(asked) as private:
        engine = SkopeoEngine(Skopeo(asked, private), content_timeout=0.5)
        (outcome,) = await engine.run(Plan((copy,)), lambda _: None)

    assert isinstance(outcome, Copied)
    assert outcome.content.media_type == media_type.DOCKER_MANIFEST
    assert (outcome.content.platforms, outcome.content.size) == (None, None)


async def test_a_push_that_may_not_be_read_back_is_no_refusal_of_the_push(
    embedded: EmbeddedRegistry,
) -> None:
    embedded.put("team/app", "1", image())
    embedded.faults.deny("/v2/ns/app/manifests/1", "GET")
    copy = copy_of(f"{embedded.host}/team/app:1", f"{embedded.host}/ns/app:1")

    outcome = await run_one(copy)

    assert isinstance(outcome, Failed)
    assert (outcome.failure.code, outcome.failure.side) == (Code.TARGET_MISMATCH, Side.TARGET)
    assert "after the push" in str(outcome.failure.cause)
    assert "the right to pull" in str(outcome.failure.hint)
    assert embedded.manifest("ns/app", "1") is not None


async def test_nothing_is_sent_to_a_target_that_does_not_answer(
    embedded: EmbeddedRegistry,
) -> None:
    embedded.put("team/app", "1", image())
    embedded.faults.fail("GET", "/v2/ns/app/manifests/1", UNAVAILABLE)
    copy = copy_of(f"{embedded.host}/team/app:1", f"{embedded.host}/ns/app:1")

    outcome = await run_one(copy)

    assert isinstance(outcome, Failed)
    assert outcome.failure.code is Code.TARGET_UNAVAILABLE
    assert all(seen.method == "GET" for seen in embedded.requests)


async def test_a_tag_that_moves_between_check_and_copy_changes_nothing(
    embedded: EmbeddedRegistry,
) -> None:
    judged = image("judged")
    embedded.put("team/app", "1", judged)
    look = embedded.faults.hold("GET", "/v2/ns/app/manifests/1")
    copy = copy_of(f"{embedded.host}/team/app:1", f"{embedded.host}/ns/app:1")

    running = asyncio.create_task(run_one(replace(copy, format=Format.SOURCE)))
    await look.arrived.wait()
    embedded.put("team/app", "1", image("slipped in"))
    look.released.set()
    outcome = await running

    assert isinstance(outcome, Copied)
    assert outcome.content.digest == outcome.source_digest == judged.top.digest


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's cache is kept in the system")
async def test_no_trace_of_an_image_stays_in_the_cache_of_the_system(
    embedded: EmbeddedRegistry,
) -> None:
    built = image(uuid.uuid4().hex)
    embedded.put("team/app", "1", built)

    assert isinstance(
        await run_one(copy_of(f"{embedded.host}/team/app:1", f"{embedded.host}/ns/app:1")), Copied
    )

    layer = built.blobs[-1].digest
    kept = Path("/var/lib/containers/cache").glob("blob-info-cache-v1.*")
    assert not [file for file in kept if layer.encode() in file.read_bytes()]


async def test_a_killed_program_leaves_no_skopeo_behind(tmp_path: Path) -> None:
    require_peer("setpriv")
    pids = tmp_path / "pids"
    os.mkfifo(pids)
    program = (
        "import asyncio, os; from registry_mirror.engines.skopeo import process\n"
        "async def main():\n"
        "    leash = await process.find_leash(os.environ)\n"
        f"    script = 'echo $$ > {pids}; exec sleep 600'\n"
        "    await process.run((*leash, 'sh', '-c', script), os.environ)\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", program)
    child = int(await asyncio.to_thread(pids.read_text, encoding="utf-8"))
    gone = asyncio.Event()
    pidfd = os.pidfd_open(child)
    asyncio.get_running_loop().add_reader(pidfd, gone.set)

    parent.kill()

    try:
        async with asyncio.timeout(10):
            await gone.wait()
    finally:
        asyncio.get_running_loop().remove_reader(pidfd)
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        os.close(pidfd)
        await parent.wait()


@pytest.mark.parametrize("setpriv", [None, "exit 1"])
async def test_without_a_setpriv_that_knows_how_commands_run_as_they_are(
    tmp_path: Path, setpriv: str | None
) -> None:
    if setpriv:
        (tmp_path / "setpriv").write_text(f"#!/bin/sh\n{setpriv}\n", encoding="utf-8")
        (tmp_path / "setpriv").chmod(0o755)
    assert await find_leash({"PATH": str(tmp_path)}) == ()


async def test_a_source_that_answers_a_digest_with_something_else_is_refused(
    embedded: EmbeddedRegistry,
) -> None:
    wanted, other = image("wanted"), image("other")
    embedded.put("team/app", "1", other)
    embedded.put("team/app", "2", wanted)
    elsewhere = f"/v2/team/app/manifests/{other.top.digest}"
    lie = Refusal(307, "", "", (("Location", elsewhere),))
    embedded.faults.fail("GET", f"/v2/team/app/manifests/{wanted.top.digest}", lie, times=None)
    copy = copy_of(f"{embedded.host}/team/app:2@{wanted.top.digest}", f"{embedded.host}/ns/app:2")

    outcome = await run_one(copy)

    assert isinstance(outcome, Failed)
    assert outcome.failure.code is Code.DIGEST_MISMATCH
    assert embedded.manifest("ns/app", "2") is None


async def test_events_tell_of_every_copy(embedded: EmbeddedRegistry) -> None:
    embedded.put("team/app", "1", image())
    copy = copy_of(f"{embedded.host}/team/app:1", f"{embedded.host}/ns/app:1")
    events: list[Event] = []

    async with open_skopeo(BASE) as engine:
        (outcome,) = await engine.run(Plan((copy,)), events.append)

    assert events == [Started(copy), Ended(outcome)]


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (None, Code.ENGINE_MISSING),
        ("echo skopeo version 1.4.1", Code.ENGINE_TOO_OLD),
        ("echo something else", Code.ENGINE_TOO_OLD),
        ("echo skopeo version 1.22.2-dev", None),
    ],
)
async def test_a_skopeo_that_cannot_be_used_is_a_matter_of_configuration(
    tmp_path: Path, script: str | None, code: Code | None
) -> None:
    if script:
        (tmp_path / "skopeo").write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (tmp_path / "skopeo").chmod(0o755)
    asked = replace(BASE, environment={"PATH": str(tmp_path)})

    if code is None:
        async with open_skopeo(asked):
            return
    with pytest.raises(ConfigurationInvalidError) as raised:
        async with open_skopeo(asked):
            pass
    assert [problem.code for problem in raised.value.problems] == [code]
    assert "apt-get install skopeo" in str(raised.value.problems[0].hint)
