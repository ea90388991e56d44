"""Which transfers may run now: no I/O, no clock. Events go in, transfers come out."""

from registry_mirror.schedule.ready import Budget
from registry_mirror.schedule.results import (
    Absent,
    Broken,
    Ended,
    ImageDone,
    ImageFailed,
    Lacking,
    Mounted,
    MountRefused,
    Present,
    Put,
    Result,
    Sent,
)
from registry_mirror.schedule.schedule import Schedule
from registry_mirror.schedule.statistics import Statistics
from registry_mirror.schedule.work import (
    Blob,
    Check,
    Image,
    Kind,
    Mount,
    PutChild,
    PutTag,
    Transfer,
    Upload,
)

__all__ = [
    "Absent",
    "Blob",
    "Broken",
    "Budget",
    "Check",
    "Ended",
    "Image",
    "ImageDone",
    "ImageFailed",
    "Kind",
    "Lacking",
    "Mount",
    "MountRefused",
    "Mounted",
    "Present",
    "Put",
    "PutChild",
    "PutTag",
    "Result",
    "Schedule",
    "Sent",
    "Statistics",
    "Transfer",
    "Upload",
]
