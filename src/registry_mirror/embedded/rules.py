"""What a registry refuses for as long as a rule holds, unlike a fault that strikes and is gone."""

from dataclasses import dataclass

from registry_mirror.embedded.refusal import Refusal, RefusedError
from registry_mirror.embedded.sessions import Session
from registry_mirror.embedded.statistics import Kind, Statistics

TAG_IMMUTABLE = Refusal(400, "TAG_INVALID", "the tag exists already and is immutable")
QUOTA_EXCEEDED = Refusal(403, "DENIED", "storage quota exceeded")
TOO_MANY_AT_ONCE = Refusal(429, "TOOMANYREQUESTS", "too many requests at once")
CHUNK_TOO_LARGE = Refusal(416, "UNSUPPORTED", "request body too large for a chunk")
CHUNK_TOO_SMALL = Refusal(400, "BLOB_UPLOAD_INVALID", "a chunk before the last was too small")
BODY_TOO_LARGE = Refusal(413, "SIZE_INVALID", "request body too large")


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """In bytes.

    `chunk_least` is announced in OCI-Chunk-Min-Length; the last chunk may be smaller.
    `chunk_most` is for a request with a Content-Range, `whole_most` for a closing PUT.
    """

    chunk_least: int = 0
    chunk_most: int | None = None
    whole_most: int | None = None


@dataclass(frozen=True, slots=True)
class _Crowd:
    most: int
    method: str
    kind: Kind | None
    refusal: Refusal


class Rules:
    def __init__(self) -> None:
        self._lift()

    def _lift(self) -> None:
        self._immutable: Refusal | None = None
        self._quota: tuple[int, Refusal] | None = None
        self._mounts: Refusal | None = None
        self._no_mounts = False
        self._crowds: tuple[_Crowd, ...] = ()
        self.upload_limits = UploadLimits()

    def make_tags_immutable(self, refusal: Refusal = TAG_IMMUTABLE) -> None:
        """Refuse every manifest put over an existing tag, the same manifest too."""
        self._immutable = refusal

    def limit_storage(self, size: int, refusal: Refusal = QUOTA_EXCEEDED) -> None:
        """Refuse a blob that would take the registry over `size` bytes, once it has all arrived."""
        self._quota = (size, refusal)

    def refuse_mounts(self, refusal: Refusal | None = None) -> None:
        """Answer a mount with an upload session (202), or with a refusal."""
        self._no_mounts, self._mounts = True, refusal

    def limit_uploads(self, limits: UploadLimits) -> None:
        self.upload_limits = limits

    def limit_concurrency(
        self,
        most: int,
        kind: Kind | None = None,
        method: str = "*",
        refusal: Refusal = TOO_MANY_AT_ONCE,
    ) -> None:
        """Refuse requests of a kind while `most` others of it are running."""
        self._crowds += (_Crowd(most, method, kind, refusal),)

    def check_tag(self, *, exists: bool) -> None:
        """Raises RefusedError."""
        if exists and self._immutable:
            raise RefusedError(self._immutable)

    def check_storage(self, size: int) -> None:
        """Raises RefusedError."""
        if self._quota and size > self._quota[0]:
            raise RefusedError(self._quota[1])

    def may_mount(self) -> bool:
        """Raises RefusedError."""
        if self._mounts:
            raise RefusedError(self._mounts)
        return not self._no_mounts

    def check_chunk(self, session: Session, length: int | None) -> None:
        """`length` is what the Content-Range says. Raises RefusedError."""
        most = self.upload_limits.chunk_most
        if most is not None and length is not None and length > most:
            raise RefusedError(CHUNK_TOO_LARGE)
        if session.short:
            raise RefusedError(CHUNK_TOO_SMALL)

    def check_whole(self, length: int | None) -> None:
        """Raises RefusedError."""
        most = self.upload_limits.whole_most
        if most is not None and length is not None and length > most:
            raise RefusedError(BODY_TOO_LARGE)

    def crowded(self, method: str, kind: Kind, statistics: Statistics) -> Refusal | None:
        """Asked while the request itself counts among those that are running."""
        for crowd in self._crowds:
            concerned = crowd.method in ("*", method) and crowd.kind in (None, kind)
            if concerned and statistics.running(crowd.method, crowd.kind) > crowd.most:
                return crowd.refusal
        return None
