"""Comments of an issue: commands, markers, and lists that were shown for approval."""

import hashlib
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

from fuzz.target import Shape, Target, lines_of
from registry_mirror.approval import PinnedList, find_list, pinned_line
from registry_mirror.comment_command import MAX_LINE, Approve, Unknown, read_command
from registry_mirror.github.client import Comment
from registry_mirror.github.marker import decoded, encoded, read_marker
from registry_mirror.issue.past import APPROVED, REPORT, SHOWN, Past, past_of
from registry_mirror.naming import Target as Place
from registry_mirror.plan import Copy
from registry_mirror.report.quoting import BLOCK_LIMIT, SPAN_LIMIT, code_block, code_span, log_line

_BODY = hashlib.sha256(b"").hexdigest()
_PLACE = Place("t.example", "team")


def check(data: bytes) -> None:
    """What is read prints as it stood; what another wrote counts for nothing."""
    text = data.decode("utf-8", "replace")
    _command(text)
    _marker(text)
    _approval(text)
    _past(text)
    _quoted(text)


def _command(text: str) -> None:
    match read_command(text):
        case Approve(prefix):
            assert 8 <= len(prefix) <= 64
            assert all(digit in "0123456789abcdef" for digit in prefix)
        case Unknown(said):
            assert said.startswith("/")
            assert len(said) <= MAX_LINE
            assert "\n" not in said
        case _:
            pass


def _marker(text: str) -> None:
    marker = read_marker(text)
    if marker:
        assert text.partition("\n")[0].rstrip("\r") == str(marker)
        for _, value in marker.values:
            assert (found := decoded(value)) is None or decoded(encoded(found)) == found
    assert decoded(encoded(text)) == text
    assert "-" not in encoded(text)
    decoded(text)


def _approval(text: str) -> None:
    """A list that can be read asks for content by digest, and is written the same again."""
    found = find_list(text, digest=_digest_of(text), body_digest=_BODY)
    for lines in (tuple(text.split("\n")[:50]), found.lines if found else ()):
        with suppress(ValueError):
            _judge(PinnedList(lines, _BODY))


def _judge(pinned: PinnedList) -> None:
    for item in pinned.request().items:
        digest, selection, name = item.source.digest, item.selection, item.target
        assert digest is not None
        assert selection is not None
        assert name is not None
        copy = Copy(item.line, item.source, _PLACE.reference(name), selection)
        written = PinnedList((pinned_line(copy, digest, _PLACE),), _BODY)
        (again,) = written.request().items
        assert replace(again, text="") == replace(item, text="")


def _digest_of(text: str) -> str:
    """That of what stands between the first two fences, where these are as we write them."""
    lines = text.splitlines()
    fences = [at for at, line in enumerate(lines) if line.startswith("```")][:2]
    inner = lines[fences[0] + 1 : fences[1]] if len(fences) == 2 else []
    return PinnedList(tuple(inner), _BODY).digest


def _past(text: str) -> None:
    comment = Comment(1, 7, "x", text, datetime(2026, 1, 1, tzinfo=UTC), is_ours=True)
    past_of([comment])
    theirs = past_of([replace(comment, is_ours=False)])
    assert theirs == Past()


def _quoted(text: str) -> None:
    span, line, block = code_span(text), log_line(text), code_block(text)
    assert span.isprintable()
    assert len(span) <= 3 * SPAN_LIMIT + len("  ``")
    assert line.isprintable()
    assert not line.lstrip(" ").startswith("::")
    assert "##[" not in span + line + block
    fence = block.partition("text\n")[0]
    inner = block.removeprefix(f"{fence}text\n").removesuffix(f"\n{fence}")
    assert len(inner) <= BLOCK_LIMIT
    assert fence not in inner
    assert all(each.isprintable() for each in block.split("\n"))


_LINE = f"docker.io/library/nginx:1.27@sha256:{'a' * 64} --platform linux/amd64  # line 3"
_WORDS = lines_of(
    f"""
    /retry
    /retry failed
    /approve
    /approve 0123456789abcdef
    /cancel
    /help
    <!-- registry-mirror {SHOWN} n -->
    <!-- registry-mirror {APPROVED} n digest={_BODY} by=YWxpY2U -->
    <!-- registry-mirror {REPORT} n body={_BODY} failed=1,2 -->
    failed=all
    body={_BODY}
    digest=
    ```text
    ```
    ````
    {_LINE}
    --all
    --as a/b:c
    # line 7
    ::error::
    ##[error]
    \u202e
    \u3164
    @sha512:
    """
)


def _shown(*lines: str) -> bytes:
    digest = PinnedList(lines, _BODY).digest
    head = f"<!-- registry-mirror {SHOWN} abc digest={digest} body={_BODY} -->"
    return "\n".join((head, "words", "```text", *lines, "```", "more")).encode()


TARGET = Target(
    name="comments",
    shape=Shape.LINES,
    check=check,
    words=_WORDS,
    seeds=(
        b"/approve 0123456789ab\nthanks",
        b"  `/Retry  failed`",
        b"/nope ::error::x",
        _shown(_LINE),
        _shown(_LINE, _LINE.replace("--platform linux/amd64", "--all --as a/b:c")),
        _LINE.encode(),
        f"<!-- registry-mirror {APPROVED} n digest={_BODY} by=YWxpY2U -->\nx".encode(),
        f"<!-- registry-mirror {REPORT} n body={_BODY} failed=1,2 -->\r\nx".encode(),
        f"<!-- registry-mirror {REPORT} n body={_BODY} failed=all -->".encode(),
    ),
)
