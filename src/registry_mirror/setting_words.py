"""What is said of a setting that is missing or wrong."""

from registry_mirror.text import Text

MISSING = Text(zh="没有设置", en="not set")
MISSING_TARGET_REGISTRY = Text(
    zh="填目标仓库的地址，例如 registry.cn-beijing.aliyuncs.com",
    en="the target registry's host, such as registry.cn-beijing.aliyuncs.com",
)
MISSING_TARGET_NAMESPACE = Text(
    zh="填目标命名空间，例如 my-mirrors",
    en="the namespace below which images go, such as my-mirrors",
)
MISSING_USER = Text(
    zh="填目标仓库的用户名", en="the user name with which to log in to the target registry"
)
MISSING_PASSWORD = Text(
    zh="填目标仓库的密码（保存为 Secret）",
    en="the password for the target registry (a secret)",
)

RUNNER_HINT = Text(
    zh="这个命令由 GitHub Actions 运行，该变量由 runner 提供",
    en="this command is run by GitHub Actions, whose runner sets this variable",
)
TOKEN_HINT = Text(
    zh="由工作流传入：github.token 放进这一步的 env",
    en="the workflow passes github.token in this step's env",
)

NOT_A_HOST = Text(zh="不是仓库地址", en="not a registry's host")
HOST_HINT = Text(
    zh="只写主机名和可选的端口，例如 registry.cn-beijing.aliyuncs.com 或 harbor.example.com:8443",
    en="write the host and, if need be, the port: registry.cn-beijing.aliyuncs.com or "
    "harbor.example.com:8443",
)
HOST_WITH_PATH = Text(zh="仓库地址里带了路径", en="the registry's host has a path in it")
HOST_WITH_PATH_HINT = Text(
    zh="主机名写在 TARGET_REGISTRY，路径 {path} 写在 TARGET_NAMESPACE",
    en="the host belongs in TARGET_REGISTRY, the path {path} in TARGET_NAMESPACE",
)
WEB_PAGE = Text(
    zh="是网页（控制台）的地址，不是镜像仓库的地址",
    en="the address of a web page or console, not of a registry",
)
WEB_PAGE_HINT = Text(
    zh="填 docker login 用的主机名，一般是 {registry}",
    en="write the host that docker login takes, probably {registry}",
)
WEB_PAGE_HINT_TO_FILL_IN = Text(
    zh="填 docker login 用的主机名，一般是 {registry} 这样的（大写的部分换成你自己的）",
    en="write the host that docker login takes, probably one like {registry} (put your own in "
    "place of the capitals)",
)
HARBOR_PAGE_HINT = Text(
    zh="只写主机名 {registry}；项目名写在 TARGET_NAMESPACE",
    en="write the host alone, {registry}; the project's name belongs in TARGET_NAMESPACE",
)
HOST_OF_ONE_WORD = Text(
    zh="只有一个单词的主机名，会被当作 Docker Hub 上的命名空间",
    en="a host of one word alone is taken for a namespace of Docker Hub",
)
HOST_OF_ONE_WORD_HINT = Text(
    zh="加上端口，例如 harbor:80 或 harbor:443；或者写完整的域名",
    en="add the port, as in harbor:80 or harbor:443, or write the full name",
)
COLON_IN_USER = Text(
    zh="用户名里不能有冒号", en="a user name has no colon: what follows it would be the password"
)
COLON_IN_USER_HINT = Text(
    zh="这里只填用户名，密码填在 TARGET_REGISTRY_PASSWORD",
    en="the user name alone belongs here, the password in TARGET_REGISTRY_PASSWORD",
)
NOT_A_NAMESPACE = Text(zh="不是合法的命名空间", en="not a namespace")
NAMESPACE_HINT = Text(
    zh="只能用小写字母、数字和分隔符 . _ -，多级用 / 分开，例如 team/mirrors",
    en="lowercase letters, digits and the separators . _ -, several parts joined by /, such as "
    "team/mirrors",
)
NOT_A_NUMBER = Text(
    zh="不是 {low} 到 {high} 之间的整数", en="not a whole number from {low} to {high}"
)
NUMBER_HINT = Text(zh="留空即用默认值 {default}", en="leave it empty for the default of {default}")
NOT_A_CHOICE = Text(zh="不是可选的值", en="not one of the values there are")
CHOICE_HINT = Text(zh="可选：{choices}", en="one of {choices}")
PLATFORM_HINT = Text(
    zh="写成 系统/架构[/变体]，多个用逗号分开，例如 linux/amd64,linux/arm64",
    en="write os/architecture[/variant], several joined by commas: linux/amd64,linux/arm64",
)
SEVERAL_PLATFORMS = Text(
    zh="skopeo 引擎只能同步一个平台或全部平台",
    en="the skopeo engine copies one platform or all of them",
)
SEVERAL_PLATFORMS_HINT = Text(
    zh="只写一个平台；或者设 MIRROR_ENGINE=native（--engine native）",
    en="name one platform, or set MIRROR_ENGINE=native (--engine native)",
)
ALL_AND_PLATFORMS = Text(
    zh="与 MIRROR_PLATFORMS 不能同时设置", en="can't be set together with MIRROR_PLATFORMS"
)
ALL_AND_PLATFORMS_HINT = Text(zh="只留其中一个", en="keep one of the two")
NOT_A_DOCKER_CONFIG = Text(
    zh="不是 docker 的 config.json", en="not the content of a docker config.json"
)
DOCKER_CONFIG_HINT = Text(
    zh='形如 {{"auths": {{"HOST": {{"auth": "base64(user:password)"}}}}}}，'
    "可用 docker login 后的 ~/.docker/config.json",
    en='it looks like {{"auths": {{"HOST": {{"auth": "base64(user:password)"}}}}}}, as docker '
    "login writes it to ~/.docker/config.json",
)
NO_SUCH_FILE = Text(zh="文件不存在", en="no such file")
FILE_HINT = Text(zh="填一个存在的文件的路径", en="the path of a file that exists")

STRIPPED = Text(
    zh="{setting} 前后有空白字符，已去掉", en="{setting} had white space around it, now stripped"
)
SCHEME_STRIPPED = Text(
    zh="{setting} 只需主机名，多余的 https:// 或 / 已去掉",
    en="{setting} needs the host alone; the scheme or slash was taken off",
)

SKOPEO_MISSING = Text(zh="没有找到 skopeo", en="skopeo was not found")
SKOPEO_TOO_OLD = Text(
    zh="skopeo 是 {version}，需要 {minimum} 或更新的版本",
    en="skopeo is {version}; {minimum} or later is needed",
)
SKOPEO_HINT = Text(
    zh="Debian 12、Ubuntu 24.04 或更新的系统：apt-get install skopeo；macOS：brew install skopeo",
    en="on Debian 12, Ubuntu 24.04 or later: apt-get install skopeo; on macOS: brew install skopeo",
)
