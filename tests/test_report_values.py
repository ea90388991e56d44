import json
import subprocess
import sys

import pytest

from registry_mirror.errors import Code
from registry_mirror.explanations import EXPLANATIONS
from registry_mirror.oci.reference import Reference
from registry_mirror.plan import Plan
from registry_mirror.report.commands import Access, docker_lines, familiar, login_line
from registry_mirror.report.document import plan_document, problems_document, report_document
from registry_mirror.report.markup import prose
from registry_mirror.report.measures import duration, estimate, size, speed
from registry_mirror.text import Language, Text
from tests.rendered import render
from tests.report_samples import ALL_SUCCEEDED, MIXED, PROBLEMS, copied, copy_of

KIB = 1024

IMAGE_KEYS = [
    "line",
    "source",
    "target",
    "status",
    "digest",
    "source_digest",
    "media_type",
    "platforms",
    "dropped",
    "replaced",
    "bytes",
    "seconds",
    "error",
]


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (KIB, "1.0 KiB"),
        (KIB**2 - 1, "1.0 MiB"),
        (12_897_485, "12.3 MiB"),
        (3 * KIB**3, "3.0 GiB"),
        (2 * KIB**4, "2.0 TiB"),
        (3000 * KIB**4, "3000.0 TiB"),
    ],
)
def test_sizes(octets: int, text: str) -> None:
    assert size(octets) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0.0 s"),
        (12.34, "12.3 s"),
        (59.94, "59.9 s"),
        (59.96, "1 m 00 s"),
        (185.2, "3 m 05 s"),
        (3599.7, "1 h 00 m"),
        (3720, "1 h 02 m"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1 s"), (12.34, "12 s"), (59.4, "59 s"), (59.6, "1 m 00 s"), (3720, "1 h 02 m")],
)
def test_an_estimate_has_no_tenths(seconds: float, text: str) -> None:
    assert estimate(seconds) == text


@pytest.mark.parametrize(
    ("rate", "text"), [(0.4, "0 B/s"), (1023.9, "1.0 KiB/s"), (12.34 * KIB**2, "12.3 MiB/s")]
)
def test_speeds(rate: float, text: str) -> None:
    assert speed(rate) == text


@pytest.mark.parametrize(
    ("full", "short"),
    [
        ("docker.io/library/nginx:1.27", "nginx:1.27"),
        ("docker.io/bitnami/nginx:1.27", "bitnami/nginx:1.27"),
        ("docker.io/library/team/app:1", "library/team/app:1"),
        ("docker.io/localhost/app:1", "docker.io/localhost/app:1"),
        ("docker.io/a.b/app:1", "docker.io/a.b/app:1"),
        ("quay.io/library/app:1", "quay.io/library/app:1"),
    ],
)
def test_names_as_people_write_them(full: str, short: str) -> None:
    assert familiar(Reference.parse(full)) == short
    assert Reference.parse(short) == Reference.parse(full)


def test_lines_for_a_shell_are_quoted() -> None:
    copy = copy_of("[fe80::1]:5000/team/app:1")
    [line] = docker_lines([copy], Access())
    assert line.endswith(" '[fe80::1]:5000/team/app:1'")
    assert login_line("harbor.example.com", "a'b $x") == (
        "docker login -u 'a'\"'\"'b $x' harbor.example.com"
    )
    assert login_line("harbor.example.com", None) == "docker login harbor.example.com"


def test_a_document_has_every_key_of_the_contract() -> None:
    for text in (report_document(ALL_SUCCEEDED), report_document(MIXED)):
        document = json.loads(text)
        assert list(document) == ["version", "target", "engine", "seconds", "problems", "images"]
        assert document["problems"] == []
        for image in document["images"]:
            assert list(image) == IMAGE_KEYS
    nginx, pause, pinned = json.loads(report_document(ALL_SUCCEEDED))["images"]
    assert (nginx["status"], pause["status"]) == ("copied", "unchanged")
    assert nginx["replaced"].startswith("sha256:")
    assert set(nginx["bytes"]) == {"total", "sent", "mounted", "present"}
    assert [set(entry) for entry in nginx["dropped"]] == [{"digest", "reason"}] * 2
    assert (pinned["bytes"], pinned["platforms"], pinned["error"]) == (None, None, None)


def test_a_failure_says_its_cause_and_what_was_said() -> None:
    error = json.loads(report_document(MIXED))["images"][1]["error"]
    assert list(error) == ["code", "side", "message", "hint"]
    assert (error["code"], error["side"]) == ("tag-not-found", "source")
    assert error["message"].endswith(
        ": reading manifest 9.99 in docker.io/library/nginx: manifest unknown"
    )


def test_an_invalid_request_has_problems_and_no_images() -> None:
    document = json.loads(problems_document(PROBLEMS))
    assert document["images"] == []
    assert document["target"] is None
    assert document["problems"][0] == {
        "line": 3,
        "text": "nginx",
        "code": "missing-tag",
        "message": "the tag is missing",
        "hint": "write nginx:latest",
    }


def test_a_plan_is_planned() -> None:
    plan = Plan((copied("nginx:1.27").copy,))
    document = json.loads(plan_document(plan, target="h/n", engine=MIXED.engine))
    [image] = document["images"]
    assert list(image) == IMAGE_KEYS
    assert image["status"] == "planned"
    assert image["source"] == "docker.io/library/nginx:1.27"
    assert image["digest"] is None


@pytest.mark.parametrize("code", Code)
@pytest.mark.parametrize("language", Language)
def test_every_explanation_renders_as_plain_words(code: Code, language: Language) -> None:
    for text in (EXPLANATIONS[code].cause, EXPLANATIONS[code].hint):
        page = render(f"**Why:** {prose(text, language)}")
        assert set(page.elements) <= {"p", "strong", "code"}
        assert isinstance(text, Text)
        assert page.words.strip() != "Why:"
        assert "`" not in page.words


def test_the_last_answer_needs_no_third_party_package() -> None:
    program = (
        "import sys; from registry_mirror.report.answers import *;"
        "from registry_mirror.report.markdown import interrupted_comment, Interruption;"
        "from registry_mirror.text import Language;"
        "print(interrupted_comment(Interruption.KILLED, language=Language.EN));"
        "print(sorted({m.partition('.')[0] for m in sys.modules} - sys.stdlib_module_names))"
    )
    ended = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path.insert(0, 'src'); {program}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout.splitlines()[-1] in (
        "['__main__', 'registry_mirror']",
        "['__main__', 'registry_mirror', 'sitecustomize']",
    )
