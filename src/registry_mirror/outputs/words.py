"""What the comments in these files say."""

from registry_mirror.text import Text

SED_USE = Text(
    zh="用法：sed -E -i.bak -f replace.sed 文件…（GNU 和 BSD 的 sed 都可以，原文件另存为 .bak）",
    en="Use: sed -E -i.bak -f replace.sed FILE... (GNU or BSD sed; originals are kept as .bak)",
)
LEFT_OUT = Text(
    zh="未包含 {image}：它对应多个目标，或者本身就是目标，请手工修改",
    en="Not here: {image} has several targets or is one itself; change it by hand",
)
COMPONENT_USE = Text(
    zh="在你的 kustomization.yaml 里，把本文件所在的目录写进 components",
    en="Name this file's folder under `components` of your kustomization.yaml.",
)
KUSTOMIZE_USE = Text(
    zh="可写进 kustomization.yaml；没有写 newTag 的，tag 与清单中一致，只换仓库。"
    "这些镜像名的所有 tag 都会改到目标仓库，没同步过的 tag 会拉不到",
    en="For a kustomization.yaml. Without newTag an image keeps the tag that your manifests have. "
    "Every tag of these names is led to the target; mirror all that you use.",
)
KUSTOMIZE_LEFT_OUT = Text(
    zh="未包含 {image}：kustomize 不能按 tag 区分，请改用 replace.sed",
    en="Not here: {image}, for kustomize can't tell its tags apart; use replace.sed",
)
COMPOSE_USE = Text(
    zh="用法：docker compose -f compose.yaml -f compose.override.yaml up -d",
    en="Use: docker compose -f compose.yaml -f compose.override.yaml up -d",
)
COMPOSE_RENAME = Text(
    zh="请把服务名改成你的 compose.yaml 里的名字，否则会多出新的服务",
    en="Rename each service to its name in your compose.yaml, or it is a new service.",
)
COMPOSE_LEFT_OUT = Text(
    zh="未包含服务 {service}：粘贴的文件里有多个同名服务，镜像各不相同",
    en="Not here: the service {service}, for the pasted files have several of that name",
)
HOSTS_HTTP = Text(
    zh="目标仓库如果只支持 http，把下面目标仓库的 https 改为 http",
    en="Where the target speaks plain http, change the https of its line below to http.",
)
HOSTS_PLACE = Text(
    zh="放到 {path}（containerd 的 config_path 要指向 certs.d）",
    en="Goes to {path} (containerd's config_path must name certs.d)",
)
HOSTS_LEFT_OUT = Text(
    zh="{registry} 的镜像在目标仓库里没有保留完整路径，设置 NAMING=path 后重新同步才能用",
    en="the images of {registry} have not kept their whole paths; "
    "set NAMING=path and mirror them again",
)
