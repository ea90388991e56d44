"""Addresses of web consoles that are taken for a registry's, and where the registry is. Pure."""

import re
from fnmatch import fnmatchcase

_HOSTS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("hub.docker.com", "app.docker.com", "www.docker.com", "docker.com"), "docker.io"),
    (("github.com", "www.github.com"), "ghcr.io"),
    (("gitlab.com", "www.gitlab.com"), "registry.gitlab.com"),
    (("www.quay.io",), "quay.io"),
    (("gallery.ecr.aws",), "public.ecr.aws"),
    (
        ("console.aws.amazon.com", "*.console.aws.amazon.com"),
        "ACCOUNT.dkr.ecr.REGION.amazonaws.com",
    ),
    (
        ("console.amazonaws.cn", "*.console.amazonaws.cn"),
        "ACCOUNT.dkr.ecr.REGION.amazonaws.com.cn",
    ),
    (("console.cloud.google.com",), "REGION-docker.pkg.dev"),
    (("portal.azure.com",), "NAME.azurecr.io"),
    (("portal.azure.cn",), "NAME.azurecr.cn"),
    (
        ("*.console.aliyun.com", "cr.console.alibabacloud.com"),
        "registry.REGION.aliyuncs.com",
    ),
    (
        ("console.huaweicloud.com", "*.console.huaweicloud.com", "*-console.huaweicloud.com"),
        "swr.REGION.myhuaweicloud.com",
    ),
    (("console.cloud.tencent.com",), "ccr.ccs.tencentyun.com"),
    (("console.volcengine.com",), "NAME-REGION.cr.volces.com"),
    (("cloud.digitalocean.com",), "registry.digitalocean.com"),
)
"""Words in capitals are to be filled in. Of several registries the one that most begin with."""

_ADDRESS = re.compile(r"(?:https?://)?([^/?#:\s]+).*", re.IGNORECASE)
_HARBOR_PAGE = re.compile(r"harbor/projects\b.*")
_QUAY_PAGE = re.compile(r"(?:repository|organization|user)/([^/?#]+).*")


def registry_behind(text: str) -> str | None:
    """What to write in place of a console's address; None for whatever is not known to be one."""
    address = _ADDRESS.fullmatch(text.strip())
    host = address[1].lower().rstrip(".") if address else ""
    for patterns, registry in _HOSTS:
        if any(fnmatchcase(host, pattern) for pattern in patterns):
            return registry
    return None


def is_harbor_page(path: str) -> bool:
    """Below the host of the registry itself; it names its project by a number."""
    return bool(_HARBOR_PAGE.fullmatch(path))


def namespace_of_page(host: str, path: str) -> str:
    """Quay's pages are at the registry's host, below a word that is no part of the namespace."""
    page = _QUAY_PAGE.fullmatch(path) if host == "quay.io" else None
    return page[1] if page else path
