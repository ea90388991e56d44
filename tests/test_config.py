"""Settings: every row of the table of settings, and what is said where one is wrong."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_mirror import config
from registry_mirror.config import (
    Needs,
    RequestPolicy,
    Runner,
    Settings,
    read_language,
    read_runner,
    read_settings,
)
from registry_mirror.engines import EngineName
from registry_mirror.errors import Code, ConfigurationInvalidError, Problem
from registry_mirror.naming import Naming, Target
from registry_mirror.oci.platform import (
    DEFAULT_SELECTION,
    EveryPlatform,
    OnlyPlatforms,
    Platform,
)
from registry_mirror.plan import Format
from registry_mirror.report.setting_examples import VARIABLES as VARIABLE_EXAMPLES
from registry_mirror.secret import Login, Secret
from registry_mirror.text import Language

TARGET = {"TARGET_REGISTRY": "registry.example.com", "TARGET_NAMESPACE": "team"}
NATIVE = {"MIRROR_ENGINE": "native"}
PASSWORD = 'it\'s "not" a real pass wörd'
AMD64 = Platform("linux", "amd64")
ARM64 = Platform("linux", "arm64")


def read(values: Mapping[str, str], needs: Needs = Needs.NAMES) -> Settings:
    return read_settings(values, needs=needs)


def problems(values: Mapping[str, str], needs: Needs = Needs.NAMES) -> tuple[Problem, ...]:
    with pytest.raises(ConfigurationInvalidError) as caught:
        read_settings(values, needs=needs)
    return caught.value.problems


def named(values: Mapping[str, str], needs: Needs = Needs.NAMES) -> list[tuple[str, str]]:
    return [(problem.code.value, problem.text) for problem in problems(values, needs)]


def said(problem: Problem) -> str:
    return "\n".join(
        text.say(language) for text in (problem.reason, problem.hint) for language in Language
    )


def field(settings: Settings, name: str) -> object:
    value: object = getattr(settings, name)
    return value


# The variable, the field it fills, its default, and values with what they mean.
SETTINGS: list[tuple[str, str, object, dict[str, object]]] = [
    (
        "MIRROR_ALL",
        "selection",
        DEFAULT_SELECTION,
        {
            "true": EveryPlatform(),
            "True": EveryPlatform(),
            "1": EveryPlatform(),
            "yes": EveryPlatform(),
            "ON": EveryPlatform(),
            "false": DEFAULT_SELECTION,
            "0": DEFAULT_SELECTION,
            "no": DEFAULT_SELECTION,
            "off": DEFAULT_SELECTION,
        },
    ),
    (
        "MIRROR_PLATFORMS",
        "selection",
        OnlyPlatforms((AMD64,)),
        {
            "linux/arm64": OnlyPlatforms((ARM64,)),
            "linux/amd64,linux/arm64": OnlyPlatforms((AMD64, ARM64)),
            "linux/amd64, linux/arm64,": OnlyPlatforms((AMD64, ARM64)),
            "linux/amd64 linux/arm64": OnlyPlatforms((AMD64, ARM64)),
            "linux/amd64，linux/arm64": OnlyPlatforms((AMD64, ARM64)),
            "linux/arm64,linux/arm64": OnlyPlatforms((ARM64,)),
            "linux/arm/v7": OnlyPlatforms((Platform("linux", "arm", "v7"),)),
            ",": DEFAULT_SELECTION,
        },
    ),
    (
        "MIRROR_FORMAT",
        "format",
        Format.V2S2,
        {"v2s2": Format.V2S2, "oci": Format.OCI, "SOURCE": Format.SOURCE},
    ),
    (
        "MIRROR_ENGINE",
        "engine",
        EngineName.NATIVE,
        {"skopeo": EngineName.SKOPEO, "Native": EngineName.NATIVE},
    ),
    ("MAX_PARALLEL", "parallel", 5, {"1": 1, "64": 64, "08": 8}),
    ("MAX_CONNECTIONS", "connections", 32, {"1": 1, "1024": 1024}),
    ("MAX_RETRIES", "retries", 3, {"0": 0, "20": 20}),
    ("IMAGE_TIMEOUT", "timeout", 3600, {"1": 1, "604800": 604800}),
    (
        "INSECURE_HOSTS",
        "insecure_hosts",
        frozenset(),
        {
            "a.example": frozenset({"a.example"}),
            "A.example:5000, http://b/ [::1]:80": frozenset({"a.example:5000", "b", "[::1]:80"}),
        },
    ),
    ("NAMING", "naming", Naming.FLAT, {"flat": Naming.FLAT, "PATH": Naming.PATH}),
    ("MAX_IMAGES", "max_images", None, {"1": 1, "100000": 100_000}),
    (
        "ALLOW_PRIVATE_HOSTS",
        "allow_private_hosts",
        frozenset(),
        {"a.internal,b.internal:5000": frozenset({"a.internal", "b.internal:5000"})},
    ),
    (
        "REQUEST_POLICY",
        "policy",
        RequestPolicy.APPROVAL,
        {policy.value: policy for policy in RequestPolicy},
    ),
    ("REPORT_LANGUAGE", "language", Language.ZH, {"zh": Language.ZH, "EN": Language.EN}),
    (
        "PULL_REGISTRY",
        "pull_registry",
        None,
        {
            "registry-vpc.example.com": "registry-vpc.example.com",
            "https://Pull.example.com:8443/": "pull.example.com:8443",
        },
    ),
]


@pytest.mark.parametrize(("variable", "name", "default", "values"), SETTINGS)
def test_a_setting_has_its_default_and_its_values(
    variable: str, name: str, default: object, values: dict[str, object]
) -> None:
    assert field(read({}), name) == default
    for text, value in values.items():
        assert field(read(NATIVE | {variable: text}), name) == value, text


@pytest.mark.parametrize(("variable", "name", "default", "values"), SETTINGS)
def test_an_empty_setting_is_unset(
    variable: str, name: str, default: object, values: dict[str, object]
) -> None:
    del values
    for empty in ("", " ", "\n", "\t \r\n"):
        settings = read({variable: empty})
        assert field(settings, name) == default
        assert settings.warnings == ()


def test_every_setting_empty_is_as_if_none_were_set() -> None:
    empty = {variable: "" for variable, *_ in SETTINGS} | {
        "SSL_CERT_FILE": "",
        "SOURCE_AUTH_JSON": "",
        "TARGET_REGISTRY_USER": "",
        "TARGET_REGISTRY_PASSWORD": "",
    }
    plain = read(TARGET, Needs.TARGET)
    settings = read(TARGET | empty, Needs.TARGET)

    assert [field(settings, name) for _, name, *_ in SETTINGS] == [
        field(plain, name) for _, name, *_ in SETTINGS
    ]
    assert (settings.ca_file, settings.source_auth, settings.target_login) == (None, None, None)


@pytest.mark.parametrize(("variable", "name", "default", "values"), SETTINGS)
def test_white_space_around_a_setting_is_stripped_with_one_warning(
    variable: str, name: str, default: object, values: dict[str, object]
) -> None:
    del default
    text, value = next(iter(values.items()))

    settings = read({variable: f" {text}\r\n"})

    assert field(settings, name) == value
    (warning,) = settings.warnings
    for language in Language:
        assert warning.say(language).startswith(variable)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("MIRROR_ALL", "maybe"),
        ("MIRROR_ALL", "2"),
        ("MIRROR_PLATFORMS", "amd64"),
        ("MIRROR_PLATFORMS", "linux/amd64,arm64"),
        ("MIRROR_PLATFORMS", "linux/arm/v7/x"),
        ("MIRROR_PLATFORMS", "linux/x86_64"),
        ("MIRROR_PLATFORMS", "Linux/AMD64"),
        ("MIRROR_FORMAT", "v2s1"),
        ("MIRROR_ENGINE", "crane"),
        ("NAMING", "deep"),
        ("REQUEST_POLICY", "nobody"),
        ("REPORT_LANGUAGE", "fr"),
        ("MAX_PARALLEL", "0"),
        ("MAX_PARALLEL", "65"),
        ("MAX_PARALLEL", "-1"),
        ("MAX_PARALLEL", "5.0"),
        ("MAX_PARALLEL", "five"),
        ("MAX_PARALLEL", "٥"),
        ("MAX_PARALLEL", "9" * 5000),
        ("MAX_CONNECTIONS", "0"),
        ("MAX_CONNECTIONS", "1025"),
        ("MAX_RETRIES", "21"),
        ("MAX_RETRIES", "-1"),
        ("IMAGE_TIMEOUT", "0"),
        ("IMAGE_TIMEOUT", "604801"),
        ("IMAGE_TIMEOUT", "1h"),
        ("MAX_IMAGES", "0"),
        ("MAX_IMAGES", "100001"),
        ("INSECURE_HOSTS", "a.example,b/c"),
        ("ALLOW_PRIVATE_HOSTS", "10.0.0.0/8"),
        ("PULL_REGISTRY", "a.example/team"),
        ("PULL_REGISTRY", "user@a.example"),
        ("PULL_REGISTRY", "harbor"),
        ("TARGET_REGISTRY", "harbor"),
        ("TARGET_REGISTRY", "https://Harbor/"),
        ("TARGET_REGISTRY", "a b"),
        ("TARGET_REGISTRY", "https://"),
        ("TARGET_REGISTRY", "///"),
        ("TARGET_REGISTRY", "ftp://a.example"),
        ("TARGET_REGISTRY", "a.example:port"),
        ("TARGET_REGISTRY", "::1"),
        ("TARGET_NAMESPACE", "Team"),
        ("TARGET_NAMESPACE", "/"),
        ("TARGET_NAMESPACE", "a//b"),
        ("TARGET_NAMESPACE", "-a"),
        ("SSL_CERT_FILE", "/nowhere/ca.pem"),
        ("SSL_CERT_FILE", "x" * 5000),
        ("SOURCE_AUTH_JSON", "not json"),
        ("SOURCE_AUTH_JSON", '{"auths": {"quay.io": "robot"}}'),
    ],
)
def test_a_wrong_value_is_named_with_what_would_be_right(variable: str, value: str) -> None:
    (problem,) = problems({variable: value})

    assert (problem.code, problem.text, problem.line) == (Code.BAD_SETTING, variable, None)
    for language in Language:
        assert problem.reason.say(language)
        assert problem.hint.say(language)


@pytest.mark.parametrize(
    ("variable", "value", "hint"),
    [
        ("MAX_PARALLEL", "99", "default of 5"),
        ("MIRROR_FORMAT", "v2s1", "one of v2s2, oci, source"),
        ("MIRROR_ENGINE", "crane", "one of native, skopeo"),
        ("MIRROR_ALL", "maybe", "one of true, false"),
        ("MIRROR_PLATFORMS", "amd64", "linux/amd64,linux/arm64"),
        ("TARGET_REGISTRY", "harbor", "harbor:443"),
        ("PULL_REGISTRY", "harbor", "harbor:443"),
        ("SOURCE_AUTH_JSON", "x", '{"auths": {"HOST": {"auth": "base64(user:password)"}}}'),
    ],
)
def test_a_hint_says_what_there_is_to_choose(variable: str, value: str, hint: str) -> None:
    (problem,) = problems({variable: value})
    assert hint in problem.hint.say(Language.EN)


def test_the_bounds_of_a_number_are_told() -> None:
    (problem,) = problems({"MAX_PARALLEL": "65"})
    assert problem.reason.say(Language.EN) == "not a whole number from 1 to 64"
    assert problem.reason.say(Language.ZH) == "不是 1 到 64 之间的整数"


def test_every_platform_excludes_some() -> None:
    (problem,) = problems({"MIRROR_ALL": "true", "MIRROR_PLATFORMS": "linux/amd64"})
    assert (problem.code, problem.text) == (Code.BAD_SETTING, "MIRROR_ALL")
    assert "MIRROR_PLATFORMS" in problem.reason.say(Language.EN)


def test_every_platform_turned_off_leaves_the_others_alone() -> None:
    settings = read({"MIRROR_ALL": "false", "MIRROR_PLATFORMS": "linux/arm64"})
    assert settings.selection == OnlyPlatforms((ARM64,))


def test_several_platforms_are_for_an_engine_that_can_copy_them() -> None:
    several = {"MIRROR_PLATFORMS": "linux/amd64,linux/arm64", "MIRROR_ENGINE": "skopeo"}
    (problem,) = problems(several)
    assert (problem.code, problem.text) == (Code.BAD_SETTING, "MIRROR_PLATFORMS")
    assert "MIRROR_ENGINE=native" in problem.hint.say(Language.EN)
    assert read(several | NATIVE).selection == OnlyPlatforms((AMD64, ARM64))


@pytest.mark.parametrize("variable", VARIABLE_EXAMPLES)
def test_what_people_are_shown_as_an_example_is_taken(variable: str) -> None:
    assert read(NATIVE | {variable: VARIABLE_EXAMPLES[variable]}).warnings == ()


def test_a_command_has_its_own_default_for_the_number_of_images() -> None:
    assert read_settings({}, needs=Needs.NAMES, max_images=100).max_images == 100
    given_one = read_settings({"MAX_IMAGES": "200"}, needs=Needs.NAMES, max_images=100)
    assert given_one.max_images == 200


# The target.


@pytest.mark.parametrize(
    ("value", "registry", "warned"),
    [
        ("registry.example.com", "registry.example.com", False),
        ("Registry.Example.COM", "registry.example.com", False),
        ("registry.example.com:8443", "registry.example.com:8443", False),
        ("https://registry.example.com", "registry.example.com", True),
        ("HTTPS://registry.example.com/", "registry.example.com", True),
        ("http://registry.example.com:5000/", "registry.example.com:5000", True),
        ("registry.example.com/", "registry.example.com", True),
        ("registry.example.com//", "registry.example.com", True),
        ("localhost:5000", "localhost:5000", False),
        ("10.1.2.3:5000", "10.1.2.3:5000", False),
        ("[::1]:5000", "[::1]:5000", False),
        ("[2001:DB8::1]", "[2001:db8::1]", False),
    ],
)
def test_a_registry_is_understood_as_it_is_pasted(
    value: str, registry: str, *, warned: bool
) -> None:
    settings = read(TARGET | {"TARGET_REGISTRY": value}, Needs.TARGET)

    assert settings.target == Target(registry, "team")
    assert len(settings.warnings) == warned


@pytest.mark.parametrize(
    ("value", "namespace"),
    [("team", "team"), ("a/b/c", "a/b/c"), ("/team/", "team"), ("team_a", "team_a")],
)
def test_a_namespace_may_have_several_parts(value: str, namespace: str) -> None:
    settings = read(TARGET | {"TARGET_NAMESPACE": value}, Needs.TARGET)
    assert settings.target == Target("registry.example.com", namespace)


@pytest.mark.parametrize(
    ("value", "registry"),
    [
        ("hub.docker.com", "docker.io"),
        ("https://hub.docker.com/r/team/app", "docker.io"),
        ("https://Hub.Docker.com/repositories/team?page=1", "docker.io"),
        ("github.com", "ghcr.io"),
        ("https://github.com/orgs/team/packages", "ghcr.io"),
        ("gitlab.com", "registry.gitlab.com"),
        ("gallery.ecr.aws", "public.ecr.aws"),
        ("https://eu-west-1.console.aws.amazon.com/ecr/home", ".dkr.ecr.REGION.amazonaws.com"),
        ("cn-north-1.console.amazonaws.cn", ".dkr.ecr.REGION.amazonaws.com.cn"),
        ("https://console.cloud.google.com/artifacts?project=a", "REGION-docker.pkg.dev"),
        ("portal.azure.com", "NAME.azurecr.io"),
        ("cr.console.aliyun.com", "registry.REGION.aliyuncs.com"),
        ("https://cr.console.aliyun.com/cn-beijing/instances", "registry.REGION.aliyuncs.com"),
        ("console.huaweicloud.com/swr/", "swr.REGION.myhuaweicloud.com"),
        ("https://console.cloud.tencent.com/tcr", "ccr.ccs.tencentyun.com"),
    ],
)
@pytest.mark.parametrize("setting", ["TARGET_REGISTRY", "PULL_REGISTRY"])
def test_a_console_is_no_registry_but_tells_which_is_meant(
    setting: str, value: str, registry: str
) -> None:
    (problem,) = problems({setting: value})

    assert (problem.code, problem.text) == (Code.BAD_SETTING, setting)
    assert "web page or console" in str(problem.reason)
    for language in Language:
        hint = problem.hint.say(language)
        assert registry in hint
        assert ("大写" in hint or "capitals" in hint) == (registry != registry.lower())


@pytest.mark.parametrize(
    "value",
    [
        "docker.io",
        "quay.io",
        "ghcr.io",
        "public.ecr.aws",
        "github.com.example.com",
        "console.aliyun.example.com",
        "registry.cn-beijing.aliyuncs.com",
        "registry.gitlab.com",
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
        "team.azurecr.io",
    ],
)
def test_a_registry_is_taken_for_no_console(value: str) -> None:
    settings = read(TARGET | {"TARGET_REGISTRY": value}, Needs.TARGET)
    assert settings.target == Target(value, "team")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("https://quay.io/repository/team/app?tab=tags", ("TARGET_NAMESPACE", " team ")),
        ("quay.io/organization/team", ("TARGET_NAMESPACE", " team ")),
        ("quay.io/team", ("TARGET_NAMESPACE", " team ")),
        ("https://nexus.example.com/repository/docker", (" repository/docker ",)),
        (
            "https://h.example.com:8443/harbor/projects/3/repositories",
            ("h.example.com:8443", "TARGET_NAMESPACE"),
        ),
    ],
)
def test_a_page_at_the_host_of_its_registry_tells_what_belongs_where(
    value: str, shown: tuple[str, ...]
) -> None:
    (problem,) = problems({"TARGET_REGISTRY": value})

    for language in Language:
        hint = problem.hint.say(language)
        assert all(text in hint for text in shown), hint
        assert "projects/3" not in hint


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("registry.example.com/team", "team"),
        ("registry.example.com/team/sub/", "team/sub"),
        ("https://registry.example.com/team/", "team"),
        ("HTTPS://registry.example.com/team", "team"),
    ],
)
def test_a_path_in_the_registry_is_shown_its_place(value: str, path: str) -> None:
    (problem,) = problems({"TARGET_REGISTRY": value})

    assert problem.code is Code.BAD_SETTING
    for language in Language:
        assert f" {path} " in problem.hint.say(language)
        assert "TARGET_NAMESPACE" in problem.hint.say(language)


@pytest.mark.parametrize("value", ["https://", "///", "ftp://registry.example.com", "a b"])
def test_what_is_no_path_is_not_taken_for_one(value: str) -> None:
    (problem,) = problems({"TARGET_REGISTRY": value})
    assert "TARGET_NAMESPACE" not in said(problem)


def test_white_space_around_the_registry_is_warned_of_once() -> None:
    settings = read(TARGET | {"TARGET_REGISTRY": " registry.example.com\n"}, Needs.TARGET)
    assert settings.target == Target("registry.example.com", "team")
    assert len(settings.warnings) == 1


# What a command needs.


def test_names_need_nothing() -> None:
    settings = read({}, Needs.NAMES)
    assert (settings.target, settings.target_login) == (None, None)


def test_names_are_told_with_half_a_login() -> None:
    assert read({"TARGET_REGISTRY_USER": "robot"}, Needs.NAMES).target_login is None


@pytest.mark.parametrize(
    ("values", "missing"),
    [
        ({}, ["TARGET_REGISTRY", "TARGET_NAMESPACE"]),
        ({"TARGET_REGISTRY": "a.example"}, ["TARGET_NAMESPACE"]),
        ({"TARGET_NAMESPACE": "team"}, ["TARGET_REGISTRY"]),
        ({"TARGET_REGISTRY": " ", "TARGET_NAMESPACE": ""}, ["TARGET_REGISTRY", "TARGET_NAMESPACE"]),
        (TARGET | {"TARGET_REGISTRY_USER": "robot"}, ["TARGET_REGISTRY_PASSWORD"]),
        (TARGET | {"TARGET_REGISTRY_PASSWORD": PASSWORD}, ["TARGET_REGISTRY_USER"]),
    ],
)
@pytest.mark.parametrize("needs", [Needs.TARGET, Needs.LOGIN])
def test_what_is_missing_is_named(values: dict[str, str], missing: list[str], needs: Needs) -> None:
    login = ["TARGET_REGISTRY_USER", "TARGET_REGISTRY_PASSWORD"]
    if needs is Needs.LOGIN and not values.keys() & set(login):
        missing = [*missing, *login]
    assert named(values, needs) == [("missing-setting", name) for name in missing]


def test_a_public_target_needs_a_login_where_nobody_has_logged_in() -> None:
    assert named(TARGET, Needs.LOGIN) == [
        ("missing-setting", "TARGET_REGISTRY_USER"),
        ("missing-setting", "TARGET_REGISTRY_PASSWORD"),
    ]
    assert read(TARGET, Needs.TARGET).target_login is None


def test_a_wrong_registry_does_not_hide_that_the_login_is_missing() -> None:
    assert named(TARGET | {"TARGET_REGISTRY": "a/b"}, Needs.LOGIN) == [
        ("bad-setting", "TARGET_REGISTRY"),
        ("missing-setting", "TARGET_REGISTRY_USER"),
        ("missing-setting", "TARGET_REGISTRY_PASSWORD"),
    ]


def test_a_local_registry_does_not_hide_that_the_namespace_is_missing() -> None:
    assert named({"TARGET_REGISTRY": "localhost:5000"}, Needs.LOGIN) == [
        ("missing-setting", "TARGET_NAMESPACE")
    ]


@pytest.mark.parametrize("registry", ["127.0.0.1:5000", "localhost", "[::1]:5000"])
def test_a_target_on_loopback_needs_no_login(registry: str) -> None:
    assert read(TARGET | {"TARGET_REGISTRY": registry}, Needs.LOGIN).target_login is None


@pytest.mark.parametrize("listed", ["registry.example.com", "registry.example.com:5000"])
def test_an_insecure_target_needs_no_login(listed: str) -> None:
    values = TARGET | {"TARGET_REGISTRY": "registry.example.com:5000", "INSECURE_HOSTS": listed}
    assert read(values, Needs.LOGIN).target_login is None


def test_a_user_with_a_colon_can_never_log_in() -> None:
    login = {"TARGET_REGISTRY_USER": "robot:s3cr3t", "TARGET_REGISTRY_PASSWORD": PASSWORD}
    (problem,) = problems(TARGET | login, Needs.TARGET)
    assert (problem.code, problem.text) == (Code.BAD_SETTING, "TARGET_REGISTRY_USER")
    assert "s3cr3t" not in said(problem)


def test_a_login_is_taken_as_it_is_given() -> None:
    login = {"TARGET_REGISTRY_USER": "user@corp", "TARGET_REGISTRY_PASSWORD": PASSWORD}
    settings = read(TARGET | login, Needs.LOGIN)
    assert settings.target_login == Login("user@corp", Secret(PASSWORD))


def test_everything_wrong_is_told_at_once() -> None:
    values = {
        "TARGET_REGISTRY": "a.example/team",
        "TARGET_REGISTRY_USER": "robot",
        "SOURCE_AUTH_JSON": "[]",
        "MIRROR_FORMAT": "v3",
        "MAX_PARALLEL": "many",
        "INSECURE_HOSTS": "a/b",
        "NAMING": "deep",
    }
    assert sorted(named(values, Needs.LOGIN)) == [
        ("bad-setting", "INSECURE_HOSTS"),
        ("bad-setting", "MAX_PARALLEL"),
        ("bad-setting", "MIRROR_FORMAT"),
        ("bad-setting", "NAMING"),
        ("bad-setting", "SOURCE_AUTH_JSON"),
        ("bad-setting", "TARGET_REGISTRY"),
        ("missing-setting", "TARGET_NAMESPACE"),
        ("missing-setting", "TARGET_REGISTRY_PASSWORD"),
    ]


# The docker configuration.

LOGIN = {"auth": "eDp5"}


def docker_config(folder: Path, content: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "config.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("registry", "content"),
    [
        ("registry.example.com", {"auths": {"registry.example.com": {"auth": "eDp5"}}}),
        ("registry.example.com", {"auths": {"https://registry.example.com": {"auth": "eDp5"}}}),
        ("registry.example.com", {"auths": {"registry.example.com/team": {"auth": "eDp5"}}}),
        ("registry.example.com", {"credHelpers": {"registry.example.com": "ecr-login"}}),
        ("registry.example.com", {"credsStore": "desktop"}),
        ("registry.example.com:8443", {"auths": {"registry.example.com:8443": LOGIN}}),
        ("docker.io", {"auths": {"https://index.docker.io/v1/": {"auth": "eDp5"}}}),
    ],
)
def test_a_host_with_a_login_in_the_docker_configuration_needs_no_other(
    tmp_path: Path, registry: str, content: object
) -> None:
    path = docker_config(tmp_path / ".docker", content)
    values = TARGET | {"TARGET_REGISTRY": registry, "HOME": str(tmp_path)}
    assert read(values, Needs.LOGIN).docker_config == path


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"auths": {"other.example.com": {"auth": "eDp5"}}},
        {"auths": {"registry.example.com": {}}},
        {"auths": {"registry.example.com:8443": {"auth": "eDp5"}}},
        {"credHelpers": {"other.example.com": "ecr-login"}},
        {"credsStore": ""},
        {"auths": None},
        "not json",
        "[" * 100_000,
        "\udcff",
    ],
)
def test_a_docker_configuration_without_the_host_is_no_login(
    tmp_path: Path, content: object
) -> None:
    path = tmp_path / "auth.json"
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_bytes(text.encode("utf-8", "surrogateescape"))

    assert named(TARGET | {"REGISTRY_AUTH_FILE": str(path)}, Needs.LOGIN) == [
        ("missing-setting", "TARGET_REGISTRY_USER"),
        ("missing-setting", "TARGET_REGISTRY_PASSWORD"),
    ]


def test_the_docker_configuration_is_looked_for_where_docker_and_skopeo_do(tmp_path: Path) -> None:
    home = docker_config(tmp_path / "home/.docker", {})
    folder = docker_config(tmp_path / "docker", {})
    named_file = docker_config(tmp_path / "auth", {})
    values = {
        "REGISTRY_AUTH_FILE": str(named_file),
        "DOCKER_CONFIG": str(folder.parent),
        "HOME": str(tmp_path / "home"),
    }

    assert read(values).docker_config == named_file
    assert read(values | {"REGISTRY_AUTH_FILE": ""}).docker_config == folder
    assert read({"HOME": values["HOME"], "DOCKER_CONFIG": " "}).docker_config == home
    assert read({"HOME": str(tmp_path / "empty")}).docker_config is None
    assert read({}).docker_config is None


def test_a_named_configuration_that_is_absent_is_not_replaced_by_another(tmp_path: Path) -> None:
    docker_config(tmp_path / ".docker", {})
    values = {"HOME": str(tmp_path), "REGISTRY_AUTH_FILE": str(tmp_path / "absent.json")}
    assert read(values).docker_config is None


def test_a_file_of_authorities_must_exist(tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    path.touch()
    assert read({"SSL_CERT_FILE": str(path)}).ca_file == path
    assert named({"SSL_CERT_FILE": str(tmp_path)}) == [("bad-setting", "SSL_CERT_FILE")]


# Secrets.

SOURCE_AUTH = json.dumps(
    {"auths": {"quay.io": {"auth": base64.b64encode(b"robot:s3cr3t-word").decode()}}}
)


def test_the_source_logins_are_kept_as_they_are() -> None:
    settings = read({"SOURCE_AUTH_JSON": f"{SOURCE_AUTH}\n"})
    assert settings.source_auth == Secret(SOURCE_AUTH)


@pytest.mark.parametrize("content", ["{}", '{"auths": {}}', '{"credsStore": "desktop"}'])
def test_source_logins_may_be_none(content: str) -> None:
    assert read({"SOURCE_AUTH_JSON": content}).source_auth == Secret(content)


@pytest.mark.parametrize(
    "content",
    [
        "s3cr3t-word",
        '{"auths": {"quay.io": {"auth": "s3cr3t-word"}}',
        '"s3cr3t-word"',
        '["s3cr3t-word"]',
        '{"auths": "s3cr3t-word"}',
        '{"auths": ["s3cr3t-word"]}',
        '{"credHelpers": "s3cr3t-word"}',
        '{"quay.io": {"auth": "s3cr3t-word"}}',
        '{"s3cr3t-word":' + "[" * 100_000,
    ],
)
def test_wrong_source_logins_are_refused_and_never_shown(content: str) -> None:
    with pytest.raises(ConfigurationInvalidError) as caught:
        read({"SOURCE_AUTH_JSON": content})

    (problem,) = caught.value.problems
    assert (problem.code, problem.text) == (Code.BAD_SETTING, "SOURCE_AUTH_JSON")
    shown = said(problem) + repr(problem) + str(caught.value) + repr(caught.value)
    assert "s3cr3t" not in shown


def test_no_secret_shows_itself() -> None:
    secrets = {
        "TARGET_REGISTRY_USER": "robot",
        "TARGET_REGISTRY_PASSWORD": PASSWORD,
        "SOURCE_AUTH_JSON": SOURCE_AUTH,
        "GITHUB_TOKEN": "a-token",
    }
    settings = read(TARGET | secrets, Needs.LOGIN)
    runner = read_runner(RUNNER | {"GITHUB_TOKEN": "a-token"})

    shown = "".join(
        f"{value!r} {value!s} {value}"
        for value in (settings, settings.target_login, settings.source_auth, runner, runner.token)
    )
    for secret in (PASSWORD, "s3cr3t", json.loads(SOURCE_AUTH)["auths"]["quay.io"]["auth"]):
        assert secret not in shown
    assert "a-token" not in shown
    assert "***" in shown


def test_children_see_everything_but_our_secrets() -> None:
    secrets = {
        "TARGET_REGISTRY_USER": "robot",
        "TARGET_REGISTRY_PASSWORD": PASSWORD,
        "SOURCE_AUTH_JSON": SOURCE_AUTH,
        "GITHUB_TOKEN": "a-token",
        "GH_TOKEN": "a-token",
        "ACTIONS_RUNTIME_TOKEN": "a-token",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "a-token",
    }
    others = {"PATH": "/usr/bin", "HTTPS_PROXY": "http://proxy:3128", "HOME": "/nonexistent"}

    settings = read(TARGET | secrets | others, Needs.LOGIN)

    assert settings.environment == TARGET | others | {"TARGET_REGISTRY_USER": "robot"}


# Hosts that may be spoken to plainly.


@pytest.mark.parametrize(
    ("registry", "plain"),
    [
        ("a.example:5000", True),
        ("A.EXAMPLE:5000", True),
        ("a.example", False),
        ("a.example:5001", False),
        ("b.example", True),
        ("b.example:80", True),
        ("c.b.example", False),
        ("[fd00::1]:5000", True),
        ("localhost:5000", True),
        ("docker.io", False),
    ],
)
def test_plain_speech_is_for_loopback_and_named_hosts(registry: str, *, plain: bool) -> None:
    settings = read({"INSECURE_HOSTS": "a.example:5000,b.example,[FD00::1]"})
    assert settings.speaks_plainly(registry) is plain


# A runner.

RUNNER = {
    "GITHUB_EVENT_NAME": "issues",
    "GITHUB_EVENT_PATH": "/runner/event.json",
    "GITHUB_API_URL": "https://api.github.com/",
    "GITHUB_SERVER_URL": "https://github.com/",
    "GITHUB_REPOSITORY": "octo/mirror",
    "GITHUB_RUN_ID": "42",
    "GITHUB_TOKEN": "a-token",
}


def test_a_runner_is_read_whole() -> None:
    files = {"GITHUB_STEP_SUMMARY": "/runner/summary", "GITHUB_OUTPUT": "/runner/output"}
    assert read_runner(RUNNER | files) == Runner(
        event_name="issues",
        event_path=Path("/runner/event.json"),
        api_url="https://api.github.com",
        server_url="https://github.com",
        repository="octo/mirror",
        run_id="42",
        token=Secret("a-token"),
        summary_path=Path("/runner/summary"),
        output_path=Path("/runner/output"),
    )


def test_a_run_has_its_address() -> None:
    assert read_runner(RUNNER).run_url == "https://github.com/octo/mirror/actions/runs/42"


def test_a_runner_may_lack_its_files() -> None:
    runner = read_runner(RUNNER | {"GITHUB_STEP_SUMMARY": ""})
    assert (runner.summary_path, runner.output_path) == (None, None)


@pytest.mark.parametrize("variable", RUNNER)
@pytest.mark.parametrize("absent", [True, False])
def test_what_a_runner_lacks_is_named(variable: str, *, absent: bool) -> None:
    values = {name: value for name, value in RUNNER.items() if name != variable}
    with pytest.raises(ConfigurationInvalidError) as caught:
        read_runner(values if absent else RUNNER | {variable: " "})
    (problem,) = caught.value.problems
    assert (problem.code, problem.text) == (Code.MISSING_SETTING, variable)


def test_outside_of_a_runner_everything_is_named() -> None:
    with pytest.raises(ConfigurationInvalidError) as caught:
        read_runner({})
    assert {problem.text for problem in caught.value.problems} == set(RUNNER)


def test_a_language_is_there_whatever_else_is_wrong() -> None:
    assert read_language({"REPORT_LANGUAGE": "en", "MAX_PARALLEL": "x"}) is Language.EN
    assert read_language({"REPORT_LANGUAGE": "klingon"}) is Language.ZH
    assert read_language({}) is Language.ZH


# Whatever is set.

VARIABLES = [
    *(variable for variable, *_ in SETTINGS),
    "TARGET_REGISTRY",
    "TARGET_NAMESPACE",
    "TARGET_REGISTRY_USER",
    "TARGET_REGISTRY_PASSWORD",
    "SOURCE_AUTH_JSON",
    "SSL_CERT_FILE",
    "REGISTRY_AUTH_FILE",
    "DOCKER_CONFIG",
    "HOME",
    "GITHUB_TOKEN",
]
HOSTS = st.from_regex(
    r"(https?://)?(\[[a-f0-9:]*\]|[a-zA-Z0-9.-]*)(:[0-9]{0,6})?/?", fullmatch=True
)
VALUES = st.one_of(
    st.text(max_size=40),
    st.text(st.characters(categories=["Cs", "Cc", "Z"]), max_size=5),
    HOSTS,
    st.sampled_from(["{}", "[", "true", "1", "linux/amd64", "{}" * 3, '{"auths": {"": 1}}']),
)


@given(st.dictionaries(st.sampled_from(VARIABLES), VALUES), st.sampled_from(Needs))
def test_whatever_is_set_is_settings_or_problems(values: dict[str, str], needs: Needs) -> None:
    try:
        settings = read_settings(values, needs=needs)
    except ConfigurationInvalidError as error:
        for problem in error.problems:
            assert problem.code in {Code.BAD_SETTING, Code.MISSING_SETTING}
            assert problem.text in VARIABLES
            assert said(problem)
    else:
        assert settings.target or needs is Needs.NAMES
        assert not settings.environment.keys() & config.SECRETS


@given(st.text(min_size=8, alphabet="QWXYZ0123456789"))
def test_no_setting_that_may_be_secret_is_repeated(secret: str) -> None:
    values = {
        "TARGET_REGISTRY_PASSWORD": secret,
        "SOURCE_AUTH_JSON": secret,
        "TARGET_REGISTRY": f"https://user:{secret}@a.example/x",
    }
    for problem in problems(values, Needs.LOGIN):
        assert secret not in said(problem) + repr(problem)
