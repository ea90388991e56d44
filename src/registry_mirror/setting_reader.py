"""Reads settings one by one and keeps what is wrong with each.

An empty value counts as unset, as GitHub passes variables that nobody has set; white space around
a value is stripped.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TypeVar, overload

from registry_mirror import setting_words as words
from registry_mirror.docker_config import InvalidDockerConfigError, hosts_with_login
from registry_mirror.engines import EngineName
from registry_mirror.errors import Code, Problem
from registry_mirror.hosts import HostOfOneWordError, InvalidHostError, parse_host, parse_registry
from registry_mirror.naming import Target
from registry_mirror.oci.platform import (
    DEFAULT_SELECTION,
    EveryPlatform,
    OnlyPlatforms,
    Platform,
    Selection,
)
from registry_mirror.oci.reference import DOMAIN, REMOTE_NAME
from registry_mirror.request.platforms import read_platforms
from registry_mirror.secret import Login, Secret
from registry_mirror.text import Text
from registry_mirror.web_pages import is_harbor_page, namespace_of_page, registry_behind

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
    rf"(?:https?://)?(?P<host>{DOMAIN.pattern})/+(?P<path>[^/\s]\S*?)/*", re.IGNORECASE | re.ASCII
)
_WHOLE_NUMBER = re.compile(r"[0-9]{1,9}")

_Choice = TypeVar("_Choice", bound=StrEnum)


class SettingReader:
    """`problems` and `warnings` are what it came across so far."""

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
            self.problems.append(missing("TARGET_REGISTRY_PASSWORD", words.MISSING_PASSWORD))
        if password:
            self.problems.append(missing("TARGET_REGISTRY_USER", words.MISSING_USER))
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
        return path if path and is_file(path) else None

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
        if behind := registry_behind(value):
            hint = words.WEB_PAGE_HINT
            if behind != behind.lower():
                hint = words.WEB_PAGE_HINT_TO_FILL_IN
            self._bad(name, words.WEB_PAGE, hint.fill(registry=behind))
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
        if path and not is_file(path):
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
            self.problems.append(missing(name, hint))

    def _bad(self, name: str, reason: Text, hint: Text) -> None:
        self.problems.append(Problem(Code.BAD_SETTING, reason, hint, text=name))


def missing(name: str, hint: Text) -> Problem:
    return Problem(Code.MISSING_SETTING, words.MISSING, hint, text=name)


def _about_host(name: str, value: str) -> tuple[Text, Text]:
    found = _HOST_WITH_PATH.fullmatch(value)
    if not found or name != "TARGET_REGISTRY":
        return words.NOT_A_HOST, words.HOST_HINT
    host, path = found["host"].lower(), found["path"]
    if is_harbor_page(path):
        return words.WEB_PAGE, words.HARBOR_PAGE_HINT.fill(registry=host)
    path = namespace_of_page(host, path)
    return words.HOST_WITH_PATH, words.HOST_WITH_PATH_HINT.fill(path=path)


def is_file(path: Path) -> bool:
    """Whether there is a file that can be looked at: a name too long for one is none."""
    try:
        return path.is_file()
    except OSError:
        return False
