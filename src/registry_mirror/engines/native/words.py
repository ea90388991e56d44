"""What is said of what only this engine meets."""

from registry_mirror.text import Text

SCHEMA_1 = Text(
    zh="这是 Docker V2 Schema 1 格式的老镜像，需要 skopeo 来转换，而这里没有可用的 skopeo",
    en="this is an old image in Docker V2 Schema 1; skopeo has to convert it, and there is none "
    "here that could",
)
SCHEMA_1_HINT = Text(
    zh="请维护者安装 skopeo 1.9 或更新的版本", en="ask a maintainer to install skopeo 1.9 or later"
)
SCHEMA_1_OF_STRANGER = Text(
    zh="这是 Docker V2 Schema 1 格式的老镜像，要交给 skopeo 转换；没有写权限的人只能让 skopeo "
    "访问公认的公共仓库",
    en="this is an old image in Docker V2 Schema 1, which skopeo has to convert; without write "
    "access skopeo can be sent to well-known public registries only",
)
SCHEMA_1_OF_STRANGER_HINT = Text(
    zh="请有写权限的人来提交或批准这个请求",
    en="ask somebody with write access to send this request or to approve it",
)
ONLY_ATTESTATIONS = Text(
    zh="这个索引里只有构建证明（attestation），没有镜像",
    en="the index holds attestations only and no image",
)
