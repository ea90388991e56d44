"""The command lines that skopeo is given. No credential ever stands in one."""

from dataclasses import dataclass
from pathlib import Path

from registry_mirror.oci.platform import EveryPlatform, OnlyPlatforms, Selection
from registry_mirror.oci.reference import Reference
from registry_mirror.plan import Copy, Format

Argv = tuple[str, ...]

VERSION: Argv = ("skopeo", "--version")


@dataclass(frozen=True, slots=True)
class Access:
    """How skopeo speaks to one side."""

    auth_file: Path
    tls_verify: bool


def copy(
    asked: Copy,
    source: Reference,
    *,
    source_access: Access,
    target_access: Access,
    retries: int,
    digest_file: Path,
) -> Argv:
    """Copy `source`, which is what the asked source's tag was resolved to."""
    return (
        "skopeo",
        "--insecure-policy",
        *_platform_options(asked.selection),
        "copy",
        *_format_options(asked.format),
        *(("--all",) if isinstance(asked.selection, EveryPlatform) else ()),
        "--remove-signatures",
        f"--retry-times={retries}",
        f"--src-authfile={source_access.auth_file}",
        f"--dest-authfile={target_access.auth_file}",
        f"--src-tls-verify={_boolean(source_access.tls_verify)}",
        f"--dest-tls-verify={_boolean(target_access.tls_verify)}",
        f"--digestfile={digest_file}",
        _location(source),
        _location(asked.target),
    )


def inspect_manifest(reference: Reference, access: Access, *, retries: int) -> Argv:
    """Print the manifest that a tag or digest names, byte for byte."""
    return _inspect(reference, access, retries, "--raw")


def inspect_config(reference: Reference, access: Access, *, retries: int) -> Argv:
    """Print an image's config, byte for byte."""
    return _inspect(reference, access, retries, "--raw", "--config")


def _inspect(reference: Reference, access: Access, retries: int, *options: str) -> Argv:
    return (
        "skopeo",
        "--insecure-policy",
        "inspect",
        *options,
        f"--retry-times={retries}",
        f"--authfile={access.auth_file}",
        f"--tls-verify={_boolean(access.tls_verify)}",
        _location(reference),
    )


def _location(reference: Reference) -> str:
    """`docker://NAME:TAG` or `docker://NAME@DIGEST`: skopeo refuses both at once."""
    if reference.digest:
        return f"docker://{reference.name}@{reference.digest}"
    return f"docker://{reference.name}:{reference.tag}"


def _platform_options(selection: Selection) -> Argv:
    if not isinstance(selection, OnlyPlatforms) or len(selection.platforms) != 1:
        return ()
    platform = selection.platforms[0]
    variant = (f"--override-variant={platform.variant}",) if platform.variant else ()
    return (f"--override-os={platform.os}", f"--override-arch={platform.architecture}", *variant)


def _format_options(format_: Format) -> Argv:
    return ("--preserve-digests",) if format_ is Format.SOURCE else (f"--format={format_}",)


def _boolean(value: bool) -> str:  # noqa: FBT001 - a value to print, not a switch
    return "true" if value else "false"
