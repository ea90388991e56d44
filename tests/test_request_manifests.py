"""Images of pasted manifests: found at their lines, and none is lost without a word."""

import json
import time
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from registry_mirror.errors import Code
from registry_mirror.report.pasted import pasted_texts
from registry_mirror.request import Request
from registry_mirror.request.body import read_body
from registry_mirror.request.listing import read_list
from registry_mirror.request.manifests import read_manifest
from registry_mirror.request.variables import UnsetError, substitute

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations:
    last: '{"image":"ignored:1"}'
spec:
  template:
    spec:
      initContainers:
        - name: wait
          image: busybox:1.36   # while the database starts
      containers:
        - name: web
          image: "nginx:1.27"
          imagePullPolicy: Always
        - {name: cache, image: redis:7.4}
        - name: folded
          image: >-
            quay.io/team/app:1.0
      ephemeralContainers:
        - image: 'alpine:3.20'
status:
  containerStatuses:
    - image: sha256:feed
"""
KINDS = """\
# Source: chart/templates/one.yaml
apiVersion: v1
kind: List
items:
  - kind: CronJob
    apiVersion: batch/v1
    spec: {jobTemplate: {spec: {template: {spec: {containers: [{image: "a/job:1"}]}}}}}
---
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
spec:
  image: quay.io/prometheus/prometheus:v2.50.0
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
spec:
  schema:
    properties:
      image:
        type: string
---
apiVersion: example.com/v1
kind: Operand
spec:
  image:
    registry: ghcr.io
    repository: team/operand
    tag: 1.20
  volumes:
    - image: {reference: "ghcr.io/team/volume:2"}
  images:
    - docker.io/library/memcached:1.6
"""
COMPOSE = """\
x-base: &base
  image: redis:7.4
services:
  web:
    image: ${REGISTRY:-docker.io}/library/nginx:${TAG-1.27}
    ports:
      - 8080:80
  built:
    build: .
  cache:
    <<: *base
  other:
    <<: [*base]
    image: valkey/valkey:8.0
