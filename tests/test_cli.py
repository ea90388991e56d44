"""The commands as a shell sees them: words in, lines, JSON and exit codes out."""

import asyncio
import json
import os
import re
import signal
import time
from pathlib import Path

import pytest

from registry_mirror import __version__
from registry_mirror.embedded.images import build_image, build_layer
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.oci import media_type as mt
from tests.program import finish, program, start
from tests.registries import require_peer

IMAGE_KEYS = {
    "line", "source", "target", "status", "digest", "source_digest", "media_type", "platforms",
    "dropped", "replaced", "bytes", "seconds", "error",
}  # fmt: skip


def fill(registry: EmbeddedRegistry, *tags: str) -> None:
    for tag in tags:
        registry.put("team/app", tag, build_image([build_layer({"tag": tag.encode()})]))


async def test_every_command_has_help() -> None:
    for command in ("sync", "check", "issue", "demo"):
        shown = await program(command, "--help")
        assert (shown.code, shown.stdout.startswith("Usage:")) == (0, True)
    assert (await program("--version")).stdout == f"registry-mirror, version {__version__}\n"


@pytest.mark.parametrize("arguments", [("check",), ("check", "-f", "-"), ("check", "-f", "FILE")])
async def test_check_prints_a_line_for_each_image(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    listed = f"nginx:1.27\n# comment\nghcr.io/a/b:2@sha256:{'a' * 64} --as c/d:3\n"
    file = tmp_path / "list"
    file.write_text(listed, encoding="utf-8")
    words = [str(file) if word == "FILE" else word for word in arguments]

    checked = await program(*words, stdin=listed)

    assert checked.code == 0
    assert checked.stdout == (
        f"docker.io/library/nginx:1.27\tnginx:1.27\nghcr.io/a/b:2@sha256:{'a' * 64}\tc/d:3\n"
    )
    assert checked.stderr == ""


async def test_check_names_the_target_where_there_is_one() -> None:
    target = {"TARGET_REGISTRY": "https://r.example.com/", "TARGET_NAMESPACE": "a/b"}

    checked = await program("check", environment=target, stdin="nginx:1")

    assert checked.stdout == "docker.io/library/nginx:1\tr.example.com/a/b/nginx:1\n"


async def test_check_never_wraps_a_line() -> None:
    name = "a" * 250

    checked = await program("check", environment={"COLUMNS": "40"}, stdin=f"gcr.io/{name}:1")

    assert checked.stdout == f"gcr.io/{name}:1\t{name}:1\n"


async def test_check_reads_the_body_of_an_issue() -> None:
    body = "### 镜像列表 / Images\r\n\r\n```text\r\nnginx:1\r\nnginx\r\n```\r\n"

    checked = await program("check", stdin=body)

    assert checked.code == 2
    assert checked.stderr.startswith("line 5: nginx: ")


async def test_problems_are_told_all_at_once() -> None:
    checked = await program("check", stdin="nginx\nok:1\ndocker pull redis:7\n")

    assert checked.code == 2
    assert checked.stdout == ""
    lines = checked.stderr.splitlines()
    assert [line.split(":")[0] for line in lines] == ["line 1", "line 3"]
    assert all(re.fullmatch(r"line \d+: .+: .+ \(.+\)", line) for line in lines)


@pytest.mark.parametrize(
    "arguments",
    [
        ("sync",),
        ("sync", "nginx:1", "-f", "-"),
        ("sync", "nginx:1", "--to", "r.example.com"),
        ("sync", "nginx:1", "--to", "r.example.com/UPPER"),
        ("sync", "nginx:1", "--all", "--platform", "linux/amd64"),
        ("sync", "nginx:1", "--platform", "amd64"),
        ("sync", "nginx:1", "--platform", "Linux/AMD64"),
        ("sync", "nginx:1", "--to", "harbor/mirrors"),
        ("sync", "nginx:1", "--parallel", "0"),
        ("sync", "nginx:1", "--engine", "docker"),
        ("sync", "nginx:1", "--insecure", "http://a/b/c"),
        ("sync", "nginx:1", "--ca-file", "/nonexistent/ca.pem"),
        ("sync", "nginx:1", "--to", "ftp://r.example.com/ns"),
        ("sync", "nginx:1", "--to", "r.example.com/ns", "--json", "/nonexistent/r.json"),
        ("sync", "nginx:1", "--to", "r.example.com/ns", "--json", "/tmp"),
        ("sync", "-f", "/nonexistent/list"),
        ("sync", "--to", "r.example.com/ns", "nginx"),
        ("sync", "--to", "r.example.com/ns", "-f", "-"),
        ("check",),
        ("mirror",),
    ],
)
async def test_a_wrong_request_or_command_line_exits_with_2(arguments: tuple[str, ...]) -> None:
    asked = await program(*arguments)

    assert asked.code == 2
    assert asked.stdout == ""
    assert asked.stderr


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({}, ["TARGET_REGISTRY", "TARGET_NAMESPACE"]),
        ({"TARGET_REGISTRY": "r.example.com"}, ["TARGET_NAMESPACE"]),
        ({"TARGET_REGISTRY": "r.io", "TARGET_NAMESPACE": "n", "MAX_PARALLEL": "many"},
         ["MAX_PARALLEL"]),
        ({"TARGET_REGISTRY": "r.io", "TARGET_NAMESPACE": "n", "MIRROR_ENGINE": "other"},
         ["MIRROR_ENGINE"]),
        ({"TARGET_REGISTRY": "r.io", "TARGET_NAMESPACE": "n", "MIRROR_ENGINE": "skopeo",
          "PATH": "/nonexistent"}, ["skopeo"]),
    ],
)  # fmt: skip
async def test_a_wrong_configuration_exits_with_3_and_names_the_settings(
    environment: dict[str, str], named: list[str]
) -> None:
    asked = await program("sync", "nginx:1", environment=environment)

    assert asked.code == 3
    assert [line.split(":")[0] for line in asked.stderr.splitlines()] == named


