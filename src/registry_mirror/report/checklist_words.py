"""The frame of a checklist in both languages; what is in it is the doctor's."""

from collections.abc import Mapping
from types import MappingProxyType

from registry_mirror.text import Text

CHECK = Text(zh="检查项", en="Check")
FOUND = Text(zh="结果", en="Found")
CURE = Text(zh="怎么改", en="Cure")
SAID = Text(zh="原话", en="Said")
QUOTED = Text(zh="（{said}）", en=" ({said})")
OPEN = Text(zh="打开页面", en="Open the page")
GOOD = Text(zh="设置检查：可以用了", en="Set-up: ready to use")
BROKEN = Text(zh="设置检查：有问题需要处理", en="Set-up: something has to be put right")
BROKEN_OFF = Text(
    zh="设置检查：被中断，没有全部检查完", en="Set-up: broken off before all was looked at"
)
LINE = Text(zh="[{state}] {title}：{found}", en="[{state}] {title}: {found}")
BELOW = Text(zh="    {title}：{found}", en="    {title}: {found}")
END = Text(zh="{title}（{totals}）", en="{title} ({totals})")
TOTALS = Text(
    zh="正常 {ok} 项，注意 {warning} 项，有问题 {broken} 项，跳过 {skipped} 项",
    en="{ok} ok, {warning} to be noted, {broken} broken, {skipped} skipped",
)
AGAIN = Text(
    zh="改好以后，在 Actions → Setup 里再运行一次（Run workflow）。",
    en="Once it is put right, run Actions → Setup again (Run workflow).",
)
AGAIN_BROKEN_OFF = Text(
    zh="请在 Actions → Setup 里再运行一次（Run workflow），把剩下的检查完。",
    en="Run Actions → Setup again (Run workflow) to have the rest looked at.",
)

MARKS: Mapping[str, str] = MappingProxyType(
    {"ok": "✅", "warning": "⚠️", "broken": "❌", "skipped": "⏭️"}
)

STATES: Mapping[str, Text] = MappingProxyType(
    {
        "ok": Text(zh="正常", en="ok"),
        "warning": Text(zh="注意", en="note"),
        "broken": Text(zh="有问题", en="BROKEN"),
        "skipped": Text(zh="跳过", en="skipped"),
    }
)

TITLES: Mapping[str, Text] = MappingProxyType(
    {
        "settings": Text(zh="设置", en="Settings"),
        "secrets": Text(zh="密码的写法", en="Secrets"),
        "account": Text(zh="用户名", en="User name"),
        "engine": Text(zh="引擎", en="Engine"),
        "target": Text(zh="目标仓库", en="Target registry"),
        "login": Text(zh="登录目标仓库", en="Login"),
        "namespace": Text(zh="命名空间", en="Namespace"),
        "push": Text(zh="推送权限", en="Right to push"),
        "pull": Text(zh="拉取权限", en="Right to pull"),
        "format": Text(zh="镜像格式", en="Format"),
        "token": Text(zh="GitHub 令牌", en="GitHub's token"),
        "issues": Text(zh="Issues", en="Issues"),
        "actions": Text(zh="Actions", en="Actions"),
        "labels": Text(zh="标签", en="Labels"),
        "rules": Text(zh="规则文件", en="File of rules"),
        "sources": Text(zh="源仓库", en="Source registries"),
        "quota": Text(zh="Docker Hub 额度", en="Docker Hub's quota"),
    }
)
