"""Sizes, times and speeds as people read them."""

from registry_mirror.report import words
from registry_mirror.report.progress import Advance
from registry_mirror.text import Language

_STEP = 1024
_MINUTE = 60


def size(octets: int) -> str:
    if octets < _STEP:
        return f"{octets} B"
    amount = octets / _STEP
    for unit in ("KiB", "MiB", "GiB"):
        if round(amount, 1) < _STEP:
            return f"{amount:.1f} {unit}"
        amount /= _STEP
    return f"{amount:.1f} TiB"


def duration(seconds: float) -> str:
    if round(seconds, 1) < _MINUTE:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), _MINUTE)
    hours, minutes = divmod(minutes, _MINUTE)
    return f"{hours} h {minutes:02} m" if hours else f"{minutes} m {rest:02} s"


def speed(octets_per_second: float) -> str:
    return f"{size(round(octets_per_second))}/s"


def estimate(seconds: float) -> str:
    """A time that nobody knows to a tenth of a second."""
    whole = max(1, round(seconds))
    return f"{whole} s" if whole < _MINUTE else duration(whole)


def moved_of(advance: Advance, language: Language) -> str:
    if advance.total is None:
        return size(advance.moved)
    text = words.MOVED_OF_ABOUT if advance.is_estimate else words.MOVED_OF
    return text.fill(moved=size(advance.moved), total=size(advance.total)).say(language)


def pace(advance: Advance, language: Language) -> list[str]:
    """How fast it is and how long it will take, as far as that can be told."""
    rate = [] if advance.speed is None else [speed(advance.speed)]
    seconds = advance.seconds_left
    left = [] if seconds is None else [words.LEFT.fill(time=estimate(seconds)).say(language)]
    return [*rate, *left]
