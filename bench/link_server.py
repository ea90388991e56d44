"""The link as a process: it says where it listens, and what it carried at every line it is sent."""

import asyncio
import json
import sys
from dataclasses import dataclass

from bench.link import Conditions, Cuts, Link, Port


@dataclass(frozen=True, slots=True)
class Settings:
    conditions: Conditions
    passages: tuple[tuple[str, Cuts], ...]


def read(text: str) -> Settings:
    document = json.loads(text)
    return Settings(
        Conditions(**document["conditions"]),
        tuple((passage["host"], Cuts(**passage["cuts"])) for passage in document["passages"]),
    )


async def serve(settings: Settings) -> None:
    async with Link(settings.conditions) as link:
        ports = [await link.forward(host, cuts) for host, cuts in settings.passages]
        _say([port.host for port in ports])
        while await asyncio.to_thread(sys.stdin.readline):
            _say([_counters(port) for port in ports])


def _counters(port: Port) -> dict[str, int]:
    counters = port.counters
    return {
        "up": counters.up,
        "down": counters.down,
        "connections": counters.connections,
        "most": counters.most,
        "cuts": counters.cuts,
    }


def _say(document: object) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(serve(read(sys.argv[1])))
