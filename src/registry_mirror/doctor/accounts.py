"""Whether an account can be one of the target, by the form of its user and password. Pure.

The password is looked at for the prefix that tells whose token it is, and never told.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from registry_mirror.advice.targets import Product, product_of
from registry_mirror.doctor import words
from registry_mirror.hosts import without_port
from registry_mirror.report.checklist import Check, Name, Page, State
from registry_mirror.secret import Login
from registry_mirror.text import Text

GOOGLE_USERS = ("_json_key", "_json_key_base64", "oauth2accesstoken")
_GOOGLE = "Google Artifact Registry"
_AZURE = "Azure Container Registry"
_GOOGLE_HOSTS = ("gcr.io", "*.gcr.io", "*.pkg.dev")
_AZURE_HOSTS = ("*.azurecr.io", "*.azurecr.cn")
_ALIYUN = frozenset({Product.ACR_PERSONAL, Product.ACR_ENTERPRISE})
_KINDS: dict[Product, str] = {
    Product.ACR_PERSONAL: "Aliyun ACR",
    Product.ACR_ENTERPRISE: "Aliyun ACR",
    Product.ECR: "AWS ECR",
    Product.SWR: "Huawei SWR",
    Product.TCR: "Tencent TCR",
    Product.CCR: "Tencent CCR",
    Product.GHCR: "ghcr.io",
    Product.DOCKER_HUB: "Docker Hub",
    Product.HARBOR: "Harbor",
}
_NAMED_BY_OTHERS = frozenset({"Harbor"})
"""Products whose hosts have any name: an account of theirs is foreign at a known product only."""

_USERS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"AWS"), "AWS ECR"),
    (re.compile("|".join(GOOGLE_USERS)), _GOOGLE),
    (re.compile(r"0{8}-0{4}-0{4}-0{4}-0{12}"), _AZURE),
    (re.compile(r"[a-z]{2}-[a-z]+-\d@[A-Z0-9]{16,32}"), "Huawei SWR"),
    (re.compile(r"robot\$.+"), "Harbor"),
)
_TOKENS: tuple[tuple[str, str], ...] = (
    ("ghp_", "ghcr.io"),
    ("ghs_", "ghcr.io"),
    ("github_pat_", "ghcr.io"),
    ("dckr_pat_", "Docker Hub"),
)


@dataclass(frozen=True, slots=True)
class _Doubt:
    """`is_certain`: it can't be right."""

    cause: Text
    cure: Text
    is_certain: bool = False
    page: Page = Page.VARIABLES


def check_account(registry: str, login: Login) -> Check:
    doubt = next(iter(_doubts(registry, login)), None)
    if doubt is None:
        return Check(Name.ACCOUNT, State.OK, words.ACCOUNT_GOOD)
    state = State.BROKEN if doubt.is_certain else State.WARNING
    return Check(Name.ACCOUNT, state, doubt.cause, doubt.cure, doubt.page)


def kind_of(registry: str) -> str | None:
    """The product that a registry is, as people call it; None where the host doesn't tell."""
    product = product_of(registry)
    if product:
        return _KINDS[product]
    host = without_port(registry)
    if any(fnmatchcase(host, pattern) for pattern in _GOOGLE_HOSTS):
        return _GOOGLE
    if any(fnmatchcase(host, pattern) for pattern in _AZURE_HOSTS):
        return _AZURE
    return None


def _doubts(registry: str, login: Login) -> Iterable[_Doubt]:
    kind = kind_of(registry)
    yield from _of_kind(registry, login)
    for pattern, owner in _USERS:
        if pattern.fullmatch(login.user) and _is_foreign(owner, kind):
            cause = words.ACCOUNT_FOREIGN.fill(user=login.user, kind=owner)
            cure = words.ACCOUNT_FOREIGN_CURE.fill(registry=registry)
            yield _Doubt(cause, cure, is_certain=kind is not None)
    for prefix, owner in _TOKENS:
        if login.password.reveal().startswith(prefix) and _is_foreign(owner, kind):
            cure = words.ACCOUNT_FOREIGN_CURE.fill(registry=registry)
            yield _Doubt(words.TOKEN_FOREIGN.fill(kind=owner), cure, page=Page.SECRETS)


def _of_kind(registry: str, login: Login) -> Iterable[_Doubt]:
    """What a product's users are called, where it prescribes that."""
    kind, product, user = kind_of(registry), product_of(registry), login.user
    wrong = words.ACCOUNT_WRONG.fill(user=user, kind=kind or "")
    if product is Product.ECR and user != "AWS":
        yield _Doubt(wrong, words.AWS_USER, is_certain=True)
    if kind == _GOOGLE and user not in GOOGLE_USERS:
        yield _Doubt(wrong, words.GOOGLE_USER, is_certain=True)
    if product is Product.SWR and "@" not in user:
        yield _Doubt(wrong, words.SWR_USER)
    if product in _ALIYUN and user.startswith("LTAI"):
        yield _Doubt(wrong, words.ACR_ACCESS_KEY, is_certain=True)
    if product is Product.GHCR and login.password.reveal().startswith("github_pat_"):
        yield _Doubt(words.FINE_GRAINED, words.GHCR_TOKEN, is_certain=True, page=Page.SECRETS)


def _is_foreign(owner: str, kind: str | None) -> bool:
    if kind is None:
        return owner not in _NAMED_BY_OTHERS
    return owner != kind
