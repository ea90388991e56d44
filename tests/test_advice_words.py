"""What helps where nothing has to be looked up: by code, registry, product and clock."""

import asyncio
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from registry_mirror.advice import target_words, words
from registry_mirror.advice.advising import Adviser
from registry_mirror.advice.sources import Logins, at_source, moment
from registry_mirror.advice.targets import Product, at_target, product_of
from registry_mirror.config import Settings
from registry_mirror.errors import Code, Failure, Side
from registry_mirror.oci.format import Format
from registry_mirror.oci.platform import Selection
from registry_mirror.outcome import Failed
from registry_mirror.report.reasons import cause_of, hint_of
from registry_mirror.secret import Secret
from registry_mirror.text import Language, Text
from tests.native_runs import ALL, AMD64, copy_of

NOW = datetime(2026, 3, 1, 21, 59, 30, tzinfo=UTC)
NOBODY = Logins()


def to(host: str, selection: Selection = AMD64, format_: Format = Format.V2S2) -> Text:
    copy = copy_of("nginx:1.27", f"{host}/team/sub/nginx:1.27", selection, 1, format_)
    failure = Failure(Code.TARGET_REFUSES_FORMAT, Side.TARGET)
    return hint_of(at_target(failure, copy, "team/sub"))


def told(code: Code, host: str) -> Text:
    copy = copy_of("nginx:1.27", f"{host}/team/sub/nginx:1.27")
    return hint_of(at_target(Failure(code, Side.TARGET), copy, "team/sub"))


def limited(source: str, after: float | None, side: Side = Side.SOURCE) -> Failure:
    failure = Failure(Code.RATE_LIMITED, side, retry_after=after)
    return at_source(failure, copy_of(source, "r.example.com/m/a:1"), NOBODY, NOW)


def denied(source: str, logins: Logins = NOBODY) -> Failure:
    failure = Failure(Code.SOURCE_DENIED, Side.SOURCE)
    return at_source(failure, copy_of(source, "r.example.com/m/a:1"), logins, NOW)


@pytest.mark.parametrize(
    ("host", "product"),
    [
        ("registry.cn-beijing.aliyuncs.com", Product.ACR_PERSONAL),
        ("registry-vpc.cn-beijing.aliyuncs.com", Product.ACR_PERSONAL),
        ("crpi-0abc.cn-hangzhou.personal.cr.aliyuncs.com", Product.ACR_PERSONAL),
        ("acme-registry.cn-shanghai.cr.aliyuncs.com", Product.ACR_ENTERPRISE),
        ("acme-registry-vpc.cn-shanghai.cr.aliyuncs.com", Product.ACR_ENTERPRISE),
        ("123456789012.dkr.ecr.eu-west-1.amazonaws.com", Product.ECR),
        ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", Product.ECR),
        ("swr.cn-north-4.myhuaweicloud.com", Product.SWR),
        ("acme.tencentcloudcr.com", Product.TCR),
        ("ccr.ccs.tencentyun.com", Product.CCR),
        ("hkccr.ccs.tencentyun.com", Product.CCR),
        ("ghcr.io", Product.GHCR),
        ("docker.io", Product.DOCKER_HUB),
        ("harbor.example.com:8443", Product.HARBOR),
        ("registry.example.com", None),
        ("aliyuncs.com.example.com", None),
    ],
)
def test_a_product_is_known_by_its_host(host: str, product: Product | None) -> None:
    assert product_of(host) is product


@pytest.mark.parametrize(
    ("host", "parts"),
    [
        ("registry.cn-beijing.aliyuncs.com", ["team/sub", "Automatically Create Repository"]),
        ("acme-registry.cn-shanghai.cr.aliyuncs.com", ["team/sub", "Enterprise"]),
        (
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
            ["aws ecr create-repository --repository-name team/sub/nginx", "template"],
        ),
        ("swr.cn-north-4.myhuaweicloud.com", ["organization team/sub"]),
        ("acme.tencentcloudcr.com", ["namespace team/sub", "allow list"]),
        ("ccr.ccs.tencentyun.com", ["namespace team/sub"]),
        ("harbor.example.com", ["project team ", "Developer"]),
        ("ghcr.io", ["write:packages"]),
        ("docker.io", ["Read & Write"]),
        ("registry.example.com", ["a project on Harbor"]),
    ],
)
def test_a_missing_namespace_is_told_how_to_make(host: str, parts: list[str]) -> None:
    missing, refused = told(Code.TARGET_NOT_FOUND, host), told(Code.TARGET_DENIED, host)
    for part in parts:
        assert part in str(missing)
        assert part in str(refused) or host == "registry.example.com"
    assert "TARGET_REGISTRY_PASSWORD" in str(refused)


