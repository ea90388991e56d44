"""What is read of a docker `config.json`, and what is written for skopeo."""

import base64
import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_mirror.docker_config import InvalidDockerConfigError, auth_file, hosts_with_login


@pytest.mark.parametrize(
    ("config", "hosts"),
    [
        ({}, set()),
        ({"auths": {}}, set()),
        ({"auths": {"quay.io": {"auth": "eDp5"}}}, {"quay.io"}),
        (
            {"auths": {"https://quay.io": {}, "http://a.example:5000/": {}}},
            {"quay.io", "a.example:5000"},
        ),
        ({"auths": {"Quay.io/team/app": {}}}, {"quay.io"}),
        ({"auths": {"https://index.docker.io/v1/": {}}}, {"docker.io"}),
        ({"auths": {"docker.io": {}}}, {"docker.io"}),
        ({"auths": {"registry-1.docker.io": {}}}, {"docker.io"}),
        ({"credHelpers": {"ghcr.io": "secretservice"}}, {"ghcr.io"}),
        ({"auths": {"quay.io": {}}, "credHelpers": {"ghcr.io": "x"}}, {"quay.io", "ghcr.io"}),
        ({"credsStore": "desktop"}, {"*"}),
        ({"credsStore": "desktop", "auths": {"quay.io": {}}}, {"*", "quay.io"}),
        ({"credsStore": ""}, set()),
        ({"auths": {"[::1]:5000": {}}}, {"[::1]:5000"}),
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


@given(st.text())
def test_whatever_the_text_it_is_hosts_or_refused(text: str) -> None:
    with contextlib.suppress(InvalidDockerConfigError):
        assert isinstance(hosts_with_login(text), frozenset)