async def test_a_dry_run_plans_and_copies_nothing(tmp_path: Path) -> None:
    report = tmp_path / "report.json"

    asked = await program(
        "sync", "nginx:1", "redis:7 --as cache", "--to", "r.example.com/ns", "--dry-run",
        "--json", str(report),
    )  # fmt: skip

    planned = json.loads(report.read_text(encoding="utf-8"))
    assert asked.code == 0
    assert [(i["line"], i["target"], i["status"]) for i in planned["images"]] == [
        (1, "r.example.com/ns/nginx:1", "planned"),
        (2, "r.example.com/ns/cache:7", "planned"),
    ]


@pytest.mark.parametrize(
    "to", ["r.example.com/ns", "HTTPS://R.example.com/ns/", "http://r.example.com/ns"]
)
async def test_a_target_may_be_pasted_with_its_scheme(to: str) -> None:
    asked = await program("sync", "nginx:1", "--to", to, "--dry-run")

    assert asked.stdout == "planned docker.io/library/nginx:1 -> r.example.com/ns/nginx:1\n"


async def test_problems_go_into_the_json_too() -> None:
    asked = await program("sync", "nginx", "--to", "r.example.com/ns", "--json", "-")

    document = json.loads(asked.stdout)
    assert asked.code == 2
    assert document["images"] == []
    assert [(p["line"], p["text"], p["code"]) for p in document["problems"]] == [
        (1, "nginx", "missing-tag")
    ]


@pytest.mark.parametrize("engine", ["native", "skopeo"])
async def test_sync_copies_reports_and_exits_with_0_or_1(
    embedded: EmbeddedRegistry, engine: str
) -> None:
    require_peer("skopeo")
    fill(embedded, "1", "2")
    to = ("--to", f"{embedded.host}/ns", "--json", "-", "--engine", engine)

    first = await program("sync", f"{embedded.host}/team/app:1", *to)
    both = await program(
        "sync", "-f", "-", *to,
        stdin=f"{embedded.host}/team/app:1\n{embedded.host}/team/app:9\n",
    )  # fmt: skip

    assert (first.code, both.code) == (0, 1)
    document = json.loads(both.stdout)
    assert (document["version"], document["target"]) == (1, f"{embedded.host}/ns")
    assert document["engine"] == engine
    unchanged, failed = document["images"]
    assert (set(unchanged), set(failed)) == (IMAGE_KEYS, IMAGE_KEYS)
    assert unchanged["status"] == "unchanged"
    assert (unchanged["error"], unchanged["replaced"]) == (None, None)
    if engine == "skopeo":
        assert (unchanged["bytes"], unchanged["platforms"]) == (None, ["linux/amd64"])
    else:
        assert unchanged["bytes"]["sent"] == 0
    assert failed["status"] == "failed"
    assert (failed["error"]["code"], failed["error"]["side"]) == ("tag-not-found", "source")
    assert failed["digest"] is None


