"""Words that people write around images, and words that look like an image's name and are none."""

import re

from registry_mirror.request.platforms import platforms_meant

CONJUNCTIONS = frozenset({"and", "plus", "+", "/", "和", "及", "以及", "与", "跟", "还有"})

OF_PLATFORMS = frozenset({"platform", "platforms", "arch", "architecture", "平台", "架构"})
"""They say nothing beside a platform, and something unknown without one."""

OF_TAGS = frozenset({"version", "tag", "版本"})
"""What may stand between a name and its tag."""

_SYMBOLS = frozenset({"//", "<-", "•", "·", "!", "?", ".", ":"})
_PROSE = (
    CONJUNCTIONS
    | OF_PLATFORMS
    | _SYMBOLS
    | frozenset(
        {"a", "an", "the", "this", "that", "these", "those", "it", "we", "i", "you", "me", "us"}
        | {"my", "our", "your", "is", "are", "be", "for", "from", "of", "in", "on", "with", "also"}
        | {"both", "need", "needs", "needed", "require", "requires", "required", "want", "wanted"}
        | {"please", "pls", "plz", "kindly", "hi", "hello", "hey", "dear", "team", "thanks"}
        | {"thank", "thx", "ty", "cheers", "regards", "can", "could", "would", "like", "should"}
        | {"get", "add", "mirror", "sync", "copy", "pull", "image", "images", "img", "tag"}
        | {"version", "stable", "urgent", "asap", "soon", "now", "new"}
    )
)
_NO_NAMES = frozenset(
    {"or", "not", "no", "as", "to", "by", "and/or", "n/a", "w/o", "none", "null", "nil", "na"}
    | {
        "todo",
        "tbd",
        "fixme",
        "latest",
        "localhost",
        "http",
        "https",
        "note",
        "port",
        "fyi",
        "linux",
        "windows",
        "darwin",
    }
)
_MEANING = re.compile(
    r"[不勿除删改换叫替每或~→⇒≥≤❌🚫⛔✖✗✘…]|别|非(?!常)|取消|命名|全部|所有|多架构|多平台|各(?!位)|等|还是"
    r"|[到至为](?!\s*[\u3400-\u9fff])|以[上下后前外]|之[后前外]|其[他它]|\.\.\."
)
_HAN = re.compile("[\u3400-\u9fff\u3040-\u30ff\uac00-\ud7af]+")
_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}")
_VERSION = re.compile(
    r"v?[0-9]+(?:\.[0-9]+)*(?:(?:rc|alpha|beta|a|b)[0-9]+)?(?:[-_.][\w.-]*)?|latest"
)
_NUMBERS = re.compile(r"[0-9./-]+")
_REGISTRIES = re.compile(
    r"(?:.*\.)?(?:[a-z]*cr\.io|quay\.io|docker\.io|cgr\.dev|public\.ecr\.aws|mcr\.microsoft\.com"
    r"|pkg\.dev|azurecr\.io|amazonaws\.com|aliyuncs\.com|tencentyun\.com|myhuaweicloud\.com)"
    r"|(?:.*[.-])?(?:registry|docker|harbor|cr|reg|oci|mirror)[0-9]*[.-].*|.*:[0-9]+"
)


def says_more(text: str) -> bool:
    """Whether a sentence may say of its images something else than that they are wanted."""
    return bool(_MEANING.search(text))


def set_apart(text: str) -> str:
    """White space around Chinese, which people write without any."""
    return _HAN.sub(r" \g<0> ", text)


def is_prose(word: str) -> bool:
    return bool(_HAN.fullmatch(word)) or word.lower().rstrip("?") in _PROSE


def is_version(word: str) -> bool:
    return bool(_VERSION.fullmatch(word))


def is_host(word: str) -> bool:
    return bool(_HOST.fullmatch(word))


def is_registry(host: str) -> bool:
    """Whether a host's name says that images are there, and not pages of the web."""
    return bool(_REGISTRIES.fullmatch(host.lower()))


def is_no_name(name: str) -> bool:
    """Whether an image's name, without tag and digest, is a word that none has."""
    is_word = len(name) > 1 and (is_prose(name) or name.lower() in _NO_NAMES)
    is_number = is_version(name) or bool(_NUMBERS.fullmatch(name))
    return is_word or is_number or is_host(name) or bool(platforms_meant(name))
