"""The comment that is edited while a run goes on."""

from collections import Counter

from registry_mirror.plan import Copy
from registry_mirror.report import words
from registry_mirror.report.fitting import COMMENT, Limit, most
from registry_mirror.report.markup import REFERENCE_LIMIT, join, link, row, table
from registry_mirror.report.measures import duration, moved_of, pace
from registry_mirror.report.progress import Advance, Stage, Status
from registry_mirror.report.quoting import code_span
from registry_mirror.report.rows import state
from registry_mirror.text import Language, Text


def status_comment(
    status: Status, *, language: Language, run_url: str | None = None, limit: Limit = COMMENT
) -> str:
    """The state of every image; where not all fit, those that need attention."""
    stages = [status.stage(copy) for copy in status.copies]
    rows = [_row(status, copy, language) for copy in status.copies]
    ranked = sorted(range(len(rows)), key=stages.__getitem__)
    head = _head(status, Counter(stages), language, run_url)

    def write(kept: int) -> str:
        lines = (rows[place] for place in sorted(ranked[:kept]))
        columns = (words.SOURCE, words.TARGET, words.STATUS)
        left_out = words.ROWS_LEFT_OUT.fill(count=str(len(ranked) - kept))
        return join(
            *head,
            table((text.say(language) for text in columns), lines),
            left_out.say(language) if kept < len(ranked) else "",
        )

    whole = write(len(ranked))
    return whole if limit.holds(whole) else write(most(len(ranked), write, limit))


def _head(
    status: Status, stages: Counter[Stage], language: Language, run_url: str | None
) -> tuple[str, ...]:
    done, total = len(status.outcomes), len(status.copies)
    title: Text = words.STATUS_OVER if status.over else words.STATUS_RUNNING
    counts = words.STATUS_COUNTS.fill(
        succeeded=str(stages[Stage.SUCCEEDED]),
        failed=str(stages[Stage.FAILED]),
        running=str(stages[Stage.RUNNING]),
        waiting=str(stages[Stage.WAITING]),
    )
    return (
        f"## {title.fill(done=str(done), total=str(total)).say(language)}",
        counts.say(language),
        _moved(status, language),
        "" if status.over else words.STATUS_LIVE.say(language),
        link(words.RUN_LOG.say(language), run_url) if run_url else "",
    )


def _moved(status: Status, language: Language) -> str:
    """How many bytes, while there is more to come: the report has them in the end."""
    if status.over or status.overall is None:
        return ""
    return words.STATUS_MOVED.fill(advance=_advance(status.overall, language)).say(language)


def _advance(advance: Advance, language: Language) -> str:
    percent = [] if advance.percent is None else [f"{advance.percent}%"]
    return " · ".join((*percent, moved_of(advance, language), *pace(advance, language)))


def _row(status: Status, copy: Copy, language: Language) -> str:
    return row(
        code_span(str(copy.source), REFERENCE_LIMIT),
        code_span(str(copy.target), REFERENCE_LIMIT),
        _state(status, copy, language),
    )


def _state(status: Status, copy: Copy, language: Language) -> str:
    outcome = status.outcomes.get(copy)
    if outcome is None:
        return _unended(status, copy, language)
    if outcome.seconds is None:
        return state(outcome, language)
    return f"{state(outcome, language)} {duration(outcome.seconds)}"


def _unended(status: Status, copy: Copy, language: Language) -> str:
    if status.stage(copy) is Stage.WAITING:
        return words.WAITING.say(language)
    running, advance = words.RUNNING.say(language), status.advances.get(copy)
    return f"{running} {_advance(advance, language)}" if advance else running
