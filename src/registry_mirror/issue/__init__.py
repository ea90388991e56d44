"""An issue event, from its first look to its answer."""

from registry_mirror.issue.answering import Answering
from registry_mirror.issue.door import answer
from registry_mirror.issue.serving import MAX_IMAGES

__all__ = ["MAX_IMAGES", "Answering", "answer"]
