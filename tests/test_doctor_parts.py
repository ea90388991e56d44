"""What the doctor makes of secrets, of a target that can't be reached, of Docker Hub's quota."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from registry_mirror.config import Needs
from registry_mirror.doctor.examination import Doctor
from registry_mirror.doctor.probe import NOWHERE, misses_the_blob, probe_manifest
from registry_mirror.doctor.settings import examine_settings
from registry_mirror.doctor.sources import (
    LOW,
    QUOTA_REPOSITORY,
    WELL_KNOWN,
    registries_to_try,
)
from registry_mirror.doctor.surroundings import read_surroundings
from registry_mirror.embedded.actions import AlterHeaders, Reply
from registry_mirror.embedded.auth import Account, Tokens
from registry_mirror.embedded.faults import too_many_requests
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.engines.native.registries import Waits
from registry_mirror.errors import Side
from registry_mirror.oci.manifest import ImageManifest, parse_manifest
from registry_mirror.plan import Format
from registry_mirror.registry.errors import AnswerError, Operation
from registry_mirror.report.checklist import Check, Name, State
from registry_mirror.repository_rules import read_rules
from registry_mirror.text import Language
from tests.native_runs import image
from tests.registry_peers import Names

GOOD = {
    "TARGET_REGISTRY": "registry.example.com",
    "TARGET_NAMESPACE": "mirrors",
    "TARGET_REGISTRY_USER": "mirror",
    "TARGET_REGISTRY_PASSWORD": "s3cret-w0rd",
}
JSON_KEY = '{\n  "type": "service_account"\n}'
AUTHS = '{"auths": {"ghcr.io": {"auth": "dXNlcjp0b2tlbg=="}}}'


def odd(values: Mapping[str, str]) -> list[tuple[State, str, str]]:
    reading = examine_settings({**GOOD, **values}, Needs.LOGIN)
    return [
        (check.state, str(check.cause), str(check.cure))
        for check in reading.checks
        if check.name is Name.SECRETS and check.state is not State.OK
    ]


@pytest.mark.parametrize(
    ("setting", "value", "state", "cause"),
    [
        ("TARGET_REGISTRY_PASSWORD", "s3cret-w0rd\n", State.WARNING, "a line break around it"),
        ("TARGET_REGISTRY_PASSWORD", "\r\ns3cret-w0rd", State.WARNING, "a line break around it"),
        ("TARGET_REGISTRY_PASSWORD", " s3cret-w0rd", State.WARNING, "spaces around it"),
        ("TARGET_REGISTRY_PASSWORD", '"s3cret-w0rd"', State.WARNING, "stands in quotes"),
        ("TARGET_REGISTRY_PASSWORD", "'s3cret-w0rd'", State.WARNING, "stands in quotes"),
        ("TARGET_REGISTRY_PASSWORD", "“s3cret-w0rd”", State.WARNING, "stands in quotes"),
        ("TARGET_REGISTRY_PASSWORD", "s3cret\nw0rd", State.BROKEN, "several lines"),
        ("TARGET_REGISTRY_PASSWORD", "s3cret\u200bw0rd", State.WARNING, "can't be seen"),
        ("TARGET_REGISTRY_USER", '"mirror"', State.WARNING, "stands in quotes"),
        ("SOURCE_AUTH_JSON", AUTHS.replace(" ", "\n"), State.WARNING, "every { and }"),
        ("SOURCE_AUTH_JSON", f"{AUTHS}\n", State.WARNING, "a line break around it"),
    ],
)
def test_the_shape_of_secrets(setting: str, value: str, state: State, cause: str) -> None:
    ((found, why, cure),) = odd({setting: value})
    assert found is state
    assert setting in why
    assert cause in why
    assert "save" in cure
    assert "s3cret" not in why + cure


def encoded(pair: str) -> str:
    return base64.b64encode(pair.encode()).decode()


@pytest.mark.parametrize(
    ("config", "states", "cause"),
    [
        ({"auths": {"ghcr.io": {"auth": "user:s3cret"}}}, [State.BROKEN], "is not base64"),
        (
            {"auths": {"ghcr.io": {"auth": encoded("s3cret")}}},
            [State.BROKEN],
            "else than user:password",
        ),
        ({"auths": {"ghcr.io": {"auth": encoded("u:s3cret\n")}}}, [State.BROKEN], "a line break"),
        ({"auths": {"ghcr.io": {"auth": encoded("user:")}}}, [State.BROKEN], "has no password"),
        ({"auths": {"ghcr.io": {}}}, [State.BROKEN], "names ghcr.io, but without an account"),
        (
            {"auths": {"ghcr.io": {}}, "credsStore": "desktop"},
            [State.BROKEN],
            "the account of ghcr.io in SOURCE_AUTH_JSON is kept by docker-credential-desktop",
        ),
        ({"credHelpers": {"ghcr.io": "gh"}}, [State.BROKEN], "kept by docker-credential-gh"),
        ({"credsStore": "desktop"}, [State.BROKEN], "leaves accounts to docker-credential-desktop"),
        (
            {"auths": {"ghcr.io": {"auth": encoded("u:s3cret")}}, "credsStore": "desktop"},
            [State.WARNING],
            "leaves accounts to docker-credential-desktop, which is not installed here",
        ),
        (
            {"auths": {"a.io": {"auth": "x:s3cret"}, "b.io": {"auth": "y:s3cret"}}},
            [State.BROKEN, State.BROKEN],
            "the auth of b.io",
        ),
    ],
)
def test_an_account_of_a_source_that_can_not_be_used(
    config: object, states: list[State], cause: str
) -> None:
    found = odd({"SOURCE_AUTH_JSON": json.dumps(config), "PATH": "/nonexistent"})
    assert [state for state, _, _ in found] == states
    assert cause in found[-1][1]
    assert "base64 | tr -d" in found[-1][2]
    assert "s3cret" not in str(found)


def test_an_account_that_a_helper_keeps_is_fine_where_there_is_the_helper(tmp_path: Path) -> None:
    helper = tmp_path / "docker-credential-desktop"
    helper.write_text("#!/bin/sh\n", encoding="utf-8")
    helper.chmod(0o755)
    config = json.dumps({"auths": {"ghcr.io": {}}, "credsStore": "desktop"})
    assert odd({"SOURCE_AUTH_JSON": config, "PATH": str(tmp_path)}) == []


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"TARGET_REGISTRY_PASSWORD": 'it\'s "odd" 密码'},
        {"TARGET_REGISTRY_PASSWORD": '"'},
        {"TARGET_REGISTRY_USER": "_json_key", "TARGET_REGISTRY_PASSWORD": JSON_KEY},
        {"SOURCE_AUTH_JSON": AUTHS},
    ],
)
def test_secrets_that_are_as_they_should_be(values: Mapping[str, str]) -> None:
    assert odd(values) == []


def test_what_is_left_of_the_settings_is_examined_all_the_same() -> None:
    reading = examine_settings(GOOD | {"MAX_PARALLEL": "x", "NAMING": "y"}, Needs.LOGIN)
    assert [check.state for check in reading.checks] == [State.BROKEN] * 2
    assert reading.settings.target_login
    assert reading.has_login
    without = {name: value for name, value in GOOD.items() if name != "TARGET_REGISTRY_USER"}
    reading = examine_settings(without, Needs.LOGIN)
    assert str(reading.settings.target) == "registry.example.com/mirrors"
    assert not reading.has_login


@pytest.mark.parametrize(
    ("values", "language"),
    [
        ({}, Language.EN),
        ({"REPORT_LANGUAGE": "zh"}, Language.ZH),
        ({"GITHUB_REPOSITORY": "me/fork", "GITHUB_TOKEN": "t"}, Language.ZH),
        ({"GITHUB_REPOSITORY": "me/fork", "GITHUB_TOKEN": "two words"}, Language.EN),
    ],
)
def test_a_shell_is_spoken_to_in_english(values: Mapping[str, str], language: Language) -> None:
    assert read_surroundings(values).language is language


@pytest.mark.parametrize("format_", [Format.V2S2, Format.OCI])
def test_the_probe_is_a_manifest_of_blobs_that_are_nowhere(format_: Format) -> None:
    content, media_type = probe_manifest(format_)
    manifest = parse_manifest(content)
    assert isinstance(manifest, ImageManifest)
    assert manifest.media_type == media_type
    assert manifest.config
    assert {blob.digest for blob in (manifest.config, *manifest.layers)} == {NOWHERE}


@pytest.mark.parametrize(
    ("codes", "said", "misses"),
    [
        (("MANIFEST_BLOB_UNKNOWN",), "blob unknown to registry", True),
        (("BLOB_UNKNOWN",), "", True),
        (("MANIFEST_INVALID",), f"manifest references {NOWHERE}", True),
        (("MANIFEST_INVALID",), "manifest invalid: layer does not exist", True),
        ((), "one or more layers not found", True),
        (("MANIFEST_INVALID",), "manifest invalid", False),
        (("MANIFEST_INVALID",), "layer media type is not supported", False),
        (("UNSUPPORTED",), "unsupported media type", False),
    ],
)
def test_a_registry_that_misses_the_blob_has_taken_the_format(
    codes: tuple[str, ...], said: str, *, misses: bool
) -> None:
    error = AnswerError(Side.TARGET, Operation.PUT_MANIFEST, 400, said, codes=codes)
    assert misses_the_blob(error) is misses


def test_what_the_rules_allow_is_tried_in_place_of_what_is_well_known() -> None:
    settings = examine_settings(GOOD | {"SOURCE_AUTH_JSON": AUTHS}, Needs.LOGIN).settings
    rules = read_rules(b"sources:\n  allow: [quay.io/a/*, quay.io/b/*, harbor.example.com:8443]\n")
    assert registries_to_try(None, settings) == WELL_KNOWN
    assert registries_to_try(read_rules(None), settings) == WELL_KNOWN
    tried = registries_to_try(rules, settings)
    assert tried == ("quay.io", "harbor.example.com:8443", "ghcr.io")


@asynccontextmanager
async def hub(left: str | None) -> AsyncIterator[EmbeddedRegistry]:
    async with EmbeddedRegistry(Tokens((Account("a", "b"),), anonymous_pull=True)) as registry:
        registry.put(QUOTA_REPOSITORY, "latest", image())
        headers = (("ratelimit-limit", "100;w=21600"), ("ratelimit-remaining", left))
        if left is not None:
            registry.faults.add("HEAD", "*/manifests/latest", AlterHeaders(headers))
        yield registry


async def quota_of(registry: EmbeddedRegistry) -> Check:
    values = {"TARGET_REGISTRY": registry.host, "TARGET_NAMESPACE": "mirrors"}
    doctor = Doctor(values, read_surroundings({}), (registry.host,), registry.host)
    (quota,) = [check async for check in doctor.checks() if check.name is Name.QUOTA]
    return quota


@pytest.mark.parametrize(
    ("left", "state", "cause"),
    [
        ("76;w=21600", State.OK, "76 of 100 pulls in 6 hours are left"),
        (f"{LOW - 1};w=21600", State.WARNING, f"{LOW - 1} of 100"),
        (None, State.OK, "names no limit"),
    ],
)
async def test_the_quota_of_docker_hub(left: str | None, state: State, cause: str) -> None:
    async with hub(left) as registry:
        check = await quota_of(registry)
        assert check.state is state
        assert cause in str(check.cause)
        heads = [
            (seen.method, seen.path) for seen in registry.requests if QUOTA_REPOSITORY in seen.path
        ]
        assert {method for method, _ in heads} == {"HEAD"}


async def test_a_quota_that_is_used_up() -> None:
    async with hub("0;w=21600") as registry:
        registry.faults.clear()
        registry.faults.fail("HEAD", "*/manifests/latest", too_many_requests("60"))
        check = await quota_of(registry)
        assert check.state is State.WARNING
        assert "used up" in str(check.cause)
        assert "SOURCE_AUTH_JSON" in str(check.cure)


async def test_a_hub_that_can_not_be_asked_is_no_fault() -> None:
    async with hub("1;w=1") as registry:
        registry.faults.clear()
        registry.faults.deny("*/manifests/latest")
        assert (await quota_of(registry)).state is State.SKIPPED


async def silent_server(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hangs up on whoever comes."""
    writer.close()


