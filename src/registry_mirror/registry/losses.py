"""A connection that was lost, and an address refused, as errors with their side."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp

from registry_mirror.errors import Side
from registry_mirror.registry.connector import Passage
from registry_mirror.registry.errors import (
    AddressRefusedError,
    ConnectionLostError,
    Lost,
    RegistryError,
)


@contextmanager
def translated(side: Side, passage: Passage | None = None) -> Iterator[None]:
    """Raises AddressRefusedError or ConnectionLostError, in words that tell no query of a URL."""
    try:
        yield
    except RegistryError:
        raise
    except UnicodeError:
        raise _lost(side, passage, Lost.CONNECT, "the host's name can't be one") from None
    except (aiohttp.ClientError, OSError) as error:
        if passage and passage.refused:
            raise _refused(side, passage) from None
        raise _lost(side, passage, *_loss(error)) from None


def _lost(side: Side, passage: Passage | None, how: Lost, said: str) -> ConnectionLostError:
    if passage is None:
        return ConnectionLostError(side, said, how=how)
    endpoint = passage.endpoint
    return ConnectionLostError(side, said, how=how, host=endpoint.host, port=endpoint.port)


def _refused(side: Side, passage: Passage) -> AddressRefusedError:
    return AddressRefusedError(side, f"{passage.endpoint.host} leads to an address of a network")


def _loss(error: aiohttp.ClientError | OSError) -> tuple[Lost, str]:
    match error:
        case aiohttp.ClientConnectorCertificateError():
            loss = Lost.TLS, _certificate_problem(error.certificate_error)
        case aiohttp.ClientConnectorSSLError() if not _broke_off(error.os_error):
            loss = Lost.TLS, f"no TLS connection: {_reason(error.os_error)}"
        case aiohttp.ConnectionTimeoutError():
            loss = Lost.CONNECT, "no connection in time"
        case aiohttp.ClientConnectorError():
            loss = Lost.CONNECT, f"no connection: {_reason(error.os_error)}"
        case aiohttp.ClientHttpProxyError():
            loss = Lost.CONNECT, f"the proxy answered {error.status}"
        case TimeoutError():
            loss = Lost.STALLED, "nothing moved for too long"
        case aiohttp.ClientResponseError():
            loss = Lost.CUT, "the answer is no HTTP"
        case _:
            loss = Lost.CUT, "the connection broke"
    return loss


def _certificate_problem(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not trusted: {error.verify_message}"
    return "the certificate is not trusted"


def _broke_off(error: OSError) -> bool:
    return isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError)


def _reason(error: OSError) -> str:
    reason = error.reason if isinstance(error, ssl.SSLError) else error.strerror
    return str(reason or type(error).__name__)
