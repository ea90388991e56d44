"""A token server as docker-registry wants it: JWTs signed with a key made for the occasion."""

import base64
import json
import secrets
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

from tests.certificates import certificate_of, write_pem

ISSUER = "test-issuer"
SERVICE = "test-service"


@dataclass(frozen=True, slots=True)
class TokenServer:
    """Signs whatever scope it is asked for, to whoever has the password."""

    realm: str
    certificate: Path


class _Signer:
    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = certificate_of(self._key, ISSUER)

    def token(self, user: str, scopes: Iterable[str]) -> str:
        now = int(time.time())
        header = {"typ": "JWT", "alg": "ES256", "x5c": [self._der()]}
        claims = {
            "iss": ISSUER,
            "sub": user,
            "aud": SERVICE,
            "exp": now + 300,
            "nbf": now - 10,
            "iat": now,
            "jti": secrets.token_hex(8),
            "access": [_access(scope) for scope in scopes],
        }
        signed = f"{_encode_json(header)}.{_encode_json(claims)}"
        return f"{signed}.{_encode(self._sign(signed.encode()))}"

    def _der(self) -> str:
        der = self.certificate.public_bytes(serialization.Encoding.DER)
        return base64.b64encode(der).decode()

    def _sign(self, content: bytes) -> bytes:
        signature = self._key.sign(content, ec.ECDSA(hashes.SHA256()))
        return b"".join(part.to_bytes(32, "big") for part in utils.decode_dss_signature(signature))


@asynccontextmanager
async def token_server(directory: Path, user: str, password: str) -> AsyncIterator[TokenServer]:
    signer = _Signer()
    certificate = write_pem(signer.certificate, directory / "token-server.pem")
    credentials = base64.b64encode(f"{user}:{password}".encode()).decode()

    async def answer(request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Basic {credentials}":
            return web.json_response({"details": "incorrect username or password"}, status=401)
        scopes = [scope for text in request.query.getall("scope", []) for scope in text.split()]
        return web.json_response({"token": signer.token(user, scopes), "expires_in": 300})

    application = web.Application()
    application.router.add_get("/token", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield TokenServer(f"http://127.0.0.1:{runner.addresses[0][1]}/token", certificate)
    finally:
        await runner.cleanup()


def _access(scope: str) -> dict[str, object]:
    kind, name, actions = scope.split(":", 2)
    return {"type": kind, "name": name, "actions": actions.split(",")}


def _encode_json(value: object) -> str:
    return _encode(json.dumps(value).encode())


def _encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
