"""The signals that ask a command to stop."""

import os
import signal
from types import FrameType

from registry_mirror.exits import Exit


def signals() -> tuple[signal.Signals, ...]:
    """SIGHUP asks for nothing where whoever started us ignores it, as nohup does."""
    asked = (signal.SIGINT, signal.SIGTERM)
    return asked if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else (*asked, signal.SIGHUP)


def leave_when_asked() -> None:
    """Until a command's loop takes the signals: nothing has begun, so leave at once."""
    for number in signals():
        signal.signal(number, _leave)


def _leave(_number: int, _frame: FrameType | None) -> None:
    """No exception: half-imported modules and blocking reads may swallow it."""
    os._exit(Exit.INTERRUPTED)
