"""What helps with an image that failed, in words."""

from registry_mirror.text import Text

# Tags and names that are there.
TAG_MISSING = Text(zh="镜像没有这个 tag", en="the image has no such tag")
DIGEST_MISSING = Text(zh="镜像没有这个 digest", en="the image has no such digest")
NEAREST_TAGS = Text(
    zh="请换成实际存在的 tag，最接近的有 {tags}；例如把这一行的镜像改为 {line}",
    en="the nearest tags that exist are {tags}; for example, change the line's image to {line}",
)
NO_TAGS = Text(
    zh="这个镜像目前一个 tag 也没有，请检查镜像名",
    en="the image has no tags at all; check its name",
)
OF_THE_FIRST = Text(
    zh="（只看了前 {count} 个 tag）", en="(only the first {count} tags were looked at)"
)
TAG_WITHOUT_DIGEST = Text(
    zh="源上已经没有这个 digest，但 tag 还在；不锁定内容就去掉 @ 及其后面的部分：{line}",
    en="the digest is gone but the tag is there: leave out the @ and what follows it to take what "
    "the tag holds now: {line}",
)
REPOSITORY_MISSING = Text(
    zh="源仓库里没有这个镜像：{name}", en="the source has no such repository: {name}"
)
FOUND_ELSEWHERE = Text(
    zh="有一个名字相近的镜像；确认是你要的，就把这一行的镜像改为 {line}",
    en="there is an image of a similar name; if it is the one you mean, change the line's image to "
    "{line}",
)
FOUND_ELSEWHERE_WITH_TAGS = Text(
    zh="有一个名字相近的镜像 {name}，但没有这个 tag，最接近的有 {tags}；"
    "确认是你要的，就把这一行的镜像改为 {line}",
    en="there is an image of a similar name, {name}, but not with this tag; the nearest are "
    "{tags}; if it is the one you mean, change the line's image to {line}",
)
MOVED = Text(
    zh="{host} 已停止更新，镜像现在都在 {now}",
    en="{host} is no longer updated; its images are at {now} now",
)
FROZEN = Text(
    zh="{host} 的版本 tag 已移到 {now}，那里不再更新，也没有安全补丁",
    en="{host} moved its versioned tags to {now}, which gets no more updates or security fixes",
)
MOVED_HINT = Text(zh="把这一行的镜像改为 {line}", en="change the line's image to {line}")

# Private or missing.
PRIVATE_OR_MISSING = Text(
    zh="源仓库拒绝访问：镜像是私有的，或者不存在（{host} 两种情况回答一样）",
    en="the source refuses access: the image is private or does not exist ({host} answers the same "
    "for both)",
)
OR_PRIVATE = Text(
    zh="没有写错而是私有镜像，就请维护者在 SOURCE_AUTH_JSON 里配置该仓库的账号",
    en="if it was spelt right and is private, ask a maintainer to put an account for that "
    "registry into SOURCE_AUTH_JSON",
)
LOGIN_REFUSED = Text(
    zh="{host} 拒绝了为它配置的账号：密码不对，账号没有拉取权限，或者镜像不存在",
    en="{host} refuses the account that is configured for it: a wrong password, no right to pull, "
    "or no such image",
)
LOGIN_REFUSED_HINT = Text(
    zh="先检查拼写；拼写无误就请维护者检查 SOURCE_AUTH_JSON 里 {host} 的账号",
    en="check the spelling; if it is right, ask a maintainer to check the account for {host} in "
    "SOURCE_AUTH_JSON",
)
LOGIN_FLAWED = Text(
    zh="{host} 拒绝访问：SOURCE_AUTH_JSON 里 {host} 的账号写得不对，没法用",
    en="{host} refuses access: its account in SOURCE_AUTH_JSON can't be used as it is written",
)
LOGIN_FLAWED_HINT = Text(
    zh="先检查拼写；拼写无误就请维护者改好 SOURCE_AUTH_JSON 里 {host} 的账号"
    "（doctor 会指出哪里不对，在 Actions 里是 Setup）",
    en="check the spelling; if it is right, ask a maintainer to put right the account for {host} "
    "in SOURCE_AUTH_JSON: doctor, in Actions Setup, says what is wrong with it",
)
NO_LOGIN_FOR_STRANGERS = Text(
    zh="先检查拼写；私有镜像只能由对本仓库有写权限的人来请求",
    en="check the spelling; a private image can be asked for only by somebody who may write to "
    "this repository",
)

