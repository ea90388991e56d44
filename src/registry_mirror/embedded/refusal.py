"""How the registry says no: a status, and a body with the code and the reason.

The codes are those of the OCI distribution-spec ("Error Codes"); PAGINATION_NUMBER_INVALID,
RANGE_INVALID, UNAVAILABLE and UNKNOWN are those of Docker's registry.
"""

import json
from dataclasses import dataclass

from aiohttp import web

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    status: int
    code: str
    message: str
    headers: Headers = ()

    def response(self) -> web.Response:
        body = {"errors": [{"code": self.code, "message": self.message}]}
        return web.Response(
            status=self.status,
            body=json.dumps(body).encode(),
            content_type="application/json",
            headers=self.headers,
        )


class RefusedError(Exception):
    """Ends a request with a refusal."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"{refusal.status} {refusal.code}: {refusal.message}")
        self.refusal = refusal


BLOB_UNKNOWN = Refusal(404, "BLOB_UNKNOWN", "blob unknown to registry")
BLOB_UPLOAD_UNKNOWN = Refusal(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry")
DIGEST_INVALID = Refusal(400, "DIGEST_INVALID", "provided digest did not match uploaded content")
MANIFEST_UNKNOWN = Refusal(404, "MANIFEST_UNKNOWN", "manifest unknown to registry")
NAME_INVALID = Refusal(400, "NAME_INVALID", "invalid repository name")
NAME_UNKNOWN = Refusal(404, "NAME_UNKNOWN", "repository name not known to registry")
TAG_INVALID = Refusal(400, "TAG_INVALID", "invalid tag")
PAGINATION_NUMBER_INVALID = Refusal(
    400, "PAGINATION_NUMBER_INVALID", "invalid number of results requested"
)


def manifest_invalid(message: str, status: int = 400) -> RefusedError:
    return RefusedError(Refusal(status, "MANIFEST_INVALID", message))