@pytest.mark.parametrize(
    ("words", "environment"), [(("--engine", "native"), {}), ((), {"MIRROR_ENGINE": "native"})]
)
async def test_the_native_engine_needs_no_other_program(
    embedded: EmbeddedRegistry, words: tuple[str, ...], environment: dict[str, str]
) -> None:
    fill(embedded, "1")

    asked = await program(
        "sync", f"{embedded.host}/team/app:1", "--to", f"{embedded.host}/ns", "--json", "-", *words,
        environment={"PATH": "/nonexistent", **environment},
    )  # fmt: skip

    assert asked.code == 0, asked.stderr
    document = json.loads(asked.stdout)
    assert document["engine"] == "native"
    assert [(i["status"], i["media_type"]) for i in document["images"]] == [
        ("copied", mt.DOCKER_MANIFEST)
    ]
    assert embedded.manifest("ns/app", "1")


async def test_progress_and_report_without_json(embedded: EmbeddedRegistry) -> None:
    require_peer("skopeo")
    fill(embedded, "1")
    words = ("sync", f"{embedded.host}/team/app:1", "--to", f"{embedded.host}/ns")

    shown = await program(*words)
    quiet = await program(*words, "--no-progress")

    assert "copied" in shown.stdout
    assert shown.stderr.startswith("[1/1] copied")
    assert quiet.stderr == ""


async def test_options_win_over_the_environment() -> None:
    environment = {
        "TARGET_REGISTRY": "other.example.com",
        "TARGET_NAMESPACE": "other",
        "MIRROR_ALL": "true",
        "NAMING": "flat",
    }

    asked = await program(
        "sync", "quay.io/a/b:1", "--to", "r.example.com/ns", "--platform", "linux/arm64",
        "--naming", "path", "--dry-run",
        environment=environment,
    )  # fmt: skip

    assert asked.code == 0
    assert "r.example.com/ns/quay.io/a/b:1" in asked.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_ends_the_run_and_leaves_nothing_but_the_report(
    embedded: EmbeddedRegistry, tmp_path: Path, number: signal.Signals
) -> None:
    require_peer("skopeo")
    fill(embedded, "1", "2", "3")
    folder = tmp_path / "tmp"
    folder.mkdir()
    held = embedded.faults.hold("GET", "/v2/team/app/manifests/2")
    process = await start(
        "sync", *(f"{embedded.host}/team/app:{n}" for n in (1, 2, 3)),
        "--to", f"{embedded.host}/ns", "--parallel", "1", "--json", "-", "--engine", "skopeo",
        environment={"TMPDIR": str(folder)},
    )  # fmt: skip
    await held.arrived.wait()
    assert process.pid
    children = _descendants(process.pid)

    signalled = time.monotonic()
    process.send_signal(number)
    ended = await finish(process)

    assert time.monotonic() - signalled < 5
    assert ended.code == 130
    images = json.loads(ended.stdout)["images"]
    assert [i["status"] for i in images] == ["copied", "failed", "failed"]
    assert [i["error"]["code"] for i in images[1:]] == ["cancelled", "cancelled"]
    assert children
    assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("words", [("check",), ("sync", "-f", "-", "--to", "r.example.com/ns")])
async def test_a_signal_ends_the_reading_of_a_list(
    words: tuple[str, ...], number: signal.Signals
) -> None:
    process = await start(*words)
    await _reads_its_input(process)

    process.send_signal(number)
    ended = await finish(process)

    assert (ended.code, ended.stdout, ended.stderr) == (130, "", "")


async def test_a_signal_at_the_very_start_ends_without_a_traceback() -> None:
    """Python itself tells how far the imports have come."""
    process = await start("check", environment={"PYTHONVERBOSE": "1"})
    assert process.stderr
    while b"import 'registry_mirror.stopping'" not in await process.stderr.readline():
        pass
    while b"import 'click" not in await process.stderr.readline():
        pass

    process.send_signal(signal.SIGINT)
    ended = await finish(process)

    assert ended.code == 130
    assert "Traceback" not in ended.stderr


async def test_a_hangup_is_ignored_where_the_starter_ignores_it() -> None:
    process = await start("check", by=("nohup",))
    await _reads_its_input(process)

    process.send_signal(signal.SIGHUP)
    ended = await finish(process, stdin="nginx:1\n")

    assert (ended.code, ended.stdout) == (0, "docker.io/library/nginx:1\tnginx:1\n")


