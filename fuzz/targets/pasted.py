"""Manifests of Kubernetes and Compose in the place of a list, and the YAML that they are."""

from contextlib import suppress

from fuzz.target import Shape, Target, lines_of
from fuzz.targets.requests import SHORT, judge
from registry_mirror.outputs.scalars import scalar
from registry_mirror.request.body import MAX_LINES, read_body
from registry_mirror.request.listing import read_list
from registry_mirror.request.manifests import is_manifest, read_manifest
from registry_mirror.request.raw import split_lines
from registry_mirror.request.variables import UnsetError, substitute
from registry_mirror.yaml_nodes import (
    MAX_NODES,
    BadYamlError,
    Entry,
    Node,
    Scalar,
    read_yaml,
)
from registry_mirror.yaml_nodes import Mapping as MappingNode


def check(data: bytes) -> None:
    """A text is read as a manifest, whatever it is; YAML is read, or said to be none."""
    text = data.decode("utf-8", "replace")
    lines = tuple(enumerate(split_lines(text), 1))
    is_manifest(lines)
    read_manifest(lines[:MAX_LINES])
    if len(data) < SHORT:
        listed = read_list(text)
        judge(text, listed)
        for service in listed.pasted.services if listed.pasted else ():
            assert _key(f"{scalar(service.name)}: a") == service.name
        judge(text, read_body(f"### Images\n\n{text}"), before=2)
        _yaml(text, len(lines))
    with suppress(UnsetError):
        substitute(text)


def _key(text: str) -> str:
    (document,) = read_yaml(text)
    assert isinstance(document, MappingNode)
    return document.entries[0].key.text


def _yaml(text: str, last: int) -> None:
    for aliases in (True, False):
        try:
            documents = read_yaml(text, aliases=aliases)
        except BadYamlError as error:
            assert 1 <= error.line <= last
            continue
        assert _count(documents, last) <= MAX_NODES


def _count(documents: tuple[Node, ...], last: int) -> int:
    count, left = 0, list(documents)
    while left:
        node = left.pop()
        count += 1
        assert 1 <= node.line <= last
        match node:
            case Scalar():
                node.text.encode()
            case MappingNode(entries=entries):
                left += _below(entries)
            case _:
                left += node.items
    return count


def _below(entries: tuple[Entry, ...]) -> list[Node]:
    return [node for entry in entries for node in (entry.key, entry.value)]


_WORDS = lines_of(
    """
    apiVersion: v1
    kind: Pod
    kind: List
    spec:
    \u0020 containers:
    \u0020 - image: nginx:1.27
    \u0020   image: "redis:7"
    services:
    \u0020 web:
    \u0020   image: ${A:-nginx}:${TAG-1.27}
    \u0020   <<: *base
    x-base: &base
    \U0001f433:
    "\\U0001f433":
    "no":
    images:
    - name: a
    newTag: "1"
    repository: bitnami/nginx
    registry: docker.io
    tag: 1.27
    digest: sha256:cbbf2f9a99b47fc460d422812b6a5adff7dfee951d8fa2e4a98caa0382cfbdbf
    reference:
    status:
    ---
    ...
    {{ .Values.image }}
    ${
    $$
    $A
    ${A:?b}
    {"apiVersion": "v1", "kind": "Pod", "spec": {"image": "a:1"}}
    # nginx:1
    nginx:1.27
    {image: a:1, x: [b, c]}
    &a
    *a
    !!str
    |
    >-
    ? x
    "\\u0041"
    ```yaml
    ```
    '
    :
    """
)

TARGET = Target(
    name="pasted",
    shape=Shape.LINES,
    check=check,
    words=_WORDS,
    seeds=(
        (
            b"apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n"
            b"      containers:\n"
            b"      - name: a\n        image: nginx:1.27 # why\n      initContainers:\n"
            b"      - {image: 'redis:7', name: b}\nstatus:\n  image: old:1\n---\nkind: Pod\n"
        ),
        (
            b"services:\n  web: &w\n    image: ${A:-nginx}:${TAG:-1.27}\n  db:\n    <<: [*w]\n"
            b"    build: .\n  c:\n    image: $$a:${B}\n"
        ),
        (
            b'{"apiVersion": "v1", "kind": "List", "items": [\n {"image": "a/b:1"},\n'
            b' {"image": {"repository": "c/d", "tag": "1", "registry": "e.example"}}]}\n'
        ),
        b"NAME: x\n---\n# Source: a\nimage: {{ .Values.image }}\nfoo: bar\n  image: nginx:1\n",
        b"images:\n- nginx:1.27\n- name: redis\n  newTag: '7'\nresources:\n- x\n",
        b"nginx:1.27\napiVersion: v1\nkind: Pod\n\timage: redis:7\n",
        b"a: &a [x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nimage: [*c, *c]\nkind: !x |\n  image: y\n",
    ),
)
