"""The labels that say how an issue stands; the `STATES` exclude each other.

Names and colours of the first two are the ones that users were told to create by hand.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Label:
    name: str
    color: str
    description: str


REQUEST = Label("mirror-request", "0075ca", "镜像同步请求 / mirror request")
COMPLETED = Label("completed", "0e8a16", "全部镜像同步完成 / all images mirrored")
FAILED = Label("failed", "d93f0b", "有镜像同步失败 / some images failed")
INVALID = Label("invalid", "e4e669", "列表有误，修改正文即可 / the list has problems: edit it")
NEEDS_APPROVAL = Label("needs-approval", "fbca04", "等待批准 / waiting for approval")

REFUSED = Label("refused", "b60205", "没有权限，未执行 / refused, nothing was mirrored")
APPROVED = Label("approved", "1d76db", "已由有写权限的人批准 / approved by a maintainer")
"""Stands beside the others, until another list waits for approval."""

ENDINGS = (COMPLETED, FAILED, INVALID)

MENDABLE = (INVALID, NEEDS_APPROVAL)
"""An issue with one of these is looked at again when its text is edited.

So is one that has FAILED because nothing of its list was found.
"""

STATES = (*ENDINGS, NEEDS_APPROVAL, REFUSED)
"""What excludes each other: an issue has one of them at most."""
