"""What every engine may have to say of a copy."""

from registry_mirror.text import Text

TAG_MOVED = Text(
    zh="推送的是 {pushed}，但目标 tag 上是 {found}",
    en="{pushed} was pushed, but the target's tag holds {found}",
)
