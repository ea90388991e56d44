"""An issue's body as GitHub delivers it, and as people leave it."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from registry_mirror.oci.platform import EveryPlatform, OnlyPlatforms, Platform
from registry_mirror.request import Request
from registry_mirror.request.body import is_form_body, read_body

FORM = Path(__file__).parent.parent / ".github/ISSUE_TEMPLATE/mirror-request.yml"
CONFIG = FORM.parent / "config.yml"

IMAGES, PLATFORM, OPTIONS = "镜像列表 / Images", "平台 / Platform", "选项 / Options"
BOX = "Sync all architectures（同步所有架构）"
ARM64 = OnlyPlatforms((Platform("linux", "arm64"),))


def body(
    images: str, *, platform: str = "_No response_", mark: str = " ", fence: str = "```"
) -> str:
    return (
        f"### {IMAGES}\n\n{fence}text\n{images}\n{fence}\n\n"
        f"### {PLATFORM}\n\n{platform}\n\n### {OPTIONS}\n\n- [{mark}] {BOX}"
    )


def lines_of(request: Request) -> list[tuple[int, str]]:
    return [(item.line, str(item.source)) for item in request.items]


def codes_of(request: Request) -> list[tuple[int | None, str]]:
    return [(problem.line, problem.code) for problem in request.problems]


NGINX, REDIS = "docker.io/library/nginx:1.27", "docker.io/library/redis:7"


def test_a_body_as_the_form_makes_it() -> None:
    request = read_body(body("nginx:1.27\n\n# cache\nredis:7 --all"))
    assert lines_of(request) == [(4, NGINX), (7, REDIS)]
    assert request.problems == ()
    assert request.selection is None
    assert [item.selection for item in request.items] == [None, EveryPlatform()]


def test_every_problem_has_its_line() -> None:
    request = read_body(body("nginx\nredis:7\nNGINX:1\nx:1 --platform amd64", platform="amd64"))
    assert lines_of(request) == [(5, REDIS)]
    assert codes_of(request) == [
        (4, "missing-tag"),
        (6, "bad-reference"),
        (7, "bad-option"),
        (12, "bad-option"),
    ]


@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r"])
def test_line_endings(ending: str) -> None:
    request = read_body(body("nginx:1.27\nredis:7").replace("\n", ending))
    assert lines_of(request) == [(4, NGINX), (5, REDIS)]


def test_mixed_line_endings_and_invisible_marks() -> None:
    text = "\ufeff" + body("nginx:1.27\r\n\u00a0redis:7\u200b").replace("### 平", "###\u00a0平")
    request = read_body(text)
    assert lines_of(request) == [(4, NGINX), (5, REDIS)]


@pytest.mark.parametrize("separator", ["\u2028", "\x0b", "\x0c", "\x85"])
def test_nothing_else_ends_a_line(separator: str) -> None:
    assert codes_of(read_body(body(f"nginx:1.27{separator}redis:7"))) == [(4, "bad-reference")]


@pytest.mark.parametrize(
    ("platform", "mark", "selection"),
    [
        ("_No response_", " ", None),
        ("None", " ", None),
        ("", "", None),
        ("linux/arm64", " ", ARM64),
        ("linux/sparc64", " ", OnlyPlatforms((Platform("linux", "sparc64"),))),
        (
            "linux/amd64, linux/arm64",
            " ",
            OnlyPlatforms((Platform("linux", "amd64"), Platform("linux", "arm64"))),
        ),
        ("_No response_", "X", EveryPlatform()),
        ("_No response_", "x", EveryPlatform()),
        ("linux/arm64", "x", EveryPlatform()),
    ],
)
def test_choices(platform: str, mark: str, selection: OnlyPlatforms | EveryPlatform | None) -> None:
    request = read_body(body("nginx:1.27", platform=platform, mark=mark))
    assert request.problems == ()
    assert request.selection == selection


@pytest.mark.parametrize(
    "box",
    [
        "- [x] Sync all architectures",
        "* [X] sync ALL architectures",
        "+ [x] 同步所有架构",
        "-[x] 同步所有架构",
        "[x] Sync  all   architectures",
        "  - [ x ] Sync all architectures（同步所有架构）",
    ],
)
def test_checkboxes_edited_by_hand(box: str) -> None:
    request = read_body(f"### {IMAGES}\n\nnginx:1.27\n\n### {OPTIONS}\n\n{box}\n")
    assert request.selection == EveryPlatform()


@pytest.mark.parametrize("box", ["- [] Sync all architectures", "- [x] 其他", "Sync all"])
def test_other_boxes_choose_nothing(box: str) -> None:
    request = read_body(f"### {IMAGES}\n\nnginx:1.27\n\n### {OPTIONS}\n\n{box}\n")
    assert request.selection is None
    assert request.problems == ()


@pytest.mark.parametrize(
    ("images", "lines"),
    [
        # A fence in the box, with GitHub's own no longer, or as long.
        ("```\nnginx:1.27\n```\nredis:7", [(5, NGINX), (7, REDIS)]),
        ("```bash\nnginx:1.27\n```\nredis:7", [(5, NGINX), (7, REDIS)]),
        ("~~~\nnginx:1.27\n~~~", [(5, NGINX)]),
        ("```\nnginx:1.27", [(5, NGINX)]),
        ("````\nnginx:1.27\n````", [(5, NGINX)]),
        ("~~~\nnginx:1.27", [(5, NGINX)]),
    ],
)
@pytest.mark.parametrize("fence", ["```", "````", "~~~"])
def test_fences_in_the_list(images: str, lines: list[tuple[int, str]], fence: str) -> None:
    request = read_body(body(images, platform="linux/arm64", fence=fence))
    assert lines_of(request) == lines
    assert request.problems == ()
    assert request.selection == ARM64


def test_a_heading_in_a_fence_is_none() -> None:
    request = read_body(body(f"nginx:1.27\n### {PLATFORM}\nlinux/s390x", platform="linux/arm64"))
    assert lines_of(request) == [(4, NGINX)]
    assert codes_of(request) == [(6, "bad-reference")]
    assert request.selection == ARM64


def test_a_longer_fence_holds_a_shorter_one() -> None:
    text = body(f"```\n### {PLATFORM}\n```\nnginx:1.27", platform="linux/arm64", fence="````")
    request = read_body(text)
    assert (lines_of(request), request.selection) == ([(7, NGINX)], ARM64)


@pytest.mark.parametrize("images", ["", "\n\n", "# nothing yet", "_No response_", "<!-- x -->"])
def test_an_empty_list_is_told_at_its_heading(images: str) -> None:
    assert codes_of(read_body(body(images))) == [(1, "empty-request")]


@pytest.mark.parametrize("text", ["", "\n", "### 平台 / Platform\n\nlinux/amd64"])
def test_an_empty_list_without_heading(text: str) -> None:
    assert codes_of(read_body(text)) == [(None, "empty-request")]


def test_comments_are_taken_out_and_their_lines_counted() -> None:
    request = read_body(body("<!-- one\nnginx:1\n-->\nredis:7 <!-- cache -->\n<!---->x:1"))
    assert lines_of(request) == [(7, REDIS), (8, "docker.io/library/x:1")]
    assert request.problems == ()


def test_a_comment_joins_nothing() -> None:
    assert codes_of(read_body("nginx:1<!-- -->.27")) == [(1, "bad-reference")]


def test_a_comment_that_does_not_end_is_told() -> None:
    request = read_body(body("nginx:1.27\n<!-- redis:7\nredis:7", mark="x"))
    assert (5, "bad-reference") in codes_of(request)
    assert "HTML comment" in str(request.problems[0].reason)
    assert request.selection == EveryPlatform()


@pytest.mark.parametrize(
    "heading",
    [
        "### 镜像列表 / Images",
        "###   镜像列表/images  ",
        "### 镜像列表 ／ IMAGES ###",
        "   ### **镜像列表 / Images**",
        "### 镜像列表",
        "### images:",
        "### Images",
    ],
)
def test_headings_edited_by_hand(heading: str) -> None:
    request = read_body(f"{heading}\n\nnginx:1.27\n\n### Platform\n\nlinux/arm64\n")
    assert (lines_of(request), request.selection) == ([(3, NGINX)], ARM64)


def test_the_first_heading_of_a_kind_counts_and_others_are_not_ours() -> None:
    request = read_body(
        "Please!\n\n### Images\nnginx:1.27\n### Notes\nwhat: ever\n### Images\nx:1\n"
        "### Platform\nlinux/arm64\n### Platform\nlinux/386"
    )
    assert lines_of(request) == [(4, NGINX)]
    assert codes_of(request) == [(8, "bad-reference")]
    assert request.selection == ARM64


@pytest.mark.parametrize(
    "added",
    [
        "redis:7",
        "- redis:7 --all  # cache",
        "### Databases\n\n```\nredis:7\n```",
        "### 镜像列表 / Images\n\nredis:7",
        "### 平台 / Platform\n\nredis:7",
    ],
)
def test_an_image_below_the_list_is_told_and_not_dropped(added: str) -> None:
    text = f"{body('nginx:1.27')}\n\n{added}\n"
    request = read_body(text)
    (problem,) = request.problems
    assert "redis:7" in problem.text
    assert text.split("\n")[(problem.line or 0) - 1] == problem.text
    assert "outside the list" in str(problem.reason)
    assert IMAGES in str(problem.hint)


def test_an_image_above_the_list_is_told_too() -> None:
    assert codes_of(read_body(f"redis:7\n{body('nginx:1.27')}")) == [(1, "bad-reference")]


@pytest.mark.parametrize(
    "added",
    ["Thanks!", "see nginx:1.27 for more", "nginx", "https://example.com/a:1", "- [ ] nginx:1"],
)
def test_other_words_below_the_list_are_left_alone(added: str) -> None:
    assert read_body(f"{body('nginx:1.27')}\n\n{added}\n").problems == ()


def test_a_list_above_the_other_headings_counts_where_its_own_is_missing() -> None:
    request = read_body("nginx:1.27\n\n### 平台 / Platform\n\nlinux/arm64")
    assert (lines_of(request), request.selection) == ([(1, NGINX)], ARM64)


def test_a_body_without_headings_is_a_list() -> None:
    request = read_body("```\nnginx:1.27\n```\n### for the team\nredis:7\n- [x] 同步所有架构\n")
    assert lines_of(request) == [(2, NGINX), (5, REDIS)]
    assert (request.problems, request.selection) == ((), EveryPlatform())


@pytest.mark.parametrize(
    ("text", "is_form"),
    [
        (body("nginx:1"), True),
        ("### 平台 / Platform", True),
        ("###  镜像列表 / IMAGES\r\n", True),
        ("", False),
        ("nginx:1.27", False),
        ("nginx:1.27\n### Images\nredis:7", False),
        ("## 镜像列表 / Images", False),
        ("镜像列表 / Images", False),
        ("```\n### 镜像列表 / Images\n```", False),
        ("<!--\n### 镜像列表 / Images\n-->", False),
    ],
)
def test_which_text_is_a_body(text: str, *, is_form: bool) -> None:
    assert is_form_body(text) is is_form


def test_hostile_lines_stay_as_they_are_and_say_nothing_else() -> None:
    lines = ["$(touch x)", "::add-mask::x", "@everyone", "| a | b |", "</details>", "##[error]x"]
    request = read_body(body("\n".join(lines)))
    told = [(problem.line, problem.text) for problem in request.problems]
    assert told == list(enumerate(lines[:5], 4))


# The form's file and what reads its bodies belong together.


@dataclass(frozen=True)
class Field:
    kind: str
    name: str
    label: str
    placeholder: str
    render: str
    options: list[Any]
    required: bool
    has_default: bool


def fields() -> list[Field]:
    return [
        Field(
            one["type"],
            one["id"],
            one["attributes"]["label"],
            one["attributes"].get("placeholder", ""),
            one["attributes"].get("render", ""),
            one["attributes"].get("options", []),
            one.get("validations", {}).get("required", False),
            "default" in one["attributes"],
        )
        for one in yaml.safe_load(FORM.read_text(encoding="utf-8"))["body"]
        if one["type"] != "markdown"
    ]


def field(name: str) -> Field:
    return next(one for one in fields() if one.name == name)


def render(answers: dict[str, str], *, checked: bool) -> str:
    """What GitHub makes of the form: a heading for each field, fences where it says so."""
    parts = []
    for one in fields():
        answer = answers.get(one.name, "_No response_")
        if one.kind == "checkboxes":
            mark = "X" if checked else " "
            answer = "\n".join(f"- [{mark}] {option['label']}" for option in one.options)
        elif one.render:
            answer = f"```{one.render}\n{answer}\n```"
        parts.append(f"### {one.label}\n\n{answer}")
    return "\n\n".join(parts)


def test_the_forms_example_is_read_back() -> None:
    example = field("images").placeholder.strip()
    text = render({"images": example}, checked=False)
    request = read_body(text)
    assert is_form_body(text)
    assert [item.text for item in request.items] == example.split("\n")
    assert (request.problems, request.selection) == ((), None)


def test_the_forms_checkbox_is_read_back() -> None:
    answers = {"images": "nginx:1.27", "platform": "linux/arm64"}
    assert read_body(render(answers, checked=True)).selection == EveryPlatform()
    assert read_body(render(answers, checked=False)).selection == ARM64


def test_the_forms_platforms_are_read_back() -> None:
    for option in field("platform").options:
        request = read_body(render({"images": "x:1", "platform": option}, checked=False))
        assert request.problems == ()
        assert request.selection == OnlyPlatforms((Platform.parse(option),))


def test_the_form_is_what_the_workflow_and_the_users_rely_on() -> None:
    form = yaml.safe_load(FORM.read_text(encoding="utf-8"))
    assert form["labels"] == ["mirror-request"]
    assert field("images").required
    assert not field("platform").required
    assert not field("platform").has_default
    (option,) = field("options").options
    assert "Sync all architectures" in option["label"]
    assert "同步所有架构" in option["label"]
    assert yaml.safe_load(CONFIG.read_text(encoding="utf-8")) == {"blank_issues_enabled": False}


# Strangers.

NASTY = st.sampled_from(
    ["### 镜像列表 / Images", "### Platform", "###", "\n", "\r\n", "\r", "```", "````", "~~~",
     "```text", "<!--", "-->", "<!-->", "- [x] Sync all architectures", "- []", "_No response_",
     "nginx:1.27", "nginx", "--all", " ", "\u00a0", "\ufeff", "\x00", "\ud800", "#", "linux/amd64",
     "@", "|", "::", "{x}", "docker pull x:1", "     ", "\t"]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(NASTY, max_size=40).map("".join)))
def test_any_text_is_read(text: str) -> None:
    request = read_body(text)
    is_form_body(text)
    count = text.count("\n") + text.count("\r") + 1
    assert request.items or request.problems
    lines = [problem.line for problem in request.problems] + [item.line for item in request.items]
    assert all(line is None or 1 <= line <= count for line in lines)


@given(images=st.lists(st.sampled_from(["nginx:1.27", "redis:7", "", "# x"])), crlf=st.booleans())
def test_whatever_is_listed_in_the_form_is_found(images: list[str], *, crlf: bool) -> None:
    text = body("\n".join(images))
    request = read_body(text.replace("\n", "\r\n") if crlf else text)
    expected = [(n, i) for n, i in enumerate(images, 4) if ":" in i]
    assert [(item.line, item.text) for item in request.items] == expected


MIB = 1 << 20


@pytest.mark.parametrize(
    "fragment",
    ["a:1\n", "x y z\n", "`", "```\n", "```a\n", "<!--", "<!-- -->", "### x\n", "[", " ", "\r",
     "[x] sync\n", "@", "@sha2", "a" * 290 + "!\n", "a," * 140 + "\n", "." * 290 + "/\n",
     '"a' * 140 + "\n", "a:1 " + "--platform x " * 20 + "\n", "docker pull a;" * 20 + "\n",
     "x@y# " * 50 + "\n", "[x] " * 70 + "\n", "a/" * 140 + "!\n", "(" * 290 + ")\n", "。"],
    ids=lambda fragment: repr(fragment[:20]),
)  # fmt: skip
def test_a_mebibyte_is_read_in_time(fragment: str) -> None:
    text = body(fragment * (MIB // len(fragment.encode())))
    start = time.process_time()
    request = read_body(text)
    # On an idle machine each takes well under a second; what isn't linear takes minutes.
    assert time.process_time() - start < 5
    assert len(request.problems) <= 2000
    assert request.problems


def test_a_mebibyte_below_the_list_is_read_in_time() -> None:
    start = time.process_time()
    request = read_body(body("nginx:1.27") + "\n" + "a:1\n" * (MIB // 4))
    assert time.process_time() - start < 5
    assert len(request.problems) == 2000


def test_ten_thousand_lines_are_read_and_no_more() -> None:
    request = read_body("a:1\n" * 10_001)
    assert len(request.items) == 10_000
    assert codes_of(request) == [(10_001, "too-many-images")]
    assert read_body("a:1\n" * 10_000).problems == ()
