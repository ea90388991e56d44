"""The registries that images come from: can they be reached, and how much may still be pulled."""

import asyncio
import re
from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus

from registry_mirror.config import Settings
from registry_mirror.docker_config import InvalidDockerConfigError, hosts_with_login
from registry_mirror.doctor import words
from registry_mirror.doctor.meeting import meet
from registry_mirror.engines.native.registries import Registries
from registry_mirror.oci.reference import DOCKER_HUB
from registry_mirror.registry.client import ACCEPT
from registry_mirror.registry.errors import (
    AddressRefusedError,
    AuthenticationRefusedError,
    ConnectionLostError,
    Operation,
    RegistryError,
)
from registry_mirror.registry.exchange import Question
from registry_mirror.registry.failures import failure_of
from registry_mirror.report.checklist import Check, Name, Page, State
from registry_mirror.repository_rules import Rules

WELL_KNOWN = ("docker.io", "gcr.io", "registry.k8s.io", "quay.io", "ghcr.io")
"""What is tried where neither the operator nor the rules name any."""

MAX_SOURCES = 20
"""Registries that are tried."""

QUOTA_REPOSITORY = "ratelimitpreview/test"
"""Docker's own for asking what is left of the quota; HEAD costs no pull."""

LOW = 10
"""Pulls left below which it is worth a note."""

_LIMIT = re.compile(r"(?P<count>[0-9]{1,9})(?:;w=(?P<seconds>[0-9]{1,9}))?")
_HOUR = 3600
_REFUSALS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


def registries_to_try(rules: Rules | None, settings: Settings) -> tuple[str, ...]:
    """Those that the rules allow, else the well-known ones, and those with a login of ours."""
    allowed = tuple(_registry(p.host, p.port) for p in rules.allow) if rules else ()
    tried = (*(allowed or WELL_KNOWN), *sorted(hosts_with_account(settings)))
    return tuple(dict.fromkeys(tried))[:MAX_SOURCES]


def hosts_with_account(settings: Settings) -> frozenset[str]:
    """Those of SOURCE_AUTH_JSON."""
    if settings.source_auth is None:
        return frozenset()
    try:
        return hosts_with_login(settings.source_auth.reveal()) - {"*"}
    except InvalidDockerConfigError:
        return frozenset()


async def examine_sources(
    registries: Registries, tried: tuple[str, ...], settings: Settings
) -> tuple[Check, ...]:
    met = await asyncio.gather(*(meet(registries.source(host)) for host in tried))
    found = {host: each.error for host, each in zip(tried, met, strict=True)}
    return tuple(_told(found, hosts_with_account(settings)))


async def examine_quota(registries: Registries, hub: str = DOCKER_HUB) -> Check:
    """What Docker Hub says is left for us, with our account there if we have one."""
    client = registries.source(hub)
    question = Question(
        Operation.RESOLVE,
        "HEAD",
        f"/v2/{QUOTA_REPOSITORY}/manifests/latest",
        client.exchange.scopes(QUOTA_REPOSITORY),
        headers={"Accept": ACCEPT},
    )
    try:
        async with client.exchange.ask(question) as answer:
            return _quota(answer.headers)
    except RegistryError as error:
        if error.status == HTTPStatus.TOO_MANY_REQUESTS:
            return Check(Name.QUOTA, State.WARNING, words.QUOTA_USED_UP, words.QUOTA_CURE)
        said = failure_of(error).said
        return Check(Name.QUOTA, State.SKIPPED, words.QUOTA_SKIPPED, said=said)


def _registry(host: str, port: str | None) -> str:
    return f"{host}:{port}" if port else host


def _told(found: Mapping[str, RegistryError | None], accounts: frozenset[str]) -> Iterator[Check]:
    reached = [host for host, error in found.items() if not _is_away(error)]
    if reached:
        good = words.SOURCES_GOOD if len(reached) == len(found) else words.SOURCES_SOME
        yield Check(Name.SOURCES, State.OK, good.fill(registries=", ".join(reached)))
    for host, error in found.items():
        if error is not None and _is_away(error):
            cause = words.SOURCE_UNREACHABLE.fill(registry=host)
            cure, said = words.SOURCE_UNREACHABLE_CURE, error.said
            yield Check(Name.SOURCES, State.WARNING, cause, cure, said=said)
    yield from _refused_accounts(found.items(), accounts)


def _refused_accounts(
    found: Iterable[tuple[str, RegistryError | None]], accounts: frozenset[str]
) -> Iterator[Check]:
    for host, error in found:
        if error is not None and host in accounts and error.status in _REFUSALS:
            cause = words.SOURCE_REFUSED.fill(registry=host)
            cure = words.SOURCE_REFUSED_CURE.fill(registry=host)
            said = failure_of(error).said
            yield Check(Name.SOURCES, State.WARNING, cause, cure, Page.SECRETS, said)


def _is_away(error: RegistryError | None) -> bool:
    """A refusal is an answer; a token server that is out of order is none."""
    if isinstance(error, AuthenticationRefusedError) and error.status in _REFUSALS:
        return False
    if isinstance(error, ConnectionLostError | AddressRefusedError):
        return True
    return error is not None and error.status >= HTTPStatus.INTERNAL_SERVER_ERROR


def _quota(headers: Mapping[str, str]) -> Check:
    limit = _LIMIT.fullmatch(headers.get("RateLimit-Limit", "").strip())
    left = _LIMIT.fullmatch(headers.get("RateLimit-Remaining", "").strip())
    if not limit or not left:
        return Check(Name.QUOTA, State.OK, words.QUOTA_UNTOLD)
    hours = max(int(limit["seconds"] or 6 * _HOUR) // _HOUR, 1)
    cause = words.QUOTA_LEFT.fill(hours=str(hours), limit=limit["count"], left=left["count"])
    if int(left["count"]) >= LOW:
        return Check(Name.QUOTA, State.OK, cause)
    return Check(Name.QUOTA, State.WARNING, cause, words.QUOTA_CURE)
