"""What is said of copies that skopeo can't do or did not do right."""

from registry_mirror.text import Text

IPV6 = Text(
    zh="skopeo 引擎不支持 IPv6 地址的仓库", en="the skopeo engine can't reach IPv6 literals"
)
ATTESTATIONS = Text(
    zh="这个多架构镜像带有 BuildKit attestation，skopeo 无法转换为 Docker V2 Schema 2",
    en="this index carries BuildKit attestations, which skopeo can't convert to Docker V2 Schema 2",
)
NATIVE_HINT = Text(
    zh="改用 native 引擎：设置 MIRROR_ENGINE=native（或 --engine native）；或者只同步一个平台",
    en="use the native engine: set MIRROR_ENGINE=native (or --engine native); or copy one platform "
    "alone",
)
WRONG_FORMAT = Text(
    zh="目标上的格式是 {found}，不是要求的 {asked}",
    en="the target holds {found}, not the {asked} that was asked for",
)
UNREADABLE = Text(
    zh="推送后在目标上读不到这个 tag", en="the tag can't be read at the target after the push"
)
UNREADABLE_HINT = Text(
    zh="给目标仓库的账号加上拉取权限：推送之后要读回核对",
    en="give the target's account the right to pull as well: what was pushed is read back",
)
NO_ANSWER = Text(
    zh="仓库 {seconds} 秒内没有回答，或者要求等待更久",
    en="the registry gave no answer within {seconds} seconds, or asked to wait for longer",
)
NOT_WELL_KNOWN = Text(
    zh="skopeo 会跟着仓库的重定向访问任何地址，所以没有写权限的人只能用它从公认的公共仓库同步",
    en="skopeo goes wherever a registry leads it, so without write access it can be asked for "
    "images of well-known public registries only",
)
URLS = Text(
    zh="这个镜像的 manifest 里带有外部下载地址（urls），没有写权限的人不能让 skopeo 去访问",
    en="the image's manifest names URLs of its own to download from, and skopeo fetches these for "
    "people with write access only",
)
STRANGERS_HINT = Text(
    zh="请有写权限的人来提交或批准这个请求；或请维护者改用 native 引擎：设置 MIRROR_ENGINE=native"
    "（或 --engine native）",
    en="ask somebody with write access to send this request or to approve it; or ask a maintainer "
    "to set MIRROR_ENGINE=native (--engine native)",
)
