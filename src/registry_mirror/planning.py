"""From a request to a plan: what each image is called, and what keeps the list from being served.

Names that meet are never resolved silently. Every problem of a request, of its lines and of its
names, is told at once.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count
from typing import assert_never

from registry_mirror.errors import Code, Problem, RequestInvalidError
from registry_mirror.naming import Naming, Target, flat_path, full_path, name_of
from registry_mirror.oci.platform import EveryPlatform, OnlyPlatforms, Selection
from registry_mirror.oci.reference import (
    MAX_REPOSITORY,
    MAX_TAG,
    REMOTE_NAME,
    InvalidReferenceError,
    Reference,
)
from registry_mirror.plan import Copy, Format, Plan
from registry_mirror.request import Item, Request, TargetName, words
from registry_mirror.request.raw import shown
from registry_mirror.text import Text

_DIGITS = len("-1000000")


@dataclass(frozen=True, slots=True)
class NamedItem:
    """An image with its name below the namespace, and which platforms of it are copied."""

    item: Item
    name: TargetName
    selection: Selection


def make_plan(
    request: Request,
    *,
    target: Target,
    naming: Naming,
    selection: Selection,
    format: Format,  # noqa: A002 - the option's own name
    max_images: int | None,
) -> Plan:
    """Decide which image goes where.

    `selection` is the settings'. Raises RequestInvalidError with every problem, in their lines'
    order.
    """
    named = name_request(request, naming, selection, max_images, target)
    return Plan(tuple(_copy(one, target, format) for one in named))


def name_request(
    request: Request,
    naming: Naming,
    selection: Selection,
    max_images: int | None,
    target: Target | None = None,
) -> tuple[NamedItem, ...]:
    """Name every image once, in the order of the first lines that ask for them.

    Raises RequestInvalidError like `make_plan`. Without a target the namespace isn't counted in a
    name's length.
    """
    default = request.selection or selection
    every = [
        NamedItem(item, name_of(item, naming), item.selection or default) for item in request.items
    ]
    with_registry = tuple(_with_registry(every, naming, target))
    lines = {problem.line for problem in with_registry}
    named = _distinct(every)
    problems = (
        *request.problems,
        *with_registry,
        *_conflicts([one for one in every if one.item.line not in lines]),
        *_onto_themselves(named, target),
        *_too_long(every, target),
        *_too_many(len(named), max_images, request.problems),
    )
    if problems:
        raise RequestInvalidError(_in_order(problems))
    return tuple(named)


def _copy(named: NamedItem, target: Target, image_format: Format) -> Copy:
    item = named.item
    return Copy(item.line, item.source, target.reference(named.name), named.selection, image_format)


_Key = tuple[str, str, frozenset[str]]


def _key(one: NamedItem) -> _Key:
    """The same source under the same name with the same options is one copy."""
    return str(one.item.source), str(one.name), _choice(one.selection)


def _distinct(named: Iterable[NamedItem]) -> list[NamedItem]:
    distinct: dict[_Key, NamedItem] = {}
    for one in named:
        distinct.setdefault(_key(one), one)
    return list(distinct.values())


def _choice(selection: Selection) -> frozenset[str]:
    match selection:
        case EveryPlatform():
            return frozenset({"*"})
        case OnlyPlatforms(platforms):
            return frozenset(map(str, platforms))


def _with_registry(
    named: Iterable[NamedItem], naming: Naming, target: Target | None
) -> Iterable[Problem]:
    """A problem for each `--as` with a registry, which would be a folder of the target.

    By paths every name begins with one: there it is wrong only if it is the target's.
    """
    for one in named:
        host, slash, rest = one.name.path.partition("/")
        is_target = target is not None and host == target.registry.lower()
        is_registry = "." in host or host == "localhost"
        if one.item.target and slash and is_registry and (is_target or naming is Naming.FLAT):
            name = str(one.item.target)
            reason = words.AS_WITH_REGISTRY.fill(name=name)
            below = rest.removeprefix(f"{target.namespace}/") if target else rest
            option = _option(one, replace(one.name, path=below))
            hint = words.AS_WITHOUT_REGISTRY.fill(option=option)
            if is_target and below != rest:
                hint = words.WRITE.fill(line=_line(one.item, option))
            yield _problem(Code.BAD_OPTION, one, reason, hint)


def _conflicts(named: Sequence[NamedItem]) -> Iterable[Problem]:
    """A problem for each line whose name an earlier line has taken for something else."""
    first: dict[str, NamedItem] = {}
    offered: dict[_Key, TargetName] = {}
    free = _FreeNames(named)
    for one in named:
        holder = first.setdefault(str(one.name), one)
        key = _key(one)
        if key == _key(holder):
            continue
        if key not in offered:
            same_source = one.item.source == holder.item.source
            wanted = _by_platforms(one) if same_source else _by_source(one)
            offered[key] = free.take(one, wanted)
        yield _conflict(one, holder, offered[key])


def _conflict(one: NamedItem, holder: NamedItem, free: TargetName) -> Problem:
    reason = words.SAME_SOURCE if one.item.source == holder.item.source else words.SAME_TARGET
    return _problem(
        Code.TARGET_CONFLICT,
        one,
        reason.fill(
            line=str(holder.item.line), image=str(holder.item.source), target=str(one.name)
        ),
        _offer(one, free),
    )


def _onto_themselves(named: Sequence[NamedItem], target: Target | None) -> Iterable[Problem]:
    """A problem for each line whose copy would overwrite the very tag that it is read from."""
    free = _FreeNames(named)
    for one in named:
        copy = target.reference(one.name) if target else None
        if copy and _place(copy) == _place(one.item.source):
            reason = words.ONTO_ITSELF.fill(target=str(copy))
            option = _option(one, free.take(one, _by_source(one)))
            hint = words.ONTO_ITSELF_HINT.fill(option=option)
            yield _problem(Code.TARGET_CONFLICT, one, reason, hint)


def _place(reference: Reference) -> tuple[str, str, str | None]:
    return reference.registry.lower(), reference.repository, reference.tag


def _offer(one: NamedItem, free: TargetName) -> Text:
    hint = words.REPLACE_NAME if one.item.target else words.GIVE_NAME
    option = _option(one, free)
    return hint.fill(option=option, line=_line(one.item, option))


def _line(item: Item, option: str) -> str:
    """The item's line with another `--as`, its image as it is written there."""
    words_ = item.text.split()
    image = words_[0] if words_ and _is_of(item, words_[0]) else str(item.source)
    match item.selection:
        case EveryPlatform():
            return f"{image} --all {option}"
        case OnlyPlatforms(platforms):
            return f"{image} --platform {','.join(map(str, platforms))} {option}"
        case None:
            return f"{image} {option}"
        case _:
            assert_never(item.selection)


