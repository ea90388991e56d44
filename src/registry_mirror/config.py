"""Settings: the only reader of the environment.

An empty value counts as unset, as GitHub passes variables that nobody has set; white space around
a value is stripped. Every problem is found at once.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TypeVar, overload

from registry_mirror import setting_words as words
from registry_mirror.docker_config import InvalidDockerConfigError, hosts_with_login
from registry_mirror.engines import EngineName
from registry_mirror.errors import Code, ConfigurationInvalidError, Problem
from registry_mirror.hosts import (
    HostOfOneWordError,
    InvalidHostError,
    is_listed,
    is_loopback,
    parse_host,
    parse_registry,
)
from registry_mirror.naming import Naming, Target
from registry_mirror.oci.platform import (
    DEFAULT_SELECTION,
    EveryPlatform,
    OnlyPlatforms,
    Platform,
    Selection,
)
from registry_mirror.oci.reference import DOMAIN, REMOTE_NAME
from registry_mirror.plan import Format
from registry_mirror.request.platforms import read_platforms
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

_DOCKER_CONFIGS = (
    ("REGISTRY_AUTH_FILE", ""),
    ("DOCKER_CONFIG", "config.json"),
    ("HOME", ".docker/config.json"),
)
"""Where the docker configuration may be, the first that is set; a path below it."""

_TRUE = frozenset({"true", "1", "yes", "on"})
_FALSE = frozenset({"false", "0", "no", "off"})

_SEPARATOR = re.compile(r"[,，、\s]+")
_HOST_WITH_PATH = re.compile(
    rf"(?:https?://)?{DOMAIN.pattern}/+([^/\s]\S*?)/*", re.IGNORECASE | re.ASCII
)
_WHOLE_NUMBER = re.compile(r"[0-9]{1,9}")

_Choice = TypeVar("_Choice", bound=StrEnum)


class Needs(StrEnum):
    """What a command can't do without."""

    NAMES = "names"
    TARGET = "target"
    LOGIN = "login"


