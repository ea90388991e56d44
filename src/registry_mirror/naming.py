"""Where a source goes: its name below the target's namespace."""

from enum import StrEnum

from registry_mirror.oci.reference import Reference
from registry_mirror.request import Item, TargetName


class Naming(StrEnum):
    """`flat` keeps the last element of the path; `path` keeps the host and the whole path."""

    FLAT = "flat"
    PATH = "path"


def name_of(item: Item, naming: Naming) -> TargetName:
    """Where an item goes; its source must have a tag."""
    if item.target:
        return item.target
    if item.source.tag is None:
        raise ValueError(f"{item.source} has no tag")
    path = _flat(item.source) if naming is Naming.FLAT else _path(item.source)
    return TargetName(path, item.source.tag)


def _flat(source: Reference) -> str:
    return source.repository.rpartition("/")[2]


def _path(source: Reference) -> str:
    host = source.registry.lower().strip("[").replace("]", "").replace("::", ":0:")
    return f"{host.replace(':', '-')}/{source.repository}"
