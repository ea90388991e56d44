"""What is said of approvals, commands and runs that meet, as people read it.

`UPDATE_GOLDEN=1 pytest` writes the golden files anew.
"""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from registry_mirror.approval import PinnedList, pinned_line
from registry_mirror.errors import Code, Failure, RequestInvalidError, Side
from registry_mirror.naming import Target
from registry_mirror.oci.digest import Digest
from registry_mirror.outcome import Failed
from registry_mirror.report import reply_words as words
from registry_mirror.report.answers import invalid_comment
from registry_mirror.report.corrected import MAX_URL, corrected_list, form_url
from registry_mirror.report.failures import failure_sections
from registry_mirror.report.replies import (
    about,
    also_written,
    approved_comment,
    approved_note,
    cancelled_comment,
    daily_limit_comment,
    help_comment,
    reply,
    taken,
)
from registry_mirror.report.waiting import Shown, unresolved_comment, waiting_comment
from registry_mirror.repository_rules import Rules
from registry_mirror.request.body import read_body
from registry_mirror.request.listing import read_list
from registry_mirror.text import Language, Text
from tests.issue_requests import form
from tests.rendered import render
from tests.report_samples import TARGET, copy_of
from tests.test_approval import plan_of
from tests.test_report_golden import compare

HOST, _, NAMESPACE = TARGET.partition("/")
COPIES = (copy_of("nginx:1.27", 4), copy_of("quay.io/prometheus/node-exporter:v1.7.0", 5))
DIGESTS = (Digest("sha256:" + "1f" * 32), Digest("sha256:" + "2e" * 32))
LOST = Failed(
    copy_of("redis:7.9.9", 6),
    Failure(Code.TAG_NOT_FOUND, Side.SOURCE, said="manifest unknown @everyone ``` <h1>"),
)
REPOSITORY = "https://github.com/me/fork"


def shown(note: Text | None = None) -> Shown:
    pairs = tuple(zip(COPIES, DIGESTS, strict=True))
    lines = tuple(pinned_line(copy, digest, Target(HOST, NAMESPACE)) for copy, digest in pairs)
    return Shown(PinnedList(lines, "0" * 64), pairs, (LOST,), note)


def corrected(language: Language) -> str:
    request = read_list("nginx\ndocker pull redis:7.4\nquay.io/a/b:1\n")
    lines = corrected_list(request, request.problems)
    return invalid_comment(
        request.problems,
        language=language,
        corrected=lines,
        form=form_url(REPOSITORY, lines),
    )


def limited(language: Language) -> str:
    problem = Rules(images_per_day=20).daily_problem(15, 8)
    assert problem
    until = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)
    return daily_limit_comment(problem, until, language=language)


def met(language: Language) -> str:
    failed = Failed(COPIES[0], taken(12))
    targets = [f"{TARGET}/app-{n}:1" for n in range(7)]
    return "\n\n".join(
        (
            also_written(12, targets[:1], language=language),
            also_written(13, targets, language=language),
            failure_sections((failed,), language, said=200),
        )
    )


SAYINGS = (
    *(words.RETRY_NOTHING_FAILED, words.RETRY_NEVER_RAN, words.RETRY_BODY_CHANGED),
    *(words.CANCEL_FAILED, words.APPROVAL_UNKNOWN.fill(digest="0123abcd")),
    words.APPROVAL_AMBIGUOUS.fill(digest="0123abcd"),
)


def replies(language: Language) -> str:
    denials = (words.NOT_ALLOWED_RETRY, words.NOT_ALLOWED_APPROVE, words.PERMISSION_UNKNOWN)
    return "\n\n".join(
        (
            approved_comment("cora", "0123abcd0123", language=language),
            approved_note("cora", "0123abcd0123", language=language),
            *(cancelled_comment(count, language=language) for count in range(3)),
            *(about(text, "sam", language=language) for text in denials),
            *(reply(text, language=language) for text in SAYINGS),
        )
    )


