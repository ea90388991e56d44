"""How many bytes an image may be, held against what really comes and not against what was said."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from registry_mirror.engines.native.finding import RefusedError
from registry_mirror.engines.native.job import Job
from registry_mirror.engines.sizes import refusal_of_octets
from registry_mirror.oci.digest import Digest
from registry_mirror.schedule import Blob

_Key = tuple[Digest, bool]


class Allowance:
    """`limit` in bytes, for one image; None allows everything.

    A blob counts as large as its manifest says, or as it turned out to be where that is more: a
    layer compressed anew may grow a thousandfold.
    """

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._found: dict[_Key, int] = {}

    def note(self, blob: Blob, octets: int) -> None:
        """What came of a blob, for those who wait for it and say that it is smaller."""
        self._found[_key(blob)] = max(octets, self._found.get(_key(blob), 0))

    def found(self, job: Job, blob: Blob, octets: int) -> None:
        """Raises RefusedError with `too-large` where a blob's true size makes its image so."""
        self._found[_key(blob)] = octets
        self.check(job)

    def check(self, job: Job) -> None:
        """Raises RefusedError; asked before a manifest is put, for neighbours may have led."""
        if self._limit is None:
            return
        if failure := refusal_of_octets(self._octets(job), self._limit):
            raise RefusedError(failure)

    async def counted(
        self, job: Job, blob: Blob, blocks: AsyncGenerator[bytes, None]
    ) -> AsyncGenerator[bytes, None]:
        """The same blocks for as long as they are not too many. Raises RefusedError."""
        octets = 0
        async with aclosing(blocks):
            async for block in blocks:
                octets += len(block)
                self.found(job, blob, octets)
                yield block

    def _octets(self, job: Job) -> int:
        return sum(max(each.size, self._found.get(_key(each), 0)) for each in job.image.blobs)


def _key(blob: Blob) -> _Key:
    return blob.digest, blob.recompress
