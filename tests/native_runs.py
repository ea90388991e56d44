"""Runs of the native engine between registries on loopback, whose pauses take no time."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from registry_mirror.config import Settings
from registry_mirror.embedded.images import (
    BuiltImage,
    Piece,
    Style,
    build_image,
    build_index,
    build_layer,
)
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.embedded.statistics import Kind, Seen
from registry_mirror.engines import Event, Observer
from registry_mirror.engines.native.engine import NativeEngine
from registry_mirror.engines.native.registries import Waits
from registry_mirror.errors import Code, Side
from registry_mirror.oci.format import Format
from registry_mirror.oci.platform import EveryPlatform, OnlyPlatforms, Platform, Selection
from registry_mirror.oci.reference import Reference
from registry_mirror.outcome import Copied, Failed, Outcome, Unchanged
from registry_mirror.plan import Copy, Plan
from registry_mirror.registry.outgoing import Patience
from tests import vectors
from tests.registry_clients import Pauses

AMD64 = OnlyPlatforms((Platform("linux", "amd64"),))
ARM64 = OnlyPlatforms((Platform("linux", "arm64"),))
ALL = EveryPlatform()
BASE = Settings(retries=0)


def image(content: str = "", machine: str = "amd64", style: Style = Style.OCI) -> BuiltImage:
    layers = [build_layer({"base": b"base"}), build_layer({"own": content.encode()})]
    return build_image(layers, Platform("linux", machine), style)


def two_platforms(content: str = "") -> BuiltImage:
    return build_index([image(content, "amd64"), image(content, "arm64")])


def copy_of(
    source: str,
    target: str,
    selection: Selection = AMD64,
    line: int = 1,
    format_: Format = Format.V2S2,
) -> Copy:
    return Copy(line, Reference.parse(source), Reference.parse(target), selection, format_)


def silent(_event: Event) -> None:
    """Want to know of nothing."""


@dataclass(slots=True)
class Runs:
    """`pauses` are those that retries asked for."""

    settings: Settings = BASE
    pauses: Pauses = field(default_factory=Pauses)
    patience: Patience = field(default_factory=Patience)

    async def all(self, copies: Iterable[Copy], observer: Observer = silent) -> tuple[Outcome, ...]:
        engine = NativeEngine(self.settings, Waits(self.pauses.take, self.patience))
        return await engine.run(Plan(tuple(copies)), observer)

    async def one(self, copy: Copy) -> Outcome:
        (outcome,) = await self.all((copy,))
        return outcome


async def run(copies: Iterable[Copy], settings: Settings = BASE) -> tuple[Outcome, ...]:
    return await Runs(settings).all(copies)


async def run_one(copy: Copy, settings: Settings = BASE) -> Outcome:
    return await Runs(settings).one(copy)


def copied(outcome: Outcome) -> Copied:
    assert isinstance(outcome, Copied), outcome
    return outcome


def unchanged(outcome: Outcome) -> Unchanged:
    assert isinstance(outcome, Unchanged), outcome
    return outcome


def refusal(outcome: Outcome) -> tuple[Code, Side | None]:
    assert isinstance(outcome, Failed), outcome
    return outcome.failure.code, outcome.failure.side


def since(registry: EmbeddedRegistry, start: int) -> list[tuple[str, Kind]]:
    """The requests from a number on, apart from those for tokens."""
    return [(s.method, s.kind) for s in registry.requests[start:] if s.kind is not Kind.TOKEN]


def puts(registry: EmbeddedRegistry) -> list[Seen]:
    """Of manifests."""
    return [s for s in registry.requests if s.method == "PUT" and s.kind is Kind.MANIFEST]


def uploads(registry: EmbeddedRegistry) -> list[Seen]:
    return [s for s in registry.requests if s.kind is Kind.UPLOAD]


def built(case: vectors.Case) -> BuiltImage:
    """A vector as a registry serves it, with the Content-Types that it had."""
    pieces = [
        Piece(kind, vectors.content(digest), digest) for digest, kind in case.manifests.items()
    ]
    top = next(piece for piece in pieces if piece.digest == case.top)
    blobs = [
        Piece("application/octet-stream", vectors.content(digest), digest)
        for digest in case.blobs
        if digest not in case.left_out
    ]
    children = tuple(piece for piece in pieces if piece is not top)
    return BuiltImage(top, tuple(blobs), children)
