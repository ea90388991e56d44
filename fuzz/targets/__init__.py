"""One module for each kind of thing that strangers send, each with its TARGET."""

from importlib import import_module

from fuzz.target import Target

NAMES = (
    "requests",
    "pasted",
    "references",
    "manifests",
    "headers",
    "documents",
    "rules",
    "comments",
    "tags",
    "skopeo",
)


def load(name: str) -> Target:
    """Import one target alone, so that coverage is of what it reads."""
    target = import_module(f"fuzz.targets.{name}").TARGET
    if not isinstance(target, Target):
        raise TypeError(name)
    return target
