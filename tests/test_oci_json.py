"""The JSON reader, against what Go's encoding/json makes of the same text."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_mirror.oci.canonical import encode
from registry_mirror.oci.json import (
    MAX_BRACKETS,
    MAX_CONTENT,
    MAX_DEPTH,
    InvalidJSONError,
    parse_object,
)

TEXT = {
    b'{"size":"a"}': "a",
    b'{"SIZE":"a"}': "a",
    b'{"\xc5\xbfize":"a"}': "a",
    b'{"size":"a","Size":"b"}': "b",
    b'{"Size":"b","size":"a"}': "a",
    b'{"size":"a","size":null}': "a",
    b'{"size":null}': "",
    b'{"other":1}': "",
    b'{"size":"\xff"}': "\ufffd",
    b'{"size":"\xe2\x82x"}': "\ufffd\ufffdx",
    b'{"size":"\xed\xa0\x80"}': "\ufffd\ufffd\ufffd",
    b'{"size":"\\ud800"}': "\ufffd",
    b'{"size":"\\ud83d\\ude00"}': "\U0001f600",
    b' {"size":"a"}\n': "a",
}


@pytest.mark.parametrize(("content", "expected"), TEXT.items(), ids=repr)
def test_a_text(content: bytes, expected: str) -> None:
    assert parse_object(content).text("size") == expected


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xef\xbb\xbf{}",
        b"[]",
        b"null",
        b"{} {}",
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b'{"a":01}',
        b'{"a":"\n"}',
        b"{'a':1}",
        b'{"a":1,}',
        b"[" * 100_000,
        b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1),
        b"{" + b" " * MAX_CONTENT + b"}",
        b'{"a":[' + b"{}," * MAX_BRACKETS + b"{}]}",
    ],
    ids=lambda content: repr(content[:12]),
)
def test_what_is_no_object(content: bytes) -> None:
    with pytest.raises(InvalidJSONError):
        parse_object(content)


def test_what_is_just_within_the_limits() -> None:
    nested = b'{"a":' * MAX_DEPTH + b"1" + b"}" * MAX_DEPTH
    assert parse_object(nested).has("a")
    assert parse_object(b'{"a":"' + b"[{" * MAX_DEPTH + b'"}').has("a")
    assert not parse_object(b"{" + b" " * (MAX_CONTENT - 2) + b"}").has("a")


def test_an_unclosed_string_costs_no_more_than_its_length() -> None:
    with pytest.raises(InvalidJSONError):
        parse_object(b'{"' + b'\\"' * (MAX_CONTENT // 2 - 8))


@pytest.mark.parametrize(
    ("number", "expected"),
    [("116", 116), ("-0", 0), ("-1", -1), ("9223372036854775807", 2**63 - 1)],
)
def test_a_whole_number(number: str, expected: int) -> None:
    assert parse_object(f'{{"size":{number}}}'.encode()).number("size") == expected


@pytest.mark.parametrize("number", ["116.0", "1e2", '"1"', "true", "9223372036854775808", "[]"])
def test_what_is_no_whole_number(number: str) -> None:
    with pytest.raises(InvalidJSONError):
        parse_object(f'{{"size":{number}}}'.encode()).number("size")


def test_a_wrong_type_counts_even_where_a_later_value_is_right() -> None:
    with pytest.raises(InvalidJSONError):
        parse_object(b'{"a":1,"a":"b"}').text("a")


def test_objects_for_one_key_are_merged_and_arrays_replaced() -> None:
    body = parse_object(
        b'{"o":{"a":"1","b":"1"},"O":{"a":"2"},"l":["x"],"L":["y"],"n":["z"],"n":null}'
    )
    merged = body.nested("o")
    assert merged
    assert (merged.text("a"), merged.text("b")) == ("2", "1")
    assert body.texts("l") == ("y",)
    assert body.texts("n") == ()
    assert not body.has("n")


def test_keys_of_a_map_are_taken_as_they_are_written_and_sorted() -> None:
    body = parse_object(b'{"m":{"b":"1","B":"2","b":"3","":null}}')
    assert body.text_map("m") == (("", ""), ("B", "2"), ("b", "3"))


WRITTEN = {
    "<>&": rb'"\u003c\u003e\u0026"',
    "\u2028\u2029": rb'"\u2028\u2029"',
    '"\\': rb'"\"\\"',
    "\b\f\n\r\t": rb'"\b\f\n\r\t"',
    "\x00\x1f": rb'"\u0000\u001f"',
    "\x7fé层": b'"\x7f\xc3\xa9\xe5\xb1\x82"',
}


@pytest.mark.parametrize(("text", "expected"), WRITTEN.items(), ids=repr)
def test_what_go_writes_of_a_text(text: str, expected: bytes) -> None:
    assert encode(text) == expected


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_written_reads_the_same(text: str) -> None:
    assert parse_object(encode({"a": text})).text("a") == text
    assert json.loads(encode(text)) == text


@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        parse_object(b'{"a":"' + content + b'"}').text("a").encode()
    except InvalidJSONError:
        return
