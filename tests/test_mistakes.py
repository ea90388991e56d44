"""Mistakes that people really make, the comment that each gets, and that following it helps.

`UPDATE_GOLDEN=1 pytest` writes the comments anew.
"""

import asyncio
import base64
import json
import os
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from registry_mirror import commands
from registry_mirror.advice import words
from registry_mirror.embedded.auth import Account, Basic
from registry_mirror.embedded.images import BuiltImage, Piece, build_index, build_layer
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.engines import EngineName
from registry_mirror.errors import Code, Failure, Side
from registry_mirror.naming import Naming
from registry_mirror.oci import media_type as mt
from registry_mirror.oci.platform import DEFAULT_SELECTION, Platform
from registry_mirror.oci.reference import Reference
from registry_mirror.outcome import Failed
from registry_mirror.output import Output
from registry_mirror.planning import name_request
from registry_mirror.report import Report
from registry_mirror.report.markdown import report_comment
from registry_mirror.request.body import read_body
from registry_mirror.text import Language
from tests.fake_github import FakeGitHub
from tests.issue_requests import LABEL, form, settings, small_image
from tests.mistakes import MISTAKES, follow
from tests.naming_proxy import naming_proxy
from tests.native_runs import copy_of, image
from tests.registries import require_peer
from tests.rendered import render

GOLDEN = Path(__file__).parent / "golden" / "mistakes"
each_language = pytest.mark.parametrize("language", Language)


class Desk:
    """Where issues are answered: a repository on GitHub, and the registries they speak of."""

    def __init__(
        self,
        github: FakeGitHub,
        folder: Path,
        hosts: Mapping[str, str],
        proxy: str,
    ) -> None:
        self.github, self.folder, self.hosts, self.proxy = github, folder, hosts, proxy

    async def answer(self, body: str, language: Language, **variables: str) -> str:
        """The last comment on a new issue with this body; hosts are named as in golden files."""
        number = self.github.open_issue(self._real(body), [LABEL])
        event = self.folder / "event.json"
        event.write_text(json.dumps(self.github.event("opened", number, "me")), encoding="utf-8")
        environment = {
            "GITHUB_EVENT_NAME": "issues",
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_API_URL": self.github.api_url,
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_REPOSITORY": self.github.repository,
            "GITHUB_RUN_ID": "1",
            "GITHUB_TOKEN": self.github.token,
            "GITHUB_OUTPUT": str(self.folder / "outputs"),
            "HOME": str(self.folder),
            **settings(self.hosts[TARGET], TARGET_REGISTRY_USER="", MAX_RETRIES="0"),
            "INSECURE_HOSTS": f"{OLD},{NEW}",
            "ALLOW_PRIVATE_HOSTS": f"127.0.0.1,{OLD},{NEW}",
            "http_proxy": self.proxy,
            "https_proxy": self.proxy,
            "no_proxy": "127.0.0.1",
            "REPORT_LANGUAGE": language,
            **{name: self._real(value) for name, value in variables.items()},
        }
        await commands.issue(environment, Output(), asyncio.Event())
        return self._shown(self.github.comments(number)[-1].body)

    def _real(self, text: str) -> str:
        for name, host in self.hosts.items():
            text = text.replace(name, host)
        return text

    def _shown(self, comment: str) -> str:
        """Without what is another in every run."""
        for name, host in self.hosts.items():
            comment = comment.replace(host, name).replace(re.escape(host), re.escape(name))
        comment = re.sub(r"<!--.*?-->\n*", "", comment, count=1)
        return without_times(comment)


SOURCE, TARGET = "registry.example.com", "mirror.example.com"
PRIVATE, OLD, NEW = "private.example.com", "k8s.gcr.io", "registry.k8s.io"
ACCOUNT = Account("team", "not a real password")
LOGIN = base64.b64encode(f"{ACCOUNT.user}:{ACCOUNT.password}".encode()).decode()


@pytest.fixture
async def github() -> AsyncIterator[FakeGitHub]:
    async with FakeGitHub() as fake:
        yield fake


