"""The docker configuration file (`config.json`), as far as we look into it."""

import json
from collections.abc import Mapping

from registry_mirror.oci.reference import DOCKER_HUB

_SECTIONS = ("auths", "credHelpers")
_MARKS = frozenset({*_SECTIONS, "credsStore"})
_DOCKER_HUB = frozenset({"index.docker.io", "registry-1.docker.io"})


class InvalidDockerConfigError(ValueError):
    """Says nothing of the content, which is secret."""


def hosts_with_login(text: str) -> frozenset[str]:
    """The registries that a configuration has credentials or a credential helper for.

    Hosts are given as references name them, whatever docker or skopeo call them; a `credsStore`
    stands for every host and is given as `*`. Raises InvalidDockerConfigError, also for an object
    that has something in it but none of these.
    """
    config = _json_object(text)
    if config and not config.keys() & _MARKS:
        raise InvalidDockerConfigError
    keys = {key for section in _SECTIONS for key in _json_object_in(config, section)}
    return frozenset(map(_host, keys)) | ({"*"} if config.get("credsStore") else set())


def auth_file(host: str, encoded_login: str) -> str:
    """A configuration with one login, `base64(user:password)`."""
    return json.dumps({"auths": {host: {"auth": encoded_login}}})


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
