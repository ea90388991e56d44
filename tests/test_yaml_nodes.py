"""YAML as texts with lines: what is read, what is refused, and that nothing else ever happens."""

import time
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from registry_mirror.yaml_nodes import (
    MAX_DEPTH,
    MAX_NODES,
    BadYamlError,
    Listing,
    Mapping,
    Node,
    Scalar,
    read_yaml,
)


def plain(node: Node) -> object:
    match node:
        case Scalar():
            return node.text
        case Listing(_, items):
            return [plain(item) for item in items]
        case Mapping(_, entries):
            return {entry.key.text: plain(entry.value) for entry in entries}


def lines(node: Node) -> list[tuple[str, int]]:
    match node:
        case Scalar(line, text):
            return [(text, line)]
        case Listing(_, items):
            return [found for item in items for found in lines(item)]
        case Mapping(_, entries):
            return [found for entry in entries for found in lines(entry.value)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: [x, 'y', \"z\"]\n", [{"a": "1", "b": ["x", "y", "z"]}]),
        ("- yes\n- 1.10\n- 0x10\n- 2026-01-01\n", [["yes", "1.10", "0x10", "2026-01-01"]]),
        ("a: !!python/object/apply:os.system [x]\n", [{"a": ["x"]}]),
        ("a: &x {b: c}\nd: *x\n", [{"a": {"b": "c"}, "d": {"b": "c"}}]),
        ("a: 1\n---\nb: 2\n...\n", [{"a": "1"}, {"b": "2"}]),
        ("\ufeffa: 1", [{"a": "1"}]),
        ("a: '镜像'", [{"a": "镜像"}]),
        ("# only a comment\n", []),
        ("", []),
    ],
)
def test_everything_is_text(text: str, expected: list[object]) -> None:
    assert [plain(document) for document in read_yaml(text)] == expected


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
@pytest.mark.parametrize("other", ["", "\u2028", "\x85"])
def test_lines_are_counted_as_an_editor_counts_them(line_break: str, other: str) -> None:
    text = line_break.join(
        ["# head", "a: one", f"b: 'tw{other}o'", "", "c:", "  - three", "  - four"]
    )
    found = lines(read_yaml(text)[0])
    assert [line for _, line in found] == [2, 3, 6, 7]


@pytest.mark.parametrize(
    ("text", "is_null"),
    [("a:", True), ("a: ~", True), ("a: null", True), ("a: ''", False), ("a: 'null'", False)],
)
def test_a_null_is_told_from_the_text_of_one(text: str, *, is_null: bool) -> None:
    match read_yaml(text):
        case (Mapping(entries=(entry,)),):
            assert isinstance(entry.value, Scalar)
            assert entry.value.is_null is is_null
        case other:
            pytest.fail(str(other))


def test_a_key_that_stands_twice_is_kept_twice() -> None:
    (document,) = read_yaml("a: 1\na: 2\n")
    assert isinstance(document, Mapping)
    assert [plain(entry.value) for entry in document.entries] == ["1", "2"]
    first = document.get("a")
    assert first
    assert plain(first) == "1"
    assert document.get("b") is None


BOMB = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 20)
)
TOWER = "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, 99))
WRONG = [
    ("a: 1\n\tb: 2\n", 2, "tab"),
    ("a:\n  - x\n \t- y\n", 3, "tab"),
    ("a: [1, 2\n", 2, "isn't YAML"),
    ("a: 1\nb: c: d\n", 2, "isn't YAML"),
    ("a: 'x\n", 2, "isn't YAML"),
    ("a: 1\nb: *c\n", 2, "anchor"),
    ("a: &x\n  - *x\n", 2, "within itself"),
    ("a: &x 1\n---\nb: *x\n", 3, "anchor"),
    ("a: 1\nimage: {{ .Values.image }}\n", 2, "a key must be text"),
    ("? [a]\n: b\n", 1, "a key must be text"),
    ("a: \x07\n", 1, "U+0007"),
    ("a: 1\nb: \ud800\n", 2, "U+D800"),
    ('a: "\\ud800"\n', 1, "U+D800"),
    ('a: "\\U00110000"\n', 1, "isn't YAML"),
    ('a: "\\Uf0201F60"\n', 1, "isn't YAML"),
    ("%YAML " + "1" * 5000 + ".1\n--- a\n", 1, "isn't YAML"),
    ("!<%ff> a\n", 1, "isn't YAML"),
    ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), 1, "nested"),
    ("- " * 5000, 1, "nested"),
    (TOWER, MAX_DEPTH - 1, "nested"),
    (BOMB, 6, f"more than {MAX_NODES} values"),
    ("[" + "x," * MAX_NODES + "]", 1, f"more than {MAX_NODES} values"),
    ("---\n" * (MAX_NODES + 2), MAX_NODES + 2, f"more than {MAX_NODES} values"),
]


@pytest.mark.parametrize(("text", "line", "reason"), WRONG, ids=range(len(WRONG)))
def test_what_is_wrong_is_told_with_its_line(text: str, line: int, reason: str) -> None:
    with pytest.raises(BadYamlError) as caught:
        read_yaml(text)
    assert caught.value.line == line
    assert reason in str(caught.value.reason)


def test_depth_and_number_of_values_are_held_to_the_letter() -> None:
    assert read_yaml("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    assert read_yaml("[" + "x," * (MAX_NODES - 1) + "]")
    with pytest.raises(BadYamlError):
        read_yaml("[" + "x," * MAX_NODES + "]")


def test_aliases_may_be_refused() -> None:
    with pytest.raises(BadYamlError) as caught:
        read_yaml("a: &x 1\nb: *x\n", aliases=False)
    assert caught.value.line == 2
    assert "*x" in str(caught.value.reason)


def test_a_text_may_be_too_long() -> None:
    assert read_yaml("a: 1", most=4)
    with pytest.raises(BadYamlError) as caught:
        read_yaml("a:\n  1", most=4)
    assert caught.value.line == 2


SLOW = {
    "flow": "[" * 200_000,
    "keys": "{" + "a," * 400_000,
    "question marks": "? " * 400_000,
    "quote": "'" + "a " * 500_000,
    "comments": "#\n" * 500_000,
    "documents": "---\n" * 250_000,
    "colons": ":" * 1_000_000,
    "blank lines": "\n" * 1_000_000,
    "indented": "\n".join(" " * i + "a:" for i in range(1_400)),
    "block scalar": "a: |\n" + " \n" * 500_000,
    "bomb": BOMB,
}


@pytest.mark.parametrize("text", SLOW.values(), ids=SLOW)
def test_nothing_takes_long(text: str) -> None:
    started = time.process_time()
    with suppress(BadYamlError):
        read_yaml(text)
    assert time.process_time() - started < 15


PIECES = st.sampled_from(
    [
        *"abc:-?&*!|>%@`'\"#,[]{}\n\t \\",
        ": ",
        "- ",
        "? ",
        "\n  ",
        "---\n",
        "&a ",
        "*a",
        "<<: ",
        "!!x ",
    ]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=60).map("".join))


@given(TEXTS)
@example("\ud800")
@example('"\\x')
@example("%TAG ! ")
@example("&")
@example("'\n---\n'")
def test_reading_raises_nothing_but_its_own_error(text: str) -> None:
    last = text.count("\n") + text.count("\r") + 1
    assert all(1 <= line <= last for line in lines_told(text))


def lines_told(text: str) -> list[int]:
    """The lines of what is read, or that of what is wrong."""
    try:
        documents = read_yaml(text)
    except BadYamlError as error:
        return [error.line]
    return [line for document in documents for _, line in lines(document)]
