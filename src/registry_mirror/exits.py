"""Exit codes, which scripts rely on."""

from enum import IntEnum


class Exit(IntEnum):
    """`UNANSWERED` is of `issue` alone: GitHub could not be told; the log has the report."""

    DONE = 0
    SOME_FAILED = 1
    UNANSWERED = 1
    REQUEST_INVALID = 2
    CONFIGURATION_INVALID = 3
    BUG = 70
    INTERRUPTED = 130
