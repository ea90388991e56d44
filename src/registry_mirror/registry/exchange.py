"""One question to a registry and its answer, a no turned into an error."""

from collections.abc import AsyncIterable, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus

from registry_mirror.errors import Side
from registry_mirror.oci.digest import Digest
from registry_mirror.registry.challenge import Challenge
from registry_mirror.registry.errors import AnswerError, ConnectionLostError, Operation
from registry_mirror.registry.refusals import MAX_BODY, refusal_of
from registry_mirror.registry.transport import Answer, Scope, Transport

Scopes = tuple[Scope, ...]

_OK = frozenset({HTTPStatus.OK})
_PULL = frozenset({"pull"})
_PUSH = frozenset({"pull", "push"})


@dataclass(frozen=True, slots=True)
class Question:
    """`location` is a path below the registry or a URL that it gave.

    `fresh_for` is how many seconds the token must still last; `own_connection` asks for one that
    carried nothing before.
    """

    operation: Operation
    method: str
    location: str
    scopes: Scopes
    expected: frozenset[HTTPStatus] = _OK
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | AsyncIterable[bytes] | None = None
    content_length: int | None = None
    fresh_for: float = 0.0
    own_connection: bool = False


class Exchange:
    """Asks one registry, as one side of a copy, exactly once."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @property
    def side(self) -> Side:
        return self._transport.side

    @property
    def has_been_asked_who_we_are(self) -> bool:
        """Else nothing was said of our account so far, neither that it is right nor wrong."""
        return self._transport.has_been_asked_who_we_are

    @property
    def challenge(self) -> Challenge | None:
        return self._transport.challenge

    def scopes(self, repository: str, *readable: str) -> Scopes:
        """What a token needs: at the target always the right to push, so that there is one token.

        The repository that is pushed to stands first: some registries look at no other.
        """
        actions = _PUSH if self.side is Side.TARGET else _PULL
        return (Scope(repository, actions), *(Scope(other, _PULL) for other in readable))

    @asynccontextmanager
    async def ask(self, question: Question) -> AsyncIterator[Answer]:
        """Raises AnswerError for every status that is not expected."""
        async with self._transport.request(
            question.method,
            question.location,
            scopes=question.scopes,
            headers=question.headers,
            body=question.body,
            content_length=question.content_length,
            fresh_for=question.fresh_for,
            own_connection=question.own_connection,
        ) as answer:
            if answer.status not in question.expected:
                raise await self._refusal(question, answer)
            yield answer

    async def holds(self, repository: str, digest: Digest, size: int | None = None) -> bool:
        """Whether a repository has a blob; a HEAD that is refused counts as no.

        So does one that tells another size, where one is expected.
        """
        question = Question(
            Operation.HEAD_BLOB,
            "HEAD",
            f"/v2/{repository}/blobs/{digest}",
            self.scopes(repository),
        )
        try:
            async with self.ask(question) as answer:
                told = answer.headers.get("Content-Length", "")
                return size is None or not told or told == str(size)
        except AnswerError as error:
            if not is_unreliable_no(error):
                raise
            return False

    async def _refusal(self, question: Question, answer: Answer) -> AnswerError:
        """A body that breaks off is taken as far as it came."""
        content = bytearray()
        with suppress(ConnectionLostError):
            await take_beginning(answer, content)
        return refusal_of(
            self.side,
            question.operation,
            answer.status,
            answer.headers,
            bytes(content),
            redirected=answer.redirected,
        )


async def take_beginning(answer: Answer, content: bytearray) -> None:
    """Add chunks of a body up to the one that reaches MAX_BODY bytes.

    Raises ConnectionLostError, with what came before in `content`.
    """
    async with aclosing(answer.chunks()) as chunks:
        async for chunk in chunks:
            content += chunk
            if len(content) >= MAX_BODY:
                break


def is_unreliable_no(error: AnswerError) -> bool:
    """A HEAD that is refused, which says nothing more than that (Artifactory 403, ECR 400)."""
    return error.status < HTTPStatus.INTERNAL_SERVER_ERROR and error.status not in (
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_MANY_REQUESTS,
    )
