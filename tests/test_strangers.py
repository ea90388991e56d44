"""What a request by somebody without write access may not do, with either engine."""

import base64
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from registry_mirror.config import Asker, Settings
from registry_mirror.docker_config import auth_file
from registry_mirror.embedded.auth import Account, Basic
from registry_mirror.embedded.images import BuiltImage, Piece
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.engines.native.pinning import pin
from registry_mirror.engines.skopeo.engine import open_skopeo
from registry_mirror.engines.skopeo.strangers import is_well_known
from registry_mirror.errors import Code, Failure, Side
from registry_mirror.oci.platform import Selection
from registry_mirror.outcome import Failed, Outcome
from registry_mirror.plan import Copy, Plan
from registry_mirror.secret import Secret
from registry_mirror.text import Language
from tests import vectors
from tests.native_runs import (
    ALL,
    AMD64,
    BASE,
    built,
    copied,
    copy_of,
    image,
    refusal,
    run_one,
    silent,
    two_platforms,
)
from tests.registries import PASSWORD, USER, require_peer
from tests.registry_peers import listener
from tests.skopeo_wrapper import Wrapper

ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}
UNSUPPORTED = (Code.ENGINE_UNSUPPORTED, Side.SOURCE)
DENIED = (Code.SOURCE_DENIED, Side.SOURCE)


@pytest.fixture
async def target() -> AsyncIterator[EmbeddedRegistry]:
    async with EmbeddedRegistry() as registry:
        yield registry


async def run_skopeo(copy: Copy, asked: Settings) -> Outcome:
    async with open_skopeo(asked) as engine:
        (outcome,) = await engine.run(Plan((copy,)), silent)
    return outcome


def as_well_known(folder: Path, source: EmbeddedRegistry, asker: Asker) -> Settings:
    """`quay.io` is the embedded registry, for skopeo alone."""
    wrapper = Wrapper.install(folder / "bin", f"s#docker://quay.io/#docker://{source.host}/#")
    environment = {**wrapper.environment, "HOME": "/nonexistent"}
    insecure = frozenset({"quay.io"})
    return replace(BASE, asker=asker, environment=environment, insecure_hosts=insecure)


@pytest.mark.parametrize(
    ("registry", "known"),
    [
        ("docker.io", True), ("ghcr.io", True), ("quay.io", True), ("gcr.io", True),
        ("k8s.gcr.io", True), ("us.gcr.io", True), ("registry.k8s.io", True),
        ("mcr.microsoft.com", True), ("public.ecr.aws", True), ("registry.gitlab.com", True),
        ("nvcr.io", True), ("docker.elastic.co", True), ("us-central1-docker.pkg.dev", True),
        ("quay.io:443", True), ("QUAY.io", True),
        ("quay.io:80", False), ("quay.io:8443", False), ("evil.quay.io", False),
        ("quay.io.example.com", False), ("evilgcr.io", False), ("gcr.io.", False),
        ("evilpkg.dev", False), ("harbor.example.com", False), ("127.0.0.1:5000", False),
        ("localhost", False), ("[::1]:443", False), ("team.azurecr.io", False),
        ("team.jfrog.io", False), ("bucket.oss-cn-beijing.aliyuncs.com", False), ("", False),
    ],
)  # fmt: skip
def test_which_registries_are_well_known(registry: str, *, known: bool) -> None:
    assert is_well_known(registry) is known


async def test_skopeo_goes_for_a_stranger_to_well_known_registries_alone() -> None:
    require_peer("skopeo")
    asked = replace(BASE, asker=Asker.STRANGER, environment=ENVIRONMENT)
    async with listener(b"") as there:
        source = f"127.0.0.1:{there.port}/team/app:1"
        outcome = await run_skopeo(copy_of(source, f"127.0.0.1:{there.port}/ns/app:1"), asked)

    assert refusal(outcome) == UNSUPPORTED
    assert there.knocks == 0
    assert isinstance(outcome, Failed)
    assert outcome.failure.hint
    for language in Language:
        assert "MIRROR_ENGINE=native" in outcome.failure.hint.say(language)


async def test_skopeo_serves_a_collaborator_from_anywhere(embedded: EmbeddedRegistry) -> None:
    require_peer("skopeo")
    embedded.put("team/app", "1", image())
    copy = copy_of(f"{embedded.host}/team/app:1", f"{embedded.host}/ns/app:1")
    asked = replace(BASE, asker=Asker.COLLABORATOR, environment=ENVIRONMENT)

    copied(await run_skopeo(copy, asked))


@pytest.mark.parametrize("selection", [AMD64, ALL], ids=["one", "all"])
async def test_skopeo_serves_a_stranger_from_a_well_known_registry(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry, tmp_path: Path, selection: Selection
) -> None:
    embedded.put("team/app", "1", two_platforms())
    copy = copy_of("quay.io/team/app:1", f"{target.host}/ns/app:1", selection)
    asked = as_well_known(tmp_path, embedded, Asker.STRANGER)

    outcome = copied(await run_skopeo(copy, asked))

    assert outcome.content.platforms
    assert len(outcome.content.platforms) == (2 if selection is ALL else 1)
    assert outcome.source_digest == two_platforms().top.digest
    (source,) = [call for call in Wrapper(tmp_path / "bin").calls if " copy " in call]
    looked_at = two_platforms().top if selection is ALL else image().top
    assert f"docker://quay.io/team/app@{looked_at.digest} " in source


