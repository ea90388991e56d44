"""What of a list is mirrored again by `/retry failed`."""

from dataclasses import replace

from registry_mirror.issue.past import LastReport
from registry_mirror.report import reply_words as words
from registry_mirror.request import Request
from registry_mirror.text import Text


def failed_part(request: Request, last: LastReport | None, body_digest: str) -> Request | Text:
    """The images whose lines failed the last time, or why that can't be told."""
    if last is None:
        return words.RETRY_NEVER_RAN
    if last.body_digest != body_digest:
        return words.RETRY_BODY_CHANGED
    items = tuple(item for item in request.items if last.concerns(item.line))
    return replace(request, items=items) if items else words.RETRY_NOTHING_FAILED
