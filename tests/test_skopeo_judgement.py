"""What skopeo is asked for, whether it did it, and how its processes end."""

import asyncio
import itertools
import json
import os
import signal
import stat
import sys
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from registry_mirror.config import Settings
from registry_mirror.engines.skopeo.judgement import (
    is_other_than_named,
    on_target,
    refusal_of_copy,
    refusal_of_result,
    refusal_of_source,
)
from registry_mirror.engines.skopeo.process import MAX_OUTPUT, Finished, run
from registry_mirror.engines.skopeo.workspace import workspace
from registry_mirror.errors import Code, Failure, Side
from registry_mirror.naming import Target
from registry_mirror.oci import media_type as mt
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.manifest import (
    ATTESTATION_ARTIFACT,
    Descriptor,
    Entry,
    ImageManifest,
    Index,
    Manifest,
)
from registry_mirror.oci.platform import EveryPlatform, OnlyPlatforms, Platform, Selection
from registry_mirror.oci.reference import Reference
from registry_mirror.plan import Copy, Format
from registry_mirror.secret import Login, Secret
from registry_mirror.text import Language, Text

ALL = EveryPlatform()
AMD64 = OnlyPlatforms((Platform("linux", "amd64"),))
SEVERAL = OnlyPlatforms((Platform("linux", "amd64"), Platform("linux", "arm64")))

A = Digest("sha256:" + "a" * 64)
B = Digest("sha256:" + "b" * 64)


def copy_of(
    source: str = "quay.io/team/app:1",
    target: str = "a.example/team/app:1",
    selection: Selection = AMD64,
    format_: Format = Format.V2S2,
) -> Copy:
    return Copy(1, Reference.parse(source), Reference.parse(target), selection, format_)


def image(media_type: str = mt.OCI_MANIFEST, digest: Digest = A) -> ImageManifest:
    return ImageManifest(media_type, digest, Descriptor(mt.OCI_CONFIG, B, 1), (), b"")


def schema_1(digest: Digest) -> ImageManifest:
    return ImageManifest(mt.DOCKER_MANIFEST_V1_SIGNED, digest, None, (), b"")


def index(media_type: str = mt.OCI_INDEX, *, attested: bool = False, digest: Digest = A) -> Index:
    names = ("", ATTESTATION_ARTIFACT) if attested else ("",)
    entries = (Entry(Descriptor(mt.OCI_MANIFEST, B, 1, artifact_type=name), None) for name in names)
    return Index(media_type, digest, tuple(entries), b"")


def code_of(failure: Failure | None) -> tuple[Code, Side | None] | None:
    return (failure.code, failure.side) if failure else None


SOURCE_UNSUPPORTED = (Code.ENGINE_UNSUPPORTED, Side.SOURCE)
TARGET_UNSUPPORTED = (Code.ENGINE_UNSUPPORTED, Side.TARGET)


@pytest.mark.parametrize(
    ("copy", "refusal"),
    [
        (copy_of(), None),
        (copy_of(selection=ALL), None),
        (copy_of(selection=SEVERAL), SOURCE_UNSUPPORTED),
        (copy_of("[::1]:5000/app:1"), SOURCE_UNSUPPORTED),
        (copy_of(target="[fd00::1]/team/app:1"), TARGET_UNSUPPORTED),
        (copy_of("127.0.0.1:5000/app:1"), None),
    ],
)
def test_what_skopeo_can_be_asked_for(copy: Copy, refusal: tuple[Code, Side] | None) -> None:
    failure = refusal_of_copy(copy)

    assert code_of(failure) == refusal
    if failure:
        assert failure.hint
        for language in Language:
            assert "MIRROR_ENGINE=native" in failure.hint.say(language)


def test_fewer_platforms_are_no_way_to_reach_an_ipv6_host() -> None:
    failure = refusal_of_copy(copy_of("[::1]:5000/app:1"))
    assert failure
    assert failure.hint
    assert "platform" not in failure.hint.say(Language.EN)


@pytest.mark.parametrize("attested", [True, False])
@pytest.mark.parametrize("format_", Format)
@pytest.mark.parametrize("selection", [ALL, AMD64])
def test_attestations_are_refused_only_where_skopeo_would_convert_them(
    selection: Selection, format_: Format, *, attested: bool
) -> None:
    refused = attested and selection is ALL and format_ is Format.V2S2
    copy = copy_of(selection=selection, format_=format_)

    assert code_of(refusal_of_source(copy, index(attested=attested))) == (
        SOURCE_UNSUPPORTED if refused else None
    )
    assert refusal_of_source(copy, image()) is None


