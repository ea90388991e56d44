"""Whose account an account is, by its form alone."""

import pytest

from registry_mirror.doctor.accounts import check_account
from registry_mirror.report.checklist import State
from registry_mirror.secret import Login, Secret

ACR = "registry.cn-beijing.aliyuncs.com"
ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
SWR = "swr.cn-north-4.myhuaweicloud.com"
GAR = "europe-docker.pkg.dev"
AZURE = "team.azurecr.io"
HARBOR = "harbor.example.com"
UNKNOWN = "registry.example.com:5000"
AZURE_USER = "00000000-0000-0000-0000-000000000000"
HUAWEI_USER = "cn-north-4@" + "A1B2C3D4E5F6G7H8I9J0"


def check(registry: str, user: str, password: str = "any") -> tuple[State, str, str]:
    found = check_account(registry, Login(user, Secret(password)))
    return found.state, str(found.cause), str(found.cure or "")


@pytest.mark.parametrize(
    ("registry", "user"),
    [
        (ACR, "user@china"),
        (ACR, "builder@1234567890123456"),
        (ECR, "AWS"),
        (SWR, HUAWEI_USER),
        (GAR, "_json_key"),
        (GAR, "_json_key_base64"),
        ("eu.gcr.io", "oauth2accesstoken"),
        (AZURE, AZURE_USER),
        (AZURE, "team"),
        (HARBOR, "robot$mirror"),
        (UNKNOWN, "robot$mirror"),
        (UNKNOWN, "anybody"),
        ("ghcr.io", "octocat"),
        ("docker.io", "octocat"),
        ("ccr.ccs.tencentyun.com", "100012345678"),
    ],
)
def test_an_account_in_its_place(registry: str, user: str) -> None:
    assert check(registry, user)[0] is State.OK


@pytest.mark.parametrize(
    ("registry", "user", "state", "whose", "cure"),
    [
        (ECR, "admin", State.BROKEN, "AWS ECR", "aws ecr get-login-password"),
        (GAR, "me@example.com", State.BROKEN, "Google", "_json_key"),
        (SWR, "hwuser", State.WARNING, "Huawei SWR", "REGION@ACCESS-KEY"),
        (ACR, "LTAI5tExampleExample", State.BROKEN, "Aliyun ACR", "no AccessKey"),
        (ACR, "AWS", State.BROKEN, "AWS ECR", f"an account of {ACR}"),
        (ACR, HUAWEI_USER, State.BROKEN, "Huawei SWR", f"an account of {ACR}"),
        (ACR, "robot$mirror", State.BROKEN, "Harbor", f"an account of {ACR}"),
        (ACR, AZURE_USER, State.BROKEN, "Azure", f"an account of {ACR}"),
        (HARBOR, "_json_key", State.BROKEN, "Google", f"an account of {HARBOR}"),
        (UNKNOWN, "AWS", State.WARNING, "AWS ECR", f"an account of {UNKNOWN}"),
        (UNKNOWN, "oauth2accesstoken", State.WARNING, "Google", "or correct TARGET_REGISTRY"),
    ],
)
def test_an_account_that_belongs_elsewhere(
    registry: str, user: str, state: State, whose: str, cure: str
) -> None:
    found, cause, hint = check(registry, user)
    assert found is state
    assert user in cause
    assert whose in cause
    assert cure in hint


@pytest.mark.parametrize(
    ("registry", "prefix", "state", "whose"),
    [
        (ACR, "ghp_", State.WARNING, "ghcr.io"),
        (ACR, "github_pat_", State.WARNING, "ghcr.io"),
        ("ghcr.io", "dckr_pat_", State.WARNING, "Docker Hub"),
        ("ghcr.io", "github_pat_", State.BROKEN, "fine-grained"),
        ("ghcr.io", "ghp_", State.OK, ""),
        ("docker.io", "dckr_pat_", State.OK, ""),
    ],
)
def test_a_token_tells_whose_it_is_and_is_not_told(
    registry: str, prefix: str, state: State, whose: str
) -> None:
    found, cause, hint = check(registry, "octocat", prefix + "x" * 36)
    assert found is state
    assert whose in cause
    assert "xxx" not in cause + hint