async def test_a_closed_pipe_costs_neither_the_report_nor_the_exit_code(
    embedded: EmbeddedRegistry, tmp_path: Path
) -> None:
    require_peer("skopeo")
    fill(embedded, "1")
    report = tmp_path / "report.json"
    words = ("sync", f"{embedded.host}/team/app:1", f"{embedded.host}/team/app:9")
    to = ("--to", f"{embedded.host}/ns", "--json", str(report))

    for closed in (">&-", "2>&-", ">/dev/full 2>/dev/full", "<&- >&- 2>&-"):
        report.unlink(missing_ok=True)
        process = await start(*words, *to, by=("sh", "-c", f'exec "$@" {closed}', "sh"))
        assert (await finish(process)).code == 1
        images = json.loads(report.read_text(encoding="utf-8"))["images"]
        assert [image["status"] for image in images][1:] == ["failed"]


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
async def test_a_reader_that_leaves_ends_nothing(
    embedded: EmbeddedRegistry, tmp_path: Path, stream: str
) -> None:
    require_peer("skopeo")
    fill(embedded, "1", "2")
    report = tmp_path / "report.json"
    held = embedded.faults.hold("GET", "/v2/team/app/manifests/1")
    reading, writing = os.pipe()
    number = {"stdout": 1, "stderr": 2}[stream]
    process = await start(
        "sync", *(f"{embedded.host}/team/app:{n}" for n in (1, 2)),
        "--to", f"{embedded.host}/ns", "--json", str(report),
        by=("sh", "-c", f'exec "$@" {number}>/proc/self/fd/{writing}', "sh"),
        pass_fds=(writing,),
    )  # fmt: skip
    os.close(writing)
    async with asyncio.timeout(20):
        await held.arrived.wait()
    os.close(reading)
    held.released.set()

    assert (await finish(process)).code == 0
    images = json.loads(report.read_text(encoding="utf-8"))["images"]
    assert [image["status"] for image in images] == ["copied", "copied"]


async def test_a_signal_is_heard_where_nobody_reads(embedded: EmbeddedRegistry) -> None:
    require_peer("skopeo")
    fill(embedded, "1")
    held = embedded.faults.hold("GET", "/v2/team/app/manifests/1")
    process = await start(
        "sync", f"{embedded.host}/team/app:1", "--to", f"{embedded.host}/ns",
        by=("sh", "-c", 'exec "$@" >&-', "sh"),
    )  # fmt: skip
    await held.arrived.wait()

    process.send_signal(signal.SIGINT)

    assert (await finish(process)).code == 130


async def test_a_json_report_that_does_not_fit_is_no_success() -> None:
    asked = await program(
        "sync", "nginx:1", "--to", "r.example.com/ns", "--dry-run", "--json", "/dev/full"
    )

    assert asked.code == 1
    assert "could not be written" in asked.stderr
    assert asked.stdout.startswith("planned")


async def test_the_password_is_nowhere_to_be_seen(
    embedded: EmbeddedRegistry, tmp_path: Path
) -> None:
    require_peer("skopeo")
    fill(embedded, "1")
    password = """it's "quoted" $HOME `id` 密码é"""
    held = embedded.faults.hold("GET", "/v2/team/app/manifests/1")
    process = await start(
        "sync", f"{embedded.host}/team/app:1", f"{embedded.host}/team/app:9",
        "--to", f"{embedded.host}/ns", "--json", str(tmp_path / "report.json"),
        "--engine", "skopeo",
        environment={
            "TMPDIR": str(tmp_path),
            "TARGET_REGISTRY_USER": "user",
            "TARGET_REGISTRY_PASSWORD": password,
        },
    )  # fmt: skip
    await held.arrived.wait()
    assert process.pid
    seen = [_read(f"/proc/{pid}/cmdline") for pid in (process.pid, *_descendants(process.pid))]
    surroundings = [_read(f"/proc/{pid}/environ") for pid in _descendants(process.pid)]
    held.released.set()
    ended = await finish(process)

    written = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    everything = b"\n".join(
        [*seen, *surroundings, ended.stdout.encode(), ended.stderr.encode(), *written]
    )
    assert ended.code == 1
    assert b"skopeo" in b"".join(seen)
    assert password.encode() not in everything
    assert json.dumps(password)[1:-1].encode() not in everything
    assert len(written) == 1


async def test_the_demo_runs_and_shows_everything() -> None:
    require_peer("skopeo")

    shown = await program("demo")

    assert shown.code == 0
    for expected in ("镜像列表 / Images", "镜像同步报告", "unchanged", "manifest.list.v2+json"):
        assert expected in shown.stdout
    assert "\\n" not in shown.stdout


async def _reads_its_input(process: asyncio.subprocess.Process) -> None:
    """Give the process more than a pipe holds, which is gone only when it reads."""
    assert process.stdin
    process.stdin.transport.set_write_buffer_limits(0)
    process.stdin.write(b"# comment\n" * 20_000)
    async with asyncio.timeout(20):
        await process.stdin.drain()


def _descendants(pid: int) -> list[int]:
    """The processes below one; threads that end meanwhile have none."""
    children = [
        int(child)
        for task in Path(f"/proc/{pid}/task").glob("*")
        for child in _read(f"{task}/children").split()
    ]
    return [*children, *(deeper for child in children for deeper in _descendants(child))]


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""
