"""A request: what somebody asked for, and everything that is wrong with it."""

from dataclasses import dataclass

from registry_mirror.errors import Problem
from registry_mirror.oci.platform import Selection
from registry_mirror.oci.reference import Reference


@dataclass(frozen=True, slots=True)
class TargetName:
    """Where an image goes below the namespace: a repository path and a tag."""

    path: str
    tag: str

    def __str__(self) -> str:
        return f"{self.path}:{self.tag}"


@dataclass(frozen=True, slots=True)
class Item:
    """One image of a request.

    `selection` is None where the line leaves the choice to the request, `target` where it has no
    `--as`.
    """

    line: int
    text: str
    source: Reference
    selection: Selection | None = None
    target: TargetName | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """A service of a pasted Compose file, and the image that it runs."""

    name: str
    image: Reference


@dataclass(frozen=True, slots=True)
class Pasted:
    """What was found in a manifest that stands in the place of a list.

    `images` counts each image once. From line `broken` on it is no YAML, None where all of it is.
    """

    images: int
    services: tuple[Service, ...] = ()
    broken: int | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """`selection` is None where the requester leaves the choice to the settings.

    `pasted` is None where the request is a list.
    """

    items: tuple[Item, ...]
    problems: tuple[Problem, ...] = ()
    selection: Selection | None = None
    pasted: Pasted | None = None
