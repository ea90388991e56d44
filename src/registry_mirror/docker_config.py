"""The docker configuration file (`config.json`), as far as we look into it."""

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from registry_mirror.oci.reference import DOCKER_HUB

_MARKS = frozenset({"auths", "credHelpers", "credsStore"})
_LINE_BREAKS = frozenset("\r\n")
_DOCKER_HUB = frozenset({"index.docker.io", "registry-1.docker.io"})


class Flaw(StrEnum):
    """Why an account can't be used, or hardly. `HELPER`: its program is not installed."""

    NOT_BASE64 = "not-base64"
    NO_PAIR = "no-pair"
    LINE_BREAK = "line-break"
    NO_PASSWORD = "no-password"  # noqa: S105 - the name of a flaw
    EMPTY = "empty"
    HELPER = "helper"


@dataclass(frozen=True, slots=True)
class FlawedAccount:
    """`host` is None where it is the store of all hosts; `helper` is the name of a `HELPER`."""

    host: str | None
    flaw: Flaw
    helper: str = ""


class InvalidDockerConfigError(ValueError):
    """Says nothing of the content, which is secret."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One of `auths`. `auth` is decoded into user and password."""

    user: str = ""
    password: str = field(default="", repr=False)
    identity_token: str = field(default="", repr=False)
    registry_token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class DockerConfig:
    """Keys are `host[:port]` or, as containers-auth.json allows, a path below one."""

    entries: tuple[tuple[str, Entry], ...] = ()
    helpers: tuple[tuple[str, str], ...] = ()
    store: str = ""


def parse_docker_config(text: str) -> DockerConfig:
    """Raises InvalidDockerConfigError; an entry that says nothing is left out."""
    config = _json_object(text)
    auths = _json_object_in(config, "auths")
    entries = ((_key(key), _entry(value)) for key, value in auths.items())
    helpers = _json_object_in(config, "credHelpers")
    store = config.get("credsStore")
    return DockerConfig(
        tuple((key, entry) for key, entry in entries if entry != Entry()),
        tuple((_key(key), name) for key, name in helpers.items() if isinstance(name, str)),
        store if isinstance(store, str) else "",
    )


def hosts_with_login(text: str) -> frozenset[str]:
    """The registries that a configuration has credentials or a credential helper for.

    Hosts are given as references name them, whatever docker or skopeo call them; a `credsStore`
    stands for every host and is given as `*`. Raises InvalidDockerConfigError, also for an object
    that has something in it but none of these, and for entries that can't be any.
    """
    config = _json_object(text)
    if config and not config.keys() & _MARKS:
        raise InvalidDockerConfigError
    _require_all(dict, _json_object_in(config, "auths"))
    _require_all(str, _json_object_in(config, "credHelpers"))
    parsed = parse_docker_config(text)
    return _hosts_of(parsed) | ({"*"} if parsed.store else set())


def flawed_accounts(text: str, has_helper: Callable[[str], bool]) -> tuple[FlawedAccount, ...]:
    """Accounts that are named and of no use, as docker reads them.

    `has_helper` tells by its name whether a helper is installed. An entry that says nothing leaves
    its host to a helper, as docker writes it. Raises InvalidDockerConfigError.
    """
    parsed, auths = parse_docker_config(text), _json_object_in(_json_object(text), "auths")
    helpers = dict(parsed.helpers)
    found = [
        flawed
        for key, value in auths.items()
        for flawed in _flaws(key, value, helpers.get(_key(key)) or parsed.store, has_helper)
    ]
    told = {account.host for account in found}
    for key, name in parsed.helpers:
        if _host(key) not in told and not has_helper(name):
            found.append(FlawedAccount(_host(key), Flaw.HELPER, name))
    is_told = any(account.flaw is Flaw.HELPER for account in found)
    if parsed.store and not is_told and not has_helper(parsed.store):
        found.append(FlawedAccount(None, Flaw.HELPER, parsed.store))
    return tuple(found)


def without_unreadable(text: str) -> str:
    """Leave out accounts that are not base64: skopeo fails over one even where none is needed.

    Raises InvalidDockerConfigError.
    """
    config = _json_object(text)
    auths = _json_object_in(config, "auths")
    readable = {
        key: value
        for key, value in auths.items()
        if _decode(_texts(value).get("auth", "")) is not None
    }
    return text if len(readable) == len(auths) else json.dumps({**config, "auths": readable})


