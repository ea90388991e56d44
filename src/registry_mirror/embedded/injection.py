"""How an action befalls a request."""

import asyncio
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import assert_never

from aiohttp import web
from aiohttp.typedefs import Handler

from registry_mirror.embedded.actions import (
    Action,
    After,
    AlterHeaders,
    Before,
    Body,
    Corrupt,
    Cut,
    CutRequest,
    Drop,
    ExpireTokens,
    Hold,
    LoseSession,
    OtherBody,
    OtherRange,
    Present,
    Reply,
    Silence,
    Slow,
    SlowRequest,
    Stall,
    StallRequest,
    Substitute,
)
from registry_mirror.embedded.auth import Gate
from registry_mirror.embedded.delivery import Streamed
from registry_mirror.embedded.flow import Flow, disconnected, incoming
from registry_mirror.embedded.refusal import Refusal
from registry_mirror.embedded.sessions import Sessions


@dataclass(frozen=True, slots=True)
class Levers:
    """What of the registry an action moves; `lifted` is set when silence and slowness end."""

    sessions: Sessions
    gate: Gate
    lifted: asyncio.Event


async def befall(
    action: Action, request: web.Request, handler: Handler, levers: Levers
) -> web.StreamResponse:
    """The answer to the request. Raises ConnectionError where there is none."""
    match action:
        case Refusal() | Reply() | Present():
            return _substitute(action, request)
        case Hold() | Drop() | Silence() | LoseSession() | OtherRange():
            return await handler(await _before(action, request, levers))
        case CutRequest() | StallRequest() | SlowRequest():
            return await _hampered(action, request, handler, levers)
        case Cut() | Stall() | Slow() | Corrupt() | OtherBody() | AlterHeaders() | ExpireTokens():
            return _after(action, await handler(request), levers)
        case _:
            assert_never(action)


def _substitute(action: Substitute, request: web.Request) -> web.StreamResponse:
    match action:
        case Refusal():
            return action.response()
        case Reply(status, headers, body):
            return web.Response(status=status, headers=headers, body=body)
        case Present(size):
            named = request.path.rpartition("/")[2]
            digest = {"Docker-Content-Digest": named} if ":" in named else {}
            return web.Response(headers={"Content-Length": str(size), **digest})
        case _:
            assert_never(action)


async def _before(action: Before, request: web.Request, levers: Levers) -> web.Request:
    match action:
        case Hold():
            await action.wait()
        case Drop():
            raise disconnected(request)
        case Silence():
            await levers.lifted.wait()
            raise disconnected(request)
        case LoseSession():
            levers.sessions.lose(request.match_info.get("session", ""))
        case OtherRange(asked):
            headers = request.headers.copy()
            _alter(headers, (("Range", asked or None),))
            return request.clone(headers=headers)
        case _:
            assert_never(action)
    return request


async def _hampered(
    action: Body, request: web.Request, handler: Handler, levers: Levers
) -> web.StreamResponse:
    with incoming(_flow(action, levers)):
        try:
            return await handler(request)
        except ConnectionError:
            if isinstance(action, CutRequest) and action.loses_session:
                levers.sessions.lose(request.match_info.get("session", ""))
            raise


def _after(action: After, response: web.StreamResponse, levers: Levers) -> web.StreamResponse:
    match action:
        case Cut() | Stall() | Slow():
            response = Streamed.of(response)
            response.flow = _flow(action, levers)
        case Corrupt(at):
            response = Streamed.of(response)
            response.altered = at
        case OtherBody(body):
            return Streamed.filled(response, body)
        case AlterHeaders(changes):
            _alter(response.headers, changes)
        case ExpireTokens():
            levers.gate.expire()
        case _:
            assert_never(action)
    return response


def _flow(action: Body | Cut | Stall | Slow, levers: Levers) -> Flow:
    match action:
        case Cut(after) | CutRequest(after):
            return Flow(end=after)
        case Stall(after) | StallRequest(after):
            return Flow(end=after, lifted=levers.lifted)
        case Slow(rate) | SlowRequest(rate):
            return Flow(rate=rate, lifted=levers.lifted)
        case _:
            assert_never(action)


def _alter(headers: MutableMapping[str, str], changes: tuple[tuple[str, str | None], ...]) -> None:
    for name, value in changes:
        headers.pop(name, None)
        if value is not None:
            headers[name] = value
