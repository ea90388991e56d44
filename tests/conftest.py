import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import settings

from registry_mirror.embedded.server import EmbeddedRegistry
from tests import registries
from tests.act_runs import Fork, require_act, shared_fork
from tests.registries import PASSWORD, REGISTRIES, USER, Server, require_peer
from tests.token_server import token_server

signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under nohup programs would not heed it
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture
async def embedded() -> AsyncIterator[EmbeddedRegistry]:
    """An empty registry, open to everybody."""
    async with EmbeddedRegistry() as registry:
        yield registry


@pytest.fixture
async def docker_registry(tmp_path: Path) -> AsyncIterator[Server]:
    async with registries.docker_registry(_directory(tmp_path, "open")) as server:
        yield server


@pytest.fixture
async def docker_registry_basic(tmp_path: Path) -> AsyncIterator[Server]:
    """Asks for USER and PASSWORD."""
    async with registries.docker_registry(_directory(tmp_path, "basic"), htpasswd=True) as server:
        yield server


@pytest.fixture
async def docker_registry_tokens(tmp_path: Path) -> AsyncIterator[Server]:
    """Takes tokens of a server that asks for USER and PASSWORD."""
    directory = _directory(tmp_path, "tokens")
    async with (
        token_server(directory, USER, PASSWORD) as tokens,
        registries.docker_registry(directory, tokens=tokens) as server,
    ):
        yield server


@pytest.fixture(scope="session")
def fork(tmp_path_factory: pytest.TempPathFactory) -> Fork:
    require_act()
    require_peer("skopeo")
    base = tmp_path_factory.getbasetemp()
    side_by_side = "PYTEST_XDIST_WORKER" in os.environ
    return shared_fork((base.parent if side_by_side else base) / "workflow")


@pytest.fixture(params=list(REGISTRIES))
async def any_registry(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Server]:
    """Every registry there is on this machine, one after another."""
    name: str = request.param
    async with REGISTRIES[name](_directory(tmp_path, name)) as server:
        yield server


def _directory(parent: Path, name: str) -> Path:
    directory = parent / f"registry-{name}"
    directory.mkdir()
    return directory
