"""What comments say. `*_ONE` is said of one image."""

from registry_mirror.text import Text

ALL_MIRRORED = Text(
    zh="✅ 镜像同步报告：{total} 个镜像全部同步成功",
    en="✅ Mirror report: all {total} images mirrored",
)
ALL_MIRRORED_ONE = Text(zh="✅ 镜像同步报告：同步成功", en="✅ Mirror report: image mirrored")
SOME_FAILED = Text(
    zh="⚠️ 镜像同步报告：{total} 个镜像中有 {failed} 个失败",
    en="⚠️ Mirror report: {failed} of {total} images failed",
)
ALL_FAILED = Text(
    zh="❌ 镜像同步报告：{total} 个镜像全部失败", en="❌ Mirror report: all {total} images failed"
)
ALL_FAILED_ONE = Text(zh="❌ 镜像同步报告：同步失败", en="❌ Mirror report: the image failed")

COUNTS = Text(
    zh="已复制 {copied}，未变 {unchanged}，失败 {failed}，共 {total} 个镜像。",
    en="{copied} copied, {unchanged} unchanged, {failed} failed, {total} in all.",
)
RUN = Text(
    zh="总耗时 {time}，引擎 {engine}，目标 {target}。",
    en="Took {time} with {engine}, into {target}.",
)
TRAFFIC = Text(zh="传输 {sent}。", en="{sent} sent.")
TRAFFIC_SAVED = Text(
    zh="传输 {sent}，省去 {saved}（跨仓库挂载 {mounted}，目标已有 {present}）。",
    en="{sent} sent, {saved} saved ({mounted} mounted, {present} already there).",
)
PASTED = Text(
    zh="从粘贴的清单中提取了 {count} 个镜像。",
    en="{count} images were taken from the pasted manifest.",
)
PASTED_ONE = Text(
    zh="从粘贴的清单中提取了 1 个镜像。", en="One image was taken from the pasted manifest."
)
PASTED_BROKEN = Text(
    zh="清单从第 {line} 行起不是合法的 YAML，那一部分只按行提取了 `image:` 后面的镜像，"
    "请核对有没有遗漏。",
    en="From line {line} on it is no YAML; there, only what follows `image:` on a line was "
    "taken, so please see whether any is missing.",
)
REPLACED = Text(
    zh="⚠️ 被覆盖的 tag 原来的内容（{count}）", en="⚠️ What replaced tags held before ({count})"
)
BETWEEN_SENTENCES = Text(zh="", en=" ")
RUN_LOG = Text(zh="查看运行日志", en="See the run")

SOURCE = Text(zh="源镜像", en="Source")
TARGET = Text(zh="目标镜像", en="Target")
STATUS = Text(zh="状态", en="Status")
PLATFORMS = Text(zh="平台", en="Platforms")
SIZE = Text(zh="大小", en="Size")
TIME = Text(zh="耗时", en="Time")
DIGEST = Text(zh="目标 digest", en="Digest")
SOURCE_DIGEST = Text(zh="源 digest", en="Digest at the source")
HELD_BEFORE = Text(zh="tag 原来的 digest", en="Tag held before")
ENTRY = Text(zh="条目", en="Entry")
MEDIA_TYPE = Text(zh="manifest 类型", en="Media type")
REASON = Text(zh="原因", en="Reason")
LINE = Text(zh="行", en="Line")
WRITTEN = Text(zh="内容", en="Written")
PROBLEM = Text(zh="问题", en="Problem")
RIGHT = Text(zh="应该怎么写", en="How to write it")
SETTING = Text(zh="设置", en="Setting")
KIND = Text(zh="类型（点击前往设置）", en="Kind (opens its page)")
ADVICE = Text(zh="怎么办", en="What to do")
EXAMPLE = Text(zh="示例", en="Example")

COPIED = Text(zh="✅ 已复制", en="✅ copied")
COPIED_OVER = Text(zh="✅ 已复制（覆盖原 tag）", en="✅ copied (tag replaced)")
UNCHANGED = Text(zh="☑️ 未变", en="☑️ unchanged")
WAITING = Text(zh="⏳ 等待中", en="⏳ waiting")
RUNNING = Text(zh="🔄 同步中", en="🔄 running")

