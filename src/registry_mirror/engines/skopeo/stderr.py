"""skopeo's stderr becomes a `Failure`: what was said, by which side, and what it means.

skopeo logs in logfmt (`time="…" level=fatal msg="…"`), the message a Go string. Its last fatal
line is the reason; with `--retry-times` warnings stand before it, one for each try.
"""

import re
from collections.abc import Iterator
from signal import SIGINT, SIGKILL, SIGTERM

from registry_mirror.engines.skopeo.rules import RULES, SIDES, Rule
from registry_mirror.errors import Code, Failure, Side
from registry_mirror.oci.reference import Reference
from registry_mirror.text import Text

MAX_SAID = 2_000
_MAX_READ = 65_536
_MAX_MESSAGE = 8_000

KILLED = Text(
    zh="skopeo 被系统强制结束（SIGKILL），多半是内存不足",
    en="skopeo was killed (SIGKILL), most likely because memory ran out",
)
SILENT = Text(
    zh="skopeo 没有说明原因就退出了（退出码 {code}）",
    en="skopeo ended with exit code {code} and gave no reason",
)

_LINE = re.compile(
    r'^(?:time="[^"]*" )?level=(\w+) msg=(?:"((?:[^"\\\n]|\\.)*)"|(\S*))', re.MULTILINE
)
_RETRY = re.compile(r"Failed, retrying in \S+ \.\.\. \(\d+/\d+\)\. Error: (.*)", re.DOTALL)
_REASONS = frozenset({"fatal", "error", "panic"})
_ENDED_BY_US = frozenset({-SIGINT, -SIGTERM, 128 + SIGINT, 128 + SIGTERM})
_KILLED = frozenset({-SIGKILL, 128 + SIGKILL})

_ESCAPE = re.compile(
    r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|([0-7]{3})|(.))", re.DOTALL
)
_SHORT = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}

_SECRETS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(\w://[^\s\"'<>?]{1,2000})\?[^\s\"'<>]{1,4000}"), r"\1?…"),
    (re.compile(r"(?<=://)[^\s@\"]{1,500}@(?!\w{2,20}:[0-9a-f]{32})"), ""),
    (
        re.compile(
            r"(?<![\w/])[^\s/:@\"']{1,200}:[^\s/@\"']{1,200}@(?=[\w\[])(?!\w{2,20}:[0-9a-f]{32})"
        ),
        "",
    ),
    (re.compile(r"(?i)\b(authorization\W{1,4})(?:(?:basic|bearer)\s+)?[^\s\"',]{1,4000}"), r"\1…"),
    (re.compile(r"(?i)\b(basic|bearer) [\w+/.=~-]{16,4000}"), r"\1 …"),
    (
        re.compile(
            r"(?i)\b((?:access_|refresh_|id_|identity)?token|password|passwd|secret|sig|signature)"
            r"(\"?\s?[=:]\s?\"?)[\w+/.=~%-]{8,4000}"
        ),
        r"\1\2…",
    ),
)

_NAMES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"docker://[^\s\"]{1,600}?(?=:?[\s\"]|$)"), "docker://…"),
    (re.compile(r"https?://[^\s\"]{1,4000}?(?=:?[\s\"]|$)"), "http://…"),
    (re.compile(r"(manifest(?: body)?) \S{1,300} (in|to) \S{1,600}?(?=: )"), r"\1 … \2 …"),
    (re.compile(r"(container registry|exists in|uploads/ in) \S{1,300}?(?=: )"), r"\1 …"),
)


def explain(stderr: str, *, source: Reference, target: Reference | None, exit_code: int) -> Failure:
    """What a failed skopeo meant.

    `target` is None where only one registry was asked; it stands as the source then. A negative
    `exit_code` is the signal that ended skopeo.
    """
    stderr = stderr[-_MAX_READ:]
    reason = _last_reason(stderr)
    if not reason and exit_code in _ENDED_BY_US | _KILLED:
        return _without_reason(exit_code)
    message = (reason or _last_line(stderr))[:_MAX_MESSAGE]
    if not message:
        return _without_reason(exit_code)
    return _meaning(message, source, target)


