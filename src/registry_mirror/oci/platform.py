"""Platforms, written `os/architecture[/variant]`."""

import re
from dataclasses import dataclass

_PART = re.compile(r"[A-Za-z0-9_.-]+")


class InvalidPlatformError(ValueError):
    pass


@dataclass(frozen=True, slots=True)
class Platform:
    os: str
    architecture: str
    variant: str = ""

    @classmethod
    def parse(cls, text: str) -> "Platform":
        parts = text.split("/")
        if len(parts) not in (2, 3) or not all(_PART.fullmatch(part) for part in parts):
            raise InvalidPlatformError(text)
        return cls(*parts)

    def __str__(self) -> str:
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)


@dataclass(frozen=True, slots=True)
class EveryPlatform:
    """The whole index (`--all`)."""


@dataclass(frozen=True, slots=True)
class OnlyPlatforms:
    """One platform: that image alone. Several: a list of just these."""

    platforms: tuple[Platform, ...]


Selection = EveryPlatform | OnlyPlatforms

DEFAULT_SELECTION = OnlyPlatforms((Platform("linux", "amd64"),))
