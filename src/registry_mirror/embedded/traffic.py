"""Every request on its way through the registry: counted, struck by faults, let in, answered."""

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from registry_mirror.embedded.auth import Gate
from registry_mirror.embedded.delivery import Streamed
from registry_mirror.embedded.faults import Faults
from registry_mirror.embedded.places import ELSEWHERE, OTHER_PATH, Places
from registry_mirror.embedded.refusal import Refusal, RefusedError
from registry_mirror.embedded.statistics import Seen, Statistics, kind_of


class Traffic:
    def __init__(self, statistics: Statistics, faults: Faults, gate: Gate, places: Places) -> None:
        self._statistics = statistics
        self._faults = faults
        self._gate = gate
        self._places = places

    def middlewares(self) -> tuple[Middleware, ...]:
        return (self._record, self._inject, _refuse, self._guard)

    @web.middleware
    async def _record(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        with self._statistics.running_now(request.method, kind_of(request.path)):
            status = None
            try:
                response = await handler(request)
                status = response.status
            except ConnectionError:  # nobody is left to read an answer
                return web.Response()
            finally:
                self._statistics.requests.append(_seen(request, status))
            return await self._deliver(request, response)

    async def _deliver(
        self, request: web.Request, response: web.StreamResponse
    ) -> web.StreamResponse:
        """Write what is streamed while the request still counts as running."""
        if not isinstance(response, Streamed):
            return response
        reference = request.match_info.get("digest") or request.match_info.get("reference", "")
        try:
            await response.deliver(request, lambda size: self._statistics.send(reference, size))
        except ConnectionError:
            return web.Response()
        return response

    @web.middleware
    async def _inject(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        kind = kind_of(request.path)
        if refusal := self._faults.crowded(request.method, kind, self._statistics):
            return refusal.response()
        return await self._faults.inject(request, handler)

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if refusal := self._refusal(request):
            return refusal.response()
        return await handler(request)

    def _refusal(self, request: web.Request) -> Refusal | None:
        if request.path.startswith(ELSEWHERE):
            return self._places.refusal(request)
        if request.path.startswith(("/v2/", OTHER_PATH)):
            return self._gate.refusal(request)
        return None


def _seen(request: web.Request, status: int | None) -> Seen:
    headers = request.headers
    return Seen(
        method=request.method,
        path=request.path,
        query=request.query_string,
        status=status,
        host=request.host,
        range=headers.get("Range", headers.get("Content-Range", "")),
        authorized="Authorization" in headers,
    )


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
