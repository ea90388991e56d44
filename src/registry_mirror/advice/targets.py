"""What helps at the target, told by the product that it is and by what was pushed. All pure."""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import fnmatchcase

from registry_mirror.advice import target_words, words
from registry_mirror.errors import Code, Failure
from registry_mirror.hosts import without_port
from registry_mirror.oci import media_type as mt
from registry_mirror.oci.format import Format
from registry_mirror.oci.platform import EveryPlatform, OnlyPlatforms
from registry_mirror.plan import Copy
from registry_mirror.text import Text


class Product(StrEnum):
    ACR_PERSONAL = "acr-personal"
    ACR_ENTERPRISE = "acr-enterprise"
    ECR = "ecr"
    SWR = "swr"
    TCR = "tcr"
    CCR = "ccr"
    GHCR = "ghcr"
    DOCKER_HUB = "docker-hub"
    HARBOR = "harbor"


_HOSTS: tuple[tuple[str, Product], ...] = (
    ("*-registry*.cr.aliyuncs.com", Product.ACR_ENTERPRISE),
    ("registry*.aliyuncs.com", Product.ACR_PERSONAL),
    ("crpi-*.personal.cr.aliyuncs.com", Product.ACR_PERSONAL),
    ("*.aliyuncs.com", Product.ACR_ENTERPRISE),
    ("*.dkr.ecr.*.amazonaws.com", Product.ECR),
    ("*.dkr.ecr.*.amazonaws.com.cn", Product.ECR),
    ("swr*.myhuaweicloud.com", Product.SWR),
    ("*.tencentcloudcr.com", Product.TCR),
    ("*ccr.ccs.tencentyun.com", Product.CCR),
    ("ghcr.io", Product.GHCR),
    ("docker.io", Product.DOCKER_HUB),
    ("*harbor*", Product.HARBOR),
)

_HARBOR = re.compile(
    r"(?i)\bproject\b.{0,200}\bnot found\b|exceed the configured upper limit|\bharbor\b"
)

_CREATE: dict[Product, Text] = {
    Product.ACR_PERSONAL: target_words.ACR_PERSONAL,
    Product.ACR_ENTERPRISE: target_words.ACR_ENTERPRISE,
    Product.ECR: target_words.ECR,
    Product.SWR: target_words.SWR,
    Product.TCR: target_words.TCR,
    Product.CCR: target_words.CCR,
    Product.GHCR: target_words.GHCR,
    Product.DOCKER_HUB: target_words.DOCKER_HUB,
    Product.HARBOR: target_words.HARBOR,
}
_LOGIN: dict[Product, Text] = {
    Product.ACR_PERSONAL: target_words.ACR_PASSWORD,
    Product.ACR_ENTERPRISE: target_words.ACR_PASSWORD,
    Product.ECR: target_words.ECR_PASSWORD,
}
_QUOTA: dict[Product, Text] = {
    Product.ACR_PERSONAL: target_words.ACR_QUOTA,
    Product.HARBOR: target_words.HARBOR_QUOTA,
}
_IMMUTABLE: dict[Product, Text] = {
    Product.HARBOR: target_words.HARBOR_IMMUTABLE,
    Product.ECR: target_words.ECR_IMMUTABLE,
}


def product_of(registry: str) -> Product | None:
    """None where the host doesn't tell."""
    host = without_port(registry)
    return next((product for pattern, product in _HOSTS if fnmatchcase(host, pattern)), None)


def at_target(failure: Failure, copy: Copy, namespace: str) -> Failure:
    """The same failure with what helps at this target; `namespace` is TARGET_NAMESPACE."""
    place = _Place(copy, namespace, _product(failure, copy.target.registry))
    match failure.code:
        case Code.TARGET_NOT_FOUND:
            return replace(failure, hint=failure.hint or place.create)
        case Code.TARGET_DENIED:
            return replace(failure, hint=failure.hint or place.denied)
        case Code.QUOTA_EXCEEDED:
            return replace(failure, hint=failure.hint or place.of(_QUOTA))
        case Code.TAG_IMMUTABLE:
            hint = place.of(_IMMUTABLE) or place.fill(target_words.IMMUTABLE)
            return replace(failure, hint=hint)
        case Code.TARGET_REFUSES_FORMAT:
            cause = words.TRIED_FORMAT.fill(tried=_tried(copy))
            return replace(failure, cause=cause, hint=_other_format(copy))
        case _:
            return failure


def _product(failure: Failure, registry: str) -> Product | None:
    """Harbor has any host, but its own words: a project that is not found, or full."""
    is_harbor = _HARBOR.search(failure.said)
    return product_of(registry) or (Product.HARBOR if is_harbor else None)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a copy was to go, and how to say so."""

    copy: Copy
    namespace: str
    product: Product | None

    @property
    def create(self) -> Text | None:
        return self.of(_CREATE)

    @property
    def denied(self) -> Text | None:
        if self.create is None:
            return None
        login = self.of(_LOGIN)
        check = target_words.CHECK_LOGIN.then(login) if login else target_words.CHECK_LOGIN
        return check.then(target_words.ELSE_MISSING).then(self.create)

    def of(self, texts: dict[Product, Text]) -> Text | None:
        text = texts.get(self.product) if self.product else None
        return self.fill(text) if text else None

    def fill(self, text: Text) -> Text:
        """What a text does not name is left out: failures that read alike are told once."""
        target = self.copy.target
        named = f"--repository-name {target.repository}"
        values = {
            "namespace": self.namespace,
            "project": self.namespace.partition("/")[0],
            "create": f"aws ecr create-repository {named}",
            "mutable": f"aws ecr put-image-tag-mutability {named} --image-tag-mutability MUTABLE",
            "option": f"--as {self._below()}:{target.tag}-2",
        }
        return text.fill(**{k: v for k, v in values.items() if f"{{{k}}}" in text.en})

    def _below(self) -> str:
        return self.copy.target.repository.removeprefix(f"{self.namespace}/")


def _tried(copy: Copy) -> str:
    """The media type that was put last, as far as the plan tells."""
    is_list = not isinstance(copy.selection, OnlyPlatforms) or len(copy.selection.platforms) > 1
    match copy.format:
        case Format.V2S2:
            return mt.DOCKER_MANIFEST_LIST if is_list else mt.DOCKER_MANIFEST
        case Format.OCI:
            return mt.OCI_INDEX if is_list else mt.OCI_MANIFEST
        case Format.SOURCE:
            return "MIRROR_FORMAT=source"


def _other_format(copy: Copy) -> Text:
    if copy.format is not Format.V2S2:
        return words.FORMAT_OCI_TO_V2S2
    is_list = isinstance(copy.selection, EveryPlatform) or len(copy.selection.platforms) > 1
    return words.FORMAT_ONE_PLATFORM if is_list else words.FORMAT_V2S2_TO_OCI