@pytest.fixture
async def source() -> AsyncIterator[EmbeddedRegistry]:
    async with EmbeddedRegistry() as registry:
        for tag in ("1.26.3", "1.27.4", "1.27.5", "1.27.5-alpine", "1.27", "latest"):
            registry.put("library/nginx", tag, small_image(f"nginx {tag}"))
        registry.put("library/arm", "1", build_index([image("arm", "arm64")]))
        windows = small_image("windows", platform=Platform("windows", "amd64"))
        registry.put("windows/nano", "1809", build_index([windows]))
        registry.put("charts/nginx", "18.1.0", chart())
        yield registry


@pytest.fixture
async def private() -> AsyncIterator[EmbeddedRegistry]:
    async with EmbeddedRegistry(Basic((ACCOUNT,))) as registry:
        registry.put("team/app", "2.0", small_image("app"))
        yield registry


@pytest.fixture
async def proxy() -> AsyncIterator[str]:
    """The way to two registries of the Internet."""
    async with EmbeddedRegistry() as old, EmbeddedRegistry() as new:
        old.put("pause", "3.9", small_image("pause"))
        new.put("kube-proxy", "v1.31.0", small_image("kube-proxy"))
        async with naming_proxy({OLD: old.host, NEW: new.host}) as host:
            yield host


@pytest.fixture
def desk(
    github: FakeGitHub,
    source: EmbeddedRegistry,
    private: EmbeddedRegistry,
    embedded: EmbeddedRegistry,
    proxy: str,
    tmp_path: Path,
) -> Desk:
    hosts = {SOURCE: source.host, PRIVATE: private.host, TARGET: embedded.host}
    return Desk(github, tmp_path, hosts, proxy)


def chart() -> BuiltImage:
    """What `helm push` makes."""
    config = Piece.of("application/vnd.cncf.helm.config.v1+json", b'{"name":"nginx"}')
    content = Piece.of(
        "application/vnd.cncf.helm.chart.content.v1.tar+gzip", build_layer({"a": b"b"}).content
    )
    manifest = {
        "schemaVersion": 2,
        "mediaType": mt.OCI_MANIFEST,
        "config": described(config),
        "layers": [described(content)],
    }
    return BuiltImage(Piece.of(mt.OCI_MANIFEST, json.dumps(manifest).encode()), (config, content))


def described(piece: Piece) -> dict[str, str | int]:
    return {
        "mediaType": piece.media_type,
        "digest": piece.digest,
        "size": len(piece.content),
    }


# Of the list


@each_language
@pytest.mark.parametrize("name", MISTAKES)
async def test_a_comment_on_a_list_reads_as_it_did(
    name: str, language: Language, desk: Desk
) -> None:
    mistake = MISTAKES[name]
    comment = await desk.answer(form(mistake.lines), language)
    compare(f"{name}.{language}.md", comment)
    assert render(comment).elements[0] == "h2"
    pasted = render(comment).code[-1].splitlines()
    by_hand = mistake.insert or not mistake.lines
    assert by_hand or pasted == follow(comment, mistake.lines, ())


@each_language
@pytest.mark.parametrize("name", MISTAKES)
def test_following_the_comment_makes_the_list_right(name: str, language: Language) -> None:
    mistake = MISTAKES[name]
    lines = follow(golden(f"{name}.{language}.md"), mistake.lines, mistake.insert)
    request = read_body(form(lines))
    assert request.problems == ()
    meant = [Reference.parse(image_) for image_ in mistake.right]
    assert [item.source for item in request.items] == meant
    named = name_request(request, naming=Naming.FLAT, selection=DEFAULT_SELECTION, max_images=None)
    assert len({one.name for one in named}) == len(meant)


# Of an image


@dataclass(frozen=True, slots=True)
class Failing:
    """A list of which one image fails, and the settings that the operator is told to make."""

    lines: tuple[str, ...]
    wrong: int = 0
    settings: tuple[tuple[str, str], ...] = ()


