"""Reports, problems and plans for the tests of what people read."""

from dataclasses import replace

from registry_mirror.engines import EngineName
from registry_mirror.errors import Code, ConfigurationInvalidError, Failure, Problem, Side
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.media_type import DOCKER_MANIFEST, DOCKER_MANIFEST_LIST
from registry_mirror.oci.platform import DEFAULT_SELECTION
from registry_mirror.oci.reference import Reference
from registry_mirror.outcome import (
    Bytes,
    Content,
    Copied,
    Dropped,
    Failed,
    Outcome,
    Unchanged,
)
from registry_mirror.plan import Copy
from registry_mirror.report import Report
from registry_mirror.repository_rules import read_rules
from registry_mirror.request import Pasted, Service
from registry_mirror.text import Text

HOST = "registry.cn-beijing.aliyuncs.com"
TARGET = f"{HOST}/my-mirrors"
RUN_URL = "https://github.com/team/registry-mirror/actions/runs/123456789"
SETTINGS_URL = "https://github.com/team/registry-mirror/settings"
MIB = 1024 * 1024


def copy_of(source: str, line: int = 1, name: str | None = None) -> Copy:
    reference = Reference.parse(source)
    name = name or f"{reference.repository.rpartition('/')[2]}:{reference.tag}"
    return Copy(line, reference, Reference.parse(f"{TARGET}/{name}"), DEFAULT_SELECTION)


def digest(text: str) -> Digest:
    return Digest.of(text.encode())


def content(text: str, *platforms: str, size: int | None = None) -> Content:
    media_type = DOCKER_MANIFEST_LIST if len(platforms) > 1 else DOCKER_MANIFEST
    return Content(digest(text), media_type, platforms or None, size)


def copied(source: str, line: int = 1, seconds: float = 4.06) -> Copied:
    return Copied(copy_of(source, line), content(source, "linux/amd64", size=71 * MIB), seconds)


def failed(source: str, code: Code, line: int = 1, said: str = "") -> Failed:
    return Failed(copy_of(source, line), Failure(code, Side.SOURCE, said), 1.5)


def report_of(*outcomes: Outcome, seconds: float = 65.2) -> Report:
    return Report(TARGET, EngineName.SKOPEO, seconds, outcomes)


NGINX = Copied(
    copy_of("nginx:1.27", 3),
    content("nginx", "linux/amd64", "linux/arm64", "linux/arm/v7", size=187 * MIB),
    12.34,
    source_digest=digest("nginx index"),
    replaced=digest("old nginx"),
    dropped=(
        Dropped(digest("attestation 1"), "attestation"),
        Dropped(digest("attestation 2"), "attestation"),
    ),
    moved=Bytes(187 * MIB, 120 * MIB, 40 * MIB, 27 * MIB),
)
PAUSE = Unchanged(
    copy_of("gcr.io/google-containers/pause:3.9", 4),
    content("pause", "linux/amd64", size=314_000),
    0.42,
    source_digest=digest("pause"),
    moved=Bytes(314_000, 0, 0, 314_000),
)
PINNED = Copied(
    copy_of(f"quay.io/prometheus/node-exporter:v1.7.0@{digest('node-exporter')}", 5),
    content("node-exporter v2s2"),
    72.0,
    source_digest=digest("node-exporter"),
)

ALL_SUCCEEDED = report_of(NGINX, PAUSE, PINNED, seconds=84.9)

MIXED = report_of(
    copied("redis:7.4", 3),
    failed(
        "nginx:9.99",
        Code.TAG_NOT_FOUND,
        4,
        "reading manifest 9.99 in docker.io/library/nginx: manifest unknown",
    ),
    failed(
        "ghcr.io/team/private:1.0",
        Code.SOURCE_DENIED,
        5,
        "denied: <img src=x> | `@everyone`\n```\n::error::not a fence's end",
    ),
    failed("quay.io/team/lost:2.0", Code.TAG_NOT_FOUND, 6),
    Failed(
        copy_of("registry.k8s.io/kube-apiserver:v1.28.0", 7),
        Failure(
            Code.TARGET_DENIED,
            Side.TARGET,
            "requested access to the resource is denied",
            hint=Text(
                zh="检查 {user} 能否推送到这个命名空间。",
                en="See whether {user} may push to this namespace.",
            ).fill(user="user@china"),
        ),
    ),
)

PASTED = replace(
    report_of(
        replace(
            copied("nginx:1.27", 7),
            copy=copy_of("nginx:1.27", 7, "docker.io/library/nginx:1.27"),
        ),
        copied("quay.io/prometheus/node-exporter:v1.7.0", 9),
    ),
    pasted=Pasted(
        2,
        (
            Service("web", Reference.parse("nginx:1.27")),
            Service("metrics", Reference.parse("quay.io/prometheus/node-exporter:v1.7.0")),
        ),
        broken=14,
    ),
)

PROBLEMS = (
    Problem(
        Code.MISSING_TAG,
        Text(zh="没有 tag", en="the tag is missing"),
        Text(zh="写成 {right}", en="write {right}").fill(right="nginx:latest"),
        3,
        "nginx",
    ),
    Problem(
        Code.BAD_REFERENCE,
        Text(zh="不是镜像引用", en="not an image reference"),
        Text(zh="每行只写一个镜像", en="write one image a line"),
        5,
        "| <b>@everyone</b> | `rm -rf` \u202e[x](https://example.com) ##[error]x",
    ),
    Problem(
        Code.TARGET_CONFLICT,
        Text(
            zh="和第 {line} 行的 {other} 同步到同一个目标",
            en="goes to the same target as {other} on line {line}",
        ).fill(line="6", other="nginx:1.27"),
        Text(zh="加上 {option}", en="add {option}").fill(option="--as bitnami-nginx:1.27"),
        7,
        "bitnami/nginx:1.27",
    ),
)


def mistakes(content: str) -> tuple[Problem, ...]:
    """What is wrong with a file of rules."""
    try:
        read_rules(content.encode())
    except ConfigurationInvalidError as error:
        return error.problems
    raise AssertionError("nothing is wrong with it")


RULES = mistakes("""\
limits:
  images-per-day: many
  image_size: 10 GiB
sources:
  allow: [docker.io, https://quay.io/<b>|@team]
  deny: [nginx:1.27]
""")

SETTINGS = (
    Problem(
        Code.MISSING_SETTING,
        Text(zh="没有设置", en="not set"),
        Text(zh="填目标仓库的地址", en="the target registry's host"),
        text="TARGET_REGISTRY",
    ),
    Problem(
        Code.MISSING_SETTING,
        Text(zh="没有设置", en="not set"),
        Text(zh="填目标仓库的密码", en="the password for the target registry"),
        text="TARGET_REGISTRY_PASSWORD",
    ),
    Problem(
        Code.BAD_SETTING,
        Text(zh="不是 {low} 到 {high} 之间的整数", en="not from {low} to {high}").fill(
            low="1", high="64"
        ),
        Text(zh="留空即用默认值 {default}", en="leave it empty for {default}").fill(default="5"),
        text="MAX_PARALLEL",
    ),
    Problem(
        Code.ENGINE_MISSING,
        Text(zh="没有找到 skopeo", en="skopeo was not found"),
        Text(zh="安装 skopeo", en="install skopeo"),
        text="skopeo",
    ),
)
