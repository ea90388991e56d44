"""Content digests (OCI image-spec, descriptor.md, "Digests")."""

import hashlib
import re
from typing import Self

_DIGEST = re.compile(
    r"(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}"
    r"|(?!sha256:|sha512:)[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]{32,})"
)


class InvalidDigestError(ValueError):
    pass


class Digest(str):
    """`algorithm:encoded`, checked when it is made.

    The registered algorithms must have their exact length; an unregistered one is accepted when
    it fits the grammar, as the specification asks.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        if not _DIGEST.fullmatch(text):
            raise InvalidDigestError(text)
        return super().__new__(cls, text)

    @classmethod
    def of(cls, content: bytes) -> "Digest":
        return cls("sha256:" + hashlib.sha256(content).hexdigest())

    @property
    def algorithm(self) -> str:
        return self.partition(":")[0]

    @property
    def encoded(self) -> str:
        return self.partition(":")[2]
