"""What every route reads from a request."""

import hashlib

from aiohttp import web

from registry_mirror.embedded.refusal import DIGEST_INVALID, NAME_INVALID, RefusedError
from registry_mirror.oci.digest import Digest, InvalidDigestError
from registry_mirror.oci.reference import MAX_REPOSITORY, REMOTE_NAME


def repository_of(request: web.Request) -> str:
    """Raises RefusedError (NAME_INVALID)."""
    name = request.match_info["repository"]
    if len(name) > MAX_REPOSITORY or not REMOTE_NAME.fullmatch(name):
        raise RefusedError(NAME_INVALID)
    return name


def parse_digest(text: str) -> Digest:
    """Raises RefusedError (DIGEST_INVALID), also for an algorithm that can't be computed here."""
    try:
        digest = Digest(text)
    except InvalidDigestError as error:
        raise RefusedError(DIGEST_INVALID) from error
    if digest.algorithm not in ("sha256", "sha512"):
        raise RefusedError(DIGEST_INVALID)
    return digest


def verify(digest: Digest, content: bytes) -> None:
    """Raises RefusedError (DIGEST_INVALID)."""
    if hashlib.new(digest.algorithm, content).hexdigest() != digest.encoded:
        raise RefusedError(DIGEST_INVALID)
