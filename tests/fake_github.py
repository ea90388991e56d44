"""A GitHub on loopback that remembers: one repository, its issues, comments, labels, reactions.

Every request and every answer is judged by GitHub's own description (`github_description`); what
it doesn't allow is kept in `violations`, and leaving the context with any of them fails.

    async with FakeGitHub() as github:
        number = github.open_issue("nginx:1.27", labels=["mirror-request"], author="alice")
        event = github.event("opened", number, sender="alice")
"""

import re
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import unquote

from aiohttp import web

from registry_mirror.embedded.actions import Hold
from tests.github_description import Description, Exchange, Operation, one_segment
from tests.github_graphql import read_question, wrong_with_data, wrong_with_question
from tests.github_replies import DOCS, REPOSITORY_ID, RefusedError, Reply, error_json, refused
from tests.github_repository import FakeRepository
from tests.github_shapes import Shapes

_MAX_REQUEST = 8 * 1024 * 1024


@dataclass
class Fault:
    """`method` may be `*`; `reply` None drops the connection; `processed` says whether the call had
    its effect."""

    method: str
    path: re.Pattern[str]
    times: int
    reply: Reply | None
    processed: bool

    def strikes(self, exchange: Exchange) -> bool:
        hit = self.method in {"*", exchange.method} and self.path.search(unquote(exchange.path))
        return self.times > 0 and bool(hit)


@dataclass
class Silence:
    """Calls that get no answer until the hold is released, and then a closed connection."""

    method: str
    path: re.Pattern[str]
    times: int
    hold: Hold

    def strikes(self, exchange: Exchange) -> bool:
        hit = self.method == exchange.method and self.path.search(unquote(exchange.path))
        return self.times > 0 and not self.hold.released.is_set() and bool(hit)


@dataclass
class Quota:
    """`resets_at` in seconds since 1970."""

    remaining: int
    resets_at: int

    def take(self) -> bool:
        left = self.remaining > 0
        self.remaining -= left
        return left

    @property
    def headers(self) -> Mapping[str, str]:
        return {
            "X-RateLimit-Limit": "1000",
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Used": str(1000 - self.remaining),
            "X-RateLimit-Reset": str(self.resets_at),
            "X-RateLimit-Resource": "core",
        }


