"""What a registry can do wrong, as errors that know their side.

RegistryError
├── AnswerError                 the registry answered, and it was no
├── AuthenticationRefusedError  its token server said no, or gave no token that can be used
├── AddressRefusedError         the network policy said no
├── ConnectionLostError         no answer, or only a part of one
├── AnswerTooLargeError         more bytes than anybody should send
├── SizeDiffersError            a blob has another size than its descriptor says
├── ContentMismatchError        bytes that don't have the digest they should have
└── ProtocolError               an answer that no registry should give

`failures.failure_of` says what each means to the requester, `retry.decide` whether to try again.
"""

from enum import StrEnum

from registry_mirror.errors import MirrorError, Side


class Operation(StrEnum):
    """What was asked for. `get_child` is an image that an index names."""

    RESOLVE = "resolve"
    GET_MANIFEST = "get_manifest"
    GET_CHILD = "get_child"
    HEAD_BLOB = "head_blob"
    GET_BLOB = "get_blob"
    MOUNT = "mount"
    START_UPLOAD = "start_upload"
    SEND = "send"
    FINISH = "finish"
    PUT_MANIFEST = "put_manifest"
    LIST_TAGS = "list_tags"


class Lost(StrEnum):
    """How a connection was lost.

    `connect`: it never came to be (no such name, refused, no route). `tls`: nor will it, while
    the certificate is what it is. `cut`: it broke. `stalled`: nothing moved, or too little.
    """

    CONNECT = "connect"
    TLS = "tls"
    CUT = "cut"
    STALLED = "stalled"


class RegistryError(MirrorError):
    """`said` is the registry's words (a stranger's, cut) or ours where it had none.

    `status` is 0 where there was no answer, `codes` are the registry's own error codes, and
    `retry_after` is the seconds it asks to wait.
    """

    def __init__(
        self,
        side: Side,
        said: str = "",
        *,
        status: int = 0,
        codes: tuple[str, ...] = (),
        retry_after: float | None = None,
    ) -> None:
        super().__init__(" ".join(filter(None, (side, str(status or ""), *codes, said))))
        self.side = side
        self.said = said
        self.status = status
        self.codes = codes
        self.retry_after = retry_after


class AnswerError(RegistryError):
    """`redirected`: it was not the registry itself that answered, but where it sent us."""

    def __init__(  # noqa: PLR0913  (all that an answer says)
        self,
        side: Side,
        operation: Operation,
        status: int,
        said: str = "",
        *,
        codes: tuple[str, ...] = (),
        retry_after: float | None = None,
        redirected: bool = False,
    ) -> None:
        super().__init__(side, said, status=status, codes=codes, retry_after=retry_after)
        self.operation = operation
        self.redirected = redirected


class AuthenticationRefusedError(RegistryError):
    """`status` is the token server's; 0 where it answered with no token that can be used."""


class AddressRefusedError(RegistryError):
    pass


class ConnectionLostError(RegistryError):
    """`host` and `port` are of whom we spoke to, be it the registry or not; empty if not known."""

    def __init__(
        self,
        side: Side,
        said: str = "",
        *,
        how: Lost = Lost.CUT,
        host: str = "",
        port: int = 0,
    ) -> None:
        super().__init__(side, said)
        self.how = how
        self.host = host
        self.port = port


class AnswerTooLargeError(RegistryError):
    pass


class SizeDiffersError(RegistryError):
    """`size` is how many bytes the blob has in truth."""

    def __init__(self, side: Side, said: str, *, size: int) -> None:
        super().__init__(side, said)
        self.size = size


class ContentMismatchError(RegistryError):
    pass


class ProtocolError(RegistryError):
    """`operation` is where it matters to what it means."""

    def __init__(self, side: Side, said: str, operation: Operation) -> None:
        super().__init__(side, said)
        self.operation = operation
