"""Comments as people read them. `UPDATE_GOLDEN=1 pytest` writes them anew."""

import os
from collections.abc import Callable
from operator import itemgetter
from pathlib import Path

import pytest

from registry_mirror.engines import Advanced, Ended, Event, Started
from registry_mirror.plan import Plan
from registry_mirror.report.document import plan_document, problems_document, report_document
from registry_mirror.report.markdown import (
    Access,
    Interruption,
    Status,
    bug_comment,
    failed_to_start_comment,
    interrupted_comment,
    invalid_comment,
    refused_comment,
    report_comment,
    settings_comment,
    status_comment,
    unaskable_comment,
    unchecked_comment,
    unposted_comment,
)
from registry_mirror.report.progress import ProgressBoard
from registry_mirror.report.terminal import report_lines
from registry_mirror.text import Language
from tests.rendered import render
from tests.report_samples import (
    ALL_SUCCEEDED,
    HOST,
    MIB,
    MIXED,
    PASTED,
    PROBLEMS,
    RULES,
    RUN_URL,
    SETTINGS,
    SETTINGS_URL,
    TARGET,
    copied,
    copy_of,
)

RULES_URL = SETTINGS_URL.replace("/settings", "/blob/HEAD/.github/registry-mirror.yml")
GOLDEN = Path(__file__).parent / "golden"


def midway(*, with_bytes: bool) -> Status:
    """After 12 seconds of a run, of which busybox has had eight."""
    redis, lost, *_ = MIXED.outcomes
    busybox, mongo = copy_of("busybox:1.36", 8), copy_of("mongo:7.0", 9)
    waiting = copy_of("alpine:3.20", 10)
    events: list[tuple[float, Event]] = [
        (0, Started(redis.copy)),
        (1, Started(lost.copy)),
        (2, Ended(lost)),
        (4, Started(busybox)),
        (5, Ended(redis)),
        (11.5, Started(mongo)),
        *((4 + n / 4, Advanced(busybox, n * MIB, 71 * MIB)) for n in range(1, 33) if with_bytes),
    ]
    board = ProgressBoard(Plan((redis.copy, lost.copy, busybox, mongo, waiting)))
    for now, event in sorted(events, key=itemgetter(0)):
        board.take(event, now)
    return board.status(12)


COMMENTS: dict[str, Callable[[Language], str]] = {
    "all-succeeded": lambda language: report_comment(
        ALL_SUCCEEDED,
        language=language,
        access=Access("registry-vpc.cn-beijing.aliyuncs.com", "user@china"),
        run_url=RUN_URL,
    ),
    "mixed": lambda language: report_comment(MIXED, language=language, run_url=RUN_URL),
    "pasted": lambda language: report_comment(PASTED, language=language, run_url=RUN_URL),
    "invalid": lambda language: invalid_comment(PROBLEMS, language=language),
    "settings": lambda language: settings_comment(
        SETTINGS, language=language, settings_url=SETTINGS_URL
    ),
    "rules": lambda language: settings_comment(RULES, language=language, settings_url=SETTINGS_URL),
    "refused": lambda language: refused_comment("stranger", language=language),
    "unaskable": lambda language: unaskable_comment("colleague", language=language),
    "unchecked": lambda language: unchecked_comment(language=language, run_url=RUN_URL),
    "cancelled": lambda language: interrupted_comment(
        Interruption.CANCELLED, language=language, run_url=RUN_URL
    ),
    "killed": lambda language: interrupted_comment(
        Interruption.KILLED, language=language, run_url=RUN_URL
    ),
    "failed-to-start": lambda language: failed_to_start_comment(language=language, run_url=RUN_URL),
    "bug": lambda language: bug_comment(language=language, run_url=RUN_URL),
    "unposted": lambda language: unposted_comment(language=language, run_url=RUN_URL),
    "status": lambda language: status_comment(
        midway(with_bytes=True), language=language, run_url=RUN_URL
    ),
    "status-without-bytes": lambda language: status_comment(
        midway(with_bytes=False), language=language, run_url=RUN_URL
    ),
}

OTHERS: dict[str, Callable[[], str]] = {
    "all-succeeded.json": lambda: report_document(ALL_SUCCEEDED),
    "mixed.json": lambda: report_document(MIXED),
    "invalid.json": lambda: problems_document(PROBLEMS, target=TARGET),
    "planned.json": lambda: plan_document(
        Plan((copy_of("nginx:1.27"),)), target=TARGET, engine=MIXED.engine
    ),
    "all-succeeded.txt": lambda: "\n".join(report_lines(ALL_SUCCEEDED)),
    "mixed.txt": lambda: "\n".join(report_lines(MIXED)),
}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", COMMENTS)
def test_a_comment_reads_as_it_did(name: str, language: Language) -> None:
    compare(f"{name}.{language}.md", COMMENTS[name](language))


@pytest.mark.parametrize("name", OTHERS)
def test_a_document_reads_as_it_did(name: str) -> None:
    compare(name, OTHERS[name]())


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", COMMENTS)
def test_a_comment_renders_without_leftovers(name: str, language: Language) -> None:
    comment = COMMENTS[name](language)
    page = render(comment)
    assert page.elements[0] == "h2"
    for leftover in ("```", "**", "| ", "<details>", "](", "@", "#"):
        assert leftover not in page.words
    assert page.elements.count("details") == comment.count("<details>")
    assert page.elements.count("tr") == comment.count("\n| ") - page.elements.count("table")


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", COMMENTS)
def test_every_link_is_ours(name: str, language: Language) -> None:
    links = {e for e in render(COMMENTS[name](language)).elements if e.startswith("a ")}
    assert links <= {
        f"a href={RUN_URL}",
        f"a href={SETTINGS_URL}/variables/actions",
        f"a href={SETTINGS_URL}/secrets/actions",
        *(f"a href={RULES_URL}{line}" for line in ("", "#L2", "#L3", "#L5", "#L6")),
    }


def test_both_languages_have_the_same_shape() -> None:
    for name, comment in COMMENTS.items():
        zh, en = (render(comment(language)) for language in Language)
        assert zh.elements == en.elements, name


def test_commands_are_what_people_paste() -> None:
    comment = COMMENTS["all-succeeded"](Language.EN)
    host = "registry-vpc.cn-beijing.aliyuncs.com"
    lines = comment.splitlines()
    assert f"docker login -u user@china {host}" in lines
    assert (
        f"docker pull {host}/my-mirrors/nginx:1.27"
        f" && docker tag {host}/my-mirrors/nginx:1.27 nginx:1.27"
    ) in lines
    assert (
        f"ctr -n k8s.io images pull {host}/my-mirrors/nginx:1.27 && ctr -n k8s.io images tag"
        f" {host}/my-mirrors/nginx:1.27 docker.io/library/nginx:1.27"
    ) in lines
    assert any(line.endswith(" quay.io/prometheus/node-exporter:v1.7.0") for line in lines)
    assert f"{HOST}/my-mirrors/nginx:1.27" in comment


def test_without_a_user_nobody_is_logged_in() -> None:
    lines = COMMENTS["mixed"](Language.ZH).splitlines()
    assert f"docker login {HOST}" in lines
    assert not any("nginx:9.99" in line for line in lines if line.startswith("docker"))
    assert copied("redis:7.4").copy.source in [o.copy.source for o in MIXED.succeeded]


def compare(name: str, text: str) -> None:
    file = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(f"{text}\n".encode())
    assert file.read_bytes().decode() == f"{text}\n"
