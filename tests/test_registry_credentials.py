import base64
import json
import os
import stat
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_mirror.config import Settings
from registry_mirror.docker_config import (
    DockerConfig,
    Entry,
    InvalidDockerConfigError,
    parse_docker_config,
)
from registry_mirror.errors import Side
from registry_mirror.naming import Target
from registry_mirror.registry.credentials import (
    Credentials,
    Found,
    IdentityToken,
    Keychain,
    RegistryToken,
)
from registry_mirror.registry.helper_program import HelperAnswer, HelperFailedError, ask_helper
from registry_mirror.secret import Login, Secret

HUB_KEY = "https://index.docker.io/v1/"


def encoded(pair: str) -> str:
    return base64.b64encode(pair.encode()).decode()


def login(user: str, password: str = "pw") -> Login:
    return Login(user, Secret(password))


class Helpers:
    """Helper programs by name, and what they were asked."""

    def __init__(self, **answers: HelperAnswer | str) -> None:
        self._answers = answers
        self.asked: list[tuple[str, str]] = []

    async def ask(self, name: str, registry: str) -> HelperAnswer | None:
        self.asked.append((name, registry))
        answer = self._answers.get(name)
        if isinstance(answer, str):
            raise HelperFailedError(answer)
        return answer


async def find(
    config: Mapping[str, object],
    registry: str,
    repository: str = "",
    helpers: Helpers | None = None,
) -> Found:
    keychain = Keychain(parse_docker_config(json.dumps(config)), (helpers or Helpers()).ask)
    found = await keychain.find(registry, repository)
    await keychain.close()
    return found


@pytest.mark.parametrize(
    ("key", "registry"),
    [
        (HUB_KEY, "docker.io"),
        ("https://index.docker.io/v2/", "docker.io"),
        ("index.docker.io", "docker.io"),
        ("docker.io", "docker.io"),
        ("registry-1.docker.io", "docker.io"),
        ("quay.io", "quay.io"),
        ("QUAY.io", "quay.io"),
        ("https://quay.io", "quay.io"),
        ("http://quay.io/", "quay.io"),
        ("https://quay.io/v2/", "quay.io"),
        ("quay.io/v1", "quay.io"),
        ("host:5000", "host:5000"),
        ("https://host:5000/v2", "host:5000"),
        ("[::1]:5000", "[::1]:5000"),
    ],
)
async def test_a_key_names_its_registry_in_every_form(key: str, registry: str) -> None:
    config = {"auths": {key: {"auth": encoded("user:pw")}}}
    assert await find(config, registry, "team/app") == Found(login("user"))
    for other in ("elsewhere.io", "host", "host:5001", "io", "uay.io"):
        assert await find(config, other, "team/app") == Found()


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"auth": encoded("user:pw")}, login("user")),
        ({"auth": encoded("user:pw").rstrip("=")}, login("user")),
        ({"auth": encoded("user:p:w:")}, login("user", "p:w:")),
        ({"auth": encoded("user:pw\0\0")}, login("user")),
        ({"auth": encoded("us\u00e9r:pw")}, login("us\u00e9r")),
        ({"username": "user", "password": "pw"}, login("user")),
        ({"Username": "user", "Password": "pw"}, login("user")),
        ({"auth": encoded("other:x"), "username": "user", "password": "pw"}, login("user")),
        ({"identitytoken": "abc"}, IdentityToken(Secret("abc"))),
        ({"auth": encoded("user:"), "identitytoken": "abc"}, IdentityToken(Secret("abc"))),
        ({"auth": encoded("<token>:abc")}, IdentityToken(Secret("abc"))),
        ({"registrytoken": "abc"}, RegistryToken(Secret("abc"))),
        ({}, None),
        ({"email": "me@example.com"}, None),
        ({"auth": "***"}, None),
        ({"auth": 5}, None),
        ("text", None),
    ],
)
async def test_an_entry_says_who_we_are_in_several_ways(
    entry: object, expected: Credentials | None
) -> None:
    assert await find({"auths": {"quay.io": entry}}, "quay.io") == Found(expected)


async def test_the_longest_path_that_fits_goes_first() -> None:
    keys = ("quay.io", "quay.io/team", "quay.io/team/app", "quay.io/teams")
    config = {"auths": {key: {"auth": encoded(f"{key}:pw")} for key in keys}}
    for repository, key in (
        ("team/app", "quay.io/team/app"),
        ("team/app/deeper", "quay.io/team/app"),
        ("team/application", "quay.io/team"),
        ("tea", "quay.io"),
        ("", "quay.io"),
    ):
        assert await find(config, "quay.io", repository) == Found(login(key))


async def test_helpers_are_asked_before_entries_and_the_store_after_them() -> None:
    config = {
        "auths": {"quay.io": {"auth": encoded("entry:pw")}, "ghcr.io": {}},
        "credHelpers": {"gcr.io": "gcloud", "https://index.docker.io/v1/": "hub"},
        "credsStore": "store",
    }
    answer = HelperAnswer
    helpers = Helpers(
        gcloud=answer("gcloud", "pw"), hub=answer("<token>", "abc"), store=answer("store", "pw")
    )
    for registry, expected in (
        ("gcr.io", login("gcloud")),
        ("docker.io", IdentityToken(Secret("abc"))),
        ("quay.io", login("entry")),
        ("ghcr.io", login("store")),
    ):
        assert await find(config, registry, "a", helpers) == Found(expected)
    assert helpers.asked == [("gcloud", "gcr.io"), ("hub", HUB_KEY), ("store", "ghcr.io")]


