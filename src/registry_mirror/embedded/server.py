"""A registry that runs inside the program, on loopback and in memory."""

from dataclasses import dataclass
from types import TracebackType
from typing import Self, assert_never

from aiohttp import web
from aiohttp.typedefs import Handler

from registry_mirror.embedded.auth import Anonymous, Auth, Basic, BasicGate, Gate, OpenGate, Tokens
from registry_mirror.embedded.blobs import Blobs
from registry_mirror.embedded.faults import Faults
from registry_mirror.embedded.images import BuiltImage
from registry_mirror.embedded.listing import Listing
from registry_mirror.embedded.manifests import Manifests
from registry_mirror.embedded.refusal import Refusal, RefusedError
from registry_mirror.embedded.storage import Storage
from registry_mirror.embedded.tokens import TokenGate
from registry_mirror.embedded.uploads import Uploads

_LOOPBACK = "127.0.0.1"
_SHUTDOWN_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Seen:
    """A request and its answer; `status` is None where the connection ended before one."""

    method: str
    path: str
    query: str
    status: int | None


class EmbeddedRegistry:
    """Serves while the `async with` lasts; `host` is `127.0.0.1:PORT`.

    `requests` has every request in the order in which they were answered.
    """

    def __init__(self, auth: Auth | None = None, *, relative_location: bool = False) -> None:
        self.faults = Faults()
        self.requests: list[Seen] = []
        self._host = ""
        self._storage = Storage()
        self._gate = _gate(auth or Anonymous())
        self._parts = (
            Blobs(self._storage),
            Uploads(self._storage, self.faults, self._gate, relative_location=relative_location),
            Manifests(self._storage, self.faults, relative_location=relative_location),
            Listing(self._storage),
            self._gate,
        )
        self._runner: web.AppRunner | None = None

    @property
    def host(self) -> str:
        return self._host

    async def __aenter__(self) -> Self:
        self._runner = web.AppRunner(
            self._application(), access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, _LOOPBACK, 0).start()
        self._host = f"{_LOOPBACK}:{self._runner.addresses[0][1]}"
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
        return self._storage.blob(repository, digest)

    def expire_tokens(self) -> None:
        if isinstance(self._gate, TokenGate):
            self._gate.expire()

    def _application(self) -> web.Application:
        application = web.Application(
            middlewares=(self._record, self._inject, _refuse, self._guard)
        )
        application.router.add_get("/v2/", _ping)
        for part in self._parts:
            application.router.add_routes(part.routes())
        return application

    @web.middleware
    async def _record(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        status = None
        try:
            response = await handler(request)
            status = response.status
        except ConnectionError:  # nobody is left to read an answer
            response = web.Response()
        finally:
            seen = Seen(request.method, request.path, request.query_string, status)
            self.requests.append(seen)
        return response

    @web.middleware
    async def _inject(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        return await self.faults.inject(request, handler)

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith("/v2/") and (refusal := self._gate.refusal(request)):
            return refusal.response()
        return await handler(request)


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


@web.middleware
async def _refuse(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        response = await handler(request)
    except RefusedError as error:
        response = error.refusal.response()
    except web.HTTPException as error:  # no route
        response = Refusal(error.status, "UNSUPPORTED", error.reason).response()
    response.headers["Docker-Distribution-API-Version"] = "registry/2.0"
    return response


async def _ping(_request: web.Request) -> web.Response:
    return web.json_response({})
