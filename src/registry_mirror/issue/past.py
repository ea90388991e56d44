"""What our own comments on an issue say of what was shown, approved and run before.

A marker counts in a comment of ours alone: anybody can write such a line.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from registry_mirror.approval import PinnedList, find_list
from registry_mirror.github.client import Comment, GitHub
from registry_mirror.github.marker import Marker, Values, decoded, encoded, read_marker

SHOWN = "approval"
APPROVED = "approved"
REPORT = "report"
UNRESOLVED = "unresolved"

MAX_FAILED = 1_000
"""Characters of a marker that names the failed lines; where they are more, all count as failed."""

_ALL = "all"


@dataclass(frozen=True, slots=True)
class LastReport:
    """`failed` are lines of the list, None where all may have failed."""

    body_digest: str
    failed: frozenset[int] | None

    def concerns(self, line: int) -> bool:
        return self.failed is None or line in self.failed


@dataclass(frozen=True, slots=True)
class Approved:
    """A list's digest, and who approved it."""

    digest: str
    by: str


@dataclass(frozen=True, slots=True)
class Past:
    """`shown` are the lists that were shown for approval, oldest first.

    `is_unresolved`: of the last list that was looked at nothing was found.
    """

    shown: tuple[PinnedList, ...] = ()
    approvals: tuple[Approved, ...] = ()
    report: LastReport | None = None
    is_unresolved: bool = False

    def approved_list(self, body: str) -> PinnedList | None:
        """The list of exactly this body that was approved, the last one where there are more."""
        fitting = (one for one in reversed(self.shown) if one.is_of(body))
        return next((one for one in fitting if self.approver(one)), None)

    def approver(self, pinned: PinnedList) -> str | None:
        return next((each.by for each in self.approvals if each.digest == pinned.digest), None)


async def read_past(github: GitHub, issue: int) -> Past:
    """Raises GitHubError."""
    return past_of(await github.comments(issue))


def past_of(comments: Iterable[Comment]) -> Past:
    ours = list(_marked(comments))
    reports = [marker for marker, _ in ours if marker.kind == REPORT]
    looks = [marker.kind for marker, _ in ours if marker.kind in {REPORT, SHOWN, UNRESOLVED}]
    approvals = (_approval(marker) for marker, _ in ours if marker.kind == APPROVED)
    return Past(
        tuple(found for marker, body in ours if (found := _shown(marker, body))),
        tuple(filter(None, approvals)),
        _last_report(reports[-1]) if reports else None,
        looks[-1:] == [UNRESOLVED],
    )


def shown_values(pinned: PinnedList) -> Values:
    return (("digest", pinned.digest), ("body", pinned.body_digest))


def approved_values(pinned: PinnedList, by: str) -> Values:
    return (("digest", pinned.digest), ("by", encoded(by)))


def report_values(body_digest: str, failed: Iterable[int]) -> Values:
    lines = ",".join(map(str, sorted(set(failed))))
    return (("body", body_digest), ("failed", lines if len(lines) <= MAX_FAILED else _ALL))


def _marked(comments: Iterable[Comment]) -> Iterator[tuple[Marker, str]]:
    for comment in comments:
        marker = read_marker(comment.body) if comment.is_ours else None
        if marker:
            yield marker, comment.body


def _shown(marker: Marker, body: str) -> PinnedList | None:
    digest, body_digest = marker.value("digest"), marker.value("body")
    if marker.kind != SHOWN or not digest or not body_digest:
        return None
    return find_list(body, digest=digest, body_digest=body_digest)


def _approval(marker: Marker) -> Approved | None:
    digest, by = marker.value("digest"), decoded(marker.value("by") or "")
    return Approved(digest, by) if digest and by else None


def _last_report(marker: Marker) -> LastReport | None:
    body_digest, failed = marker.value("body"), marker.value("failed")
    if body_digest is None or failed is None:
        return None
    if failed == _ALL:
        return LastReport(body_digest, None)
    lines = failed.split(",") if failed else []
    if not all(line.isascii() and line.isdigit() for line in lines):
        return None
    return LastReport(body_digest, frozenset(map(int, lines)))
