"""Why a registry could not be reached: its name, the connection, or what speaks over it.

Whoever it sends us to counts too: its token server, or where it redirects.
"""

from dataclasses import dataclass
from enum import StrEnum, auto
from ipaddress import ip_address

from yarl import URL

from registry_mirror.config import Settings
from registry_mirror.doctor import words
from registry_mirror.doctor.signs import names_token_server
from registry_mirror.engines.native.registries import Waits
from registry_mirror.hosts import without_port
from registry_mirror.oci.reference import DOCKER_HUB
from registry_mirror.registry.challenge import Challenge
from registry_mirror.registry.connector import resolves
from registry_mirror.registry.errors import (
    AuthenticationRefusedError,
    ConnectionLostError,
    Lost,
    RegistryError,
)
from registry_mirror.registry.failures import UNTRUSTED
from registry_mirror.registry.policy import DOCKER_HUB_HOST
from registry_mirror.registry.proxies import Proxies
from registry_mirror.report.checklist import Check, Name, Page, State
from registry_mirror.text import Text

_STANDARD_PORTS = frozenset({80, 443})
_OF_ACCOUNTS = frozenset({400, 401, 403, 429})
"""With which a token server speaks of an account, or of how often it is asked."""


class _Why(StrEnum):
    NO_NAME = auto()
    NO_CONNECTION = auto()
    NO_TLS = auto()
    BROKEN_OFF = auto()


_OF_REGISTRY: dict[_Why, tuple[Text, Text]] = {
    _Why.NO_NAME: (words.NO_SUCH_HOST, words.NO_SUCH_HOST_CURE),
    _Why.NO_CONNECTION: (words.NO_CONNECTION, words.NO_CONNECTION_CURE),
    _Why.NO_TLS: (words.NO_TLS, UNTRUSTED),
    _Why.BROKEN_OFF: (words.BROKEN_OFF, words.BROKEN_OFF_CURE),
}
_OF_TOKEN_SERVER: dict[_Why, Text] = {
    _Why.NO_NAME: words.TOKEN_SERVER_UNKNOWN,
    _Why.NO_CONNECTION: words.TOKEN_SERVER_AWAY,
    _Why.NO_TLS: words.TOKEN_SERVER_WITHOUT_TLS,
    _Why.BROKEN_OFF: words.TOKEN_SERVER_BROKEN_OFF,
}


@dataclass(frozen=True, slots=True)
class _Place:
    """`host` is without port and brackets; `named` is what people write."""

    host: str
    named: str


async def unreachable(
    error: ConnectionLostError,
    registry: str,
    challenge: Challenge | None,
    settings: Settings,
    waits: Waits,
) -> Check:
    """`challenge` is what the registry asked for before the connection was lost."""
    page: Page | None = Page.VARIABLES
    other = _elsewhere(error, registry)
    place = other or _Place(without_port(registry).strip("[]"), registry)
    why = await _why(error, place, settings, waits)
    if other is None:
        cause, cure = _OF_REGISTRY[why]
        cause = cause.fill(registry=registry)
    elif _is_token_server(other, challenge):
        cause = _OF_TOKEN_SERVER[why].fill(registry=registry, host=other.named)
        cure = UNTRUSTED if why is _Why.NO_TLS else words.TOKEN_SERVER_CURE
        page = None
    else:
        cause = words.REDIRECTED_AWAY.fill(registry=registry, host=other.named)
        cure = words.NO_REGISTRY_CURE
    return Check(Name.TARGET, State.BROKEN, cause, cure, page, error.said)


def gives_no_token(error: RegistryError) -> bool:
    """Whether what a registry names as its token server speaks of something else than accounts."""
    is_refusal = isinstance(error, AuthenticationRefusedError)
    return is_refusal and error.status not in _OF_ACCOUNTS


def no_token(registry: str, challenge: Challenge | None, said: str) -> Check:
    host = URL(challenge.get("realm")).authority if challenge else registry
    cause = words.NO_TOKEN.fill(registry=registry, host=host)
    return Check(Name.LOGIN, State.BROKEN, cause, words.TOKEN_SERVER_CURE, said=said)


async def _why(error: ConnectionLostError, place: _Place, settings: Settings, waits: Waits) -> _Why:
    match error.how:
        case Lost.TLS:
            return _Why.NO_TLS
        case Lost.CUT | Lost.STALLED:
            return _Why.BROKEN_OFF
        case Lost.CONNECT:
            if _is_address(place.host) or _is_behind_proxy(place, settings):
                return _Why.NO_CONNECTION
            is_known = await resolves(place.host, waits.make_resolver)
            return _Why.NO_CONNECTION if is_known else _Why.NO_NAME


def _elsewhere(error: ConnectionLostError, registry: str) -> _Place | None:
    """Whom we spoke to, if that was not the registry itself."""
    own = URL(f"//{DOCKER_HUB_HOST if registry == DOCKER_HUB else registry}")
    ports = {own.explicit_port} if own.explicit_port else _STANDARD_PORTS
    if not error.host or (error.host == own.host and error.port in ports):
        return None
    is_standard = error.port in _STANDARD_PORTS
    return _Place(error.host, error.host if is_standard else f"{error.host}:{error.port}")


def _is_token_server(place: _Place, challenge: Challenge | None) -> bool:
    if challenge is None or not names_token_server(challenge):
        return False
    try:
        return URL(challenge.get("realm")).host == place.host
    except ValueError:
        return False


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_behind_proxy(place: _Place, settings: Settings) -> bool:
    """Then the proxy looks names up."""
    url = URL.build(scheme="https", host=place.host)
    return Proxies.of(settings.environment).find(url) is not None
