"""An issue's body, a list, a line."""

from fuzz.target import Shape, Target, lines_of
from registry_mirror.errors import Problem
from registry_mirror.oci.platform import EveryPlatform, OnlyPlatforms, Selection
from registry_mirror.oci.reference import REMOTE_NAME, TAG, Reference
from registry_mirror.report.corrected import corrected_list, form_url
from registry_mirror.report.quoting import code_span
from registry_mirror.request import Item, Request
from registry_mirror.request.body import is_form_body, read_body
from registry_mirror.request.line import read_line
from registry_mirror.request.listing import MAX_PROBLEMS, read_list
from registry_mirror.request.raw import MAX_SHOWN, split_lines
from registry_mirror.text import Language

SHORT = 8 * 1024
"""Bytes up to which an input is read in several ways; what is longer shows how long one takes."""


def check(data: bytes) -> None:
    """A request is read, whatever it says; what is offered is right; what is right stays so."""
    text = data.decode("utf-8", "replace")
    is_form_body(text)
    judge(text, read_body(text))
    if len(data) < SHORT:
        judge(text, read_list(text))


def judge(text: str, request: Request, before: int = 0) -> None:
    """Whether a request is as it must be; `before` lines stood before the text."""
    last = len(split_lines(text)) + before
    assert request.items or request.problems
    assert len(request.problems) <= MAX_PROBLEMS
    for item in request.items:
        assert 1 <= item.line <= last
        _judge_item(item)
    for problem in request.problems:
        assert problem.line is None or 1 <= problem.line <= last
        _judge_problem(problem)
    corrected = corrected_list(request, request.problems)
    if corrected:
        again = read_list("\n".join(corrected))
        assert not again.problems
        assert len(again.items) == len(corrected)
        form_url("https://github.example/a/b", corrected)


def _judge_item(item: Item) -> None:
    assert item.source.tag
    assert Reference.parse(str(item.source)) == item.source
    if item.target:
        assert REMOTE_NAME.fullmatch(item.target.path)
        assert TAG.fullmatch(item.target.tag)
    again = read_line(canonical(item), item.line)
    assert isinstance(again, Item)
    assert (again.source, again.selection, again.target) == (
        item.source,
        item.selection,
        item.target,
    )


def canonical(item: Item) -> str:
    """The line that asks for the same, with nothing left out."""
    name = f" --as {item.target}" if item.target else ""
    return f"{item.source}{_option(item.selection)}{name}"


def _option(selection: Selection | None) -> str:
    match selection:
        case None:
            return ""
        case EveryPlatform():
            return " --all"
        case OnlyPlatforms(platforms):
            return f" --platform {','.join(map(str, platforms))}"


def _judge_problem(problem: Problem) -> None:
    assert len(problem.text) <= MAX_SHOWN
    for said in (problem.reason, problem.hint):
        for language in Language:
            assert len(said.say(language, code_span)) < 10_000
    for name, value in problem.hint.values:
        if name == "line":
            assert isinstance(read_line(value.removeprefix("- image: "), 1), Item), value


_WORDS = lines_of(
    """
    ### 镜像列表 / Images
    ### 平台 / Platform
    ### 选项 / Options
    - [x] 同步所有架构 / Sync all architectures
    - [ ] Sync all architectures
    _No response_
    <!--
    -->
    ```
    ~~~
    nginx:1.27
    docker.io/library/nginx:1.27
    gcr.io/google-containers/pause:3.9
    @sha256:cbbf2f9a99b47fc460d422812b6a5adff7dfee951d8fa2e4a98caa0382cfbdbf
    --platform linux/arm64
    --platform=
    --all
    --as tools/busybox:stable
    docker pull
    image:
    https://hub.docker.com/_/nginx/tags
    https://
    FROM
    # comment
    ：
    nginx　redis
    ，
    ${TAG}
    {{ .Values.tag }}
    <tag>
    user:word@
    \u200b
    :latest
    linux/amd64,linux/arm64
    sudo docker run --rm -it
    ctr -n k8s.io images pull
    && docker push
    --creds
    Nginx
    []
    \"
    """
)

TARGET = Target(
    name="requests",
    shape=Shape.LINES,
    check=check,
    words=_WORDS,
    seeds=(
        """### 镜像列表 / Images\r
\r
```text
nginx:1.27 --platform linux/arm64,linux/amd64
gcr.io/google-containers/pause:3.9 --all # why
bitnami/nginx:1.27 --as bitnami-nginx
```

### 平台 / Platform

linux/arm64

### 选项 / Options

- [x] 同步所有架构 / Sync all architectures
""".encode(),
        b'docker pull nginx:1.27 && docker tag nginx:1.27 a/b:1\n- `redis`\n1. "redis:7",\n',
        "https://hub.docker.com/r/bitnami/nginx/tags\nNginx：1.27　redis:7，busybox\n".encode(),
        b'images:\n  - image: nginx:1.27\n  - repository: a/b\n    tag: 1\n["a:1", "b:2"]\n',
        b"harbor.example.com:8443/a/b:1@sha256:" + b"a" * 64 + b" --as c/d:e\n<!-- x\n",
        b"nginx:1.27 --platform amd64\nnginx:1.27 --platform linux-arm64 --all --as A:b --nope\n",
        b"### Images\n\nnginx:1\n\n### Else\n\nredis:7\n\n### Platform\n\nlinux/riscv/x/y\n",
        b"kubectl run x --image=nginx:1 --image nginx:2\nctr -n k8s.io images pull a.b/c:1\n",
        b"skopeo copy --src-creds u:word docker://a/b:1 docker://c/d:1\nFROM nginx:1 AS build\n",
        b"<tag>\n${IMAGE}\nrepo/name:{{ .Values.tag }}\n[name]\nsha256:" + b"0" * 64 + b"\n",
    ),
)