class FakeGitHub(FakeRepository):
    """What tests switch: `permissions` (login to admin, write, read or none; an unknown login is
    404), `issues_disabled`, `read_only_token`, `permission_refused`, `graphql_refused`,
    `renamed_from` (a repository that now redirects here), the faults of `fail`, `drop` and `hold`,
    the quota of `set_budget`, and what FakeWorkflows has."""

    def __init__(
        self,
        *,
        repository: str = "me/fork",
        token: str = "token-for-the-fake",
        labels: Mapping[str, str] | None = None,
        base_path: str = "",
    ) -> None:
        chosen = {"mirror-request": "0075ca"} if labels is None else labels
        super().__init__(repository, chosen)
        self.token = token
        self.read_only_token = False
        self.graphql_refused = False
        self.renamed_from: str | None = None
        self.requests: list[Exchange] = []
        self.violations: list[str] = []
        self._faults: list[Fault] = []
        self._silences: list[Silence] = []
        self._quota: Quota | None = None
        self._base_path = base_path
        self._handlers = self.all_handlers()

    def fail(  # noqa: PLR0913 - a fault has this many sides
        self,
        method: str,
        path: str,
        *,
        status: int,
        message: str = "Server Error",
        headers: Mapping[str, str] | None = None,
        raw: bytes | None = None,
        times: int = 1,
        processed: bool = False,
    ) -> None:
        """Answer the next calls whose path has this pattern in it with a fault."""
        reply = Reply(status, error_json(status, message), headers or {}, raw)
        self._faults.append(Fault(method, re.compile(path), times, reply, processed))

    def drop(self, method: str, path: str, *, times: int = 1, processed: bool = True) -> None:
        """Close the connection in place of an answer."""
        self._faults.append(Fault(method, re.compile(path), times, None, processed))

    def hold(self, method: str, path: str, *, times: int = sys.maxsize) -> Hold:
        """Leave calls without an answer and without effect."""
        hold = Hold()
        self._silences.append(Silence(method, re.compile(path), times, hold))
        return hold

    def slow_down(self, method: str, path: str, retry_after: int | None, times: int = 1) -> None:
        """GitHub's secondary rate limit."""
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        message = "You have exceeded a secondary rate limit. Please wait a few minutes."
        self.fail(method, path, status=403, message=message, headers=headers, times=times)

    def set_budget(self, remaining: int, resets_in: float = 1_800.0) -> None:
        """From now on every answer says what is left; with nothing left calls are refused."""
        self._quota = Quota(remaining, round(time.time() + resets_in))

    @property
    def remaining(self) -> int | None:
        return self._quota.remaining if self._quota else None

    def seen(self, method: str, path: str = "") -> list[Exchange]:
        """The requests of a method whose path has this pattern in it."""
        return [
            each
            for each in self.requests
            if each.method == method and re.search(path, unquote(each.path))
        ]

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=_MAX_REQUEST)
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.api_url = f"http://127.0.0.1:{port}{self._base_path}"
        self.shapes = Shapes(self.api_url, self.repository, self.user_types)
        self._description = Description()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for silence in self._silences:
            silence.hold.released.set()
        await self._runner.cleanup()
        if kind is None:
            assert not self.violations, self.violations

    # A request on its way

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        exchange = Exchange(
            request.method,
            one_segment(request.raw_path.partition("?")[0].removeprefix(self._base_path)),
            dict(request.query),
            request.headers,
            await request.read(),
        )
        self.requests.append(exchange)
        silence = next((each for each in self._silences if each.strikes(exchange)), None)
        if silence:
            silence.times -= 1
            await silence.hold.wait()
            return _cut(request)
        reply = self._reply(exchange, inside=request.raw_path.startswith(self._base_path + "/"))
        if reply is None:
            return _cut(request)
        quota = self._quota.headers if self._quota else {}
        if exchange.path == self._graphql_path:
            quota = {**quota, "X-RateLimit-Remaining": "7", "X-RateLimit-Resource": "graphql"}
        headers = {"X-GitHub-Request-Id": "0000", **quota, **reply.headers}
        content_type = "application/json" if reply.sent else None
        return web.Response(
            status=reply.status, body=reply.sent, headers=headers, content_type=content_type
        )

    def _reply(self, exchange: Exchange, *, inside: bool) -> Reply | None:
        if exchange.path == self._graphql_path:
            return self._faulty(exchange, lambda: self._answer_question(exchange))
        if self._quota is not None and not self._quota.take():
            message = "API rate limit exceeded for installation."
            return Reply(403, error_json(403, message))
        exchange = self._by_name(exchange)
        operation = self._description.operation(exchange) if inside else None
        if operation is None:
            return self._moved(exchange) or self._violation(exchange, ["no such call"], 404)
        if wrong := self._description.wrong_with_request(exchange, operation):
            return self._violation(exchange, wrong, 422)
        return self._faulty(exchange, lambda: self._answer(exchange, operation))

    def _faulty(self, exchange: Exchange, answer: Callable[[], Reply]) -> Reply | None:
        fault = next((each for each in self._faults if each.strikes(exchange)), None)
        if fault is None:
            return answer()
        fault.times -= 1
        if fault.processed:
            answer()
        return fault.reply

    def _answer_question(self, exchange: Exchange) -> Reply:
        """By GraphQL, whose refusals have status 200."""
        if exchange.headers.get("Authorization") != f"Bearer {self.token}":
            return Reply(401, error_json(401, "Bad credentials"))
        asked = exchange.body
        question = read_question(asked["query"])
        if wrong := wrong_with_question(question, asked["variables"]):
            return self._violation(exchange, wrong, 400)
        data = self.wording(**asked["variables"])
        self.violations += wrong_with_data(question.fields, data)
        refusal = {"type": "FORBIDDEN", "message": "Resource not accessible by integration"}
        if self.graphql_refused:
            return Reply(200, {"data": {"repository": None}, "errors": [refusal]})
        missing = {"type": "NOT_FOUND", "message": "Could not resolve to an Issue"}
        found = (data["repository"] or {}).get("issue")
        return Reply(200, {"data": data} | ({} if found else {"errors": [missing]}))

    @property
    def _graphql_path(self) -> str:
        """An enterprise's API has it beside REST, not below."""
        return f"{self._base_path.removesuffix('/v3')}/graphql"

    def _answer(self, exchange: Exchange, operation: Operation) -> Reply:
        try:
            reply = self._checked(exchange, operation)
        except RefusedError as refused:
            reply = refused.reply
        status, sent = reply.status, reply.sent
        wrong = self._description.wrong_with_response(exchange, operation, status, sent)
        self.violations += [f"our answer {status} to {_name(exchange)}: {each}" for each in wrong]
        return reply

    def _checked(self, exchange: Exchange, operation: Operation) -> Reply:
        if exchange.headers.get("Authorization") != f"Bearer {self.token}":
            raise refused(401, "Bad credentials")
        if moved := self._moved(exchange):
            return moved
        if f"{operation.values.get('owner')}/{operation.values.get('repo')}" != self.repository:
            raise refused(404, "Not Found")
        if self.read_only_token and exchange.method != "GET":
            raise refused(403, "Resource not accessible by integration")
        if self.issues_disabled and "/issues" in operation.template:
            raise refused(410, "Issues has been disabled in this repository.")
        handler = self._handlers.get((operation.method, operation.template))
        if handler is None:
            self.violations.append(f"the fake can't {operation.method} {operation.template}")
            raise refused(404, "Not Found")
        return handler(operation.values, exchange)

    def _by_name(self, exchange: Exchange) -> Exchange:
        """A redirect's address names the repository by its id."""
        by_id = f"/repositories/{REPOSITORY_ID}/"
        if not exchange.path.startswith(by_id):
            return exchange
        path = f"/repos/{self.repository}/{exchange.path.removeprefix(by_id)}"
        return Exchange(exchange.method, path, exchange.query, exchange.headers, exchange.raw)

    def _moved(self, exchange: Exchange) -> Reply | None:
        old = f"/repos/{self.renamed_from}/"
        if not self.renamed_from or not exchange.path.startswith(old):
            return None
        url = f"{self.api_url}/repositories/{REPOSITORY_ID}/{exchange.path.removeprefix(old)}"
        body = {"message": "Moved Permanently", "url": url, "documentation_url": DOCS}
        return Reply(301, body, {"Location": url})

    def _violation(self, exchange: Exchange, wrong: list[str], status: int) -> Reply:
        self.violations += [f"{_name(exchange)}: {each}" for each in wrong]
        return Reply(status, error_json(status, "; ".join(wrong)))


def _cut(request: web.Request) -> web.Response:
    """Whoever asked may have left by now."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _name(exchange: Exchange) -> str:
    return f"{exchange.method} {exchange.path}"
