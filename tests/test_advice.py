"""Tags and names that are really there, looked for at registries on loopback."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice, product
from string import ascii_letters

import pytest

from registry_mirror.advice import words
from registry_mirror.advice.advising import MAX_LOOKED_UP, Adviser
from registry_mirror.advice.lookalikes import Catalogue
from registry_mirror.advice.searching import MOST_TAGS
from registry_mirror.config import Asker, Settings
from registry_mirror.embedded.actions import AlterHeaders, OtherBody
from registry_mirror.embedded.auth import Account, Basic
from registry_mirror.embedded.faults import too_many_requests
from registry_mirror.embedded.refusal import Refusal
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.engines import EngineName, Observer
from registry_mirror.errors import Code, Failure, Side
from registry_mirror.mirror import mirror
from registry_mirror.naming import Target
from registry_mirror.oci.reference import Reference
from registry_mirror.outcome import Failed, Outcome
from registry_mirror.plan import Copy, Plan
from registry_mirror.registry.tags import MAX_PAGES, PAGE
from registry_mirror.report.reasons import cause_of, hint_of
from registry_mirror.request.listing import read_list
from registry_mirror.secret import Secret
from tests.native_runs import BASE, copied, copy_of, image, run, silent
from tests.registries import Server, push, require_peer

NOTHING = Catalogue((), (), ())
TARGET = "127.0.0.1:1"


@pytest.fixture
async def source() -> AsyncIterator[EmbeddedRegistry]:
    async with EmbeddedRegistry() as registry:
        for tag in ("1.26", "1.27", "1.27.5", "1.27-alpine", "latest"):
            registry.put("library/nginx", tag, image(tag))
        yield registry


@pytest.fixture
async def other() -> AsyncIterator[EmbeddedRegistry]:
    async with EmbeddedRegistry() as registry:
        yield registry


def settings(*private: str, asker: Asker = Asker.COLLABORATOR) -> Settings:
    return replace(
        BASE,
        target=Target(TARGET, "m"),
        asker=asker,
        allow_private_hosts=frozenset(private or ("127.0.0.1",)),
    )


def missing(image_: str, line: int = 1, code: Code = Code.TAG_NOT_FOUND) -> Failed:
    copy = copy_of(image_, f"{TARGET}/m/image-{line}:1", line=line)
    return Failed(copy, Failure(code, Side.SOURCE, "said"), 0.1)


def untold(failed: Failed) -> Failure:
    """A missing tag of which nothing could be found out."""
    return replace(failed.failure, cause=words.TAG_MISSING)


async def advised(
    *outcomes: Outcome,
    catalogue: Catalogue = NOTHING,
    chosen: Settings | None = None,
    stop: asyncio.Event | None = None,
    deadline: float = 20,
    patience: float = 10,
) -> list[Failure]:
    adviser = Adviser(catalogue, deadline, patience)
    told = await adviser.advise(outcomes, chosen or settings(), stop or asyncio.Event())
    assert [one.copy for one in told] == [one.copy for one in outcomes]
    return [one.failure for one in told if isinstance(one, Failed)]


async def one(image_: str, code: Code = Code.TAG_NOT_FOUND, **more: object) -> Failure:
    (failure,) = await advised(missing(image_, code=code), **more)  # type: ignore[arg-type]
    return failure


def offered(failure: Failure) -> str:
    """The image that the hint offers, which is one that can be asked for."""
    assert failure.hint
    line = dict(failure.hint.values)["line"]
    assert str(Reference.parse(line)) == line
    return line


async def test_the_nearest_tags_are_told_and_the_first_can_be_copied(
    source: EmbeddedRegistry, embedded: EmbeddedRegistry
) -> None:
    failure = await one(f"{source.host}/library/nginx:1.27.9999")
    assert failure.code is Code.TAG_NOT_FOUND
    assert "1.27.5, 1.27, 1.26" in str(hint_of(failure))
    assert offered(failure) == f"{source.host}/library/nginx:1.27.5"
    (outcome,) = await run([copy_of(offered(failure), f"{embedded.host}/m/nginx:1")])
    copied(outcome)


async def test_one_list_of_tags_serves_all_images_of_a_repository(source: EmbeddedRegistry) -> None:
    lines = [missing(f"{source.host}/library/nginx:1.2{n}.99", n) for n in range(6)]
    failures = await advised(*lines)
    assert all(str(source.host) in offered(failure) for failure in failures)
    assert len(source.requests) == 1


async def test_no_more_than_a_few_pages_are_read(source: EmbeddedRegistry) -> None:
    link = '</v2/library/nginx/tags/list?n=1&next_page=again>; rel="next"'
    source.faults.add("GET", "*/tags/list", AlterHeaders((("Link", link),)), times=None)
    failure = await one(f"{source.host}/library/nginx:1.27.6")
    assert offered(failure).endswith(":1.27.5")
    assert len(source.requests) == MAX_PAGES


async def test_tags_of_later_pages_count(source: EmbeddedRegistry) -> None:
    same = image("same")
    for number in range(PAGE):
        source.put("library/nginx", f"1.0.{number}", same)
    failure = await one(f"{source.host}/library/nginx:lastest")
    assert offered(failure).endswith(":latest")
    assert len(source.requests) == 2


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"tags": null}',
        b'{"tags": "1.27.5"}',
        b'{"tags": [1, null, {}]}',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
async def test_a_list_that_is_none_spoils_nothing(source: EmbeddedRegistry, body: bytes) -> None:
    source.faults.add("GET", "*/tags/list", OtherBody(body), times=None)
    failure = await one(f"{source.host}/library/nginx:1.27.9")
    assert (failure.code, failure.said) == (Code.TAG_NOT_FOUND, "said")


async def test_what_is_no_tag_is_not_offered(source: EmbeddedRegistry) -> None:
    hostile = ["1.27.8", "1.27.9`@me", "1.27.9\n::stop", "a" * 129, "[x](http://y)", "", "-x"]
    body = json.dumps({"tags": hostile}).encode()
    source.faults.add("GET", "*/tags/list", OtherBody(body), times=None)
    failure = await one(f"{source.host}/library/nginx:1.27.9")
    assert failure.hint
    assert dict(failure.hint.lists)["tags"] == ("1.27.8",)


async def test_a_repository_without_tags_is_told(source: EmbeddedRegistry) -> None:
    source.faults.add("GET", "*/tags/list", OtherBody(b'{"tags": []}'), times=None)
    assert "no tags at all" in str(hint_of(await one(f"{source.host}/library/nginx:1")))


@pytest.mark.parametrize("status", [401, 403, 405, 429, 500])
async def test_a_list_that_is_refused_leaves_the_failure(
    source: EmbeddedRegistry, status: int
) -> None:
    source.faults.fail("GET", "*/tags/list", Refusal(status, "UNKNOWN", "no"), times=None)
    before = missing(f"{source.host}/library/nginx:1.27.9")
    assert await advised(before) == [untold(before)]


@pytest.mark.parametrize("body", [b'{"tags": null}', b'{"tags": []}'])
async def test_no_tags_are_told_from_what_is_no_list(source: EmbeddedRegistry, body: bytes) -> None:
    source.faults.add("GET", "*/tags/list", OtherBody(body), times=1)
    assert "no tags at all" in str(hint_of(await one(f"{source.host}/library/nginx:1")))
    source.faults.add("GET", "*/tags/list", OtherBody(b"<html>"), times=1)
    assert "no tags" not in str(hint_of(await one(f"{source.host}/library/nginx:1")))


async def test_a_page_of_a_hundred_thousand_tags_holds_nobody_up(source: EmbeddedRegistry) -> None:
    tags = ["".join(four) for four in islice(product(ascii_letters, repeat=4), 140_000)]
    body = json.dumps({"tags": tags}, separators=(",", ":")).encode()
    source.faults.add("GET", "*/tags/list", OtherBody(body), times=None)
    lines = [missing(f"{source.host}/library/nginx:latset{n}", n) for n in range(1, 11)]
    started = time.process_time()
    failures = await advised(*lines)
    assert time.process_time() - started < 4
    assert all(f"first {PAGE * MAX_PAGES} tags" in str(hint_of(one)) for one in failures)


async def test_a_stop_is_heard_between_two_images(source: EmbeddedRegistry) -> None:
    tags = [f"{n:05}".rjust(128, "ab"[n % 2]) for n in range(5_000)]
    body = json.dumps({"tags": tags}).encode()
    source.faults.add("GET", "*/tags/list", OtherBody(body), times=None)
    lines = [missing(f"{source.host}/library/nginx:{'b' * 100}{n}", n) for n in range(1, 31)]
    stop, clock = asyncio.Event(), asyncio.get_running_loop().time
    await advised(*lines)
    began = clock()
    await advised(*lines)
    asyncio.get_running_loop().call_later((clock() - began) / 3, stop.set)
    failures = await advised(*lines, stop=stop)
    assert any(failure.hint is None for failure in failures)


async def test_no_more_images_are_looked_up_than_the_limit(source: EmbeddedRegistry) -> None:
    names = [sha256(bytes([n])).hexdigest()[:20] for n in range(MAX_LOOKED_UP + 5)]
    lines = [missing(f"{source.host}/a/{name}:1", n) for n, name in enumerate(names, 1)]
    failures = await advised(*lines)
    assert len({request.path for request in source.requests}) == MAX_LOOKED_UP
    assert [failure.code for failure in failures[MAX_LOOKED_UP:]] == [Code.TAG_NOT_FOUND] * 5


async def test_a_name_that_may_be_private_is_told_to_no_other_registry(
    source: EmbeddedRegistry, other: EmbeddedRegistry
) -> None:
    other.put("corp/secret", "1", image("other"))
    catalogue = Catalogue((), (), (source.host, other.host))
    named = f"{source.host}/corp/secret:1"
    denied = await one(named, Code.SOURCE_DENIED, catalogue=catalogue)
    assert other.requests == []
    assert denied.hint is None
    source.faults.fail("GET", "*/tags/list", Refusal(401, "UNAUTHORIZED", "no"), times=None)
    await one(named, Code.TAG_NOT_FOUND, catalogue=catalogue)
    assert other.requests == []


async def test_where_versions_are_frozen_it_is_said(
    source: EmbeddedRegistry, other: EmbeddedRegistry
) -> None:
    other.put("old/redis", "7", image("redis"))
    now = f"{other.host}/old"
    catalogue = Catalogue(((f"{source.host}/new", now),), (), (), frozen=(now,))
    failure = await one(f"{source.host}/new/redis:7", catalogue=catalogue)
    assert "no more updates or security fixes" in str(cause_of(failure))
    assert offered(failure) == f"{now}/redis:7"


async def test_a_digest_that_is_gone_leaves_its_tag(source: EmbeddedRegistry) -> None:
    pinned = f"{source.host}/library/nginx:1.27@sha256:{'0' * 64}"
    assert offered(await one(pinned)) == f"{source.host}/library/nginx:1.27"


async def test_a_repository_that_is_missing_is_told_apart_from_a_tag(
    source: EmbeddedRegistry,
) -> None:
    failure = await one(f"{source.host}/nobody/knows:1")
    assert failure.code is Code.REPOSITORY_NOT_FOUND
    assert f"{source.host}/nobody/knows" in str(cause_of(failure))
    assert failure.said == "said"
    assert hint_of(failure) is not None


@pytest.mark.parametrize(
    "code", [Code.TAG_NOT_FOUND, Code.REPOSITORY_NOT_FOUND, Code.SOURCE_DENIED]
)
async def test_the_other_lines_correct_a_name(source: EmbeddedRegistry, code: Code) -> None:
    right = missing(f"{source.host}/library/nginx:1.27", 1, Code.TIMEOUT)
    _, failure = await advised(right, missing(f"{source.host}/library/ngnix:1.27", 2, code))
    assert offered(failure) == f"{source.host}/library/nginx:1.27"


async def test_what_may_be_private_is_still_told_how_to_get(source: EmbeddedRegistry) -> None:
    right = missing(f"{source.host}/library/nginx:1.27", 1, Code.TIMEOUT)
    typo = missing(f"{source.host}/library/ngnix:1.27", 2, Code.SOURCE_DENIED)
    for asker, cure in ((Asker.OPERATOR, "SOURCE_AUTH_JSON"), (Asker.STRANGER, "may write to")):
        _, failure = await advised(right, typo, chosen=settings(asker=asker))
        assert offered(failure) == f"{source.host}/library/nginx:1.27"
        assert cure in str(hint_of(failure))


async def test_an_image_of_another_registry_is_found(
    source: EmbeddedRegistry, other: EmbeddedRegistry
) -> None:
    other.put("prom/node", "v1", image("node"))
    here, there = source.host, other.host
    catalogue = Catalogue((), (), (here, there))
    failure = await one(f"{here}/prom/node:v1", catalogue=catalogue)
    assert offered(failure) == f"{there}/prom/node:v1"
    failure = await one(f"{here}/prom/node:v2", catalogue=catalogue)
    assert f"{there}/prom/node, " in str(hint_of(failure))
    assert offered(failure) == f"{there}/prom/node:v1"


async def test_a_popular_name_needs_no_owner(
    source: EmbeddedRegistry, other: EmbeddedRegistry
) -> None:
    other.put("prom/node", "v1", image("node"))
    catalogue = Catalogue((), (f"{other.host}/prom/node",), (source.host,))
    assert offered(await one(f"{source.host}/node:v1", catalogue=catalogue)) == (
        f"{other.host}/prom/node:v1"
    )


@pytest.mark.parametrize(
    "code", [Code.TAG_NOT_FOUND, Code.REPOSITORY_NOT_FOUND, Code.SOURCE_UNAVAILABLE]
)
async def test_a_registry_that_has_moved_is_named_with_the_new_one(
    source: EmbeddedRegistry, other: EmbeddedRegistry, code: Code
) -> None:
    other.put("pause", "3.9", image("pause"))
    catalogue = Catalogue(((source.host, other.host),), (), ())
    failure = await one(f"{source.host}/pause:3.9", code, catalogue=catalogue)
    assert f"{source.host} is no longer updated" in str(cause_of(failure))
    assert offered(failure) == f"{other.host}/pause:3.9"
    assert failure.code is code


async def test_what_is_out_of_reach_is_not_guessed_at(
    source: EmbeddedRegistry, other: EmbeddedRegistry
) -> None:
    other.put("prom/node", "v1", image("node"))
    catalogue = Catalogue((), (), (source.host, other.host))
    before = missing(f"{source.host}/prom/node:v1", code=Code.SOURCE_UNAVAILABLE)
    assert await advised(before, catalogue=catalogue) == [before.failure]
    assert other.requests == []


@pytest.mark.parametrize("asker", [Asker.STRANGER, Asker.COLLABORATOR])
async def test_a_private_address_is_not_asked_for_advice(
    source: EmbeddedRegistry, other: EmbeddedRegistry, asker: Asker
) -> None:
    other.put("prom/node", "v1", image("node"))
    catalogue = Catalogue(((source.host, other.host),), (), (source.host, other.host))
    chosen = settings(source.host, asker=asker)
    failure = await one(f"{source.host}/prom/node:v1", catalogue=catalogue, chosen=chosen)
    assert failure.hint is None
    assert source.requests != []
    assert other.requests == []


async def test_nothing_private_is_looked_for(source: EmbeddedRegistry) -> None:
    account = Account("me", "secret")
    login = base64.b64encode(b"me:secret").decode()
    async with EmbeddedRegistry(Basic((account,))) as private:
        private.put("team/plans", "1", image("plans"))
        config = json.dumps({"auths": {private.host: {"auth": login}}})
        chosen = replace(settings(), source_auth=Secret(config))
        catalogue = Catalogue((), (), (source.host, private.host))
        failure = await one(f"{source.host}/team/plans:1", catalogue=catalogue, chosen=chosen)
        assert failure.hint is None
        own = replace(chosen, asker=Asker.OPERATOR)
        for tag in ("1", "2"):
            failure = await one(f"{source.host}/team/plans:{tag}", catalogue=catalogue, chosen=own)
            assert failure.hint is None
        named = await one(f"{private.host}/team/plans:2", chosen=own)
        assert offered(named) == f"{private.host}/team/plans:1"


async def test_tags_of_a_private_image_are_told_in_no_comment() -> None:
    account = Account("me", "secret")
    login = base64.b64encode(b"me:secret").decode()
    async with EmbeddedRegistry(Basic((account,))) as private:
        private.put("team/plans", "1", image("plans"))
        config = json.dumps({"auths": {private.host: {"auth": login}}})
        for asker in (Asker.COLLABORATOR, Asker.STRANGER):
            chosen = replace(settings(asker=asker), source_auth=Secret(config))
            failure = await one(f"{private.host}/team/plans:2", chosen=chosen)
            assert "plans:1" not in str(hint_of(failure))


async def test_a_registry_that_says_nothing_costs_the_deadline_and_no_outcome(
    source: EmbeddedRegistry, other: EmbeddedRegistry
) -> None:
    other.faults.hold("*", "*")
    lines = missing(f"{other.host}/a/b:1", 1), missing(f"{source.host}/library/nginx:1.27.9", 2)
    started = time.monotonic()
    silent, answered = await advised(*lines, deadline=1)
    assert time.monotonic() - started < 5
    assert silent == untold(lines[0])
    assert offered(answered).endswith(":1.27.5")


@pytest.mark.parametrize(("held", "tag"), [("*/manifests/*", "v1"), ("*/tags/list", "v9")])
async def test_a_place_that_says_nothing_holds_up_no_other(
    source: EmbeddedRegistry, other: EmbeddedRegistry, held: str, tag: str
) -> None:
    """Long before the deadline of all look-ups."""
    other.put("prom/node", "v1", image("node"))
    async with EmbeddedRegistry() as silent_:
        silent_.put("prom/node", "v0", image("node"))
        silent_.faults.hold("*", held)
        catalogue = Catalogue((), (), (source.host, silent_.host, other.host))
        failure = await one(
            f"{source.host}/prom/node:{tag}", catalogue=catalogue, deadline=60, patience=0.5
        )
        assert offered(failure) == f"{other.host}/prom/node:v1"
        silent_.faults.clear()


async def test_a_stop_ends_the_search_at_once(source: EmbeddedRegistry) -> None:
    held = source.faults.hold("*", "*")
    stop = asyncio.Event()
    before = missing(f"{source.host}/library/nginx:1.27.9")
    advising = asyncio.create_task(advised(before, stop=stop))
    await held.arrived.wait()
    stop.set()
    async with asyncio.timeout(2):
        assert await advising == [untold(before)]


async def test_during_a_stop_nothing_is_asked(source: EmbeddedRegistry) -> None:
    stop = asyncio.Event()
    stop.set()
    before = missing(f"{source.host}/library/nginx:1.27.9")
    assert await advised(before, stop=stop) == [untold(before)]
    assert source.requests == []


async def test_what_did_not_fail_costs_nothing(
    source: EmbeddedRegistry, embedded: EmbeddedRegistry
) -> None:
    fine = await run([copy_of(f"{source.host}/library/nginx:1.27", f"{embedded.host}/m/a:1")])
    asked = len(source.requests)
    other_failure = missing(f"{source.host}/library/nginx:1.27", code=Code.TIMEOUT)
    told = await Adviser(NOTHING).advise((*fine, other_failure), settings(), asyncio.Event())
    assert told == (*fine, other_failure)
    assert len(source.requests) == asked


async def test_no_more_tags_are_told_than_can_be_read(source: EmbeddedRegistry) -> None:
    for number in range(30):
        source.put("library/nginx", f"2.{number}", image("more"))
    failure = await one(f"{source.host}/library/nginx:2.99")
    assert failure.hint
    assert len(dict(failure.hint.lists)["tags"]) == MOST_TAGS


def test_copies_are_told_apart() -> None:
    """Outcomes are looked up by their copy, so no two of a plan may be equal."""
    first, second = missing("nginx:1", 1).copy, missing("nginx:1", 2).copy
    assert isinstance(first, Copy)
    assert first != second


async def test_a_registry_that_limits_is_believed_until_when(
    source: EmbeddedRegistry, embedded: EmbeddedRegistry
) -> None:
    source.faults.fail("GET", "*/manifests/*", too_many_requests("3600"), times=None)
    outcomes = await run([copy_of(f"{source.host}/library/nginx:1.27", f"{embedded.host}/m/a:1")])
    now = datetime(2026, 3, 1, 21, 59, 30, tzinfo=UTC)
    adviser = Adviser(NOTHING, now=lambda: now)
    (limited,) = await adviser.advise(outcomes, settings(), asyncio.Event())
    assert isinstance(limited, Failed)
    assert limited.failure.code is Code.RATE_LIMITED
    assert "2026-03-01 23:00 UTC" in str(hint_of(limited.failure))
    assert source.host in str(cause_of(limited.failure))


async def test_every_registry_lists_its_tags(any_registry: Server) -> None:
    for tag in ("1.26", "1.27.5"):
        await push(any_registry.host, "library/nginx", tag, image(tag))
    failure = await one(f"{any_registry.host}/library/nginx:1.27.6")
    assert offered(failure) == f"{any_registry.host}/library/nginx:1.27.5"
    unknown = await one(f"{any_registry.host}/library/unknown:1")
    assert unknown.code is Code.REPOSITORY_NOT_FOUND


async def test_both_engines_come_to_the_same_advice(
    docker_registry: Server, source: EmbeddedRegistry
) -> None:
    """A stop that is not set, a real target, and the hint of the whole sentence."""
    require_peer("skopeo")
    hints = set()
    for engine in EngineName:
        chosen = replace(settings(), engine=engine, target=Target(docker_registry.host, "m"))
        request = read_list(f"{source.host}/library/nginx:1.27.9")
        report = await mirror(request, chosen, watching_nothing, asyncio.Event())
        (failed,) = report.outcomes
        assert isinstance(failed, Failed)
        hints.add((failed.failure.code, str(cause_of(failed.failure)), offered(failed.failure)))
    assert len(hints) == 1


@asynccontextmanager
async def watching_nothing(_plan: Plan) -> AsyncIterator[Observer]:
    yield silent
