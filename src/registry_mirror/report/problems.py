"""Problems of a request or of the settings, as lines of plain English."""

from registry_mirror.errors import Problem
from registry_mirror.report.quoting import SPAN_LIMIT, cut, log_line


def problem_line(problem: Problem) -> str:
    """`line N: text: reason (hint)`, with what isn't known left out."""
    where = (
        f"line {problem.line}" if problem.line else "",
        cut(problem.text, SPAN_LIMIT),
        str(problem.reason),
    )
    return log_line(f"{': '.join(part for part in where if part)} ({problem.hint})")
