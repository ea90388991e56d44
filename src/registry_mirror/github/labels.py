"""The labels that say how an issue stands; `completed`, `failed` and `invalid` exclude each other.

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
INVALID = Label("invalid", "e4e669", "请求有误，修改后重新打开 / fix the list, then reopen")

ENDINGS = (COMPLETED, FAILED, INVALID)