@pytest.mark.parametrize(
    ("pinned", "found", "other"),
    [
        (None, image(), False),
        (A, image(digest=A), False),
        (A, image(digest=B), True),
        (A, index(digest=B), True),
        (A, schema_1(B), False),
        (Digest("sha512:" + "a" * 128), image(), False),
    ],
)
def test_a_pinned_source_must_be_the_one_that_was_named(
    pinned: Digest | None, found: Manifest, *, other: bool
) -> None:
    suffix = f"@{pinned}" if pinned else ""
    copy = copy_of(f"quay.io/team/app:1{suffix}")

    assert is_other_than_named(copy.source, found) is other
    assert code_of(refusal_of_source(copy, found)) == (
        (Code.DIGEST_MISMATCH, Side.SOURCE) if other else None
    )


SOURCES: dict[str, Manifest] = {
    "oci image": image(mt.OCI_MANIFEST),
    "docker image": image(mt.DOCKER_MANIFEST),
    "schema 1": schema_1(A),
    "oci index": index(mt.OCI_INDEX),
    "docker list": index(mt.DOCKER_MANIFEST_LIST),
}
FOUND = (
    mt.OCI_MANIFEST,
    mt.OCI_INDEX,
    mt.DOCKER_MANIFEST,
    mt.DOCKER_MANIFEST_LIST,
    mt.DOCKER_MANIFEST_V1,
    mt.DOCKER_MANIFEST_V1_SIGNED,
    "",
)

# What the target may hold: for a source, the whole of it or one platform, and each format.
EXPECTED: dict[tuple[str, bool, Format], set[str]] = {
    ("oci image", False, Format.V2S2): {mt.DOCKER_MANIFEST},
    ("oci image", False, Format.OCI): {mt.OCI_MANIFEST},
    ("oci image", False, Format.SOURCE): {mt.OCI_MANIFEST},
    ("oci image", True, Format.V2S2): {mt.DOCKER_MANIFEST},
    ("oci image", True, Format.OCI): {mt.OCI_MANIFEST},
    ("oci image", True, Format.SOURCE): {mt.OCI_MANIFEST},
    ("docker image", False, Format.V2S2): {mt.DOCKER_MANIFEST},
    ("docker image", False, Format.OCI): {mt.OCI_MANIFEST},
    ("docker image", False, Format.SOURCE): {mt.DOCKER_MANIFEST},
    ("docker image", True, Format.V2S2): {mt.DOCKER_MANIFEST},
    ("docker image", True, Format.OCI): {mt.OCI_MANIFEST},
    ("docker image", True, Format.SOURCE): {mt.DOCKER_MANIFEST},
    ("schema 1", False, Format.V2S2): {mt.DOCKER_MANIFEST},
    ("schema 1", False, Format.OCI): {mt.OCI_MANIFEST},
    ("schema 1", False, Format.SOURCE): {mt.DOCKER_MANIFEST_V1_SIGNED},
    ("schema 1", True, Format.V2S2): {mt.DOCKER_MANIFEST},
    ("schema 1", True, Format.OCI): {mt.OCI_MANIFEST},
    ("schema 1", True, Format.SOURCE): {mt.DOCKER_MANIFEST_V1_SIGNED},
    ("oci index", False, Format.V2S2): {mt.DOCKER_MANIFEST},
    ("oci index", False, Format.OCI): {mt.OCI_MANIFEST},
    ("oci index", False, Format.SOURCE): {mt.OCI_MANIFEST, mt.DOCKER_MANIFEST},
    ("oci index", True, Format.V2S2): {mt.DOCKER_MANIFEST_LIST},
    ("oci index", True, Format.OCI): {mt.OCI_INDEX},
    ("oci index", True, Format.SOURCE): {mt.OCI_INDEX},
    ("docker list", False, Format.V2S2): {mt.DOCKER_MANIFEST},
    ("docker list", False, Format.OCI): {mt.OCI_MANIFEST},
    ("docker list", False, Format.SOURCE): {mt.OCI_MANIFEST, mt.DOCKER_MANIFEST},
    ("docker list", True, Format.V2S2): {mt.DOCKER_MANIFEST_LIST},
    ("docker list", True, Format.OCI): {mt.OCI_INDEX},
    ("docker list", True, Format.SOURCE): {mt.DOCKER_MANIFEST_LIST},
}


def test_every_case_is_in_the_table() -> None:
    assert set(EXPECTED) == set(itertools.product(SOURCES, (False, True), Format))


@pytest.mark.parametrize(("case", "expected"), EXPECTED.items(), ids=map(str, EXPECTED))
def test_what_the_target_holds_must_have_the_format(
    case: tuple[str, bool, Format], expected: set[str]
) -> None:
    source, whole, format_ = case
    copy = copy_of(selection=ALL if whole else AMD64, format_=format_)
    found = {
        media_type
        for media_type in FOUND
        if refusal_of_result(copy, SOURCES[source], A, image(media_type)) is None
    }
    assert found == expected


