"""What an option's text may be; what may not is a usage error, exit code 2."""

from typing import BinaryIO

import click

from registry_mirror.hosts import InvalidHostError, parse_host
from registry_mirror.naming import Target
from registry_mirror.oci.platform import InvalidPlatformError, Platform
from registry_mirror.oci.reference import REMOTE_NAME


def host(value: str) -> str:
    try:
        return parse_host(value)
    except InvalidHostError:
        raise click.BadParameter(f"{value!r} is not HOST or HOST:PORT") from None


def platform(value: str) -> str:
    try:
        return str(Platform.parse(value))
    except InvalidPlatformError:
        raise click.BadParameter(
            f"{value!r} is not OS/ARCHITECTURE[/VARIANT], as linux/arm64"
        ) from None


def target(value: str) -> Target:
    bare = value.removeprefix("https://").removeprefix("http://").strip("/")
    registry, _, namespace = bare.partition("/")
    if not REMOTE_NAME.fullmatch(namespace):
        raise click.BadParameter(
            f"{value!r} is not HOST/NAMESPACE, as registry.example.com/mirrors"
        )
    return Target(host(registry), namespace)


def text_of(file: BinaryIO) -> str:
    """The whole of a file; bytes that are no UTF-8 become U+FFFD, which no reference has."""
    return file.read().decode("utf-8-sig", errors="replace")
