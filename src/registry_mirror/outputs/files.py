"""All of it as files of a folder."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from registry_mirror.outputs import Mirrored
from registry_mirror.outputs.compose import compose_override
from registry_mirror.outputs.containerd import hosts_files
from registry_mirror.outputs.kustomize import kustomization
from registry_mirror.outputs.sed import sed_script
from registry_mirror.request import Service
from registry_mirror.text import Language


@dataclass(frozen=True, slots=True)
class File:
    """`path` is relative; its parts are ours, or a registry's host."""

    path: tuple[str, ...]
    text: str


def output_files(
    images: Sequence[Mirrored], services: Sequence[Service], language: Language = Language.EN
) -> tuple[File, ...]:
    """No file where there is no image."""
    return tuple(_files(images, services, language)) if images else ()


def _files(
    images: Sequence[Mirrored], services: Sequence[Service], language: Language
) -> Iterator[File]:
    yield File(("images.txt",), "".join(f"{image.pull}\n" for image in images))
    yield File(("replace.sed",), sed_script(images, language))
    yield File(("kustomization.yaml",), kustomization(images, language))
    yield File(("compose.override.yaml",), compose_override(images, services, language))
    for hosts in hosts_files(images, language):
        yield File(("hosts", hosts.folder, "hosts.toml"), hosts.text)