FAILING = {
    "tag-typo": Failing((f"{SOURCE}/library/nginx:1.27.9999",)),
    "tag-of-another-spelling": Failing((f"{SOURCE}/library/nginx:v1.27.5",)),
    "repository-typo": Failing(
        (f"{SOURCE}/library/nginx:1.27", f"{SOURCE}/library/ngnix:1.26.3"), wrong=1
    ),
    "other-platform-only": Failing((f"{SOURCE}/library/arm:1",)),
    "windows-only": Failing((f"{SOURCE}/windows/nano:1809",)),
    "moved": Failing((f"{OLD}/kube-proxy:v1.31.0",)),
    "private": Failing(
        (f"{PRIVATE}/team/app:2.0",),
        settings=(("SOURCE_AUTH_JSON", json.dumps({"auths": {PRIVATE: {"auth": LOGIN}}})),),
    ),
    "helm-chart": Failing(
        (f"{SOURCE}/charts/nginx:18.1.0",), settings=(("MIRROR_FORMAT", "source"),)
    ),
}


@each_language
@pytest.mark.parametrize("name", FAILING)
async def test_a_report_of_a_failure_reads_as_it_did(
    name: str, language: Language, desk: Desk
) -> None:
    comment = await desk.answer(form(FAILING[name].lines), language)
    compare(f"{name}.{language}.md", comment)
    assert render(comment).elements[0] == "h2"


@each_language
@pytest.mark.parametrize("name", FAILING)
async def test_following_the_report_gets_the_image_copied(
    name: str, language: Language, desk: Desk
) -> None:
    failing = FAILING[name]
    report = golden(f"{name}.{language}.md")
    lines = list(failing.lines)
    if failing.settings:
        for setting, _ in failing.settings:
            assert setting in report
    else:
        lines[failing.wrong] = corrected(report, lines[failing.wrong])
    comment = await desk.answer(form(lines), language, **dict(failing.settings))
    assert "❌" not in comment
    assert "✅" in comment


@pytest.mark.parametrize("name", FAILING)
async def test_skopeo_fails_with_the_same_advice(name: str, desk: Desk) -> None:
    require_peer("skopeo")
    comment = await desk.answer(form(FAILING[name].lines), Language.EN, MIRROR_ENGINE="skopeo")
    assert told(comment) == told(golden(f"{name}.en.md"))


def told(report: str) -> list[str]:
    """The codes, causes and cures of a report."""
    return re.findall(r"^(?:####|\*\*(?:Why|Try)).*$", report, re.MULTILINE)


def corrected(report: str, line: str) -> str:
    """The line as the advice has it: another image, or an option more."""
    (advice,) = re.findall(r"^\*\*(?:建议|Try)\W+(.*)$", report, re.MULTILINE)
    codes = re.findall(r"`([^`]+)`", advice)
    options = [code for code in codes if code.startswith("--platform")]
    return f"{line} {options[0]}" if options else codes[-1]


@pytest.mark.parametrize(("second", "cures"), [("1.26", 2), ("1.27", 1)])
def test_images_that_failed_alike_stand_together(second: str, cures: int) -> None:
    failed = tuple(
        Failed(
            copy_of(f"{SOURCE}/library/nginx:{n}", f"{TARGET}/m/nginx:{n}", line=n),
            Failure(Code.TAG_NOT_FOUND, Side.SOURCE, hint=words.NEAREST_TAGS.fill(tags=t, line=t)),
        )
        for n, t in ((1, "1.27"), (2, second))
    )
    report = report_comment(Report("m", EngineName.NATIVE, 1.0, failed), language=Language.EN)
    assert report.count("#### ") == report.count("**Why:**") == 1
    assert report.count("**Try:**") == cures
    assert report.index("Line 1:") < report.index("Line 2:")


def test_there_are_as_many_mistakes_as_people_make() -> None:
    names = {path.name.partition(".")[0] for path in GOLDEN.iterdir()}
    assert names == {*MISTAKES, *FAILING}
    assert len(names) >= 25


def without_times(comment: str) -> str:
    return re.sub(r"(?<![\w.])[0-9.]+ s\b", "1 s", comment)


def golden(name: str) -> str:
    return (GOLDEN / name).read_bytes().decode()


def compare(name: str, text: str) -> None:
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.mkdir(exist_ok=True)
        (GOLDEN / name).write_bytes(f"{text}\n".encode())
    assert golden(name) == f"{text}\n"
