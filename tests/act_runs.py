"""The workflow as a runner runs it: by act, without containers, on a copy of this checkout.

What act 0.2.89 can't do is rewritten in the copy, and nothing else: `uses: $/action` becomes
`uses: me/fork/action@main`, which `--local-repository` leads to the same copy. Nothing of this
process's environment reaches a step, and no secret stands on a command line.

To install takes longer than all the rest of a run. So the script that installs is run once, and
where a run isn't `bare` its `python3` answers `-m venv` with a copy of what came of that, made of
hard links, in which the same script finds nothing left to install.
"""

import asyncio
import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import pytest

CHECKOUT = Path(__file__).parents[1]
WORKFLOW = Path(".github/workflows/mirror.yml")
SETUP = Path(".github/workflows/setup.yml")
REPOSITORY = "me/fork"

_LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "tests", "build", "dist")
_SECONDS = 120.0
_DOWNLOAD_SECONDS = 600.0

_SPARING = """\
#!/bin/sh
[ "$1 $2" = "-m venv" ] && exec cp -al {installed} "$3"
exec {python} "$@"
"""


@dataclass(frozen=True, slots=True)
class Fork:
    """A copy of the checkout, and the wheels that its install step finds without a registry.

    In `tools` is the `python3` that spares a run the installation; without it the run is `bare`.
    """

    path: Path
    wheels: Path
    tools: tuple[Path, ...] = ()

    @property
    def bare(self) -> Self:
        return replace(self, tools=())


@dataclass(frozen=True, slots=True)
class Scene:
    """What a run is given: its event, where GitHub's API is, and the repository's settings."""

    event: Mapping[str, Any]
    api_url: str
    variables: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    workflow: Path = WORKFLOW

    @property
    def event_name(self) -> str:
        if self.workflow == SETUP:
            return "workflow_dispatch"
        return "issue_comment" if "comment" in self.event else "issues"


@dataclass(frozen=True, slots=True)
class ActRun:
    """How a run ended; `log` is all that act wrote, `entries` its JSON lines."""

    exit_code: int
    log: str
    entries: tuple[Mapping[str, Any], ...]

    def output(self, step: str = "") -> list[str]:
        """The lines that a step, or every step, printed."""
        return [
            str(entry["msg"]).removesuffix("\n")
            for entry in self.entries
            if entry.get("raw_output") and step in {"", entry["step"]}
        ]

    def result(self, step: str) -> str:
        """`success` or `failure`; empty for a step that didn't run."""
        ends = (
            str(entry["stepResult"])
            for entry in self.entries
            if entry.get("step") == step
            and entry.get("stage") == "Main"
            and len(entry["stepID"]) == 1
            and "stepResult" in entry
        )
        return next(ends, "")

    def commands(self) -> set[str]:
        """The workflow commands that were obeyed."""
        return {str(entry["command"]) for entry in self.entries if "command" in entry}

    def summary(self) -> str:
        """The job's summary."""
        found = (e for e in self.entries if e.get("command") == "summary")
        return "".join(str(entry["content"]) for entry in found)

    def document(self, step: str) -> Any:
        """The JSON document that a step printed among its lines."""
        lines = self.output(step)
        start, end = lines.index("{"), lines.index("}")
        return json.loads("\n".join(lines[start : end + 1]))


@dataclass(frozen=True, slots=True)
class Running:
    process: asyncio.subprocess.Process

    async def until(self, happened: asyncio.Event) -> None:
        """Wait for something that the run causes; a run that ends before it fails the test."""
        waiting = asyncio.create_task(happened.wait())
        ending = asyncio.create_task(self.process.wait())
        async with asyncio.timeout(_SECONDS):
            await asyncio.wait({waiting, ending}, return_when=asyncio.FIRST_COMPLETED)
        for task in (waiting, ending):
            task.cancel()
        if not happened.is_set():
            pytest.fail(f"the run ended too early:\n{(await self.finished()).log}")

    async def finished(self) -> ActRun:
        async with asyncio.timeout(_SECONDS):
            written, _ = await self.process.communicate()
        assert self.process.returncode is not None
        log = written.decode()
        lines = [line for line in log.splitlines() if line.startswith("{")]
        return ActRun(self.process.returncode, log, tuple(map(json.loads, lines)))

    def entry_process(self) -> int:
        """The process of `registry-mirror issue`, where it is the one that a runner signals."""
        (pid,) = (pid for pid in children(self.process.pid) if _is_mirror(command_line(pid)))
        return pid


def require_act() -> str:
    """The path of act, which pip puts beside Python; else a skip, or a failure in CI."""
    path = shutil.which("act", path=str(Path(sys.executable).parent)) or shutil.which("act")
    if path:
        return path
    if os.environ.get("REQUIRE_REAL_PEERS") == "1":
        pytest.fail("act is not installed")
    pytest.skip("act is not installed")


def shared_fork(directory: Path) -> Fork:
    """The fork in this folder, which the first process that asks for it makes.

    Raises CalledProcessError where the hashed pins can't be had.
    """
    tools = directory / "tools"
    fork = Fork(directory / "fork", directory / "wheels", (tools,))
    with directory.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not directory.exists():
            try:
                _make(fork.bare)
                _spare_installing(fork.bare, directory / "installed", tools)
            except BaseException:
                shutil.rmtree(directory, ignore_errors=True)
                raise
    return fork


@asynccontextmanager
async def act(fork: Fork, home: Path, scene: Scene) -> AsyncIterator[Running]:
    """Run the workflow for an issue event; `home` is where act and the run keep their files."""
    process = await asyncio.create_subprocess_exec(
        *_command(fork, _inputs(home, scene), scene),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={"PATH": runner_path(*fork.tools), "HOME": str(home), "LANG": "C.UTF-8"},
        limit=2**20,
    )
    try:
        yield Running(process)
    finally:
        if process.returncode is None:
            _end_with_descendants(process)
            await process.communicate()


