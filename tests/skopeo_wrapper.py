"""A `skopeo` that stands before the real one on PATH and writes down how it was called."""

import os
import shlex
from dataclasses import dataclass
from pathlib import Path

from tests.registries import require_peer


@dataclass(frozen=True, slots=True)
class Wrapper:
    """`edit` is a sed script for each argument; what came in is what is recorded."""

    folder: Path

    @classmethod
    def install(cls, folder: Path, edit: str = "") -> "Wrapper":
        folder.mkdir()
        script = folder / "skopeo"
        script.write_text(_script(folder, require_peer("skopeo"), edit), encoding="utf-8")
        script.chmod(0o755)
        return cls(folder)

    @property
    def environment(self) -> dict[str, str]:
        return {"PATH": f"{self.folder}{os.pathsep}{os.environ['PATH']}"}

    @property
    def calls(self) -> list[str]:
        return (self.folder / "calls").read_text(encoding="utf-8").splitlines()

    @property
    def most_at_once(self) -> int:
        """How many of them ran at the same time, `--version` apart."""
        running = most = 0
        for event in (self.folder / "events").read_text(encoding="utf-8").split():
            running += 1 if event == "start" else -1
            most = max(most, running)
        return most


def _script(folder: Path, real: str, edit: str) -> str:
    here, real = shlex.quote(str(folder)), shlex.quote(real)
    return f"""#!/usr/bin/env bash
echo "$*" >> {here}/calls
args=()
for arg in "$@"; do args+=("$(printf '%s' "$arg" | sed -E {shlex.quote(edit)})"); done
if [ "$1" = --version ]; then exec {real} --version; fi
echo start >> {here}/events
{real} "${{args[@]}}"
code=$?
echo end >> {here}/events
exit $code
"""
