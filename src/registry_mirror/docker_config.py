"""The docker configuration file (`config.json`), as far as we look into it."""

import json
from collections.abc import Mapping

_SECTIONS = ("auths", "credHelpers")


class InvalidDockerConfigError(ValueError):
    """Says nothing of the content, which is secret."""


def hosts_with_login(text: str) -> frozenset[str]:
    """The registries that a configuration has credentials or a credential helper for.

    A `credsStore` stands for every host and is given as `*`. Raises InvalidDockerConfigError.
    """
    config = _json_object(text)
    hosts = {host for section in _SECTIONS for host in _json_object_in(config, section)}
    return frozenset(hosts | ({"*"} if config.get("credsStore") else set()))


def auth_file(host: str, encoded_login: str) -> str:
    """A configuration with one login, `base64(user:password)`."""
    return json.dumps({"auths": {host: {"auth": encoded_login}}})


def _json_object(text: str) -> Mapping[str, object]:
    try:
        value: object = json.loads(text)
    except ValueError:
        raise InvalidDockerConfigError from None
    if not isinstance(value, dict):
        raise InvalidDockerConfigError
    return value


def _json_object_in(config: Mapping[str, object], section: str) -> Mapping[str, object]:
    value = config.get(section, {})
    if not isinstance(value, dict):
        raise InvalidDockerConfigError
    return value
