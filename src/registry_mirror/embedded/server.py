"""A registry that runs inside the program, on loopback and in memory."""

from types import TracebackType
from typing import Self, assert_never

from aiohttp import web

from registry_mirror.embedded.auth import Anonymous, Auth, Basic, BasicGate, Gate, OpenGate, Tokens
from registry_mirror.embedded.blobs import Blobs
from registry_mirror.embedded.conduct import PLAIN, Conduct
from registry_mirror.embedded.content import PIECE, Stored, Synthetic, pieces
from registry_mirror.embedded.faults import Faults
from registry_mirror.embedded.images import BuiltImage
from registry_mirror.embedded.listing import Listing
from registry_mirror.embedded.manifests import Manifests
from registry_mirror.embedded.places import Places
from registry_mirror.embedded.sessions import Sessions
from registry_mirror.embedded.statistics import Seen, Statistics
from registry_mirror.embedded.storage import Storage
from registry_mirror.embedded.tokens import TokenGate
from registry_mirror.embedded.traffic import Traffic
from registry_mirror.embedded.uploads import Surroundings, Uploads
from registry_mirror.oci.digest import Digest

_LOOPBACK = "127.0.0.1"
_SHUTDOWN_SECONDS = 1.0
_READ_BUFFER = 4 * PIECE


class EmbeddedRegistry:
    """Serves while the `async with` lasts; `host` is `127.0.0.1:PORT`.

    At `other_host` are the blobs and the upload sessions that the `Conduct` puts elsewhere.
    """

    def __init__(self, auth: Auth | None = None, conduct: Conduct = PLAIN) -> None:
        self.statistics = Statistics()
        self._host = ""
        self._gate = _gate(auth or Anonymous())
        self._places = Places(conduct)
        self._storage = Storage()
        sessions = Sessions()
        self.faults = Faults(sessions, self._gate)
        self._parts = (
            Blobs(self._storage, self._places),
            Uploads(
                Surroundings(
                    self._storage,
                    sessions,
                    self._places,
                    self.faults,
                    self._gate,
                    self.statistics,
                    conduct,
                )
            ),
            Manifests(self._storage, self.faults, self._places),
            Listing(self._storage),
            self._gate,
        )
        self._runner: web.AppRunner | None = None

    @property
    def host(self) -> str:
        return self._host

    @property
    def other_host(self) -> str:
        return self._places.other_host

    @property
    def requests(self) -> list[Seen]:
        """Every request in the order in which they were answered, or broke off."""
        return self.statistics.requests

    async def __aenter__(self) -> Self:
        self._runner = web.AppRunner(
            self._application(),
            access_log=None,
            shutdown_timeout=_SHUTDOWN_SECONDS,
            read_bufsize=_READ_BUFFER,
        )
        await self._runner.setup()
        for _ in range(2):
            await web.TCPSite(self._runner, _LOOPBACK, 0).start()
        self._host, self._places.other_host = (
            f"{_LOOPBACK}:{address[1]}" for address in self._runner.addresses
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.faults.clear()
        if self._runner:
            await self._runner.cleanup()

    def put(self, repository: str, tag: str, image: BuiltImage) -> None:
        """Store an image without any request."""
        self._storage.put(repository, tag, image)

    def put_blob(self, repository: str, content: bytes | Synthetic) -> Digest:
        """Store a blob without any request; its digest."""
        made = content if isinstance(content, Synthetic) else Stored(content)
        digest = made.digest
        self._storage.add_blob(repository, digest, made)
        return digest

    def repositories(self) -> tuple[str, ...]:
        return self._storage.repositories()

    def tags(self, repository: str) -> tuple[str, ...]:
        known = self._storage.repository(repository)
        return tuple(sorted(known.tags)) if known else ()

    def manifest(self, repository: str, reference: str) -> tuple[str, bytes] | None:
        """The media type and the bytes of a tag or a digest."""
        known = self._storage.repository(repository)
        found = known.find(reference) if known else None
        return (found.media_type, found.content) if found else None

    def blob(self, repository: str, digest: str) -> bytes | None:
        """Raises NotKeptError for one of which only the size is known."""
        content = self._storage.blob(repository, digest)
        return None if content is None else b"".join(pieces(content, range(content.size)))

    def blob_size(self, repository: str, digest: str) -> int | None:
        """None where the repository doesn't have the blob."""
        content = self._storage.blob(repository, digest)
        return None if content is None else content.size

    def expire_tokens(self) -> None:
        self._gate.expire()

    def expire_urls(self) -> None:
        """End every signature of the other host."""
        self._places.expire()

    def _application(self) -> web.Application:
        traffic = Traffic(self.statistics, self.faults, self._gate, self._places)
        application = web.Application(middlewares=traffic.middlewares())
        application.router.add_get("/v2/", _ping)
        for part in self._parts:
            application.router.add_routes(part.routes())
        return application


def _gate(auth: Auth) -> Gate:
    match auth:
        case Anonymous():
            return OpenGate()
        case Basic():
            return BasicGate(auth)
        case Tokens():
            return TokenGate(auth)
        case _:
            assert_never(auth)


async def _ping(_request: web.Request) -> web.Response:
    return web.json_response({})
