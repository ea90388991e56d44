import io

from rich.console import Console

from registry_mirror.engines import Ended, Started
from registry_mirror.errors import Code
from registry_mirror.plan import Plan
from registry_mirror.report.terminal import PlainProgress, TerminalProgress, report_lines
from tests.report_samples import MIXED, copied, failed, report_of

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
