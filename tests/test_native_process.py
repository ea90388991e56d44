"""The program as a process of its own: what it leaves behind, and how much memory it takes."""

import asyncio
import re
import signal
from collections.abc import Sequence
from pathlib import Path

import pytest

from registry_mirror.embedded.conduct import Conduct
from registry_mirror.embedded.content import Synthetic
from registry_mirror.embedded.images import build_image
from registry_mirror.embedded.server import EmbeddedRegistry
from tests.program import finish, start

MIB = 1024 * 1024
QUIET = Conduct(keeps_blobs=False)


async def begin(
    source: EmbeddedRegistry, target: EmbeddedRegistry, layers: Sequence[Synthetic]
) -> asyncio.subprocess.Process:
    source.put("team/app", "1", build_image(layers))
    return await start(
        *("sync", "--engine", "native", "--no-progress", f"{source.host}/team/app:1"),
        environment={"TARGET_REGISTRY": target.host, "TARGET_NAMESPACE": "ns"},
    )


@pytest.mark.parametrize("size", [MIB // 2, 9 * MIB])
async def test_a_run_that_is_ended_leaves_no_upload_open(
    embedded: EmbeddedRegistry, size: int
) -> None:
    layers = [Synthetic(size, seed) for seed in range(3)]
    async with EmbeddedRegistry(conduct=QUIET) as target:
        method = "PUT" if size < MIB else "PATCH"
        held = [target.faults.hold(method, "/v2/ns/app/blobs/uploads/?*") for _ in layers]
        process = await begin(embedded, target, layers)
        await asyncio.wait([asyncio.create_task(hold.arrived.wait()) for hold in held])

        process.send_signal(signal.SIGTERM)
        result = await finish(process)

        answers = [(seen.method, seen.status) for seen in target.requests]
        opened, closed = answers.count(("POST", 202)), answers.count(("DELETE", 204))
        assert result.code == 130
        assert "cancelled" in result.stdout
        assert closed >= len(layers)
        assert opened == closed + answers.count(("PUT", 201))
        assert target.tags("ns/app") == ()


@pytest.mark.slow
async def test_the_memory_of_many_large_layers_at_once(embedded: EmbeddedRegistry) -> None:
    async with EmbeddedRegistry(conduct=QUIET) as target:
        layers = [Synthetic(256 * MIB, seed) for seed in range(16)]
        process = await begin(embedded, target, layers)
        ended = asyncio.create_task(finish(process))
        peak = await peak_memory(process.pid, ended)

        assert (await ended).code == 0
        assert all(target.statistics.received_of(each.digest) == each.size for each in layers)
        assert target.statistics.peak("PATCH") >= 4
        assert peak < 120 * MIB


async def peak_memory(pid: int, ended: asyncio.Task[object]) -> int:
    """The most that a process has resided in, in bytes, until it ended."""
    peak = 0
    while not ended.done():
        peak = max(peak, _resident(pid))
        await asyncio.wait([ended], timeout=0.05)
    return peak


def _resident(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) * 1024 if found else 0
