"""Every code is explained, in both languages and in docs/errors.md."""

import re
import string
from pathlib import Path

import pytest

from registry_mirror.errors import Code
from registry_mirror.explanations import (
    CONFIGURATION,
    EITHER,
    EXPLANATIONS,
    REQUEST,
    SOURCE,
    TARGET,
    Explanation,
)
from registry_mirror.text import Language, Text

DOCUMENT = Path(__file__).parents[1] / "docs" / "errors.md"
ACTORS = {"requester", "maintainer", "publisher", "target's administrator"}
SECTIONS = {
    "Of a request": REQUEST,
    "Of the configuration": CONFIGURATION,
    "At the source": SOURCE,
    "At the target": TARGET,
    "At either side": EITHER,
}


def test_every_code_is_explained_once() -> None:
    assert set(EXPLANATIONS) == set(Code)
    assert sum(len(group) for group in SECTIONS.values()) == len(Code)


def _texts(explanation: Explanation) -> tuple[Text, Text]:
    return explanation.cause, explanation.hint


@pytest.mark.parametrize("code", Code)
@pytest.mark.parametrize("language", Language)
def test_an_explanation_can_be_said_without_values(code: Code, language: Language) -> None:
    for text in _texts(EXPLANATIONS[code]):
        said = text.say(language)
        assert said.strip() == said != ""
        assert not list(filter(None, (field for _, field, _, _ in string.Formatter().parse(said))))


@pytest.mark.parametrize("code", Code)
def test_the_chinese_is_chinese(code: Code) -> None:
    for text in _texts(EXPLANATIONS[code]):
        assert re.search(r"[\u4e00-\u9fff]{2}", text.zh)
        assert not re.search(r"[\u4e00-\u9fff]", text.en)
        assert not re.search(r"[\u4e00-\u9fff][,;!?]", text.zh), "half-width punctuation"


def _rows() -> list[tuple[str, list[str]]]:
    """Section and cells of every row of a table of codes."""
    section, rows = "", []
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            section = line.removeprefix("## ")
        elif line.startswith("| `"):
            rows.append((section, [cell.strip() for cell in line.strip("|").split("|")]))
    return rows


def test_the_document_has_one_row_for_each_code() -> None:
    codes = [cells[0].strip("`") for _, cells in _rows()]
    assert sorted(codes) == sorted(Code)


@pytest.mark.parametrize(
    ("section", "cells"), _rows(), ids=[cells[0].strip("`") for _, cells in _rows()]
)
def test_a_row_says_what_the_program_says(section: str, cells: list[str]) -> None:
    code, cause, cause_zh, actors, cure = cells
    explanation = SECTIONS[section][Code(code.strip("`"))]
    assert (cause, cause_zh) == (explanation.cause.en, explanation.cause.zh)
    assert cure == explanation.hint.en
    assert set(actors.split(", ")) <= ACTORS


def test_whoever_keeps_the_fork_has_one_name() -> None:
    """Administrators are those of a target or of an organization; and nobody is 您."""
    root = DOCUMENT.parents[1]
    form = root / ".github" / "ISSUE_TEMPLATE" / "mirror-request.yml"
    for path in (*(root / "src").rglob("*.py"), root / "README.md", DOCUMENT, form):
        text = path.read_text(encoding="utf-8")
        assert not re.search("运维|您|仓库管理员", text), path
        assert re.findall("(?<!仓库的)(?<!它的)(?<!Harbor )(?<!组织)管理员", text) == [], path
