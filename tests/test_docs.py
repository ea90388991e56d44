"""What newcomers read, held against the code."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path

import pytest

from registry_mirror.cli import cli, sync
from registry_mirror.config import MAX_PARALLEL, MAX_RETRIES, Needs, RequestPolicy, read_settings
from registry_mirror.engines import EngineName
from registry_mirror.errors import ConfigurationInvalidError
from registry_mirror.exits import Exit
from registry_mirror.github import labels
from registry_mirror.issue import MAX_IMAGES
from registry_mirror.naming import Naming
from registry_mirror.oci.platform import DEFAULT_SELECTION
from registry_mirror.plan import Format
from registry_mirror.planning import name_request
from registry_mirror.report.setting_examples import SECRETS
from registry_mirror.request.listing import read_list
from registry_mirror.text import Language

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src/registry_mirror"
READMES = ("README.md", "README.en.md")
DOCUMENTS = (*READMES, "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "docs/design.md")
SHELL_ONLY = {"SSL_CERT_FILE", "REGISTRY_AUTH_FILE", "DOCKER_CONFIG"}

each_readme = pytest.mark.parametrize("name", READMES)
each_document = pytest.mark.parametrize("name", DOCUMENTS)

Row = tuple[str, ...]


@cache
def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name: str) -> list[tuple[str, str]]:
    """The fenced blocks: what they are said to be, and what they hold."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", text(name), re.MULTILINE | re.DOTALL)


def prose(name: str) -> str:
    return re.sub(r"^```.*?^```$", "", text(name), flags=re.MULTILINE | re.DOTALL)


def headings(name: str) -> list[tuple[int, str]]:
    found = re.findall(r"^(#+) (.+)$", prose(name), re.MULTILINE)
    return [(len(marks), title) for marks, title in found]


def tables(name: str) -> list[list[Row]]:
    """Each table's rows without its head."""
    lines = prose(name).splitlines()
    groups = (list(group) for is_row, group in groupby(lines, _is_row) if is_row)
    return [[_cells(line) for line in group[2:]] for group in groups]


def _is_row(line: str) -> bool:
    return line.startswith("|")


def _cells(line: str) -> Row:
    return tuple(cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1])


def table_of(name: str, key: str) -> dict[str, Row]:
    """The last table that has such a key in its first column, by that column."""
    found = [{row[0]: row for row in table} for table in tables(name)]
    return [table for table in found if f"`{key}`" in table][-1]


def setting(name: str, key: str) -> str:
    return " | ".join(table_of(name, "MAX_PARALLEL")[f"`{key}`"])


def code(row: Row) -> list[str]:
    """The words in a row's code spans that are the same in every language."""
    spans = re.findall(r"`([^`]+)`", " ".join(row))
    return [match[0] for span in spans if (match := re.match(r"[!-~]+", span))]


