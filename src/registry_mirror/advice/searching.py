"""Looking at registries for what was meant by an image that isn't there."""

import asyncio
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from registry_mirror.advice import words
from registry_mirror.advice.lookalikes import Catalogue, candidates, moved, surely
from registry_mirror.advice.spelling import nearest_tags
from registry_mirror.engines.native.registries import Registries
from registry_mirror.errors import Code, Failure
from registry_mirror.oci.reference import Reference
from registry_mirror.plan import Copy
from registry_mirror.registry.errors import RegistryError
from registry_mirror.registry.failures import failure_of
from registry_mirror.registry.tags import list_tags
from registry_mirror.text import Text

MOST_TAGS = 5
"""Tags that are offered."""

PATIENCE = 10.0
"""Seconds for one question to a registry."""


@dataclass(frozen=True, slots=True)
class Listed:
    """What a registry says of a repository: its tags, or why there are none to be had.

    Where the list is not whole there may be others.
    """

    tags: tuple[str, ...] = ()
    refused: Code | None = None
    is_whole: bool = True


class Search:
    """`named` are the registries as the run may read them, `open_to_all` without any login.

    Where nobody told us to look, nothing private is looked for. A repository's tags are listed
    once, however many images want one of them.
    """

    def __init__(
        self,
        named: Registries,
        open_to_all: Registries,
        catalogue: Catalogue,
        others: tuple[Reference, ...],
        patience: float = PATIENCE,
    ) -> None:
        self._named = named
        self._open = open_to_all
        self._catalogue = catalogue
        self._others = others
        self._patience = patience
        self._lists: dict[tuple[bool, str], asyncio.Task[Listed]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for task in self._lists.values():
            task.cancel()
        await asyncio.gather(*self._lists.values(), return_exceptions=True)

    async def better(self, failure: Failure, copy: Copy) -> Failure:
        """The failure with what was found; as it is where nothing was."""
        source = copy.source
        is_denied = failure.code is Code.SOURCE_DENIED
        now = moved(source, self._catalogue)
        if now and await self._has_tag(now):
            is_frozen = now.name.startswith(tuple(f"{name}/" for name in self._catalogue.frozen))
            cause = (words.FROZEN if is_frozen else words.MOVED).fill(
                host=_less(source, now), now=_less(now, source)
            )
            return replace(failure, cause=cause, hint=words.MOVED_HINT.fill(line=str(now)))
        if failure.code is Code.SOURCE_UNAVAILABLE:
            return await self._at(surely(source, self._others, self._catalogue), failure)
        if failure.code is Code.TAG_NOT_FOUND:
            listed = await self._listed(source)
            if listed.refused is None:
                hint = await asyncio.to_thread(_of_its_own, source, listed)
                return replace(failure, hint=hint or failure.hint)
            is_denied = listed.refused is Code.SOURCE_DENIED
            if listed.refused is Code.REPOSITORY_NOT_FOUND:
                cause = words.REPOSITORY_MISSING.fill(name=source.name)
                failure = Failure(listed.refused, failure.side, failure.said, cause)
        places = candidates(source, self._others, self._catalogue, may_be_private=is_denied)
        return await self._at(places, failure)

    async def _at(self, places: tuple[Reference, ...], failure: Failure) -> Failure:
        there = await asyncio.gather(*map(self._has_tag, places))
        hit = next((place for place, is_there in zip(places, there, strict=True) if is_there), None)
        hint = words.FOUND_ELSEWHERE.fill(line=str(hit)) if hit else await self._near(places)
        if hint and failure.code is Code.SOURCE_DENIED:
            hint = hint.then(failure.hint or words.OR_PRIVATE)
        return replace(failure, hint=hint) if hint else failure

    async def _near(self, places: tuple[Reference, ...]) -> Text | None:
        """The first place that has the image, though not this tag."""
        for place in places:
            listed = await self._listed(place, is_open=True)
            tags = await asyncio.to_thread(_nearest, place, listed)
            if tags:
                line = str(replace(place, tag=tags[0], digest=None))
                found = words.FOUND_ELSEWHERE_WITH_TAGS.fill(name=place.name, line=line)
                return found.listing(tags=tags)
        return None

    async def _has_tag(self, place: Reference) -> bool:
        client = self._open.source(place.registry)
        try:
            async with asyncio.timeout(self._patience):
                found = await client.resolve(place.repository, place.digest or str(place.tag))
        except (RegistryError, OSError):
            return False
        return found is not None

    async def _listed(self, source: Reference, *, is_open: bool = False) -> Listed:
        key = (is_open, source.name)
        if key not in self._lists:
            self._lists[key] = asyncio.create_task(self._list(source, is_open=is_open))
        return await asyncio.shield(self._lists[key])

    async def _list(self, source: Reference, *, is_open: bool) -> Listed:
        registries = self._open if is_open else self._named
        client = registries.source(source.registry)
        try:
            async with asyncio.timeout(self._patience):
                found = await list_tags(client, source.repository)
                return Listed(found.tags, is_whole=found.is_whole)
        except RegistryError as error:
            return Listed(refused=failure_of(error).code)
        except OSError:
            return Listed(refused=Code.SOURCE_UNAVAILABLE)


def _of_its_own(source: Reference, listed: Listed) -> Text | None:
    """What to take of the tags that the image has."""
    if source.digest and source.tag in listed.tags:
        return words.TAG_WITHOUT_DIGEST.fill(line=str(replace(source, digest=None)))
    if not listed.tags:
        return words.NO_TAGS if listed.is_whole else None
    near = _nearest(source, listed)
    if not near:
        return None
    line = str(replace(source, tag=near[0], digest=None))
    hint = words.NEAREST_TAGS.fill(line=line).listing(tags=near)
    count = str(len(listed.tags))
    return hint if listed.is_whole else hint.then(words.OF_THE_FIRST.fill(count=count))


def _nearest(source: Reference, listed: Listed) -> tuple[str, ...]:
    return nearest_tags(str(source.tag), listed.tags, MOST_TAGS)


def _less(one: Reference, other: Reference) -> str:
    """The name without the end that both share, whole parts only."""
    parts = one.name.split("/")
    pairs = zip(reversed(parts), reversed(other.name.split("/")), strict=False)
    shared = next((i for i, (mine, theirs) in enumerate(pairs) if mine != theirs), 0)
    return "/".join(parts[: len(parts) - shared] or parts[:1])
