"""The lines that a line of several words asks for, where that is beyond doubt.

Every word has to be understood: an image, another tag of the image before it, a platform, an
option, or prose. One word that may mean something else, and nothing is offered at all, for then
an image would be made up or something asked for would be lost.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from registry_mirror.oci.reference import InvalidReferenceError, Reference, bad_port
from registry_mirror.request.options import Options, read_options
from registry_mirror.request.pages import is_web_page
from registry_mirror.request.pasted import undo
from registry_mirror.request.platforms import platforms_meant
from registry_mirror.request.prose import (
    CONJUNCTIONS,
    OF_PLATFORMS,
    OF_TAGS,
    is_no_name,
    is_prose,
    is_registry,
    is_version,
    says_more,
    set_apart,
)

MAX_OFFERED = 20
"""Images of one line up to which each is offered a line of its own."""

_BETWEEN = re.compile(r"[\s,;|&()]+")
_VALUED = re.compile(r"(?<!\S)(--(?:platform|as))=")
_AROUND = "\"'`*"
_BRACKETS = "[]{}"
_END = ".!:"


class DoubtError(ValueError):
    """It can't be told what a line asks for."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One image that a line asks for, and what it says of it."""

    image: str
    platforms: tuple[str, ...] = ()
    every: bool = False
    name: str | None = None

    @property
    def has_options(self) -> bool:
        return bool(self.platforms or self.every or self.name)

    def line(self) -> str:
        platforms = f" --platform {','.join(dict.fromkeys(self.platforms))}"
        return (
            self.image
            + (" --all" if self.every else platforms if self.platforms else "")
            + (f" --as {self.name}" if self.name else "")
        )


def lines_meant(text: str, *, is_list: bool = False) -> tuple[str, ...]:
    """The lines that a line asks for, an image without a tag as it is; none where in doubt.

    In a `is_list` (JSON's, or the images of commands) every word is an image that can be one.
    """
    try:
        words = list(_words(text))
        wanted = _Reading(is_list=is_list).read(words)
    except DoubtError:
        return ()
    lines = tuple(dict.fromkeys(one.line() for one in wanted))
    return lines if len(lines) <= MAX_OFFERED else ()


def _words(text: str) -> Iterator[str]:
    """Raises DoubtError where the line says more than what it wants."""
    if says_more(text):
        raise DoubtError(text)
    plain = "".join(" " if unicodedata.category(c) == "So" else c for c in text)
    for word in _BETWEEN.split(set_apart(_VALUED.sub(r"\1 ", plain))):
        bare = word.strip(_AROUND)
        bare = bare if _reference(bare.rstrip(_END)) else bare.strip(_BRACKETS).strip(_AROUND)
        bare = bare.rstrip(_END).removeprefix(":") or bare.strip(_END)
        if bare:
            yield bare


