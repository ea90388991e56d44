"""Whether a target takes what is pushed to it, without pushing anything."""

from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus

from registry_mirror.advice.targets import Product, at_target, product_of
from registry_mirror.doctor import words
from registry_mirror.doctor.probe import PROBE, misses_the_blob, probe_manifest
from registry_mirror.doctor.signs import names_token_server
from registry_mirror.errors import Code, Failure
from registry_mirror.naming import Target
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.platform import DEFAULT_SELECTION
from registry_mirror.oci.reference import Reference
from registry_mirror.plan import Copy, Format
from registry_mirror.registry import sessions
from registry_mirror.registry.client import RegistryClient
from registry_mirror.registry.errors import (
    AnswerError,
    ConnectionLostError,
    Operation,
    RegistryError,
)
from registry_mirror.registry.exchange import Exchange, Question
from registry_mirror.registry.failures import failure_of
from registry_mirror.registry.parting import see_to_its_end
from registry_mirror.registry.throttle import Action, Slot
from registry_mirror.registry.tokens import Scope
from registry_mirror.report.checklist import Check, Name, Page, State
from registry_mirror.report.reasons import cause_of, hint_of

PARTING = 5.0
"""Seconds for what was begun at the target, and for deleting it, once we were told to stop."""

_OUT_OF_ORDER = frozenset({429, 500, 502, 503, 504})
_PUT = frozenset({HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED, HTTPStatus.NO_CONTENT})
_EVERYTHING = frozenset({"pull", "push", "delete"})


class Known(StrEnum):
    """What the target has said of our account. `UNTOLD`: nothing; `ANONYMOUS`: there is none."""

    ACCEPTED = "accepted"
    UNTOLD = "untold"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Pushing:
    """`is_registry`: the answer is one that only a registry gives."""

    namespace: Check
    push: Check
    is_registry: bool = True

    @property
    def checks(self) -> tuple[Check, Check]:
        return self.namespace, self.push


async def examine_pushing(
    client: RegistryClient, target: Target, known: Known, *, in_doubt: bool = False
) -> Pushing:
    """The namespace and the right to push, told by an upload that is opened and deleted.

    `in_doubt`: so far the target has shown no sign of being a registry.
    """
    try:
        is_deleted = await _open_and_delete(client, f"{target.namespace}/{PROBE}")
    except RegistryError as error:
        if in_doubt and not _is_of_a_registry(error, client):
            untold, refused = _untold_namespace(target), _no_registry(error, target)
            return Pushing(untold, refused, is_registry=False)
        return _refused(error, target, known)
    good = words.NAMESPACE_GOOD.fill(namespace=target.namespace)
    taken = words.PUSH_GOOD if is_deleted else words.PUSH_GOOD_SESSION_LEFT
    push = taken.fill(namespace=target.namespace)
    return Pushing(Check(Name.NAMESPACE, State.OK, good), Check(Name.PUSH, State.OK, push))


async def examine_format(client: RegistryClient, target: Target, format_: Format) -> Check:
    """Put a manifest by its digest whose blobs are nowhere, and see what is complained of."""
    return await see_to_its_end(_put_and_delete(client, target, format_), PARTING)


async def _put_and_delete(client: RegistryClient, target: Target, format_: Format) -> Check:
    content, media_type = probe_manifest(format_)
    repository, digest = f"{target.namespace}/{PROBE}", Digest.of(content)
    question = Question(
        Operation.PUT_MANIFEST,
        "PUT",
        f"/v2/{repository}/manifests/{digest}",
        client.exchange.scopes(repository),
        _PUT,
        {"Content-Type": media_type},
        content,
        len(content),
    )
    try:
        async with client.exchange.ask(question):
            pass
    except AnswerError as error:
        return _of_refusal(error, format_, media_type)
    except RegistryError as error:
        return _untold(media_type, failure_of(error).said)
    return await _taken(client.exchange, f"{target}/{PROBE}@{digest}", repository, media_type)


async def _open_and_delete(client: RegistryClient, repository: str) -> bool:
    """Whether nothing is left of it."""

    async def once() -> bool:
        session = await sessions.start(client.exchange, repository)
        return await sessions.cancel(client.exchange, session)

    async def work(_slot: Slot) -> bool:
        return await see_to_its_end(once(), PARTING)

    return await client.persist(Action.SEND, work)


def _is_of_a_registry(error: RegistryError, client: RegistryClient) -> bool:
    """It has codes of its own, or asks for tokens; of one that is out of order nothing is known."""
    return bool(error.codes) or names_token_server(client.exchange.challenge)


def _no_registry(error: RegistryError, target: Target) -> Check:
    """What is out of order may be a registry all the same."""
    failure = failure_of(error)
    if isinstance(error, ConnectionLostError) or error.status in _OUT_OF_ORDER:
        cause, cure = cause_of(failure), hint_of(failure)
        return Check(Name.PUSH, State.BROKEN, cause, cure, said=failure.said)
    cause = words.PUSH_TO_NO_REGISTRY.fill(registry=target.registry)
    cure = words.NO_REGISTRY_CURE
    return Check(Name.PUSH, State.BROKEN, cause, cure, Page.VARIABLES, failure.said)


