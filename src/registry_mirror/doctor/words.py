"""What is said of settings, accounts and registries."""

from registry_mirror.text import Text

SETTINGS_GOOD = Text(
    zh="四项必需的设置都有，写法都对", en="all that are required are set, and well-formed"
)
SETTINGS_GOOD_SHELL = Text(zh="写法都对", en="well-formed")
SAVE_AGAIN = Text(
    zh="目前能用，但最好打开 {setting}，去掉多余的部分再保存",
    en="it works as it is, but better open {setting} and save it without that",
)
SAVE_AS = Text(
    zh="目前能用，但最好把 {setting} 改成 {value}",
    en="it works as it is, but better set {setting} to {value}",
)
REST_IGNORED = Text(
    zh="有问题的设置没改好之前，任何请求都不会执行",
    en="no request is served until this is put right",
)

SECRETS_GOOD = Text(
    zh="首尾没有多余的换行、空格或引号", en="no stray line break, space or quote around them"
)
NEWLINE_AROUND = Text(
    zh="{setting} 的首尾有换行（多半是粘贴时带进去的），使用时会去掉",
    en="{setting} has a line break around it, pasted along; it is taken off",
)
SPACE_AROUND = Text(
    zh="{setting} 的首尾有空格，使用时会去掉",
    en="{setting} has spaces around it, which are taken off",
)
SECRET_AGAIN = Text(
    zh="打开 {setting}，只粘贴值本身，末尾不要按回车，再保存一次",
    en="open {setting}, paste the value alone, without Enter at its end, and save it again",
)
QUOTES_AROUND = Text(
    zh="{setting} 的首尾有一对引号，引号会被当成值的一部分",
    en="{setting} stands in quotes, which count as part of it",
)
QUOTES_OFF = Text(
    zh="除非密码里真的有这对引号，否则去掉引号再保存一次",
    en="save it again without them, unless they really belong to it",
)
SEVERAL_LINES = Text(
    zh="{setting} 有好几行，密码应该只有一行",
    en="{setting} has several lines, and a password has one",
)
INVISIBLE = Text(
    zh="{setting} 里有看不见的字符（例如零宽空格）",
    en="{setting} has characters that can't be seen, such as a zero-width space",
)
TYPE_AGAIN = Text(
    zh="从原来的地方重新复制一遍 {setting}，再保存一次",
    en="copy {setting} anew from where it is from, and save it again",
)
ONE_LINE = Text(
    zh="{setting} 有好几行：runner 会把每一行都当成机密，日志里的 {{ 和 }} 都会变成 ***",
    en="{setting} has several lines: a runner masks each, so every {{ and }} of the log",
)
ONE_LINE_CURE = Text(zh="写成一行再保存一次", en="save it again on one line")

AUTH_NOT_BASE64 = Text(
    zh="{setting} 里 {host} 的 auth 不是 base64",
    en="the auth of {host} in {setting} is not base64",
)
AUTH_NO_PAIR = Text(
    zh="{setting} 里 {host} 的 auth 解码后不是“用户名:密码”",
    en="the auth of {host} in {setting} decodes to something else than user:password",
)
AUTH_LINE_BREAK = Text(
    zh="{setting} 里 {host} 的账号带着换行（多半是用 echo 生成 auth 时带进去的）",
    en="the account of {host} in {setting} has a line break in it, as echo adds one",
)
AUTH_NO_PASSWORD = Text(
    zh="{setting} 里 {host} 的账号没有密码",
    en="the account of {host} in {setting} has no password",
)
AUTH_EMPTY = Text(
    zh="{setting} 里有 {host} 这一项，但没有写账号",
    en="{setting} names {host}, but without an account",
)
AUTH_HELPER = Text(
    zh="{setting} 里 {host} 的账号要由程序 docker-credential-{helper} 提供，这里没有这个程序",
    en="the account of {host} in {setting} is kept by docker-credential-{helper}, which is not "
    "installed here",
)
AUTH_STORE = Text(
    zh="{setting} 把账号交给程序 docker-credential-{helper} 保管，这里没有这个程序",
    en="{setting} leaves accounts to docker-credential-{helper}, which is not installed here",
)
AUTH_CURE = Text(
    zh="用 {command} 生成 auth 的值，写成 {entry}，再保存一次 {setting}",
    en="make the value of auth with {command}, write it as {entry}, and save {setting} again",
).fill(
    command="printf '%s' 'user:token' | base64 | tr -d '\\n'",
    entry='{"auths": {"HOST": {"auth": "…"}}}',
)