def with_helpers_for(text: str, hosts: Iterable[str]) -> str:
    """Name the `credsStore` as the helper of each host, for programs that know helpers alone.

    A host that has something of its own keeps it. Raises InvalidDockerConfigError.
    """
    parsed = parse_docker_config(text)
    if not parsed.store:
        return text
    config = _json_object(text)
    named = dict.fromkeys(set(hosts) - _hosts_of(parsed), parsed.store)
    helpers = {**_json_object_in(config, "credHelpers"), **named}
    return json.dumps({**config, "credHelpers": helpers})


def _hosts_of(config: DockerConfig) -> frozenset[str]:
    keys = [key for key, _ in config.entries] + [key for key, _ in config.helpers]
    return frozenset(map(_host, keys))


def _require_all(kind: type, section: Mapping[str, object]) -> None:
    if not all(isinstance(value, kind) for value in section.values()):
        raise InvalidDockerConfigError


def auth_file(host: str, encoded_login: str) -> str:
    """A configuration with one login, `base64(user:password)`."""
    return json.dumps({"auths": {host: {"auth": encoded_login}}})


def _entry(value: object) -> Entry:
    texts = _texts(value)
    pair = _decode(texts.get("auth", "")) or ""
    user, password = pair.split(":", 1) if ":" in pair else ("", "")
    return Entry(
        user=texts.get("username") or user,
        password=texts.get("password") or password,
        identity_token=texts.get("identitytoken", ""),
        registry_token=texts.get("registrytoken", ""),
    )


def _flaws(
    key: str, value: object, helper: str, has_helper: Callable[[str], bool]
) -> Iterator[FlawedAccount]:
    entry, host = _entry(value), _host(key)
    if flaw := _flaw(value, entry):
        yield FlawedAccount(host, flaw)
    elif entry == Entry() and not helper:
        yield FlawedAccount(host, Flaw.EMPTY)
    elif entry == Entry() and not has_helper(helper):
        yield FlawedAccount(host, Flaw.HELPER, helper)


def _flaw(value: object, entry: Entry) -> Flaw | None:
    auth = _texts(value).get("auth", "")
    pair = _decode(auth)
    if auth and not entry.user and not entry.identity_token and not entry.registry_token:
        return Flaw.NOT_BASE64 if pair is None else Flaw.NO_PAIR
    if _LINE_BREAKS & set(entry.user + entry.password):
        return Flaw.LINE_BREAK
    has_secret = entry.password or entry.identity_token or entry.registry_token
    return Flaw.NO_PASSWORD if entry.user and not has_secret else None


def _decode(auth: str) -> str | None:
    """Docker ends passwords with zeros at times, and takes them away again. None: no base64.

    As docker does, line breaks are passed over, and nothing else; a missing `=` is understood.
    """
    plain = auth.replace("\r", "").replace("\n", "").rstrip("=")
    try:
        decoded = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except ValueError:
        return None
    return decoded.decode("utf-8", "surrogateescape").rstrip("\0")


def _texts(value: object) -> Mapping[str, str]:
    """What an entry says, its keys in lowercase; nothing where it is none."""
    if not isinstance(value, dict):
        return {}
    return {str(key).lower(): text for key, text in value.items() if isinstance(text, str)}


def _key(key: str) -> str:
    """A key without scheme and without the path of an API; a URL has no other path."""
    _, scheme, rest = key.partition("://")
    path = (rest if scheme else key).rstrip("/")
    _, _, below = path.partition("/")
    plain = bool(scheme) or below in ("v1", "v2") or not below
    return _host(key) if plain else f"{_host(key)}/{below}"


def _host(key: str) -> str:
    """A key of `auths` may be a URL, as `https://index.docker.io/v1/`, or have a path."""
    host = key.partition("://")[2] or key
    host = host.partition("/")[0].lower()
    return DOCKER_HUB if host in _DOCKER_HUB else host


def _json_object(text: str) -> Mapping[str, object]:
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidDockerConfigError from None
    if not isinstance(value, dict):
        raise InvalidDockerConfigError
    return value


def _json_object_in(config: Mapping[str, object], section: str) -> Mapping[str, object]:
    value = config.get(section, {})
    if not isinstance(value, dict):
        raise InvalidDockerConfigError
    return value
