"""Where the code is, for the processes that are started."""

import os
from pathlib import Path

_ROOT = Path(__file__).parent.parent
PROGRAM = str(_ROOT / "src")
"""PYTHONPATH of this program."""


def own_environment() -> dict[str, str]:
    """What our own processes see: our environment, and where to find this package."""
    return {**os.environ, "PYTHONPATH": f"{PROGRAM}{os.pathsep}{_ROOT}"}
