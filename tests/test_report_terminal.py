import io
from dataclasses import dataclass, replace

import pytest
from rich.console import Console

from registry_mirror.engines import Advanced, Ended, Started
from registry_mirror.errors import Code
from registry_mirror.outcome import Bytes
from registry_mirror.plan import Plan
from registry_mirror.report.terminal import PlainProgress, TerminalProgress, report_lines
from tests.report_samples import MIB, MIXED, copied, copy_of, failed, report_of

GOOD = copied("nginx:1.27")
BAD = failed("redis:0", Code.TAG_NOT_FOUND, 2, "::add-mask::x\r\n##[error]y\x1b[31m")
PLAN = Plan((GOOD.copy, BAD.copy))
EVENTS = (Started(GOOD.copy), Started(BAD.copy), Ended(BAD), Ended(GOOD))


def test_plain_progress_has_a_line_for_each_end() -> None:
    lines: list[str] = []
    observe = PlainProgress(PLAN, lines.append)
    for event in EVENTS:
        observe(event)
    target = "registry.cn-beijing.aliyuncs.com/my-mirrors"
    assert lines == [
        f"[1/2] failed (tag-not-found) docker.io/library/redis:0 -> {target}/redis:0 (1.5 s)",
        f"[2/2] copied docker.io/library/nginx:1.27 -> {target}/nginx:1.27 (71.0 MiB, 4.1 s)",
    ]


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def test_plain_progress_tells_totals_every_30_seconds_at_most() -> None:
    clock, lines = Clock(), list[str]()
    observe = PlainProgress(PLAN, lines.append, clock)
    observe(Started(GOOD.copy))
    told: list[float] = []
    for quarter in range(1, 4 * 65 + 1):
        clock.now = quarter / 4
        before = len(lines)
        observe(Advanced(GOOD.copy, quarter * MIB, 400 * MIB))
        if len(lines) > before:
            told.append(clock.now)
    assert told == [30.0, 60.0]
    assert lines == [
        "[0/2] 1 running, 120.0 MiB of about 800.0 MiB sent, 4.1 MiB/s, about 2 m 48 s left",
        "[0/2] 1 running, 240.0 MiB of about 800.0 MiB sent, 4.1 MiB/s, about 2 m 18 s left",
    ]


def test_plain_progress_tells_no_totals_where_no_bytes_are_known() -> None:
    clock, lines = Clock(), list[str]()
    observe = PlainProgress(PLAN, lines.append, clock)
    for event in EVENTS:
        clock.now += 100
        observe(event)
    assert len(lines) == 2


def test_plain_progress_tells_no_totals_after_the_end() -> None:
    clock, lines = Clock(), list[str]()
    observe = PlainProgress(Plan((GOOD.copy,)), lines.append, clock)
    observe(Advanced(GOOD.copy, MIB, MIB))
    clock.now = 100
    observe(Ended(replace(GOOD, moved=Bytes(MIB, MIB, 0, 0))))
    assert len(lines) == 1


def test_a_line_says_what_was_sent_where_that_is_not_its_size() -> None:
    whole, none = Bytes(71 * MIB, 71 * MIB, 0, 0), Bytes(71 * MIB, 0, 71 * MIB, 0)
    lines = report_lines(report_of(replace(GOOD, moved=whole), replace(GOOD, moved=none)))
    assert lines[0].endswith("(71.0 MiB, 4.1 s)")
    assert lines[1].endswith("(71.0 MiB, 0 B sent, 4.1 s)")
    assert lines[2].endswith(", 71.0 MiB sent, 71.0 MiB saved")
    assert report_lines(report_of(replace(GOOD, moved=whole)))[1].endswith(", 71.0 MiB sent")


def test_a_report_in_lines_holds_no_command_to_a_runner() -> None:
    lines = report_lines(report_of(GOOD, BAD))
    assert lines[-1] == "1 copied, 0 unchanged, 1 failed in 1 m 05 s"
    assert any("said: ::add-mask::x" in line for line in lines)
    for line in lines:
        assert line.isprintable()
        assert not line.lstrip().startswith("::")
        assert "##[" not in line