ACCOUNT_GOOD = Text(
    zh="用户名的写法看不出问题", en="nothing about its form says that it belongs elsewhere"
)
ACCOUNT_FOREIGN = Text(
    zh="用户名 {user} 像是 {kind} 的，不是这个目标仓库的",
    en="the user {user} looks like one of {kind}, not of this target",
)
ACCOUNT_FOREIGN_CURE = Text(
    zh="把 TARGET_REGISTRY_USER 和 TARGET_REGISTRY_PASSWORD 都换成目标仓库 {registry} 的账号；"
    "或者 TARGET_REGISTRY 填错了",
    en="set TARGET_REGISTRY_USER and TARGET_REGISTRY_PASSWORD to an account of {registry}, or "
    "correct TARGET_REGISTRY",
)
ACCOUNT_WRONG = Text(zh="{kind} 的用户名不会是 {user}", en="a user of {kind} is not called {user}")
TOKEN_FOREIGN = Text(
    zh="密码像是 {kind} 的令牌，不是这个目标仓库的",
    en="the password looks like a token of {kind}, not of this target",
)
AWS_USER = Text(
    zh="把 TARGET_REGISTRY_USER 设为 AWS，密码用 aws ecr get-login-password 生成（12 小时后失效）",
    en="set TARGET_REGISTRY_USER to AWS; the password is what aws ecr get-login-password gives "
    "(for 12 hours)",
)
GOOGLE_USER = Text(
    zh="把 TARGET_REGISTRY_USER 设为 _json_key，密码填服务账号的 JSON 密钥"
    "（或者 _json_key_base64，或者 oauth2accesstoken）",
    en="set TARGET_REGISTRY_USER to _json_key and the password to the service account's JSON key "
    "(or use _json_key_base64, or oauth2accesstoken)",
)
SWR_USER = Text(
    zh="华为云 SWR 的用户名形如 cn-north-4@访问密钥AK：在控制台“客户端上传”里取登录指令",
    en="a user of Huawei SWR is REGION@ACCESS-KEY, such as cn-north-4@…: the console shows it "
    "under Generate Login Command",
)
ACR_ACCESS_KEY = Text(
    zh="阿里云 ACR 不用 AccessKey 登录：用户名是阿里云账号全名（RAM 用户写作 用户名@企业别名），"
    "密码在容器镜像服务的“访问凭证”里设置",
    en="Aliyun ACR takes no AccessKey: the user is the full name of the Aliyun account (a RAM user "
    "is NAME@ALIAS), the password is set under Access Credential of the Container Registry",
)
GHCR_TOKEN = Text(
    zh="ghcr.io 只接受 classic 令牌（ghp_ 开头）：新建一个，勾选 write:packages",
    en="ghcr.io takes classic tokens only, which begin with ghp_: make one with write:packages",
)
FINE_GRAINED = Text(
    zh="密码是 GitHub 的 fine-grained 令牌", en="the password is a fine-grained token of GitHub's"
)

ENGINE_GOOD = Text(zh="{engine}，可用", en="{engine}, ready")

SKIPPED_SETTINGS = Text(
    zh="设置没有填好，没法检查", en="the settings it needs are missing or wrong"
)
SKIPPED_EARLIER = Text(zh="前面的问题改好以后才能检查", en="what is broken above comes first")
SKIPPED_BROKEN_OFF = Text(
    zh="检查被中断，没有检查到这一项", en="not looked at: the examination was broken off before"
)
SKIPPED_SHELL = Text(
    zh="只在 GitHub Actions 里检查（需要 GITHUB_REPOSITORY 和 GITHUB_TOKEN）",
    en="looked at in GitHub Actions only (it needs GITHUB_REPOSITORY and GITHUB_TOKEN)",
)

