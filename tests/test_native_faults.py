"""Whatever a registry does wrong: the right outcome, nothing half-done, and an end."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest

from registry_mirror.config import Settings
from registry_mirror.embedded.actions import (
    Action,
    AlterHeaders,
    Corrupt,
    Cut,
    CutRequest,
    Drop,
    ExpireTokens,
    Hold,
    LoseSession,
    OtherBody,
    OtherRange,
    Present,
    Reply,
    Silence,
    Slow,
    SlowRequest,
    Stall,
    StallRequest,
)
from registry_mirror.embedded.auth import Account, Tokens
from registry_mirror.embedded.conduct import PLAIN, Conduct, SessionPlace
from registry_mirror.embedded.content import Synthetic
from registry_mirror.embedded.faults import (
    DENIED,
    INTERNAL_ERROR,
    MANIFEST_BLOB_UNKNOWN,
    UNAVAILABLE,
    too_many_requests,
    too_many_requests_until,
)
from registry_mirror.embedded.images import BuiltImage, build_image, build_index, build_layer
from registry_mirror.embedded.refusal import Refusal
from registry_mirror.embedded.rules import QUOTA_EXCEEDED, UploadLimits
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.embedded.statistics import Kind
from registry_mirror.errors import Code, Side
from registry_mirror.naming import Target
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.manifest import ImageManifest, Index, parse_manifest
from registry_mirror.oci.platform import Platform
from registry_mirror.outcome import Copied, Failed, Outcome
from registry_mirror.registry.outgoing import Patience
from registry_mirror.secret import Login, Secret
from tests.native_runs import ALL, BASE, Runs, copied, copy_of, image, refusal

MIB = 1024 * 1024
LARGE = Synthetic(9 * MIB)
"""Goes in a PATCH and a closing PUT."""

SMALL = build_layer({"small": b"small"})
PATIENT = replace(BASE, retries=3)
BRISK = Patience(connect=0.5, idle=0.5, answer=0.5, window=0.5, alone=0.1)
LIMIT = 60.0
"""Seconds in which a run must have ended."""

GOOD = None
SOURCE_DOWN = (Code.SOURCE_UNAVAILABLE, Side.SOURCE)
TARGET_DOWN = (Code.TARGET_UNAVAILABLE, Side.TARGET)
LIMITED_AT_SOURCE = (Code.RATE_LIMITED, Side.SOURCE)
LIMITED_AT_TARGET = (Code.RATE_LIMITED, Side.TARGET)
MISMATCH = (Code.DIGEST_MISMATCH, Side.SOURCE)
FOREVER = None

Expected = tuple[Code, Side | None] | None


@dataclass(frozen=True, slots=True)
class Strike:
    """A fault, and how the image ends: None where it arrives all the same."""

    method: str
    path: str
    action: Action
    times: int | None
    expected: Expected

    def __str__(self) -> str:
        kind = type(self.action).__name__
        status = getattr(self.action, "status", "")
        return f"{self.method} {self.path} {kind}{status} x{self.times or 'always'}"


MANIFEST = "/v2/team/app/manifests/1"
CHILD = "/v2/team/app/manifests/sha256:*"
BLOB = "/v2/team/app/blobs/*"
LARGE_BLOB = f"/v2/team/app/blobs/{LARGE.digest}"
HTML = Reply(200, (("Content-Type", "text/html"),), b"<html>log in first</html>")
MOVED = Reply(404, (("Content-Type", "text/html"),), b"<html>nothing here</html>")

AT_SOURCE = [
    *(
        Strike("GET", path, action, times, expected)
        for path in (MANIFEST, CHILD, LARGE_BLOB)
        for action in (UNAVAILABLE, INTERNAL_ERROR, Drop())
        for times, expected in ((2, GOOD), (FOREVER, SOURCE_DOWN))
    ),
    *(
        Strike("GET", path, action, times, expected)
        for path in (MANIFEST, CHILD, LARGE_BLOB)
        for action in (too_many_requests("0"), too_many_requests_until(0))
        for times, expected in ((2, GOOD), (FOREVER, LIMITED_AT_SOURCE))
    ),
    *(
        Strike("GET", path, DENIED, FOREVER, (Code.SOURCE_DENIED, Side.SOURCE))
        for path in (MANIFEST, CHILD, BLOB)
    ),
    Strike("GET", MANIFEST, MOVED, FOREVER, (Code.TAG_NOT_FOUND, Side.SOURCE)),
    Strike("GET", CHILD, MOVED, FOREVER, (Code.BLOB_MISSING, Side.SOURCE)),
    Strike("GET", BLOB, MOVED, FOREVER, (Code.BLOB_MISSING, Side.SOURCE)),
    Strike("GET", MANIFEST, HTML, FOREVER, (Code.BAD_MANIFEST, Side.SOURCE)),
    Strike("GET", CHILD, HTML, FOREVER, MISMATCH),
    Strike("GET", LARGE_BLOB, HTML, FOREVER, MISMATCH),
    Strike("GET", MANIFEST, Cut(100), 2, GOOD),
    Strike("GET", CHILD, Cut(100), 2, GOOD),
    Strike("GET", LARGE_BLOB, Cut(MIB), 5, GOOD),
    Strike("GET", LARGE_BLOB, Cut(0), FOREVER, SOURCE_DOWN),
    Strike("GET", BLOB, Cut(10), 2, GOOD),
    Strike("GET", LARGE_BLOB, Stall(MIB), 2, GOOD),
    Strike("GET", LARGE_BLOB, Stall(0), FOREVER, SOURCE_DOWN),
    Strike("GET", MANIFEST, Stall(10), 2, GOOD),
    Strike("GET", MANIFEST, Silence(), 2, GOOD),
    Strike("GET", CHILD, Silence(), 2, GOOD),
    Strike("GET", LARGE_BLOB, Silence(), 2, GOOD),
    Strike("GET", MANIFEST, Silence(), FOREVER, SOURCE_DOWN),
    Strike("GET", LARGE_BLOB, Silence(), FOREVER, SOURCE_DOWN),
    Strike("GET", LARGE_BLOB, Slow(100), FOREVER, SOURCE_DOWN),
    Strike("GET", LARGE_BLOB, Slow(20 * MIB), FOREVER, GOOD),
    Strike("GET", CHILD, Corrupt(50), FOREVER, MISMATCH),
    Strike("GET", BLOB, Corrupt(), FOREVER, MISMATCH),
    Strike("GET", LARGE_BLOB, Corrupt(9 * MIB - 1), FOREVER, MISMATCH),
    Strike("GET", CHILD, OtherBody(b'{"schemaVersion":2}'), FOREVER, MISMATCH),
    Strike("GET", LARGE_BLOB, OtherBody(b"other"), FOREVER, MISMATCH),
    Strike("GET", LARGE_BLOB, OtherRange("bytes=0-99"), 1, GOOD),
    Strike("GET", LARGE_BLOB, OtherRange("bytes=5-99"), FOREVER, SOURCE_DOWN),
    Strike("GET", MANIFEST, AlterHeaders((("Docker-Content-Digest", None),)), FOREVER, GOOD),
    Strike("GET", MANIFEST, AlterHeaders((("Content-Type", "text/plain"),)), FOREVER, GOOD),
    Strike("GET", LARGE_BLOB, AlterHeaders((("Content-Type", None),)), FOREVER, GOOD),
]

BEFORE = "/v2/ns/app/manifests/1"
PUT_CHILD = "/v2/ns/app/manifests/sha256:*"
CHECK = "/v2/ns/app/blobs/sha256:*"
OPEN = "/v2/ns/app/blobs/uploads/"
SESSION = "/v2/ns/app/blobs/uploads/?*"
WRONG = "sha256:" + "0" * 64

AT_TARGET = [
    *(
        Strike(method, path, action, times, expected)
        for method, path in (
            ("HEAD", BEFORE),
            ("HEAD", CHECK),
            ("POST", OPEN),
            ("PATCH", SESSION),
            ("PUT", SESSION),
            ("PUT", PUT_CHILD),
            ("PUT", BEFORE),
        )
        for action in (UNAVAILABLE, INTERNAL_ERROR, Drop())
        for times, expected in ((2, GOOD), (FOREVER, TARGET_DOWN))
    ),
    *(
        Strike(method, path, too_many_requests("0"), times, expected)
        for method, path in (
            ("HEAD", BEFORE),
            ("POST", OPEN),
            ("PATCH", SESSION),
            ("PUT", SESSION),
            ("PUT", BEFORE),
        )
        for times, expected in ((2, GOOD), (FOREVER, LIMITED_AT_TARGET))
    ),
    *(
        Strike(method, path, DENIED, FOREVER, (Code.TARGET_DENIED, Side.TARGET))
        for method, path in (("POST", OPEN), ("PUT", SESSION), ("PUT", BEFORE))
    ),
    Strike("HEAD", CHECK, DENIED, FOREVER, GOOD),
    Strike("HEAD", CHECK, Present(), 1, GOOD),
    Strike("HEAD", CHECK, Present(), FOREVER, GOOD),
    Strike("HEAD", BEFORE, Present(), 1, GOOD),
    Strike("PUT", BEFORE, MANIFEST_BLOB_UNKNOWN, 2, GOOD),
    Strike("PUT", BEFORE, MANIFEST_BLOB_UNKNOWN, FOREVER, TARGET_DOWN),
    Strike("PUT", BEFORE, HTML, FOREVER, (Code.TARGET_MISMATCH, Side.TARGET)),
    Strike("PUT", PUT_CHILD, HTML, FOREVER, TARGET_DOWN),
    Strike("POST", OPEN, HTML, FOREVER, TARGET_DOWN),
    Strike("POST", OPEN, MOVED, FOREVER, (Code.TARGET_NOT_FOUND, Side.TARGET)),
    Strike("PATCH", SESSION, LoseSession(), 1, GOOD),
    Strike("PATCH", SESSION, LoseSession(), FOREVER, TARGET_DOWN),
    Strike("PUT", SESSION, LoseSession(), 2, GOOD),
    Strike("PUT", SESSION, LoseSession(), FOREVER, TARGET_DOWN),
    Strike("PATCH", SESSION, CutRequest(2 * MIB), 3, GOOD),
    Strike("PATCH", SESSION, CutRequest(2 * MIB, loses_session=True), 3, GOOD),
    Strike("PATCH", SESSION, CutRequest(2 * MIB, loses_session=True), FOREVER, GOOD),
    Strike("PATCH", SESSION, CutRequest(0), FOREVER, TARGET_DOWN),
    Strike("PUT", SESSION, CutRequest(1), 2, GOOD),
    Strike("PATCH", SESSION, StallRequest(MIB), 1, GOOD),
    Strike("PATCH", SESSION, SlowRequest(20 * MIB), FOREVER, GOOD),
    Strike("PATCH", SESSION, Silence(), 1, GOOD),
    Strike("PATCH", SESSION, Silence(), FOREVER, TARGET_DOWN),
    Strike("PUT", SESSION, Silence(), 1, GOOD),
    Strike("PUT", BEFORE, Silence(), 1, GOOD),
    Strike("PUT", BEFORE, Cut(0), FOREVER, GOOD),
    Strike("HEAD", BEFORE, Silence(), 2, GOOD),
    Strike("HEAD", BEFORE, Silence(), FOREVER, TARGET_DOWN),
    Strike(
        "POST",
        OPEN,
        AlterHeaders((("Location", None),)),
        FOREVER,
        (Code.TARGET_NOT_FOUND, Side.TARGET),
    ),
    Strike("PATCH", SESSION, AlterHeaders((("Location", None),)), FOREVER, TARGET_DOWN),
    Strike("PUT", SESSION, AlterHeaders((("Location", None),)), FOREVER, GOOD),
    Strike("HEAD", BEFORE, AlterHeaders((("Docker-Content-Digest", None),)), FOREVER, GOOD),
    Strike("PUT", BEFORE, AlterHeaders((("Docker-Content-Digest", WRONG),)), FOREVER, GOOD),
    Strike(
        "PUT",
        PUT_CHILD,
        AlterHeaders((("Docker-Content-Digest", WRONG),)),
        FOREVER,
        (Code.TARGET_MISMATCH, Side.TARGET),
    ),
]


@pytest.fixture
async def target() -> AsyncIterator[EmbeddedRegistry]:
    async with EmbeddedRegistry() as registry:
        yield registry


def made(machine: str = "amd64") -> BuiltImage:
    return build_image([LARGE, SMALL], Platform("linux", machine))


MADE = build_index([made(), made("arm64")])


async def mirrored(
    source: EmbeddedRegistry, target: EmbeddedRegistry, settings: Settings = PATIENT
) -> Outcome:
    """Over a tag that has something already, which must stay unless all goes well."""
    source.put("team/app", "1", MADE)
    old = image("old")
    target.put("ns/app", "1", old)
    copy = copy_of(f"{source.host}/team/app:1", f"{target.host}/ns/app:1", ALL)
    try:
        async with asyncio.timeout(LIMIT):
            outcome = await Runs(settings, patience=BRISK).one(copy)
    finally:
        source.faults.clear()
        target.faults.clear()
    assert_sound(target, outcome, old.top.digest)
    return outcome


def assert_sound(target: EmbeddedRegistry, outcome: Outcome, before: Digest) -> None:
    held = target.manifest("ns/app", "1")
    assert held
    top = parse_manifest(held[1])
    match outcome:
        case Copied(content=content, replaced=replaced):
            assert top.digest == content.digest
            assert replaced in (before, WRONG, None)
            assert isinstance(top, Index)
            for entry in top.entries:
                assert_complete(target, entry.descriptor.digest)
        case Failed(failure=failure):
            assert top.digest == before or failure.code is Code.TARGET_MISMATCH
        case _:
            pytest.fail(f"{outcome} is not what happened")


def assert_complete(target: EmbeddedRegistry, child: Digest) -> None:
    held = target.manifest("ns/app", child)
    assert held
    parsed = parse_manifest(held[1])
    assert isinstance(parsed, ImageManifest)
    assert parsed.config
    for blob in (parsed.config, *parsed.layers):
        assert target.blob_size("ns/app", blob.digest) == blob.size


def check(outcome: Outcome, expected: Expected) -> None:
    if expected is None:
        copied(outcome)
    else:
        assert refusal(outcome) == expected


@pytest.mark.parametrize("strike", AT_SOURCE, ids=str)
async def test_a_fault_of_the_source(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry, strike: Strike
) -> None:
    fault = embedded.faults.add(strike.method, strike.path, strike.action, strike.times)

    check(await mirrored(embedded, target), strike.expected)

    assert fault.hits


@pytest.mark.parametrize("strike", AT_TARGET, ids=str)
async def test_a_fault_of_the_target(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry, strike: Strike
) -> None:
    fault = target.faults.add(strike.method, strike.path, strike.action, strike.times)

    check(await mirrored(embedded, target), strike.expected)

    assert fault.hits


async def test_a_held_answer_is_waited_for(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    held = [Hold(), Hold()]
    embedded.faults.add("GET", LARGE_BLOB, held[0])
    target.faults.add("PUT", BEFORE, held[1])
    running = asyncio.create_task(mirrored(embedded, target))
    for hold in held:
        await hold.arrived.wait()
        hold.released.set()

    copied(await running)


@pytest.mark.parametrize("refused", [None, UNAVAILABLE, DENIED, Refusal(404, "", "")])
async def test_a_refused_mount_is_an_upload(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry, refused: Refusal | None
) -> None:
    embedded.put("team/app", "1", made())
    target.faults.refuse_mounts(refused)
    copies = [
        copy_of(f"{embedded.host}/team/app:1", f"{target.host}/ns/app-{n}:1", line=n)
        for n in (1, 2)
    ]

    outcomes = await Runs(PATIENT).all(copies)

    if refused is UNAVAILABLE:
        first, second = sorted(outcomes, key=lambda outcome: isinstance(outcome, Failed))
        copied(first)
        assert refusal(second) == TARGET_DOWN
    else:
        assert all(map(copied, outcomes))
        assert target.statistics.received_of(LARGE.digest) == 2 * LARGE.size


async def test_a_quota_is_told(embedded: EmbeddedRegistry, target: EmbeddedRegistry) -> None:
    target.faults.limit_storage(MIB, QUOTA_EXCEEDED)

    assert refusal(await mirrored(embedded, target)) == (Code.QUOTA_EXCEEDED, Side.TARGET)


async def test_an_immutable_tag_is_told(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    target.faults.make_tags_immutable()

    assert refusal(await mirrored(embedded, target)) == (Code.TAG_IMMUTABLE, Side.TARGET)


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (UploadLimits(chunk_least=5 * MIB), GOOD),
        (UploadLimits(chunk_most=4 * MIB), GOOD),
        (UploadLimits(whole_most=MIB), GOOD),
        (UploadLimits(whole_most=1), (Code.TOO_LARGE, Side.TARGET)),
    ],
)
async def test_limits_of_uploads(
    embedded: EmbeddedRegistry,
    target: EmbeddedRegistry,
    limits: UploadLimits,
    expected: Expected,
) -> None:
    target.faults.limit_uploads(limits)
    target.faults.add("PATCH", SESSION, CutRequest(6 * MIB))

    check(await mirrored(embedded, target), expected)


@pytest.mark.parametrize("kind", list(Kind))
async def test_a_registry_that_takes_one_request_at_a_time(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry, kind: Kind
) -> None:
    for registry in (embedded, target):
        registry.faults.limit_concurrency(1, kind, refusal=too_many_requests("0"))

    copied(await mirrored(embedded, target))


CONDUCTS = [
    PLAIN,
    Conduct(relative_location=True),
    Conduct(sessions_at=SessionPlace.OTHER_PATH),
    Conduct(sessions_at=SessionPlace.OTHER_HOST),
    Conduct(redirects_blobs=True),
    Conduct(keeps_sessions=False),
    Conduct(keeps_blobs=False),
]


@pytest.mark.parametrize("cut", [False, True])
@pytest.mark.parametrize("conduct", CONDUCTS, ids=str)
async def test_what_the_specification_leaves_open(
    conduct: Conduct,
    cut: bool,  # noqa: FBT001
) -> None:
    kept = replace(conduct, keeps_blobs=True)
    async with (
        EmbeddedRegistry(conduct=kept) as source,
        EmbeddedRegistry(conduct=conduct) as target,
    ):
        if cut:
            source.faults.cut("GET", "*/blobs/sha256:*", 3 * MIB, times=2)
            target.faults.add("PATCH", "*", CutRequest(2 * MIB), times=2)
        copied(await mirrored(source, target))


async def test_tokens_that_end_in_the_middle_are_fetched_anew() -> None:
    account = Account("robot", "correct horse", may_push=True)
    async with (
        EmbeddedRegistry(Tokens((account,))) as source,
        EmbeddedRegistry(Tokens((account,))) as target,
    ):
        login = Login(account.user, Secret(account.password))
        config = f'{{"auths": {{"{source.host}": {{"username": "{login.user}", '
        config += f'"password": "{account.password}"}}}}}}'
        settings = replace(
            PATIENT,
            target=Target(target.host, "ns"),
            target_login=login,
            source_auth=Secret(config),
        )
        source.faults.add("GET", "/v2/team/*", ExpireTokens(), times=3)
        target.faults.add("PATCH", "*", ExpireTokens(), times=None)

        copied(await mirrored(source, target, settings))


async def test_every_kind_of_action_strikes_somewhere() -> None:
    struck = {type(each.action) for each in (*AT_SOURCE, *AT_TARGET)}
    assert struck | {Hold, ExpireTokens} >= set(Action.__args__)
