"""Images of a pasted manifest: Kubernetes, Compose, or what Helm renders, as YAML or JSON.

A text is a manifest where an indented line has the key `image` and another line another key, or
where its lines say what kind of object it is. A plain list of `image: nginx:1.27` lines is a list.
Of Kubernetes every `image` at any depth counts but for what stands below an object's `status`, of
Compose those of its services. Texts within texts (a ConfigMap's data) are not looked into.

Documents are read one by one. One that isn't YAML, as what Helm says beside its manifests, is
read line by line: no image is lost because a line elsewhere is wrong.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import lru_cache
from itertools import chain

from registry_mirror.errors import Code, Problem
from registry_mirror.request import Item, Pasted, Request, Service, words
from registry_mirror.request.images_in_yaml import Found, images_of
from registry_mirror.request.line import image_meant, is_image, read_line
from registry_mirror.request.raw import cut, shown
from registry_mirror.request.variables import UnsetError, substitute
from registry_mirror.text import Text
from registry_mirror.yaml_nodes import BadYamlError, read_yaml

Numbered = tuple[int, str]

_COLON = r"(?:(?<=[\"'])\s*:|\s*:(?=\s|$))\s*"
_IMAGE = re.compile(rf"(?P<nest>\s*(?:-\s+)*(?:\{{\s*)?)[\"']?image[\"']?{_COLON}(?P<value>.*)")
_FLOW_IMAGE = re.compile(
    rf"[{{,]\s*[\"']?image[\"']?{_COLON}(?P<value>\"[^\"]*\"|'[^']*'|[^,}}\s]+)"
)
_OTHER_KEY = re.compile(rf"\s*(?:-\s+)*[\"']?(?P<key>[\w./-]+)[\"']?{_COLON}.*")
_API_VERSION = re.compile(r"\{.*\"apiVersion\"\s*:.*")
_SERVICES = re.compile(r"services\s*:\s*(?:#.*)?")
_BOUNDARY = re.compile(r"(?:---|\.\.\.)(?:\s.*)?")
_VALUE_COMMENT = re.compile(r"\s#.*")
_ANCHORS = re.compile(r"(?:[&!]\S*+\s++)*+")
_NAME = "image"
_TEMPLATE = "{{"
_NOTHING = frozenset({"", "~", "null", '""', "''", "{", "["})


def is_manifest(lines: Iterable[Numbered]) -> bool:
    """Whether numbered lines are a manifest and no list."""
    marks = frozenset(filter(None, (_mark(text) for _, text in lines if ":" in text)))
    has_images = _Mark.IMAGE in marks and len(marks) > 1
    return has_images or {_Mark.KIND, _Mark.VERSION} <= marks or _Mark.WHOLE in marks


def read_manifest(lines: Sequence[Numbered], heading: int | None = None) -> Request:
    """Read the images of a manifest, each at its own line; never raises.

    `heading` is the line that a manifest without images is complained of at.
    """
    parts = [_read_document(document) for document in _documents(lines)]
    read = [(found, _read(found)) for part in parts for found in dict.fromkeys(part.found)]
    items = tuple(item for _, item in read if isinstance(item, Item))
    problems = [*chain.from_iterable(part.problems for part in parts)]
    problems += chain.from_iterable(item for _, item in read if isinstance(item, tuple))
    if not items and not problems:
        hint = words.NO_IMAGE_IN_MANIFEST_HINT
        problems.append(Problem(Code.EMPTY_REQUEST, words.NO_IMAGE_IN_MANIFEST, hint, heading))
    pasted = Pasted(
        len({item.source for item in items}),
        tuple(
            Service(found.service, item.source)
            for found, item in read
            if found.service and isinstance(item, Item)
        ),
        next((part.broken for part in parts if part.broken), None),
    )
    ordered = sorted(dict.fromkeys(problems), key=lambda problem: problem.line or 0)
    return Request(items, tuple(ordered), pasted=pasted)


def images_at(line: str) -> tuple[str, ...]:
    """What a line has at its keys `image`."""
    first = _IMAGE.fullmatch(line)
    flow = [match["value"] for match in _FLOW_IMAGE.finditer(line)]
    values = flow or ([first["value"]] if first else [])
    return tuple(bare for value in values if (bare := _bare(value)) not in _NOTHING)


@dataclass(frozen=True, slots=True)
class _Part:
    """What one document holds; `broken` is the line where it stops being YAML."""

    found: tuple[Found, ...]
    problems: tuple[Problem, ...] = ()
    broken: int | None = None


class _Mark(Enum):
    """What tells a manifest from a list: an image below something, another key, `WHOLE` alone."""

    IMAGE = auto()
    KEY = auto()
    KIND = auto()
    VERSION = auto()
    WHOLE = auto()


def _mark(text: str) -> _Mark | None:
    image = _IMAGE.fullmatch(text)
    if image:
        return _Mark.IMAGE if image["nest"] else None
    if _SERVICES.fullmatch(text) or _API_VERSION.fullmatch(text):
        return _Mark.WHOLE
    if _FLOW_IMAGE.search(text):
        return _Mark.IMAGE
    other = _OTHER_KEY.fullmatch(text)
    return _MARKS.get(other["key"], _Mark.KEY) if other else None


_MARKS = {"kind": _Mark.KIND, "apiVersion": _Mark.VERSION, "images": None}
"""Keys that tell more, or less, than others do: a list of images may be called one."""


def _documents(lines: Iterable[Numbered]) -> Iterator[list[Numbered]]:
    document: list[Numbered] = []
    for number, text in lines:
        if _BOUNDARY.fullmatch(text):
            yield document
            document = []
        else:
            document.append((number, text))
    yield document


def _read_document(lines: Sequence[Numbered]) -> _Part:
    """A line of a list is told of, and keeps nobody from reading the manifest around it."""
    strays, rest = _told(lines, _bare_image)
    first = _first_key(rest)
    if first == len(rest) or not any(_NAME in text for _, text in rest):
        more, _ = _told(rest[:first], _image_alone)
        return _Part((), strays + more)
    try:
        return _Part(_parse(rest), strays)
    except BadYamlError as error:
        return _read_broken(rest, strays, error)


def _read_broken(
    lines: Sequence[Numbered], strays: tuple[Problem, ...], error: BadYamlError
) -> _Part:
    """The lines of a list may be what keeps a document from being YAML.

    What is indented below a key is its value, as a port is (`- "8080:80"`).
    """
    first = _first_key(lines)
    above, left = _told(lines[:first], _image_alone)
    below, rest = _told(lines[first:], _tagged_alone)
    left, told = [*left, *rest], (*strays, *above, *below)
    if above or below:
        try:
            return _Part(_parse(left), told)
        except BadYamlError as other:
            error = other
    return _Part(_scan(left), told, error.line)


def _parse(lines: Sequence[Numbered]) -> tuple[Found, ...]:
    """Raises BadYamlError with the line's own number."""
    first, last = lines[0][0], lines[-1][0]
    raw = dict(lines)
    try:
        documents = read_yaml("\n".join(raw.get(n, "") for n in range(first, last + 1)))
    except BadYamlError as error:
        raise BadYamlError(first + error.line - 1, error.reason) from None
    found = chain.from_iterable(images_of(document) for document in documents)
    numbered = (replace(one, line=first + one.line - 1) for one in found)
    return tuple(replace(one, raw=raw.get(one.line, one.text)) for one in numbered)


