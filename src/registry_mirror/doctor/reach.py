"""Why a registry could not be reached: its name, the connection, or what speaks over it."""

from yarl import URL

from registry_mirror.config import Settings
from registry_mirror.doctor import words
from registry_mirror.engines.native.registries import Waits
from registry_mirror.hosts import without_port
from registry_mirror.registry.connector import resolves
from registry_mirror.registry.errors import ConnectionLostError, Lost
from registry_mirror.registry.failures import UNTRUSTED
from registry_mirror.registry.proxies import Proxies
from registry_mirror.report.checklist import Check, Name, Page, State
from registry_mirror.text import Text


async def unreachable(
    error: ConnectionLostError, registry: str, settings: Settings, waits: Waits
) -> Check:
    cause, cure = await _why(error, registry, settings, waits)
    said = cause.fill(registry=registry)
    return Check(Name.TARGET, State.BROKEN, said, cure, Page.VARIABLES, error.said)


async def _why(
    error: ConnectionLostError, registry: str, settings: Settings, waits: Waits
) -> tuple[Text, Text]:
    match error.how:
        case Lost.TLS:
            return words.NO_TLS, UNTRUSTED
        case Lost.CUT | Lost.STALLED:
            return words.BROKEN_OFF, words.BROKEN_OFF_CURE
        case Lost.CONNECT:
            if _is_behind_proxy(registry, settings) or await _is_known(registry, waits):
                return words.NO_CONNECTION, words.NO_CONNECTION_CURE
            return words.NO_SUCH_HOST, words.NO_SUCH_HOST_CURE


def _is_behind_proxy(registry: str, settings: Settings) -> bool:
    """Then the proxy looks names up."""
    return Proxies.of(settings.environment).find(URL(f"https://{registry}/")) is not None


async def _is_known(registry: str, waits: Waits) -> bool:
    return await resolves(without_port(registry).strip("[]"), waits.make_resolver)
