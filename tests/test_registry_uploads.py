"""Blobs on their way into a registry, and what breaks on it."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from registry_mirror.config import Settings
from registry_mirror.embedded.actions import (
    AlterHeaders,
    CutRequest,
    Drop,
    ExpireTokens,
    LoseSession,
)
from registry_mirror.embedded.auth import Account, Tokens
from registry_mirror.embedded.conduct import Conduct, SessionPlace
from registry_mirror.embedded.content import Synthetic, pieces
from registry_mirror.embedded.faults import UNAVAILABLE, too_many_requests
from registry_mirror.embedded.refusal import DIGEST_INVALID, Refusal
from registry_mirror.embedded.rules import UploadLimits
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.embedded.statistics import Kind
from registry_mirror.errors import Code, Side
from registry_mirror.naming import Target
from registry_mirror.oci.digest import Digest
from registry_mirror.registry.errors import (
    AnswerError,
    ConnectionLostError,
    ContentMismatchError,
    RegistryError,
    SizeDiffersError,
)
from registry_mirror.registry.failures import failure_of
from registry_mirror.registry.profiles import profile_of
from registry_mirror.registry.uploads import push_blob, push_stream
from registry_mirror.registry.verified import OpenSource, replayed
from registry_mirror.secret import Login, Secret
from tests.cutting_proxy import cutting_proxy
from tests.registries import Server
from tests.registry_clients import Pauses, client_of, nobody

MIB = 1024 * 1024
REPOSITORY = "team/app"
UPLOADS = f"/v2/{REPOSITORY}/blobs/uploads/*"

SMALL = Synthetic(300_000, seed=1)
LARGE = Synthetic(20 * MIB + 17, seed=2)
LAYER = Synthetic(60 * MIB, seed=3)
OTHER = Synthetic(20 * MIB, seed=5)


def source_of(content: Synthetic, opened: list[int] | None = None) -> OpenSource:
    """`opened` notes the offsets that it was opened at."""

    async def open_at(offset: int) -> AsyncIterator[bytes]:
        if opened is not None:
            opened.append(offset)
        for piece in pieces(content, range(offset, content.size)):
            yield bytes(piece)
            await asyncio.sleep(0)

    return open_at


def methods(registry: EmbeddedRegistry) -> list[str]:
    return [seen.method for seen in registry.requests if seen.path != "/v2/"]


async def push(
    host: str,
    content: Synthetic,
    *,
    progress: Callable[[int], None] = nobody,
    tries: int = 3,
    pauses: Pauses | None = None,
    opened: list[int] | None = None,
) -> int:
    async with client_of(host, tries=tries, pauses=pauses) as client:
        return await push_blob(
            client, REPOSITORY, content.digest, content.size, source_of(content, opened), progress
        )


async def test_a_small_blob_goes_in_one_request(embedded: EmbeddedRegistry) -> None:
    assert await push(embedded.host, SMALL) == SMALL.size

    assert embedded.blob_size(REPOSITORY, SMALL.digest) == SMALL.size
    assert methods(embedded) == ["POST", "PUT"]


async def test_a_large_blob_is_sent_and_then_closed(embedded: EmbeddedRegistry) -> None:
    moved: list[int] = []

    assert await push(embedded.host, LARGE, progress=moved.append) == LARGE.size

    assert embedded.blob_size(REPOSITORY, LARGE.digest) == LARGE.size
    assert methods(embedded) == ["POST", "PATCH", "PUT"]
    assert [seen.range for seen in embedded.requests if seen.method == "PATCH"] == [""]
    assert sum(moved) == LARGE.size
    assert len(moved) > 10


async def test_an_empty_blob_arrives(embedded: EmbeddedRegistry) -> None:
    empty = Synthetic(0)

    assert await push(embedded.host, empty) == 0

    assert embedded.blob(REPOSITORY, empty.digest) == b""


async def test_a_blob_that_should_be_empty_and_is_not_is_never_closed(
    embedded: EmbeddedRegistry,
) -> None:
    async with client_of(embedded.host) as client:
        for source in (source_of(Synthetic(0)), source_of(SMALL)):
            with pytest.raises(ContentMismatchError):
                await push_blob(client, REPOSITORY, LARGE.digest, 0, source, nobody)

    assert "PUT" not in methods(embedded)


@pytest.mark.parametrize("place", list(SessionPlace))
async def test_the_location_is_followed_wherever_it_leads(place: SessionPlace) -> None:
    conduct = Conduct(relative_location=place is not SessionPlace.OTHER_HOST, sessions_at=place)
    async with EmbeddedRegistry(conduct=conduct) as registry:
        await push(registry.host, LARGE)

        assert registry.blob_size(REPOSITORY, LARGE.digest) == LARGE.size


@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "large"])
async def test_other_bytes_than_the_digest_says_are_never_closed(
    embedded: EmbeddedRegistry, content: Synthetic
) -> None:
    wrong = Digest.of(b"something else")
    async with client_of(embedded.host) as client:
        with pytest.raises(ContentMismatchError) as raised:
            await push_blob(client, REPOSITORY, wrong, content.size, source_of(content), nobody)

    assert raised.value.side is Side.SOURCE
    assert embedded.statistics.received < content.size
    assert not [seen for seen in embedded.requests if seen.method == "PUT" and seen.status]
    assert methods(embedded)[-1] == "DELETE"


async def test_a_cut_upload_goes_on_where_it_broke_off(embedded: EmbeddedRegistry) -> None:
    embedded.faults.add("PATCH", UPLOADS, CutRequest(5 * MIB))
    embedded.faults.add("PATCH", UPLOADS, CutRequest(6 * MIB))
    opened: list[int] = []

    await push(embedded.host, LARGE, opened=opened)

    assert embedded.blob_size(REPOSITORY, LARGE.digest) == LARGE.size
    assert embedded.statistics.received == LARGE.size
    assert methods(embedded).count("POST") == 1
    assert len(opened) == 3


async def test_progress_is_no_failed_try(embedded: EmbeddedRegistry) -> None:
    embedded.faults.add("PATCH", UPLOADS, CutRequest(2 * MIB), times=None)
    pauses = Pauses()

    await push(embedded.host, LARGE, tries=2, pauses=pauses)

    assert max(pauses.taken) <= 0.1
    assert embedded.blob_size(REPOSITORY, LARGE.digest) == LARGE.size
    assert methods(embedded).count("PATCH") == 11


async def test_tries_without_progress_come_to_an_end(embedded: EmbeddedRegistry) -> None:
    embedded.faults.add("PATCH", UPLOADS, Drop(), times=None)
    pauses = Pauses()

    with pytest.raises(ConnectionLostError):
        await push(embedded.host, LARGE, pauses=pauses)

    patches = methods(embedded).count("PATCH")
    assert patches <= 10
    assert len(pauses.taken) == patches - 1
    assert embedded.blob_size(REPOSITORY, LARGE.digest) is None


async def test_a_lost_session_starts_the_blob_again(embedded: EmbeddedRegistry) -> None:
    embedded.faults.add("PATCH", UPLOADS, CutRequest(5 * MIB, loses_session=True))

    await push(embedded.host, LARGE)

    assert embedded.blob_size(REPOSITORY, LARGE.digest) == LARGE.size
    assert methods(embedded) == ["POST", "PATCH", "GET", "POST", "PATCH", "PUT"]


async def test_an_answer_that_is_lost_is_no_lost_upload(embedded: EmbeddedRegistry) -> None:
    """The closing request may have done its work."""
    async with cutting_proxy(embedded.host, down_to=500) as way:
        await push(way.host, SMALL, tries=5)

    assert embedded.blob_size(REPOSITORY, SMALL.digest) == SMALL.size


@pytest.mark.parametrize(
    "refusal", [UNAVAILABLE, too_many_requests("7")], ids=["unavailable", "limited"]
)
@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT"])
async def test_passing_trouble_is_waited_for(
    embedded: EmbeddedRegistry, method: str, refusal: Refusal
) -> None:
    embedded.faults.fail(method, UPLOADS, refusal)
    pauses = Pauses()

    await push(embedded.host, LARGE, pauses=pauses)

    assert embedded.blob_size(REPOSITORY, LARGE.digest) == LARGE.size
    assert len(pauses.taken) == 1
    assert refusal.status == 503 or pauses.taken[0] >= 7


@pytest.mark.parametrize("status", [401, 403, 413])
async def test_a_refusal_while_sending_is_final(embedded: EmbeddedRegistry, status: int) -> None:
    embedded.faults.fail("PATCH", UPLOADS, Refusal(status, "DENIED", "no"), times=None)

    with pytest.raises(AnswerError) as raised:
        await push(embedded.host, LARGE)

    assert raised.value.status == status
    assert raised.value.said == "DENIED: no"
    assert methods(embedded)[-1] == "DELETE"


async def test_a_token_that_ends_before_the_closing_request_costs_that_one_alone() -> None:
    async with EmbeddedRegistry(Tokens((Account("mirror", "correct horse"),))) as registry:
        registry.faults.add("PATCH", UPLOADS, ExpireTokens())
        await push_as_mirror(registry)

        assert answers(registry, "PATCH") == [202]
        assert answers(registry, "PUT") == [401, 201]


async def test_a_token_that_ends_before_a_body_costs_one_more_question() -> None:
    """A stream can't be sent twice, so the session is asked, which renews the token."""
    async with EmbeddedRegistry(Tokens((Account("mirror", "correct horse"),))) as registry:
        registry.faults.add("POST", UPLOADS, ExpireTokens())
        await push_as_mirror(registry)

        assert answers(registry, "PATCH") == [401, 202]
        assert answers(registry, "PUT") == [201]


