"""What a checkout promises to whoever installs it."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def requirements(name: str) -> list[str]:
    lines = (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith(("#", " "))]


def test_the_run_time_dependencies_are_those_of_the_package() -> None:
    assert requirements("run.in") == PROJECT["dependencies"]


def test_every_pin_has_hashes_and_names_no_index() -> None:
    for name in ("run.txt", "dev.txt", "fuzz.txt"):
        text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
        pins = re.findall(
            r"^[a-z0-9][^\n]*==[^\n]*(?:\n    --hash=sha256:[0-9a-f]{64}[^\n]*)+",
            text,
            re.MULTILINE,
        )
        assert len(pins) == len(requirements(name))
        assert "://" not in text
        assert "--index" not in text


def test_development_runs_with_the_pins_that_users_get() -> None:
    pinned = {line.partition(" ")[0] for line in requirements("run.txt")}
    assert pinned <= {line.partition(" ")[0] for line in requirements("dev.txt")}