class _Reading:
    """What the words so far ask for."""

    def __init__(self, *, is_list: bool) -> None:
        self._is_list = is_list
        self._wanted: list[_Wanted] = []
        self._leading: tuple[str, ...] = ()
        self._name: str | None = None
        self._has_prose = False
        self._follows_image = False
        self._names_platforms = False

    def read(self, words: Sequence[str]) -> list[_Wanted]:
        """Raises DoubtError."""
        rest = list(reversed(words))
        while rest:
            self._take(rest.pop(), rest)
        return self._settled()

    def _take(self, word: str, rest: list[str]) -> None:
        lowered = word.lower()
        if word == "--all":
            self._change(every=True)
        elif word == "--as":
            self._rename(rest.pop() if rest else "")
        elif word == "--platform":
            if not rest or not platforms_meant(rest[-1]):
                raise DoubtError(word)
        elif platforms := platforms_meant(word):
            self._platforms(platforms)
        elif is_prose(word):
            if self._name is not None and lowered not in OF_TAGS:
                raise DoubtError(word)
            self._names_platforms |= lowered in OF_PLATFORMS
            self._has_prose = True
            self._follows_image &= lowered in CONJUNCTIONS
        elif is_version(word):
            self._tag(word)
        else:
            self._image(word)

    def _image(self, word: str) -> None:
        image = _image_of(word)
        if _is_named(image):
            self._want(_Wanted(image))
        elif any(_same_repository(image, one.image) for one in self._wanted):
            self._has_prose = True
        elif "/" in image or self._is_list:
            self._want(_Wanted(image))
        elif not self._wanted and self._name is None and not self._has_prose:
            self._name = image
        else:
            raise DoubtError(word)

    def _want(self, wanted: _Wanted) -> None:
        if self._name is not None:
            raise DoubtError(self._name)
        self._wanted.append(wanted)
        self._follows_image = True

    def _tag(self, tag: str) -> None:
        """Another tag of the image before it, if the two are alike."""
        if self._name is not None:
            self._wanted.append(_Wanted(f"{self._name}:{tag}"))
            self._name, self._follows_image = None, True
            return
        last = self._last(tag)
        reference = _reference(last.image)
        before = reference.tag if reference and not reference.digest else None
        if not self._follows_image or last.has_options or not before or not _alike(before, tag):
            raise DoubtError(tag)
        self._wanted.append(_Wanted(last.image.removesuffix(before) + tag))

    def _platforms(self, platforms: tuple[str, ...]) -> None:
        if self._wanted:
            self._change(platforms=self._last("").platforms + platforms)
        else:
            self._leading += platforms

    def _rename(self, name: str) -> None:
        if self._last(name).name or not isinstance(read_options(["--as", name]), Options):
            raise DoubtError(name)
        self._change(name=name)

    def _change(
        self,
        *,
        platforms: tuple[str, ...] | None = None,
        every: bool | None = None,
        name: str | None = None,
    ) -> None:
        last = self._last("")
        self._wanted[-1] = replace(
            last,
            platforms=last.platforms if platforms is None else platforms,
            every=last.every if every is None else every,
            name=last.name if name is None else name,
        )
        self._follows_image = False

    def _last(self, word: str) -> _Wanted:
        if not self._wanted:
            raise DoubtError(word)
        return self._wanted[-1]

    def _settled(self) -> list[_Wanted]:
        """Options are of one image, or each has its own: what else they are of isn't known."""
        wanted = self._wanted
        if self._leading:
            if len(wanted) != 1 or wanted[0].platforms:
                raise DoubtError(self._leading[0])
            wanted = [replace(wanted[0], platforms=self._leading)]
        with_options = sum(one.has_options for one in wanted)
        unclear = (
            self._name is not None
            or with_options not in (0, len(wanted))
            or any(one.every and one.platforms for one in wanted)
            or (self._names_platforms and not any(one.platforms for one in wanted))
            or not self._are_images([one.image for one in wanted])
        )
        if unclear:
            raise DoubtError
        return wanted

    def _are_images(self, images: Sequence[str]) -> bool:
        """One without a tag may be prose, or the new name of the one before it."""
        unnamed = [image for image in images if not _is_named(image)]
        if not unnamed or self._is_list:
            return True
        with_host = all("." in image.partition("/")[0] for image in unnamed)
        return not self._has_prose and (with_host or len(unnamed) == len(images))


def _image_of(word: str) -> str:
    """The word as an image; a web page's is the one that it is about. Raises DoubtError."""
    image = undo(word).line if "://" in word else word
    reference = _reference(image)
    if reference and "://" in word and not reference.tag and not is_registry(reference.registry):
        raise DoubtError(word)
    name = image.partition("@")[0].removesuffix(f":{reference.tag}") if reference else ""
    wrong = reference is None or is_web_page(reference.registry) or bad_port(reference.registry)
    if wrong or is_no_name(name) or _is_id(image):
        raise DoubtError(word)
    return image


def _is_named(image: str) -> bool:
    """Whether it says which image, and not only of which name."""
    reference = _reference(image)
    return bool(reference and (reference.tag or reference.digest))


def _same_repository(one: str, other: str) -> bool:
    first, second = _reference(one), _reference(other)
    return bool(first and second and first.name == second.name)


def _is_id(image: str) -> bool:
    return bool(re.match(r"sha[0-9]+:", image))


def _reference(text: str) -> Reference | None:
    try:
        return Reference.parse(text)
    except InvalidReferenceError:
        return None


def _alike(one: str, other: str) -> bool:
    """Whether two tags are versions that are written in the same way."""
    shapes = {(tag[0] == "v", tag[0].isalpha(), "." in tag) for tag in (one, other)}
    return len(shapes) == 1 and "latest" not in (one, other)