def test_every_failure_says_what_helps() -> None:
    lines = report_lines(MIXED)
    assert sum(line.startswith("failed (") for line in lines) == 4
    assert sum(line.startswith("    hint: ") for line in lines) == 4


def test_bars_show_what_runs_and_lines_what_ended() -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=200, color_system=None)
    with TerminalProgress(console, PLAN) as observe:
        for event in EVENTS[:3]:
            observe(event)
        observe.refresh()
        live = screen.getvalue()
        observe(EVENTS[3])
    assert "docker.io/library/nginx:1.27" in live
    assert "[1/2] failed (tag-not-found) docker.io/library/redis:0" in live
    assert "1/2" in live
    assert "[2/2] copied docker.io/library/nginx:1.27" in screen.getvalue()


def test_a_name_is_not_read_as_markup() -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=200, color_system=None)
    copy = copied("[fe80::1]:5000/team/app:1")
    with TerminalProgress(console, Plan((copy.copy,))) as observe:
        observe(Started(copy.copy))
        observe.refresh()
        observe(Ended(copy))
    assert screen.getvalue().count("[fe80::1]:5000/team/app:1") >= 2


def drawn(screen: io.StringIO, observe: TerminalProgress) -> list[str]:
    """The lines of the last drawing, which may be one that came by itself."""
    observe.refresh()
    lines = [line for line in screen.getvalue().split("\n") if line.strip()]
    first = max(number for number, line in enumerate(lines) if " images" in line)
    return lines[first:]


def console_of(screen: io.StringIO, width: int) -> Console:
    return Console(file=screen, force_terminal=True, width=width, height=50, color_system=None)


@pytest.mark.parametrize("width", [80, 200])
def test_bars_tell_bytes_speed_and_time_left(width: int) -> None:
    clock, screen = Clock(), io.StringIO()
    with TerminalProgress(console_of(screen, width), PLAN, clock) as observe:
        observe(Started(GOOD.copy))
        observe(Started(BAD.copy))
        for quarter in range(1, 41):
            clock.now = quarter / 4
            observe(Advanced(GOOD.copy, quarter * MIB, 100 * MIB))
        whole, good, bad = drawn(screen, observe)
        assert "0/2" in whole
        assert " 40.0 MiB/~200.0 MiB " in whole
        assert " 4.1 MiB/s" in whole
        assert " 40 s left " in whole
        assert "x:1.27 " in good
        assert " 40.0 MiB/100.0 MiB " in good
        assert " 4.1 MiB/s" in good
        assert " 15 s left " in good
        assert "redis:0 " in bad
        assert "MiB" not in bad
        clock.now = 100.0
        stalled = drawn(screen, observe)[1]
        assert " B/s " in stalled
        assert "MiB/s" not in stalled


def test_bars_tell_no_bytes_where_none_are_known() -> None:
    screen = io.StringIO()
    with TerminalProgress(console_of(screen, 200), PLAN) as observe:
        for event in EVENTS[:3]:
            observe(event)
        assert "B" not in "".join(drawn(screen, observe))


def test_only_so_many_images_have_a_row_and_the_others_follow() -> None:
    screen = io.StringIO()
    copies = [copy_of(f"team/image-{number:02}:1", number) for number in range(20)]
    with TerminalProgress(console_of(screen, 200), Plan(tuple(copies))) as observe:
        for copy in copies[:15]:
            observe(Started(copy))
        whole, *rows = drawn(screen, observe)
        assert "images (+ 3 running)" in whole
        assert [row.count(f"image-{n:02}:1 ") for n, row in enumerate(rows)] == [1] * 12
        for copy in (copies[0], copies[13]):
            observe(Ended(replace(GOOD, copy=copy)))
        whole, *rows = drawn(screen, observe)
        assert "images (+ 1 running)" in whole
        assert len(rows) == 12
        assert "image-12:1 " in rows[-1]
        observe(Ended(replace(GOOD, copy=copies[1])))
        assert "image-14:1 " in drawn(screen, observe)[-1]
        assert "running" not in drawn(screen, observe)[0]
