"""The platforms of a request: `P[,P]`, in a line's option or the form's choice."""

import re

from registry_mirror.errors import Code, Problem
from registry_mirror.oci.platform import InvalidPlatformError, OnlyPlatforms, Platform
from registry_mirror.request import words
from registry_mirror.text import Text

_ARCHITECTURES = {
    "amd64": "amd64",
    "x86_64": "amd64",
    "x86-64": "amd64",
    "x64": "amd64",
    "arm64": "arm64",
    "aarch64": "arm64",
    "armv8": "arm64",
    "arm": "arm",
    "armhf": "arm/v7",
    "armv7": "arm/v7",
    "armv7l": "arm/v7",
    "arm-v7": "arm/v7",
    "arm-v6": "arm/v6",
    "armv6": "arm/v6",
    "386": "386",
    "i386": "386",
    "x86": "386",
    "ppc64le": "ppc64le",
    "s390x": "s390x",
    "riscv64": "riscv64",
    "loong64": "loong64",
    "loongarch64": "loong64",
    "mips64le": "mips64le",
}
_SYSTEMS = frozenset({"linux", "windows", "darwin", "freebsd"})
_ALONE = _ARCHITECTURES.keys() - {"386", "x86", "arm"}
_VARIANT = re.compile("(?:/v[0-9]{1,2})?")


def read_platforms(text: str) -> OnlyPlatforms | Problem:
    """Read a list of platforms, each of them once; the problem has no line yet."""
    parts = text.split(",")
    platforms = tuple(dict.fromkeys(p for part in parts if (p := _read_platform(part))))
    wrong = next((part for part in parts if not _read_platform(part)), None)
    if wrong is None:
        return OnlyPlatforms(platforms)
    return Problem(Code.BAD_OPTION, words.BAD_PLATFORM.fill(platform=wrong), _hint(parts))


def platforms_meant(word: str) -> tuple[str, ...]:
    """The platforms that a word of a sentence names: `linux/arm64`, `arm64`, `amd64/arm64`.

    People say `arm` and `x86` of 64 bits too.
    """
    lowered = word.lower()
    parts = lowered.split("/")
    if all(part in _ALONE for part in parts):
        return tuple(usual for part in parts if (usual := _usual(part)))
    system, _, rest = _slashes(lowered).partition("/")
    named = rest if system in _SYSTEMS else lowered
    architecture, slash, variant = named.partition("/")
    is_one = architecture in _ARCHITECTURES and _VARIANT.fullmatch(slash + variant)
    usual = _usual(lowered) if is_one and "/" in _slashes(lowered) else None
    return (usual,) if usual else ()


def _read_platform(text: str) -> Platform | None:
    """A platform; one whose words no image has, although they fit the grammar, is none."""
    try:
        platform = Platform.parse(text)
    except InvalidPlatformError:
        return None
    usual = _ARCHITECTURES.get(platform.architecture.lower(), platform.architecture)
    is_usual = usual.partition("/")[0] == platform.architecture and text == text.lower()
    return platform if is_usual else None


def _hint(parts: list[str]) -> Text:
    fixed = [_usual(part) for part in parts if part.strip()]
    if not fixed or None in fixed:
        return words.PLATFORM_HINT
    return words.WRITE_OPTION.fill(option=",".join(text for text in fixed if text))


def _usual(text: str) -> str | None:
    """How a platform is written that somebody wrote in another way."""
    system, _, rest = _slashes(text.strip().lower()).partition("/")
    if system not in _SYSTEMS:
        system, rest = "linux", f"{system}/{rest}".strip("/")
    architecture, _, variant = rest.partition("/")
    usual = _ARCHITECTURES.get(architecture)
    if usual is None:
        return None
    fixed = f"{system}/{usual}" + (f"/{variant}" if variant and "/" not in usual else "")
    return fixed if _read_platform(fixed) else None


def _slashes(text: str) -> str:
    for mark in ("\\", ":", " ", "_", "-"):
        for system in _SYSTEMS:
            if text.startswith(system + mark):
                return text.replace(mark, "/", 1)
    return text
