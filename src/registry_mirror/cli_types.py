"""What an option's text may be; what may not is a usage error, exit code 2."""

import os
import re
from pathlib import Path
from typing import BinaryIO

import click

from registry_mirror.errors import Problem
from registry_mirror.folder import is_writable
from registry_mirror.hosts import (
    HostOfOneWordError,
    InvalidHostError,
    parse_host,
    parse_registry,
)
from registry_mirror.naming import Target
from registry_mirror.oci.reference import REMOTE_NAME
from registry_mirror.output import STDOUT
from registry_mirror.request.platforms import read_platforms
from registry_mirror.text import Language

_TARGET = re.compile(r"(?P<registry>(?:\w+://)?[^/]*)/(?P<namespace>.+?)/*")


def host(value: str) -> str:
    try:
        return parse_host(value)
    except InvalidHostError:
        raise click.BadParameter(f"{value!r} is not HOST or HOST:PORT") from None


def platform(value: str) -> str:
    read = read_platforms(value)
    if isinstance(read, Problem):
        hint = read.hint.say(Language.EN)
        raise click.BadParameter(
            f"{value!r} is not OS/ARCHITECTURE[/VARIANT], as linux/arm64; {hint}"
        )
    return ",".join(map(str, read.platforms))


def target(value: str) -> Target:
    parts = _TARGET.fullmatch(value)
    if not parts or not REMOTE_NAME.fullmatch(parts["namespace"]):
        raise click.BadParameter(
            f"{value!r} is not HOST/NAMESPACE, as registry.example.com/mirrors"
        )
    return Target(registry(parts["registry"]), parts["namespace"])


def registry(value: str) -> str:
    try:
        return parse_registry(value)
    except HostOfOneWordError:
        raise click.BadParameter(
            f"{value!r} alone is a namespace of Docker Hub: write its port, as {value}:443"
        ) from None
    except InvalidHostError:
        raise click.BadParameter(f"{value!r} is not HOST or HOST:PORT") from None


def json_file(value: str) -> str:
    """Where the report can't be written, that is said before anything moves."""
    path = Path(value)
    if value == STDOUT:
        return value
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise click.BadParameter(f"{value!r} can't be written")
    return value


def outputs_folder(value: str) -> Path:
    """Like `json_file`, for a folder that need not exist yet."""
    path = Path(value)
    if not value or not is_writable(path):
        raise click.BadParameter(f"{value!r} is no folder that can be written to")
    return path


def text_of(file: BinaryIO) -> str:
    """The whole of a file; bytes that are no UTF-8 become U+FFFD, which no reference has."""
    return file.read().decode("utf-8-sig", errors="replace")
