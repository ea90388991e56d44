"""An issue's body: what GitHub makes of the form, and what people make of that by hand.

The form's file is .github/ISSUE_TEMPLATE/mirror-request.yml; its labels are the headings here. The
first section of a kind counts; what stands below other headings is not ours, but for images: these
are problems, for whoever wrote them there thinks that they will be copied. A body without any of
the form's headings (somebody set the label by hand) is a list as it is.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from enum import StrEnum
from itertools import chain, islice

from registry_mirror.errors import Code, Problem
from registry_mirror.oci.platform import EveryPlatform, Selection
from registry_mirror.request import Request, words
from registry_mirror.request.line import is_image
from registry_mirror.request.listing import MAX_PROBLEMS, read_pasted
from registry_mirror.request.manifests import images_at
from registry_mirror.request.markdown import (
    Body,
    Line,
    Section,
    is_fence,
    normal,
    read_checkbox,
    read_markdown,
)
from registry_mirror.request.platforms import read_platforms
from registry_mirror.request.raw import shown

MAX_LINES = 10_000
"""Lines of a body's list that are read."""

MAX_PLATFORMS = 50
"""Platforms that the form's choice may name."""

SYNC_ALL = "Sync all architectures"
SYNC_ALL_ZH = "同步所有架构"


class Heading(StrEnum):
    """The form's labels."""

    IMAGES = "镜像列表 / Images"
    PLATFORM = "平台 / Platform"
    OPTIONS = "选项 / Options"


_LABELS = {normal(heading): heading for heading in Heading}
_ALIASES = _LABELS | {
    "镜像列表": Heading.IMAGES,
    "镜像": Heading.IMAGES,
    "images": Heading.IMAGES,
    "image list": Heading.IMAGES,
    "平台": Heading.PLATFORM,
    "platform": Heading.PLATFORM,
    "platforms": Heading.PLATFORM,
    "选项": Heading.OPTIONS,
    "options": Heading.OPTIONS,
}
_NO_RESPONSE = frozenset({"_no response_", "no response", "none", "n/a", "无", "_无_"})


def is_form_body(text: str) -> bool:
    """Whether a text has one of the form's own headings."""
    return any(section.label in _LABELS for section in read_markdown(text).sections)


def read_body(body: str) -> Request:
    """Read an issue's body; never raises, whatever its text."""
    read = read_markdown(body)
    images = _images(read)
    listed = list(islice(filter(_is_listed, _numbered(images)), MAX_LINES + 1))
    request = read_pasted(
        [(line.number, line.text) for line in listed[:MAX_LINES]], images[0].line or None
    )
    platform = _platform(_section(read, Heading.PLATFORM))
    options = _section(read, Heading.OPTIONS)
    boxes = islice(_numbered([options, *images] if options else images), MAX_LINES)
    strays = islice(_strays(read, images), MAX_PROBLEMS)
    problems = [*_structural(read, listed), *request.problems, *strays]
    if isinstance(platform, Problem):
        problems.append(platform)
    selection = EveryPlatform() if any(map(_is_sync_all, boxes)) else _selection(platform)
    return replace(request, problems=_in_order(problems), selection=selection)


def _images(body: Body) -> Sequence[Section]:
    """The sections that hold the list."""
    section = _section(body, Heading.IMAGES)
    if section:
        return (section,)
    if any(section.label in _ALIASES for section in body.sections):
        return body.sections[:1]
    return body.sections


def _numbered(sections: Iterable[Section]) -> Iterator[Line]:
    return chain.from_iterable(section.numbered() for section in sections)


def _section(body: Body, heading: Heading) -> Section | None:
    return next((s for s in body.sections if _ALIASES.get(s.label) is heading), None)


def _is_listed(line: Line) -> bool:
    """Whether a line of the list says anything: blanks, comments and fences don't."""
    text = line.text.strip()
    if not text or text.startswith("#"):
        return False
    return not (is_fence(text) or _is_no_response(text) or _names_sync_all(text))


def _is_no_response(text: str) -> bool:
    return text.casefold() in _NO_RESPONSE


def _names_sync_all(text: str) -> bool:
    box = read_checkbox(text)
    return box is not None and (normal(SYNC_ALL) in box.label or SYNC_ALL_ZH in box.label)


def _is_sync_all(line: Line) -> bool:
    box = read_checkbox(line.text.strip()) if "[" in line.text else None
    return box is not None and box.checked and _names_sync_all(line.text.strip())


def _platform(section: Section | None) -> Selection | Problem | None:
    """What the section says; None where it leaves the choice to the settings."""
    lines = list(islice(filter(_is_listed, section.numbered() if section else ()), MAX_PLATFORMS))
    if not lines:
        return None
    parts = [part.strip() for line in lines for part in line.text.strip(" ,").split(",")]
    read = read_platforms(",".join(parts[:MAX_PLATFORMS]))
    if isinstance(read, Problem):
        return replace(read, line=lines[0].number, text=shown(lines[0].text))
    return read


def _selection(platform: Selection | Problem | None) -> Selection | None:
    return None if isinstance(platform, Problem) else platform


def _structural(body: Body, listed: Sequence[Line]) -> Iterable[Problem]:
    if body.unclosed:
        line = body.unclosed
        yield Problem(
            Code.BAD_REFERENCE,
            words.UNCLOSED_COMMENT,
            words.UNCLOSED_COMMENT_HINT,
            line.number,
            shown(line.text),
        )
    if len(listed) > MAX_LINES:
        line = listed[MAX_LINES]
        reason = words.TOO_MANY_LINES.fill(limit=str(MAX_LINES))
        hint = words.TOO_MANY_IMAGES_HINT
        yield Problem(Code.TOO_MANY_IMAGES, reason, hint, line.number, shown(line.text))


def _strays(body: Body, images: Sequence[Section]) -> Iterator[Problem]:
    """A problem for each image that doesn't stand in the list.

    The first platform section is read as a whole, and has problems of its own for all that is none.
    """
    platform = _section(body, Heading.PLATFORM)
    read = {section.line for section in (*images, *([platform] if platform else []))}
    elsewhere = (section for section in body.sections if section.line not in read)
    hint = words.OUTSIDE_THE_LIST_HINT.fill(heading=Heading.IMAGES)
    for line in islice(filter(_is_listed, _numbered(elsewhere)), MAX_LINES):
        if any(map(is_image, (line.text, *images_at(line.text)))):
            text = shown(line.text)
            yield Problem(Code.BAD_REFERENCE, words.OUTSIDE_THE_LIST, hint, line.number, text)


def _in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    ordered = sorted(problems, key=lambda problem: problem.line or 0)
    return tuple(ordered[:MAX_PROBLEMS])
