"""What people really get wrong in a list, what is right, and how a comment is followed."""

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from registry_mirror.request import Item
from registry_mirror.request.line import read_line
from registry_mirror.request.words import DELETE_LINE
from tests.rendered import render

DIGEST = "sha256:9d5c5a2d0a1b5f8ac2e1a5b4a6d3c0e7f8b9a0c1d2e3f405162738495a6b7c8d"
FIRST_LINE = 4
"""Of the list in a form's body."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """`right` are the images that are meant, as the comment's corrections must make them.

    `insert` are words that a requester has to write where no program can know them.
    """

    lines: tuple[str, ...]
    right: tuple[str, ...]
    insert: tuple[tuple[str, str], ...] = ()


MISTAKES = {
    "missing-tag": Mistake(("nginx",), ("nginx:latest",)),
    "docker-pull": Mistake(("docker pull nginx:1.27",), ("nginx:1.27",)),
    "page-of-a-repository": Mistake(
        ("https://hub.docker.com/r/grafana/grafana",), ("grafana/grafana:latest",)
    ),
    "page-of-a-tag": Mistake(
        (
            "https://hub.docker.com/layers/library/nginx/1.27.5/images/sha256-0f4bc1a0d8",
            "https://hub.docker.com/r/grafana/grafana/tags?name=11.0.0",
        ),
        ("nginx:1.27.5", "grafana/grafana:11.0.0"),
    ),
    "scheme": Mistake(
        ("https://quay.io/prometheus/node-exporter:v1.7.0",),
        ("quay.io/prometheus/node-exporter:v1.7.0",),
    ),
    "trailing-comma": Mistake(("nginx:1.27,", "redis:7.4,"), ("nginx:1.27", "redis:7.4")),
    "full-width-colon": Mistake(("nginx：1.27",), ("nginx:1.27",)),
    "full-width-space": Mistake(
        ("nginx:1.27　--all", "redis:7.4　busybox:1.36"),
        ("nginx:1.27", "redis:7.4", "busybox:1.36"),
    ),
    "uppercase": Mistake(("Grafana/Grafana:11.0.0-RC1",), ("grafana/grafana:11.0.0-RC1",)),
    "digest-without-tag": Mistake((f"nginx@{DIGEST}",), (f"nginx:9d5c5a2d0a1b@{DIGEST}",)),
    "two-on-a-line": Mistake(("nginx:1.27 redis:7.4",), ("nginx:1.27", "redis:7.4")),
    "several-tags": Mistake(("nginx:1.26, 1.27",), ("nginx:1.26", "nginx:1.27")),
    "platform-beside": Mistake(("nginx:1.27 linux/arm64",), ("nginx:1.27",)),
    "sentence": Mistake(
        ("Hi, please mirror nginx:1.27. Thanks!", "nginx:1.26（需要 redis:7.4）"),
        ("nginx:1.27", "nginx:1.26", "redis:7.4"),
    ),
    "tag-after-at": Mistake(("nginx@1.27",), ("nginx:1.27",)),
    "yaml-line": Mistake(("image: nginx:1.27",), ("nginx:1.27",)),
    "json": Mistake(('["nginx:1.27", "redis:7.4"]',), ("nginx:1.27", "redis:7.4")),
    "yaml": Mistake(("images:", "  - nginx:1.27", "  - redis:7.4"), ("nginx:1.27", "redis:7.4")),
    "bullets": Mistake(("* nginx:1.27", "• redis:7.4"), ("nginx:1.27", "redis:7.4")),
    "back-ticks": Mistake(("`nginx:1.27`", "`redis:7.4`,"), ("nginx:1.27", "redis:7.4")),
    "numbered": Mistake(("1. nginx:1.27", "2、redis:7.4"), ("nginx:1.27", "redis:7.4")),
    "quoted": Mistake(
        ('"nginx:1.27"', "'redis:7.4'", "“busybox:1.36”"),
        ("nginx:1.27", "redis:7.4", "busybox:1.36"),
    ),
    "placeholder": Mistake(
        ("nginx:<tag>", "${REGISTRY}/team/app:1.0"),
        ("nginx:1.27", "ghcr.io/team/app:1.0"),
        insert=(("<tag>", "1.27"), ("${REGISTRY}", "ghcr.io")),
    ),
    "empty": Mistake((), ("nginx:1.27",)),
    "same-name": Mistake(
        ("nginx:1.27", "bitnami/nginx:1.27"), ("nginx:1.27", "bitnami/nginx:1.27")
    ),
}


def follow(comment: str, lines: Sequence[str], insert: Iterable[tuple[str, str]]) -> list[str]:
    """The list as it becomes when somebody does what the comment says, and nothing else."""
    followed: dict[int, list[str]] = {
        number: [line] for number, line in enumerate(lines, FIRST_LINE)
    }
    for number, advice in _rows(comment):
        codes = [html.unescape(code) for code in re.findall(r"`+ ?(.+?) ?`+", advice)]
        written = dict(insert)
        if _says_delete(advice):
            followed[number] = []
        elif known := [code for code in codes if code in written]:
            (line,) = followed[number]
            followed[number] = [line.replace(known[0], written[known[0]])]
        else:
            followed[number] = [line for line in codes if isinstance(read_line(line, 1), Item)]
            assert followed[number], f"nothing that is right in: {advice}"
    return [line for lines_ in followed.values() for line in lines_]


def _rows(comment: str) -> Iterable[tuple[int, str]]:
    """The line and the last cell of each problem."""
    for row in comment.splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]]
        if cells and cells[0].isdigit():
            yield int(cells[0]), cells[-1].replace("\\|", "|")


def _says_delete(advice: str) -> bool:
    said = render(advice).words.strip()
    return said in (DELETE_LINE.zh, DELETE_LINE.en)