def test_a_wrong_format_is_named() -> None:
    failure = refusal_of_result(copy_of(), image(), A, image(mt.OCI_MANIFEST))

    assert failure
    assert (failure.code, failure.side) == (Code.TARGET_MISMATCH, Side.TARGET)
    assert failure.cause
    for language in Language:
        assert mt.OCI_MANIFEST in failure.cause.say(language)
        assert "v2s2" in failure.cause.say(language)


def test_a_tag_that_holds_something_else_than_was_pushed_is_told() -> None:
    failure = refusal_of_result(copy_of(), image(), B, image(mt.DOCKER_MANIFEST, A))

    assert failure
    assert (failure.code, failure.side) == (Code.TARGET_MISMATCH, Side.TARGET)
    assert failure.cause
    for language in Language:
        assert {A, B} <= {word for word in (A, B) if word in failure.cause.say(language)}


@pytest.mark.parametrize("pushed", [A, None])
def test_a_tag_that_holds_what_was_pushed_is_right(pushed: Digest | None) -> None:
    found = image(mt.DOCKER_MANIFEST, A)
    assert refusal_of_result(copy_of(), image(), pushed, found) is None


def test_the_digest_of_a_signed_schema_1_image_is_not_compared() -> None:
    found = schema_1(A)
    copy = copy_of(format_=Format.SOURCE)
    assert refusal_of_result(copy, SOURCES["schema 1"], B, found) is None


@pytest.mark.parametrize(
    ("code", "at_target"),
    [
        (Code.SOURCE_DENIED, Code.TARGET_DENIED),
        (Code.SOURCE_UNAVAILABLE, Code.TARGET_UNAVAILABLE),
        (Code.TAG_NOT_FOUND, Code.TARGET_NOT_FOUND),
        (Code.REPOSITORY_NOT_FOUND, Code.TARGET_NOT_FOUND),
        (Code.RATE_LIMITED, Code.RATE_LIMITED),
        (Code.ENGINE_FAILED, Code.ENGINE_FAILED),
    ],
)
def test_a_failed_read_is_told_of_the_side_that_was_read(code: Code, at_target: Code) -> None:
    cause, hint = Text(zh="因", en="cause"), Text(zh="法", en="hint")
    failure = Failure(code, Side.SOURCE, "what was said", cause, hint)
    assert on_target(failure) == Failure(at_target, Side.TARGET, "what was said", cause, hint)


# Processes.

ENVIRONMENT = {"PATH": os.environ["PATH"]}


def python(script: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-I", "-c", script, *arguments)


@asynccontextmanager
async def lifeline(path: Path) -> AsyncIterator[asyncio.StreamReader]:
    """What processes write into `path`; it ends when the last that has it open has ended."""
    os.mkfifo(path)
    reader = asyncio.StreamReader()
    pipe = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb", 0)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), pipe
    )
    try:
        async with asyncio.timeout(20):
            yield reader
    finally:
        transport.close()


async def test_a_child_is_run_to_its_end() -> None:
    script = "import sys; print('out'); print('wörd', file=sys.stderr); sys.exit(3)"
    finished = await run(python(script), ENVIRONMENT | {"PYTHONIOENCODING": "utf-8"})
    assert finished.exit_code == 3
    assert finished.stdout == b"out\n"


async def test_what_is_no_utf8_in_stderr_is_replaced() -> None:
    script = "import sys; sys.stderr.buffer.write(b'\\xff w\\xc3\\xb6rd')"
    assert await run(python(script), ENVIRONMENT) == Finished(0, b"", "\ufffd wörd")


async def test_a_child_sees_the_environment_that_it_is_given_and_no_input() -> None:
    script = "import os, sys; print(sorted(os.environ), sys.stdin.read())"
    finished = await run(python(script), {"ONLY": "this"})
    seen = finished.stdout.decode()
    assert "'ONLY'" in seen
    assert "PATH" not in seen


async def test_the_signal_that_ended_a_child_is_its_exit_code() -> None:
    script = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    assert (await run(python(script), ENVIRONMENT)).exit_code == -signal.SIGKILL


async def test_a_program_that_is_absent_is_told() -> None:
    with pytest.raises(FileNotFoundError):
        await run(("no-such-program-anywhere",), ENVIRONMENT)


async def test_output_is_kept_up_to_a_limit_and_read_to_its_end() -> None:
    script = """
import sys
for stream in (sys.stdout.buffer, sys.stderr.buffer):
    stream.write(b"x" * int(sys.argv[1]))
    stream.flush()
sys.exit(7)
"""
    finished = await run(python(script, str(MAX_OUTPUT + 300_000)), ENVIRONMENT)

    assert finished.exit_code == 7
    assert len(finished.stdout) == len(finished.stderr) == MAX_OUTPUT


