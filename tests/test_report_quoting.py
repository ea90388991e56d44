import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from registry_mirror.report.markup import prose, row, table
from registry_mirror.report.quoting import code_block, code_span, json_text, log_line, visible
from registry_mirror.text import Language, Text
from tests.rendered import render

HOSTILE = (
    st.text(st.sampled_from(list("`|\\<>&@#*_~[]()!:$-= \n\r\t\x1b\u202e\u200bab/."))) | st.text()
)
LONG = st.text("`|\\<@ ab", min_size=100, max_size=400)


def is_shown(shown: str, text: str) -> bool:
    whole = visible(text) or " "
    return shown == whole or (len(whole) > 200 == len(shown) and shown.endswith("…"))


@given(HOSTILE | LONG)
@example("`")
@example("``a` ")
@example("a\\")
@example("|\\|\\\\|")
@example("<img src=x onerror=y>@everyone")
def test_a_code_span_holds_its_text_and_nothing_leaves_it(text: str) -> None:
    page = render(f"before {code_span(text)} after")
    assert page.elements == ["p", "code"]
    assert page.words.strip() == "before  after"
    assert is_shown(page.code[0], text)


@given(HOSTILE | LONG, HOSTILE)
@example("|", "\\")
@example("\\|", "\\\\|")
def test_a_code_span_stays_in_its_cell(first: str, second: str) -> None:
    cells = row(code_span(first), code_span(second), "end")
    page = render(table(("a", "b", "c"), [cells, row("x", "y", "z")]))
    assert page.elements.count("tr") == 3
    assert page.elements.count("td") == 6
    assert page.elements.count("code") == 2
    assert page.words.split() == ["a", "b", "c", "end", "x", "y", "z"]
    assert is_shown(page.code[0], first)
    assert is_shown(page.code[1], second)


@given(HOSTILE | LONG)
@example("```\n<h1>x</h1>")
@example("~~~\n````\n@x")
def test_a_code_block_holds_its_text_and_nothing_leaves_it(text: str) -> None:
    page = render(f"before\n\n{code_block(text)}\n\nafter")
    assert [element.split()[0] for element in page.elements] == ["p", "pre", "code", "p"]
    assert page.words.split() == ["before", "after"]


@given(HOSTILE)
def test_what_is_not_a_letter_is_shown_as_an_escape(text: str) -> None:
    assert visible(text).isprintable()
    assert "\u3164" not in visible(text + "\u3164")


def test_invisible_characters_are_named() -> None:
    assert visible("a\r\n\t\x1b\u202eb\u200b\U000e0041") == r"a\r\n\t\u001b\u202eb\u200b\U000e0041"


def test_letters_of_any_script_stay() -> None:
    assert visible("镜像 é ✅") == "镜像 é ✅"


def test_a_block_keeps_its_lines() -> None:
    assert code_block("a\r\nb\tc\n\n") == "```text\na\nb   c\n```"


def test_cut_text_says_so() -> None:
    assert code_span("x" * 300, 10) == "`xxxxxxxxx…`"
    assert code_block("x" * 300, 10) == "```text\nxxxxxxxxx…\n```"


@given(HOSTILE | st.text(":#[ \n"))
@example("  ::add-mask::x")
@example("\n::x")
@example("a###[add-mask]x")
def test_a_runner_finds_no_command_in_a_line(text: str) -> None:
    line = log_line(text)
    assert "\n" not in line
    assert "\r" not in line
    assert not line.lstrip().startswith("::")
    assert "##[" not in line
    assert log_line(line) == line


@pytest.mark.parametrize("quoted", [code_span, code_block])
@given(text=HOSTILE | st.text(":#[ \n"))
def test_nor_in_quoted_text(quoted: object, text: str) -> None:
    assert callable(quoted)
    for line in str(quoted(text)).split("\n"):
        assert not line.lstrip().startswith("::")
        assert "##[" not in line


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.text('#[:\\"\n'),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
@example({"##[": "##[error]", "\\##[": "\\\\##["})
def test_json_means_the_same_and_is_safe_to_print(value: dict[str, str]) -> None:
    text = json_text(value)
    assert json.loads(text) == value
    assert "##[" not in text
    assert text.isascii()
    assert not any(line.lstrip().startswith("::") for line in text.split("\n"))


def test_a_number_in_a_sentence_stands_bare() -> None:
    assert prose(Text("第 {n} 行", "line {n}").fill(n="12"), Language.ZH) == "第 12 行"


@given(HOSTILE.filter(lambda text: not text.isdecimal()))
def test_a_sentence_quotes_its_values_and_has_no_markup_of_its_own(text: str) -> None:
    sentence = Text("<b>*写* {value} [x](y) `tag`", "<b>*write* {value} [x](y) `tag`")
    page = render(f"So: {prose(sentence.fill(value=text), Language.EN)}")
    assert page.elements == ["p", "code", "code"]
    assert page.words.strip() == "So: <b>*write*  [x](y)"
