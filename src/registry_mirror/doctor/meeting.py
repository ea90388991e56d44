"""The first words with a registry: who we are, and whether it is one."""

from dataclasses import dataclass
from http import HTTPStatus

from registry_mirror.doctor.signs import Sign, names_token_server, sign_of
from registry_mirror.registry.client import RegistryClient
from registry_mirror.registry.errors import ConnectionLostError, Operation, RegistryError
from registry_mirror.registry.exchange import Question, take_beginning
from registry_mirror.registry.refusals import MAX_BODY, refusal_of
from registry_mirror.registry.throttle import Action, Slot
from registry_mirror.registry.transport import Answer

_EVERY = frozenset(HTTPStatus)


@dataclass(frozen=True, slots=True)
class Met:
    """`error` is why `/v2/` gave no good answer."""

    sign: Sign
    error: RegistryError | None = None


async def meet(client: RegistryClient) -> Met:
    """Say who we are, if we are anybody, and hear whether that is right."""
    question = Question(Operation.RESOLVE, "GET", "/v2/", (), _EVERY)
    signs: list[Sign] = []

    async def work(_slot: Slot) -> None:
        async with client.exchange.ask(question) as answer:
            content = await _beginning(answer)
        signs.append(_sign(client, answer, content))
        if answer.status != HTTPStatus.OK:
            raise refusal_of(
                client.side,
                question.operation,
                answer.status,
                answer.headers,
                content,
                redirected=answer.redirected,
            )

    try:
        await client.persist(Action.RESOLVE, work)
    except RegistryError as error:
        asks_for_tokens = names_token_server(client.exchange.challenge)
        unseen = Sign.REGISTRY if asks_for_tokens else Sign.NONE
        return Met(signs[-1] if signs else unseen, error)
    return Met(signs[-1])


def _sign(client: RegistryClient, answer: Answer, content: bytes) -> Sign:
    return sign_of(
        answer.status,
        answer.headers.getall("Docker-Distribution-API-Version", ()),
        answer.headers.get("Content-Type", ""),
        content,
        client.exchange.challenge,
    )


async def _beginning(answer: Answer) -> bytes:
    """At most MAX_BODY bytes. Of a refusal, one that breaks off counts as far as it came.

    Raises ConnectionLostError.
    """
    content = bytearray()
    try:
        await take_beginning(answer, content)
    except ConnectionLostError:
        if answer.status == HTTPStatus.OK:
            raise
    return bytes(content[:MAX_BODY])
