"""What is said of the repository on GitHub."""

from registry_mirror.text import Text

TOKEN_GOOD = Text(zh="可以读写 Issue 和标签", en="it may write issues and labels")
TOKEN_READ_ONLY = Text(
    zh="令牌是只读的：不能发评论，也不能加标签",
    en="it is read-only: no comment can be posted and no label set",
)
TOKEN_READ_ONLY_CURE = Text(
    zh="工作流需要 permissions: issues: write：把 .github/workflows 恢复成原样，"
    "再检查 Settings → Actions → General → Workflow permissions；"
    "组织限制了令牌权限的，请组织管理员放开",
    en="the workflow needs permissions: issues: write. Restore .github/workflows, then look at "
    "Settings → Actions → General → Workflow permissions; where an organization limits tokens, "
    "its owner has to allow it",
)
TOKEN_REFUSED = Text(zh="GitHub 不接受这个令牌", en="GitHub doesn't accept it for this repository")
TOKEN_REFUSED_CURE = Text(
    zh="在 Actions → Setup 里重新运行；在别处运行时，换一个能访问这个仓库的令牌",
    en="run Actions → Setup anew; elsewhere take a token that this repository is open to",
)
SKIPPED = Text(zh="令牌的问题解决以后才能检查", en="it can't be looked at without a token")
GITHUB_UNAVAILABLE = Text(zh="GitHub 没有回答", en="GitHub gave no answer")
GITHUB_UNAVAILABLE_CURE = Text(
    zh="稍后再试；故障情况见 githubstatus.com",
    en="try again later; githubstatus.com tells of outages",
)
ARCHIVED = Text(
    zh="仓库已归档，什么都不能写", en="the repository is archived: nothing can be written to it"
)
ARCHIVED_CURE = Text(
    zh="在 Settings → General 最下面取消归档（Unarchive this repository）",
    en="unarchive it at the bottom of Settings → General",
)
ISSUES_GOOD = Text(zh="已打开", en="switched on")
ISSUES_OFF = Text(
    zh="没有打开（新 fork 默认是关的），没人能提交请求",
    en="switched off, as in every new fork: nobody can ask for anything",
)
ISSUES_ON = Text(
    zh="打开 Settings → General → Features，勾选 Issues",
    en="tick Issues under Settings → General → Features",
)
EVERYONE = Text(
    zh="仓库是公开的，REQUEST_POLICY 又是 everyone：任何人都能往目标仓库里同步镜像",
    en="the repository is public and REQUEST_POLICY is everyone: anybody can fill your registry",
)
EVERYONE_CURE = Text(
    zh="改成 approval（默认），或者在 {file} 里设上限和允许的来源",
    en="set it to approval, the default, or set limits and allowed sources in {file}",
)
ACTIONS_GOOD = Text(zh="已打开", en="switched on")
ACTIONS_OFF = Text(zh="没有打开，工作流不会运行", en="switched off: no workflow runs")
ACTIONS_ON = Text(
    zh="打开 Settings → Actions → General，选 Allow all actions and reusable workflows",
    en="choose Allow all actions and reusable workflows under Settings → Actions → General",
)
ACTIONS_UNTOLD = Text(zh="这个令牌查不了", en="the token may not ask")
LABELS_GOOD = Text(zh="都有", en="all are there")
LABELS_CREATED = Text(zh="缺少的已经建好：{labels}", en="those missing were created: {labels}")
LABELS_MISSING = Text(
    zh="缺少标签，也建不了：{labels}", en="missing, and can't be created: {labels}"
)
LABELS_CURE = Text(
    zh="令牌的问题解决以后再运行一次；或者在 Issues → Labels 里手工新建",
    en="run this again once the token is right, or create them under Issues → Labels",
)
RULES_NONE = Text(zh="没有这个文件，不加限制", en="there is none, so nothing is limited")
RULES_GOOD = Text(zh="写法都对", en="well-formed")
RULES_UNREADABLE = Text(zh="读不了", en="it can't be read")
RULES_UNREADABLE_CURE = Text(
    zh="{file} 应该是一个不超过 64 KiB 的普通文件",
    en="{file} is an ordinary file of at most 64 KiB",
)
RULES_LINE = Text(zh="第 {line} 行：", en="line {line}: ")
