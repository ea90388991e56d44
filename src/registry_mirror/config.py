"""Settings: the only reader of the environment.

An empty value counts as unset, as GitHub passes variables that nobody has set; white space around
a value is stripped. Every problem is found at once.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from registry_mirror import setting_words as words
from registry_mirror.docker_config import InvalidDockerConfigError, hosts_with_login
from registry_mirror.engines import EngineName
from registry_mirror.errors import ConfigurationInvalidError, Problem
from registry_mirror.hosts import (
    is_listed,
    is_loopback,
)
from registry_mirror.naming import Naming, Target
from registry_mirror.oci.platform import (
    DEFAULT_SELECTION,
    Selection,
)
from registry_mirror.plan import Format
from registry_mirror.secret import Login, Secret
from registry_mirror.setting_reader import SettingReader, missing
from registry_mirror.text import Language, Text

MAX_PARALLEL = (1, 64)
MAX_CONNECTIONS = (1, 1024)
MAX_RETRIES = (0, 20)
IMAGE_TIMEOUT = (1, 7 * 24 * 3600)
MAX_IMAGES = (1, 100_000)

SECRETS = frozenset(
    {
        "TARGET_REGISTRY_PASSWORD",
        "SOURCE_AUTH_JSON",
        "GITHUB_TOKEN",
        "GH_TOKEN",
        "ACTIONS_RUNTIME_TOKEN",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    }
)
"""What no child process sees; a runner adds the last two."""


class Needs(StrEnum):
    """What a command can't do without."""

    NAMES = "names"
    TARGET = "target"
    LOGIN = "login"


class RequestPolicy(StrEnum):
    """What becomes of a request by somebody who may not write to the repository."""

    COLLABORATORS = "collaborators"
    APPROVAL = "approval"
    EVERYONE = "everyone"


