"""The private folder of a run: auth files and whatever skopeo keeps, gone when the run ends."""

import base64
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from registry_mirror.config import Login, Settings
from registry_mirror.docker_config import auth_file

PREFIX = "registry-mirror-"
"""Begins the folder's name, so that what a killed run left can be found and removed."""


@dataclass(frozen=True, slots=True)
class Workspace:
    folder: Path
    source_auth: Path
    target_auth: Path
    environment: Mapping[str, str]


@contextmanager
def workspace(settings: Settings) -> Iterator[Workspace]:
    """Source and target credentials stand in files of their own, readable by us alone."""
    with tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        yield Workspace(
            folder,
            source_auth=_source_auth(settings, folder / "source.json"),
            target_auth=_target_auth(settings, folder / "target.json"),
            environment=_environment(settings, folder),
        )


def _source_auth(settings: Settings, path: Path) -> Path:
    if settings.source_auth:
        return _private(path, settings.source_auth.reveal())
    return settings.docker_config or _private(path, "{}")


def _target_auth(settings: Settings, path: Path) -> Path:
    if settings.target and settings.target_login:
        login = _encoded(settings.target_login)
        return _private(path, auth_file(settings.target.registry, login))
    return settings.docker_config or _private(path, "{}")


def _encoded(login: Login) -> str:
    """Bytes of the environment that are no UTF-8 stay as they are."""
    pair = f"{login.user}:{login.password.reveal()}"
    return base64.b64encode(pair.encode("utf-8", "surrogateescape")).decode()


def _private(path: Path, content: str) -> Path:
    path.touch(mode=0o600)
    path.write_text(content, encoding="utf-8", errors="surrogateescape")
    return path


def _environment(settings: Settings, folder: Path) -> dict[str, str]:
    """Skopeo's cache of blobs goes into our folder, for root too.

    containers/image keeps root's cache below /var/lib unless it takes the process for a rootless
    one, which it judges by this variable (pkg/blobinfocache/default.go, internal/rootless).
    """
    ca_file = {"SSL_CERT_FILE": str(settings.ca_file)} if settings.ca_file else {}
    return {
        **settings.environment,
        **ca_file,
        "XDG_DATA_HOME": str(folder),
        "TMPDIR": str(folder),
        "_CONTAINERS_ROOTLESS_UID": str(os.getuid() or 65534),
    }