@pytest.mark.parametrize(
    ("code", "said", "part"),
    [
        (Code.TARGET_NOT_FOUND, "NOT_FOUND: project team not found", "create the project team"),
        (Code.TARGET_DENIED, "project library not found", "create the project team"),
        (
            Code.QUOTA_EXCEEDED,
            "adding 1.2 GiB of storage resource will exceed the configured upper limit of 10 GiB",
            "quota of the project team",
        ),
    ],
)
def test_harbor_is_known_by_its_words(code: Code, said: str, part: str) -> None:
    copy = copy_of("nginx:1.27", "registry.example.com/team/sub/nginx:1.27")
    assert part in str(hint_of(at_target(Failure(code, Side.TARGET, said), copy, "team/sub")))


def test_a_hint_of_the_engine_stays() -> None:
    mine = Text(zh="引擎自己的建议", en="a cure of the engine's own")
    copy = copy_of("nginx:1.27", "ghcr.io/team/nginx:1.27")
    for code in (Code.TARGET_NOT_FOUND, Code.TARGET_DENIED, Code.QUOTA_EXCEEDED):
        failure = Failure(code, Side.TARGET, hint=mine)
        assert at_target(failure, copy, "team") == failure


def test_a_full_target_is_told_what_to_free() -> None:
    assert "300" in str(told(Code.QUOTA_EXCEEDED, "registry.cn-beijing.aliyuncs.com"))
    assert "project team" in str(told(Code.QUOTA_EXCEEDED, "harbor.example.com"))
    assert "quota" in str(told(Code.QUOTA_EXCEEDED, "registry.example.com"))


def test_a_tag_that_may_not_change_is_offered_another() -> None:
    for host in ("registry.example.com", "harbor.example.com", "1.dkr.ecr.x.amazonaws.com"):
        assert "--as nginx:1.27-2" in str(told(Code.TAG_IMMUTABLE, host))
    mutable = "--repository-name team/sub/nginx --image-tag-mutability MUTABLE"
    assert mutable in str(told(Code.TAG_IMMUTABLE, "1.dkr.ecr.x.amazonaws.com"))


def test_a_refused_format_says_what_was_tried_and_what_to_set() -> None:
    failure = Failure(Code.TARGET_REFUSES_FORMAT, Side.TARGET, "HTTP 415")
    copy = copy_of("nginx:1.27", "r.example.com/m/nginx:1.27")
    tried = str(cause_of(at_target(failure, copy, "m")))
    assert "application/vnd.docker.distribution.manifest.v2+json" in tried
    tried = str(cause_of(at_target(failure, replace(copy, selection=ALL), "m")))
    assert "application/vnd.docker.distribution.manifest.list.v2+json" in tried
    assert "MIRROR_FORMAT=oci" in str(to("r.example.com"))
    assert "--platform" in str(to("r.example.com", ALL))
    assert "v2s2" in str(to("r.example.com", format_=Format.OCI))
    assert "v2s2" in str(to("r.example.com", ALL, Format.SOURCE))


@pytest.mark.parametrize(
    ("source", "after", "when"),
    [
        ("nginx:1", None, "2026-03-02 04:00 UTC"),
        ("nginx:1", 1800.0, "2026-03-01 22:30 UTC"),
        ("quay.io/a/b:1", 29.9, "2026-03-01 22:00 UTC"),
        ("quay.io/a/b:1", 30.0, "2026-03-01 22:00 UTC"),
        ("quay.io/a/b:1", 30.1, "2026-03-01 22:01 UTC"),
        ("quay.io/a/b:1", None, None),
        ("quay.io/a/b:1", 0.0, None),
        ("quay.io/a/b:1", 1e9, None),
        ("quay.io/a/b:1", float("inf"), None),
    ],
)
def test_a_limit_says_until_when(source: str, after: float | None, when: str | None) -> None:
    hint = str(hint_of(limited(source, after)))
    assert re.findall(r"20\d\d-.* UTC", hint) == ([when] if when else [])
    assert "account" in hint


def test_a_limit_names_whose_it_is() -> None:
    assert "quay.io" in str(cause_of(limited("quay.io/a/b:1", 5)))
    assert "r.example.com" in str(cause_of(limited("quay.io/a/b:1", 5, Side.TARGET)))


def test_a_moment_is_rounded_up_to_the_minute() -> None:
    assert moment(NOW) == "2026-03-01 22:00 UTC"
    assert moment(NOW + timedelta(seconds=30)) == "2026-03-01 22:00 UTC"
    assert moment(NOW + timedelta(seconds=30, microseconds=1)) == "2026-03-01 22:01 UTC"


