"""What is read of a docker `config.json`, and what is written for skopeo."""

import base64
import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_mirror.docker_config import (
    Flaw,
    InvalidDockerConfigError,
    auth_file,
    flawed_accounts,
    hosts_with_login,
    with_helpers_for,
    without_unreadable,
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
        ({"auths": {"quay.io": {"auth": "x:y"}}}, set()),
        ({"auths": {"quay.io": {"auth": "base64(x:y)"}}}, set()),
        ({"auths": {"quay.io": {"auth": base64.b64encode(b"token").decode()}}}, set()),
        ({"auths": {"quay.io": {"auth": "eD\np5\r\n"}}}, {"quay.io"}),
        ({"auths": {"quay.io": {"auth": "eDp5eg"}}}, {"quay.io"}),
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


def flaws(config: object, *, helpers: bool = False) -> list[tuple[str | None, Flaw, str]]:
    found = flawed_accounts(json.dumps(config), lambda _: helpers)
    return [(account.host, account.flaw, account.helper) for account in found]


def pair(text: str) -> dict[str, str]:
    return {"auth": base64.b64encode(text.encode()).decode()}


@pytest.mark.parametrize(
    ("config", "flawed"),
    [
        ({}, []),
        ({"auths": {"quay.io": LOGIN}}, []),
        ({"auths": {"quay.io": {"username": "x", "password": "y"}}}, []),
        ({"auths": {"quay.io": {"identitytoken": "t"}}}, []),
        ({"auths": {"quay.io": {**pair("x:"), "identitytoken": "t"}}}, []),
        ({"auths": {"quay.io": {**pair("x"), "registrytoken": "t"}}}, []),
        ({"auths": {"quay.io": pair("x:y\0")}}, []),
        ({"auths": {"quay.io": pair("x:y:z")}}, []),
        ({"auths": {"quay.io": {"auth": "x:y"}}}, [("quay.io", Flaw.NOT_BASE64, "")]),
        ({"auths": {"quay.io": {"auth": "eDp5=="}}}, []),
        ({"auths": {"quay.io": {"auth": "eDp5 eg=="}}}, [("quay.io", Flaw.NOT_BASE64, "")]),
        ({"auths": {"quay.io": {"auth": "密码"}}}, [("quay.io", Flaw.NOT_BASE64, "")]),
        ({"auths": {"https://quay.io/v2/": pair("x")}}, [("quay.io", Flaw.NO_PAIR, "")]),
        ({"auths": {"quay.io": pair(":y")}}, [("quay.io", Flaw.NO_PAIR, "")]),
        ({"auths": {"quay.io": pair("x:y\n")}}, [("quay.io", Flaw.LINE_BREAK, "")]),
        ({"auths": {"quay.io": pair("x\ny:z")}}, [("quay.io", Flaw.LINE_BREAK, "")]),
        ({"auths": {"quay.io": pair("x:")}}, [("quay.io", Flaw.NO_PASSWORD, "")]),
        ({"auths": {"quay.io": {}}}, [("quay.io", Flaw.EMPTY, "")]),
        ({"auths": {"quay.io": {"auth": 5}}}, [("quay.io", Flaw.EMPTY, "")]),
        (
            {"auths": {"quay.io": {}, "ghcr.io": LOGIN}, "credsStore": "desktop"},
            [("quay.io", Flaw.HELPER, "desktop")],
        ),
        (
            {"auths": {"quay.io": {}}, "credHelpers": {"quay.io": "own"}},
            [("quay.io", Flaw.HELPER, "own")],
        ),
        ({"credHelpers": {"quay.io": "own"}}, [("quay.io", Flaw.HELPER, "own")]),
        (
            {"auths": {"quay.io": LOGIN}, "credsStore": "desktop"},
            [(None, Flaw.HELPER, "desktop")],
        ),
        (
            {"auths": {"a.example": {"auth": "?"}, "b.example": {}}},
            [("a.example", Flaw.NOT_BASE64, ""), ("b.example", Flaw.EMPTY, "")],
        ),
    ],
)
def test_accounts_that_are_of_no_use(
    config: object, flawed: list[tuple[str | None, Flaw, str]]
) -> None:
    assert flaws(config) == flawed
    installed = flaws(config, helpers=True)
    assert installed == [account for account in flawed if account[1] is not Flaw.HELPER]


def test_an_account_that_is_not_base64_is_left_out_of_what_skopeo_reads() -> None:
    config = {
        "auths": {"quay.io": {"auth": "x:y"}, "ghcr.io": LOGIN, "a.example": {}},
        "HttpHeaders": {"X": "y"},
    }
    left = json.loads(without_unreadable(json.dumps(config)))
    assert left == {**config, "auths": {"ghcr.io": LOGIN, "a.example": {}}}
    text = '{"auths":  {"quay.io": {"auth": "eDp5"}}}'
    assert without_unreadable(text) == text


def test_a_written_file_holds_one_login() -> None:
    encoded = base64.b64encode('robot:"quoted" wörd'.encode()).decode()

    text = auth_file("registry.example.com:8443", encoded)

    assert hosts_with_login(text) == {"registry.example.com:8443"}
    assert flaws(json.loads(text)) == []
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


@given(
    st.text(min_size=1).filter(lambda user: ":" not in user and not {"\r", "\n"} & set(user)),
    st.text(min_size=1).filter(lambda word: word.rstrip("\0") and not {"\r", "\n"} & set(word)),
)
def test_whatever_the_account_it_is_one_once_it_is_encoded(user: str, password: str) -> None:
    config = {"auths": {"quay.io": pair(f"{user}:{password}")}}
    assert flaws(config) == []
    assert hosts_with_login(json.dumps(config)) == {"quay.io"}
