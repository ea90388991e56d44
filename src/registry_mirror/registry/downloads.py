"""Blobs as streams of bytes that go on after a cut."""

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from http import HTTPStatus

from registry_mirror.oci.digest import Digest
from registry_mirror.registry.client import RegistryClient
from registry_mirror.registry.errors import (
    ConnectionLostError,
    Operation,
    ProtocolError,
    RegistryError,
    SizeDiffersError,
)
from registry_mirror.registry.retry import PROGRESS
from registry_mirror.registry.throttle import Action
from registry_mirror.registry.transport import Answer
from registry_mirror.registry.verified import VerifiedStream

_CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/(?:([0-9]{1,18})|\*)")
_SIZE = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class BlobSource:
    """A blob of a source.

    `size` is the descriptor's, which may be wrong: SizeDiffersError tells the true one, before the
    first byte.
    """

    client: RegistryClient
    repository: str
    digest: Digest
    size: int

    def verified(self) -> VerifiedStream:
        """Its bytes, whose end is the proof that they are right."""
        return VerifiedStream(self.open, self.digest, self.size, self.client.side)

    async def open(self, offset: int = 0) -> AsyncGenerator[bytes, None]:
        """Its bytes from an offset on, unchecked, as many as there must be.

        Every request goes to the registry and not to where it redirected us before, whose signed
        URL may have run out. Raises a RegistryError once tries in a row bring nothing.
        """
        patience = self.client.patience()
        gained = 0
        while offset == 0 or offset < self.size:
            async with self.client.slot(Action.READ) as slot:
                try:
                    async with aclosing(self._once(offset)) as blocks:
                        async for block in blocks:
                            offset += len(block)
                            gained += len(block)
                            yield block
                    if offset < self.size:  # a part of what was asked for, or no Content-Length
                        raise ConnectionLostError(self.client.side, f"the end came at {offset}")
                except RegistryError as error:
                    if gained >= PROGRESS:
                        patience.progressed()
                    patience.moved(gained)
                    gained = 0
                    pause = self.client.after(error, slot, patience)
                else:
                    slot.served()
                    return
            await self.client.pause(pause)

    async def _once(self, offset: int) -> AsyncGenerator[bytes, None]:
        headers = {"Range": f"bytes={offset}-{self.size - 1}"} if offset else {}
        question = self.client.blob_question(self.repository, self.digest, headers)
        async with self.client.exchange.ask(question) as answer:
            skipped = self._start(answer, offset)
            async with aclosing(answer.chunks()) as blocks:
                async for block in blocks:
                    if fresh := block[skipped:]:
                        yield fresh
                    skipped = max(skipped - len(block), 0)

    def _start(self, answer: Answer, offset: int) -> int:
        """How many bytes at the beginning of an answer are before the offset."""
        if answer.status == HTTPStatus.OK:
            size = answer.headers.get("Content-Length", "")
            self._check_size(int(size) if _SIZE.fullmatch(size) else self.size)
            return offset
        match = _CONTENT_RANGE.fullmatch(answer.headers.get("Content-Range", ""))
        if not match or int(match[1]) != offset:
            raise ProtocolError(
                self.client.side, "another range came than was asked for", Operation.GET_BLOB
            )
        self._check_size(int(match[3] or self.size))
        return 0

    def _check_size(self, size: int) -> None:
        if size != self.size:
            said = f"{self.digest} has {size} bytes, not {self.size}"
            raise SizeDiffersError(self.client.side, said, size=size)
