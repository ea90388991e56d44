"""A registry as the engine sees it: manifests, blobs and uploads, tried again where that helps."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from http import HTTPStatus
from typing import TypeVar

from registry_mirror.errors import Side
from registry_mirror.oci import media_type as mt
from registry_mirror.oci.digest import Digest, InvalidDigestError
from registry_mirror.oci.manifest import (
    MAX_MANIFEST,
    Descriptor,
    ImageManifest,
    InvalidManifestError,
    parse_manifest,
)
from registry_mirror.registry import sessions
from registry_mirror.registry.course import Lessons
from registry_mirror.registry.errors import (
    AnswerError,
    ConnectionLostError,
    ContentMismatchError,
    Lost,
    Operation,
    RegistryError,
)
from registry_mirror.registry.exchange import Exchange, Question, is_unreliable_no
from registry_mirror.registry.failures import is_rate_limit
from registry_mirror.registry.outgoing import Patience as Waiting
from registry_mirror.registry.profiles import profile_of
from registry_mirror.registry.retry import GiveUp, Patience
from registry_mirror.registry.sessions import Mounted, UploadSession
from registry_mirror.registry.throttle import Action, Gate, Slot
from registry_mirror.registry.transport import Transport
from registry_mirror.registry.verified import check_digest

_KNOWN = (
    mt.OCI_INDEX,
    mt.DOCKER_MANIFEST_LIST,
    mt.OCI_MANIFEST,
    mt.DOCKER_MANIFEST,
    mt.DOCKER_MANIFEST_V1_SIGNED,
    mt.DOCKER_MANIFEST_V1,
)
ACCEPT = ", ".join(_KNOWN)
"""A registry that is not told all of them converts, or says that there is nothing."""

Pause = Callable[[float], Awaitable[None]]

_Result = TypeVar("_Result")

_PUT = frozenset({HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED, HTTPStatus.NO_CONTENT})
_AT_ONCE = frozenset({Action.RESOLVE, Action.READ, Action.CHECK})
_PART = frozenset({HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT})


class RegistryClient:
    """Every method raises a RegistryError of this client's side.

    `tries` are those of one request without progress; `whole`, in seconds, is for one try at what
    is no body; `pause` and `draw` (0 to 1) are asked for the
    time between two. `lessons` is what uploads to the registry have learnt.
    """

    def __init__(
        self,
        transport: Transport,
        gate: Gate,
        *,
        tries: int = 3,
        whole: float = Waiting().whole,
        pause: Pause = asyncio.sleep,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self.exchange = Exchange(transport)
        self.lessons = Lessons(profile_of(transport.registry))
        self.slot = gate.slot
        self._tries = tries
        self._whole = whole
        self.pause = pause
        self._draw = draw

    @property
    def side(self) -> Side:
        return self.exchange.side

    async def resolve(self, repository: str, reference: str) -> Descriptor | None:
        """What a tag or digest names, by HEAD, which costs no pull; None where there is nothing.

        Where HEAD is refused or says too little, the manifest is fetched. HEAD has no words: why
        there is nothing, only `get_manifest` can say.
        """

        async def work(_slot: Slot) -> Descriptor | None:
            try:
                return await self._head(repository, reference) or await self._described(
                    repository, reference
                )
            except AnswerError as error:
                if error.status != HTTPStatus.NOT_FOUND:
                    raise
                return None

        return await self.persist(Action.RESOLVE, work)

    async def get_manifest(self, repository: str, reference: str) -> tuple[bytes, str]:
        """The bytes and the Content-Type, which may lie. What a digest names is checked."""

        async def work(_slot: Slot) -> tuple[bytes, str]:
            return await self._get_manifest(repository, reference)

        return await self.persist(Action.RESOLVE, work)

    async def put_manifest(
        self, repository: str, reference: str, content: bytes, media_type: str
    ) -> Digest:
        digest = Digest.of(content)
        question = Question(
            Operation.PUT_MANIFEST,
            "PUT",
            f"/v2/{repository}/manifests/{reference}",
            self.exchange.scopes(repository),
            _PUT,
            {"Content-Type": media_type},
            content,
            len(content),
        )

        async def work(_slot: Slot) -> Digest:
            async with self.exchange.ask(question) as answer:
                said = answer.headers.get("Docker-Content-Digest")
                if said and said != digest and said.startswith("sha256:"):
                    raise ContentMismatchError(self.side, f"{digest} was put, {said} is there")
            return digest

        return await self.persist(Action.PUT, work)

    async def has_blob(self, repository: str, digest: Digest, size: int | None = None) -> bool:
        """`size` in bytes, where one of another size is to count as missing."""

        async def work(_slot: Slot) -> bool:
            return await self.exchange.holds(repository, digest, size)

        return await self.persist(Action.CHECK, work)

    async def get_blob_bytes(self, repository: str, digest: Digest, limit: int) -> bytes:
        """A whole small blob, checked. Raises AnswerTooLargeError over `limit` bytes."""
        question = self.blob_question(repository, digest)

        async def work(_slot: Slot) -> bytes:
            async with self.exchange.ask(question) as answer:
                return await answer.read(limit)

        content = await self.persist(Action.READ, work)
        check_digest(content, digest, self.side)
        return content

    async def first_bytes(self, repository: str, digest: Digest, count: int) -> bytes:
        """As many as there are of the first `count` bytes of a blob, unchecked."""
        headers = {"Range": f"bytes=0-{count - 1}"}
        question = self.blob_question(repository, digest, headers)

        async def work(_slot: Slot) -> bytes:
            content = bytearray()
            async with self.exchange.ask(question) as answer, aclosing(answer.chunks()) as chunks:
                async for chunk in chunks:
                    content += chunk
                    if len(content) >= count:
                        break
            return bytes(content[:count])

        return await self.persist(Action.READ, work)

    async def mount(
        self, repository: str, digest: Digest, from_repository: str
    ) -> Mounted | UploadSession:
        """A refused mount is an upload: in the session that the registry opened, or a new one."""

        async def work(_slot: Slot) -> Mounted | UploadSession:
            mounted = await sessions.mount(self.exchange, repository, digest, from_repository)
            return mounted or await sessions.start(self.exchange, repository)

        return await self.persist(Action.MOUNT, work)

    async def start_upload(self, repository: str) -> UploadSession:
        async def work(_slot: Slot) -> UploadSession:
            return await sessions.start(self.exchange, repository)

        return await self.persist(Action.SEND, work)

    def blob_question(
        self, repository: str, digest: Digest, headers: Mapping[str, str] | None = None
    ) -> Question:
        return Question(
            Operation.GET_BLOB,
            "GET",
            f"/v2/{repository}/blobs/{digest}",
            self.exchange.scopes(repository),
            _PART,
            headers or {},
        )

    def patience(self) -> Patience:
        return Patience(self._tries, self._draw)

    async def persist(
        self,
        action: Action,
        work: Callable[[Slot], Awaitable[_Result]],
        patience: Patience | None = None,
    ) -> _Result:
        """Do something until it succeeds or there is no hope, each try in a slot of its own.

        What the other side failed at is not tried again here.
        """
        patience = patience or self.patience()
        while True:
            async with self.slot(action) as slot:
                try:
                    result = await self._in_time(action, work(slot))
                except RegistryError as error:
                    after = self.after(error, slot, patience)
                else:
                    slot.served()
                    return result
            await self.pause(after)

    async def _in_time(self, action: Action, answer: Awaitable[_Result]) -> _Result:
        try:
            async with asyncio.timeout(self._whole if action in _AT_ONCE else None):
                return await answer
        except TimeoutError:
            said = f"no whole answer in {self._whole:.0f} s"
            raise ConnectionLostError(self.side, said, how=Lost.STALLED) from None

    def after(self, error: RegistryError, slot: Slot, patience: Patience) -> float:
        """Seconds until another try makes sense. Raises the error where none does."""
        if error.side is not self.side:
            raise error
        others_succeed = is_rate_limit(error) and slot.refused(error.retry_after)
        decision = patience.failed(error, others_succeed=others_succeed)
        if isinstance(decision, GiveUp):
            raise error
        return decision.after

    async def _head(self, repository: str, reference: str) -> Descriptor | None:
        """None where only a GET can tell."""
        question = self._manifest_question(Operation.RESOLVE, "HEAD", repository, reference)
        try:
            async with self.exchange.ask(question) as answer:
                return _described(answer.headers, reference)
        except AnswerError as error:
            if error.status == HTTPStatus.NOT_FOUND or not is_unreliable_no(error):
                raise
            return None

    async def _described(self, repository: str, reference: str) -> Descriptor:
        content, content_type = await self._get_manifest(repository, reference)
        digest = Digest(reference) if ":" in reference else Digest.of(content)
        return Descriptor(content_type, digest, len(content))

    async def _get_manifest(self, repository: str, reference: str) -> tuple[bytes, str]:
        question = self._manifest_question(Operation.GET_MANIFEST, "GET", repository, reference)
        async with self.exchange.ask(question) as answer:
            content = await answer.read(MAX_MANIFEST)
            content_type = _media_type(answer.headers)
        if ":" in reference and not _is_schema_1(content):
            check_digest(content, Digest(reference), self.side)
        return content, content_type

    def _manifest_question(
        self, operation: Operation, method: str, repository: str, reference: str
    ) -> Question:
        return Question(
            operation,
            method,
            f"/v2/{repository}/manifests/{reference}",
            self.exchange.scopes(repository),
            headers={"Accept": ACCEPT},
        )


def _described(headers: Mapping[str, str], reference: str) -> Descriptor | None:
    """What a HEAD says, where it says all and does not contradict what was asked for."""
    size = headers.get("Content-Length", "")
    try:
        digest = Digest(headers.get("Docker-Content-Digest", ""))
    except InvalidDigestError:
        return None
    if not (size.isascii() and size.isdigit()) or (":" in reference and digest != reference):
        return None
    return Descriptor(_media_type(headers), digest, int(size))


def _media_type(headers: Mapping[str, str]) -> str:
    return headers.get("Content-Type", "").partition(";")[0].strip().lower()


def _is_schema_1(content: bytes) -> bool:
    """Its digest leaves out its signatures; by its own fields, not by what the header says."""
    try:
        manifest = parse_manifest(content)
    except InvalidManifestError:
        return False
    return isinstance(manifest, ImageManifest) and manifest.config is None
