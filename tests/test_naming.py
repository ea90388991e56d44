import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_mirror.naming import Naming, Target, name_of
from registry_mirror.oci.reference import REMOTE_NAME, TAG, Reference
from registry_mirror.request import Item, TargetName
from tests.test_reference import REFERENCES

SHA256 = "sha256:" + "0" * 64


def item(text: str, target: TargetName | None = None) -> Item:
    return Item(1, text, Reference.parse(text), target=target)


@pytest.mark.parametrize(
    ("source", "flat", "path"),
    [
        ("nginx:latest", "nginx:latest", "docker.io/library/nginx:latest"),
        (
            "gcr.io/google-containers/pause:3.9",
            "pause:3.9",
            "gcr.io/google-containers/pause:3.9",
        ),
        (
            "registry.k8s.io/kube-apiserver:v1.28.0",
            "kube-apiserver:v1.28.0",
            "registry.k8s.io/kube-apiserver:v1.28.0",
        ),
        (
            "quay.io/prometheus/node-exporter:v1.7.0",
            "node-exporter:v1.7.0",
            "quay.io/prometheus/node-exporter:v1.7.0",
        ),
        ("ghcr.io/a/b/c:1", "c:1", "ghcr.io/a/b/c:1"),
        (f"nginx:1@{SHA256}", "nginx:1", "docker.io/library/nginx:1"),
        ("localhost:5000/x:1", "x:1", "localhost-5000/x:1"),
        ("Registry.Example.com:443/x:1", "x:1", "registry.example.com-443/x:1"),
        ("[::1]:5000/x:1", "x:1", "0--1-5000/x:1"),
        ("[2001:DB8::]/x:1", "x:1", "2001-db8--0/x:1"),
    ],
)
def test_names(source: str, flat: str, path: str) -> None:
    assert str(name_of(item(source), Naming.FLAT)) == flat
    assert str(name_of(item(source), Naming.PATH)) == path


@pytest.mark.parametrize("naming", Naming)
def test_a_given_name_counts_whatever_the_naming(naming: Naming) -> None:
    assert str(name_of(item("nginx:1", TargetName("team/web", "2")), naming)) == "team/web:2"


@given(REFERENCES, st.sampled_from(Naming))
def test_every_source_gets_a_legal_name(text: str, naming: Naming) -> None:
    source = Reference.parse(text)
    tagged = Reference(source.registry, source.repository, source.tag or "1", source.digest)
    name = name_of(Item(1, text, tagged), naming)
    assert REMOTE_NAME.fullmatch(name.path)
    assert TAG.fullmatch(name.tag)


def test_a_target_puts_names_below_its_namespace() -> None:
    target = Target("registry.example.com", "team/mirrors")
    assert str(target) == "registry.example.com/team/mirrors"
    reference = target.reference(TargetName("nginx", "1.27"))
    assert str(reference) == "registry.example.com/team/mirrors/nginx:1.27"
    assert Reference.parse(str(reference)) == reference