async def target_of(port: int, **more: str) -> Check:
    """Of a target called `registry.example.com` that leads to this machine."""
    values = {"TARGET_REGISTRY": f"registry.example.com:{port}", "TARGET_NAMESPACE": "mirrors"}
    waits = Waits(make_resolver=lambda: Names(registry_example_com=["127.0.0.1"]))
    doctor = Doctor({**values, **more}, read_surroundings({}), ("127.0.0.1:1",), waits=waits)
    (target,) = [check async for check in doctor.checks() if check.name is Name.TARGET]
    return target


async def test_a_target_that_speaks_plain_http(embedded: EmbeddedRegistry) -> None:
    port = int(embedded.host.rpartition(":")[2])
    check = await target_of(port)
    assert check.state is State.BROKEN
    assert "no TLS connection" in str(check.cause)
    assert "INSECURE_HOSTS" in str(check.cure)
    assert (await target_of(port, INSECURE_HOSTS="registry.example.com")).state is State.OK


async def test_a_target_that_hangs_up() -> None:
    async with await asyncio.start_server(silent_server, "127.0.0.1", 0) as server:
        check = await target_of(server.sockets[0].getsockname()[1])
    assert check.state is State.BROKEN
    assert "broken off at once" in str(check.cause)
    assert "firewall" in str(check.cure)


async def test_a_target_that_breaks_off_its_answer(embedded: EmbeddedRegistry) -> None:
    embedded.faults.drop("GET", "/v2/", times=None)
    check = await target_of(int(embedded.host.rpartition(":")[2]), TARGET_REGISTRY=embedded.host)
    assert check.state is State.BROKEN
    assert "gives no whole answer" in str(check.cause)


async def test_a_target_whose_name_is_not_known() -> None:
    check = await target_of(443, TARGET_REGISTRY="registry.example.net")
    assert check.state is State.BROKEN
    assert "there is no host called registry.example.net" in str(check.cause)
    assert "check the spelling of TARGET_REGISTRY" in str(check.cure)


async def test_a_target_that_is_no_registry(embedded: EmbeddedRegistry) -> None:
    embedded.faults.add("GET", "/v2/", Reply(404, (), b"<h1>Welcome</h1>"), times=None)
    check = await target_of(int(embedded.host.rpartition(":")[2]), TARGET_REGISTRY=embedded.host)
    assert check.state is State.BROKEN
    assert "but not as a registry (/v2/ gives 404)" in str(check.cause)
    assert check.said.endswith("Welcome")
