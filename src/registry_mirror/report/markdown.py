"""Comments in Markdown. The first line, a hidden marker, is the caller's."""

from registry_mirror.report.answers import (
    Interruption,
    bug_comment,
    failed_to_start_comment,
    interrupted_comment,
    invalid_comment,
    refused_comment,
    settings_comment,
    unaskable_comment,
    unchecked_comment,
    unposted_comment,
)
from registry_mirror.report.commands import Access
from registry_mirror.report.fitting import COMMENT, SUMMARY, Limit
from registry_mirror.report.progress import Status
from registry_mirror.report.result import report_comment
from registry_mirror.report.status import status_comment

__all__ = [
    "COMMENT",
    "SUMMARY",
    "Access",
    "Interruption",
    "Limit",
    "Status",
    "bug_comment",
    "failed_to_start_comment",
    "interrupted_comment",
    "invalid_comment",
    "refused_comment",
    "report_comment",
    "settings_comment",
    "status_comment",
    "unaskable_comment",
    "unchecked_comment",
    "unposted_comment",
]
