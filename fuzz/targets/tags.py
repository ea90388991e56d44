"""What a registry lists of a repository's tags, and which of them may have been meant."""

from fuzz.target import Shape, Target, lines_of
from registry_mirror.advice.lookalikes import MAX_CANDIDATES, candidates, moved, surely
from registry_mirror.advice.spelling import distance, is_slip, nearest_tags, read_version
from registry_mirror.oci.reference import TAG, InvalidReferenceError, Reference
from registry_mirror.registry.tags import read_next, read_tags

_MOST = 3
_MOST_COMPARED = 40
"""Letters of names that are compared."""


def check(data: bytes) -> None:
    """Of the lines the first is wanted, the others are there; what is offered is one of them."""
    text = data.decode("utf-8", "replace")
    listed = read_tags(data) or ()
    assert all(TAG.fullmatch(tag) for tag in listed)
    read_next(text)
    wanted, *there = text.split("\n")
    tags = {tag for tag in (*listed, *there) if TAG.fullmatch(tag)}
    if TAG.fullmatch(wanted):
        _nearest(wanted, tags)
    _spelling(wanted[:_MOST_COMPARED], "".join(there[:1])[:_MOST_COMPARED])
    _lookalikes(wanted, there[:20])


def _nearest(wanted: str, tags: set[str]) -> None:
    found = nearest_tags(wanted, tags, _MOST)
    assert len(found) == min(_MOST, len(tags - {wanted}))
    assert set(found) <= tags
    assert len(set(found)) == len(found)
    assert found == nearest_tags(wanted, sorted(tags, reverse=True), _MOST)


def _spelling(one: str, other: str) -> None:
    read_version(one)
    apart = distance(one, other)
    assert apart == distance(other, one)
    assert (apart == 0) == (one == other)
    assert abs(len(one) - len(other)) <= apart <= max(len(one), len(other))
    assert is_slip(one, other) == is_slip(other, one)


def _lookalikes(text: str, others: list[str]) -> None:
    read = [reference for each in (text, *others) if (reference := _reference(each))]
    if not read:
        return
    source = read[0]
    for found in (candidates(source, read), surely(source, read)):
        assert len(found) <= MAX_CANDIDATES
        assert source not in found
        for each in found:
            assert Reference.parse(str(each)) == each
    there = moved(source)
    assert there is None or Reference.parse(str(there)) == there


def _reference(text: str) -> Reference | None:
    try:
        return Reference.parse(text)
    except InvalidReferenceError:
        return None


_WORDS = lines_of(
    """
    latest
    stable
    1.27
    v1.2.3-alpine
    1.27.0-rc.1
    {"name": "a", "tags": ["1.27", "1.28"]}
    <https://a.example/v2/b/tags/list?n=2&last=1>; rel="next"
    rel=next
    k8s.gcr.io/pause
    gcr.io/google_containers/
    docker.io/bitnami/nginx
    quay.io/prometheus/prometeus
    ngnix:1
    bitnami
    -alpine
    99999999999999999999
    """
)

TARGET = Target(
    name="tags",
    shape=Shape.LINES,
    check=check,
    words=_WORDS,
    seeds=(
        b'{"name":"a","tags":["1.27","1.28","v1","latest",null,"\\ud800"]}',
        b"1.27.1-alpin\n1.27.1-alpine\n1.27.1\n1.27\nlatest\n1.28.0-alpine3.20\nv1.27.1",
        b"lastest\nlatest\nstable\nmain\nsha-0123456\n20240101",
        b"k8s.gcr.io/pause:3.9\nregistry.k8s.io/pause:3.9",
        b"gcr.io/google_containers:1",
        b"grafana:1\nbitnami/ngnix:1\nquay.io/a/b:1",
        b'</v2/a/tags/list?last=b&n=2>; rel="next"',
    ),
)
