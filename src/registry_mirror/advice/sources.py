"""What helps at the source where nothing has to be looked up: who may read it, and when. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from registry_mirror.advice import words
from registry_mirror.errors import Code, Failure, Side
from registry_mirror.oci.reference import DOCKER_HUB
from registry_mirror.plan import Copy
from registry_mirror.text import Text

HUB_WINDOW = timedelta(hours=6)
"""After which Docker Hub's quota is whole again (`ratelimit-limit: 100;w=21600`)."""

LONGEST_WAIT = 2 * 24 * 3600
"""Seconds that a registry may ask for and be believed."""

_HELM = "application/vnd.cncf.helm"

_HIDES_PRIVATE = frozenset({DOCKER_HUB, "gcr.io", "ghcr.io", "quay.io", "registry.gitlab.com"})
"""Where an image that is private and one that does not exist get the same answer.

Elsewhere one that does not exist may be `repository-not-found`, but nobody promises it.
"""


@dataclass(frozen=True, slots=True)
class Logins:
    """`hosts` are the registries that logins are configured for; `used`: whether for this run.

    `flawed` are those whose login can't be used as it is written.
    """

    hosts: frozenset[str] = frozenset()
    used: bool = True
    flawed: frozenset[str] = frozenset()


def at_source(failure: Failure, copy: Copy, logins: Logins, now: datetime) -> Failure:
    """The same failure, with what is known of its registry. `now` is in UTC."""
    match failure.code:
        case Code.SOURCE_DENIED:
            return _denied(failure, copy.source.registry, logins)
        case Code.TAG_NOT_FOUND if failure.cause is None:
            cause = words.DIGEST_MISSING if copy.source.digest else words.TAG_MISSING
            return replace(failure, cause=cause)
        case Code.NOT_AN_IMAGE if _HELM in failure.said:
            return replace(failure, cause=words.HELM_CHART, hint=words.HELM_CHART_HINT)
        case Code.RATE_LIMITED:
            side = failure.side or Side.SOURCE
            registry = (copy.target if side is Side.TARGET else copy.source).registry
            return _limited(failure, registry, now)
        case _:
            return failure


def _denied(failure: Failure, registry: str, logins: Logins) -> Failure:
    if not logins.used:
        return replace(failure, cause=_hidden(registry), hint=words.NO_LOGIN_FOR_STRANGERS)
    if registry in logins.flawed:
        cause, hint = words.LOGIN_FLAWED, words.LOGIN_FLAWED_HINT
        return replace(failure, cause=cause.fill(host=registry), hint=hint.fill(host=registry))
    if registry in logins.hosts:
        cause, hint = words.LOGIN_REFUSED, words.LOGIN_REFUSED_HINT
        return replace(failure, cause=cause.fill(host=registry), hint=hint.fill(host=registry))
    return replace(failure, cause=_hidden(registry))


def _hidden(registry: str) -> Text | None:
    return words.PRIVATE_OR_MISSING.fill(host=registry) if registry in _HIDES_PRIVATE else None


def _limited(failure: Failure, registry: str, now: datetime) -> Failure:
    cause = words.LIMITED.fill(host=registry)
    return replace(failure, cause=cause, hint=_when(failure, registry, now))


def _when(failure: Failure, registry: str, now: datetime) -> Text:
    asked = failure.retry_after or 0.0
    is_said = 0 < asked <= LONGEST_WAIT
    is_hub = registry == DOCKER_HUB
    if not is_said:
        window = words.HUB_WINDOW.fill(when=moment(now + HUB_WINDOW))
        return window if is_hub else words.LESS_AT_ONCE_SOME_TIME.fill(host=registry)
    hint = words.HUB_LOGIN if is_hub else words.LESS_AT_ONCE
    return hint.fill(when=moment(now + timedelta(seconds=asked)), host=registry)


def moment(when: datetime) -> str:
    """To the minute, rounded up: nobody shall come too early."""
    minutes = ceil((when.second + when.microsecond / 1e6) / 60)
    rounded = when.replace(second=0, microsecond=0) + timedelta(minutes=minutes)
    return f"{rounded:%Y-%m-%d %H:%M} UTC"
