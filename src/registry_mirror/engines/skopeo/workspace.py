"""The private folder of a run: auth files and whatever skopeo keeps, gone when the run ends."""

import base64
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from registry_mirror.config import Asker, Settings
from registry_mirror.docker_config import (
    InvalidDockerConfigError,
    auth_file,
    parse_docker_config,
    with_helpers_for,
    without_unreadable,
)
from registry_mirror.helper_lookup import has_helper
from registry_mirror.secret import Login

PREFIX = "registry-mirror-"
"""Begins the folder's name, so that what a killed run left can be found and removed."""


@dataclass(frozen=True, slots=True)
class Workspace:
    folder: Path
    source_auth: Path
    target_auth: Path
    environment: Mapping[str, str]

    def name_helpers(self, sources: Iterable[str], targets: Iterable[str]) -> None:
        """Make skopeo ask a `credsStore` about these registries: it knows `credHelpers` alone."""
        for path, hosts in ((self.source_auth, sources), (self.target_auth, targets)):
            if path.parent == self.folder:
                _write(path, with_helpers_for(_read(path), hosts))


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
    if settings.asker is Asker.STRANGER:
        return _private(path, "{}")
    if settings.source_auth:
        return _private(path, without_unreadable(settings.source_auth.reveal()))
    return _docker_config(settings, path)


def _target_auth(settings: Settings, path: Path) -> Path:
    if settings.target and settings.target_login:
        login = _encoded(settings.target_login)
        return _private(path, auth_file(settings.target.registry, login))
    return _docker_config(settings, path)


def _docker_config(settings: Settings, path: Path) -> Path:
    """The file itself, or a copy of one whose store skopeo has to be told of.

    A store without its program is no store: docker goes on without a login as well.
    """
    file = settings.docker_config
    if file is None:
        return _private(path, "{}")
    try:
        text = _read(file)
        store = parse_docker_config(text).store
    except (OSError, UnicodeDecodeError, InvalidDockerConfigError):
        return file
    return _private(path, text) if store and has_helper(store, settings.environment) else file


def _encoded(login: Login) -> str:
    """Bytes of the environment that are no UTF-8 stay as they are."""
    pair = f"{login.user}:{login.password.reveal()}"
    return base64.b64encode(pair.encode("utf-8", "surrogateescape")).decode()


def _private(path: Path, content: str) -> Path:
    path.touch(mode=0o600)
    _write(path, content)
    return path


def _write(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8", errors="surrogateescape")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="surrogateescape")


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
