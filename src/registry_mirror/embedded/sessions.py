"""Upload sessions: what arrived of each, hashed on its way in and kept or not."""

import hashlib
import secrets

from registry_mirror.embedded.content import Content, Discarded, Stored
from registry_mirror.embedded.refusal import BLOB_UPLOAD_UNKNOWN, Refusal, RefusedError
from registry_mirror.oci.digest import Digest

KEPT_ANYWAY = 1024 * 1024
BLOB_UPLOAD_INVALID = Refusal(404, "BLOB_UPLOAD_INVALID", "blob upload invalid")


class Session:
    """What arrived of a request that broke off stays in it, so that it can be resumed.

    `short` is set once a chunk was smaller than the registry asks for. Without `keeps` the content
    is forgotten as soon as it is larger than KEPT_ANYWAY.
    """

    def __init__(self, repository: str, *, keeps: bool) -> None:
        self.repository = repository
        self.id = secrets.token_hex(16)
        self.size = 0
        self.short = False
        self._keeps = keeps
        self._sha256 = hashlib.sha256()
        self._content: bytearray | None = bytearray()

    def add(self, piece: bytes) -> None:
        self.size += len(piece)
        self._sha256.update(piece)
        if not self._keeps and self.size > KEPT_ANYWAY:
            self._content = None
        if self._content is not None:
            self._content += piece

    def matches(self, digest: Digest) -> bool:
        """Of what isn't kept only sha256 is known."""
        if digest.algorithm == "sha256":
            return self._sha256.hexdigest() == digest.encoded
        if self._content is None:
            return False
        return hashlib.new(digest.algorithm, self._content).hexdigest() == digest.encoded

    def content(self) -> Content:
        return Discarded(self.size) if self._content is None else Stored(bytes(self._content))

    @property
    def range(self) -> str:
        """Of an empty session `0-0`, as registries do."""
        return f"0-{max(self.size - 1, 0)}"


class Sessions:
    """Those that are open.

    A killed one is answered with BLOB_UPLOAD_INVALID, as docker-registry 2.8 does where a request
    broke off.
    """

    def __init__(self) -> None:
        self._open: dict[str, Session] = {}
        self._killed: set[str] = set()

    def open(self, session: Session) -> None:
        self._open[session.id] = session

    def find(self, session: str, repository: str) -> Session:
        """Raises RefusedError."""
        if session in self._killed:
            raise RefusedError(BLOB_UPLOAD_INVALID)
        found = self._open.get(session)
        if found is None or found.repository != repository:
            raise RefusedError(BLOB_UPLOAD_UNKNOWN)
        return found

    def lose(self, session: str) -> None:
        self._open.pop(session, None)

    def kill(self, session: str) -> None:
        self.lose(session)
        self._killed.add(session)
