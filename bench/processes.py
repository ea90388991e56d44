"""A program from its start to its end: how long, how much CPU and memory, children and all."""

import contextlib
import os
import re
import select
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

OUTPUT = "output.log"

_SAMPLED_EVERY = 0.1
"""Seconds between two looks at the memory of a program and its children together."""
_GRACE = 10.0
"""Seconds that a program has to end its children and itself when its time is over."""
_KIB = 1024
_PEAK = re.compile(r"VmHWM:\s+([0-9]+) kB")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_PARENT, _RESIDENT = 1, 21
"""Fields of /proc/PID/stat, counted from the one after the name."""
_IDLE, _WAITING = 3, 4
"""Fields of /proc/stat."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Seconds and bytes. `code` is None where the program was ended because it took too long.

    `idle` is the share of the machine's time that no one used meanwhile: where it is near 0, the
    machine was the limit and not the link.
    """

    code: int | None
    wall: float
    cpu: float
    memory: int
    idle: float


@dataclass(frozen=True, slots=True)
class _MachineTime:
    """In the kernel's ticks."""

    whole: int
    idle: int


@dataclass(frozen=True, slots=True)
class _Process:
    parent: int
    resident: int


def run(
    argv: tuple[str, ...], environment: Mapping[str, str], folder: Path, time_limit: float
) -> Usage:
    """The program runs in `folder`, where OUTPUT is what it says.

    CPU is of the program and of all children that it waited for. Memory is the largest of: any
    one process at its peak, and all of them together whenever looked at. Pages that processes
    share count for each. (The kernel's own `ru_maxrss` begins with the memory of who starts it.)
    """
    started, before = time.monotonic(), _machine_time()
    with (folder / OUTPUT).open("wb") as output:
        process = subprocess.Popen(
            argv,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    with _watched(process.pid) as poll:
        try:
            memory, in_time = _follow(process.pid, poll, started + time_limit)
        except BaseException:
            _end(process.pid, poll)
            process.wait()
            raise
        wall, after = time.monotonic() - started, _machine_time()
        if not in_time:
            _end(process.pid, poll)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Usage(
        code=process.returncode if in_time else None,
        wall=wall,
        cpu=used.ru_utime + used.ru_stime,
        memory=memory,
        idle=(after.idle - before.idle) / max(1, after.whole - before.whole),
    )


def _machine_time() -> _MachineTime:
    """Since it was started, of all its cores."""
    with Path("/proc/stat").open(encoding="ascii") as file:
        ticks = [int(field) for field in file.readline().split()[1:9]]
    return _MachineTime(sum(ticks), ticks[_IDLE] + ticks[_WAITING])


@contextlib.contextmanager
def _watched(pid: int) -> Iterator[select.poll]:
    """It has something to say when the process has ended."""
    descriptor = os.pidfd_open(pid)
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        yield poll
    finally:
        os.close(descriptor)


def _follow(pid: int, poll: select.poll, until: float) -> tuple[int, bool]:
    """The most memory seen until the process ended, and whether it did in time."""
    most = 0
    while not poll.poll(_SAMPLED_EVERY * 1000):
        family = _family(pid)
        together = sum(process.resident for process in family.values())
        most = max(most, together, *(_peak(member) for member in family))
        if time.monotonic() > until:
            return most, False
    return most, True


def _end(pid: int, poll: select.poll) -> None:
    """Ask first, for who is killed leaves its children behind; then kill what is left of them."""
    family = _family(pid)
    os.kill(pid, signal.SIGTERM)
    poll.poll(_GRACE * 1000)
    for member in {pid, *(family.keys() & _processes().keys()), *_family(pid)}:
        with contextlib.suppress(ProcessLookupError):
            os.kill(member, signal.SIGKILL)


def _family(pid: int) -> dict[int, _Process]:
    """A process and all that descend from it."""
    everything = _processes()
    children: dict[int, list[int]] = {}
    for number, process in everything.items():
        children.setdefault(process.parent, []).append(number)
    found: dict[int, _Process] = {}
    waiting = [pid]
    while waiting:
        number = waiting.pop()
        if number in everything:
            found[number] = everything[number]
            waiting.extend(children.get(number, ()))
    return found


def _peak(pid: int) -> int:
    """Bytes; 0 where the process has ended meanwhile."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    peak = _PEAK.search(status)
    return int(peak[1]) * _KIB if peak else 0


def _processes() -> dict[int, _Process]:
    read = ((int(entry.parent.name), _read(entry)) for entry in Path("/proc").glob("[0-9]*/stat"))
    return {number: process for number, process in read if process}


def _read(stat: Path) -> _Process | None:
    """None where the process has ended meanwhile."""
    try:
        fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return _Process(int(fields[_PARENT]), int(fields[_RESIDENT]) * _PAGE)
