"""A run in a few words."""

from registry_mirror.outcome import Bytes, Copied, Failed, Unchanged
from registry_mirror.report import Report, words
from registry_mirror.report.measures import duration, size
from registry_mirror.report.quoting import code_span
from registry_mirror.text import Language


def headline(report: Report, language: Language) -> str:
    failed, total = len(report.failed), len(report.outcomes)
    if not failed:
        text = words.ALL_MIRRORED_ONE if total == 1 else words.ALL_MIRRORED
    elif failed < total:
        text = words.SOME_FAILED
    else:
        text = words.ALL_FAILED_ONE if total == 1 else words.ALL_FAILED
    return text.fill(total=str(total), failed=str(failed)).say(language)


def totals(report: Report, language: Language) -> list[str]:
    """Sentences: how many of each, how long it took, what moved where that is known."""
    counts = words.COUNTS.fill(
        copied=str(sum(isinstance(outcome, Copied) for outcome in report.outcomes)),
        unchanged=str(sum(isinstance(outcome, Unchanged) for outcome in report.outcomes)),
        failed=str(len(report.failed)),
        total=str(len(report.outcomes)),
    )
    run = words.RUN.fill(
        time=duration(report.seconds),
        engine=code_span(report.engine),
        target=code_span(report.target),
    )
    moved = traffic(report)
    return [text.say(language) for text in (counts, run)] + (
        [_traffic(moved, language)] if moved else []
    )


def traffic(report: Report) -> Bytes | None:
    """The sum over all images, None where an engine doesn't count."""
    moved = [o.moved for o in report.outcomes if not isinstance(o, Failed) and o.moved]
    if not moved:
        return None
    return Bytes(
        total=sum(one.total for one in moved),
        sent=sum(one.sent for one in moved),
        mounted=sum(one.mounted for one in moved),
        present=sum(one.present for one in moved),
    )


def saved(moved: Bytes) -> int:
    """The bytes that the target had already, in this repository or in a neighbour."""
    return moved.mounted + moved.present


def _traffic(moved: Bytes, language: Language) -> str:
    text = words.TRAFFIC_SAVED if saved(moved) else words.TRAFFIC
    filled = text.fill(
        sent=size(moved.sent),
        saved=size(saved(moved)),
        mounted=size(moved.mounted),
        present=size(moved.present),
    )
    return filled.say(language)
