"""A line of several words: what is offered in its place, and where nothing may be."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry_mirror.oci.platform import EveryPlatform, OnlyPlatforms
from registry_mirror.oci.reference import Reference
from registry_mirror.report.corrected import corrected_list
from registry_mirror.request import Item
from registry_mirror.request.line import read_line
from registry_mirror.request.listing import read_list
from registry_mirror.request.platforms import platforms_meant

HEX = "0123456789abcdef" * 4
DIGEST = f"sha256:{HEX}"


def corrected(line: str) -> tuple[str, ...]:
    request = read_list(line)
    assert request.problems, line
    return corrected_list(request, request.problems)


@pytest.mark.parametrize(
    ("line", "right"),
    [
        # A platform beside an image.
        ("nginx:1.27 linux/arm64", ["nginx:1.27 --platform linux/arm64"]),
        ("nginx:1.27 arm64", ["nginx:1.27 --platform linux/arm64"]),
        ("nginx:1.27 aarch64", ["nginx:1.27 --platform linux/arm64"]),
        ("nginx:1.27 x86_64", ["nginx:1.27 --platform linux/amd64"]),
        ("nginx:1.27 arm/v7", ["nginx:1.27 --platform linux/arm/v7"]),
        ("nginx:1.27 amd64/arm64", ["nginx:1.27 --platform linux/amd64,linux/arm64"]),
        ("nginx:1.27 (arm64)", ["nginx:1.27 --platform linux/arm64"]),
        ("nginx:1.27（arm64 架构）", ["nginx:1.27 --platform linux/arm64"]),
        ("nginx:1.27 for arm64 and amd64", ["nginx:1.27 --platform linux/arm64,linux/amd64"]),
        ("linux/arm64 nginx:1.27", ["nginx:1.27 --platform linux/arm64"]),
        ("nginx 1.27 arm64", ["nginx:1.27 --platform linux/arm64"]),
        ("nginx:1.27 --platform linux/arm64 linux/amd64",
         ["nginx:1.27 --platform linux/arm64,linux/amd64"]),
        ("nginx:1.27 --platform=linux/arm64 amd64 --as web",
         ["nginx:1.27 --platform linux/arm64,linux/amd64 --as web"]),
        ("nginx:1.27 arm64 redis:7 amd64",
         ["nginx:1.27 --platform linux/arm64", "redis:7 --platform linux/amd64"]),
        # Several tags of one image.
        ("nginx:1.26,1.27", ["nginx:1.26", "nginx:1.27"]),
        ("nginx:1.27 1.28", ["nginx:1.27", "nginx:1.28"]),
        ("nginx:1.27、1.28", ["nginx:1.27", "nginx:1.28"]),
        ("nginx:1.26|1.27", ["nginx:1.26", "nginx:1.27"]),
        ("nginx:1.26 and 1.27", ["nginx:1.26", "nginx:1.27"]),
        ("nginx: 1.26, 1.27", ["nginx:1.26", "nginx:1.27"]),
        ("quay.io/a/b:v1 v2", ["quay.io/a/b:v1", "quay.io/a/b:v2"]),
        ("redis:6, 7, nginx:1.27", ["redis:6", "redis:7", "nginx:1.27"]),
        # A sentence.
        ("nginx:1.27 and redis:7", ["nginx:1.27", "redis:7"]),
        ("我要 nginx:1.27 和 redis:7", ["nginx:1.27", "redis:7"]),
        ("请同步nginx:1.27和redis:7", ["nginx:1.27", "redis:7"]),
        ("请帮忙把 nginx:1.27 同步到仓库，非常感谢！", ["nginx:1.27"]),
        ("image nginx:1.27", ["nginx:1.27"]),
        ("Hi, please mirror nginx:1.27. Thanks!", ["nginx:1.27"]),
        ("nginx:1.27 (需要 redis:7)", ["nginx:1.27", "redis:7"]),
        ("🚀nginx:1.27 ✅", ["nginx:1.27"]),
        ("(nginx:1.27)", ["nginx:1.27"]),
        ("nginx:1.27 https://hub.docker.com/_/nginx", ["nginx:1.27"]),
        # Another name.
        ("nginx:1.27 as web", ["nginx:1.27 --as web"]),
        ("nginx:1.27 改名为web", ["nginx:1.27 --as web"]),
        ("nginx:1.27 -> team/web:2", ["nginx:1.27 --as team/web:2"]),
        ("docker pull nginx:1.27 --as web", ["nginx:1.27 --as web"]),
        ("docker pull --platform linux/arm64 nginx:1.27 redis:7",
         ["nginx:1.27 --platform linux/arm64", "redis:7 --platform linux/arm64"]),
        ('["nginx", "redis:7"]', ["nginx:latest", "redis:7"]),
        ("bitnami/redis, prom/prometheus", ["bitnami/redis:latest", "prom/prometheus:latest"]),
        # Pages and other names of registries.
        ("https://gallery.ecr.aws/nginx/nginx", ["public.ecr.aws/nginx/nginx:latest"]),
        ("https://console.cloud.google.com/gcr/images/google-containers/GLOBAL/pause",
         ["gcr.io/google-containers/pause:latest"]),
        ("https://console.cloud.google.com/gcr/images/team/eu/a/b?tab=x",
         ["eu.gcr.io/team/a/b:latest"]),
        (f"https://console.cloud.google.com/gcr/images/team/us/a@{DIGEST}/details",
         [f"us.gcr.io/team/a:0123456789ab@{DIGEST}"]),
        ("https://console.cloud.google.com/artifacts/docker/team/us-central1/apps/web",
         ["us-central1-docker.pkg.dev/team/apps/web:latest"]),
        (f"https://quay.io/repository/a/b/manifest/{DIGEST}",
         [f"quay.io/a/b:0123456789ab@{DIGEST}"]),
        ("https://registry.k8s.io/v2/pause/tags/list", ["registry.k8s.io/pause:latest"]),
        ("https://harbor.example.com/a/b", ["harbor.example.com/a/b:latest"]),
        ("https://hub.docker.com/_/nginx --all", ["nginx:latest --all"]),
        ("registry.hub.docker.com/library/nginx:1.27", ["docker.io/library/nginx:1.27"]),
        ("https://registry.hub.docker.com/grafana/grafana:11.0.0 --all",
         ["docker.io/grafana/grafana:11.0.0 --all"]),
        ("nginx@1.27", ["nginx:1.27"]),
        ("image: nginx:1.27", ["nginx:1.27"]),
    ],
)  # fmt: skip
def test_what_is_meant_is_offered(line: str, right: list[str]) -> None:
    assert list(corrected(line)) == right


@pytest.mark.parametrize(
    "line",
    [
        # Which images, tags or platforms these are isn't known.
        "nginx:1.27 v2",
        "nginx:1.27, latest",
        "nginx:1.27 * 2",
        "nginx:1.26 or nginx:1.27",
        "nginx:1.26 ~ 1.28",
        "nginx:1.26 到 1.28",
        "nginx:1.27 redis",
        "nginx:1.27 team/web",
        "nginx:1.27 | web",
        "nginx redis mysql",
        "nginx and 1.27",
        "nginx:1.27 x86",
        "nginx:1.27 所有架构",
        "nginx:1.27 redis:7 arm64",
        "linux/arm64 nginx:1.27 redis:7",
        "nginx:1.27 nginx:1.26 --as web",
        "nginx:1.27 redis:7 --all",
        f"nginx:1.27@{DIGEST} 1.28",
        # Not all that is named is wanted.
        "不要 nginx:1.27",
        "do not mirror nginx:1.26",
        "nginx:1.27 (was nginx:1.26)",
        "~~nginx:1.26~~ nginx:1.27",
        "nginx:1.27❌",
        "nginx:1.27 to web:1",
        "nginx:1.27 为 web:1",
        # No images.
        "1.27",
        "linux/arm64",
        "arm64",
        "docker.io",
        "TODO",
        "todo",
        "TODO 1",
        "version 1.27",
        "tag: 1.27",
        "name: web",
        "nginx:1.27 8080:80",
        "nginx:1.27 and/or redis:7",
        "nginx:1.27 quay.io",
        "nginx:1.27 https://example.com/docs",
        "https://example.com/docs",
        "https://cr.console.aliyun.com/cn-hangzhou/instance/repositories",
        "https://us-east-1.console.aws.amazon.com/ecr/repositories/private/1/x",
        f"https://hub.docker.com/_/nginx@{DIGEST}",
        "helm pull bitnami/nginx --version 1.2.3",
        "nginx:1.27@latest",
        "nginx:1.27@alpine",
        "docker.io/nginx:latest@latest",
        DIGEST,
        HEX,
    ],
)
def test_nothing_is_offered_where_it_is_in_doubt(line: str) -> None:
    request = read_list(line)
    assert request.problems
    assert corrected_list(request, request.problems) == ()
    for problem in request.problems:
        assert not problem.hint.lists
        assert "line" not in dict(problem.hint.values)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("nginx:1.27 arm64", "a platform is asked for with --platform"),
        ("nginx:1.27 and redis:7", "several images"),
        ("linux/arm64", "this is a platform"),
        ("1.27", "a tag without an image's name"),
        ("docker.io", "a host without an image's name"),
        ("nginx:1.27@latest", "only a digest follows an @"),
        (DIGEST, "an image's id or digest"),
        ("image: nginx:1.27", "only a whole manifest is read as YAML"),
        ("https://gallery.ecr.aws/nginx/nginx", "a web page's address"),
        ("https://portal.azure.com/#view/x", "a web page's address"),
        ("registry.hub.docker.com/library/nginx:1.27", "Docker Hub's registry is docker.io"),
    ],
)
def test_what_is_wrong_is_named(line: str, reason: str) -> None:
    (problem,) = read_list(line).problems
    assert reason in str(problem.reason)


@pytest.mark.parametrize(
    ("word", "platforms"),
    [
        ("linux/arm64", ("linux/arm64",)),
        ("linux/arm/v7", ("linux/arm/v7",)),
        ("LINUX/AMD64", ("linux/amd64",)),
        ("linux-arm64", ("linux/arm64",)),
        ("windows/amd64", ("windows/amd64",)),
        ("arm64", ("linux/arm64",)),
        ("arm64/v8", ("linux/arm64/v8",)),
        ("amd64/arm64", ("linux/amd64", "linux/arm64")),
        ("amd64/nginx", ()),
        ("arm64v8/nginx", ()),
        ("linux/nginx", ()),
        ("linux", ()),
        ("arm", ()),
        ("386", ()),
        ("1.27", ()),
    ],
)
def test_platforms_of_a_sentence(word: str, platforms: tuple[str, ...]) -> None:
    assert platforms_meant(word) == platforms


IMAGES = ("nginx:1.27", "redis:7", "quay.io/a/b:v1", f"busybox:1.36@{DIGEST}")
NAMES = ("mysql", "team/app", "ghcr.io/o/p")
PLATFORMS = ("linux/arm64", "amd64", "aarch64", "linux/arm/v7")
OTHERS = (
    "1.28", "v2", "8", "latest", "and", "or", "not", "please", "image", "web", "谢谢", "和",
    "需要", "不要", "架构", "urgent", "1.", "-", "TODO", "docker.io", "linux", "24/7",
)  # fmt: skip
OPTIONS = ("--all", "--platform linux/s390x", "--platform", "--as web", "--nope")
BETWEEN = (" ", ", ", "、", "，", "; ", " (", ") ", "（", " | ", " & ", ". ", "！", "　")
WORDS = st.sampled_from((*IMAGES, *IMAGES, *NAMES, *PLATFORMS, *OTHERS, *OPTIONS))


@settings(max_examples=500)
@given(st.lists(st.tuples(WORDS, st.sampled_from(BETWEEN)), min_size=1, max_size=6))
def test_what_is_offered_loses_nothing_and_invents_nothing(pairs: list[tuple[str, str]]) -> None:
    line = "".join(word + between for word, between in pairs)
    words = [word for word, _ in pairs]
    request = read_list(line)
    if not request.problems:
        return
    items = [read_line(right, 1) for right in corrected_list(request, request.problems)]
    offered = [item for item in items if isinstance(item, Item)]
    assert len(offered) == len(items)
    if not offered:
        return
    sources = {item.source for item in offered}
    assert {Reference.parse(word) for word in words if word in IMAGES} <= sources
    named = {Reference.parse(word).name for word in words if word in (*IMAGES, *NAMES, "web")}
    assert {source.name for source in sources} <= named
    asked = {text for word in words for text in platforms_meant(word.removeprefix("--platform "))}
    given_ = [item.selection for item in offered]
    assert asked == {
        str(p) for choice in given_ if isinstance(choice, OnlyPlatforms) for p in choice.platforms
    }
    assert ("--all" in words) == any(isinstance(choice, EveryPlatform) for choice in given_)
    assert ("--as web" in words) == any(item.target is not None for item in offered)
