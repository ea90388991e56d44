"""The body of one request, taken from a stream that goes on after it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable


class Blocks:
    """A stream that is taken in parts."""

    def __init__(self, stream: AsyncGenerator[bytes, None]) -> None:
        self._stream = stream
        self._rest = b""
        self._taking = asyncio.Lock()

    async def take(self, most: int | None = None) -> bytes:
        """The next block, at most so many bytes of it; nothing at the end."""
        async with self._taking:
            block = self._rest or await anext(self._stream, b"")
            self._rest = b"" if most is None else block[most:]
            return block if most is None else block[:most]

    async def take_all(self, size: int) -> bytes:
        """So many bytes, fewer only at the end."""
        content = bytearray()
        while block := await self.take(size - len(content)):
            content += block
            if len(content) == size:
                break
        return bytes(content)

    async def close(self) -> None:
        """A taker that is being cancelled is waited for."""
        async with self._taking:
            await self._stream.aclose()


class Body:
    """`size` is how many bytes of the blocks belong to it, None for all that there are.

    `sent` is told of bytes as they are handed to the connection.
    """

    def __init__(self, blocks: Blocks, size: int | None, sent: Callable[[int], None]) -> None:
        self._blocks = blocks
        self._left = size
        self._sent = sent
        self.moved = 0
        self.ended = size == 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while not self.ended:
            block = await self._blocks.take(self._left)
            self.moved += len(block)
            if self._left is not None:
                self._left -= len(block)
            self.ended = not block or self._left == 0
            self._sent(len(block))
            yield block


async def in_memory(content: bytes) -> AsyncGenerator[bytes, None]:
    yield content
