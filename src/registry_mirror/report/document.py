"""The JSON of a run, in the form that other programs rely on. What isn't known is null."""

from registry_mirror.engines import EngineName
from registry_mirror.errors import Problem
from registry_mirror.outcome import Bytes, Copied, Dropped, Failed, Outcome, Unchanged
from registry_mirror.plan import Copy, Plan
from registry_mirror.report import Report
from registry_mirror.report.quoting import Json, json_text
from registry_mirror.report.reasons import cause_of, hint_of

VERSION = 1


def report_document(report: Report) -> str:
    return _document(
        target=report.target,
        engine=report.engine,
        seconds=report.seconds,
        images=[_outcome(outcome) for outcome in report.outcomes],
    )


def plan_document(plan: Plan, *, target: str, engine: EngineName, seconds: float = 0.0) -> str:
    """Of `--dry-run`: every image is `planned`."""
    images = [_image(copy, "planned") for copy in plan.copies]
    return _document(target=target, engine=engine, seconds=seconds, images=images)


def problems_document(
    problems: tuple[Problem, ...],
    *,
    target: str | None = None,
    engine: EngineName | None = None,
    seconds: float = 0.0,
) -> str:
    """Of a request that is invalid."""
    return _document(target=target, engine=engine, seconds=seconds, problems=problems)


def _document(
    *,
    target: str | None,
    engine: EngineName | None,
    seconds: float,
    problems: tuple[Problem, ...] = (),
    images: list[Json] | None = None,
) -> str:
    return json_text(
        {
            "version": VERSION,
            "target": target,
            "engine": engine,
            "seconds": _rounded(seconds),
            "problems": [_problem(problem) for problem in problems],
            "images": images or [],
        }
    )


def _problem(problem: Problem) -> Json:
    return {
        "line": problem.line,
        "text": problem.text,
        "code": problem.code,
        "message": str(problem.reason),
        "hint": str(problem.hint),
    }


def _outcome(outcome: Outcome) -> Json:
    match outcome:
        case Copied():
            return _success("copied", outcome, replaced=outcome.replaced)
        case Unchanged():
            return _success("unchanged", outcome, replaced=None)
        case Failed():
            known: dict[str, Json] = {
                "source_digest": outcome.source_digest,
                "seconds": _rounded(outcome.seconds),
                "error": _error(outcome),
            }
            return _image(outcome.copy, "failed", known)


def _success(status: str, outcome: Copied | Unchanged, *, replaced: str | None) -> Json:
    content = outcome.content
    known: dict[str, Json] = {
        "digest": content.digest,
        "source_digest": outcome.source_digest,
        "media_type": content.media_type,
        "platforms": None if content.platforms is None else list(content.platforms),
        "dropped": [_dropped(entry) for entry in outcome.dropped],
        "replaced": replaced,
        "bytes": _bytes(outcome.moved),
        "seconds": _rounded(outcome.seconds),
    }
    return _image(outcome.copy, status, known)


def _image(copy: Copy, status: str, known: dict[str, Json] | None = None) -> Json:
    unknown: dict[str, Json] = {
        "line": copy.line,
        "source": str(copy.source),
        "target": str(copy.target),
        "status": status,
        "digest": None,
        "source_digest": None,
        "media_type": None,
        "platforms": None,
        "dropped": None,
        "replaced": None,
        "bytes": None,
        "seconds": None,
        "error": None,
    }
    return unknown | (known or {})


def _dropped(entry: Dropped) -> Json:
    return {"digest": entry.digest, "reason": entry.reason}


def _bytes(moved: Bytes | None) -> Json:
    if moved is None:
        return None
    return {
        "total": moved.total,
        "sent": moved.sent,
        "mounted": moved.mounted,
        "present": moved.present,
    }


def _error(failed: Failed) -> Json:
    failure = failed.failure
    return {
        "code": failure.code,
        "side": failure.side,
        "message": _message(failed),
        "hint": str(hint_of(failure)),
    }


def _message(failed: Failed) -> str:
    """The cause, and what was said."""
    cause = str(cause_of(failed.failure))
    said = failed.failure.said.strip()
    return f"{cause.rstrip('.')}: {said}" if said else cause


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