FAILURES = Text(zh="失败的镜像", en="What failed")
FAILURES_OF_CODE = Text(zh="❌ {code}：{count} 个镜像", en="❌ {code} ({count})")
CAUSE = Text(zh="**原因**：{text}", en="**Why:** {text}")
HINT = Text(zh="**建议**：{text}", en="**Try:** {text}")
FAILED_IMAGE = Text(zh="第 {line} 行 {source}", en="Line {line}: {source}")
SAID = Text(zh="，返回信息：", en=", which said:")
NEXT_AFTER_FAILURE = Text(zh="接下来", en="What to do next")
RETRY_FAILED = Text(
    zh="- 列表要改：先编辑本 Issue 的正文，再评论 `/retry`。\n"
    "- 列表不用改（例如限流已过，或者维护者改好了设置）：评论 `/retry failed`，"
    "只重试失败的镜像。\n\n"
    "已经同步成功的镜像不受影响，目标仓库已有的层不会重复上传。",
    en="- If the list has to change: edit this issue, then comment `/retry`.\n"
    "- If it doesn't (a limit has passed, or a maintainer has changed a setting): comment "
    "`/retry failed`, which mirrors only what failed.\n\n"
    "Images already mirrored stay as they are; layers that the target has are not sent again.",
)

DIGESTS = Text(zh="镜像 digest（{count}）", en="Digests ({count})")
DROPPED = Text(zh="未复制的附加条目（{count}）", en="Entries left out ({count})")
DROPPED_WHY = Text(
    zh="这些条目不是可运行的镜像，Docker V2 Schema 2 的列表里放不下它们；镜像本身是完整的。",
    en="These entries of an index are no images that run, and a Docker V2 Schema 2 list has no "
    "place for them. The images themselves are complete.",
)
ATTESTATION = Text(zh="BuildKit 构建证明（attestation）", en="BuildKit attestation")
DOCKER_COMMANDS = Text(zh="用 Docker 拉取", en="Pull with Docker")
CTR_COMMANDS = Text(
    zh="用 containerd（ctr）拉取，供 Kubernetes 节点使用",
    en="Pull with containerd (ctr), for Kubernetes nodes",
)
CTR_LOGIN = Text(
    zh="私有仓库需要给 `ctr images pull` 加上 `--user 用户名`，然后按提示输入密码。",
    en="For a private registry add `--user NAME` to `ctr images pull`; it then asks for the "
    "password.",
)

SED = Text(
    zh="用 sed 替换清单里的镜像（Kubernetes、Helm、Compose、Dockerfile 等）",
    en="Replace them in your files with sed (Kubernetes, Helm, Compose, Dockerfile …)",
)
KUSTOMIZE = Text(zh="用 kustomize 替换镜像", en="Replace them with kustomize")
COMPOSE = Text(zh="Docker Compose 覆盖文件", en="An override for Docker Compose")
HOSTS = Text(
    zh="配置 containerd 镜像站（hosts.toml），清单不用改",
    en="Make the target a mirror of containerd (hosts.toml), with manifests as they are",
)

LEFT_OUT = Text(zh="为了不超过长度限制，省略了：", en="Left out to keep within the limit:")
LEFT_OUT_SED = Text(zh="sed 命令", en="the line for sed")
LEFT_OUT_OUTPUTS = Text(
    zh="sed、kustomize、Compose 和 containerd 的配置",
    en="what is ready for sed, kustomize, Compose and containerd",
)
LEFT_OUT_SAID = Text(zh="仓库返回信息的全文", en="the full text of what was said")
LEFT_OUT_DIGESTS = Text(zh="digest 和附加条目", en="digests and entries left out")
LEFT_OUT_COMMANDS = Text(zh="{count} 个镜像的拉取命令", en="pull commands, images: {count}")
LEFT_OUT_SUCCEEDED = Text(
    zh="表格中 {count} 个成功的镜像", en="rows of the table, mirrored images: {count}"
)
LEFT_OUT_FAILED = Text(zh="{count} 个失败的镜像", en="failed images: {count}")
WHOLE = Text(
    zh="本次运行的摘要（Summary）里有更完整的报告，运行日志里有每个镜像的结果。",
    en="The run's summary has more of it, and the run's log has the result of every image.",
)

