"""Where a client is sent: elsewhere on this host, or to another whose URLs are signed.

The other host takes a URL only byte for byte as it was signed, and no Authorization beside it, as
stores of objects do.
"""

import re
import secrets

from aiohttp import web

from registry_mirror.embedded.conduct import Conduct, SessionPlace
from registry_mirror.embedded.refusal import Refusal
from registry_mirror.embedded.sessions import Session

ELSEWHERE = "/elsewhere"
OTHER_PATH = "/artifacts-uploads"
ONE_MECHANISM = Refusal(400, "UNSUPPORTED", "only one auth mechanism allowed")
BAD_SIGNATURE = Refusal(403, "DENIED", "the signature does not match or has ended")
_SIGNATURE = re.compile(r"[?&]X-Signature=([^&]*)")


class Places:
    """`other_host` is where the other host listens."""

    def __init__(self, conduct: Conduct) -> None:
        self.other_host = ""
        self._conduct = conduct
        self._signed: dict[str, str] = {}

    def of_path(self, request: web.Request, path: str) -> str:
        if self._conduct.relative_location:
            return path
        return f"{request.scheme}://{request.host}{path}"

    def of_session(self, request: web.Request, session: Session) -> str:
        """Its `_state` is out of date as soon as more bytes have arrived."""
        state = f"?_state={session.size}"
        match self._conduct.sessions_at:
            case SessionPlace.HERE:
                path = f"/v2/{session.repository}/blobs/uploads/{session.id}{state}"
                return self.of_path(request, path)
            case SessionPlace.OTHER_PATH:
                path = f"{OTHER_PATH}/{session.repository}/uploads/{session.id}{state}"
                return self.of_path(request, path)
            case SessionPlace.OTHER_HOST:
                path = f"/v2/{session.repository}/blobs/uploads/{session.id}{state}&"
                return self.sign(path)

    def of_blob(self, repository: str, digest: str) -> str | None:
        """Where a GET is sent; None where the blob is here."""
        if not self._conduct.redirects_blobs:
            return None
        return self.sign(f"/v2/{repository}/blobs/{digest}?")

    def sign(self, path: str) -> str:
        """A URL on the other host; its signature has what a careless client would encode anew."""
        signature = f"a%2Fb%2b{secrets.token_hex(8)}%3D"
        self._signed[signature] = f"{ELSEWHERE}{path}X-Signature={signature}"
        return f"http://{self.other_host}{self._signed[signature]}"

    def expire(self) -> None:
        """End every signature now."""
        self._signed.clear()

    def refusal(self, request: web.Request) -> Refusal | None:
        """None where the other host may answer; a client may add to the query."""
        if "Authorization" in request.headers:
            return ONE_MECHANISM
        found = _SIGNATURE.search(request.raw_path)
        signed = self._signed.get(found[1]) if found else None
        if signed is None or not f"{request.raw_path}&".startswith(f"{signed}&"):
            return BAD_SIGNATURE
        return None
