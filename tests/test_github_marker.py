import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_mirror.github.marker import Marker, decoded, encoded, read_marker

SAFE = "0123456789abcdefXYZ+/=_.,:"
names = st.from_regex(r"[a-z][a-z0-9_]{0,10}", fullmatch=True)
values = st.text(SAFE, max_size=30)
markers = st.builds(
    Marker,
    st.sampled_from(["status", "report", "needs-approval"]),
    st.from_regex(r"[0-9a-f]{16}", fullmatch=True),
    st.lists(st.tuples(names, values), max_size=5, unique_by=lambda each: each[0]).map(tuple),
)


def test_a_marker_is_one_hidden_line() -> None:
    marker = Marker("approved", "12ab", (("digest", "00ff"), ("failed", "3,5"), ("body", "")))
    assert str(marker) == "<!-- registry-mirror approved 12ab digest=00ff failed=3,5 body= -->"
    assert read_marker(f"{marker}\nApproved.") == marker
    assert (marker.value("failed"), marker.value("body"), marker.value("x")) == ("3,5", "", None)


@given(markers, st.text())
def test_what_was_written_is_read(marker: Marker, body: str) -> None:
    assert "--" not in str(marker).removeprefix("<!--").removesuffix("-->")
    assert read_marker(str(marker)) == marker
    assert read_marker(f"{marker}\n{body}") == marker
    assert read_marker(f"{marker}\r\n{body}") == marker


@given(st.text() | st.text().map(lambda text: f"<!-- registry-mirror {text} -->"))
def test_any_text_is_read_as_a_marker_or_as_none(body: str) -> None:
    marker = read_marker(body)
    assert marker is None or body.startswith(str(marker))


@pytest.mark.parametrize(
    "body",
    [
        "",
        "\n<!-- registry-mirror status 12ab -->",
        " <!-- registry-mirror status 12ab -->",
        "> <!-- registry-mirror status 12ab -->",
        "<!-- registry-mirror status 12ab --> and more",
        "<!-- registry-mirror status -->",
        "<!-- registry-mirror status 12ab body -->",
        "<!-- registry-mirror status 12ab  body=1 -->",
        "<!-- registry-mirror status 12ab body=1 body=2 -->",
        "<!-- registry-mirror status 12ab body=1-2 -->",
        "<!-- registry-mirror status 12ab body=1--><b> -->",
        "<!-- registry-mirror STATUS 12ab -->",
        "<!-- registry-mirror need--approval 12ab -->",
        "<!-- registry-mirror status 12\u0661 -->",
        "<!-- registry mirror status 12ab -->",
    ],
)
def test_what_is_no_marker(body: str) -> None:
    assert read_marker(body) is None


@pytest.mark.parametrize(
    ("kind", "nonce", "values"),
    [
        ("status", "", ()),
        ("Status", "12ab", ()),
        ("status", "12ab", (("digest", "a-b"),)),
        ("status", "12ab", (("digest", "a b"),)),
        ("status", "12ab", (("digest", "a\n"),)),
        ("status", "12ab", (("Digest", "a"),)),
        ("status", "12ab", (("digest", "a"), ("digest", "b"))),
        ("status -->", "12ab", ()),
    ],
)
def test_what_cannot_stand_in_a_marker(
    kind: str, nonce: str, values: tuple[tuple[str, str], ...]
) -> None:
    with pytest.raises(ValueError, match="marker"):
        Marker(kind, nonce, values)


@given(st.text())
def test_any_text_can_be_a_value(text: str) -> None:
    assert decoded(encoded(text)) == text
    Marker("status", "12ab", (("text", encoded(text)),))


@given(st.text() | st.text(SAFE))
def test_a_value_that_encodes_nothing_is_none(value: str) -> None:
    text = decoded(value)
    assert text is None or isinstance(text, str)
    assert decoded("a") is None
    assert decoded("__80") is None