class Asked(Mapping[str, str]):
    """An empty environment that remembers what it was asked for."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


KNOWN_LABELS = (labels.REQUEST, *labels.STATES, labels.APPROVED)


def settings_read() -> set[str]:
    asked = Asked()
    with pytest.raises(ConfigurationInvalidError):
        read_settings(asked, needs=Needs.LOGIN)
    return asked.names - {"HOME"}


def test_both_readmes_have_the_same_sections() -> None:
    chinese, english = map(headings, READMES)
    assert [level for level, _ in chinese] == [level for level, _ in english]
    assert len(chinese) > 10


def test_both_readmes_have_the_same_tables() -> None:
    chinese, english = ([[code(row) for row in table] for table in tables(n)] for n in READMES)
    assert chinese == english


def test_both_readmes_have_the_same_blocks() -> None:
    chinese, english = map(blocks, READMES)
    assert [kind for kind, _ in chinese] == [kind for kind, _ in english]
    lists = [[content for kind, content in found if not kind] for found in (chinese, english)]
    assert lists[0] == lists[1]


@each_readme
def test_every_setting_has_a_row_and_every_row_a_setting(name: str) -> None:
    rows = {key.strip("`") for key in table_of(name, "MAX_PARALLEL")}
    assert rows == settings_read()


@each_readme
def test_defaults_and_choices_are_those_of_the_code(name: str) -> None:
    defaults = read_settings({}, needs=Needs.NAMES)
    expected: dict[str, Sequence[str]] = {
        "MIRROR_PLATFORMS": ["linux/amd64"],
        "MIRROR_FORMAT": list(Format),
        "MIRROR_ENGINE": list(EngineName),
        "MAX_PARALLEL": [str(defaults.parallel)],
        "MAX_CONNECTIONS": [str(defaults.connections)],
        "MAX_RETRIES": [str(defaults.retries)],
        "IMAGE_TIMEOUT": [str(defaults.timeout)],
        "NAMING": list(Naming),
        "REQUEST_POLICY": list(RequestPolicy),
        "REPORT_LANGUAGE": list(Language),
    }
    for key, values in expected.items():
        for value in values:
            assert f"`{value}`" in setting(name, key)
    for key, (low, high) in {"MAX_PARALLEL": MAX_PARALLEL, "MAX_RETRIES": MAX_RETRIES}.items():
        assert re.search(rf"\b{low}\D+{high}\b", setting(name, key))
    assert str(MAX_IMAGES) in setting(name, "MAX_IMAGES")


@each_readme
def test_every_option_of_sync_stands_with_its_setting(name: str) -> None:
    for parameter in sync.params:
        options = [option for option in parameter.opts if option.startswith("-")]
        known = parameter.name in settings_read()
        where = setting(name, parameter.name) if parameter.name and known else prose(name)
        shown = [re.search(rf"[`\[]{option}\b", where) for option in options]
        assert any(shown) or not options, options


@each_readme
def test_every_command_and_exit_code_has_a_row(name: str) -> None:
    commands = {code(row)[0] for row in table_of(name, "demo").values()}
    assert commands == set(cli.commands)
    assert set(table_of(name, "70")) == {f"`{int(exit_code)}`" for exit_code in Exit}


@each_readme
def test_every_label_has_a_row_with_its_colour(name: str) -> None:
    expected = [(label.name, label.color) for label in KNOWN_LABELS]
    rows = table_of(name, labels.REQUEST.name).values()
    assert [(row[0].strip("`"), row[1].strip("`#")) for row in rows] == expected
    shell = "".join(content for kind, content in blocks(name) if kind == "sh")
    assert re.findall(r"gh label create (\S+) --color (\w+)", shell) == expected


@each_readme
def test_the_workflow_passes_on_what_the_readme_says(name: str) -> None:
    passed = re.findall(
        r"^ +(\w+): \$\{\{ (vars|secrets)\.(\w+) \}\}$",
        text(".github/workflows/mirror.yml"),
        re.MULTILINE,
    )
    kinds = {(inner, {"vars": "Variable", "secrets": "Secret"}[kind]) for _, kind, inner in passed}
    assert all(outer == inner for outer, _, inner in passed)
    rows = {(row[0].strip("`"), row[2]) for row in table_of(name, "MAX_PARALLEL").values()}
    assert {(key, kind) for key, kind in rows if key not in SHELL_ONLY} == kinds
    assert {key for key, kind in rows if kind == "Secret"} == set(SECRETS)


@each_readme
def test_the_naming_tables_are_what_the_program_does(name: str) -> None:
    flat, path = (
        [row for table in tables(name) for row in table if re.match(pattern, row[-1])]
        for pattern in (
            r"`TARGET_REGISTRY/TARGET_NAMESPACE/(?!\w+\.)",
            r"`TARGET_REGISTRY/TARGET_NAMESPACE/\w+\.",
        )
    )
    for naming, rows in ((Naming.FLAT, flat), (Naming.PATH, path)):
        listed = read_list("\n".join(row[0].strip("`") for row in rows))
        named = name_request(listed, naming=naming, selection=DEFAULT_SELECTION, max_images=None)
        shown = [row[1].strip("`") for row in rows]
        assert [f"TARGET_REGISTRY/TARGET_NAMESPACE/{one.name}" for one in named] == shown
        assert len(rows) > 1


@each_readme
def test_the_lists_shown_are_lists_that_pass(name: str) -> None:
    lists = [content for kind, content in blocks(name) if not kind]
    assert len(lists) > 1
    for shown in lists:
        request = read_list(shown)
        assert request.problems == ()
        assert len(request.items) == len(shown.splitlines())


@each_readme
def test_the_json_shown_has_the_reports_keys(name: str) -> None:
    report = json.loads(text("tests/golden/all-succeeded.json"))
    shown = [json.loads(content) for kind, content in blocks(name) if kind == "json"][-1]
    assert set(shown) == set(report)
    assert set(shown["images"][0]) <= set(report["images"][0])


@each_document
def test_every_relative_link_leads_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(name)):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        file = ((ROOT / name).parent / path).resolve() if path else ROOT / name
        assert file.exists(), target
        if anchor:
            assert anchor in map(_anchor, headings(str(file.relative_to(ROOT))))


def _anchor(heading: tuple[int, str]) -> str:
    return re.sub(r"[^\w\- ]", "", heading[1].lower()).replace(" ", "-")


@each_document
def test_every_make_target_named_is_there(name: str) -> None:
    there = set(re.findall(r"^([a-z-]+):.*## ", text("Makefile"), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", text(name), re.MULTILINE))
    assert named <= there
    if name == "CONTRIBUTING.md":
        assert named == there


@each_document
def test_every_file_named_is_there(name: str) -> None:
    for path in re.findall(r"`([\w./-]+/[\w-]+\.(?:py|yml|json|txt|in|sh|md))`", text(name)):
        assert (ROOT / path).exists() or (PACKAGE / path).exists(), path


@pytest.mark.parametrize("name", ["SECURITY.md", "CONTRIBUTING.md"])
def test_every_test_named_is_there(name: str) -> None:
    named = re.findall(r"`(tests/\w+\.py)::(\w+)`", text(name))
    assert len(named) > 10
    for path, function in named:
        assert re.search(rf"^(async )?def {function}\(", text(path), re.MULTILINE), function


def test_the_map_is_of_this_house() -> None:
    """Every path is there, and every module and folder at the top of the package is on it."""
    shown = next(content for _, content in blocks("docs/design.md") if "src/" in content)
    paths: list[Path] = []
    folders: list[Path] = []
    for line in shown.splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        folders = folders[:depth]
        path = (folders[-1] if folders else ROOT) / line.split()[0]
        folders.append(path)
        paths.append(path)
    assert [path for path in paths if not path.exists()] == []
    top = {path for path in PACKAGE.iterdir() if _is_of_interest(path)}
    assert top - set(paths) == set()


def _is_of_interest(path: Path) -> bool:
    return (path.suffix == ".py" or path.is_dir()) and not path.name.startswith("__")


def test_the_changelog_has_this_version() -> None:
    version: str = tomllib.loads(text("pyproject.toml"))["project"]["version"]
    titles = [title for level, title in headings("CHANGELOG.md") if level == 2]
    assert titles[0] == "[Unreleased]"
    assert any(title.startswith(f"[{version}]") for title in titles)