def _scan(lines: Iterable[Numbered]) -> tuple[Found, ...]:
    """What the lines of a text say that is no YAML as a whole."""
    return tuple(
        Found(number, image, raw=text) for number, text in lines for image in images_at(text)
    )


def _told(
    lines: Sequence[Numbered], image_of: Callable[[str], str | None]
) -> tuple[tuple[Problem, ...], list[Numbered]]:
    """A problem for each line of a list, which would be lost beside a manifest; and the others."""
    images = [image_of(text) for _, text in lines]
    pairs = list(zip(lines, images, strict=True))
    return tuple(_stray(line, image) for line, image in pairs if image), [
        line for line, image in pairs if not image
    ]


def _stray(line: Numbered, image: str) -> Problem:
    number, text = line
    hint = words.BETWEEN_MANIFESTS_HINT.fill(line=cut(f"- image: {image.partition(' ')[0]}"))
    return Problem(Code.BAD_REFERENCE, words.BETWEEN_MANIFESTS, hint, number, shown(text.strip()))


def _bare_image(text: str) -> str | None:
    """The image of a line that is nothing in YAML, wherever it stands."""
    return text.strip() if text[:1].isalnum() and is_image(text) else None


def _image_alone(text: str) -> str | None:
    """The image of a line that has one and no key, as people write them in a list."""
    return None if text.strip() in _NOTHING or _has_key(text) else image_meant(text)


def _tagged_alone(text: str) -> str | None:
    """Names without a tag are values of many keys, as the `resources` of kustomize are."""
    return _image_alone(text) if ":" in text and not text[:1].isspace() else None


def _first_key(lines: Sequence[Numbered]) -> int:
    """How many lines stand before any key."""
    return next((at for at, (_, text) in enumerate(lines) if _has_key(text)), len(lines))


def _has_key(text: str) -> bool:
    if ":" not in text:
        return False
    return bool(_mark(text) or _IMAGE.fullmatch(text) or _OTHER_KEY.fullmatch(text))


def _bare(value: str) -> str:
    """A value without quotes, anchor, comment and the comma that JSON has after it."""
    value = _VALUE_COMMENT.sub("", value).strip()
    anchors = _ANCHORS.match(value)
    value = value[anchors.end() if anchors else 0 :].rstrip(", ")
    quoted = re.match(r"\"([^\"]*)\"|'([^']*)'", value)
    if quoted:
        return quoted[1] or quoted[2] or ""
    return value


def _read(found: Found) -> Item | tuple[Problem, ...]:
    """An image as a list's line is read, told of with the line that it stands in."""
    if _TEMPLATE in found.text:
        return (_problem(found, words.UNRENDERED, words.UNRENDERED_HINT),)
    try:
        text = substitute(found.text)
    except UnsetError as error:
        reason = words.VARIABLE.fill(variable=cut(error.variable))
        return (_problem(found, reason, words.VARIABLE_HINT),)
    read = read_line(text, found.line)
    match read:
        case Item(selection=None, target=None):
            return replace(read, text=found.raw)
        case Item():
            hint = words.OPTIONS_IN_MANIFEST_HINT.fill(line=text.strip())
            return (_problem(found, words.OPTIONS_IN_MANIFEST, hint),)
        case None:
            return (_problem(found, words.NOT_TEXT, words.NO_IMAGE_IN_MANIFEST_HINT),)
        case _:
            return tuple(replace(problem, text=_shown(found.raw)) for problem in read)


def _problem(found: Found, reason: Text, hint: Text) -> Problem:
    return Problem(Code.BAD_REFERENCE, reason, hint, found.line, _shown(found.raw))


@lru_cache(maxsize=1)
def _shown(raw: str) -> str:
    """Remembered, for a long line may have thousands of images with something wrong."""
    return shown(raw.strip())