COMMENTS: dict[str, Callable[[Language], str | None]] = {
    "waiting": lambda language: waiting_comment(shown(), language=language),
    "waiting-changed": lambda language: waiting_comment(
        shown(words.WAITING_BODY_CHANGED), language=language
    ),
    "waiting-retried": lambda language: waiting_comment(
        shown(words.WAITING_NOT_THEIRS), language=language
    ),
    "waiting-edited": lambda language: waiting_comment(
        shown(words.WAITING_EDITED), language=language
    ),
    "unresolved": lambda language: unresolved_comment((LOST,), language=language),
    "help": lambda language: help_comment(language=language),
    "help-unknown": lambda language: help_comment("/mirror @all `now` | x", language=language),
    "replies": replies,
    "daily-limit": limited,
    "met": met,
    "corrected": corrected,
}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", COMMENTS)
def test_a_comment_reads_as_it_did(name: str, language: Language) -> None:
    comment = COMMENTS[name](language)
    assert comment
    compare(f"flow/{name}.{language}.md", comment)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", COMMENTS)
def test_strangers_words_stay_in_code(name: str, language: Language) -> None:
    page = render(COMMENTS[name](language) or "")
    assert "everyone" not in page.words
    assert "@all" not in page.words
    links = {element for element in page.elements if element.startswith("a ")}
    assert all(link.startswith(f"a href={REPOSITORY}/issues/new?") for link in links)


def test_both_languages_have_the_same_shape() -> None:
    for name, comment in COMMENTS.items():
        zh, en = (render(comment(language) or "") for language in Language)
        assert zh.elements == en.elements, name


@pytest.mark.parametrize(
    ("lines", "right"),
    [
        (["nginx", "redis:7"], ["nginx:latest", "redis:7"]),
        (["redis:7 # the cache", "docker pull nginx:1"], ["redis:7 # the cache", "nginx:1"]),
        (["a/b:1", "c/b:1"], ["a/b:1", "c/b:1 --as c-b"]),
        (["nginx:1, redis:7"], ["nginx:1", "redis:7"]),
        (["images:", "- nginx:1"], ["nginx:1"]),
        (["nginx:1", "请帮忙同步一下"], []),
        (["nginx:1 --as A", "x"], []),
        ([""], []),
    ],
)
def test_the_list_is_put_right_where_it_is_clear_how(lines: list[str], right: list[str]) -> None:
    with pytest.raises(RequestInvalidError) as caught:
        plan_of("\n".join(lines))
    request = read_list("\n".join(lines))
    assert list(corrected_list(request, caught.value.problems)) == right


def test_the_platform_of_the_form_goes_with_each_line() -> None:
    body = form(["nginx", "redis:7 --all"]).replace("_No response_", "linux/arm64")
    request = read_body(body)
    assert corrected_list(request, request.problems) == (
        "nginx:latest --platform linux/arm64",
        "redis:7 --all",
    )


@pytest.mark.parametrize(
    ("text", "right"),
    [
        (
            '{"apiVersion":"v1","kind":"Pod","c":[{"image":"nginx"},{"image":"redis:7"},{"image":"a:1"}]}',
            {"nginx:latest", "docker.io/library/redis:7", "docker.io/library/a:1"},
        ),
        (
            "kind: Pod\napiVersion: v1\nc: [{image: 'a:1'}, {image: 'b:1'}]\nx:\n- image: c\n",
            {"docker.io/library/a:1", "docker.io/library/b:1", "c:latest"},
        ),
        (
            "kind: Pod\napiVersion: v1\nc: [{image: a}, {image: b}]\n",
            {"a:latest", "b:latest"},
        ),
        (
            ", ".join(f"registry.example.com/team/application-{n}:v1.2.3" for n in range(8)),
            {f"registry.example.com/team/application-{n}:v1.2.3" for n in range(8)},
        ),
    ],
)
def test_no_image_of_a_line_is_lost_in_the_list_put_right(text: str, right: set[str]) -> None:
    request = read_list(text)
    lines = corrected_list(request, request.problems)
    assert set(lines) == right
    assert len(lines) == len(right)


def test_a_form_that_would_be_too_long_is_not_offered() -> None:
    url = form_url(REPOSITORY, ["nginx:1.27 --as a", "b:1"])
    assert url == (
        f"{REPOSITORY}/issues/new?template=mirror-request.yml&images=nginx%3A1.27+--as+a%0Ab%3A1"
    )
    assert form_url(REPOSITORY, ["x" * MAX_URL]) is None
