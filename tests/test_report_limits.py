"""A comment fits, however long the list and whatever is in it."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry_mirror.engines import Ended, Started
from registry_mirror.errors import Code, Failure, Problem
from registry_mirror.outcome import Copied, Dropped, Failed, Outcome, Unchanged
from registry_mirror.plan import Plan
from registry_mirror.report.fitting import COMMENT, SUMMARY, Limit, most
from registry_mirror.report.markdown import (
    Status,
    invalid_comment,
    report_comment,
    settings_comment,
    status_comment,
)
from registry_mirror.report.progress import Advance, ProgressBoard
from registry_mirror.text import Language, Text
from tests.rendered import Page, render
from tests.report_samples import (
    MIXED,
    RUN_URL,
    SETTINGS,
    SETTINGS_URL,
    TARGET,
    content,
    copied,
    copy_of,
    digest,
    failed,
    report_of,
)

NAMES = ("kube-apiserver", "node-exporter", "cert-manager-controller", "nginx", "coredns")
SAID = "denied: requested access to the resource is denied | @everyone ``` <b>\n" * 20


def source(number: int) -> str:
    return f"registry.k8s.io/team/{NAMES[number % 5]}-{number}:v1.{number}.0"


def good(number: int) -> Copied:
    return replace(
        copied(source(number), number),
        source_digest=digest(str(number)),
        replaced=digest(f"old {number}"),
        dropped=(Dropped(digest(f"attestation {number}"), "attestation"),),
    )


def bad(number: int) -> Failed:
    return failed(source(number), Code.TAG_NOT_FOUND, number, SAID)


def mixture(total: int, every: int) -> list[Outcome]:
    return [bad(n) if n % every == 0 else good(n) for n in range(1, total + 1)]


def rows(page: Page) -> int:
    return page.elements.count("tr")


def assert_whole(comment: str, limit: Limit = COMMENT) -> Page:
    """It fits, and nothing in it is cut in the middle."""
    assert len(comment) <= limit.points
    assert len(comment.encode()) <= limit.octets
    page = render(comment)
    assert comment.count("<details>") == comment.count("</details>")
    assert comment.count("<details>") == page.elements.count("details")
    assert "| " not in page.words
    assert "```" not in page.words
    return page


def test_sed_is_given_up_before_the_rest_of_what_is_ready_to_use() -> None:
    comments = [
        report_comment(report_of(*map(good, range(1, count))), language=Language.EN)
        for count in range(30, 110, 8)
    ]
    short = [one for one in comments if "newName" in one and "sed -E" not in one]
    assert short
    assert all("- the line for sed" in one for one in short)
    assert all("newName" in one for one in comments if "sed -E" in one)


@pytest.mark.parametrize("language", Language)
def test_200_images_keep_their_whole_table(language: Language) -> None:
    comment = report_comment(report_of(*map(good, range(200))), language=language, run_url=RUN_URL)
    page = assert_whole(comment)
    assert all(f"`{source(number)}`" in comment for number in range(200))
    assert rows(page) == 201
    assert "docker pull" in comment


@pytest.mark.parametrize("language", Language)
def test_200_images_of_which_some_failed(language: Language) -> None:
    comment = report_comment(report_of(*mixture(200, 10)), language=language, run_url=RUN_URL)
    page = assert_whole(comment)
    assert rows(page) == 201
    assert comment.count("#### ") == 1
    assert page.words.count("❌") >= 20


@pytest.mark.parametrize("every", [1, 2, 50, 5_001])
def test_5000_images_fit_and_failures_stay_longest(every: int) -> None:
    outcomes = mixture(5_000, every)
    comment = report_comment(report_of(*outcomes), language=Language.ZH, run_url=RUN_URL)
    assert_whole(comment)
    assert len(comment) > COMMENT.points * 0.9
    lost = [o for o in outcomes if isinstance(o, Failed) and f"`{o.copy.source}`" not in comment]
    kept = sum(f"`{o.copy.source}`" in comment for o in outcomes if isinstance(o, Copied))
    assert not lost or not kept
    assert not lost or f"{len(lost)} 个失败的镜像" in comment
    assert f"共 {len(outcomes)} 个镜像" in comment


def test_what_is_left_out_is_counted() -> None:
    comment = report_comment(report_of(*map(good, range(200))), language=Language.EN)
    pulled = sum(line.startswith("docker pull") for line in comment.splitlines())
    assert 0 < pulled < 200
    assert f"- pull commands, images: {200 - pulled}\n" in comment
    assert "the run's log has the result of every image" in comment


def test_a_short_report_leaves_nothing_out() -> None:
    assert "Left out" not in report_comment(MIXED, language=Language.EN)


def test_the_summary_has_room_for_more() -> None:
    report = report_of(*mixture(500, 10))
    comment = report_comment(report, language=Language.EN, limit=SUMMARY)
    page = assert_whole(comment, SUMMARY)
    assert sum(line.startswith("docker pull") for line in comment.splitlines()) == 450
    assert "Left out" not in page.words


def test_bytes_count_too() -> None:
    text = "镜" * 90_000
    assert not COMMENT.holds("镜" * 80_001)
    assert not Limit(100_000, 240_000).holds(text)
    assert Limit(100_000, 270_000).holds(text)


@given(st.integers(0, 50), st.integers(0, 50))
def test_most_is_the_largest_that_fits(count: int, room: int) -> None:
    assert most(count, lambda kept: "x" * kept, Limit(room, room)) == min(count, room)


@pytest.mark.parametrize("total", [200, 5_000])
def test_the_status_fits_and_shows_what_needs_attention(total: int) -> None:
    outcomes = mixture(total, 25)[: total // 2]
    copies = tuple(copy_of(source(number), number) for number in range(1, total + 1))
    running = frozenset(copies[: total // 2 + 5])
    advances = dict.fromkeys(running, Advance(10**9, 10**12, 123_456_789.0))
    status = Status(copies, running, {o.copy: o for o in outcomes}, advances)
    comment = status_comment(status, language=Language.ZH, run_url=RUN_URL)
    page = assert_whole(comment)
    assert page.words.count("🔄 同步中") == 5 + 1
    assert page.words.count("❌") == total // 50 + 1
    assert rows(page) == 201 if total == 200 else 250 < rows(page) < 500


def test_the_status_follows_events() -> None:
    one, two = copy_of("nginx:1"), copy_of("nginx:2")
    board = ProgressBoard(Plan((one, two)))

    def comment() -> str:
        return status_comment(board.status(1.0), language=Language.ZH)

    board.take(Started(one), 0.0)
    assert "已完成 0 / 2" in comment()
    board.take(Ended(Unchanged(one, content("one"), 0.5)), 0.5)
    assert "已完成 1 / 2" in comment()
    board.take(Ended(Failed(two, Failure(Code.TIMEOUT))), 1.0)
    assert board.status(1.0).over
    assert "🏁" in comment()


def problem(number: int, text: str) -> Problem:
    reason = Text(zh="没有 tag", en="the tag is missing")
    return Problem(Code.MISSING_TAG, reason, Text("写 {x}", "write {x}").fill(x=text), number, text)


def test_problems_beyond_the_limit_are_counted() -> None:
    problems = tuple(problem(number, "<h1>|`" * 50_000) for number in range(1, 1_001))
    comment = invalid_comment(problems, language=Language.ZH)
    page = assert_whole(comment)
    shown = rows(page) - 1
    assert 50 < shown < 1_000
    assert f"还有 {1_000 - shown} 处问题未列出" in page.words
    assert "有 1000 处问题" in page.words


HOSTILE = st.text(st.sampled_from(list("`|\\<>&@#*_~[]()!: \n\r\u202eab/."))) | st.text()


@settings(max_examples=50, deadline=None)
@given(HOSTILE, st.sampled_from(Language))
def test_whatever_a_registry_says_the_report_keeps_its_shape(said: str, language: Language) -> None:
    def page(words: str) -> Page:
        platforms = (f"{words}/amd64",)
        good_one = copied("redis:7.4")
        return render(
            report_comment(
                report_of(
                    replace(
                        good_one,
                        content=replace(
                            good_one.content, platforms=platforms, media_type=f"{words}x"
                        ),
                        dropped=(Dropped(digest("x"), f"{words}x"),),
                    ),
                    failed("nginx:9.99", Code.TAG_NOT_FOUND, 2, f"said {words}"),
                ),
                language=language,
            )
        )

    hostile, harmless = page(said), page("harmless")
    assert hostile.elements == harmless.elements
    assert hostile.words == harmless.words


@settings(max_examples=50, deadline=None)
@given(HOSTILE.map(lambda text: f"x{text}"), st.sampled_from(Language))
def test_whatever_is_asked_the_answer_keeps_its_shape(text: str, language: Language) -> None:
    hostile = render(invalid_comment((problem(1, text),), language=language))
    harmless = render(invalid_comment((problem(1, "nginx"),), language=language))
    assert hostile.elements == harmless.elements
    assert hostile.words == harmless.words


@settings(max_examples=50, deadline=None)
@given(HOSTILE | st.text(":#[ \n"))
def test_no_line_of_a_comment_is_a_command_to_a_runner(text: str) -> None:
    report = report_of(failed("nginx:9.99", Code.TAG_NOT_FOUND, 2, text))
    comment = report_comment(report, language=Language.ZH)
    comment += invalid_comment((problem(1, text),), language=Language.ZH)
    assert "##[" not in comment
    assert not any(line.lstrip().startswith("::") for line in comment.splitlines())


def test_every_setting_has_its_page() -> None:
    page = render(settings_comment(SETTINGS * 10, language=Language.EN, settings_url=SETTINGS_URL))
    assert page.elements.count(f"a href={SETTINGS_URL}/secrets/actions") == 10
    assert page.elements.count(f"a href={SETTINGS_URL}/variables/actions") == 20
    assert TARGET not in page.words