REACHED = Text(zh="{registry} 连得上，也是镜像仓库", en="{registry} answers, and is a registry")
NO_SUCH_HOST = Text(zh="域名 {registry} 解析不了", en="there is no host called {registry}")
NO_SUCH_HOST_CURE = Text(
    zh="核对 TARGET_REGISTRY 的拼写；如果是只在内网解析的域名，GitHub 的 runner 到不了，"
    "要用公网地址或自托管 runner",
    en="check the spelling of TARGET_REGISTRY; a name that only an internal network knows is out "
    "of reach of GitHub's runners: use the public one, or a runner of your own",
)
NO_CONNECTION = Text(
    zh="域名能解析，但连不上 {registry}：被拒绝、被拦截，或者一连上就断开",
    en="the host is known, but no connection to {registry} comes about: it is refused, filtered or "
    "broken off at once",
)
NO_CONNECTION_CURE = Text(
    zh="核对 TARGET_REGISTRY 的端口；检查仓库是否在运行，公网访问、白名单和防火墙是否放行",
    en="check the port in TARGET_REGISTRY, that the registry runs, and that its firewall or allow "
    "list lets us in",
)
NO_TLS = Text(
    zh="连上了 {registry}，但 TLS 握手失败",
    en="{registry} is there, but there is no TLS connection to it",
)
BROKEN_OFF = Text(
    zh="连上了 {registry}，但它没有给出完整的回答",
    en="{registry} is there, but gives no whole answer",
)
BROKEN_OFF_CURE = Text(
    zh="稍后重试；一直这样，核对端口是不是镜像仓库的（只支持 http 的仓库要加进 INSECURE_HOSTS）",
    en="try again later; if it stays, check that the port is the registry's (one that speaks plain "
    "http belongs into INSECURE_HOSTS too)",
)
REACHED_IN_DOUBT = Text(
    zh="{registry} 有回答，但看不出是不是镜像仓库",
    en="{registry} answers, but nothing it says shows that it is a registry",
)
WEB_PAGE = Text(
    zh="{registry} 有回答，但不是镜像仓库：/v2/ 返回的是网页",
    en="{registry} answers, but not as a registry: /v2/ is a web page",
)
NO_REGISTRY = Text(
    zh="{registry} 有回答，但不是镜像仓库（/v2/ 返回 {status}）",
    en="{registry} answers, but not as a registry (/v2/ gives {status})",
)
NO_REGISTRY_CURE = Text(
    zh="核对 TARGET_REGISTRY：应该是镜像仓库的登录地址，不是控制台或网站的地址",
    en="check TARGET_REGISTRY: it is the host that docker login takes, not that of a web console",
)
TOKEN_SERVER_UNKNOWN = Text(
    zh="{registry} 连得上，但它指定的令牌服务器 {host} 的域名解析不了",
    en="{registry} answers, but there is no host called {host}, which it names as its token server",
)
TOKEN_SERVER_AWAY = Text(
    zh="{registry} 连得上，但连不上它指定的令牌服务器 {host}：被拒绝、被拦截，或者一连上就断开",
    en="{registry} answers, but no connection to {host}, which it names as its token server, comes "
    "about: it is refused, filtered or broken off at once",
)
TOKEN_SERVER_WITHOUT_TLS = Text(
    zh="{registry} 连得上，但与它指定的令牌服务器 {host} 的 TLS 握手失败",
    en="{registry} answers, but there is no TLS connection to {host}, which it names as its token "
    "server",
)
TOKEN_SERVER_BROKEN_OFF = Text(
    zh="{registry} 连得上，但它指定的令牌服务器 {host} 没有给出完整的回答",
    en="{registry} answers, but {host}, which it names as its token server, gives no whole answer",
)
NO_TOKEN = Text(
    zh="{registry} 指定的令牌服务器 {host} 有回答，但没有发令牌",
    en="{host}, which {registry} names as its token server, answers, but gives no token",
)
TOKEN_SERVER_CURE = Text(
    zh="令牌服务器的地址由目标仓库给出，不在我们的设置里：请目标仓库的管理员核对它的对外地址"
    "（Harbor 是 external_url，registry 是 auth.token.realm），并确认这里能访问到它",
    en="the registry gives this address, no setting of ours: have its administrator check it "
    "(Harbor's external_url, the registry's auth.token.realm) and let us reach it from here",
)
REDIRECTED_AWAY = Text(
    zh="{registry} 把 /v2/ 转到了 {host}，那里连不上；镜像仓库一般不会这样转",
    en="{registry} sends /v2/ on to {host}, which can't be reached; a registry rarely does that",
)
LOGIN_GOOD = Text(zh="账号和密码被接受", en="the account is accepted")
LOGIN_UNTOLD = Text(
    zh="目标仓库允许匿名访问，这里看不出账号和密码对不对，要看下面的推送权限",
    en="the target lets anybody in and didn't ask who we are: whether the account is right shows "
    "with the right to push, below",
)
NO_ACCOUNT = Text(zh="没有设置账号，匿名访问", en="no account is set: we come as anybody")
LOGIN_REFUSED = Text(
    zh="目标仓库不接受这个账号或密码", en="the target doesn't accept the account or its password"
)
LOGIN_CURE = Text(
    zh="核对 TARGET_REGISTRY_USER 和 TARGET_REGISTRY_PASSWORD；"
    "可以先在自己的电脑上用 docker login {registry} 试一下",
    en="check TARGET_REGISTRY_USER and TARGET_REGISTRY_PASSWORD; docker login {registry} on your "
    "own machine shows whether they are right",
)
LOGIN_IN_DOUBT = Text(
    zh="{registry} 拒绝访问：账号或密码不对，或者它根本不是镜像仓库",
    en="{registry} doesn't let us in: the account or its password is wrong, or it is no registry",
)
LOGIN_IN_DOUBT_CURE = Text(
    zh="先核对 TARGET_REGISTRY：应该是镜像仓库的登录地址，不是控制台或网站的地址；"
    "再核对 TARGET_REGISTRY_USER 和 TARGET_REGISTRY_PASSWORD"
    "（可以在自己的电脑上用 docker login {registry} 试一下）",
    en="check TARGET_REGISTRY first: it is the host that docker login takes, not that of a web "
    "console; then TARGET_REGISTRY_USER and TARGET_REGISTRY_PASSWORD (docker login {registry} on "
    "your own machine)",
)
LOGIN_NEEDED = Text(
    zh="目标仓库要求登录，但没有设置账号", en="the target wants a login, and no account is set"
)
LOGIN_NEEDED_CURE = Text(
    zh="设置 TARGET_REGISTRY_USER 和 TARGET_REGISTRY_PASSWORD",
    en="set TARGET_REGISTRY_USER and TARGET_REGISTRY_PASSWORD",
)

