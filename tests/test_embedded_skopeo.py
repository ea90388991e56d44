"""Real skopeo, from and to the embedded registry and docker-registry, with every kind of auth."""

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from registry_mirror.embedded.auth import Account, Auth, Basic, Tokens
from registry_mirror.embedded.images import (
    AttestationForm,
    Style,
    build_attestation,
    build_image,
    build_index,
    build_layer,
)
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.oci.media_type import DOCKER_MANIFEST, DOCKER_MANIFEST_LIST
from registry_mirror.oci.platform import Platform
from tests.registries import PASSWORD, USER, Server, basic, skopeo

ACCOUNTS = (Account(USER, PASSWORD),)
AUTHS = [Basic(ACCOUNTS), Tokens(ACCOUNTS)]
IMAGE = build_image([build_layer({"hello": b"hello"})])
INDEX = build_index(
    [
        IMAGE,
        build_image([build_layer({"hello": b"hello"})], Platform("linux", "arm64", "v8")),
    ]
)


async def copy(
    source: str, target: str, *options: str, auth_file: Path | None = None
) -> tuple[int, str]:
    return await skopeo(
        "copy",
        "--src-tls-verify=false",
        "--dest-tls-verify=false",
        *(["--authfile", str(auth_file)] if auth_file else []),
        "--format",
        "v2s2",
        *options,
        f"docker://{source}",
        f"docker://{target}",
    )


def auth_file(directory: Path, hosts: Iterable[str], password: str = PASSWORD) -> Path:
    encoded = basic(USER, password).removeprefix("Basic ")
    path = directory / "auth.json"
    path.write_text(json.dumps({"auths": {host: {"auth": encoded} for host in hosts}}))
    return path


async def test_an_oci_image_arrives_as_v2s2(embedded: EmbeddedRegistry) -> None:
    embedded.put("library/hello", "1.0", IMAGE)
    code, said = await copy(f"{embedded.host}/library/hello:1.0", f"{embedded.host}/team/hello:1.0")
    assert (code, said) == (0, "")
    manifest = embedded.manifest("team/hello", "1.0")
    assert manifest
    assert manifest[0] == DOCKER_MANIFEST
    assert embedded.repositories() == ("library/hello", "team/hello")


async def test_an_index_arrives_as_a_list_with_every_platform(embedded: EmbeddedRegistry) -> None:
    embedded.put("library/hello", "1.0", INDEX)
    code, said = await copy(
        f"{embedded.host}/library/hello:1.0", f"{embedded.host}/team/hello:1.0", "--all"
    )
    assert (code, said) == (0, "")
    manifest = embedded.manifest("team/hello", "1.0")
    assert manifest
    assert manifest[0] == DOCKER_MANIFEST_LIST
    entries = json.loads(manifest[1])["manifests"]
    assert [entry["platform"]["architecture"] for entry in entries] == ["amd64", "arm64"]


@pytest.mark.parametrize("style", Style)
@pytest.mark.parametrize("form", AttestationForm)
async def test_attestations_are_what_skopeo_stumbles_over(
    embedded: EmbeddedRegistry, form: AttestationForm, style: Style
) -> None:
    image = build_image([build_layer({"hello": b"hello"})], style=style)
    index = build_index([image, build_attestation(image, form, style)], style)
    embedded.put("library/hello", "1.0", index)
    code, _ = await copy(
        f"{embedded.host}/library/hello:1.0", f"{embedded.host}/team/hello:1.0", "--all"
    )
    assert code != 0
    assert embedded.tags("team/hello") == ()


@pytest.mark.parametrize("auth", AUTHS, ids=lambda auth: type(auth).__name__)
async def test_a_private_registry_is_source_and_target(auth: Auth, tmp_path: Path) -> None:
    async with EmbeddedRegistry(auth) as registry:
        registry.put("private/hello", "1.0", IMAGE)
        names = (f"{registry.host}/private/hello:1.0", f"{registry.host}/team/hello:1.0")
        code, _ = await copy(*names, auth_file=auth_file(tmp_path, [registry.host], "wrong"))
        assert code != 0
        assert registry.tags("team/hello") == ()
        code, said = await copy(*names, auth_file=auth_file(tmp_path, [registry.host]))
        assert (code, said) == (0, "")
        assert registry.tags("team/hello") == ("1.0",)


@pytest.mark.parametrize(
    ("method", "path", "times"),
    [("GET", "*/manifests/*", 2), ("PATCH", "*", 1), ("PUT", "*/manifests/*", 1)],
)
async def test_a_connection_that_drops_is_retried(
    embedded: EmbeddedRegistry, method: str, path: str, times: int
) -> None:
    embedded.put("library/hello", "1.0", IMAGE)
    fault = embedded.faults.drop(method, path, times)
    code, _ = await copy(
        f"{embedded.host}/library/hello:1.0",
        f"{embedded.host}/team/hello:1.0",
        "--retry-times",
        "3",
    )
    assert (code, fault.hits) == (0, times)
    assert embedded.tags("team/hello") == ("1.0",)


async def test_docker_registry_takes_what_the_embedded_one_has(
    embedded: EmbeddedRegistry, docker_registry: Server
) -> None:
    embedded.put("library/hello", "1.0", INDEX)
    source, target = f"{embedded.host}/library/hello:1.0", f"{docker_registry.host}/hello:1.0"
    code, said = await copy(source, target, "--all")
    assert (code, said) == (0, "")
    code, said = await copy(target, f"{embedded.host}/back/hello:1.0", "--all")
    assert (code, said) == (0, "")
    assert embedded.tags("back/hello") == ("1.0",)


async def test_docker_registry_asks_for_basic_credentials(
    embedded: EmbeddedRegistry, docker_registry_basic: Server, tmp_path: Path
) -> None:
    await check_private_target(embedded, docker_registry_basic, tmp_path)


async def test_docker_registry_asks_for_tokens(
    embedded: EmbeddedRegistry, docker_registry_tokens: Server, tmp_path: Path
) -> None:
    await check_private_target(embedded, docker_registry_tokens, tmp_path)


async def check_private_target(embedded: EmbeddedRegistry, server: Server, directory: Path) -> None:
    embedded.put("library/hello", "1.0", IMAGE)
    source, target = f"{embedded.host}/library/hello:1.0", f"{server.host}/team/hello:1.0"
    code, _ = await copy(source, target)
    assert code != 0
    code, said = await copy(source, target, auth_file=auth_file(directory, [server.host]))
    assert (code, said) == (0, "")
