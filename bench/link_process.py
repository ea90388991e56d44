"""The link in a process of its own, so as not to wait for whoever measures."""

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from typing import Self

from bench.link import Conditions, Cuts
from bench.places import own_environment
from bench.registries import NotReadyError


@dataclass(frozen=True, slots=True)
class Passage:
    """A way through the link: to the registry at `host`, cut as `cuts` say."""

    host: str
    cuts: Cuts


@dataclass(frozen=True, slots=True)
class Traffic:
    """Since the last look; `most` is the most connections that were ever open at once."""

    up: int
    down: int
    connections: int
    most: int
    cuts: int


class LinkProcess:
    """Carries while the `with` lasts; `hosts` are where the passages begin, in their order."""

    def __init__(self, conditions: Conditions, passages: tuple[Passage, ...]) -> None:
        settings = {
            "conditions": asdict(conditions),
            "passages": [asdict(passage) for passage in passages],
        }
        self._process = subprocess.Popen(
            (sys.executable, "-m", "bench.link_server", json.dumps(settings)),
            env=own_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._seen: list[Traffic] = [Traffic(0, 0, 0, 0, 0) for _ in passages]
        self.hosts: tuple[str, ...] = ()

    def __enter__(self) -> Self:
        try:
            self.hosts = tuple(json.loads(self._answer()))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        with self._process:
            self._process.terminate()

    def traffic(self) -> tuple[Traffic, ...]:
        """Of each passage, since the last call."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        now = [Traffic(**counters) for counters in json.loads(self._answer())]
        seen, self._seen = self._seen, now
        return tuple(
            Traffic(
                up=new.up - old.up,
                down=new.down - old.down,
                connections=new.connections - old.connections,
                most=new.most,
                cuts=new.cuts - old.cuts,
            )
            for new, old in zip(now, seen, strict=True)
        )

    def _answer(self) -> str:
        """Raises NotReadyError."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise NotReadyError("the link has ended")
        return line
