"""Commands that write targets over sources in any text, for GNU's sed, BSD's and busybox's.

An image is found as a whole word: `nginx:1.27` is neither in `nginx:1.27.1` nor in
`quay.io/nginx:1.27`. One that a digest follows is another image, unless it was asked for by that
digest.
"""

import re
import shlex
from collections.abc import Sequence

from registry_mirror.oci.reference import DOCKER_HUB, Reference
from registry_mirror.outputs import Mirrored, unambiguous, words
from registry_mirror.outputs.scalars import comment
from registry_mirror.text import Language

_BEFORE = "(^|[^A-Za-z0-9._/:@-])"
_AFTER = "($|[^A-Za-z0-9._/:@-])"
_SPECIAL = re.compile(r"[][.*+?^$(){}|\\#]")
_SPECIAL_IN_REPLACEMENT = re.compile(r"[&\\#]")
_HUB = r"(docker\.io/|index\.docker\.io/)?"
_LIBRARY = "library/"


def sed_script(images: Sequence[Mirrored], language: Language) -> str:
    """A file for `sed -E -f`."""
    kept = unambiguous(images)
    lines = [
        comment(words.SED_USE.say(language)),
        *_commands(kept),
        *left_out(images, language),
    ]
    return "\n".join(lines) + "\n"


def sed_line(images: Sequence[Mirrored]) -> str:
    """A command for a shell; empty where there is nothing to write over."""
    commands = [f"  -e {shlex.quote(one)}" for one in _commands(unambiguous(images))]
    return " \\\n".join(("sed -E -i.bak", *commands, "  *.yaml")) if commands else ""


def left_out(images: Sequence[Mirrored], language: Language) -> list[str]:
    """A comment for each image that no command is for."""
    kept = frozenset(unambiguous(images))
    sources = dict.fromkeys(str(image.source) for image in images if image not in kept)
    return [comment(words.LEFT_OUT.fill(image=source).say(language)) for source in sources]


def _commands(images: Sequence[Mirrored]) -> list[str]:
    """All of them again while one has found something: `a,a` shares the comma between two finds.

    That ends, for no target is a source.
    """
    return [":again", *map(_command, images), "tagain"] if images else []


def _command(image: Mirrored) -> str:
    pattern, groups = _pattern(image.source)
    replacement = _SPECIAL_IN_REPLACEMENT.sub(r"\\\g<0>", str(image.pull))
    return f"s#{_BEFORE}{pattern}{_AFTER}#\\1{replacement}\\{groups + 2}#g"


def _pattern(source: Reference) -> tuple[str, int]:
    """A source in all its spellings, and how many groups that takes."""
    prefixes, path = _prefixes(source)
    pinned = f"(@{_literal(source.digest)})?" if source.digest else ""
    pattern = f"{''.join(prefixes)}{_literal(path)}:{_literal(source.tag or '')}{pinned}"
    return pattern, len(prefixes) + bool(pinned)


def _prefixes(source: Reference) -> tuple[tuple[str, ...], str]:
    """What may stand before a path or be left out."""
    if source.registry != DOCKER_HUB:
        return (), source.name
    if source.repository.startswith(_LIBRARY):
        return (_HUB, f"({_LIBRARY})?"), source.repository.removeprefix(_LIBRARY)
    return (_HUB,), source.repository


def _literal(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", text)
