"""What each code means in the requester's words, and what to do about it.

Failures may say something more exact (`Failure.cause`, `Failure.hint`). docs/errors.md has the
same codes with who can act.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from registry_mirror.errors import Code
from registry_mirror.text import Text


@dataclass(frozen=True, slots=True)
class Explanation:
    cause: Text
    hint: Text


REQUEST = {
    Code.BAD_REFERENCE: Explanation(
        Text(zh="这一行不是合法的镜像地址", en="the line is no image reference"),
        Text(
            zh="写成 仓库地址/路径:tag，例如 nginx:1.27 或 gcr.io/google-containers/pause:3.9",
            en="write host/path:tag, such as nginx:1.27 or gcr.io/google-containers/pause:3.9",
        ),
    ),
    Code.MISSING_TAG: Explanation(
        Text(zh="镜像没有写 tag", en="the image has no tag"),
        Text(
            zh="在末尾补上 :tag；确实要最新版就写 :latest",
            en="add :tag at the end; write :latest if that is what you want",
        ),
    ),
    Code.BAD_OPTION: Explanation(
        Text(zh="选项不存在，或者取值不对", en="an option is unknown or has a wrong value"),
        Text(
            zh="每行只能用 --platform、--all 和 --as",
            en="a line may have --platform, --all and --as",
        ),
    ),
    Code.TARGET_CONFLICT: Explanation(
        Text(
            zh="两个不同的镜像会写到同一个目标地址",
            en="two different images would be written to the same target",
        ),
        Text(
            zh="给其中一行加 --as 新名字:tag",
            en="give one of the lines another name with --as NAME:TAG",
        ),
    ),
    Code.TOO_MANY_IMAGES: Explanation(
        Text(zh="一次请求的镜像太多", en="the request has too many images"),
        Text(
            zh="拆成几个请求，或请维护者调大 MAX_IMAGES",
            en="split it, or ask a maintainer to raise MAX_IMAGES",
        ),
    ),
    Code.SOURCE_NOT_ALLOWED: Explanation(
        Text(
            zh="维护者的规则不允许从这个来源同步",
            en="the maintainers' rules don't allow this source",
        ),
        Text(
            zh="换一个允许的来源，或请维护者修改 .github/registry-mirror.yml 里的 allow 和 deny",
            en="take a source that is allowed, or ask a maintainer to change allow and deny in "
            ".github/registry-mirror.yml",
        ),
    ),
    Code.DAILY_LIMIT: Explanation(
        Text(
            zh="这个人 24 小时内提交的镜像超过了上限",
            en="one person has asked for too many images within 24 hours",
        ),
        Text(
            zh="明天再提交，或请维护者调大 .github/registry-mirror.yml 里的 images-per-day",
            en="wait until tomorrow, or ask a maintainer to raise images-per-day in "
            ".github/registry-mirror.yml",
        ),
    ),
    Code.EMPTY_REQUEST: Explanation(
        Text(zh="列表里没有镜像", en="the list has no image"),
        Text(zh="每行写一个镜像，例如 nginx:1.27", en="write one image a line, such as nginx:1.27"),
    ),
}

CONFIGURATION = {
    Code.MISSING_SETTING: Explanation(
        Text(zh="缺少必需的设置", en="a required setting is missing"),
        Text(
            zh="请维护者在 Settings → Secrets and variables → Actions 里补上",
            en="ask a maintainer to add it under Settings → Secrets and variables → Actions",
        ),
    ),
    Code.BAD_SETTING: Explanation(
        Text(zh="设置的值不对", en="a setting has a wrong value"),
        Text(
            zh="请维护者按说明改正；留空就用默认值",
            en="ask a maintainer to correct it; left empty it takes its default",
        ),
    ),
    Code.ENGINE_MISSING: Explanation(
        Text(zh="没有安装 skopeo", en="skopeo is not installed"),
        Text(
            zh="请维护者安装：apt-get install skopeo（macOS：brew install skopeo）",
            en="ask a maintainer to install it: apt-get install skopeo (macOS: brew install "
            "skopeo)",
        ),
    ),
    Code.ENGINE_TOO_OLD: Explanation(
        Text(zh="skopeo 版本太旧", en="skopeo is too old"),
        Text(
            zh="请维护者升级到 1.9.3 或更新的版本",
            en="ask a maintainer to install skopeo 1.9.3 or later",
        ),
    ),
}

SOURCE = {
    Code.REPOSITORY_NOT_FOUND: Explanation(
        Text(zh="源仓库里没有这个镜像", en="the source has no such repository"),
        Text(
            zh="检查镜像名的拼写；Docker Hub 官方镜像直接写 nginx:1.27，其他要带用户名",
            en="check the spelling; Docker Hub's own images are written nginx:1.27, all others "
            "with their user's name",
        ),
    ),
    Code.TAG_NOT_FOUND: Explanation(
        Text(zh="镜像没有这个 tag 或 digest", en="the image has no such tag or digest"),
        Text(
            zh="到源仓库的页面上核对 tag（是否有 v 前缀）；有些仓库对不存在的镜像也这样回答",
            en="look the tag up on the source's page (with or without v?); some registries answer "
            "the same for an image that does not exist",
        ),
    ),
    Code.SOURCE_DENIED: Explanation(
        Text(
            zh="源仓库拒绝访问：镜像是私有的，或者不存在（很多仓库两种情况回答一样）",
            en="the source refuses access: the image is private or does not exist (many registries "
            "answer the same for both)",
        ),
        Text(
            zh="先检查拼写；私有镜像请维护者在 SOURCE_AUTH_JSON 里配置该仓库的账号",
            en="check the spelling; for a private image ask a maintainer to put an account for "
            "that registry into SOURCE_AUTH_JSON",
        ),
    ),
    Code.PLATFORM_NOT_FOUND: Explanation(
        Text(zh="镜像没有所选的平台", en="the image does not exist for the chosen platform"),
        Text(
            zh="换一个平台（--platform），或用 --all 同步全部平台",
            en="choose another one with --platform, or all of them with --all",
        ),
    ),
    Code.NOT_AN_IMAGE: Explanation(
        Text(
            zh="这不是容器镜像，而是 Helm chart、签名之类的制品，无法转换格式",
            en="this is no container image but an artifact (Helm chart, signature …), which can't "
            "be converted",
        ),
        Text(
            zh="用 --format source（MIRROR_FORMAT=source）原样复制，目标仓库需要支持 OCI 制品",
            en="copy it as it is with --format source (MIRROR_FORMAT=source); the target must take "
            "OCI artifacts",
        ),
    ),
    Code.UNSUPPORTED_LAYER: Explanation(
        Text(
            zh="镜像里有 Docker V2 Schema 2 不支持的层（加密，或类型未知）",
            en="the image has a layer that Docker V2 Schema 2 has no place for (encrypted, or of "
            "an unknown type)",
        ),
        Text(
            zh="用 --format source（MIRROR_FORMAT=source）原样复制",
            en="copy it as it is with --format source (MIRROR_FORMAT=source)",
        ),
    ),
    Code.BAD_MANIFEST: Explanation(
        Text(zh="源仓库返回的 manifest 有错误", en="the source's manifest is malformed"),
        Text(
            zh="镜像本身有问题，请联系发布者，或换一个 tag",
            en="the image itself is at fault: tell its publisher or take another tag",
        ),
    ),
    Code.DIGEST_MISMATCH: Explanation(
        Text(
            zh="源仓库返回的内容与 digest 不符（传输损坏，或内容被篡改）",
            en="what the source sent does not have the digest it should have (damaged or changed "
            "on the way)",
        ),
        Text(
            zh="重试一次；仍然这样就是源仓库或中间代理有问题",
            en="try again; if it stays, the source or a proxy on the way is at fault",
        ),
    ),
    Code.BLOB_MISSING: Explanation(
        Text(
            zh="源仓库缺少这个镜像的一部分（层、配置或子镜像）",
            en="a part of the image (layer, config or an image of its index) is gone at the source",
        ),
        Text(
            zh="过一会儿重试；仍然缺少请联系发布者，或只同步需要的平台（--platform）",
            en="try again later; if it stays, tell the publisher or copy only the platform you "
            "need with --platform",
        ),
    ),
    Code.SOURCE_UNAVAILABLE: Explanation(
        Text(
            zh="连不上源仓库，或者它出了故障",
            en="the source can't be reached or is out of order",
        ),
        Text(
            zh="检查仓库地址的拼写，稍后重试",
            en="check the spelling of its host and try again later",
        ),
    ),
    Code.ADDRESS_REFUSED: Explanation(
        Text(
            zh="源地址指向内网或本机，不允许访问",
            en="the source leads to a private or local address, which is not allowed",
        ),
        Text(
            zh="确实需要时，请维护者把该主机加到 ALLOW_PRIVATE_HOSTS",
            en="if it is meant, ask a maintainer to add the host to ALLOW_PRIVATE_HOSTS",
        ),
    ),
    Code.TOO_LARGE: Explanation(
        Text(
            zh="内容超过了上限：manifest 或配置大于 4 MiB，或目标仓库不收这么大的层",
            en="something exceeds a limit: a manifest or config is over 4 MiB, or the target takes "
            "no layer of that size",
        ),
        Text(
            zh="目标返回 413 时，请目标仓库的管理员调大上传限制"
            "（如反向代理的 client_max_body_size）",
            en="where the target answered 413, ask its administrator to raise the limit on uploads "
            "(such as the reverse proxy's client_max_body_size)",
        ),
    ),
}

TARGET = {
    Code.TARGET_DENIED: Explanation(
        Text(
            zh="目标仓库拒绝写入：账号或密码不对，或者没有推送权限",
            en="the target refuses the push: wrong account or password, or no right to push",
        ),
        Text(
            zh="请维护者检查 TARGET_REGISTRY_USER 和 TARGET_REGISTRY_PASSWORD，以及该账号对"
            "命名空间的推送权限；命名空间不存在时，Harbor 和阿里云 ACR 也这样回答",
            en="ask a maintainer to check TARGET_REGISTRY_USER, TARGET_REGISTRY_PASSWORD and the "
            "account's right to push to the namespace; Harbor and Aliyun ACR answer the same "
            "where the namespace does not exist",
        ),
    ),
    Code.TARGET_NOT_FOUND: Explanation(
        Text(
            zh="目标仓库里没有这个命名空间、项目或镜像仓库",
            en="the target has no such namespace, project or repository",
        ),
        Text(
            zh="请维护者先在目标仓库建好：ACR、SWR 和 CCR 建命名空间，Harbor 建项目，"
            "ECR 建同名的镜像仓库；再核对 TARGET_NAMESPACE",
            en="ask a maintainer to create it first (a namespace on ACR, SWR and CCR, a project "
            "on Harbor, a repository of that name on ECR) and to check TARGET_NAMESPACE",
        ),
    ),
    Code.TARGET_REFUSES_FORMAT: Explanation(
        Text(zh="目标仓库不接受这种格式", en="the target does not take this format"),
        Text(
            zh="用默认的 MIRROR_FORMAT=v2s2；用了 --all 的话，改为只同步一个平台",
            en="keep the default MIRROR_FORMAT=v2s2; with --all, copy one platform alone",
        ),
    ),
    Code.TAG_IMMUTABLE: Explanation(
        Text(
            zh="目标上这个 tag 已存在，而且设为不可覆盖",
            en="the target's tag exists and is set to be immutable",
        ),
        Text(
            zh="用 --as 名字:新tag 换一个 tag，或请目标仓库的管理员调整不可变规则",
            en="take another tag with --as NAME:TAG, or ask the target's administrator to change "
            "the rule",
        ),
    ),
    Code.QUOTA_EXCEEDED: Explanation(
        Text(zh="目标仓库的配额用完了", en="the target's quota is used up"),
        Text(
            zh="请维护者清理旧镜像，或提高容量、镜像仓库数量的配额",
            en="ask a maintainer to remove old images or to raise the quota (of storage or "
            "repositories)",
        ),
    ),
    Code.TARGET_MISMATCH: Explanation(
        Text(
            zh="推送后目标上的内容与推送的不一致",
            en="what the target holds is not what was pushed",
        ),
        Text(
            zh="重试一次；仍然这样，请检查是否有别的任务在写同一个 tag，或目标仓库在改写内容",
            en="try again; if it stays, see whether something else writes the same tag or the "
            "target rewrites what it is given",
        ),
    ),
    Code.TARGET_UNAVAILABLE: Explanation(
        Text(
            zh="连不上目标仓库，或者它出了故障",
            en="the target can't be reached or is out of order",
        ),
        Text(
            zh="稍后重试；一直这样，请维护者检查 TARGET_REGISTRY 和网络"
            "（白名单、是否只有内网地址）",
            en="try again later; if it stays, ask a maintainer to check TARGET_REGISTRY and the "
            "network (allow lists, an address inside a VPC)",
        ),
    ),
}

EITHER = {
    Code.RATE_LIMITED: Explanation(
        Text(zh="请求太频繁，被仓库限流", en="the registry limits how often it may be asked"),
        Text(
            zh="过几个小时重试；源是 Docker Hub 时，请维护者在 SOURCE_AUTH_JSON 里配置账号，"
            "额度更高；也可以调小 MAX_PARALLEL",
            en="try again in some hours; for Docker Hub ask a maintainer to put an account into "
            "SOURCE_AUTH_JSON, which raises the limit; a smaller MAX_PARALLEL helps too",
        ),
    ),
    Code.TIMEOUT: Explanation(
        Text(zh="超过了单个镜像的时间上限", en="the image took longer than it may"),
        Text(
            zh="重试一次，已传完的层不会重传；镜像很大时，请维护者调大 IMAGE_TIMEOUT",
            en="try again, finished layers are not sent twice; for a large image ask a "
            "maintainer to raise IMAGE_TIMEOUT",
        ),
    ),
    Code.CANCELLED: Explanation(
        Text(zh="运行被取消，镜像没有同步完", en="the run was cancelled before the image was done"),
        Text(zh="重新运行即可", en="run it again"),
    ),
    Code.ENGINE_UNSUPPORTED: Explanation(
        Text(
            zh="当前的引擎做不了这种复制，另一个引擎可以",
            en="this engine can't do such a copy, the other one can",
        ),
        Text(
            zh="换另一个引擎（--engine 或 MIRROR_ENGINE：native、skopeo）",
            en="choose the other engine (--engine or MIRROR_ENGINE: native, skopeo)",
        ),
    ),
    Code.ENGINE_FAILED: Explanation(
        Text(zh="复制失败，原因没能归类", en="the copy failed for a reason we have no name for"),
        Text(
            zh="看引擎的原话；重试一次，仍然失败请带上原话提 issue",
            en="read what the engine said; try again, and if it stays, report it with those words",
        ),
    ),
}

EXPLANATIONS: Mapping[Code, Explanation] = MappingProxyType(
    REQUEST | CONFIGURATION | SOURCE | TARGET | EITHER
)