"""


def images(request: Request) -> list[tuple[int, str]]:
    return [(item.line, str(item.source)) for item in request.items]


def problems(request: Request) -> list[tuple[int | None, Code]]:
    return [(problem.line, problem.code) for problem in request.problems]


def test_kubernetes_images_stand_at_their_lines() -> None:
    request = read_list(DEPLOYMENT)
    assert images(request) == [
        (12, "docker.io/library/busybox:1.36"),
        (15, "docker.io/library/nginx:1.27"),
        (17, "docker.io/library/redis:7.4"),
        (19, "quay.io/team/app:1.0"),
        (22, "docker.io/library/alpine:3.20"),
    ]
    assert not request.problems
    assert request.items[0].text == DEPLOYMENT.splitlines()[11]


def test_lists_custom_resources_and_images_in_parts() -> None:
    request = read_list(KINDS)
    assert images(request) == [
        (7, "docker.io/a/job:1"),
        (12, "quay.io/prometheus/prometheus:v2.50.0"),
        (27, "ghcr.io/team/operand:1.20"),
        (30, "ghcr.io/team/volume:2"),
        (32, "docker.io/library/memcached:1.6"),
    ]
    assert not request.problems


def test_compose_takes_defaults_and_skips_what_is_built() -> None:
    request = read_list(COMPOSE)
    assert images(request) == [
        (2, "docker.io/library/redis:7.4"),
        (5, "docker.io/library/nginx:1.27"),
        (14, "docker.io/valkey/valkey:8.0"),
    ]
    assert not request.problems
    assert request.pasted
    assert request.pasted.images == 3
    assert {(one.name, one.image.repository) for one in request.pasted.services} == {
        ("cache", "library/redis"),
        ("web", "library/nginx"),
        ("other", "valkey/valkey"),
    }


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(yaml.safe_load(DEPLOYMENT), indent=4),
        json.dumps(yaml.safe_load(DEPLOYMENT), indent="\t"),
        json.dumps(yaml.safe_load(DEPLOYMENT)),
        json.dumps(yaml.safe_load(DEPLOYMENT), separators=(",", ":")),
    ],
)
def test_json_is_yaml(text: str) -> None:
    found = {source for _, source in images(read_list(text))}
    assert found >= {"docker.io/library/nginx:1.27", "quay.io/team/app:1.0"}


@pytest.mark.parametrize(
    "text",
    [
        "nginx:1.27\nredis:7.4\n",
        "image: nginx:1.27\nimage: redis:7.4\n",
        "- image: nginx:1.27\n- image: redis:7.4\n",
        "images:\n  - nginx:1.27\n  - image: redis:7.4\n",
        '{"images": ["nginx:1.27"]}',
        "localhost:5000/image: nginx:1.27\n",
        "image:1.27\nteam/image:1.0\n",
    ],
)
def test_a_list_stays_a_list(text: str) -> None:
    assert read_list(text).pasted is None


@pytest.mark.parametrize(
    "text",
    [
        "- name: web\n  image: nginx:1.27\n",
        "containers:\n- image: nginx:1.27\n",
        "services:\n  web:\n    image: nginx:1.27\n",
        "services:\r\n  web:\r\n    image: nginx:1.27\r\n",
        "\ufeffservices:\n  web:\n    image: nginx:1.27\n",
    ],
)
def test_a_piece_of_a_manifest_is_enough(text: str) -> None:
    request = read_list(text)
    assert [source for _, source in images(request)] == ["docker.io/library/nginx:1.27"]
    assert request.pasted


@pytest.mark.parametrize(
    ("value", "code", "said"),
    [
        ("nginx", Code.MISSING_TAG, "nginx:latest"),
        ("NGINX:1.27", Code.BAD_REFERENCE, "nginx:1.27"),
        ("redis:${TAG}", Code.BAD_REFERENCE, "${TAG}"),
        ("redis:$TAG", Code.BAD_REFERENCE, "$TAG"),
        ("redis:${TAG:?unset}", Code.BAD_REFERENCE, "docker compose config"),
        ('"{{ .Values.image }}"', Code.BAD_REFERENCE, "helm template"),
        ('"{{ .Values.repository }}:{{ .Values.tag }}"', Code.BAD_REFERENCE, "helm template"),
        ("two words", Code.BAD_REFERENCE, ""),
        ('"# x"', Code.BAD_REFERENCE, "image"),
    ],
)
def test_what_is_no_image_is_told_with_its_line(value: str, code: Code, said: str) -> None:
    text = f"containers:\n- name: web\n  image: {value}\n- name: x\n  image: redis:7.4\n"
    request = read_list(text)
    (problem,) = request.problems
    assert (problem.line, problem.code) == (3, code)
    assert problem.text == f"image: {value}"
    assert said in f"{problem.reason} {problem.hint}"
    assert images(request) == [(5, "docker.io/library/redis:7.4")]


TEMPLATE = """\
{{- if .Values.enabled }}
apiVersion: v1
kind: Pod
spec:
  containers:
    - image: {{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
    - image: nginx:1.27
{{- end }}
"""


def test_a_template_that_is_not_rendered_says_so() -> None:
    request = read_list(TEMPLATE)
    assert problems(request) == [(6, Code.BAD_REFERENCE)]
    assert "helm template" in str(request.problems[0].hint)
    assert images(request) == [(7, "docker.io/library/nginx:1.27")]


HELM = f"""\
WARNING: Kubernetes configuration file is group-readable: /home/me/.kube/config
coalesce.go:286: warning: cannot overwrite table with non table: [x: y
---
# Source: web/templates/deployment.yaml
{DEPLOYMENT}---
# Source: web/templates/pod.yaml
apiVersion: v1
kind: Pod
spec:
  containers:
    - image: memcached:1.6
NOTES:
1. Get the application's address: run
  export POD=$(kubectl get pods): done
"""


def test_what_helm_says_beside_its_manifests_loses_no_image() -> None:
    request = read_list(HELM)
    assert [source for _, source in images(request)] == [
        *(source for _, source in images(read_list(DEPLOYMENT))),
        "docker.io/library/memcached:1.6",
    ]
    assert not request.problems
    assert request.pasted
    assert request.pasted.broken
    assert HELM.splitlines()[request.pasted.broken - 1].startswith("NOTES") or (
        request.pasted.broken >= len(HELM.splitlines()) - 3
    )
    count, broken = map(str, pasted_texts(request.pasted))
    assert "6 images" in count
    assert f"line {request.pasted.broken} on" in broken


def test_several_images_of_a_broken_line_are_all_read() -> None:
    text = "containers: [{image: nginx:1.27}, {name: x, image: 'redis:7.4'}\nother: [\n"
    assert [source for _, source in images(read_list(text))] == [
        "docker.io/library/nginx:1.27",
        "docker.io/library/redis:7.4",
    ]


@pytest.mark.parametrize(
    "text",
    [f"nginx:1.27\n{DEPLOYMENT}", f"nginx:1.27\n---\n{DEPLOYMENT}", f"{COMPOSE}nginx:1.27\n"],
)
def test_a_line_of_a_list_between_manifests_is_no_silent_loss(text: str) -> None:
    line = text.splitlines().index("nginx:1.27") + 1
    request = read_list(text)
    assert problems(request) == [(line, Code.BAD_REFERENCE)]
    assert "- image: nginx:1.27" in str(request.problems[0].hint)


POD = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: redis:7.4\n"


@pytest.mark.parametrize(
    "line",
    [
        "- nginx:1.27",
        "1. nginx:1.27",
        "`nginx:1.27`",
        '"nginx:1.27"',
        "docker pull nginx:1.27",
        "  nginx:1.27",
        "nginx:1.27 --all",
        "nginx",
        "- nginx",
    ],
)
@pytest.mark.parametrize("form", ["{0}\n---\n{1}", "{1}---\n{0}\n", "{0}\n{1}", "{0}\n{0}\n{1}"])
def test_a_list_beside_a_manifest_is_told_however_it_is_written(line: str, form: str) -> None:
    text = form.format(line, POD)
    request = read_list(text)
    lines = [at for at, one in enumerate(text.splitlines(), 1) if one == line]
    assert problems(request) == [(at, Code.BAD_REFERENCE) for at in lines]
    assert all("- image: nginx:" in str(problem.hint) for problem in request.problems)
    assert [source for _, source in images(request)] == ["docker.io/library/redis:7.4"]


@pytest.mark.parametrize("options", ["--all", "--as b", "--platform linux/arm64"])
def test_line_options_are_for_lists(options: str) -> None:
    request = read_list(f"{POD}  - image: a:1 {options}\n")
    assert problems(request) == [(6, Code.BAD_REFERENCE)]
    assert f"a:1 {options}" in str(request.problems[0].hint)


def test_only_an_objects_own_status_is_left_out() -> None:
    request = read_list(
        "kind: X\napiVersion: v1\nspec:\n  status: {image: a:1}\nstatus: {image: b:1}\n"
    )
    assert images(request) == [(4, "docker.io/library/a:1")]


def test_a_value_may_have_many_variables() -> None:
    assert substitute("".join(f"${{V{n}:-{n % 10}}}" for n in range(20))) == "01234567890123456789"


def test_a_list_right_below_a_manifest_is_told() -> None:
    request = read_list(f"{POD}- nginx:1.27\n- busybox:1\n")
    assert problems(request) == [(6, Code.BAD_REFERENCE), (7, Code.BAD_REFERENCE)]
    assert images(request) == [(5, "docker.io/library/redis:7.4")]


@pytest.mark.parametrize(
    "text",
    [
        "kind: Kustomization\nresources:\n- deployment.yaml\n---\n",
        "services:\n  web:\n    image: a:1\n    ports:\n    - 8080:80\n    x: [\n---\n",
        "null\n---\n",
        "kind: Job\nargs:\n- host:80\nimage: a:1\n---\n",
    ],
)
def test_values_of_other_keys_are_no_lines_of_a_list(text: str) -> None:
    assert not read_list(text + POD).problems


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("[a:1, b:2]", True),
        ("{registry: quay.io, name: a/b, tag: '1'}", True),
        ("{type: string}", False),
        ("[]", False),
        ("{tag: '1'}", False),
    ],
)
def test_what_stands_at_image_in_a_way_that_is_not_known_is_told(value: str, told: bool) -> None:  # noqa: FBT001
    request = read_list(f"kind: X\napiVersion: v1\nspec:\n  image: {value}\n  x: {{image: a:1}}\n")
    assert problems(request) == [(4, Code.BAD_REFERENCE)] * told
    assert images(request) == [(5, "docker.io/library/a:1")]


def test_a_document_of_a_list_alone_is_told_line_by_line() -> None:
    request = read_list("kind: X\napiVersion: v1\n---\nteam/image:1.0\n")
    assert problems(request) == [(4, Code.BAD_REFERENCE)]


def test_a_manifest_without_images_is_an_empty_request() -> None:
    request = read_list("apiVersion: v1\nkind: Service\nspec:\n  ports: []\n")
    assert problems(request) == [(None, Code.EMPTY_REQUEST)]


FORM = "### 镜像列表 / Images\n\n```text\n{}```\n\n### 平台 / Platform\n\nlinux/arm64\n"


def test_the_form_of_an_issue_takes_manifests_with_the_lines_of_its_body() -> None:
    request = read_body(FORM.format(f"{DEPLOYMENT}---\n{COMPOSE}"))
    body = FORM.format(f"{DEPLOYMENT}---\n{COMPOSE}").splitlines()
    assert len(request.items) == 8
    for item in request.items:
        assert item.text == body[item.line - 1]
    assert not request.problems
    assert request.selection


def test_a_body_by_hand_may_be_a_manifest() -> None:
    request = read_body(f"Please mirror:\n\n```yaml\n{DEPLOYMENT}```\n")
    assert (15 + 3, "docker.io/library/nginx:1.27") in images(request)


def test_a_manifest_below_another_heading_is_no_silent_loss() -> None:
    body = FORM.format("redis:7.4\n") + f"\n### More\n\n```yaml\n{DEPLOYMENT}```\n"
    lines = body.splitlines()
    told = {lines[problem.line - 1].strip() for problem in read_body(body).problems if problem.line}
    assert 'image: "nginx:1.27"' in told
    assert "- {name: cache, image: redis:7.4}" in told


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("nginx", "nginx"),
        ("${A:-x}/${B-y}", "x/y"),
        ("${A:-${B:-z}}", "z"),
        ("${A:-}x", "x"),
        ("a$$b", "a$b"),
        ("${A:-1}$$", "1$"),
    ],
)
def test_variables_are_their_defaults(text: str, value: str) -> None:
    assert substitute(text) == value


@pytest.mark.parametrize("text", ["$A", "${A}", "${A:?no}", "${A:+x}", "x${A:-${B}}", "${A"])
def test_variables_without_defaults_are_not_guessed(text: str) -> None:
    with pytest.raises(UnsetError):
        substitute(text)


def test_the_variable_without_a_default_is_named() -> None:
    with pytest.raises(UnsetError) as raised:
        substitute("x:${T:-${U}}")
    assert raised.value.variable == "${U}"


NAMES = st.from_regex(r"[a-z]{1,6}(/[a-z]{1,6})?:[0-9]{1,3}\.[0-9]", fullmatch=True)
KEYS = st.from_regex(r"[a-z]{1,4}x", fullmatch=True)
CONTAINERS = st.builds(lambda name: {"name": "x", "image": name}, NAMES)
TREES = st.recursive(
    CONTAINERS,
    lambda below: (
        st.lists(below, min_size=1, max_size=3)
        | st.dictionaries(KEYS, below, min_size=1, max_size=3)
    ),
    max_leaves=8,
)


def every_image(tree: Any) -> list[str]:
    match tree:
        case {"image": str(image)}:
            return [image]
        case dict():
            return [image for value in tree.values() for image in every_image(value)]
        case list():
            return [image for value in tree for image in every_image(value)]
        case _:
            return []


@settings(max_examples=60, deadline=None)
@given(
    st.lists(TREES.map(lambda tree: {"kind": "X", "apiVersion": "v1", "spec": tree}), min_size=1)
)
def test_every_image_is_found_at_its_line(documents: list[Any]) -> None:
    text = yaml.safe_dump_all(documents, sort_keys=False)
    request = read_list(text)
    assert not request.problems
    lines = text.splitlines()
    assert [item.text for item in request.items] == [lines[i.line - 1] for i in request.items]
    assert all(
        item.text.partition("image: ")[2].strip("'").endswith(f":{item.source.tag}")
        for item in request.items
    )
    expected = [image for document in documents for image in every_image(document)]
    found = [item.text.partition("image: ")[2].strip("'") for item in request.items]
    assert found == expected


PIECES = st.lists(
    st.sampled_from(
        [
            "image: ",
            "  ",
            "- ",
            "\n",
            "---\n",
            "nginx:1",
            "{{ x }}",
            "${A",
            "}",
            "[",
            "{",
            '"',
            "'",
            "&a ",
            "*a",
            "<<: ",
            ": ",
            ">-",
            "#",
            "services:\n",
            "kind: X\napiVersion: v1\n",
            "\t",
            "\u2028",
            "\x85",
            "\r",
            "? ",
            "!!x ",
            "%YAML 1.9\n",
            "images:\n",
        ]
    )
).map("".join)


@settings(max_examples=200, deadline=None)
@given(PIECES | st.text())
def test_reading_never_raises(text: str) -> None:
    for request in (read_list(text), read_body(text)):
        assert request.items or request.problems
    lines = list(enumerate(text.split("\n"), 1))
    read_manifest(lines)
    for item in read_list(text).items:
        assert item.line >= 1


HOSTILE = {
    "braces": "{image: " * 7_000 + "\na: x",
    "dashes": "- " * 30_000 + "\n  image: x:1\na: b",
    "aliases": "a: &a [x]\nb: &b [*a,*a]\n  image: x:1\n" + "k: &b [*b,*b]\n" * 3_000,
    "variables": 'a: b\n  image: "' + "${A:-" * 10_000 + '"',
    "comments": "a: b\n  image: " + " #" * 30_000,
    "blanks": " " * 60_000 + "image: x\na: b",
    "quotes": '"' * 60_000 + "\n  image: x:1\na: b",
    "anchors": "kind: Pod\napiVersion: v1\na: [\nimage: " + "&" * 60_000,
    "tags elsewhere": "### 镜像列表 / Images\n\nnginx:1\n\n### x\n  image: " + "!" * 60_000,
    "aliases of parts": f"r: &r {'a' * 20_000}\nx: &x {{image: {{repository: *r, tag: *r}}}}\nl:\n"
    + "- *x\n" * 4_000,
    "aliases of words": f"x: &x {{image: '{'A ' * 20_000}'}}\nl:\n" + "- *x\n" * 4_000,
    "many": "a: b\n" + "  image: X\n" * 6_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_body_takes_long_to_read(text: str) -> None:
    started = time.process_time()
    read_list(text)
    read_body(text)
    assert time.process_time() - started < 3