def test_who_hides_what_is_private_is_named() -> None:
    for hiding in ("docker.io", "ghcr.io", "quay.io", "gcr.io"):
        said = str(cause_of(denied(f"{hiding}/a/b:1")))
        assert f"private or does not exist ({hiding} answers the same for both)" in said
    said = str(cause_of(denied("r.example.com/a/b:1")))
    assert "private or does not exist (many registries" in said


def test_an_account_that_is_there_is_the_one_to_check() -> None:
    failure = denied("ghcr.io/a/b:1", Logins(frozenset({"ghcr.io"})))
    assert "refuses the account" in str(cause_of(failure))
    assert "account for ghcr.io" in str(hint_of(failure))
    other = denied("quay.io/a/b:1", Logins(frozenset({"ghcr.io"})))
    assert "refuses the account" not in str(cause_of(other))


def test_an_account_that_can_not_be_used_is_the_one_to_put_right() -> None:
    """Whatever else is configured for that host; what is another host's matters to nobody."""
    logins = Logins(frozenset({"ghcr.io"}), flawed=frozenset({"ghcr.io"}))
    failure = denied("ghcr.io/a/b:1", logins)
    assert "its account in SOURCE_AUTH_JSON can't be used" in str(cause_of(failure))
    assert "put right the account for ghcr.io" in str(hint_of(failure))
    other = denied("quay.io/a/b:1", logins)
    assert "can't be used" not in str(cause_of(other))


@pytest.mark.parametrize(
    "auths",
    [
        {"auths": {"ghcr.io": {"auth": "user:token"}}},
        {"auths": {"ghcr.io": {"auth": "dG9rZW4="}}},
        {"auths": {"ghcr.io": {}}, "credsStore": "nowhere"},
    ],
)
async def test_a_run_tells_that_the_account_that_is_configured_can_not_be_used(
    auths: object,
) -> None:
    copy = copy_of("ghcr.io/a/b:1", "r.example.com/m/a:1")
    failed = Failed(copy, Failure(Code.SOURCE_DENIED, Side.SOURCE))
    settings = Settings(source_auth=Secret(json.dumps(auths)), environment={"PATH": "/nonexistent"})
    stop = asyncio.Event()
    stop.set()
    (advised,) = await Adviser().advise((failed,), settings, stop)
    assert isinstance(advised, Failed)
    assert "can't be used as it is written" in str(cause_of(advised.failure))
    assert "an account for that registry into" not in str(hint_of(advised.failure))


def test_a_stranger_is_not_told_to_configure_accounts() -> None:
    failure = denied("ghcr.io/a/b:1", Logins(frozenset({"ghcr.io"}), used=False))
    assert "SOURCE_AUTH_JSON" not in str(hint_of(failure))
    assert "may write to this repository" in str(hint_of(failure))


def test_a_chart_is_called_one() -> None:
    said = 'artifact with type "application/vnd.cncf.helm.config.v1+json"'
    copy = copy_of("ghcr.io/acme/chart:1", "r.example.com/m/chart:1")
    chart = at_source(Failure(Code.NOT_AN_IMAGE, Side.SOURCE, said), copy, NOBODY, NOW)
    assert "Helm chart" in str(cause_of(chart))
    assert "helm template" in str(hint_of(chart))
    assert "MIRROR_FORMAT=source" in str(hint_of(chart))


@pytest.mark.parametrize(
    "code", [code for code in Code if code not in {Code.RATE_LIMITED, Code.SOURCE_DENIED}]
)
def test_what_has_nothing_to_add_stays_as_it_was(code: Code) -> None:
    copy = copy_of("nginx:1.27", "r.example.com/m/nginx:1.27")
    mine = Text(zh="我的原因", en="a cause of its own")
    failure = Failure(code, Side.SOURCE, "said", mine, mine)
    assert at_source(failure, copy, NOBODY, NOW) == failure
    if code not in {Code.TARGET_REFUSES_FORMAT, Code.TAG_IMMUTABLE}:
        assert at_target(failure, copy, "m") == failure


ALL_WORDS = [
    value
    for module in (words, target_words)
    for value in vars(module).values()
    if isinstance(value, Text)
]


@pytest.mark.parametrize("text", ALL_WORDS, ids=lambda text: text.en[:30])
def test_both_languages_say_the_same_things(text: Text) -> None:
    named = [set(re.findall(r"\{\w+\}", said)) for said in (text.zh, text.en)]
    assert named[0] == named[1]
    assert re.search(r"[\u4e00-\u9fff]{2}", text.zh)
    assert not re.search(r"[\u4e00-\u9fff][,;!?]", text.zh), "half-width punctuation"
    assert not re.search(r"[\u3000-\u9fff]", text.en)
    filled = text.fill(**{name.strip("{}"): "x" for name in named[0]})
    assert all(filled.say(language) for language in Language)
