"""`hosts.toml`, by which containerd looks for a whole registry's images at the target first.

containerd asks a mirror for the source's own path, below one prefix. That holds where images kept
their host and path (`NAMING=path`). Where they were flattened, a prefix would be shared by all
registries, and one registry's name would lead to another's image; so such a registry is left out.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from registry_mirror.hosts import without_port
from registry_mirror.naming import full_path
from registry_mirror.oci.reference import DOCKER_HUB, Reference
from registry_mirror.outputs import Mirrored, words
from registry_mirror.outputs.scalars import comment
from registry_mirror.text import Language

_ROOT = "/etc/containerd/certs.d"
_HUB_SERVER = "registry-1.docker.io"


@dataclass(frozen=True, slots=True)
class Hosts:
    """One registry's file; `folder` is what containerd calls the registry on a disk."""

    registry: str
    folder: str
    text: str


def hosts_files(images: Sequence[Mirrored], language: Language) -> tuple[Hosts, ...]:
    return tuple(
        Hosts(registry, folder_of(registry), _text(registry, group[0], language))
        for registry, group in _by_registry(images)
        if all(map(_keeps_path, group))
    )


def hosts_left_out(images: Sequence[Mirrored], language: Language) -> list[str]:
    """A sentence for each registry that has no file."""
    return [
        words.HOSTS_LEFT_OUT.fill(registry=registry).say(language)
        for registry, group in _by_registry(images)
        if not all(map(_keeps_path, group))
    ]


def folder_of(registry: str) -> str:
    """`host:port` is `host_port_`, as containerd's own `hostDirectory` has it."""
    host, colon, port = registry.rpartition(":")
    return f"{host}_{port}_" if colon else registry


def _by_registry(images: Sequence[Mirrored]) -> list[tuple[str, tuple[Mirrored, ...]]]:
    ordered = sorted(images, key=_registry)
    return [(registry, tuple(group)) for registry, group in groupby(ordered, key=_registry)]


def _registry(image: Mirrored) -> str:
    return image.source.registry


def _keeps_path(image: Mirrored) -> bool:
    kept = image.target.repository.endswith(f"/{full_path(image.source)}")
    return kept and image.target.tag == image.source.tag


def _text(registry: str, image: Mirrored, language: Language) -> str:
    server = _HUB_SERVER if registry == DOCKER_HUB else registry
    place = words.HOSTS_PLACE.fill(path=f"{_ROOT}/{folder_of(registry)}/hosts.toml")
    lines = (
        comment(place.say(language)),
        *([comment(words.HOSTS_HTTP.say(language))] if _has_port(image.target) else ()),
        f"server = {json.dumps(f'https://{server}')}",
        "",
        f"[host.{json.dumps(_mirror(image.source, image.target))}]",
        '  capabilities = ["pull", "resolve"]',
        "  override_path = true",
    )
    return "\n".join(lines) + "\n"


def _has_port(target: Reference) -> bool:
    """Nearly all that speaks plain http has one."""
    return target.registry != without_port(target.registry)


def _mirror(source: Reference, target: Reference) -> str:
    prefix = target.repository.removesuffix(f"/{source.repository}")
    return f"https://{target.registry}/v2/{prefix}"
