"""Links that cut every connection after some megabytes, and layers that are larger."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from bench.link import Conditions, Cuts, Link
from registry_mirror.embedded.conduct import Conduct
from registry_mirror.embedded.content import Synthetic
from registry_mirror.embedded.images import build_image
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.outcome import Outcome
from tests.native_runs import BASE, Runs, copied, copy_of
from tests.registries import Server, skopeo

MB = 1000 * 1000
GIB = 1024**3
AT_SOURCE = Cuts(down=40 * MB)
AT_TARGET = Cuts(up=24 * MB)
SHARED = Synthetic(60 * MB, 0)
SETTINGS = replace(BASE, retries=3)

pytestmark = pytest.mark.slow


@asynccontextmanager
async def source_of(images: Sequence[Sequence[Synthetic]]) -> AsyncIterator[EmbeddedRegistry]:
    async with EmbeddedRegistry() as source:
        for number, layers in enumerate(images):
            source.put("team/app", str(number), build_image(layers))
        yield source


async def mirror_through_cuts(
    source: EmbeddedRegistry, target: str, count: int
) -> tuple[tuple[Outcome, ...], int]:
    """The outcomes, and how many connections to the target were cut."""
    async with Link(Conditions()) as link:
        near = await link.forward(source.host, AT_SOURCE)
        far = await link.forward(target, AT_TARGET)
        copies = [
            copy_of(f"{near.host}/team/app:{n}", f"{far.host}/ns/app-{n}:1", line=n)
            for n in range(count)
        ]
        outcomes = await Runs(SETTINGS).all(copies)
        return outcomes, far.counters.cuts


async def test_a_registry_that_keeps_sessions_gets_each_byte_once() -> None:
    images = [[SHARED, Synthetic(60 * MB, n)] for n in range(1, 6)]
    unique = 60 * MB * 6
    async with (
        source_of(images) as source,
        EmbeddedRegistry(conduct=Conduct(keeps_blobs=False)) as target,
    ):
        outcomes, cuts = await mirror_through_cuts(source, target.host, len(images))

        assert all(map(copied, outcomes))
        assert cuts >= 6
        assert target.statistics.received <= 1.1 * unique
        sent = sum(outcome.moved.sent for outcome in map(copied, outcomes) if outcome.moved)
        assert sent <= 1.1 * unique


async def test_a_registry_that_loses_sessions_gets_everything_all_the_same(
    docker_registry: Server,
) -> None:
    images = [[SHARED, Synthetic(60 * MB, n)] for n in range(1, 4)]
    async with source_of(images) as source:
        outcomes, cuts = await mirror_through_cuts(source, docker_registry.host, len(images))

    assert all(map(copied, outcomes))
    assert cuts >= 4
    for number in range(len(images)):
        there = f"docker://{docker_registry.host}/ns/app-{number}:1"
        code, said = await skopeo("inspect", "--tls-verify=false", there)
        assert code == 0, said


@pytest.mark.parametrize("keeps_sessions", [True, False])
async def test_progress_is_no_failed_try(keeps_sessions: bool) -> None:  # noqa: FBT001
    """A GiB takes more cuts than there are tries."""
    conduct = Conduct(keeps_sessions=keeps_sessions, keeps_blobs=False)
    async with (
        source_of([[Synthetic(GIB)]]) as source,
        EmbeddedRegistry(conduct=conduct) as target,
    ):
        outcomes, cuts = await mirror_through_cuts(source, target.host, 1)

        assert all(map(copied, outcomes))
        assert target.statistics.received <= 1.1 * GIB
        assert not keeps_sessions or cuts >= GIB // (24 * MB) - 1
