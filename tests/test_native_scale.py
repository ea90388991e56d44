"""Many images in one plan: requests and memory grow with it, by counting and not by time."""

import gc
import tracemalloc
from dataclasses import dataclass

import pytest

from registry_mirror.embedded.images import build_image, build_layer
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.oci.platform import Platform
from registry_mirror.plan import Copy
from tests.native_runs import BASE, Runs, copied, copy_of, unchanged

IMAGES = 320
OWN = 4
"""Layers of each image that no other has; with its config that is five blobs each."""

SHARED = 10
"""Images that have one layer more in common."""


@dataclass(frozen=True, slots=True)
class Cost:
    """`peak` is in bytes of Python's own memory, of the client and of what registries note."""

    at_source: int
    at_target: int
    peak: int


def fill(source: EmbeddedRegistry, count: int) -> None:
    for number in range(count):
        shared = build_layer({"shared": str(number // SHARED).encode()})
        own = [build_layer({"own": f"{number} {n}".encode()}) for n in range(OWN)]
        image = build_image([shared, *own], Platform("linux", "amd64"))
        source.put(f"team/app-{number}", "1", image)


def copies(source: EmbeddedRegistry, target: EmbeddedRegistry, count: int) -> list[Copy]:
    return [
        copy_of(f"{source.host}/team/app-{n}:1", f"{target.host}/ns/app-{n}:1", line=n)
        for n in range(count)
    ]


async def mirrored(count: int) -> Cost:
    async with EmbeddedRegistry() as source, EmbeddedRegistry() as target:
        fill(source, count)
        plan = copies(source, target, count)
        gc.collect()
        tracemalloc.start()
        try:
            outcomes = await Runs(BASE).all(plan)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert all(map(copied, outcomes))
        return Cost(len(source.requests), len(target.requests), peak)


def in_line(part: int, whole: int, parts: int) -> bool:
    return whole <= part * parts * 1.1


@pytest.mark.slow
async def test_requests_and_memory_grow_with_the_plan() -> None:
    quarter, half, whole = [await mirrored(IMAGES // part) for part in (4, 2, 1)]

    assert in_line(quarter.at_source, whole.at_source, 4)
    assert in_line(half.at_source, whole.at_source, 2)
    assert in_line(quarter.at_target, whole.at_target, 4)
    assert in_line(half.at_target, whole.at_target, 2)
    assert in_line(quarter.peak, whole.peak, 4)
    assert in_line(half.peak, whole.peak, 2)
    assert whole.peak < IMAGES * 100 * 1024


async def test_what_each_blob_costs() -> None:
    count, blobs = 50, 50 * (OWN + 1) + 50 // SHARED
    cost = await mirrored(count)

    mounts = count - count // SHARED
    assert cost.at_source == count + blobs
    assert cost.at_target == 2 * blobs + mounts + 3 * count


async def test_a_second_run_costs_one_request_at_each_side_per_image() -> None:
    count = 100
    async with EmbeddedRegistry() as source, EmbeddedRegistry() as target:
        fill(source, count)
        plan = copies(source, target, count)
        assert all(map(copied, await Runs(BASE).all(plan)))
        source.requests.clear()
        target.requests.clear()

        assert all(map(unchanged, await Runs(BASE).all(plan)))

        assert {seen.method for seen in source.requests} == {"GET"}
        assert {seen.method for seen in target.requests} == {"HEAD"}
        assert len(source.requests) == len(target.requests) == count
