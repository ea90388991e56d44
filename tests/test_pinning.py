"""What the tags of a plan hold, before somebody approves it."""

import asyncio
import base64
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_mirror.config import Asker
from registry_mirror.embedded.actions import Reply
from registry_mirror.embedded.faults import UNAVAILABLE
from registry_mirror.embedded.images import Piece, build_index
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.engines.native.pinning import MOST_AT_ONCE, pin
from registry_mirror.engines.native.registries import Waits
from registry_mirror.errors import Code, Failure
from registry_mirror.oci import media_type
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.reference import Reference
from registry_mirror.oci.schema_1 import payload_digest
from registry_mirror.plan import Plan
from tests import vectors
from tests.native_runs import (
    ALL,
    AMD64,
    ARM64,
    BASE,
    built,
    copied,
    copy_of,
    image,
    run_one,
    two_platforms,
)
from tests.registries import require_peer
from tests.registry_clients import Pauses
from tests.registry_peers import Names

TARGET = "127.0.0.1:9"
"""Where nobody listens: nothing of a target is needed."""


def asked_of(registry: EmbeddedRegistry, *names: str) -> Plan:
    return Plan(
        tuple(
            copy_of(f"{registry.host}/team/{name}", f"{TARGET}/ns/app-{line}:1", ALL, line)
            for line, name in enumerate(names, 1)
        )
    )


async def pinned(plan: Plan, **changes: object) -> tuple[Digest | Failure, ...]:
    hosts = frozenset(copy.source.registry for copy in plan.copies)
    settings = replace(BASE, asker=Asker.STRANGER, allow_private_hosts=hosts, retries=1)
    return await pin(plan, replace(settings, **changes), Waits(Pauses().take))  # type: ignore[arg-type]


def codes(found: tuple[Digest | Failure, ...]) -> list[str]:
    return [each.code if isinstance(each, Failure) else "pinned" for each in found]


async def test_each_tag_has_its_digest_in_the_order_of_the_plan(
    embedded: EmbeddedRegistry,
) -> None:
    single, index = image("one"), two_platforms("two")
    embedded.put("team/app", "1", single)
    embedded.put("team/app", "2", index)
    plan = asked_of(embedded, "app:2", "app:1", "app:2", f"app:9@{single.top.digest}")

    found = await pinned(plan)

    assert found == (index.top.digest, single.top.digest, index.top.digest, single.top.digest)
    assert await pinned(Plan(())) == ()


async def test_lines_of_one_tag_ask_once(embedded: EmbeddedRegistry) -> None:
    embedded.put("team/app", "1", image())

    await pinned(asked_of(embedded, *["app:1"] * 5))

    assert len(embedded.requests) == 1


async def test_what_can_not_be_copied_says_why_and_troubles_nobody_else(
    embedded: EmbeddedRegistry,
) -> None:
    embedded.put("team/app", "1", image())
    chart = (
        image()
        .top.content.replace(
            b"application/vnd.oci.image.config.v1+json", b"application/vnd.cncf.helm.config.v1+json"
        )
        .replace(
            b"application/vnd.oci.image.layer.v1.tar+gzip",
            b"application/vnd.cncf.helm.chart.content.v1.tar+gzip",
        )
    )
    embedded.put("team/chart", "1", replace(image(), top=Piece.of(image().top.media_type, chart)))
    html = Reply(200, (("Content-Type", "text/html"),), b"<html>log in first</html>")
    embedded.faults.add("GET", "/v2/team/odd/manifests/1", html, None)
    embedded.faults.deny("/v2/team/private/*")
    embedded.faults.fail("*", "/v2/team/broken/*", UNAVAILABLE, None)
    missing = f"app:1@sha256:{'0' * 64}"
    plan = asked_of(
        embedded, "app:1", "app:nope", missing, "chart:1", "odd:1", "private:1", "broken:1"
    )
    plan = Plan((*plan.copies, replace(plan.copies[0], selection=ARM64)))
    embedded.put("team/app", "list", build_index([image()]))
    no_arm = replace(asked_of(embedded, "app:list").copies[0], selection=ARM64)

    found = await pinned(Plan((*plan.copies, no_arm)))

    assert codes(found) == [
        "pinned",
        Code.TAG_NOT_FOUND,
        Code.TAG_NOT_FOUND,
        Code.NOT_AN_IMAGE,
        Code.BAD_MANIFEST,
        Code.SOURCE_DENIED,
        Code.SOURCE_UNAVAILABLE,
        "pinned",
        Code.PLATFORM_NOT_FOUND,
    ]


async def test_what_is_too_large_is_told_at_once(embedded: EmbeddedRegistry) -> None:
    embedded.put("team/app", "1", image())
    assert codes(await pinned(asked_of(embedded, "app:1"), max_image_size=10)) == [Code.TOO_LARGE]


async def test_other_bytes_than_a_digest_names_are_no_pin(embedded: EmbeddedRegistry) -> None:
    honest, other = image("honest"), image("other")
    embedded.put("team/app", "1", replace(honest, top=replace(other.top, digest=honest.top.digest)))
    plan = asked_of(embedded, f"app:1@{honest.top.digest}")
    assert codes(await pinned(plan)) == [Code.DIGEST_MISMATCH]