def _refused(error: RegistryError, target: Target, known: Known) -> Pushing:
    failure = failure_of(error)
    match failure.code:
        case Code.TARGET_NOT_FOUND if product_of(target.registry) is Product.ECR:
            return Pushing(*_of_ecr(failure, target))
        case Code.TARGET_NOT_FOUND:
            better = _better(failure, target)
            missing = Check(
                Name.NAMESPACE,
                State.BROKEN,
                cause_of(better),
                hint_of(better),
                Page.VARIABLES,
                failure.said,
            )
            return Pushing(missing, Check(Name.PUSH, State.SKIPPED, words.SKIPPED_EARLIER))
        case Code.TARGET_DENIED:
            return Pushing(_untold_namespace(target), _denied(error, failure, target, known))
        case _:
            cause, cure = cause_of(failure), hint_of(failure)
            push = Check(Name.PUSH, State.BROKEN, cause, cure, said=failure.said)
            return Pushing(_untold_namespace(target), push)


def _of_ecr(failure: Failure, target: Target) -> tuple[Check, Check]:
    cause = words.NAMESPACE_ECR.fill(namespace=target.namespace)
    cure = words.NAMESPACE_ECR_CURE.fill(example=f"{target.namespace}/nginx")
    namespace = Check(Name.NAMESPACE, State.WARNING, cause, cure, said=failure.said)
    return namespace, Check(Name.PUSH, State.SKIPPED, cause)


def _untold_namespace(target: Target) -> Check:
    untold = words.NAMESPACE_UNTOLD.fill(namespace=target.namespace)
    return Check(Name.NAMESPACE, State.SKIPPED, untold)


def _denied(error: RegistryError, failure: Failure, target: Target, known: Known) -> Check:
    if error.status == HTTPStatus.METHOD_NOT_ALLOWED or "UNSUPPORTED" in error.codes:
        return _read_only(failure, target)
    match known:
        case Known.ACCEPTED:
            return _without_right(failure, target)
        case Known.UNTOLD:
            return _doubted(failure, target)
        case Known.ANONYMOUS:
            cause, cure = words.LOGIN_NEEDED, words.LOGIN_NEEDED_CURE
            return Check(Name.PUSH, State.BROKEN, cause, cure, Page.SECRETS, failure.said)


def _read_only(failure: Failure, target: Target) -> Check:
    """Whoever asks: distribution's own answer as a cache of another registry, or set read-only."""
    cause = words.READ_ONLY.fill(registry=target.registry)
    return Check(Name.PUSH, State.BROKEN, cause, words.READ_ONLY_CURE, Page.VARIABLES, failure.said)


def _without_right(failure: Failure, target: Target) -> Check:
    cause = words.NO_PUSH.fill(namespace=target.namespace)
    cure = _better(failure, target).hint or words.NO_PUSH_CURE.fill(namespace=target.namespace)
    return Check(Name.PUSH, State.BROKEN, cause, cure, said=failure.said)


def _doubted(failure: Failure, target: Target) -> Check:
    """The first time that the target looked at our account."""
    cause = words.NO_PUSH_OR_LOGIN.fill(namespace=target.namespace)
    cure = words.NO_PUSH_OR_LOGIN_CURE.fill(namespace=target.namespace, registry=target.registry)
    return Check(Name.PUSH, State.BROKEN, cause, cure, Page.SECRETS, failure.said)


def _better(failure: Failure, target: Target) -> Failure:
    """With the advice that a request's images would get at this target."""
    there = Reference(target.registry, f"{target.namespace}/{PROBE}", PROBE)
    return at_target(failure, Copy(1, there, there, DEFAULT_SELECTION), target.namespace)


def _of_refusal(error: AnswerError, format_: Format, media_type: str) -> Check:
    failure = failure_of(error)
    if misses_the_blob(error):
        return Check(Name.FORMAT, State.OK, words.FORMAT_GOOD.fill(media_type=media_type))
    if failure.code is not Code.TARGET_REFUSES_FORMAT or "TAG_INVALID" in error.codes:
        return _untold(media_type, failure.said)
    cause = words.FORMAT_REFUSED.fill(media_type=media_type)
    cure = words.FORMAT_TO_OCI if format_ is Format.V2S2 else words.FORMAT_TO_V2S2
    return Check(Name.FORMAT, State.BROKEN, cause, cure, Page.VARIABLES, failure.said)


def _untold(media_type: str, said: str) -> Check:
    cause = words.FORMAT_UNTOLD.fill(media_type=media_type)
    return Check(Name.FORMAT, State.WARNING, cause, said=said)


async def _taken(exchange: Exchange, left: str, repository: str, media_type: str) -> Check:
    """A registry that doesn't look for blobs has the manifest now: it is deleted again."""
    digest = left.rpartition("@")[2]
    question = Question(
        Operation.PUT_MANIFEST,
        "DELETE",
        f"/v2/{repository}/manifests/{digest}",
        (Scope(repository, _EVERYTHING),),
        _PUT,
    )
    try:
        async with exchange.ask(question):
            pass
    except RegistryError as error:
        cause = words.LEFT_BEHIND.fill(left=left)
        said = failure_of(error).said
        return Check(Name.FORMAT, State.WARNING, cause, words.LEFT_BEHIND_CURE, said=said)
    return Check(Name.FORMAT, State.OK, words.FORMAT_GOOD.fill(media_type=media_type))
