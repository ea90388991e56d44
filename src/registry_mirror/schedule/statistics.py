"""A schedule at one moment."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Statistics:
    """How far the images added so far are.

    `moving` are those that count against the limit of images; `bodies` and `requests` are under
    way. Octets: `to_send` is what uploads, ready or running, have to carry (more may come where
    mounts are refused), `sent` and `mounted` are behind. `promotions` counts how often another
    image had to lead.
    """

    images: int
    done: int
    failed: int
    moving: int
    bodies: int
    requests: int
    blobs: int
    to_send: int
    sent: int
    mounted: int
    uploads: int
    mounts: int
    mounts_refused: int
    promotions: int
