"""The comment that is edited while a run goes on."""

from registry_mirror.plan import Copy
from registry_mirror.report import words
from registry_mirror.report.fitting import COMMENT, Limit, most
from registry_mirror.report.markup import REFERENCE_LIMIT, join, link, row, table
from registry_mirror.report.measures import duration
from registry_mirror.report.progress import Stage, Status
from registry_mirror.report.quoting import code_span
from registry_mirror.report.rows import state
from registry_mirror.text import Language, Text


def status_comment(
    status: Status, *, language: Language, run_url: str | None = None, limit: Limit = COMMENT
) -> str:
    """The state of every image; where not all fit, those that need attention."""
    rows = {copy: _row(status, copy, language) for copy in status.copies}
    ranked = sorted(status.copies, key=status.stage)
    head = _head(status, language, run_url)

    def write(kept: int) -> str:
        shown = frozenset(ranked[:kept])
        lines = (line for copy, line in rows.items() if copy in shown)
        columns = (words.SOURCE, words.TARGET, words.STATUS)
        left_out = words.ROWS_LEFT_OUT.fill(count=str(len(ranked) - kept))
        return join(
            *head,
            table((text.say(language) for text in columns), lines),
            left_out.say(language) if kept < len(ranked) else "",
        )

    whole = write(len(ranked))
    return whole if limit.holds(whole) else write(most(len(ranked), write, limit))


def _head(status: Status, language: Language, run_url: str | None) -> tuple[str, ...]:
    done, total = len(status.outcomes), len(status.copies)
    title: Text = words.STATUS_OVER if status.over else words.STATUS_RUNNING
    counts = words.STATUS_COUNTS.fill(
        succeeded=str(status.count(Stage.SUCCEEDED)),
        failed=str(status.count(Stage.FAILED)),
        running=str(status.count(Stage.RUNNING)),
        waiting=str(status.count(Stage.WAITING)),
    )
    return (
        f"## {title.fill(done=str(done), total=str(total)).say(language)}",
        counts.say(language),
        "" if status.over else words.STATUS_LIVE.say(language),
        link(words.RUN_LOG.say(language), run_url) if run_url else "",
    )


def _row(status: Status, copy: Copy, language: Language) -> str:
    return row(
        code_span(str(copy.source), REFERENCE_LIMIT),
        code_span(str(copy.target), REFERENCE_LIMIT),
        _state(status, copy, language),
    )


def _state(status: Status, copy: Copy, language: Language) -> str:
    outcome = status.outcomes.get(copy)
    if outcome is None:
        running = status.stage(copy) is Stage.RUNNING
        return (words.RUNNING if running else words.WAITING).say(language)
    if outcome.seconds is None:
        return state(outcome, language)
    return f"{state(outcome, language)} {duration(outcome.seconds)}"