# Each says that it is ready, keeps its line open, and does not end by itself.
BEGIN = """
import os, signal, sys
signal.alarm(60)
line = os.open(sys.argv[1], os.O_WRONLY)
"""
OBEDIENT = """
os.write(line, b"ready\\n")
signal.pause()
"""
DEAF = """
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.write(line, b"ready\\n")
signal.pause()
"""
DEAF_GRANDCHILD = """
if os.fork() == 0:
    signal.alarm(60)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.write(line, b"ready\\n")
signal.pause()
"""
ORPHAN = """
if os.fork() == 0:
    signal.alarm(60)
    os.write(line, b"ready\\n")
    signal.pause()
"""
CHATTY = """
os.write(line, b"ready\\n")
while True:
    os.write(1, b"x" * 65536)
"""
TIDY = """
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
os.write(line, b"ready\\n")
os.write(2, b"here")
signal.sigwait({signal.SIGTERM})
os.write(line, b"tidied\\n")
"""


@pytest.mark.parametrize(
    "script",
    [OBEDIENT, DEAF, DEAF_GRANDCHILD, ORPHAN, CHATTY],
    ids=["obedient", "deaf", "deaf grandchild", "orphan", "chatty"],
)
async def test_cancelled_it_ends_the_child_and_its_children(script: str, tmp_path: Path) -> None:
    async with lifeline(tmp_path / "line") as line:
        argv = python(BEGIN + script, str(tmp_path / "line"))
        task = asyncio.create_task(run(argv, ENVIRONMENT, grace=0.2))
        assert await line.readline() == b"ready\n"

        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        assert await line.read() == b""


async def test_a_child_that_ends_when_asked_may_tidy_up(tmp_path: Path) -> None:
    async with lifeline(tmp_path / "line") as line:
        argv = python(BEGIN + TIDY, str(tmp_path / "line"))
        heard = bytearray()
        task = asyncio.create_task(run(argv, ENVIRONMENT, stderr=heard, grace=60))
        assert await line.readline() == b"ready\n"
        # A child that is cancelled while it starts is killed at once.
        while not heard:  # noqa: ASYNC110  (a bytearray tells nobody)
            await asyncio.sleep(0)

        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        assert await line.read() == b"tidied\n"


async def test_cancelled_twice_it_still_ends_a_deaf_child(tmp_path: Path) -> None:
    async with lifeline(tmp_path / "line") as line:
        argv = python(BEGIN + DEAF, str(tmp_path / "line"))
        task = asyncio.create_task(run(argv, ENVIRONMENT, grace=60))
        assert await line.readline() == b"ready\n"

        task.cancel()
        await asyncio.wait({task}, timeout=0.1)
        assert not task.done()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        assert await line.read() == b""


# The private folder.


def test_credentials_stand_in_private_files_that_go_with_the_run() -> None:
    password = 'it\'s "not" real\udcff wörd'
    settings = Settings(
        target=Target("a.example", "ns"),
        target_login=Login("robot", Secret(password)),
        source_auth=Secret('{"auths": {"quay.io": {}}}'),
        environment={"PATH": "/usr/bin"},
    )

    with workspace(settings) as private:
        target = json.loads(private.target_auth.read_text(encoding="utf-8"))
        assert b64decode(target["auths"]["a.example"]["auth"]) == os.fsencode(f"robot:{password}")
        assert json.loads(private.source_auth.read_text(encoding="utf-8")) == {
            "auths": {"quay.io": {}}
        }
        for path in (private.target_auth, private.source_auth):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(private.folder.stat().st_mode) == 0o700
        assert password not in str(private.environment)

    assert not private.folder.exists()


def test_without_credentials_the_docker_configuration_serves_both_sides(tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    with workspace(Settings(docker_config=config)) as private:
        assert (private.source_auth, private.target_auth) == (config, config)


def test_without_any_configuration_both_sides_are_anonymous() -> None:
    with workspace(Settings()) as private:
        assert private.source_auth.read_text(encoding="utf-8") == "{}"
        assert private.target_auth.read_text(encoding="utf-8") == "{}"


def test_children_trust_the_authorities_of_the_settings() -> None:
    settings = Settings(ca_file=Path("/ca.pem"), environment={"SSL_CERT_FILE": " /ca.pem\n"})
    with workspace(settings) as private:
        assert private.environment["SSL_CERT_FILE"] == "/ca.pem"
        assert private.environment["TMPDIR"] == str(private.folder)
