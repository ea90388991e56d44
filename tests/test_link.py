"""The link simulator keeps what it promises, or the benchmark means nothing."""

import asyncio
import contextlib
import hashlib
import itertools
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from bench.link import Conditions, Cuts, Link, Port

MB = 1_000_000
Peer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(peer: Peer) -> AsyncIterator[str]:
    """The address of a server whose connections are all `peer`'s."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await peer(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield "{}:{}".format(*server.sockets[0].getsockname())


@asynccontextmanager
async def connected(
    port: Port,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    host, _, number = port.host.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(number))
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def count(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers with the number of bytes that it was sent."""
    size = 0
    while piece := await reader.read(MB):
        size += len(piece)
    writer.write(b"%d" % size)
    await writer.drain()


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(MB):
        writer.write(piece)
        await writer.drain()


async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Sends as many bytes as the line says that it is sent."""
    writer.write(bytes(int(await reader.readline())))
    await writer.drain()


async def upload(port: Port, size: int) -> int:
    """The bytes that the server has counted."""
    async with connected(port) as (reader, writer):
        writer.write(bytes(size))
        writer.write_eof()
        return int(await reader.read())


async def download(port: Port, size: int) -> int:
    async with connected(port) as (reader, writer):
        writer.write(b"%d\n" % size)
        return len(await reader.read())


async def takes(move_all: Callable[[], Awaitable[None]], expected: float) -> bool:
    """Whether that many seconds, a tenth more or less, are what it takes.

    A busy machine makes a run longer, and never shorter: one of ten has to be in time.
    """
    loop = asyncio.get_running_loop()
    for _ in range(10):
        started = loop.time()
        await move_all()
        seconds = loop.time() - started
        assert seconds >= 0.9 * expected
        if seconds <= 1.1 * expected:
            return True
    return False


Move = Callable[[Port, int], Awaitable[int]]


@pytest.mark.parametrize(("move", "peer"), [(upload, count), (download, pour)])
@pytest.mark.parametrize(
    ("conditions", "connections", "expected"),
    [
        (Conditions(rate_per_connection=10 * MB), 1, 1.0),
        (Conditions(0.1, 40 * MB, 10 * MB), 4, 1.2),
        (Conditions(rate=80 * MB), 8, 1.0),
    ],
)
async def test_bytes_take_the_time_that_the_rates_say(
    conditions: Conditions, connections: int, expected: float, move: Move, peer: Peer
) -> None:
    """A connection of 10 MB takes its second, three half ways at the begin and one at the end."""
    async with serving(peer) as server, Link(conditions) as link:
        port = await link.forward(server)

        async def move_all() -> None:
            moved = await asyncio.gather(*(move(port, 10 * MB) for _ in range(connections)))
            assert moved == [10 * MB] * connections

        assert await takes(move_all, expected)


async def test_ports_share_the_rate_of_their_link() -> None:
    async with serving(count) as server, Link(Conditions(rate=20 * MB)) as link:
        ports = [await link.forward(server) for _ in range(2)]

        async def move_all() -> None:
            await asyncio.gather(*(upload(port, 10 * MB) for port in ports))

        assert await takes(move_all, 1.0)
        assert ports[0].counters.up == ports[1].counters.up >= 10 * MB


async def test_a_round_trip_for_each_question_and_one_for_the_connection() -> None:
    loop = asyncio.get_running_loop()
    async with serving(echo) as server, Link(Conditions(round_trip=0.1)) as link:
        port = await link.forward(server)
        async with connected(port) as (reader, writer):
            times = [loop.time()]
            for _ in range(5):
                writer.write(b"?")
                assert await reader.readexactly(1) == b"?"
                times.append(loop.time())
    trips = [after - before for before, after in itertools.pairwise(times)]
    assert trips[0] >= 0.2
    assert min(trips) >= 0.1
    assert min(trips[0] - 0.1, *trips) <= 0.11


async def test_bytes_come_out_as_they_went_in_both_ways() -> None:
    content = b"".join(hashlib.sha256(b"%d" % n).digest() for n in range(100_000))
    async with serving(echo) as server, Link(Conditions(0.01, 100 * MB)) as link:
        port = await link.forward(server)
        async with connected(port) as (reader, writer):
            writer.write(content)
            writer.write_eof()
            assert await reader.read() == content
    assert (port.counters.up, port.counters.down) == (len(content), len(content))


@pytest.mark.parametrize("after", [1, 65_536, 1_000_001])
@pytest.mark.parametrize("round_trip", [0.0, 0.02])
async def test_a_connection_is_cut_after_so_many_bytes_to_the_server(
    after: int, round_trip: float
) -> None:
    sizes: asyncio.Queue[int] = asyncio.Queue()

    async def peer(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        sizes.put_nowait(len(await reader.read()))

    async with serving(peer) as server, Link(Conditions(round_trip)) as link:
        port = await link.forward(server, Cuts(up=after))
        for _ in range(2):
            async with connected(port) as (reader, writer):
                writer.write(bytes(2 * MB))
                with pytest.raises(ConnectionError):
                    await reader.read()
                assert await sizes.get() == after
    assert port.counters.cuts == 2
    assert port.counters.up == 2 * after


@pytest.mark.parametrize("after", [1, 65_536, 1_000_001])
async def test_a_connection_is_cut_after_so_many_bytes_to_the_client(after: int) -> None:
    async with serving(pour) as server, Link(Conditions(0.01, 50 * MB)) as link:
        port = await link.forward(server, Cuts(down=after))
        assert await download(port, 2 * MB) == after
        assert await download(port, 2 * MB) == after
    assert (port.counters.cuts, port.counters.down) == (2, 2 * after)


async def test_a_connection_below_the_cut_lives() -> None:
    async with serving(count) as server, Link(Conditions()) as link:
        port = await link.forward(server, Cuts(up=1001, down=1001))
        assert await upload(port, 1000) == 1000
    assert port.counters.cuts == 0


async def test_connections_are_counted() -> None:
    async with serving(echo) as server, Link(Conditions()) as link:
        port = await link.forward(server)
        async with connected(port) as (reader, writer), connected(port) as (other, sender):
            for stream, end in ((reader, writer), (other, sender)):
                end.write(b"?")
                await stream.readexactly(1)
            assert (port.counters.open, port.counters.most) == (2, 2)
        await asyncio.wait_for(port.idle(), 5)
        async with connected(port) as (reader, writer):
            writer.write(b"?")
            await reader.readexactly(1)
    assert (port.counters.connections, port.counters.most, port.counters.open) == (3, 2, 0)


async def test_nobody_listens_at_the_other_end() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        host = "{}:{}".format(*probe.getsockname())
    async with Link(Conditions()) as link:
        port = await link.forward(host)
        async with connected(port) as (reader, _):
            assert await asyncio.wait_for(reader.read(), 5) == b""


async def test_what_a_server_said_before_it_went_away_arrives() -> None:
    async def peer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"no")
        await writer.drain()

    async with serving(peer) as server, Link(Conditions(0.05)) as link:
        port = await link.forward(server)
        async with connected(port) as (reader, writer):
            writer.write(bytes(100))
            assert await reader.readexactly(2) == b"no"


async def test_a_server_that_does_not_read_slows_its_client_down() -> None:
    released = asyncio.Event()

    async def peer(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await released.wait()

    async with serving(peer) as server, Link(Conditions()) as link:
        port = await link.forward(server)
        async with connected(port) as (_, writer):
            writer.write(bytes(64 * MB))
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(writer.drain(), 0.5)
            assert port.counters.up < 32 * MB
            released.set()


async def test_connections_that_break_at_any_moment_are_forgotten() -> None:
    async with serving(echo) as server, Link(Conditions(0.02, 20 * MB)) as link:
        port = await link.forward(server, Cuts(up=50_000, down=30_000))

        async def break_off(number: int) -> None:
            async with connected(port) as (reader, writer):
                writer.write(bytes(1000 * number))
                with contextlib.suppress(TimeoutError, ConnectionError):
                    await asyncio.wait_for(reader.read(), number / 1000)

        await asyncio.gather(*(break_off(number) for number in range(100)))
        await asyncio.wait_for(port.idle(), 5)
        assert port.counters.connections == 100
        assert port.counters.cuts > 0


async def test_a_link_that_ends_leaves_nothing_behind() -> None:
    before = asyncio.all_tasks()
    held = asyncio.Event()
    gone = asyncio.Event()

    async def peer(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        held.set()
        try:
            await reader.read()
        finally:
            gone.set()

    async with serving(peer) as server:
        async with Link(Conditions(0.01, 1000)) as link:
            port = await link.forward(server)
            host, _, number = port.host.rpartition(":")
            reader, writer = await asyncio.open_connection(host, int(number))
            writer.write(bytes(MB))
            await held.wait()
        assert port.counters.open == 0
        await asyncio.wait_for(gone.wait(), 5)
        with pytest.raises(ConnectionError):
            await reader.read()
        with pytest.raises(ConnectionError):
            await asyncio.open_connection(host, int(number))
        writer.transport.abort()
    assert asyncio.all_tasks() == before