async def run_act(fork: Fork, home: Path, scene: Scene) -> ActRun:
    async with act(fork, home, scene) as running:
        return await running.finished()


def runner_path(*first: Path) -> str:
    """A PATH as bare as a runner's, with this Python in it and before all of it other folders."""
    tools = [str(Path(tool).parent) for tool in map(shutil.which, ("skopeo", "bash")) if tool]
    folders = [str(Path(sys.base_prefix, "bin")), *tools, "/usr/bin", "/bin"]
    return os.pathsep.join(dict.fromkeys([*map(str, first), *folders]))


def children(pid: int) -> list[int]:
    return [child for child, parent in _processes() if parent == pid]


def descendants(pid: int) -> Iterator[int]:
    """All processes below a process, its children first."""
    below = children(pid)
    yield from below
    for child in below:
        yield from descendants(child)


def command_line(pid: int) -> tuple[str, ...]:
    """Empty for a process that has ended."""
    with suppress(OSError):
        raw = Path(f"/proc/{pid}/cmdline").read_bytes()
        return tuple(raw.decode(errors="replace").rstrip("\0").split("\0"))
    return ()


def environment_of(pid: int) -> str:
    return Path(f"/proc/{pid}/environ").read_text(encoding="utf-8")


def _is_mirror(argv: tuple[str, ...]) -> bool:
    return "registry_mirror" in argv and "issue" in argv


def _processes() -> Iterator[tuple[int, int]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                stat = (entry / "stat").read_text(encoding="utf-8", errors="replace")
                yield int(entry.name), int(stat.rpartition(")")[2].split()[1])


def _end_with_descendants(process: asyncio.subprocess.Process) -> None:
    for pid in [*descendants(process.pid), process.pid]:
        with suppress(ProcessLookupError):
            os.kill(pid, 9)


@dataclass(frozen=True, slots=True)
class _Inputs:
    event: Path
    variables: Path
    secrets: Path


def _inputs(home: Path, scene: Scene) -> _Inputs:
    """Files beside `home`, which holds only what the run itself writes; JSON is YAML too."""
    home.mkdir(exist_ok=True)
    inputs = home.with_name(f"{home.name}-inputs")
    inputs.mkdir(exist_ok=True)

    def write(name: str, content: object) -> Path:
        path = inputs / name
        path.write_text(json.dumps(content), encoding="utf-8")
        return path

    return _Inputs(
        write("event.json", scene.event),
        write("variables.yaml", scene.variables),
        write("secrets.yaml", scene.secrets),
    )


def _command(fork: Fork, inputs: _Inputs, scene: Scene) -> tuple[str, ...]:
    environment = {"GITHUB_API_URL": scene.api_url, **_wheels_only(fork)}
    return (
        require_act(),
        scene.event_name,
        "--json",
        f"--directory={fork.path}",
        f"--workflows={scene.workflow}",
        "--platform=ubuntu-24.04=-self-hosted",
        "--no-cache-server",
        f"--local-repository={REPOSITORY}@main={fork.path}",
        f"--eventpath={inputs.event}",
        f"--var-file={inputs.variables}",
        f"--secret-file={inputs.secrets}",
        *(f"--env={name}={value}" for name, value in environment.items()),
    )


def _make(fork: Fork) -> None:
    shutil.copytree(CHECKOUT, fork.path, ignore=_LEFT_OUT)
    for workflow in (WORKFLOW, SETUP):
        text = (CHECKOUT / workflow).read_text(encoding="utf-8")
        rewritten = text.replace("uses: $/action", f"uses: {REPOSITORY}/action@main")
        (fork.path / workflow).parent.mkdir(parents=True, exist_ok=True)
        (fork.path / workflow).write_text(rewritten, encoding="utf-8")
    _git_repository(fork.path)
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check")
    pins = ("--require-hashes", "--only-binary", ":all:", "--requirement")
    _run(
        *pip,
        *pins,
        fork.path / "requirements/run.txt",
        "--dest",
        fork.wheels,
        seconds=_DOWNLOAD_SECONDS,
    )


def _spare_installing(fork: Fork, runner: Path, tools: Path) -> None:
    runner.mkdir()
    files = {"RUNNER_TEMP": str(runner), "GITHUB_PATH": str(runner / "path")}
    environment = {"PATH": runner_path(), **files, **_wheels_only(fork)}
    _run(fork.path / "action/install.sh", environment=environment)
    (installed,) = runner.glob("installed-*")
    (installed / "bin/registry-mirror").unlink()
    tools.mkdir()
    python = tools / "python3"
    real = Path(sys.base_prefix, "bin/python3")
    python.write_text(_SPARING.format(installed=installed, python=real), encoding="utf-8")
    python.chmod(0o755)


def _wheels_only(fork: Fork) -> dict[str, str]:
    return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(fork.wheels)}


def _git_repository(path: Path) -> None:
    """act takes the repository's name from the remote, and wants a commit."""

    def git(*arguments: str) -> None:
        _run("git", "-C", path, *arguments)

    git("init", "--quiet")
    git("remote", "add", "origin", f"https://github.com/{REPOSITORY}")
    author = ("-c", "user.name=test", "-c", "user.email=test@example.com")
    git(*author, "commit", "--quiet", "--allow-empty", "--message=test")


def _run(
    *command: str | Path,
    environment: Mapping[str, str] | None = None,
    seconds: float = _SECONDS,
) -> None:
    subprocess.run(command, check=True, timeout=seconds, env=environment)
