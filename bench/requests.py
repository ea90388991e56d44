"""What a registry was asked for, from the log that it keeps of its answers."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

VISIT = "benchmark"
"""The query of our own questions, which don't count."""

_LINE = re.compile(
    r'"(?P<method>[A-Z]+) (?P<path>[^ ?"]*)(?:\?(?P<query>[^ "]*))? HTTP/[0-9.]+" [0-9]+'
    r" (?P<size>[0-9]+|-)"
)
_KINDS = (
    (re.compile(r"/v2/?"), "ping"),
    (re.compile(r".*/blobs/uploads/[^/]*"), "upload"),
    (re.compile(r".*/blobs/[^/]+"), "blob"),
    (re.compile(r".*/manifests/[^/]+"), "manifest"),
)


@dataclass(frozen=True, slots=True)
class Requests:
    """`counts` is by method and kind, as `GET manifest`; `sent` are bytes of answers' bodies."""

    counts: dict[str, int]
    sent: int

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def read_log(lines: Iterable[str]) -> Requests:
    """Of lines in the common log format; others are passed over, and so are our own questions."""
    counts: Counter[str] = Counter()
    sent = 0
    for line in lines:
        match = _LINE.search(line)
        if match and not (match["query"] or "").startswith(VISIT):
            counts[f"{match['method']} {_kind(match['path'])}"] += 1
            sent += int(match["size"]) if match["size"] != "-" else 0
    return Requests(dict(sorted(counts.items())), sent)


def _kind(path: str) -> str:
    return next((kind for pattern, kind in _KINDS if pattern.fullmatch(path)), "other")
