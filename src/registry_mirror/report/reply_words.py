"""What is said of approvals, of commands in comments, and of runs that meet."""

from registry_mirror.text import Text

WAITING_TITLE = Text(
    zh="⏳ 等待批准：{count} 个镜像，尚未同步",
    en="⏳ Waiting for approval: {count} images, none mirrored yet",
)
WAITING_TITLE_ONE = Text(
    zh="⏳ 等待批准：1 个镜像，尚未同步",
    en="⏳ Waiting for approval: one image, not mirrored yet",
)
WAITING_WHY = Text(
    zh="这个列表不是由有本仓库写权限的人写的，需要一位有写权限的人批准之后才会同步。",
    en="This list wasn't written by somebody with write access to this repository, so somebody "
    "who has it approves it first.",
)
WAITING_BODY_CHANGED = Text(
    zh="⚠️ 正文在上次列出之后**被改过**，那次的批准命令不再有效。下面是按现在的正文列出的。",
    en="⚠️ The issue was **changed** after that list was shown, so nothing was approved. This is "
    "the list as it stands now.",
)
WAITING_NOT_THEIRS = Text(
    zh="重新打开或 `/retry` 不等于批准：作者不是有写权限的人，"
    "可以在你操作之前的一秒钟改掉正文。请核对下面的列表，再用命令批准。",
    en="Reopening and `/retry` approve nothing here: the author, who has no write access, could "
    "have changed the issue a second before. Please look through this list and approve it by "
    "the command.",
)
WAITING_EDITED = Text(
    zh="最后一次改正文的人没有写权限，或者 GitHub 没有说是谁改的，所以没有直接执行。"
    "请核对下面的列表，再用命令批准。",
    en="Somebody without write access edited this issue last, or GitHub didn't say who did, so it "
    "was not run as it stands. Please look through this list and approve it by the command.",
)
WAITING_HOW = Text(
    zh="有写权限的人核对之后，回复这一行就会同步，而且只会同步上面列出的内容"
    "（每个源都固定到了列出时的 digest）：",
    en="Somebody with write access who has looked it through answers with this line. Then exactly "
    "this list is mirrored, each source at the digest it had when it was shown:",
)
WAITING_EDIT = Text(
    zh="正文改动之后会重新检查并列出，需要重新批准。",
    en="After a change of the issue it is checked and shown anew, and needs a new approval.",
)
WAITING_LIST = Text(
    zh="批准之后会执行的列表（编号 `{digest}`）：", en="What will be run (number `{digest}`):"
)
WAITING_LEFT_OUT = Text(
    zh="不在其中的镜像（{count}）",
    en="Not part of it ({count})",
)
WAITING_LEFT_OUT_WHY = Text(
    zh="这些镜像现在找不到，批准之后也不会同步。改好正文后会重新列出。",
    en="These could not be found and will not be mirrored. Edit the issue to have it listed anew.",
)
UNRESOLVED_TITLE = Text(
    zh="❌ 列表里的镜像一个也没有找到，没有可以批准的内容",
    en="❌ None of the listed images was found, so there is nothing to approve",
)
UNRESOLVED_WHY = Text(
    zh="请**编辑本 Issue 的正文**，保存之后会自动重新检查。"
    "正文没有错、只是要再试一次时，评论 `/retry`。",
    en="Please **edit this issue**; it is then checked again by itself. Where the list is right, "
    "comment `/retry` to try again.",
)
NOT_SHOWN = Text(
    zh="列表太长，一条评论放不下，没法批准", en="the list is too long to be shown for approval"
)
NOT_SHOWN_HINT = Text(zh="拆成几个 Issue 提交", en="split it over several issues")

APPROVED = Text(
    zh="✅ 已由 {login} 批准（列表 `{digest}`），开始同步",
    en="✅ Approved by {login} (list `{digest}`); mirroring begins",
)
APPROVED_NOTE = Text(
    zh="执行的是已批准的列表 `{digest}`，批准人 {login}。",
    en="This runs the list `{digest}`, approved by {login}.",
)
APPROVAL_UNKNOWN = Text(
    zh="没有以 `{digest}` 开头的待批准列表，什么都没有执行。"
    "请复制等待批准的那条评论里的整行命令；没有那样的评论时，用 `/retry` 重新列出。",
    en="No list of this issue has a number that begins with `{digest}`; nothing was run. Copy the "
    "whole line from the comment that waits for approval. Where there is none, `/retry` shows the "
    "list.",
)
APPROVAL_AMBIGUOUS = Text(
    zh="有不止一个列表的编号以 `{digest}` 开头，什么都没有执行。请多写几位。",
    en="More than one list has a number that begins with `{digest}`; nothing was run. Give more "
    "digits.",
)

