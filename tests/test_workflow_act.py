"""The workflow itself, run by act with real skopeo and a real registry as its target."""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from registry_mirror.embedded.auth import Basic
from registry_mirror.embedded.images import BuiltImage, Layer, build_image, build_index, build_layer
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.oci.platform import Platform
from tests import registries
from tests.act_runs import ActRun, Fork, Scene, make_fork, require_act, run_act
from tests.fake_github import FakeGitHub
from tests.registries import PASSWORD, USER, require_peer

INSTALL, MIRROR, CLOSING = "Install", "Mirror and report", "Answer if nothing else did"

SHARED = build_layer({"base": b"shared by two images"})


@pytest.fixture(scope="session")
def fork(tmp_path_factory: pytest.TempPathFactory) -> Fork:
    require_act()
    require_peer("skopeo")
    return make_fork(tmp_path_factory.mktemp("workflow"))


@pytest.fixture
async def github() -> AsyncIterator[FakeGitHub]:
    async with FakeGitHub() as fake:
        yield fake


def small(name: str, *below: Layer, platform: Platform | None = None) -> BuiltImage:
    layers = (*below, build_layer({"name": name.encode()}))
    return build_image(layers, platform) if platform else build_image(layers)


def form(*lines: str) -> str:
    """An issue's body as GitHub writes it from the form."""
    images = "\n".join(lines)
    return (
        f"### 镜像列表 / Images\n\n```text\n{images}\n```\n\n"
        "### 平台 / Platform\n\n_No response_\n\n"
        "### 选项 / Options\n\n- [ ] Sync all architectures（同步所有架构）\n"
    )


async def test_six_images_of_which_two_appear_later(
    fork: Fork, github: FakeGitHub, docker_registry_basic: registries.Server, tmp_path: Path
) -> None:
    target = docker_registry_basic
    async with EmbeddedRegistry() as source, EmbeddedRegistry(Basic(USER, PASSWORD)) as private:
        source.put("library/one", "1", small("one", SHARED))
        number = github.open_issue(
            form(f"{source.host}/library/one:1", f"{private.host}/x:1"), ["mirror-request"]
        )
        variables = {
            "TARGET_REGISTRY": target.host,
            "TARGET_NAMESPACE": "mirrors",
            "TARGET_REGISTRY_USER": USER,
            "REPORT_LANGUAGE": "en",
        }
        secrets = {"GITHUB_TOKEN": github.token, "TARGET_REGISTRY_PASSWORD": PASSWORD}
        run = await run_act(
            fork,
            tmp_path / "home",
            Scene(github.event("opened", number, "me"), github.api_url, variables, secrets),
        )
        print(run.log)
        for c in github.comments(number):
            print(c.body)
        print(github.issue(number))
        print(run.document(MIRROR))
        assert 0