def leading_to(port: int) -> BuiltImage:
    """An image whose config is to be had from a URL of its own."""
    honest = image()
    inside = f'"urls":["http://127.0.0.1:{port}/x"],"size"'.encode()
    body = honest.top.content.replace(b'"size"', inside, 1)
    return replace(honest, top=Piece.of(honest.top.media_type, body))


async def test_skopeo_fetches_no_url_of_a_manifest_for_a_stranger(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry, tmp_path: Path
) -> None:
    copy = copy_of("quay.io/team/app:1", f"{target.host}/ns/app:1")
    async with listener(b"") as inside:
        embedded.put("team/app", "1", leading_to(inside.port))
        asked = as_well_known(tmp_path, embedded, Asker.STRANGER)
        refused = await run_skopeo(copy, asked)
        before = inside.knocks
        await run_skopeo(copy, replace(asked, asker=Asker.COLLABORATOR))

    assert refusal(refused) == UNSUPPORTED
    assert before == 0
    assert inside.knocks, "skopeo no longer does what the refusal is for"


async def test_images_of_schema_1_take_a_stranger_to_well_known_registries_alone(
    embedded: EmbeddedRegistry, target: EmbeddedRegistry
) -> None:
    require_peer("skopeo")
    embedded.put("team/app", "1", built(vectors.CASES["v2s1-unsigned"]))
    copy = copy_of(f"{embedded.host}/team/app:1", f"{target.host}/ns/app:1")
    allowed = frozenset({embedded.host})
    asked = replace(BASE, environment=ENVIRONMENT, allow_private_hosts=allowed)

    stranger = await run_one(copy, replace(asked, asker=Asker.STRANGER))
    collaborator = await run_one(copy, replace(asked, asker=Asker.COLLABORATOR))

    assert refusal(stranger) == UNSUPPORTED
    assert isinstance(stranger, Failed)
    assert stranger.failure.hint
    assert "native" not in stranger.failure.hint.say(Language.EN)
    copied(collaborator)


# --- logins ---------------------------------------------------------------------------------------


def encoded() -> str:
    return base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


@pytest.fixture
async def private() -> AsyncIterator[EmbeddedRegistry]:
    async with EmbeddedRegistry(auth=Basic((Account(USER, PASSWORD),))) as registry:
        registry.put("team/app", "1", image())
        yield registry


def with_login(settings: Settings, host: str, kind: str, folder: Path) -> Settings:
    config = auth_file(host, encoded())
    if kind == "secret":
        return replace(settings, source_auth=Secret(config))
    file = folder / "config.json"
    file.write_text(config, encoding="utf-8")
    return replace(settings, docker_config=file)


@pytest.mark.parametrize("kind", ["secret", "docker"])
async def test_no_login_of_ours_opens_a_source_to_a_stranger(
    private: EmbeddedRegistry, target: EmbeddedRegistry, tmp_path: Path, kind: str
) -> None:
    copy = copy_of(f"{private.host}/team/app:1", f"{target.host}/ns/app:1")
    asked = with_login(BASE, private.host, kind, tmp_path)
    asked = replace(asked, allow_private_hosts=frozenset({private.host}))

    stranger = await run_one(copy, replace(asked, asker=Asker.STRANGER))
    (pinned,) = await pin(Plan((copy,)), replace(asked, asker=Asker.COLLABORATOR))
    collaborator = await run_one(copy, replace(asked, asker=Asker.COLLABORATOR))

    assert refusal(stranger) == DENIED
    assert isinstance(pinned, Failure)
    assert (pinned.code, pinned.side) == DENIED
    copied(collaborator)


@pytest.mark.parametrize("kind", ["secret", "docker"])
async def test_nor_with_skopeo(
    private: EmbeddedRegistry, target: EmbeddedRegistry, tmp_path: Path, kind: str
) -> None:
    copy = copy_of("quay.io/team/app:1", f"{target.host}/ns/app:1")
    asked = as_well_known(tmp_path, private, Asker.STRANGER)
    asked = with_login(asked, private.host, kind, tmp_path)

    assert refusal(await run_skopeo(copy, asked)) == DENIED
    copied(await run_skopeo(copy, replace(asked, asker=Asker.COLLABORATOR)))


async def test_the_target_keeps_its_login_even_where_it_is_the_source_too(
    private: EmbeddedRegistry, tmp_path: Path
) -> None:
    copy = copy_of(f"{private.host}/team/app:1", f"{private.host}/ns/app:1")
    asked = with_login(BASE, private.host, "docker", tmp_path)

    copied(await run_one(copy, asked))
    stranger = await run_one(copy, replace(asked, asker=Asker.STRANGER))

    assert refusal(stranger) == DENIED
