"""Where the doctor runs: beside a repository on GitHub, or in a shell."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from registry_mirror.config import Needs, read_language
from registry_mirror.github.client import GitHub
from registry_mirror.github.tries import Patience
from registry_mirror.secret import Secret
from registry_mirror.setting_reader import SettingReader
from registry_mirror.text import Language

GITHUB_LIMIT = 20.0
"""Seconds for one call. Somebody waits: a GitHub that is out of order for longer is a finding."""

_API = "https://api.github.com"
_SERVER = "https://github.com"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`github` is None in a shell. `in_actions`: a workflow runs us."""

    language: Language
    github: GitHub | None = None
    repository_url: str | None = None
    in_actions: bool = False
    summary_path: Path | None = None

    @property
    def needs(self) -> Needs:
        """On a runner nobody has logged in before."""
        return Needs.LOGIN if self.github else Needs.TARGET


def read_surroundings(values: Mapping[str, str]) -> Surroundings:
    """A repository or an address that can be none counts as a shell's; its language is English."""
    reader = SettingReader(values)
    repository, token = reader.text("GITHUB_REPOSITORY"), reader.text("GITHUB_TOKEN")
    shell = Surroundings(read_language({"REPORT_LANGUAGE": "en", **_given_language(reader)}))
    if not repository or not token:
        return shell
    api = (reader.text("GITHUB_API_URL") or _API).rstrip("/")
    try:
        github = GitHub(api, repository, Secret(token), Patience(limit=GITHUB_LIMIT))
    except ValueError:
        return shell
    server = (reader.text("GITHUB_SERVER_URL") or _SERVER).rstrip("/")
    return Surroundings(
        read_language(values),
        github,
        f"{server}/{repository}",
        reader.text("GITHUB_ACTIONS") == "true",
        reader.path("GITHUB_STEP_SUMMARY"),
    )


def _given_language(reader: SettingReader) -> dict[str, str]:
    given = reader.text("REPORT_LANGUAGE")
    return {"REPORT_LANGUAGE": given} if given else {}
