"""A plan: which image goes where, decided before anything moves."""

from dataclasses import dataclass

from registry_mirror.oci.format import Format
from registry_mirror.oci.platform import Selection
from registry_mirror.oci.reference import Reference

__all__ = ["Copy", "Format", "Plan"]


@dataclass(frozen=True, slots=True)
class Copy:
    """One image to copy. `line` is the request's first line that asks for it."""

    line: int
    source: Reference
    target: Reference
    selection: Selection
    format: Format = Format.V2S2


@dataclass(frozen=True, slots=True)
class Plan:
    copies: tuple[Copy, ...]