async def push_as_mirror(registry: EmbeddedRegistry) -> None:
    settings = Settings(
        target=Target(registry.host, "team"),
        target_login=Login("mirror", Secret("correct horse")),
    )
    async with client_of(registry.host, settings=settings) as client:
        await push_blob(client, REPOSITORY, LARGE.digest, LARGE.size, source_of(LARGE), nobody)
    assert registry.blob_size(REPOSITORY, LARGE.digest) == LARGE.size


def answers(registry: EmbeddedRegistry, method: str) -> list[int | None]:
    return [seen.status for seen in registry.requests if seen.method == method]


async def test_a_registry_that_claims_more_than_it_got_is_not_believed(
    embedded: EmbeddedRegistry,
) -> None:
    embedded.faults.add("PATCH", UPLOADS, CutRequest(2 * MIB))
    embedded.faults.add("GET", UPLOADS, AlterHeaders((("Range", f"0-{LARGE.size - 1}"),)))

    await push(embedded.host, LARGE)

    assert embedded.blob_size(REPOSITORY, LARGE.digest) == LARGE.size
    assert answers(embedded, "PUT") == [201]


async def test_what_is_lost_and_sent_again_is_no_progress(embedded: EmbeddedRegistry) -> None:
    embedded.faults.add("PATCH", UPLOADS, CutRequest(MIB // 2), times=None)
    stuck = AlterHeaders((("Range", f"0-{MIB // 4 - 1}"),))
    embedded.faults.add("GET", UPLOADS, stuck, times=None)

    with pytest.raises(RegistryError):
        await push(embedded.host, LARGE)

    assert methods(embedded).count("PATCH") < 30


async def test_a_registry_that_tells_less_than_it_has_is_started_again(
    embedded: EmbeddedRegistry,
) -> None:
    """A range that got stuck, as ECR has it: what is sent again would be too much."""
    embedded.faults.add("PATCH", UPLOADS, CutRequest(5 * MIB))
    embedded.faults.add("GET", UPLOADS, AlterHeaders((("Range", "0-1048575"),)))

    await push(embedded.host, LARGE)

    assert embedded.blob_size(REPOSITORY, LARGE.digest) == LARGE.size


@pytest.mark.parametrize("size", [5 * MIB, 30 * MIB], ids=["smaller", "larger"])
async def test_the_true_size_decides(embedded: EmbeddedRegistry, size: int) -> None:
    """skopeo takes layers whose descriptor has a wrong size; so do we."""
    calls = 0

    async def open_at(offset: int) -> AsyncIterator[bytes]:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise SizeDiffersError(Side.SOURCE, "", size=LARGE.size)
        async for piece in source_of(LARGE)(offset):
            yield piece

    async with client_of(embedded.host) as client:
        await push_blob(client, REPOSITORY, LARGE.digest, size, open_at, nobody)

    assert embedded.blob_size(REPOSITORY, LARGE.digest) == LARGE.size


async def test_a_source_that_never_has_the_same_size_is_given_up(
    embedded: EmbeddedRegistry,
) -> None:
    calls = 0

    async def open_at(_offset: int) -> AsyncIterator[bytes]:
        nonlocal calls
        calls += 1
        if calls:
            raise SizeDiffersError(Side.SOURCE, "", size=LARGE.size + calls)
        yield b""

    async with client_of(embedded.host) as client:
        with pytest.raises(SizeDiffersError):
            await push_blob(client, REPOSITORY, LARGE.digest, LARGE.size, open_at, nobody)
    assert calls == 2


async def test_a_stream_of_unknown_size_arrives(any_registry: Server) -> None:
    async with client_of(any_registry.host) as client:
        pushed = await push_stream(client, REPOSITORY, source_of(LARGE), nobody)

        assert (pushed.digest, pushed.size, pushed.sent) == (LARGE.digest, LARGE.size, LARGE.size)
        assert await client.has_blob(REPOSITORY, LARGE.digest)


async def test_connections_cut_every_24_mb_cost_next_to_nothing(
    embedded: EmbeddedRegistry,
) -> None:
    async with cutting_proxy(embedded.host, up_to=24_000_000) as way:
        sent = await push(way.host, LAYER)

    assert embedded.blob_size(REPOSITORY, LAYER.digest) == LAYER.size
    assert way.cuts == 2
    assert embedded.statistics.received == LAYER.size
    assert way.up <= 1.1 * LAYER.size
    assert sent == LAYER.size


async def test_a_registry_that_loses_sessions_gets_pieces(docker_registry: Server) -> None:
    async with cutting_proxy(docker_registry.host, up_to=24_000_000) as way:
        async with client_of(way.host) as client:
            await push_blob(client, REPOSITORY, LAYER.digest, LAYER.size, source_of(LAYER), nobody)
            cuts = way.cuts
            second = Synthetic(LAYER.size, seed=4)
            sent = await push_blob(
                client, REPOSITORY, second.digest, second.size, source_of(second), nobody
            )

        assert cuts == 2
        assert way.cuts == cuts  # the second blob knows
        assert sent == second.size
    async with client_of(docker_registry.host) as client:
        assert await client.has_blob(REPOSITORY, LAYER.digest)
        assert await client.has_blob(REPOSITORY, second.digest)


async def test_a_stream_of_unknown_size_goes_on_after_cuts(embedded: EmbeddedRegistry) -> None:
    """It can only begin at its start; what the registry has is made again but not sent again."""
    embedded.faults.add("PATCH", UPLOADS, CutRequest(5 * MIB))
    begun = 0

    def from_start() -> AsyncIterator[bytes]:
        nonlocal begun
        begun += 1
        return source_of(LARGE)(0)

    async with client_of(embedded.host) as client:
        pushed = await push_stream(client, REPOSITORY, replayed(from_start), nobody)

    assert (pushed.digest, pushed.size) == (LARGE.digest, LARGE.size)
    assert embedded.statistics.received == LARGE.size
    assert begun == 2


async def test_a_stream_of_unknown_size_goes_in_pieces_where_sessions_get_lost() -> None:
    async with EmbeddedRegistry(conduct=Conduct(keeps_sessions=False)) as registry:
        for _ in range(2):
            registry.faults.add("PATCH", UPLOADS, CutRequest(6 * MIB))
        async with client_of(registry.host) as client:
            pushed = await push_stream(client, REPOSITORY, source_of(LARGE), nobody)

        assert (pushed.digest, pushed.size) == (LARGE.digest, LARGE.size)
        assert registry.blob_size(REPOSITORY, LARGE.digest) == LARGE.size
        placed = [seen.range for seen in registry.requests if seen.range]
        assert len(placed) > 5
        assert placed[0].startswith("0-")


async def test_an_empty_stream_arrives(embedded: EmbeddedRegistry) -> None:
    async with client_of(embedded.host) as client:
        pushed = await push_stream(client, REPOSITORY, source_of(Synthetic(0)), nobody)

    assert (pushed.digest, pushed.size) == (Digest.of(b""), 0)
    assert embedded.blob(REPOSITORY, pushed.digest) == b""


async def test_pieces_get_smaller_until_they_pass() -> None:
    """A piece that is cut takes its session with it."""
    async with EmbeddedRegistry(conduct=Conduct(keeps_sessions=False)) as registry:
        for after in (20, 20, 4):
            registry.faults.add("PATCH", UPLOADS, CutRequest(after * MIB))
        await push(registry.host, LARGE)

        assert registry.blob_size(REPOSITORY, LARGE.digest) == LARGE.size
        patches = [seen.range for seen in registry.requests if seen.method == "PATCH"]
        sizes = [last + 1 - first for first, last in map(limits_of, patches[2:])]
        assert patches[:2] == ["", ""]
        assert sizes[0] > 8 * MIB
        assert max(sizes[1:]) < 4 * MIB


def limits_of(content_range: str) -> tuple[int, int]:
    first, last = content_range.split("-")
    return int(first), int(last)


async def test_pieces_are_not_smaller_than_the_registry_wants() -> None:
    async with EmbeddedRegistry(conduct=Conduct(keeps_sessions=False)) as registry:
        registry.faults.limit_uploads(UploadLimits(chunk_least=5 * MIB))
        for _ in range(2):
            registry.faults.add("PATCH", UPLOADS, CutRequest(6 * MIB))
        await push(registry.host, LARGE)

        assert registry.blob_size(REPOSITORY, LARGE.digest) == LARGE.size
        placed = [seen.range for seen in registry.requests if seen.range]
        assert placed[0] == f"0-{5 * MIB - 1}"


async def test_sessions_that_are_lost_without_a_cut_are_no_reason_for_pieces(
    embedded: EmbeddedRegistry,
) -> None:
    for _ in range(2):
        embedded.faults.add("PATCH", UPLOADS, LoseSession())

    await push(embedded.host, LARGE)

    assert answers(embedded, "PATCH") == [404, 404, 202]


async def test_what_one_blob_learnt_the_next_one_knows() -> None:
    async with EmbeddedRegistry(conduct=Conduct(keeps_sessions=False)) as registry:
        for _ in range(2):
            registry.faults.add("PATCH", UPLOADS, CutRequest(8 * MIB))
        async with client_of(registry.host) as client:
            for content in (LARGE, OTHER):
                await push_blob(
                    client, REPOSITORY, content.digest, content.size, source_of(content), nobody
                )

        assert registry.statistics.received_of(OTHER.digest) == OTHER.size
        assert methods(registry).count("GET") == 2


async def test_a_registry_that_takes_no_large_chunks_gets_small_ones(
    embedded: EmbeddedRegistry,
) -> None:
    """The fault of the row of ghcr.io: a Content-Range over 4 MiB is refused."""
    embedded.faults.limit_uploads(UploadLimits(chunk_most=4 * MIB))
    embedded.faults.add("PATCH", UPLOADS, CutRequest(3 * MIB))
    async with client_of(embedded.host) as client:
        client.lessons.profile = profile_of("ghcr.io")
        await push_blob(client, REPOSITORY, LARGE.digest, LARGE.size, source_of(LARGE), nobody)

    assert embedded.statistics.received == LARGE.size
    assert methods(embedded).count("POST") == 1


async def test_a_registry_that_takes_no_large_body_at_the_end_gets_it_before(
    embedded: EmbeddedRegistry,
) -> None:
    """As Azure's refuses a closing request over 20 MB."""
    embedded.faults.limit_uploads(UploadLimits(whole_most=20_000_000))

    await push(embedded.host, LARGE)

    assert embedded.blob_size(REPOSITORY, LARGE.digest) == LARGE.size


async def test_a_registry_that_puts_pieces_together_wrongly_gets_the_blob_at_once(
    embedded: EmbeddedRegistry,
) -> None:
    embedded.faults.add("PATCH", UPLOADS, CutRequest(5 * MIB))
    embedded.faults.fail("PUT", UPLOADS, DIGEST_INVALID)

    await push(embedded.host, LARGE)

    assert embedded.blob_size(REPOSITORY, LARGE.digest) == LARGE.size
    assert methods(embedded).count("POST") == 2


async def test_a_registry_that_puts_pieces_together_wrongly_gets_no_more_of_them() -> None:
    async with EmbeddedRegistry(conduct=Conduct(keeps_sessions=False)) as registry:
        for _ in range(2):
            registry.faults.add("PATCH", UPLOADS, CutRequest(8 * MIB))
        registry.faults.fail("PUT", UPLOADS, DIGEST_INVALID)
        async with client_of(registry.host) as client:
            for content in (LARGE, OTHER):
                await push_blob(
                    client, REPOSITORY, content.digest, content.size, source_of(content), nobody
                )

        patches = [seen.range for seen in registry.requests if seen.method == "PATCH"]
        assert len(patches) > 5
        assert patches[-2:] == ["", ""]
        assert registry.statistics.received_of(OTHER.digest) == OTHER.size


async def test_blobs_that_are_cut_at_the_same_time_learn_from_each_other() -> None:
    async with EmbeddedRegistry(conduct=Conduct(keeps_sessions=False)) as registry:
        contents = [Synthetic(20 * MIB, seed=40 + n) for n in range(4)]
        async with (
            cutting_proxy(registry.host, up_to=12_000_000) as way,
            client_of(way.host) as client,
        ):
            await asyncio.gather(
                *(
                    push_blob(client, REPOSITORY, c.digest, c.size, source_of(c), nobody)
                    for c in contents
                )
            )

        assert all(registry.blob_size(REPOSITORY, c.digest) == c.size for c in contents)
        assert way.cuts <= len(contents) + 2


async def test_lost_sessions_far_between_are_no_reason_for_pieces(
    embedded: EmbeddedRegistry,
) -> None:
    async with client_of(embedded.host) as client:
        for content in (LARGE, OTHER, Synthetic(20 * MIB, seed=6)):
            embedded.faults.add("PATCH", UPLOADS, CutRequest(8 * MIB, loses_session=True))
            await push_blob(
                client, REPOSITORY, content.digest, content.size, source_of(content), nobody
            )

    assert [seen.range for seen in embedded.requests if seen.range] == []


async def test_a_digest_that_a_registry_refuses_without_any_cut_is_final(
    embedded: EmbeddedRegistry,
) -> None:
    embedded.faults.fail("PUT", UPLOADS, DIGEST_INVALID, times=None)

    with pytest.raises(AnswerError) as raised:
        await push(embedded.host, LARGE)

    assert failure_of(raised.value).code is Code.TARGET_MISMATCH
    assert methods(embedded).count("PUT") == 1


async def test_many_blobs_get_through_a_registry_that_serves_two_at_once(
    embedded: EmbeddedRegistry,
) -> None:
    embedded.faults.limit_concurrency(2, Kind.UPLOAD)
    contents = [Synthetic(3 * MIB, seed=20 + n) for n in range(20)]
    async with client_of(embedded.host) as client:
        await asyncio.gather(
            *(
                push_blob(client, REPOSITORY, each.digest, each.size, source_of(each), nobody)
                for each in contents
            )
        )

    assert all(embedded.blob_size(REPOSITORY, each.digest) == each.size for each in contents)
    refused = [seen for seen in embedded.requests if seen.status == 429]
    assert 0 < len(refused) < len(contents)


async def test_a_push_that_is_stopped_leaves_nothing_running(embedded: EmbeddedRegistry) -> None:
    hold = embedded.faults.hold("PATCH", UPLOADS)
    async with client_of(embedded.host) as client:
        pushing = asyncio.create_task(
            push_blob(client, REPOSITORY, LARGE.digest, LARGE.size, source_of(LARGE), nobody)
        )
        await hold.arrived.wait()
        pushing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await pushing
        await push_blob(client, REPOSITORY, SMALL.digest, SMALL.size, source_of(SMALL), nobody)

    assert embedded.blob_size(REPOSITORY, SMALL.digest) == SMALL.size
    assert embedded.blob_size(REPOSITORY, LARGE.digest) is None


async def test_a_session_that_is_just_being_opened_is_deleted_too(
    embedded: EmbeddedRegistry,
) -> None:
    hold = embedded.faults.hold("POST", "*/blobs/uploads/")
    async with client_of(embedded.host) as client:
        pushing = asyncio.create_task(
            push_blob(client, REPOSITORY, LARGE.digest, LARGE.size, source_of(LARGE), nobody)
        )
        await hold.arrived.wait()
        pushing.cancel()
        asyncio.get_running_loop().call_soon(hold.released.set)
        with pytest.raises(asyncio.CancelledError):
            await pushing

    assert methods(embedded) == ["POST", "DELETE"]


async def test_a_source_that_fails_ends_the_upload_in_its_own_name(
    embedded: EmbeddedRegistry,
) -> None:
    calls = 0

    async def open_at(offset: int) -> AsyncIterator[bytes]:
        nonlocal calls
        calls += 1
        async for piece in source_of(LARGE)(offset):
            yield piece
            raise ConnectionLostError(Side.SOURCE, "gone")

    async with client_of(embedded.host) as client:
        with pytest.raises(ConnectionLostError) as raised:
            await push_blob(client, REPOSITORY, LARGE.digest, LARGE.size, open_at, nobody)

    assert raised.value.side is Side.SOURCE
    assert calls == 1
    assert methods(embedded)[-1] == "DELETE"
    assert "PUT" not in methods(embedded)
