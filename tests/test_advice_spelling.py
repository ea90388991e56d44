"""Which name is meant, of many."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_mirror.advice.lookalikes import CATALOGUE, MAX_CANDIDATES, candidates, moved, surely
from registry_mirror.advice.spelling import distance, is_slip, nearest_tags
from registry_mirror.oci.reference import Reference

NGINX = [
    *("latest", "stable", "mainline", "alpine", "stable-alpine", "1", "1.20.0", "1.26"),
    *("1.26-alpine", "1.27", "1.27.4", "1.27.5", "1.27-alpine", "1.27.5-alpine", "1.28", "1.28.0"),
]

WORDS = st.text("abc1.-", max_size=8)


@pytest.mark.parametrize(
    ("wanted", "there", "first"),
    [
        ("1.27.9999", NGINX, ["1.27.5", "1.27.4", "1.27"]),
        ("1.27-alpin", NGINX, ["1.27-alpine"]),
        ("1.27.9-alpine", NGINX, ["1.27.5-alpine", "1.27-alpine"]),
        ("1.27.5-alpine3.99", NGINX, ["1.27.5-alpine", "1.27.5"]),
        ("v1.28.0", NGINX, ["1.28.0", "1.28"]),
        ("1.28", ["v1.27", "v1.28.3", "v1.28"], ["v1.28", "v1.28.3"]),
        ("1.29", NGINX, ["1.28"]),
        ("V1.28", ["v1.27", "v1.28"], ["v1.28"]),
        ("lastest", NGINX, ["latest"]),
        ("stabel-alpine", NGINX, ["stable-alpine"]),
        ("nothing-like-it", NGINX, ["latest", "stable"]),
        ("nothing-like-it", ["1.2", "1.10", "1.9"], ["1.10", "1.9", "1.2"]),
        ("9", ["edge", "nightly"], ["edge"]),
        ("1.2", ["1.2"], []),
        ("1.25.3", ["1.25.0", "1.25.1", "1.25.2", "1.25.5"], ["1.25.2", "1.25.5", "1.25.1"]),
        ("1.25.3", ["1.24.9", "1.26.0", "1.25.9"], ["1.25.9", "1.26.0", "1.24.9"]),
    ],
)
def test_the_nearest_tags_come_first(wanted: str, there: list[str], first: list[str]) -> None:
    found = nearest_tags(wanted, there, 5)
    assert list(found[: len(first)]) == first
    assert len(found) == min(5, len(set(there) - {wanted}))


@given(WORDS, st.lists(WORDS), st.integers(0, 6))
def test_only_tags_that_are_there_are_offered(wanted: str, there: list[str], most: int) -> None:
    found = nearest_tags(wanted, there, most)
    assert set(found) <= set(there) - {wanted}
    assert len(found) == len(set(found)) == min(most, len(set(there) - {wanted}))
    assert found == nearest_tags(wanted, reversed(there), most)


@given(WORDS, WORDS, WORDS)
def test_a_distance_is_one(one: str, other: str, third: str) -> None:
    assert (distance(one, other) == 0) is (one == other)
    assert distance(one, other) == distance(other, one)
    assert abs(len(one) - len(other)) <= distance(one, other) <= max(len(one), len(other))
    assert distance(third + one, third + other) == distance(one, other)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("nginxx", "nginx", True),
        ("ngnix", "nginx", True),
        ("postgresql", "postgres", True),
        ("nginx", "nginx", False),
        ("node", "nodes", True),
        ("node", "mono", False),
        ("go", "gcc", False),
        ("redis", "nginx", False),
    ],
)
def test_a_slip_is_a_letter_or_two(one: str, other: str, expected: bool) -> None:  # noqa: FBT001
    assert is_slip(one, other) is expected
    assert is_slip(other, one) is expected


def test_thousands_of_long_tags_take_no_time() -> None:
    started = time.process_time()
    assert nearest_tags("a" * 128, [f"{n:05}".rjust(128, "ab"[n % 2]) for n in range(5_000)], 5)
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("nginxx:1", "docker.io/library/nginx:1"),
        ("nginx/nginx:1", "docker.io/library/nginx:1"),
        ("quay.io/library/nginx:1", "docker.io/library/nginx:1"),
        ("grafana:1", "docker.io/grafana/grafana:1"),
        ("node-exporter:v1.7.0", "quay.io/prometheus/node-exporter:v1.7.0"),
        ("prometheus/node-exporter:v1", "quay.io/prometheus/node-exporter:v1"),
        ("quya.io/prometheus/node-exporter:v1", "quay.io/prometheus/node-exporter:v1"),
        ("kube-apiserver:v1.28.0", "registry.k8s.io/kube-apiserver:v1.28.0"),
        ("k8s.gcr.io/pause:3.9", "registry.k8s.io/pause:3.9"),
        ("gcr.io/google-containers/pause:3.9", "registry.k8s.io/pause:3.9"),
        ("bitnami/redis:7", "docker.io/bitnamilegacy/redis:7"),
        ("acme/tool:1", "quay.io/acme/tool:1"),
    ],
)
def test_what_is_likely_meant_is_looked_at(written: str, meant: str) -> None:
    source = Reference.parse(written)
    found = candidates(source, ())
    assert Reference.parse(meant) in found
    assert found.index(Reference.parse(meant)) <= 1
    assert source.name not in {place.name for place in found}
    assert len(found) <= MAX_CANDIDATES


def test_the_other_lines_say_how_a_name_is_spelt() -> None:
    other = Reference.parse("r.example.com/team/backend:1")
    misspelt = Reference.parse("r.example.com/team/bakend:2")
    meant = Reference.parse("r.example.com/team/backend:2")
    assert candidates(misspelt, [other]) == surely(misspelt, [other]) == (meant,)
    assert surely(Reference.parse("acme/tool:1"), ()) == ()


def test_of_a_private_registry_no_other_is_told() -> None:
    for written in ("registry.example.com/library/nginxx:1", "127.0.0.1:5000/prometheus/grafana:1"):
        assert candidates(Reference.parse(written), ()) == ()


def test_a_moved_registry_is_known_by_whole_parts_of_its_name() -> None:
    assert str(moved(Reference.parse("k8s.gcr.io/a/b:1"))) == "registry.k8s.io/a/b:1"
    assert moved(Reference.parse("k8s.gcr.io.example.com/a:1")) is None
    assert moved(Reference.parse("gcr.io/google-containers-too/pause:1")) is None


def test_a_pinned_digest_goes_with_the_image() -> None:
    source = Reference.parse(f"k8s.gcr.io/pause:3.9@sha256:{'0' * 64}")
    assert str(moved(source)) == f"registry.k8s.io/pause:3.9@sha256:{'0' * 64}"


@pytest.mark.parametrize("name", CATALOGUE.popular)
def test_the_catalogue_has_names_that_can_be_asked_for(name: str) -> None:
    assert Reference.parse(name).name == name
