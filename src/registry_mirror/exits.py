"""How commands end: what scripts, and the steps after ours, rely on."""

from enum import IntEnum, StrEnum


class Exit(IntEnum):
    """`UNANSWERED` is of `issue` alone: GitHub could not be told; the log has the report."""

    DONE = 0
    SOME_FAILED = 1
    UNANSWERED = 1
    REQUEST_INVALID = 2
    CONFIGURATION_INVALID = 3
    BUG = 70
    INTERRUPTED = 130


class Ending(StrEnum):
    """The output `ending` of a step whose issue may have no answer yet.

    `REPORTED`: the run is done, and its report stands in the job's summary. `POSTED_*`: the issue
    has its answer; what may be missing is the label of that name, and the closing. `UNCHECKED`:
    what decides whether to serve could not be found out.
    """

    REPORTED = "reported"
    POSTED_COMPLETED = "posted-completed"
    POSTED_FAILED = "posted-failed"
    POSTED_INVALID = "posted-invalid"
    POSTED_WAITING = "posted-waiting"
    POSTED_REFUSED = "posted-refused"
    UNCHECKED = "unchecked"
    BUG = "bug"