def explain_retried(
    stderr: str, *, source: Reference, target: Reference | None = None
) -> Failure | None:
    """What the last try meant that skopeo means to make up for; None where there is none.

    Its warning leaves out how the message begins, which would tell the side.
    """
    retried = _retried(stderr[-_MAX_READ:])
    if not retried:
        return None
    return _meaning(
        retried[-1][:_MAX_MESSAGE], source, target, otherwise=None if target else Side.SOURCE
    )


def retries_in(stderr: str) -> int:
    """How often skopeo has tried again by itself (`--retry-times`)."""
    return len(_retried(stderr))


def _meaning(
    message: str, source: Reference, target: Reference | None, otherwise: Side | None = None
) -> Failure:
    side = _side_of(message, source, target) or otherwise
    rule = rule_of(_without_names(message, source, target), side)
    code = (rule and _code(rule, side)) or Code.ENGINE_FAILED
    return Failure(code, side, _presentable(message), hint=rule.hint if rule else None)


def _without_names(message: str, source: Reference, target: Reference | None) -> str:
    """The message without the names in it, which may hold any of the words that are looked for."""
    for pattern, kept in _NAMES:
        message = pattern.sub(kept, message)
    for reference in (source, target):
        if reference and "/" in reference.repository:
            message = message.replace(reference.repository, "…")
    return message


def rule_of(message: str, side: Side | None) -> Rule | None:
    """The row that decides what a message means, told by that side."""
    return next(
        (rule for rule in RULES if _code(rule, side) and rule.pattern.search(message)), None
    )


def _last_reason(stderr: str) -> str:
    reasons = [message for level, message in _messages(stderr) if level in _REASONS]
    return reasons[-1].strip() if reasons else ""


def _retried(stderr: str) -> list[str]:
    matches = (_RETRY.fullmatch(message) for _, message in _messages(stderr))
    return [match[1].strip() for match in matches if match]


def _last_line(stderr: str) -> str:
    lines = stderr.strip().splitlines()
    last = lines[-1].strip() if lines else ""
    return next((message.strip() for _, message in _messages(last)), last)


def _messages(stderr: str) -> Iterator[tuple[str, str]]:
    for line in _LINE.finditer(stderr):
        level, quoted, bare = line.groups()
        yield level, bare if quoted is None else unquote(quoted)


def unquote(text: str) -> str:
    """What a Go string literal holds; the text is what stands between its quotes."""
    return _ESCAPE.sub(_unescape, text)


def _unescape(match: re.Match[str]) -> str:
    byte, short, long, octal, other = match.groups()
    if other is not None:
        return _SHORT.get(other, other)
    number = int(octal, 8) if octal else int(byte or short or long, 16)
    return chr(number) if number in range(0xD800) or number in range(0xE000, 0x110000) else "\ufffd"


def _without_reason(exit_code: int) -> Failure:
    if exit_code in _ENDED_BY_US:
        return Failure(Code.CANCELLED)
    if exit_code in _KILLED:
        return Failure(Code.ENGINE_FAILED, cause=KILLED)
    return Failure(Code.ENGINE_FAILED, cause=SILENT.fill(code=str(exit_code)))


def _side_of(message: str, source: Reference, target: Reference | None) -> Side | None:
    named = re.match(r'Error parsing image name "docker://([^"]+)"', message)
    if target and named and _names(named[1], target) and not _names(named[1], source):
        return Side.TARGET
    return next((rule.side for rule in SIDES if rule.pattern.search(message)), None)


def _names(name: str, reference: Reference) -> bool:
    return name == str(reference) or name.startswith((f"{reference.name}:", f"{reference.name}@"))


def _code(rule: Rule, side: Side | None) -> Code | None:
    match side:
        case Side.SOURCE:
            return rule.source
        case Side.TARGET:
            return rule.target
        case None:
            return rule.source if rule.source is rule.target else None


def _presentable(message: str) -> str:
    for pattern, shown in _SECRETS:
        message = pattern.sub(shown, message)
    return message if len(message) <= MAX_SAID else f"{message[: MAX_SAID - 1]}…"