NAMESPACE_GOOD = Text(zh="{namespace} 可以使用", en="{namespace} is there")
NAMESPACE_UNTOLD = Text(
    zh="没有推送权限时，看不出 {namespace} 是否存在",
    en="without the right to push the target doesn't tell whether {namespace} is there",
)
NAMESPACE_ECR = Text(
    zh="登录正常；ECR 不会自动建仓库，{namespace} 下面每个镜像都要先有同名的仓库",
    en="the login is fine; ECR creates no repository by itself, so each image below {namespace} "
    "needs its own first",
)
NAMESPACE_ECR_CURE = Text(
    zh="逐个执行 aws ecr create-repository --repository-name {example}；"
    "或者配置 repository creation template（适用于 CREATE_ON_PUSH）",
    en="run aws ecr create-repository --repository-name {example} for each, or set up a repository "
    "creation template (applied for CREATE_ON_PUSH)",
)
PUSH_GOOD = Text(
    zh="可以推送到 {namespace}（开了一个上传会话，又删掉了，没有留下任何东西）",
    en="pushes to {namespace} are taken (an upload was opened and deleted; nothing is left)",
)
PUSH_GOOD_SESSION_LEFT = Text(
    zh="可以推送到 {namespace}（开了一个上传会话；目标仓库没有让删除，过一段时间会自己清理）",
    en="pushes to {namespace} are taken (an upload was opened, and could not be deleted: the "
    "registry ends it by itself in time)",
)
NO_PUSH = Text(
    zh="登录正常，但不能推送到 {namespace}",
    en="the login is fine, but may not push to {namespace}",
)
NO_PUSH_CURE = Text(
    zh="在目标仓库给这个账号 {namespace} 的推送权限（只读账号不行）；"
    "也可能是命名空间不存在，Harbor 和阿里云 ACR 这时也这样回答",
    en="give the account the right to push to {namespace} (one that may only pull won't do); or it "
    "does not exist, where Harbor and Aliyun ACR answer the same",
)
NO_PUSH_OR_LOGIN = Text(
    zh="不能推送到 {namespace}：账号或密码不对，或者账号没有推送权限",
    en="we may not push to {namespace}: the account or its password is wrong, or it lacks the "
    "right",
)
NO_PUSH_OR_LOGIN_CURE = Text(
    zh="先核对 TARGET_REGISTRY_USER 和 TARGET_REGISTRY_PASSWORD"
    "（可以在自己的电脑上用 docker login {registry} 试一下）；"
    "都对的话，在目标仓库给这个账号 {namespace} 的推送权限",
    en="check TARGET_REGISTRY_USER and TARGET_REGISTRY_PASSWORD first (docker login {registry} on "
    "your own machine); if they are right, give the account the right to push to {namespace}",
)
PUSH_TO_NO_REGISTRY = Text(
    zh="不能推送：{registry} 的回答不像镜像仓库，多半是 TARGET_REGISTRY 填错了",
    en="no push is taken: {registry} doesn't answer as a registry does, so TARGET_REGISTRY is "
    "probably wrong",
)
READ_ONLY = Text(
    zh="{registry} 不接受任何推送：它是只读的，或者只是另一个仓库的缓存（pull-through cache）",
    en="{registry} takes no pushes from anybody: it is read-only, or a cache of another registry "
    "(pull-through)",
)
READ_ONLY_CURE = Text(
    zh="把 TARGET_REGISTRY 和 TARGET_NAMESPACE 换成可以推送的仓库和命名空间"
    "（Harbor 的代理缓存项目不行），或者请目标仓库的管理员关掉只读模式",
    en="set TARGET_REGISTRY and TARGET_NAMESPACE to where pushes are taken (Harbor's proxy "
    "cache won't do), or have the registry's administrator end its read-only mode",
)
PULL_GOOD = Text(zh="可以读取", en="it may be read")
NO_PULL = Text(
    zh="这个账号不能读取目标仓库，没法比对已有的镜像",
    en="the account may not read at the target, so what is there can't be compared",
)
NO_PULL_CURE = Text(
    zh="在目标仓库给这个账号 {namespace} 的拉取权限",
    en="give it the right to pull from {namespace}",
)
FORMAT_GOOD = Text(zh="接受 {media_type}", en="{media_type} is taken")
FORMAT_UNTOLD = Text(
    zh="看不出目标仓库是否接受 {media_type}；第一次同步时就知道了",
    en="the target doesn't tell whether it takes {media_type}; the first request will show it",
)
FORMAT_REFUSED = Text(zh="目标仓库不接受 {media_type}", en="the target doesn't take {media_type}")
FORMAT_TO_OCI = Text(
    zh="把 MIRROR_FORMAT 设为 oci 再试；这个仓库多半只收 OCI 格式",
    en="set MIRROR_FORMAT to oci and try again: it may take OCI alone",
)
FORMAT_TO_V2S2 = Text(
    zh="去掉 MIRROR_FORMAT，用默认的 v2s2 再试", en="unset MIRROR_FORMAT and try the default, v2s2"
)
LEFT_BEHIND = Text(
    zh="目标仓库收下了检查用的 manifest，却不让删除：{left}",
    en="the target kept the manifest of this check and won't delete it: {left}",
)
LEFT_BEHIND_CURE = Text(zh="可以手工删掉它，不影响使用", en="delete it by hand; it does no harm")

