"""What is read of a docker `config.json`, and what is written for skopeo."""

import base64
import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_mirror.docker_config import (
    InvalidDockerConfigError,
    auth_file,
    hosts_with_login,
    with_helpers_for,
)

LOGIN = {"auth": "eDp5"}


@pytest.mark.parametrize(
    ("config", "hosts"),
    [
        ({}, set()),
        ({"auths": {}}, set()),
        ({"auths": {"quay.io": {"auth": "eDp5"}}}, {"quay.io"}),
        (
            {"auths": {"https://quay.io": LOGIN, "http://a.example:5000/": LOGIN}},
            {"quay.io", "a.example:5000"},
        ),
        ({"auths": {"Quay.io/team/app": LOGIN}}, {"quay.io"}),
        ({"auths": {"https://index.docker.io/v1/": LOGIN}}, {"docker.io"}),
        ({"auths": {"docker.io": LOGIN}}, {"docker.io"}),
        ({"auths": {"registry-1.docker.io": LOGIN}}, {"docker.io"}),
        ({"credHelpers": {"ghcr.io": "secretservice"}}, {"ghcr.io"}),
        ({"auths": {"quay.io": LOGIN}, "credHelpers": {"ghcr.io": "x"}}, {"quay.io", "ghcr.io"}),
        ({"credsStore": "desktop"}, {"*"}),
        ({"credsStore": "desktop", "auths": {"quay.io": LOGIN}}, {"*", "quay.io"}),
        ({"credsStore": "desktop", "auths": {"quay.io": {}}}, {"*"}),
        ({"auths": {"quay.io": {}}}, set()),
        ({"auths": {"quay.io": {"auth": "", "email": "a@b.example"}}}, set()),
        ({"auths": {"quay.io": {"identitytoken": "t"}}}, {"quay.io"}),
        ({"credsStore": ""}, set()),
        ({"auths": {"[::1]:5000": LOGIN}}, {"[::1]:5000"}),
        ({"auths": {}, "HttpHeaders": {"User-Agent": "x"}}, set()),
    ],
)
def test_the_hosts_that_have_a_login(config: object, hosts: set[str]) -> None:
    assert hosts_with_login(json.dumps(config)) == hosts


@pytest.mark.parametrize(
    "text",
    [
        "",
        "s3cr3t",
        "[]",
        "null",
        '"s3cr3t"',
        '{"auths": []}',
        '{"auths": "s3cr3t"}',
        '{"auths": null}',
        '{"credHelpers": 1}',
        '{"auths": {"quay.io": "s3cr3t"}}',
        '{"auths": {"quay.io": LOGIN, "ghcr.io": null}}'.replace("LOGIN", json.dumps(LOGIN)),
        '{"credHelpers": {"quay.io": ["s3cr3t"]}}',
        '{"quay.io": {"auth": "s3cr3t"}}',
        '\ufeff{"auths": {}}',
        "[" * 100_000,
        "9" * 10_000,
    ],
)
def test_what_is_no_configuration_is_refused_without_a_word_of_it(text: str) -> None:
    with pytest.raises(InvalidDockerConfigError) as caught:
        hosts_with_login(text)
    assert not str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_written_file_holds_one_login() -> None:
    encoded = base64.b64encode('robot:"quoted" wörd'.encode()).decode()

    text = auth_file("registry.example.com:8443", encoded)

    assert hosts_with_login(text) == {"registry.example.com:8443"}
    assert json.loads(text)["auths"]["registry.example.com:8443"] == {"auth": encoded}


def test_a_store_becomes_the_helper_of_each_host_that_has_nothing_of_its_own() -> None:
    config = {
        "auths": {"quay.io": LOGIN, "ghcr.io": {}},
        "credHelpers": {"a.example": "own"},
        "credsStore": "desktop",
        "HttpHeaders": {"X": "y"},
    }

    text = with_helpers_for(
        json.dumps(config), ["quay.io", "ghcr.io", "a.example", "docker.io", "b.example:5000"]
    )

    helpers = {
        "a.example": "own",
        "ghcr.io": "desktop",
        "docker.io": "desktop",
        "b.example:5000": "desktop",
    }
    assert json.loads(text) == {**config, "credHelpers": helpers}


def test_without_a_store_a_configuration_stays_as_it_is() -> None:
    text = '{"auths":  {"quay.io": {}}}'
    assert with_helpers_for(text, ["quay.io", "ghcr.io"]) == text


@given(st.text())
def test_whatever_the_text_it_is_hosts_or_refused(text: str) -> None:
    with contextlib.suppress(InvalidDockerConfigError):
        assert isinstance(hosts_with_login(text), frozenset)