class RequestPolicy(StrEnum):
    """Who may ask. Until the approval flow exists, only senders with write access are served."""

    COLLABORATORS = "collaborators"
    APPROVAL = "approval"
    EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that never shows itself."""

    _value: str = field(repr=False)

    def reveal(self) -> str:
        return self._value

    def __str__(self) -> str:
        return "***"


@dataclass(frozen=True, slots=True)
class Login:
    user: str
    password: Secret


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run is told, checked and with every default filled in.

    `target` is None where only names are wanted. `timeout` is in seconds, for one image.
    `asked_by_strangers` holds the network to public addresses and what the operator allowed.
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
    asked_by_strangers: bool = False
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    warnings: tuple[Text, ...] = ()

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
    reader = _Reader(environment)
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
    reader = _Reader(environment)
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


def read_language(environment: Mapping[str, str]) -> Language:
    """The language to answer in, whatever is wrong with the other settings."""
    return _Reader(environment).choice("REPORT_LANGUAGE", Language.ZH)


class _Reader:
    """Reads settings one by one and keeps what is wrong with them."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.problems: list[Problem] = []
        self.warnings: list[Text] = []

    def text(self, name: str) -> str | None:
        raw = self._environment.get(name, "")
        value = raw.strip()
        if value and value != raw:
            self.warnings.append(words.STRIPPED.fill(setting=name))
        return value or None

    def required(self, name: str) -> str:
        self._require(name, words.TOKEN_HINT if name == "GITHUB_TOKEN" else words.RUNNER_HINT)
        return self.text(name) or ""

    def path(self, name: str) -> Path | None:
        value = self.text(name)
        return Path(value) if value else None

    def target(self, registry: str | None, *, required: bool) -> Target | None:
        namespace = self._namespace()
        if required:
            self._require("TARGET_REGISTRY", words.MISSING_TARGET_REGISTRY)
            self._require("TARGET_NAMESPACE", words.MISSING_TARGET_NAMESPACE)
        return Target(registry, namespace) if registry and namespace else None

    def login(self) -> Login | None:
        user = self.text("TARGET_REGISTRY_USER")
        password = self.text("TARGET_REGISTRY_PASSWORD")
        if user and ":" in user:
            self._bad("TARGET_REGISTRY_USER", words.COLON_IN_USER, words.COLON_IN_USER_HINT)
        if user and password:
            return Login(user, Secret(password))
        if user:
            self.problems.append(_missing("TARGET_REGISTRY_PASSWORD", words.MISSING_PASSWORD))
        if password:
            self.problems.append(_missing("TARGET_REGISTRY_USER", words.MISSING_USER))
        return None

    def has_no_login(self) -> bool:
        return not (self.text("TARGET_REGISTRY_USER") or self.text("TARGET_REGISTRY_PASSWORD"))

    def docker_config(self, name: str) -> Secret | None:
        value = self.text(name)
        if value is None:
            return None
        try:
            hosts_with_login(value)
        except InvalidDockerConfigError:
            self._bad(name, words.NOT_A_DOCKER_CONFIG, words.DOCKER_CONFIG_HINT)
        return Secret(value)

    def docker_config_file(self) -> Path | None:
        """The file that docker and skopeo would take; one that is not there counts as none."""
        values = ((self.text(name), below) for name, below in _DOCKER_CONFIGS)
        path = next((Path(value) / below for value, below in values if value), None)
        return path if path and _is_file(path) else None

    def selection(self, engine: EngineName) -> Selection:
        platforms = self._platforms("MIRROR_PLATFORMS")
        if len(platforms) > 1 and engine is EngineName.SKOPEO:
            hint = words.SEVERAL_PLATFORMS_HINT
            self._bad("MIRROR_PLATFORMS", words.SEVERAL_PLATFORMS, hint)
        every = self._flag("MIRROR_ALL")
        if every and platforms:
            self._bad("MIRROR_ALL", words.ALL_AND_PLATFORMS, words.ALL_AND_PLATFORMS_HINT)
        if every:
            return EveryPlatform()
        return OnlyPlatforms(platforms) if platforms else DEFAULT_SELECTION

    def choice(self, name: str, default: _Choice) -> _Choice:
        value = self.text(name)
        if value is None:
            return default
        try:
            return type(default)(value.lower())
        except ValueError:
            choices = ", ".join(type(default))
            self._bad(name, words.NOT_A_CHOICE, words.CHOICE_HINT.fill(choices=choices))
            return default

    @overload
    def number(self, name: str, default: int, bounds: tuple[int, int]) -> int: ...
    @overload
    def number(self, name: str, default: int | None, bounds: tuple[int, int]) -> int | None: ...
    def number(self, name: str, default: int | None, bounds: tuple[int, int]) -> int | None:
        value = self.text(name)
        if value is None:
            return default
        low, high = bounds
        if _WHOLE_NUMBER.fullmatch(value) and low <= int(value) <= high:
            return int(value)
        reason = words.NOT_A_NUMBER.fill(low=str(low), high=str(high))
        self._bad(name, reason, words.NUMBER_HINT.fill(default=str(default or "∞")))
        return default

    def host(self, name: str) -> str | None:
        value = self.text(name)
        if value is None:
            return None
        try:
            registry = parse_registry(value)
        except HostOfOneWordError:
            self._bad(name, words.HOST_OF_ONE_WORD, words.HOST_OF_ONE_WORD_HINT)
            return None
        except InvalidHostError:
            self._bad(name, *_about_host(name, value))
            return None
        if parse_host(value) != value.lower():
            self.warnings.append(words.SCHEME_STRIPPED.fill(setting=name))
        return registry

    def hosts(self, name: str) -> frozenset[str]:
        try:
            return frozenset(parse_host(host) for host in self._list(name))
        except InvalidHostError:
            self._bad(name, words.NOT_A_HOST, words.HOST_HINT)
            return frozenset()

    def file(self, name: str) -> Path | None:
        path = self.path(name)
        if path and not _is_file(path):
            self._bad(name, words.NO_SUCH_FILE, words.FILE_HINT)
        return path

    def _namespace(self) -> str | None:
        value = self.text("TARGET_NAMESPACE")
        namespace = value.strip("/") if value else None
        if namespace is not None and not REMOTE_NAME.fullmatch(namespace):
            self._bad("TARGET_NAMESPACE", words.NOT_A_NAMESPACE, words.NAMESPACE_HINT)
            return None
        return namespace

    def _platforms(self, name: str) -> tuple[Platform, ...]:
        parts = self._list(name)
        read = read_platforms(",".join(parts)) if parts else OnlyPlatforms(())
        if isinstance(read, Problem):
            self._bad(name, read.reason, words.PLATFORM_HINT)
            return ()
        return read.platforms

    def _flag(self, name: str) -> bool:
        value = (self.text(name) or "false").lower()
        if value not in _TRUE | _FALSE:
            hint = words.CHOICE_HINT.fill(choices="true, false")
            self._bad(name, words.NOT_A_CHOICE, hint)
        return value in _TRUE

    def _list(self, name: str) -> list[str]:
        return [part for part in _SEPARATOR.split(self.text(name) or "") if part]

    def _require(self, name: str, hint: Text) -> None:
        if self.text(name) is None:
            self.problems.append(_missing(name, hint))

    def _bad(self, name: str, reason: Text, hint: Text) -> None:
        self.problems.append(Problem(Code.BAD_SETTING, reason, hint, text=name))


def _missing(name: str, hint: Text) -> Problem:
    return Problem(Code.MISSING_SETTING, words.MISSING, hint, text=name)


def _about_host(name: str, value: str) -> tuple[Text, Text]:
    path = _HOST_WITH_PATH.fullmatch(value)
    if path and name == "TARGET_REGISTRY":
        return words.HOST_WITH_PATH, words.HOST_WITH_PATH_HINT.fill(path=path[1])
    return words.NOT_A_HOST, words.HOST_HINT


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
        _missing("TARGET_REGISTRY_USER", words.MISSING_USER),
        _missing("TARGET_REGISTRY_PASSWORD", words.MISSING_PASSWORD),
    ]


def _has_login(file: Path, registry: str | None) -> bool:
    try:
        hosts = hosts_with_login(file.read_text(encoding="utf-8"))
    except (InvalidDockerConfigError, OSError, UnicodeDecodeError):
        return False
    return bool(hosts & {registry, "*"})


def _is_file(path: Path) -> bool:
    """Whether there is a file that can be looked at: a name too long for one is none."""
    try:
        return path.is_file()
    except OSError:
        return False
