"""A run's turn among others: it says what it is about to write, and hears who was first."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from registry_mirror.errors import Failure, MirrorError, Problem
from registry_mirror.exits import Ending
from registry_mirror.github.conversation import STATUS
from registry_mirror.github.marker import Values
from registry_mirror.github.retry import GitHubError, GivenUpError
from registry_mirror.issue.answering import Answering, tell_problems
from registry_mirror.issue.reservations import (
    DAY,
    LONGEST_RUN,
    Reservation,
    Rival,
    counted,
    read_reservations,
    rivals_of,
    served_from,
    values_of,
)
from registry_mirror.plan import Copy, Plan
from registry_mirror.report.markup import join
from registry_mirror.report.progress import ProgressBoard, Status
from registry_mirror.report.replies import also_written, daily_limit_comment, taken
from registry_mirror.repository_rules import Rules, uncountable_problem


class OverLimitError(MirrorError):
    """Somebody has asked for more than a day allows; the issue has been told."""


class Turn:
    """`note` stands below the progress from the start; what the run hears of others joins it."""

    def __init__(self, work: Answering, rules: Rules, account: str, note: str) -> None:
        self._work, self._rules, self._account, self._note = work, rules, account, note
        self._rivals: Mapping[Copy, Rival] = {}

    @property
    def is_limited(self) -> bool:
        """Whether a limit of the day has to be kept, so that nothing may run unreserved."""
        return self._rules.images_per_day is not None

    @property
    def notes(self) -> str:
        same: dict[int, list[str]] = {}
        for copy, rival in self._rivals.items():
            if rival.same:
                same.setdefault(rival.issue, []).append(str(copy.target))
        told = (also_written(issue, t, language=self._work.language) for issue, t in same.items())
        return join(self._note, *told)

    def held(self) -> Mapping[Copy, Failure]:
        """The copies that another run's copies of something else keep from being made."""
        return {copy: taken(rival.issue) for copy, rival in self._rivals.items() if not rival.same}

    def values(self, plan: Plan) -> Values:
        return values_of(plan, self._account, self.held())

    async def take(self, plan: Plan, render: Callable[[Status], str]) -> int:
        """Post the status comment, which reserves the plan's targets, and return its id.

        Raises GitHubError, and OverLimitError when the comment has become the refusal.
        """
        talk = self._work.conversation
        shown = render(ProgressBoard(plan).status(0.0))
        try:
            comment = await talk.reserve(STATUS, shown, self.values(plan))
            self._work.output("status_comment", str(comment))
            await self._hear_of_others(plan, comment)
            if self.held():
                await talk.rewrite(comment, shown, STATUS, self.values(plan))
        except GivenUpError:
            raise
        except GitHubError:
            if self.is_limited:
                self._work.output("ending", Ending.UNCHECKED)
            raise
        return comment

    async def _hear_of_others(self, plan: Plan, comment: int) -> None:
        """Where nobody is limited, a run that can't hear of others goes on alone."""
        now = datetime.now(UTC)
        since = now - (DAY if self.is_limited else LONGEST_RUN)
        github = self._work.conversation.github
        try:
            recent = await github.recent_comments(since)
        except GitHubError as error:
            if self.is_limited:
                raise
            self._work.tell(f"Other runs could not be looked for: {error}")
            return
        if self.is_limited and not recent.is_whole:
            await self._refuse(comment, uncountable_problem(), None)
            raise OverLimitError("too many comments to count a day's images")
        reservations = read_reservations(recent.comments, now)
        await self._keep_limit(plan, comment, reservations, now)
        self._rivals = rivals_of(plan, comment, reservations)

    async def _keep_limit(
        self, plan: Plan, comment: int, reservations: tuple[Reservation, ...], now: datetime
    ) -> None:
        before = counted(self._account, comment, reservations, now)
        images = len(plan.copies)
        problem = self._rules.daily_problem(sum(one.images for one in before), images)
        if problem and self._rules.images_per_day:
            until = served_from(before, images, self._rules.images_per_day)
            await self._refuse(comment, problem, until)
            raise OverLimitError(str(problem.reason))

    async def _refuse(self, comment: int, problem: Problem, until: datetime | None) -> None:
        """The comment reserves nothing any more."""
        tell_problems(self._work, (problem,))
        refusal = daily_limit_comment(problem, until, language=self._work.language)
        await self._work.conversation.github.edit_comment(comment, refusal)
        self._work.output("ending", Ending.POSTED_FAILED)
