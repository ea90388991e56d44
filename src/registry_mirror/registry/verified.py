"""Bytes that are hashed and counted on their way, from any place that they are taken up again at.

A stream that ends has the digest that it should have: its last block is held back until that is
known, so nobody can complete an upload of the wrong bytes by accident.
"""

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import Protocol, Self

from registry_mirror.errors import Side
from registry_mirror.oci.digest import Digest
from registry_mirror.registry.errors import ContentMismatchError

OpenSource = Callable[[int], AsyncIterator[bytes]]
"""A stream from an offset on; one that fails raises a RegistryError of its side."""

_ALGORITHMS = frozenset({"sha256", "sha512"})
_STEP = 1024 * 1024
"""Bytes between two states of the hash that are kept to go on from."""


class Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...

    def hexdigest(self) -> str: ...

    def copy(self) -> Self: ...


def check_digest(content: bytes, digest: Digest, side: Side) -> None:
    """Raises ContentMismatchError, also for an algorithm that can't be checked."""
    state = _new_hash(digest.algorithm, side)
    state.update(content)
    if state.hexdigest() != digest.encoded:
        raise ContentMismatchError(side, f"{digest} was asked for, other bytes came")


class VerifiedStream:
    """A stream that can be opened again at any offset that it has reached.

    `digest` and `size` are what it must have; None where that is only known in the end. Bytes
    between the last state kept and the offset are taken from the source again and hashed, so the
    digest is always that of the bytes that were handed out.
    """

    def __init__(
        self, source: OpenSource, digest: Digest | None, size: int | None, side: Side = Side.SOURCE
    ) -> None:
        self.size = size
        self._source = source
        self._digest = digest
        self._side = side
        start = _new_hash(digest.algorithm if digest else "sha256", side)
        self._states: list[tuple[int, Hash]] = [(0, start)]
        self._hash = start.copy()
        self._count = 0

    @property
    def count(self) -> int:
        """How many bytes came from the source, up to where it is read."""
        return self._count

    def found(self) -> Digest:
        """The digest of all bytes so far."""
        algorithm = self._digest.algorithm if self._digest else "sha256"
        return Digest(f"{algorithm}:{self._hash.hexdigest()}")

    async def open(self, offset: int = 0) -> AsyncGenerator[bytes, None]:
        """Raises ContentMismatchError instead of the last block, and what the source raises."""
        self._go_back(offset)
        held = b""
        async with aclosing(_closable(self._source(self._count))) as blocks:
            async for block in blocks:
                fresh = block[max(offset - self._count, 0) :]
                self._take(block)
                if held and fresh:
                    yield held
                held = fresh or held
        self._check()
        if held:
            yield held

    def _go_back(self, offset: int) -> None:
        while self._states[-1][0] > offset:
            self._states.pop()
        self._count, state = self._states[-1]
        self._hash = state.copy()

    def _take(self, block: bytes) -> None:
        self._hash.update(block)
        self._count += len(block)
        if self.size is not None and self._count > self.size:
            raise ContentMismatchError(self._side, f"more than {self.size} bytes came")
        if self._count - self._states[-1][0] >= _STEP:
            self._states.append((self._count, self._hash.copy()))

    def _check(self) -> None:
        if self.size is not None and self._count != self.size:
            raise ContentMismatchError(
                self._side, f"{self._count} bytes came instead of {self.size}"
            )
        if self._digest and self.found() != self._digest:
            raise ContentMismatchError(
                self._side, f"{self._digest} was asked for, {self.found()} came"
            )


def replayed(source: Callable[[], AsyncIterator[bytes]]) -> OpenSource:
    """A stream that can only begin at its start (a recompression), opened at an offset."""

    async def open_at(offset: int) -> AsyncGenerator[bytes, None]:
        async with aclosing(_closable(source())) as blocks:
            async for block in blocks:
                if kept := block[offset:]:
                    yield kept
                offset = max(offset - len(block), 0)

    return open_at


async def _closable(blocks: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """An iterator that is no generator has nothing to close."""
    if isinstance(blocks, AsyncGenerator):
        async with aclosing(blocks):
            async for block in blocks:
                yield block
    else:
        async for block in blocks:
            yield block


def _new_hash(algorithm: str, side: Side) -> Hash:
    if algorithm not in _ALGORITHMS:
        raise ContentMismatchError(side, f"{algorithm} digests can't be checked")
    return hashlib.new(algorithm)
