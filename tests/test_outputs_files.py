"""`sync --outputs DIR` and pasted manifests, through the program itself."""

import json
import re
import stat
from pathlib import Path

import pytest
import yaml

from registry_mirror.embedded.images import build_image, build_layer
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.folder import write_files
from registry_mirror.outputs.files import File
from tests.fake_github import FakeGitHub
from tests.issue_requests import LABEL, NAMESPACE, form, settings
from tests.program import program


def compose_of(host: str) -> str:
    return f"""\
services:
  web:
    image: {host}/team/app:${{TAG:-1}}
  worker:
    image: {host}/team/app:1
  db:
    build: .
"""


@pytest.fixture
def filled(embedded: EmbeddedRegistry) -> EmbeddedRegistry:
    embedded.put("team/app", "1", build_image([build_layer({"one": b"1"})]))
    return embedded


async def test_a_compose_file_becomes_files_to_use(
    filled: EmbeddedRegistry, tmp_path: Path
) -> None:
    manifest, folder = tmp_path / "compose.yaml", tmp_path / "new" / "outputs"
    manifest.write_text(compose_of(filled.host))
    ran = await program(
        "sync", "-f", str(manifest), "--to", f"{filled.host}/ns", "--naming", "path",
        "--outputs", str(folder),
    )  # fmt: skip
    assert ran.code == 0, ran.stderr
    host = filled.host.replace(":", "-")
    target = f"{filled.host}/ns/{host}/team/app"
    override = yaml.safe_load((folder / "compose.override.yaml").read_text())
    assert override == {
        "services": {"web": {"image": f"{target}:1"}, "worker": {"image": f"{target}:1"}}
    }
    assert (folder / "images.txt").read_text() == f"{target}:1\n"
    directory = filled.host.replace(":", "_") + "_"
    written = {path for path in folder.rglob("*") if path.is_file()}
    assert {str(path.relative_to(folder)) for path in written} == {
        "images.txt",
        "replace.sed",
        "kustomization.yaml",
        "compose.override.yaml",
        f"hosts/{directory}/hosts.toml",
    }
    assert all(f"wrote {path}" in ran.stdout for path in written)
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o644 for path in written)


async def test_why_there_is_no_hosts_file_is_said(filled: EmbeddedRegistry, tmp_path: Path) -> None:
    image = f"{filled.host}/team/app:1"
    ran = await program("sync", image, "--to", f"{filled.host}/ns", "--outputs", str(tmp_path))
    assert ran.code == 0
    assert not (tmp_path / "hosts").exists()
    assert "no hosts.toml: " in ran.stdout
    assert "NAMING=path" in ran.stdout


@pytest.mark.parametrize("kind", ["a file", "below a file", "with a dry run"])
async def test_a_folder_that_cannot_be_is_told_before_anything_moves(
    filled: EmbeddedRegistry, tmp_path: Path, kind: str
) -> None:
    (tmp_path / "file").write_text("")
    outputs, more = {
        "a file": (tmp_path / "file", ()),
        "below a file": (tmp_path / "file" / "folder", ()),
        "with a dry run": (tmp_path, ("--dry-run",)),
    }[kind]
    ran = await program(
        "sync", f"{filled.host}/team/app:1", "--to", f"{filled.host}/ns",
        "--outputs", str(outputs), *more,
    )  # fmt: skip
    assert ran.code == 2
    assert not filled.manifest("ns/app", "1")


async def test_files_that_cannot_be_written_are_no_success(
    filled: EmbeddedRegistry, tmp_path: Path
) -> None:
    (tmp_path / "replace.sed").mkdir()
    image = f"{filled.host}/team/app:1"
    ran = await program("sync", image, "--to", f"{filled.host}/ns", "--outputs", str(tmp_path))
    assert ran.code == 1
    assert "could not be written" in ran.stderr
    assert filled.manifest("ns/app", "1")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_file_takes_the_place_of_an_older_one(tmp_path: Path) -> None:
    write_files(tmp_path, [File(("a", "b.txt"), "old\n")])
    write_files(tmp_path, [File(("a", "b.txt"), "新\n")])
    assert (tmp_path / "a/b.txt").read_text(encoding="utf-8") == "新\n"
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b.txt"]


async def test_check_says_how_many_images_a_manifest_has() -> None:
    ran = await program("check", stdin=compose_of("quay.io"))
    assert ran.code == 0
    assert ran.stdout == "quay.io/team/app:1\tapp:1\n"
    assert "One image was taken from the pasted manifest." in ran.stderr


async def test_an_issue_takes_a_compose_file_and_answers_with_its_services(
    filled: EmbeddedRegistry, tmp_path: Path
) -> None:
    event, summary = tmp_path / "event.json", tmp_path / "summary.md"
    async with FakeGitHub() as github:
        number = github.open_issue(form(compose_of(filled.host).splitlines()), [LABEL])
        event.write_text(json.dumps(github.event("opened", number, "me")), encoding="utf-8")
        ran = await program(
            "issue",
            environment={
                "GITHUB_EVENT_NAME": "issues",
                "GITHUB_EVENT_PATH": str(event),
                "GITHUB_API_URL": github.api_url,
                "GITHUB_SERVER_URL": "https://github.com",
                "GITHUB_REPOSITORY": github.repository,
                "GITHUB_RUN_ID": "1",
                "GITHUB_TOKEN": github.token,
                "GITHUB_STEP_SUMMARY": str(summary),
                "TMPDIR": str(tmp_path),
                **settings(filled.host, TARGET_REGISTRY_USER=""),
            },
        )
        assert ran.code == 0, ran.stderr
        assert github.issue(number).state == "closed"
        report = github.comments(number)[-1].body
    target = f"{filled.host}/{NAMESPACE}/app:1"
    assert "One image was taken from the pasted manifest." in report
    (override,) = re.findall(r"```yaml\n(?=# Use: docker compose)(.*?)```", report, re.DOTALL)
    assert yaml.safe_load(override) == {
        "services": {"web": {"image": target}, "worker": {"image": target}}
    }
    assert override in summary.read_text(encoding="utf-8")
