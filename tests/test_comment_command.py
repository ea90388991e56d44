"""Commands in comments: what is one, what is none, and what is told to be unknown."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_mirror.comment_command import Approve, Cancel, Help, Retry, Unknown, read_command


@pytest.mark.parametrize(
    ("comment", "command"),
    [
        ("/retry", Retry()),
        ("/RETRY", Retry()),
        ("/retry  \r\nplease", Retry()),
        ("  /retry", None),
        ("\n\n/retry", None),
        ("`/retry`", Retry()),
        ("/retry failed", Retry(only_failed=True)),
        ("/Retry   Failed", Retry(only_failed=True)),
        ("`/retry failed`", Retry(only_failed=True)),
        ("/approve 0123abcd", Approve("0123abcd")),
        ("/approve 0123ABCD", Approve("0123abcd")),
        ("/approve `0123abcd`", Approve("0123abcd")),
        (f"/approve {'a' * 64}", Approve("a" * 64)),
        ("/cancel", Cancel()),
        ("/help", Help()),
        ("/approve", Unknown("/approve")),
        ("/approve 0123abc", Unknown("/approve 0123abc")),
        (f"/approve {'a' * 65}", Unknown(f"/approve {'a' * 65}")),
        ("/approve 0123abcg", Unknown("/approve 0123abcg")),
        ("/approve 0123abcd 0123abcd", Unknown("/approve 0123abcd 0123abcd")),
        ("/retry all", Unknown("/retry all")),
        ("/cancel please", Unknown("/cancel please")),
        ("/Mirror Now", Unknown("/Mirror Now")),
        ("/retry!", Retry()),
        ("/retry。", Retry()),
        ("/retry ！", Retry()),
        ("/retry, failed", Retry(only_failed=True)),
        ("/retry,failed", Retry(only_failed=True)),
        ("/retry，failed。", Retry(only_failed=True)),
        ("/retry\u3000failed", Retry(only_failed=True)),
        ("/approve: 0123abcd", Approve("0123abcd")),
        ("/approve：0123abcd", Approve("0123abcd")),
        ("/approve <0123abcd>", Approve("0123abcd")),
        ("/approve「0123abcd」", Approve("0123abcd")),
        ("/approve 0123abcd.", Approve("0123abcd")),
        ("/re\u200btry", Retry()),
        ("/retry\u200d", Retry()),
        ("\u200b/retry", None),
        ("``/retry``", None),
        ("/can\u200bcel", Unknown("/can\u200bcel")),
        ("`/can\u200bcel`", Unknown("/can\u200bcel")),
        ("/" + "\u200b" * 300 + "cancel", Unknown("/" + "\u200b" * 199)),
        ("/cancel\u200b", Cancel()),
        ("/help?", Help()),
        ("/cancel, please", Unknown("/cancel, please")),
        ("/approve 0123abcd, 0123abcd", Unknown("/approve 0123abcd, 0123abcd")),
        ("/approve 0123.abcd", Unknown("/approve 0123.abcd")),
        ("/retryfailed", Unknown("/retryfailed")),
        ("please /retry", None),
        ("> /approve 0123abcd", None),
        ("thanks\n/retry", None),
        ("/", Unknown("/")),
        ("/ retry", Unknown("/ retry")),
        ("//retry", Unknown("//retry")),
        ("/usr/bin/skopeo fails", Unknown("/usr/bin/skopeo fails")),
        ("/重试", Unknown("/重试")),
        (f"/retry {'x' * 300}", Unknown(f"/retry {'x' * 193}")),
        ("", None),
    ],
)
def test_what_a_comment_says(comment: str, command: object) -> None:
    assert read_command(comment) == command


@given(st.text())
def test_only_the_first_line_counts(text: str) -> None:
    first = read_command("/retry\n" + text)
    assert first == Retry()


@given(st.text())
def test_whatever_begins_like_a_command_is_answered(text: str) -> None:
    assert read_command("/" + text) is not None
    assert read_command("`/" + text) is not None


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    command = read_command(text)
    shown = "".join(each for each in text if unicodedata.category(each) != "Cf")
    assert command is None or "".join(shown.replace("`", " ").split())[:1] == "/"