SOURCES_GOOD = Text(zh="都连得上：{registries}", en="all can be reached: {registries}")
SOURCES_SOME = Text(zh="连得上：{registries}", en="these can be reached: {registries}")
SOURCE_UNREACHABLE = Text(zh="连不上 {registry}", en="{registry} can't be reached")
SOURCE_UNREACHABLE_CURE = Text(
    zh="只影响来自这个仓库的镜像；GitHub 的 runner 上一般是暂时的，稍后再试；"
    "自托管 runner 请检查网络或代理",
    en="only images from there are concerned; on GitHub's runners it passes, on a machine of your "
    "own check its network or proxy",
)
SOURCE_REFUSED = Text(
    zh="{registry} 不接受 SOURCE_AUTH_JSON 里的账号",
    en="{registry} doesn't accept its account in SOURCE_AUTH_JSON",
)
SOURCE_REFUSED_CURE = Text(
    zh="更新 SOURCE_AUTH_JSON 里 {registry} 的账号，或者删掉这一项，公开镜像不需要账号",
    en="renew the account of {registry} in SOURCE_AUTH_JSON, or delete it: public images need none",
)
QUOTA_LEFT = Text(
    zh="每 {hours} 小时 {limit} 次拉取，还剩 {left} 次",
    en="{left} of {limit} pulls in {hours} hours are left",
)
QUOTA_USED_UP = Text(zh="拉取额度用完了", en="the quota of pulls is used up")
QUOTA_CURE = Text(
    zh="过几个小时再试；或者在 SOURCE_AUTH_JSON 里配置 docker.io 的账号，额度更高",
    en="try again in some hours, or put an account for docker.io into SOURCE_AUTH_JSON, which has "
    "more",
)
QUOTA_UNTOLD = Text(zh="Docker Hub 没有说明额度", en="Docker Hub names no limit")
QUOTA_SKIPPED = Text(zh="连不上 Docker Hub，没法查询", en="Docker Hub can't be asked")
