"""Who copies: whole programs, given the same list, each with five images at once where it can.

None is told more than its users tell it; each run has an empty home, so that nothing is remembered.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.places import PROGRAM

_AT_ONCE = 5


@dataclass(frozen=True, slots=True)
class Errand:
    """`pairs` are references, source and target, without scheme; `folder` is free to write to."""

    source: str
    target: str
    namespace: str
    pairs: tuple[tuple[str, str], ...]
    folder: Path

    def write(self, name: str, text: str) -> str:
        """The path of a file in the folder."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)


Argv = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contender:
    """`program` is what must be on PATH; `version` prints one."""

    name: str
    title: str
    program: str
    version: Argv
    command: Callable[[Errand], Argv]

    def found(self) -> bool:
        return shutil.which(self.program) is not None

    def version_line(self) -> str:
        """The first line that says something."""
        said = subprocess.run(
            self.version, capture_output=True, text=True, check=False, env=environment(Path("/"))
        )
        lines = f"{said.stdout}\n{said.stderr}".split("\n")
        return next((" ".join(line.split()) for line in lines if line.strip()), "")


def environment(home: Path) -> dict[str, str]:
    """What every contender sees. skopeo as root remembers beside its home unless told otherwise."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_DATA_HOME": str(home),
        "XDG_RUNTIME_DIR": str(home),
        "TMPDIR": str(home),
        "_CONTAINERS_ROOTLESS_UID": "1000",
        "PYTHONPATH": PROGRAM,
        "PYTHONIOENCODING": "utf-8",
    }


def _mirror(engine: str) -> Callable[[Errand], Argv]:
    def command(errand: Errand) -> Argv:
        lines = "".join(f"{source}\n" for source, _ in errand.pairs)
        return (
            *_PROGRAM,
            "sync",
            f"--file={errand.write('images.txt', lines)}",
            f"--to={errand.target}/{errand.namespace}",
            f"--engine={engine}",
            "--all",
            "--no-progress",
            f"--json={errand.folder / 'report.json'}",
        )

    return command


def _skopeo_loop(errand: Errand) -> Argv:
    lines = "".join(f"docker://{source} docker://{target}\n" for source, target in errand.pairs)
    return (
        *_loop(errand, lines),
        "skopeo",
        "--insecure-policy",
        "copy",
        "--all",
        "--format=v2s2",
        "--retry-times=3",
        "--src-tls-verify=false",
        "--dest-tls-verify=false",
    )


def _crane(errand: Errand) -> Argv:
    lines = "".join(f"{source} {target}\n" for source, target in errand.pairs)
    return (*_loop(errand, lines), "crane", "copy", "--insecure")


def _loop(errand: Errand, lines: str) -> Argv:
    """A line's words become the last arguments of the command that follows."""
    return ("xargs", f"--arg-file={errand.write('images.txt', lines)}", "-L1", f"-P{_AT_ONCE}")


def _regsync(parallel: int, requests: int) -> Callable[[Errand], Argv]:
    """`requests` are those that run at once for one registry; its own default is 3."""

    def command(errand: Errand) -> Argv:
        hosts = (errand.source, errand.target)
        settings = {
            "version": 1,
            "creds": [
                {"registry": host, "tls": "disabled", "reqConcurrent": requests} for host in hosts
            ],
            "defaults": {"parallel": parallel, "skipDockerConfig": True},
            "sync": [
                {"source": source, "target": target, "type": "image"}
                for source, target in errand.pairs
            ],
        }
        path = errand.write("regsync.yml", json.dumps(settings))
        return ("regsync", "once", f"--config={path}")

    return command


def _image_syncer(errand: Errand) -> Argv:
    auth = {host: {"insecure": True} for host in (errand.source, errand.target)}
    return (
        "image-syncer",
        f"--auth={errand.write('auth.json', json.dumps(auth))}",
        f"--images={errand.write('images.json', json.dumps(dict(errand.pairs)))}",
        f"--proc={_AT_ONCE}",
        "--retries=3",
    )


_PROGRAM = (sys.executable, "-m", "registry_mirror")
BASELINE = "skopeo-loop"

CONTENDERS: Mapping[str, Contender] = {
    contender.name: contender
    for contender in (
        Contender(
            "native",
            "this program, native engine",
            sys.executable,
            (*_PROGRAM, "--version"),
            _mirror("native"),
        ),
        Contender(
            "skopeo", "this program, skopeo engine", "skopeo", ("skopeo", "-v"), _mirror("skopeo")
        ),
        Contender(BASELINE, "skopeo in a loop, ×5", "skopeo", ("skopeo", "-v"), _skopeo_loop),
        Contender("crane", "crane in a loop, ×5", "crane", ("crane", "version"), _crane),
        Contender(
            "regsync", "regsync, `parallel: 5`", "regsync", ("regsync", "version"), _regsync(5, 3)
        ),
        Contender(
            "regsync-tuned",
            "regsync, `parallel` and `reqConcurrent: 32`",
            "regsync",
            ("regsync", "version"),
            _regsync(32, 32),
        ),
        Contender(
            "image-syncer",
            "image-syncer, `--proc 5`",
            "image-syncer",
            ("image-syncer", "--version"),
            _image_syncer,
        ),
    )
}
