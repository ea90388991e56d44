"""What import-linter can't see: who uses what, told by the code itself."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import registry_mirror

PACKAGE = Path(registry_mirror.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))

ENVIRONMENT = frozenset({"os.environ", "os.environb", "os.getenv", "os.getenvb", "os.putenv"})
PROCESSES = (
    "subprocess",
    "multiprocessing",
    "pty",
    "asyncio.create_subprocess_exec",
    "asyncio.create_subprocess_shell",
    "asyncio.subprocess",
    "os.exec",
    "os.fork",
    "os.popen",
    "os.posix_spawn",
    "os.spawn",
    "os.startfile",
    "os.system",
)
SHELLS = ("asyncio.create_subprocess_shell", "os.system", "os.popen")
NETWORK = ("http.client", "urllib.request", "socket", "ssl", "asyncio.open_connection")
ZSTD = ("backports.zstd", "compression.zstd")
VAGUE = frozenset(
    {"utils", "util", "helpers", "common", "manager", "handler", "service", "base", "models"}
)


def name_of(file: Path) -> str:
    return file.relative_to(PACKAGE).as_posix()


def tree_of(source: str) -> ast.Module:
    return ast.parse(source)


def names_used(tree: ast.Module) -> set[str]:
    """The dotted names that a module uses, its imports' own names written out."""
    bound = dict(bindings(tree))
    dotted = (dotted_name(node) for node in ast.walk(tree))
    used = {written_out(name, bound) for name in dotted if name}
    return used | set(bound.values())


def bindings(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                for name in names:
                    yield (
                        (name.asname, name.name)
                        if name.asname
                        else (
                            name.name.partition(".")[0],
                            name.name.partition(".")[0],
                        )
                    )
                    yield name.name, name.name
            case ast.ImportFrom(module=str(module), names=names):
                for name in names:
                    yield name.asname or name.name, f"{module}.{name.name}"
            case _:
                pass


def dotted_name(node: ast.AST) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attribute):
            owner = dotted_name(value)
            return f"{owner}.{attribute}" if owner else ""
        case _:
            return ""


def written_out(name: str, bound: dict[str, str]) -> str:
    first, dot, rest = name.partition(".")
    return f"{bound.get(first, first)}{dot}{rest}"


def belongs(name: str, owner: str) -> bool:
    """Whether a name is one of these, or below one; `os.exec` stands for its whole family."""
    families = ("os.exec", "os.fork", "os.posix_spawn", "os.spawn")
    return name == owner or name.startswith(owner if owner in families else f"{owner}.")


def users_of(*names: str) -> set[str]:
    return {
        name_of(file)
        for file in FILES
        for used in names_used(tree_of(file.read_text(encoding="utf-8")))
        if any(belongs(used, name) for name in names)
    }


@pytest.mark.parametrize(
    ("source", "used"),
    [
        ("import os\nos.environ['A']", "os.environ"),
        ("from os import environ as e\ne['A']", "os.environ"),
        ("import os as o\no.getenv('A')", "os.getenv"),
        ("def f():\n    import os\n    return os.environ.get('A')", "os.environ.get"),
        ("import asyncio\nx: asyncio.subprocess.Process", "asyncio.subprocess.Process"),
        ("import asyncio.subprocess as s\ns.PIPE", "asyncio.subprocess.PIPE"),
        ("from asyncio import subprocess", "asyncio.subprocess"),
        ("import urllib.request", "urllib.request"),
        ("from urllib import request", "urllib.request"),
        ("import http.client\nhttp.client.HTTPConnection", "http.client.HTTPConnection"),
    ],
)
def test_a_use_is_found_however_it_is_written(source: str, used: str) -> None:
    assert used in names_used(tree_of(source))


def test_the_environment_is_read_in_one_place() -> None:
    assert users_of(*ENVIRONMENT) == {"config.py"}


def test_processes_are_started_by_their_two_owners() -> None:
    assert users_of(*PROCESSES) == {"engines/skopeo/process.py", "registry/helper_program.py"}


def test_no_shell_is_started_anywhere() -> None:
    assert users_of(*SHELLS) == set()


def test_only_the_exchange_with_github_and_the_registries_speak_http() -> None:
    assert users_of(*NETWORK) == {
        "github/exchange.py",
        "registry/connector.py",
        "registry/lookups.py",
        "registry/losses.py",
    }
    assert {name.partition("/")[0] for name in users_of("aiohttp")} == {"embedded", "registry"}


def test_only_the_recompression_reads_zstd() -> None:
    """By the name it has from Python 3.14 on as well, which import-linter sees only there."""
    assert users_of(*ZSTD) == {"engines/native/recompression.py"}


def test_nothing_is_deserialized_or_evaluated() -> None:
    assert users_of("pickle", "marshal", "shelve", "eval", "exec", "compile") == set()


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_no_module_has_a_name_that_says_nothing(file: Path) -> None:
    assert file.stem not in VAGUE
    assert file.parent.name not in VAGUE


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_no_failure_is_ignored_wholesale(file: Path) -> None:
    """The command line catches everything, to tell it and end; a thread for whoever waits."""
    handlers = [
        node
        for node in ast.walk(tree_of(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler) and catches_everything(node)
    ]
    swallowing = [handler for handler in handlers if not reraises(handler)]
    assert not swallowing or name_of(file) in {"cli.py", "threads.py"}


def catches_everything(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or dotted_name(handler.type) in {"Exception", "BaseException"}


def reraises(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def run_without_packages(script: str) -> subprocess.CompletedProcess[str]:
    """Run a script with nothing but Python and the sources."""
    return subprocess.run(
        [sys.executable, "-S", "-W", "error", "-c", script],
        env={"PYTHONPATH": str(PACKAGE.parent), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_last_step_of_a_run_needs_python_alone() -> None:
    finished = run_without_packages("import registry_mirror.closing")
    assert (finished.returncode, finished.stderr) == (0, "")


def test_without_packages_the_packages_are_absent() -> None:
    for package in ("aiohttp", "click", "rich"):
        assert run_without_packages(f"import {package}").returncode != 0


def test_all_of_the_conversation_needs_python_alone() -> None:
    modules = [
        f"registry_mirror.github.{file.stem}" for file in (PACKAGE / "github").glob("[a-z]*.py")
    ]
    assert modules
    finished = run_without_packages(f"import {', '.join(modules)}")
    assert (finished.returncode, finished.stderr) == (0, "")
