"""Where a source goes: its name below the target's namespace."""

from dataclasses import dataclass
from enum import StrEnum

from registry_mirror.oci.reference import Reference
from registry_mirror.request import Item, TargetName


class Naming(StrEnum):
    """`flat` keeps the last element of the path; `path` keeps the host and the whole path."""

    FLAT = "flat"
    PATH = "path"


@dataclass(frozen=True, slots=True)
class Target:
    """A registry and a namespace in it, which may have several parts."""

    registry: str
    namespace: str

    def reference(self, name: TargetName) -> Reference:
        return Reference(self.registry, f"{self.namespace}/{name.path}", name.tag)

    def __str__(self) -> str:
        return f"{self.registry}/{self.namespace}"


def name_of(item: Item, naming: Naming) -> TargetName:
    """Where an item goes; its source must have a tag."""
    if item.target:
        return item.target
    if item.source.tag is None:
        raise ValueError(f"{item.source} has no tag")
    path = flat_path(item.source) if naming is Naming.FLAT else full_path(item.source)
    return TargetName(path, item.source.tag)


def flat_path(source: Reference) -> str:
    return source.repository.rpartition("/")[2]


def full_path(source: Reference) -> str:
    return f"{_host_component(source.registry)}/{source.repository}"


def _host_component(registry: str) -> str:
    """Make a host a path component, which is lowercase, has no colon and no dash at its ends."""
    host = registry.lower()
    if host.startswith("["):
        address, _, port = host[1:].partition("]")
        host = _closed(address) + port
    return host.replace(":", "-")


def _closed(address: str) -> str:
    """Write out the zeros that an IPv6 address leaves out at its ends."""
    before = "0" if address.startswith(":") else ""
    after = "0" if address.endswith(":") else ""
    return before + address + after