def _is_of(item: Item, word: str) -> bool:
    try:
        return Reference.parse(word) == item.source
    except InvalidReferenceError:
        return False


def _option(one: NamedItem, free: TargetName) -> str:
    tag = "" if free.tag == one.item.source.tag else f":{free.tag}"
    return f"--as {free.path}{tag}"


class _FreeNames:
    """Names that no line has, such as `google-containers-pause`, each given once."""

    def __init__(self, named: Iterable[NamedItem]) -> None:
        self._taken = {str(one.name) for one in named}
        self._numbers: dict[str, Iterator[int]] = {}

    def take(self, one: NamedItem, wanted: Iterable[TargetName]) -> TargetName:
        candidates = chain(wanted, self._numbered(one))
        name = next(name for name in candidates if str(name) not in self._taken)
        self._taken.add(str(name))
        return name

    def _numbered(self, one: NamedItem) -> Iterator[TargetName]:
        """From the last number on: thousands of lines may meet in one name."""
        path = flat_path(one.item.source)
        stem = path if len(path) <= MAX_REPOSITORY - _DIGITS else "image"
        name = TargetName(stem, one.name.tag)
        for number in self._numbers.setdefault(str(name), count(2)):
            yield replace(name, path=f"{stem}-{number}")


def _by_source(one: NamedItem) -> list[TargetName]:
    path = one.item.source.repository.split("/")
    candidates = ["-".join(path[-2:]), full_path(one.item.source).replace("/", "-")]
    return _legal(TargetName(candidate, one.name.tag) for candidate in candidates)


def _by_platforms(one: NamedItem) -> list[TargetName]:
    return _legal([TargetName(one.name.path, f"{one.name.tag}-{_mark(one.selection)}")])


def _mark(selection: Selection) -> str:
    match selection:
        case EveryPlatform():
            return "all"
        case OnlyPlatforms(platforms):
            names = (f"{platform.architecture}{platform.variant}" for platform in platforms)
            return "-".join(names)


def _legal(names: Iterable[TargetName]) -> list[TargetName]:
    return [
        name
        for name in names
        if REMOTE_NAME.fullmatch(name.path)
        and len(name.path) <= MAX_REPOSITORY
        and len(name.tag) <= MAX_TAG
    ]


def _too_long(named: Iterable[NamedItem], target: Target | None) -> Iterable[Problem]:
    for one in named:
        path = target.reference(one.name).repository if target else one.name.path
        if len(path) > MAX_REPOSITORY:
            limit = str(MAX_REPOSITORY)
            reason = words.TARGET_TOO_LONG.fill(target=shown(path), limit=limit)
            short = flat_path(one.item.source)[:32].rstrip("._-")
            hint = words.SHORTER_NAME.fill(option=f"--as {short}")
            yield _problem(Code.BAD_REFERENCE, one, reason, hint)


def _too_many(count: int, limit: int | None, problems: Iterable[Problem]) -> Iterable[Problem]:
    told = any(problem.code is Code.TOO_MANY_IMAGES for problem in problems)
    if limit is not None and count > limit and not told:
        reason = words.TOO_MANY_IMAGES.fill(count=str(count), limit=str(limit))
        yield Problem(Code.TOO_MANY_IMAGES, reason, words.TOO_MANY_IMAGES_HINT)


def _problem(code: Code, one: NamedItem, reason: Text, hint: Text) -> Problem:
    return Problem(code, reason, hint, one.item.line, shown(one.item.text))


def _in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """By line; what is true of the whole list comes last."""
    return tuple(sorted(problems, key=lambda problem: (problem.line is None, problem.line or 0)))
