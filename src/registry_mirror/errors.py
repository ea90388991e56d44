"""What can go wrong, told apart by who can act.

MirrorError
├── RequestInvalidError        the requester: every problem of the list, at once
├── ConfigurationInvalidError  the operator: every setting that is missing or wrong, at once
└── github.retry.GitHubError   GitHub: what it refused, or that it could not be reached

A failure of one image is no exception but a value: `outcome.Failed`, holding a `Failure`.
Anything else that is raised is a bug of ours and propagates.
"""

from dataclasses import dataclass
from enum import StrEnum

from registry_mirror.text import Text


class Side(StrEnum):
    SOURCE = "source"
    TARGET = "target"


class Code(StrEnum):
    """Stable names of what went wrong; each has its row in docs/errors.md."""

    BAD_REFERENCE = "bad-reference"
    MISSING_TAG = "missing-tag"
    BAD_OPTION = "bad-option"
    TARGET_CONFLICT = "target-conflict"
    TOO_MANY_IMAGES = "too-many-images"
    SOURCE_NOT_ALLOWED = "source-not-allowed"
    DAILY_LIMIT = "daily-limit"
    EMPTY_REQUEST = "empty-request"

    MISSING_SETTING = "missing-setting"
    BAD_SETTING = "bad-setting"
    ENGINE_MISSING = "engine-missing"
    ENGINE_TOO_OLD = "engine-too-old"

    REPOSITORY_NOT_FOUND = "repository-not-found"
    TAG_NOT_FOUND = "tag-not-found"
    SOURCE_DENIED = "source-denied"
    PLATFORM_NOT_FOUND = "platform-not-found"
    NOT_AN_IMAGE = "not-an-image"
    UNSUPPORTED_LAYER = "unsupported-layer"
    BAD_MANIFEST = "bad-manifest"
    DIGEST_MISMATCH = "digest-mismatch"
    BLOB_MISSING = "blob-missing"
    SOURCE_UNAVAILABLE = "source-unavailable"
    ADDRESS_REFUSED = "address-refused"
    TOO_LARGE = "too-large"

    TARGET_DENIED = "target-denied"
    TARGET_NOT_FOUND = "target-not-found"
    TARGET_REFUSES_FORMAT = "target-refuses-format"
    TAG_IMMUTABLE = "tag-immutable"
    QUOTA_EXCEEDED = "quota-exceeded"
    TARGET_MISMATCH = "target-mismatch"
    TARGET_UNAVAILABLE = "target-unavailable"

    RATE_LIMITED = "rate-limited"
    TIMEOUT = "timeout"
    CANCELLED = "cancelled"
    ENGINE_UNSUPPORTED = "engine-unsupported"
    ENGINE_FAILED = "engine-failed"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a request or the configuration, and what would be right.

    `line` counts from 1 in the list or body, and `text` is that line as it was written; of the
    configuration `text` names the setting (never its value, it may be secret), or the file of
    rules, and `line` is None but in that file.
    """

    code: Code
    reason: Text
    hint: Text
    line: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why one image failed.

    `said` is what the registry or the engine said, a stranger's words: escape and cut it before
    showing it. `cause` and `hint` replace the ones that `explanations` has for the code.
    `retry_after` is the seconds that a registry asked to wait.
    """

    code: Code
    side: Side | None = None
    said: str = ""
    cause: Text | None = None
    hint: Text | None = None
    retry_after: float | None = None


class MirrorError(Exception):
    pass


class RequestInvalidError(MirrorError):
    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(f"{len(problems)} problem(s) in the request")
        self.problems = problems


class ConfigurationInvalidError(MirrorError):
    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(", ".join(f"{p.code}: {p.text}" for p in problems))
        self.problems = problems
