"""Sizes and times as people read them."""

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
