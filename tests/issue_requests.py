"""Requests as people write them, small images to ask for, and what a registry then holds."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from registry_mirror.embedded.images import LINUX_AMD64, BuiltImage, Layer, build_image, build_layer
from registry_mirror.oci.media_type import DOCKER_MANIFEST, DOCKER_MANIFEST_LIST
from registry_mirror.oci.platform import Platform
from tests.registries import USER, Server, basic

NAMESPACE = "mirrors"
LABEL = "mirror-request"


def form(lines: Iterable[str]) -> str:
    """An issue's body as GitHub makes it of the form; its list begins on line 4."""
    images = "\n".join(lines)
    return (
        f"### 镜像列表 / Images\n\n```text\n{images}\n```\n\n"
        "### 平台 / Platform\n\n_No response_\n\n"
        "### 选项 / Options\n\n- [ ] Sync all architectures（同步所有架构）\n"
    )


def small_image(name: str, *below: Layer, platform: Platform = LINUX_AMD64) -> BuiltImage:
    return build_image((*below, build_layer({"name": name.encode()})), platform)


def settings(target: str, **more: str) -> dict[str, str]:
    """A repository's variables; whatever isn't named is unset."""
    return {
        "TARGET_REGISTRY": target,
        "TARGET_NAMESPACE": NAMESPACE,
        "TARGET_REGISTRY_USER": USER,
        "REPORT_LANGUAGE": "en",
        "ALLOW_PRIVATE_HOSTS": "127.0.0.1",
        **more,
    }


@dataclass(frozen=True, slots=True)
class Shown:
    """One image of the JSON report: its source's name, status and error code."""

    name: str
    status: str
    code: str | None


def images_of(document: Mapping[str, Any]) -> list[Shown]:
    return [
        Shown(
            image["source"].rpartition("/")[2],
            image["status"],
            image["error"] and image["error"]["code"],
        )
        for image in document["images"]
    ]


async def media_type_at(target: Server, image: str, authorization: str = "") -> str | None:
    """What a tag of a real registry holds; None where there is no such tag."""
    name, _, tag = image.partition(":")
    headers = {
        "Accept": f"{DOCKER_MANIFEST}, {DOCKER_MANIFEST_LIST}",
        "Authorization": authorization or basic(),
    }
    url = f"{target.url}/v2/{NAMESPACE}/{name}/manifests/{tag}"
    async with aiohttp.ClientSession(headers=headers) as session, session.get(url) as response:
        if response.status == 404:
            return None
        response.raise_for_status()
        found: str = json.loads(await response.read())["mediaType"]
        return found
