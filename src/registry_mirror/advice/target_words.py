"""How to make what a target lacks, by the product that the target is."""

from registry_mirror.text import Text

ACR_PERSONAL = Text(
    zh="阿里云 ACR 个人版：在容器镜像服务控制台建好命名空间 {namespace}（最多 3 个），"
    "并打开它的“自动创建仓库”；再核对 TARGET_NAMESPACE",
    en="Aliyun ACR, Personal Edition: create the namespace {namespace} in the Container Registry "
    "console (at most 3) and switch on its Automatically Create Repository; then check "
    "TARGET_NAMESPACE",
)
ACR_ENTERPRISE = Text(
    zh="阿里云 ACR 企业版：在实例的“命名空间”里建好 {namespace}，打开“自动创建仓库”；"
    "再核对 TARGET_NAMESPACE，以及实例的公网访问和白名单",
    en="Aliyun ACR, Enterprise Edition: create the namespace {namespace} in the instance and "
    "switch "
    "on its Automatically Create Repository; then check TARGET_NAMESPACE and the instance's access "
    "from the Internet (allow list)",
)
ECR = Text(
    zh="AWS ECR 不会自动建仓库：先执行 {create}；"
    "要自动建，请配置 repository creation template（适用于 CREATE_ON_PUSH）",
    en="AWS ECR creates no repository by itself: run {create} first, or set up a repository "
    "creation template (applied for CREATE_ON_PUSH)",
)
SWR = Text(
    zh="华为云 SWR：在控制台“组织管理”里建好组织 {namespace}，并给账号编辑权限；再核对 "
    "TARGET_NAMESPACE",
    en="Huawei SWR: create the organization {namespace} in the console and give the account the "
    "right to edit it; then check TARGET_NAMESPACE",
)
TCR = Text(
    zh="腾讯云 TCR：在控制台“命名空间”里建好 {namespace}；再核对 TARGET_NAMESPACE，"
    "以及实例的公网访问白名单",
    en="Tencent TCR: create the namespace {namespace} in the console; then check TARGET_NAMESPACE "
    "and the instance's allow list for the Internet",
)
CCR = Text(
    zh="腾讯云 CCR 个人版：在容器镜像服务控制台建好命名空间 {namespace}（全局唯一）；再核对 "
    "TARGET_NAMESPACE",
    en="Tencent CCR, Personal Edition: create the namespace {namespace} in the console (its name "
    "is "
    "unique among all users); then check TARGET_NAMESPACE",
)
HARBOR = Text(
    zh="Harbor：请它的管理员先新建项目 {project}，并给推送账号“开发者”或更高的角色；再核对 "
    "TARGET_NAMESPACE",
    en="Harbor: ask its administrator to create the project {project} and to give the account the "
    "role of a Developer or higher; then check TARGET_NAMESPACE",
)
GHCR = Text(
    zh="ghcr.io：命名空间 {namespace} 必须是你的用户或组织名（小写），令牌要有 write:packages 权限",
    en="ghcr.io: the namespace {namespace} must be the name of your user or organization, in "
    "lowercase, and the token needs write:packages",
)
DOCKER_HUB = Text(
    zh="Docker Hub：命名空间 {namespace} 必须是你的用户或组织名；令牌要有 Read & Write 权限",
    en="Docker Hub: the namespace {namespace} must be the name of your user or organization, and "
    "the token needs Read & Write",
)
CHECK_LOGIN = Text(
    zh="请维护者先核对 TARGET_REGISTRY_USER 和 TARGET_REGISTRY_PASSWORD",
    en="ask a maintainer to check TARGET_REGISTRY_USER and TARGET_REGISTRY_PASSWORD first",
)
ELSE_MISSING = Text(
    zh="账号无误，就是命名空间不存在，或账号没有它的推送权限",
    en="if they are right, the namespace does not exist or the account may not push to it",
)
ACR_PASSWORD = Text(
    zh="密码是容器镜像服务“访问凭证”里设置的固定密码，不是阿里云控制台的登录密码",
    en="the password is the one set under Access Credential, not that of the Aliyun console",
)
ECR_PASSWORD = Text(
    zh="ECR 的用户名是 AWS，密码由 aws ecr get-login-password 生成，12 小时后失效",
    en="ECR's user is AWS; its password comes from aws ecr get-login-password and lasts 12 hours",
)

ACR_QUOTA = Text(
    zh="阿里云 ACR 个人版最多 3 个命名空间、300 个镜像仓库：请维护者删掉不用的，或改用企业版",
    en="Aliyun ACR, Personal Edition, holds at most 3 namespaces and 300 repositories: ask a "
    "maintainer to delete unused ones or to take the Enterprise Edition",
)
HARBOR_QUOTA = Text(
    zh="Harbor：请它的管理员在项目 {project} 的“配额”里调大容量，或删掉旧镜像并运行一次“垃圾清理”",
    en="Harbor: ask its administrator to raise the storage quota of the project {project}, or to "
    "delete old images and run the garbage collection",
)
HARBOR_IMMUTABLE = Text(
    zh="用 {option} 换一个 tag；或请 Harbor 管理员在项目 {project} 的“策略 → 不可变的 "
    "Tag”里去掉这条规则",
    en="take another tag with {option}, or ask Harbor's administrator to remove the rule under "
    "Policy, Tag Immutability, of the project {project}",
)
ECR_IMMUTABLE = Text(
    zh="用 {option} 换一个 tag；或请维护者把 ECR 仓库改为可覆盖：{mutable}",
    en="take another tag with {option}, or ask a maintainer to make the ECR repository mutable: "
    "{mutable}",
)
IMMUTABLE = Text(
    zh="在这一行后面加上 {option} 换一个 tag，或请目标仓库的管理员调整不可变规则",
    en="take another tag by adding {option} to the line, or ask the target's administrator to "
    "change the rule",
)