class Asker(StrEnum):
    """Who answers for a request.

    `OPERATOR` runs the program in a shell; `COLLABORATOR` asked by an issue, or approved one, and
    may write to the repository; `STRANGER` may not.
    """

    OPERATOR = "operator"
    COLLABORATOR = "collaborator"
    STRANGER = "stranger"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run is told, checked and with every default filled in.

    `target` is None where only names are wanted. `timeout` is in seconds, for one image.
    `max_image_size` is in bytes.
    `docker_config` is the docker configuration's file where there is one. `environment` is what
    child processes see: everything but our own secrets.
    """

    target: Target | None = None
    target_login: Login | None = None
    source_auth: Secret | None = None
    docker_config: Path | None = None
    selection: Selection = DEFAULT_SELECTION
    format: Format = Format.V2S2
    engine: EngineName = EngineName.NATIVE
    parallel: int = 5
    connections: int = 32
    retries: int = 3
    timeout: int = 3600
    insecure_hosts: frozenset[str] = frozenset()
    ca_file: Path | None = None
    naming: Naming = Naming.FLAT
    max_images: int | None = None
    allow_private_hosts: frozenset[str] = frozenset()
    policy: RequestPolicy = RequestPolicy.APPROVAL
    language: Language = Language.ZH
    pull_registry: str | None = None
    asker: Asker = Asker.OPERATOR
    max_image_size: int | None = None
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    warnings: tuple[Text, ...] = ()

    @property
    def is_of_an_issue(self) -> bool:
        """Then the network is held to public addresses and what the operator allowed."""
        return self.asker is not Asker.OPERATOR

    def speaks_plainly(self, registry: str) -> bool:
        """Whether a registry may be spoken to in plain http or with an unverified certificate."""
        return is_loopback(registry) or is_listed(registry, self.insecure_hosts)


def process_environment() -> dict[str, str]:
    return dict(os.environ)


def read_settings(
    environment: Mapping[str, str], *, needs: Needs, max_images: int | None = None
) -> Settings:
    """The settings of an environment; `max_images` is the command's default.

    Raises ConfigurationInvalidError with every problem.
    """
    reader = SettingReader(environment)
    registry = reader.host("TARGET_REGISTRY")
    settings = Settings(
        target=reader.target(registry, required=needs is not Needs.NAMES),
        target_login=None if needs is Needs.NAMES else reader.login(),
        source_auth=reader.docker_config("SOURCE_AUTH_JSON"),
        docker_config=reader.docker_config_file(),
        selection=reader.selection(engine := reader.choice("MIRROR_ENGINE", EngineName.NATIVE)),
        format=reader.choice("MIRROR_FORMAT", Format.V2S2),
        engine=engine,
        parallel=reader.number("MAX_PARALLEL", 5, MAX_PARALLEL),
        connections=reader.number("MAX_CONNECTIONS", 32, MAX_CONNECTIONS),
        retries=reader.number("MAX_RETRIES", 3, MAX_RETRIES),
        timeout=reader.number("IMAGE_TIMEOUT", 3600, IMAGE_TIMEOUT),
        insecure_hosts=reader.hosts("INSECURE_HOSTS"),
        ca_file=reader.file("SSL_CERT_FILE"),
        naming=reader.choice("NAMING", Naming.FLAT),
        max_images=reader.number("MAX_IMAGES", max_images, MAX_IMAGES),
        allow_private_hosts=reader.hosts("ALLOW_PRIVATE_HOSTS"),
        policy=reader.choice("REQUEST_POLICY", RequestPolicy.APPROVAL),
        language=reader.choice("REPORT_LANGUAGE", Language.ZH),
        pull_registry=reader.host("PULL_REGISTRY"),
        environment={name: value for name, value in environment.items() if name not in SECRETS},
        warnings=tuple(dict.fromkeys(reader.warnings)),
    )
    if needs is Needs.LOGIN and reader.has_no_login():
        reader.problems += _missing_login(settings, registry)
    if reader.problems:
        raise ConfigurationInvalidError(tuple(reader.problems))
    return settings


@dataclass(frozen=True, slots=True)
class Runner:
    """What a GitHub runner tells the step that answers an issue."""

    event_name: str
    event_path: Path
    api_url: str
    server_url: str
    repository: str
    run_id: str
    token: Secret
    summary_path: Path | None = None
    output_path: Path | None = None

    @property
    def repository_url(self) -> str:
        return f"{self.server_url}/{self.repository}"

    @property
    def run_url(self) -> str:
        return f"{self.repository_url}/actions/runs/{self.run_id}"


def read_runner(environment: Mapping[str, str]) -> Runner:
    """Raises ConfigurationInvalidError with everything that is missing."""
    reader = SettingReader(environment)
    runner = Runner(
        event_name=reader.required("GITHUB_EVENT_NAME"),
        event_path=Path(reader.required("GITHUB_EVENT_PATH")),
        api_url=reader.required("GITHUB_API_URL").rstrip("/"),
        server_url=reader.required("GITHUB_SERVER_URL").rstrip("/"),
        repository=reader.required("GITHUB_REPOSITORY"),
        run_id=reader.required("GITHUB_RUN_ID"),
        token=Secret(reader.required("GITHUB_TOKEN")),
        summary_path=reader.path("GITHUB_STEP_SUMMARY"),
        output_path=reader.path("GITHUB_OUTPUT"),
    )
    if reader.problems:
        raise ConfigurationInvalidError(tuple(reader.problems))
    return runner


def read_policy(environment: Mapping[str, str]) -> RequestPolicy:
    """The policy, whatever is wrong with the other settings; the default where it is itself."""
    return SettingReader(environment).choice("REQUEST_POLICY", RequestPolicy.APPROVAL)


def read_language(environment: Mapping[str, str]) -> Language:
    """The language to answer in, whatever is wrong with the other settings."""
    return SettingReader(environment).choice("REPORT_LANGUAGE", Language.ZH)


def _missing_login(settings: Settings, registry: str | None) -> list[Problem]:
    """On a runner nobody has logged in before, so a public target needs both settings.

    A target on loopback, or one that `INSECURE_HOSTS` names, may take pushes from anybody.
    `registry` is None where the target's own setting is missing or wrong.
    """
    if registry and settings.speaks_plainly(registry):
        return []
    if settings.docker_config and _has_login(settings.docker_config, registry):
        return []
    return [
        missing("TARGET_REGISTRY_USER", words.MISSING_USER),
        missing("TARGET_REGISTRY_PASSWORD", words.MISSING_PASSWORD),
    ]


def _has_login(file: Path, registry: str | None) -> bool:
    try:
        hosts = hosts_with_login(file.read_text(encoding="utf-8"))
    except (InvalidDockerConfigError, OSError, UnicodeDecodeError):
        return False
    return bool(hosts & {registry, "*"})