async def test_a_helper_is_asked_once_and_its_failure_is_kept_as_the_reason() -> None:
    helpers = Helpers(store="docker-credential-store can't be run")
    keychain = Keychain(DockerConfig(store="store"), helpers.ask)
    for repository in ("a", "b"):
        found = await keychain.find("quay.io", repository)
        assert found == Found(None, "docker-credential-store can't be run")
    assert len(helpers.asked) == 1
    await keychain.close()


async def test_each_side_has_credentials_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    auths = {host: {"auth": encoded("file:pw")} for host in ("target.io", "source.io")}
    file.write_text(json.dumps({"auths": auths}))
    plain = Settings(docker_config=file, target=Target("target.io", "ns"))
    full = Settings(
        docker_config=file,
        target=Target("target.io", "ns"),
        target_login=login("setting"),
        source_auth=Secret(json.dumps({"auths": {"source.io": {"auth": encoded("json:pw")}}})),
    )
    for settings, side, registry, expected in (
        (plain, Side.SOURCE, "source.io", login("file")),
        (plain, Side.TARGET, "target.io", login("file")),
        (full, Side.SOURCE, "source.io", login("json")),
        (full, Side.SOURCE, "target.io", None),
        (full, Side.TARGET, "target.io", login("setting")),
        (full, Side.TARGET, "source.io", None),
        (Settings(), Side.SOURCE, "source.io", None),
    ):
        assert await Keychain.of(settings, side).find(registry, "a") == Found(expected)


async def test_a_configuration_that_cannot_be_read_is_told_when_it_matters(tmp_path: Path) -> None:
    for content in (b"not json", b"\xff", b"[]"):
        file = tmp_path / "config.json"
        file.write_bytes(content)
        found = await Keychain.of(Settings(docker_config=file), Side.SOURCE).find("quay.io", "a")
        assert found.credentials is None
        assert "docker configuration" in found.problem


def test_no_secret_is_shown() -> None:
    config = parse_docker_config(
        json.dumps({"auths": {"a": {"auth": encoded("u:hush")}, "b": {"identitytoken": "hush"}}})
    )
    shown = f"{config} {Found(login('u', 'hush'))} {HelperAnswer('u', 'hush')}"
    assert "hush" not in shown


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=8), inner),
)
KEYS = st.sampled_from(["auths", "credHelpers", "credsStore", "auth", "username"])


@given(st.dictionaries(KEYS, JSON | st.dictionaries(st.text(), st.dictionaries(KEYS, JSON))))
def test_no_configuration_fails_in_another_way(config: Mapping[str, object]) -> None:
    try:
        parsed = parse_docker_config(json.dumps(config))
    except InvalidDockerConfigError:
        return
    assert Entry() not in [entry for _, entry in parsed.entries]


# --- helper programs ------------------------------------------------------------------------------


HELPER = """#!PYTHON
import json, os, sys
registry = sys.stdin.read()
assert sys.argv[1:] == ["get"]
if registry == "unknown":
    print("credentials not found in native keychain"); sys.exit(1)
if registry == "broken":
    print("hush"); print("hush", file=sys.stderr); sys.exit(3)
if registry == "noise":
    print("hush {"); sys.exit(0)
if registry == "half":
    print(json.dumps({"Username": "hush"})); sys.exit(0)
print(json.dumps({"ServerURL": registry, "Username": os.environ["WHO"], "Secret": registry}))
"""


@pytest.fixture
def helper(tmp_path: Path) -> Mapping[str, str]:
    """`docker-credential-test`, which does as the registry's name says, and its environment."""
    program = tmp_path / "docker-credential-test"
    program.write_text(HELPER.replace("PYTHON", sys.executable))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "WHO": "me"}


async def test_a_helper_program_answers(helper: Mapping[str, str]) -> None:
    assert await ask_helper("test", "quay.io", helper) == HelperAnswer("me", "quay.io")
    assert await ask_helper("test", "unknown", helper) is None


@pytest.mark.parametrize(
    ("name", "registry", "said"),
    [
        ("test", "broken", "exit code 3"),
        ("test", "noise", "no JSON"),
        ("test", "half", "without a user"),
        ("missing", "quay.io", "No such file"),
        ("../test", "quay.io", "invalid"),
        ("-x", "quay.io", "invalid"),
    ],
)
async def test_a_helper_program_that_fails_says_no_secret(
    helper: Mapping[str, str], name: str, registry: str, said: str
) -> None:
    with pytest.raises(HelperFailedError, match=said) as failed:
        await ask_helper(name, registry, helper)
    assert "hush" not in str(failed.value)


async def test_a_helper_program_that_hangs_is_ended(tmp_path: Path) -> None:
    program = tmp_path / "docker-credential-hangs"
    program.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 60\n")
    program.chmod(0o755)
    environment = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    with pytest.raises(HelperFailedError, match="no answer"):
        await ask_helper("hangs", "quay.io", environment, seconds=0.5)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)
