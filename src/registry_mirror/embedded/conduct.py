"""How a registry does what the specification leaves open; chosen when the registry is made."""

from dataclasses import dataclass
from enum import Enum


class SessionPlace(Enum):
    """Where upload sessions live: below their repository, on another path, on another host."""

    HERE = "here"
    OTHER_PATH = "other path"
    OTHER_HOST = "other host"


@dataclass(frozen=True, slots=True)
class Conduct:
    """`redirects_blobs`: a GET of a blob is answered with 307 to another host.

    `keeps_sessions`: a session outlives a request that broke off (docker-registry 2.8 loses it).
    `keeps_blobs`: without it only small blobs stay in memory, of others the digest and the size.
    """

    relative_location: bool = False
    sessions_at: SessionPlace = SessionPlace.HERE
    redirects_blobs: bool = False
    keeps_sessions: bool = True
    keeps_blobs: bool = True


PLAIN = Conduct()
