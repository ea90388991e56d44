"""Pages of the web that people paste in the place of the image that they are about."""

import re

_PAGES = frozenset(
    {
        "hub.docker.com", "registry.hub.docker.com", "www.docker.com", "docs.docker.com",
        "github.com", "www.github.com", "gitlab.com", "gitee.com", "bitbucket.org",
        "gallery.ecr.aws", "artifacthub.io",
        "console.aws.amazon.com", "console.cloud.google.com", "portal.azure.com",
        "catalog.redhat.com", "catalog.ngc.nvidia.com", "cr.console.aliyun.com",
        "console.cloud.tencent.com", "console.huaweicloud.com", "explore.ggcr.dev",
        "www.google.com",
    }
)  # fmt: skip


def is_web_page(registry: str) -> bool:
    """Whether a host has pages about images but no images."""
    host = registry.lower()
    return host in _PAGES or host.endswith((".console.aws.amazon.com", ".console.aliyun.com"))


def image_of_page(line: str) -> str:
    """The image that a registry's page is about, its tag if the page has one, and its options."""
    first, space, rest = line.partition(" ")
    address = re.sub(r"^https?://(?:www\.)?", "", first)
    for pattern, image in _PAGE_PATTERNS:
        match = pattern.fullmatch(address)
        if match:
            named = match.groupdict()
            name = re.sub(r"^(?:library|_)/|^global\.(?=gcr\.io/)", "", match.expand(image).lower())
            tag, digest = named.get("tag"), named.get("digest")
            return (
                name + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "") + space + rest
            )
    return line


def without_alias(line: str) -> str:
    """Docker Hub's registry by its usual name."""
    return _ALIAS.sub("docker.io/", line)


_NAME = r"(?P<name>[\w.-]+)"
_OWNER = r"(?P<owner>[\w.-]+)"
_COLON_TAG = r"(?::(?P<tag>[\w.-]+))?"
_TAGS_PAGE = r"(?:/tags/?\?(?:[^ ]*&)?name=(?P<tag>[\w.-]+))"
_DIGEST = r"(?:[@/](?P<digest>sha256:[0-9a-f]{64}))?"
_TAIL = r"(?:[/?#](?!sha256:)\S*)?"
_PATTERNS = (
    (
        re.compile(rf"(?:registry\.)?hub\.docker\.com/_/{_NAME}{_TAGS_PAGE}"),
        r"\g<name>",
    ),
    (
        re.compile(rf"(?:registry\.)?hub\.docker\.com/r/{_OWNER}/{_NAME}{_TAGS_PAGE}"),
        r"\g<owner>/\g<name>",
    ),
    (
        re.compile(rf"(?:registry\.)?hub\.docker\.com/layers/{_OWNER}/{_NAME}/(?P<tag>[\w.-]+)"),
        r"\g<owner>/\g<name>",
    ),
    (
        re.compile(rf"(?:registry\.)?hub\.docker\.com/_/{_NAME}{_COLON_TAG}"),
        r"\g<name>",
    ),
    (
        re.compile(
            rf"(?:registry\.)?hub\.docker\.com/(?:r|u|repository/docker)/{_OWNER}/{_NAME}{_COLON_TAG}"
        ),
        r"\g<owner>/\g<name>",
    ),
    (
        re.compile(rf"quay\.io/repository/{_OWNER}/{_NAME}{_COLON_TAG}(?:/manifest{_DIGEST})?"),
        r"quay.io/\g<owner>/\g<name>",
    ),
    (
        re.compile(
            rf"github\.com/(?:orgs/|users/)?{_OWNER}/(?:[\w.-]+/)?"
            rf"(?:pkgs|packages)/container/(?:package/)?{_NAME}{_COLON_TAG}"
        ),
        r"ghcr.io/\g<owner>/\g<name>",
    ),
    (
        re.compile(rf"gallery\.ecr\.aws/{_OWNER}/{_NAME}{_COLON_TAG}"),
        r"public.ecr.aws/\g<owner>/\g<name>",
    ),
    (
        re.compile(
            rf"console\.cloud\.google\.com/gcr/images/{_OWNER}/(?P<place>(?i:global|us|eu|asia))/"
            rf"(?P<name>[\w./-]+?){_DIGEST}(?:/details)?(?=$|[?#])"
        ),
        r"\g<place>.gcr.io/\g<owner>/\g<name>",
    ),
    (
        re.compile(
            rf"console\.cloud\.google\.com/artifacts/docker/{_OWNER}/(?P<place>[a-z0-9-]+)/"
            rf"(?P<repository>[\w.-]+)/{_NAME}{_DIGEST}"
        ),
        r"\g<place>-docker.pkg.dev/\g<owner>/\g<repository>/\g<name>",
    ),
    (
        re.compile(
            r"(?=[^/]*\.)(?P<host>[\w.:-]+)/v2/(?P<name>[\w./-]+)/"
            r"(?:tags/list|manifests/(?P<tag>[\w.-]+))"
        ),
        r"\g<host>/\g<name>",
    ),
)
_PAGE_PATTERNS = tuple((re.compile(page.pattern + _TAIL), image) for page, image in _PATTERNS)
_ALIAS = re.compile(
    r"^(?:https?://)?registry\.hub\.docker\.com/(?=(?:library|[a-z0-9]{4,})/[\w.-]+(?:[:@\s]|$))"
)