NOT_ALLOWED_RETRY = Text(
    zh="{login} 不能执行这个命令：只有本 Issue 的作者和有写权限的人可以。",
    en="{login} can't do that: this issue's author can, and people with write access.",
)
NOT_ALLOWED_APPROVE = Text(
    zh="{login} 不能批准：只有对本仓库有写权限的人可以。",
    en="{login} can't approve it: only people with write access to this repository can.",
)
PERMISSION_UNKNOWN = Text(
    zh="GitHub 不允许本工作流查询 {login} 的权限，所以没有执行。",
    en="GitHub doesn't let this workflow ask what {login} may do, so nothing was done.",
)

HELP_UNKNOWN = Text(zh="没有 {command} 这个命令。", en="There is no command {command}.")
HELP = Text(zh="可以在评论的最开头写：", en="These can stand at the beginning of a comment:")
HELP_COMMAND = Text(zh="命令", en="Command")
HELP_MEANING = Text(zh="作用", en="What it does")
HELP_WHO = Text(zh="谁可以用", en="Who may")
HELP_RETRY = Text(zh="重新同步整个列表", en="mirrors the whole list again")
HELP_RETRY_FAILED = Text(
    zh="只重新同步上次失败的镜像", en="mirrors again what failed the last time"
)
HELP_APPROVE = Text(
    zh="批准并同步编号以此开头的列表（8 位以上）",
    en="approves and mirrors the list whose number begins like that (8 digits or more)",
)
HELP_CANCEL = Text(
    zh="停止本 Issue 正在运行和排队的同步",
    en="ends this issue's runs, those that wait too",
)
HELP_HELP = Text(zh="显示这张表", en="shows this table")
WHO_AUTHOR = Text(zh="作者、有写权限的人", en="the author, people with write access")
WHO_WRITER = Text(zh="有写权限的人", en="people with write access")
WHO_ANYBODY = Text(zh="任何人", en="anybody")

CANCELLED_RUNS = Text(
    zh="已要求 {count} 个运行停止。正在同步的那个会先报告已经完成了哪些。",
    en="Told {count} runs to end. The one that is mirroring reports first what it has done.",
)
CANCELLED_RUN = Text(
    zh="已要求正在进行的运行停止，它会先报告已经完成了哪些。",
    en="Told the run to end. It reports first what it has done.",
)
NOTHING_RUNS = Text(
    zh="本 Issue 现在没有正在运行或排队的同步。", en="Nothing runs for this issue, or waits to."
)
CANCEL_FAILED = Text(
    zh="没能停止，GitHub 的回答在运行日志里。可以打开运行的页面，点 **Cancel workflow**。",
    en="That failed; what GitHub answered is in the run's log. On the page of the run there is "
    "**Cancel workflow**.",
)

RETRY_NOTHING_FAILED = Text(
    zh="上次没有失败的镜像，没有什么要重新同步的。要重新同步整个列表，请用 `/retry`。",
    en="Nothing failed the last time, so nothing was done. `/retry` mirrors the whole list again.",
)
RETRY_NEVER_RAN = Text(
    zh="本 Issue 还没有同步过，没有失败的记录。请用 `/retry`。",
    en="This issue has no report yet, so nothing is known to have failed. Use `/retry`.",
)
RETRY_BODY_CHANGED = Text(
    zh="正文在上次同步之后被改过，行号可能已经对不上，所以没有只重试失败的部分。"
    "请用 `/retry` 同步整个列表；已经同步好的镜像不会重复传输。",
    en="The issue was changed since its last run, so what failed then can't be told apart now. "
    "`/retry` mirrors the whole list; what the target has is not sent again.",
)

DAILY_LIMIT = Text(
    zh="⏳ 超过了每人每天的上限，尚未同步任何镜像",
    en="⏳ More than one person may ask for in a day; nothing was mirrored",
)
DAILY_LIMIT_UNTIL = Text(
    zh="{time}（UTC）之后用 `/retry` 就可以了。", en="From {time} UTC on `/retry` will do."
)

ALSO_WRITTEN = Text(
    zh="⚠️ {issue} 也正在写入：{targets}。内容以后完成的为准。",
    en="⚠️ {issue} is writing too: {targets}. Whichever ends last decides what they hold.",
)
AND_MORE = Text(zh="等 {count} 个", en="and {count} more")
TAKEN_CAUSE = Text(
    zh="Issue {issue} 正在把另一个镜像写到同一个目标，先到先得",
    en="issue {issue} is writing another image to this very target, and it was first",
)
TAKEN_HINT = Text(
    zh="等它结束之后用 /retry failed，或者编辑正文，用 --as 换一个名字",
    en="wait until it is over and use /retry failed, or edit the issue and give another name with "
    "--as",
)
WAITING_TARGETS = Text(
    zh="会写到哪里，以及现在的 digest", en="Where each goes, and its digest as of now"
)