STATUS_RUNNING = Text(
    zh="🔄 正在同步：已完成 {done} / {total}", en="🔄 Mirroring: {done} of {total} done"
)
STATUS_OVER = Text(
    zh="🏁 同步已结束：{total} 个镜像，详见后面的报告评论",
    en="🏁 Finished: {done} of {total}, see the report below",
)
STATUS_COUNTS = Text(
    zh="✅ 成功 {succeeded} · ❌ 失败 {failed} · 🔄 同步中 {running} · ⏳ 等待中 {waiting}",
    en="✅ {succeeded} done · ❌ {failed} failed · 🔄 {running} running · ⏳ {waiting} waiting",
)
STATUS_MOVED = Text(zh="📦 已传输 {advance}", en="📦 Sent {advance}")
MOVED_OF = Text(zh="{moved} / {total}", en="{moved} of {total}")
MOVED_OF_ABOUT = Text(zh="{moved} / 约 {total}", en="{moved} of about {total}")
LEFT = Text(zh="预计还需 {time}", en="about {time} left")
STATUS_LIVE = Text(
    zh="本评论会随进度更新，结束后会另发一条报告。",
    en="This comment is edited as work goes on; a report follows when it is over.",
)
ROWS_LEFT_OUT = Text(
    zh="另有 {count} 个镜像未列出，以免超过评论的长度限制。",
    en="Not listed, to fit into a comment: {count} more.",
)

INVALID = Text(
    zh="❌ 镜像列表有 {count} 处问题，尚未同步任何镜像",
    en="❌ Nothing was mirrored: the list has {count} problems",
)
INVALID_ONE = Text(
    zh="❌ 镜像列表有 1 处问题，尚未同步任何镜像",
    en="❌ Nothing was mirrored: the list has a problem",
)
INVALID_MORE = Text(
    zh="还有 {count} 处问题未列出，改好上面的之后会继续提示。",
    en="{count} more to fix, shown once these are.",
)
INVALID_FORM = Text(
    zh="每行一个镜像，必须带 tag，例如：", en="One image a line, each with its tag, such as:"
)
INVALID_CORRECTED = Text(
    zh="改好之后的完整列表，核对后可以直接粘贴：",
    en="The whole list, corrected. Check that it says what you mean, then paste it:",
)
INVALID_PREFILLED = Text(
    zh="也可以用这份列表新建一个 Issue（新建后请关闭本 Issue）",
    en="Or open a new issue with this list filled in (then close this one)",
)
INVALID_RETRY = Text(
    zh="请**编辑本 Issue 的正文**，保存之后会自动重新检查，没有问题就开始同步。",
    en="Please **edit this issue**. As soon as you save it the list is checked again, and mirrored "
    "if nothing is wrong with it.",
)

SETTINGS = Text(
    zh="⚙️ 仓库的设置不完整或有误，尚未同步任何镜像",
    en="⚙️ Settings are missing or wrong; nothing was mirrored",
)
SETTINGS_WHERE = Text(
    zh="请维护者在 **Settings → Secrets and variables → Actions** 中设置以下各项：",
    en="A maintainer of this repository sets these under "
    "**Settings → Secrets and variables → Actions**:",
)
SETTINGS_SECRET = Text(
    zh="密码只能放在 Secret 里，不要放在 Variable 里：Variable 是明文。",
    en="Passwords belong in secrets, never in variables, which are plain text.",
)
SETTINGS_RETRY = Text(
    zh="设置好之后，评论 `/retry` 即可。",
    en="When that is done, comment `/retry`.",
)

RULES = Text(
    zh="⚙️ 规则文件里有 {count} 处错误，尚未同步任何镜像",
    en="⚙️ Mistakes in the file of rules: {count}; nothing was mirrored",
)
RULES_WHERE = Text(
    zh="请维护者改正 {file}：", en="A maintainer of this repository corrects {file}:"
)
RULES_RETRY = Text(
    zh="改好之后，评论 `/retry` 即可。",
    en="When that is done, comment `/retry`.",
)
RULES_MORE = Text(
    zh="还有 {count} 处错误未列出，改好上面的之后会继续提示。",
    en="{count} more to correct, shown once these are.",
)

REFUSED = Text(zh="🔒 没有执行这个同步请求", en="🔒 This request was not carried out")
REFUSED_WHY = Text(
    zh="{login} 没有本仓库的写权限。同步会占用目标仓库的容量，并使用维护者配置的账号，"
    "因此这里（`REQUEST_POLICY` 为 `collaborators`）只处理有写权限的人的请求。",
    en="{login} has no write access to this repository. Mirroring uses the credentials "
    "kept here and room in the target registry, so only people with write access are served here "
    "(`REQUEST_POLICY` is `collaborators`).",
)
REFUSED_NEXT = Text(
    zh="可以这样做：\n\n"
    "- 请一位有写权限的成员检查列表，然后评论 `/retry`；\n"
    "- 或者 Fork 本仓库，配置自己的目标仓库后，在自己的仓库里提交。",
    en="Either of these helps:\n\n"
    "- ask someone with write access to look through the list, then to comment `/retry`;\n"
    "- or fork this repository, set up a registry of your own and open the issue there.",
)

