"""What every engine may have to say of a copy."""

from registry_mirror.text import Text

TAG_MOVED = Text(
    zh="推送的是 {pushed}，但目标 tag 上是 {found}",
    en="{pushed} was pushed, but the target's tag holds {found}",
)
TOO_LARGE = Text(
    zh="镜像共 {size}，超过了单个镜像的上限 {limit}",
    en="the image has {size}, and one may have {limit}",
)
TOO_LARGE_HINT = Text(
    zh="用 --platform 只同步需要的平台；或请维护者在 .github/registry-mirror.yml 里调大上限",
    en="copy only the platform you need with --platform, or have the maintainers raise the limit "
    "in .github/registry-mirror.yml",
)
TOO_MUCH_OF_MANIFESTS = Text(
    zh="这个镜像的清单加起来超过 {most}", en="the image's manifests have more than {most} together"
)
TOO_MANY_MANIFESTS = Text(
    zh="这个索引引用了超过 {most} 个清单",
    en="the index names more than {most} manifests",
)
