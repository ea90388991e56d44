"""How fast a scenario could be at best, whatever program does it."""

from bench.scenarios import Place, Way
from bench.storage import Stored

_TRIPS_TO_COPY = 4
"""Round trips that no copy can avoid: connect, open an upload, end it, put the manifest."""
_TRIPS_TO_ASK = 2
"""Round trips that no look at a manifest can avoid: connect, ask."""


def limit(way: Way, stored: Stored, *, again: bool) -> float | None:
    """Seconds; None where no rate limits the link. `again`: of a run that finds all in place.

    No layer can be faster than one connection, for registries take a layer's bytes in order.
    """
    if not (way.conditions.rate or way.conditions.rate_per_connection):
        return None
    trips = _TRIPS_TO_ASK if again else _TRIPS_TO_COPY
    if way.place is Place.BOTH:
        trips += _TRIPS_TO_ASK
    waiting = trips * way.conditions.round_trip
    return waiting if again else waiting + _moving(way, stored)


def _moving(way: Way, stored: Stored) -> float:
    rate, rate_per_connection = way.conditions.rate, way.conditions.rate_per_connection
    return max(
        stored.unique / rate if rate else 0.0,
        stored.corpus.largest / rate_per_connection if rate_per_connection else 0.0,
    )
