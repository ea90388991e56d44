"""Whichever engine fails to copy an image, the requester reads the same about it."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest

from registry_mirror.config import Asker
from registry_mirror.embedded.actions import OtherBody
from registry_mirror.embedded.faults import DENIED, UNAVAILABLE, Faults, too_many_requests
from registry_mirror.embedded.images import build_index
from registry_mirror.embedded.refusal import NAME_UNKNOWN, Refusal
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.engines import EngineName, Observer
from registry_mirror.errors import Code, Side
from registry_mirror.mirror import mirror
from registry_mirror.naming import Target
from registry_mirror.outcome import Failed
from registry_mirror.plan import Plan
from registry_mirror.report.markdown import report_comment
from registry_mirror.request.listing import read_list
from registry_mirror.text import Language
from tests.native_runs import BASE, image, silent
from tests.registries import require_peer

UNAUTHORIZED = Refusal(401, "UNAUTHORIZED", "authentication required")
LIMITED = too_many_requests("0")
"""Else skopeo waits for half a minute."""
IMMUTABLE = Refusal(409, "CONFLICT", "tag 1.27 is immutable")
NO_PROJECT = Refusal(404, "NOT_FOUND", "project m not found")
FULL = Refusal(
    403, "DENIED", "adding 1 MiB of storage will exceed the configured upper limit of 1 GiB"
)


@dataclass(frozen=True, slots=True)
class Case:
    """`line` is what is asked for; the source and the target are made to fail beforehand."""

    code: Code
    side: Side
    line: str = "library/nginx:1.27"
    source: Callable[[Faults], object] = lambda _: None
    target: Callable[[Faults], object] = lambda _: None


def refuses(method: str, path: str, refusal: Refusal) -> Callable[[Faults], object]:
    return lambda faults: faults.fail(method, path, refusal, times=None)


OPENING, PUTTING = ("POST", "*/blobs/uploads/"), ("PUT", "*/manifests/*")
CASES = {
    "no such tag": Case(Code.TAG_NOT_FOUND, Side.SOURCE, "library/nginx:1.27.9999"),
    "no such digest": Case(
        Code.TAG_NOT_FOUND, Side.SOURCE, f"library/nginx:1.27@sha256:{'0' * 64}"
    ),
    "no such repository": Case(Code.REPOSITORY_NOT_FOUND, Side.SOURCE, "nobody/knows:1"),
    "401 of the source": Case(
        Code.SOURCE_DENIED, Side.SOURCE, source=refuses("*", "*/manifests/*", UNAUTHORIZED)
    ),
    "403 of the source": Case(
        Code.SOURCE_DENIED, Side.SOURCE, source=refuses("*", "*/manifests/*", DENIED)
    ),
    "source limits": Case(
        Code.RATE_LIMITED, Side.SOURCE, source=refuses("*", "*/manifests/*", LIMITED)
    ),
    "source is out of order": Case(
        Code.SOURCE_UNAVAILABLE, Side.SOURCE, source=refuses("*", "*/manifests/*", UNAVAILABLE)
    ),
    "platform": Case(Code.PLATFORM_NOT_FOUND, Side.SOURCE, "library/arm:1"),
    "blob is gone": Case(
        Code.BLOB_MISSING,
        Side.SOURCE,
        source=refuses("GET", "*/blobs/*", Refusal(404, "BLOB_UNKNOWN", "blob unknown")),
    ),
    "manifest is none": Case(
        Code.BAD_MANIFEST,
        Side.SOURCE,
        source=lambda faults: faults.add("*", "*/manifests/*", OtherBody(b"{}"), times=None),
    ),
    "401 of the target": Case(
        Code.TARGET_DENIED, Side.TARGET, target=refuses(*OPENING, UNAUTHORIZED)
    ),
    "403 of the target": Case(Code.TARGET_DENIED, Side.TARGET, target=refuses(*OPENING, DENIED)),
    "target has no project": Case(
        Code.TARGET_NOT_FOUND, Side.TARGET, target=refuses(*OPENING, NO_PROJECT)
    ),
    "target has no namespace": Case(
        Code.TARGET_NOT_FOUND, Side.TARGET, target=refuses(*OPENING, NAME_UNKNOWN)
    ),
    "target is full": Case(Code.QUOTA_EXCEEDED, Side.TARGET, target=refuses(*OPENING, FULL)),
    "tag is immutable": Case(Code.TAG_IMMUTABLE, Side.TARGET, target=refuses(*PUTTING, IMMUTABLE)),
    "format is refused": Case(
        Code.TARGET_REFUSES_FORMAT,
        Side.TARGET,
        target=refuses(*PUTTING, Refusal(415, "MANIFEST_INVALID", "manifest invalid")),
    ),
    "target limits": Case(Code.RATE_LIMITED, Side.TARGET, target=refuses(*OPENING, LIMITED)),
    "target is out of order": Case(
        Code.TARGET_UNAVAILABLE, Side.TARGET, target=refuses(*OPENING, UNAVAILABLE)
    ),
}


@pytest.fixture
async def source() -> AsyncIterator[EmbeddedRegistry]:
    async with EmbeddedRegistry() as registry:
        for tag in ("1.26", "1.27", "1.27.5"):
            registry.put("library/nginx", tag, image(tag))
        registry.put("library/arm", "1", build_index([image("arm", "arm64")]))
        yield registry


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_both_engines_are_told_of_alike(
    case: Case, source: EmbeddedRegistry, embedded: EmbeddedRegistry
) -> None:
    require_peer("skopeo")
    case.source(source.faults)
    case.target(embedded.faults)
    told = {}
    for engine in EngineName:
        settings = replace(
            BASE,
            engine=engine,
            target=Target(embedded.host, "m"),
            asker=Asker.COLLABORATOR,
            allow_private_hosts=frozenset({"127.0.0.1"}),
        )
        request = read_list(f"{source.host}/{case.line}")
        report = await mirror(request, settings, watching_nothing, asyncio.Event())
        (failed,) = report.outcomes
        assert isinstance(failed, Failed)
        assert (failed.failure.code, failed.failure.side) == (case.code, case.side)
        told[engine] = [
            without_what_differs(report_comment(report, language=language)) for language in Language
        ]
    assert told[EngineName.NATIVE] == told[EngineName.SKOPEO]


def without_what_differs(comment: str) -> str:
    """The engine's name, how long it took, and what it or the registry said."""
    comment = re.sub(
        r"(?:，返回信息：|, which said:)\n\n```text\n.*?\n```", "", comment, flags=re.DOTALL
    )
    comment = re.sub(r"(?<![\w.])[0-9.]+ s\b", "1 s", comment)
    return re.sub("`(?:native|skopeo)`", "`engine`", comment)


@asynccontextmanager
async def watching_nothing(_plan: Plan) -> AsyncIterator[Observer]:
    yield silent