async def test_a_registry_that_never_answers_costs_the_deadline_and_no_more(
    embedded: EmbeddedRegistry,
) -> None:
    embedded.put("team/app", "1", image())
    embedded.put("team/app", "2", image())
    embedded.faults.hold("GET", "/v2/team/app/manifests/2")
    plan = asked_of(embedded, "app:1", "app:2")
    settings = replace(BASE, allow_private_hosts=frozenset({embedded.host}))

    async with asyncio.timeout(30):
        found = await pin(plan, settings, deadline=0.5)

    assert codes(found) == ["pinned", Code.TIMEOUT]


async def test_so_many_manifests_at_once_and_no_more(embedded: EmbeddedRegistry) -> None:
    """Of all registries together: each has its own limit besides."""
    port = embedded.host.partition(":")[2]
    hosts = [f"h{n}.localhost:{port}" for n in range(2 * MOST_AT_ONCE)]
    embedded.put("team/app", "1", image())
    held = [embedded.faults.hold("GET", "/v2/team/app/manifests/1") for _ in hosts]
    plan = Plan(
        tuple(copy_of(f"{h}/team/app:1", f"{TARGET}/ns/a:{n}") for n, h in enumerate(hosts))
    )
    settings = replace(BASE, allow_private_hosts=frozenset(hosts))
    names = {host.partition(":")[0].replace(".", "_"): ["127.0.0.1"] for host in hosts}
    waits = Waits(Pauses().take, make_resolver=lambda: Names(**names))

    running = asyncio.create_task(pin(plan, settings, waits))
    for count, hold in enumerate(held, 1):
        await hold.arrived.wait()
        if count == MOST_AT_ONCE:
            for each in held:
                each.released.set()
    found = await running

    assert codes(found) == ["pinned"] * len(hosts)
    assert embedded.statistics.peak("GET") == MOST_AT_ONCE


async def test_it_can_be_cancelled(embedded: EmbeddedRegistry) -> None:
    held = embedded.faults.hold("GET", "/v2/team/app/manifests/1")
    running = asyncio.create_task(pinned(asked_of(embedded, "app:1")))
    await held.arrived.wait()

    running.cancel()

    with pytest.raises(asyncio.CancelledError):
        await running


def signed(payload: bytes) -> bytes:
    """As docker signed its manifests, with a signature that nobody checks."""
    end = payload.rindex(b"}")
    tail = base64.urlsafe_b64encode(payload[end:]).decode().rstrip("=")
    header = json.dumps({"formatLength": end, "formatTail": tail, "time": "2015-01-01T00:00:00Z"})
    protected = base64.urlsafe_b64encode(header.encode()).decode().rstrip("=")
    signature = {"header": {"alg": "ES256"}, "signature": "AAAA", "protected": protected}
    return payload[:end] + b',"signatures":' + json.dumps([signature]).encode() + payload[end:]


async def test_a_signed_image_of_schema_1_is_named_by_what_was_signed(
    embedded: EmbeddedRegistry,
) -> None:
    """Skopeo, which has to copy it, takes it by that digest."""
    skopeo = str(require_peer("skopeo")).removesuffix("/skopeo")
    unsigned = built(vectors.CASES["v2s1-unsigned"])
    top = Piece.of(media_type.DOCKER_MANIFEST_V1_SIGNED, signed(unsigned.top.content))
    embedded.put("team/app", "1", replace(unsigned, top=top))
    plan = asked_of(embedded, "app:1")

    (found,) = await pinned(plan)

    assert found == unsigned.top.digest != top.digest
    by_digest = Reference.parse(f"{embedded.host}/team/app:1@{found}")
    embedded.put("team/app", "2", replace(unsigned, top=replace(top, digest=unsigned.top.digest)))
    target = Reference.parse(f"{embedded.host}/ns/app:1")
    copy = replace(plan.copies[0], source=by_digest, target=target, selection=AMD64)
    environment = {"PATH": skopeo, "HOME": "/nonexistent"}
    copied(await run_one(copy, replace(BASE, environment=environment)))
    assert await pinned(Plan((copy,))) == (found,)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[]", b'{"signatures":[{}]}', b'{"signatures":[{"protected":"%%"}]}',
        b'{"signatures":[{"protected":"e30"}]}', b'{"signatures":[{"protected":"\xc3\xa9"}]}',
        signed(b"{}").replace(b"signature", b"\xff"),
    ],
)  # fmt: skip
def test_a_malformed_signature_names_nothing_or_the_whole(content: bytes) -> None:
    assert payload_digest(content) in (None, Digest.of(content))


@given(st.binary(max_size=200), st.integers(-5, 300), st.binary(max_size=20))
def test_no_signature_makes_it_fail(payload: bytes, length: int, tail: bytes) -> None:
    header = {"formatLength": length, "formatTail": base64.b64encode(tail).decode()}
    protected = base64.b64encode(json.dumps(header).encode()).decode()
    body = {"x": payload.hex(), "signatures": [{"protected": protected}]}
    payload_digest(json.dumps(body).encode())
