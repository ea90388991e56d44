"""What runs reserve by the comment that shows their progress, and what that means for a later one.

The order is that of the comments: of two runs that write one tag, or that take one person over the
day's limit, the one that said so first goes on.
"""

import base64
import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from registry_mirror.github.client import Comment
from registry_mirror.github.conversation import ENDED, STATUS
from registry_mirror.github.marker import Marker, Values, decoded, encoded, read_marker
from registry_mirror.issue.past import REPORT
from registry_mirror.plan import Copy, Plan

DAY = timedelta(hours=24)
LONGEST_RUN = timedelta(minutes=350)
"""The workflow's limit: a run that has not reported by then was killed."""

MAX_NAMES = 250
"""Copies of one run that are reserved by name: a marker has to fit into a comment."""

_TARGET, _SOURCE = 6, 12
"""Characters of base64 that stand for a target, and for what is written to it.

Whoever finds another source of the same 72 bits could overwrite what is being written; another
target of the same 36 bits only keeps its own finder waiting.
"""


@dataclass(frozen=True, slots=True)
class Name:
    """Short hashes of a copy's target, and of its source with its platforms and format."""

    target: str
    source: str


@dataclass(frozen=True, slots=True)
class Reservation:
    """`is_over`: its run has reported, or can't be running any more."""

    comment: int
    issue: int
    account: str
    images: int
    names: tuple[Name, ...]
    since: datetime
    is_over: bool


@dataclass(frozen=True, slots=True)
class Rival:
    """The run of an issue that writes the same target; `same`: from the same source."""

    issue: int
    same: bool


def name_of_copy(copy: Copy) -> Name:
    what = f"{copy.source} {copy.selection} {copy.format}"
    return Name(_short(str(copy.target), _TARGET), _short(what, _SOURCE))


def values_of(plan: Plan, account: str, held: Collection[Copy] = ()) -> Values:
    """What the marker of a plan's status comment carries; `held` copies won't be written."""
    written = [copy for copy in plan.copies if copy not in held]
    names = (name_of_copy(copy) for copy in written[:MAX_NAMES])
    return (
        ("account", encoded(account)),
        ("images", str(len(plan.copies))),
        ("names", "".join(f"{name.target}{name.source}" for name in names)),
    )


def read_reservations(comments: Iterable[Comment], now: datetime) -> tuple[Reservation, ...]:
    """Of comments of ours alone."""
    marked = [
        (comment, marker)
        for comment in comments
        if comment.is_ours and (marker := read_marker(comment.body))
    ]
    reported = {marker.nonce for _, marker in marked if marker.kind == REPORT}
    found = (
        _reservation(comment, marker, is_over=_is_over(comment, marker, reported, now))
        for comment, marker in marked
        if marker.kind in {STATUS, ENDED}
    )
    return tuple(filter(None, found))


def rivals_of(plan: Plan, own: int, reservations: Iterable[Reservation]) -> dict[Copy, Rival]:
    """The copies whose target another run, which was first, is writing now.

    `own` is the comment of this run. Of many others one with another source counts.
    """
    holders: dict[str, list[tuple[int, str]]] = {}
    for one in sorted(reservations, key=lambda one: one.comment):
        if one.comment < own and not one.is_over:
            for name in one.names:
                holders.setdefault(name.target, []).append((one.issue, name.source))
    rivals = ((copy, _rival(name_of_copy(copy), holders)) for copy in plan.copies)
    return {copy: rival for copy, rival in rivals if rival}


def _rival(name: Name, holders: Mapping[str, Sequence[tuple[int, str]]]) -> Rival | None:
    found = [Rival(issue, source == name.source) for issue, source in holders.get(name.target, ())]
    return min(found, key=lambda rival: rival.same, default=None)


def counted(
    account: str, own: int, reservations: Iterable[Reservation], now: datetime
) -> tuple[Reservation, ...]:
    """Those of a person that count for a day's limit, oldest first."""
    found = (
        one
        for one in reservations
        if one.account == account and one.comment < own and now - one.since < DAY
    )
    return tuple(sorted(found, key=lambda one: one.comment))


def served_from(before: Sequence[Reservation], now: int, limit: int) -> datetime | None:
    """When so many images would be within the limit; None where they never are."""
    if now > limit:
        return None
    left = sum(one.images for one in before)
    for one in before:
        left -= one.images
        if left + now <= limit:
            return one.since + DAY
    return None


def _is_over(comment: Comment, marker: Marker, reported: set[str], now: datetime) -> bool:
    is_told = marker.kind == ENDED or marker.nonce in reported
    return is_told or now - comment.created_at > LONGEST_RUN


def _reservation(comment: Comment, marker: Marker, *, is_over: bool) -> Reservation | None:
    account, images = decoded(marker.value("account") or ""), marker.value("images") or ""
    if not account or not (images.isascii() and images.isdigit()):
        return None
    names = _names(marker.value("names") or "")
    return Reservation(
        comment.id, comment.issue, account, int(images), names, comment.created_at, is_over
    )


def _names(text: str) -> tuple[Name, ...]:
    width = _TARGET + _SOURCE
    pieces = (text[at : at + width] for at in range(0, len(text), width))
    return tuple(Name(piece[:_TARGET], piece[_TARGET:]) for piece in pieces)


def _short(text: str, length: int) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()[:length]