UNASKABLE = Text(
    zh="🔒 无法确认权限，尚未同步任何镜像",
    en="🔒 Permission can't be checked here; nothing was mirrored",
)
UNASKABLE_WHY = Text(
    zh="能不能执行，要看提交者有没有写权限，"
    "但 GitHub 不允许本工作流的令牌查询 {login} 的权限（403）。"
    "这是仓库一侧的配置问题，和 {login} 有没有写权限无关。",
    en="Whether a request is carried out depends on who asks, but GitHub doesn't let this "
    "workflow's token ask what {login} may do (403). That is for the maintainers "
    "of this repository to mend, and says nothing about {login}.",
)
UNASKABLE_NEXT = Text(
    zh="可以这样做：\n\n"
    "- 请维护者检查 `.github/workflows/mirror.yml` 的 `permissions`，"
    "以及组织或企业对 `GITHUB_TOKEN` 的限制，然后评论 `/retry`；\n"
    "- 个人仓库也可以由所有者本人评论 `/retry`，所有者无需查询权限。",
    en="Either of these helps:\n\n"
    "- ask a maintainer to look at `permissions` in `.github/workflows/mirror.yml` and at what "
    "the organization or enterprise denies to `GITHUB_TOKEN`, then comment `/retry`;\n"
    "- where the repository is a person's own, its owner may comment `/retry`: nothing has to be "
    "asked about the owner.",
)
UNCHECKED = Text(
    zh="⚠️ 没能从 GitHub 查到需要的信息，尚未同步任何镜像",
    en="⚠️ GitHub could not be asked what has to be known first; nothing was mirrored",
)
UNCHECKED_WHY = Text(
    zh="决定能不能执行，需要知道提交者的权限、仓库的规则文件和之前的批准，"
    "而 GitHub 没有回答其中一项。它返回的信息在运行日志里。",
    en="Whether a list may be run depends on what the sender may do, on the file of rules and on "
    "earlier approvals, and GitHub did not tell one of these. What it answered is in the run's "
    "log.",
)

CANCELLED = Text(zh="⚠️ 同步被取消，没有全部完成", en="⚠️ The run was cancelled before it was done")
KILLED = Text(
    zh="⚠️ 同步进程中途被终止（超时，或被系统杀掉），没有全部完成",
    en="⚠️ The run was ended before it was done: out of time, or killed",
)
INTERRUPTED_STATE = Text(
    zh="已经复制完的镜像在目标仓库中可以正常使用；其余镜像的 tag 保持原样。",
    en="Images copied until then are complete in the target; the tags of all others are as they "
    "were.",
)
INTERRUPTED_RETRY = Text(
    zh="评论 `/retry` 即可重新同步，目标仓库已有的层不会重复上传。",
    en="Comment `/retry` to run it again; layers that the target has are not sent twice.",
)
INTERRUPTED_SPLIT = Text(
    zh="如果再次这样结束，请把列表拆成几个 Issue。",
    en="If it ends like this again, split the list over several issues.",
)

FAILED_TO_START = Text(
    zh="⚠️ 同步程序没能启动，尚未同步任何镜像",
    en="⚠️ The program did not start; nothing was mirrored",
)
FAILED_TO_START_WHY = Text(
    zh="通常是准备运行环境的步骤（例如安装依赖）失败了，具体原因见运行日志。",
    en="Usually a step that prepares it has failed, such as installing what it needs; the run's "
    "log says which.",
)
UNPOSTED = Text(
    zh="⚠️ 同步已经结束，但报告没能发到这里",
    en="⚠️ The run is done, but its report could not be posted here",
)
UNPOSTED_WHY = Text(
    zh="GitHub 没有接受这份报告。完整的报告在运行页面的摘要（Summary）和日志里。",
    en="GitHub did not take it. The whole report stands in the run's summary and in its log.",
)
BUG = Text(zh="💥 同步程序出现内部错误", en="💥 The program failed by a fault of its own")
BUG_WHY = Text(
    zh="这是程序的缺陷，不是列表或设置的问题。运行日志里有详细信息，反馈时请附上。",
    en="This is a bug, not a problem of the list or the settings. The run's log has the details; "
    "please send them along when you report it.",
)
TRY_AGAIN = Text(
    zh="可以评论 `/retry` 再试一次。",
    en="Comment `/retry` to try again.",
)