# How often.
LIMITED = Text(zh="请求太频繁，被 {host} 限流", en="{host} limits how often it may be asked")
HUB_WINDOW = Text(
    zh="额度按 6 小时计算，最晚 {when} 恢复；请维护者在 SOURCE_AUTH_JSON 里配置 docker.io 的账号，"
    "额度更高",
    en="the quota is of 6 hours and is back by {when} at the latest; ask a maintainer to put an "
    "account for docker.io into SOURCE_AUTH_JSON, which raises it",
)
HUB_LOGIN = Text(
    zh="{when} 之后重试；请维护者在 SOURCE_AUTH_JSON 里配置 docker.io 的账号，额度更高",
    en="try again after {when}; ask a maintainer to put an account for docker.io into "
    "SOURCE_AUTH_JSON, which raises the limit",
)
LESS_AT_ONCE = Text(
    zh="{when} 之后重试；仍被限流，请维护者调小 MAX_PARALLEL 和 MAX_CONNECTIONS，或为 {host} "
    "配置账号",
    en="try again after {when}; if it stays, ask a maintainer to lower MAX_PARALLEL and "
    "MAX_CONNECTIONS, or to give an account for {host}",
)
LESS_AT_ONCE_SOME_TIME = Text(
    zh="过一会儿重试；仍被限流，请维护者调小 MAX_PARALLEL 和 MAX_CONNECTIONS，或为 {host} 配置账号",
    en="try again in a while; if it stays, ask a maintainer to lower MAX_PARALLEL and "
    "MAX_CONNECTIONS, or to give an account for {host}",
)

# The target.
TRIED_FORMAT = Text(
    zh="目标仓库不接受这种格式；推送的是 {tried}",
    en="the target does not take this format; {tried} was pushed",
)
FORMAT_OCI_TO_V2S2 = Text(
    zh="请维护者把 MIRROR_FORMAT 改回默认的 v2s2（Docker V2 Schema 2），几乎所有仓库都支持",
    en="ask a maintainer to set MIRROR_FORMAT back to v2s2 (Docker V2 Schema 2), its default, "
    "which nearly every registry takes",
)
FORMAT_ONE_PLATFORM = Text(
    zh="这个仓库可能不支持多架构镜像：去掉 --all，用 --platform 只同步一个平台；"
    "只收 OCI 的仓库，请维护者设置 MIRROR_FORMAT=oci",
    en="the registry may not take images of several platforms: choose one with --platform "
    "instead of --all; where it takes OCI only, ask a maintainer to set MIRROR_FORMAT=oci",
)
FORMAT_V2S2_TO_OCI = Text(
    zh="这个仓库可能只收 OCI 镜像：请维护者设置 MIRROR_FORMAT=oci",
    en="the registry may take OCI images only: ask a maintainer to set MIRROR_FORMAT=oci",
)

# No image.
HELM_CHART = Text(
    zh="这是 Helm chart，不是容器镜像", en="this is a Helm chart, not a container image"
)
HELM_CHART_HINT = Text(
    zh="如果要的是 chart 用到的镜像，把 {command} 的输出粘贴到镜像列表里，或者逐行列出这些镜像；"
    "如果要的是 chart 本身，请维护者设置 MIRROR_FORMAT=source（对以后所有镜像生效），"
    "目标仓库需要支持 OCI 制品",
    en="if you want the images that the chart uses, paste the output of {command} as the list, "
    "or list them one a line; if you want the chart itself, ask a maintainer to set "
    "MIRROR_FORMAT=source (for every image from then on), and the target must take OCI artifacts",
).fill(command="helm template")
