"""Files written into a folder, each whole or not at all."""

import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from registry_mirror.outputs.files import File

_MODE = 0o644


def is_writable(folder: Path) -> bool:
    """Whether the folder takes files, or can be created where it is missing."""
    if folder.exists():
        return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
    parent = folder.parent
    return parent != folder and is_writable(parent)


def write_files(folder: Path, files: Iterable[File]) -> None:
    """Write files below a folder, over those of the same names; raises OSError."""
    for file in files:
        _write(folder.joinpath(*file.path), file.text)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        Path(name).chmod(_MODE)
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
