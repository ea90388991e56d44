"""The `images` of a kustomization.

kustomize finds an image by its name as it is spelled, never by its tag. So a tag is written only
where it has to change: without `newTag` the manifest's stays, and nobody gets another version.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from registry_mirror.oci.reference import DOCKER_HUB, Reference
from registry_mirror.outputs import Mirrored, words
from registry_mirror.outputs.scalars import comment, scalar
from registry_mirror.text import Language

_LIBRARY = "library/"


def kustomize_images(images: Sequence[Mirrored], language: Language) -> str:
    """The block, without what else a kustomization has; empty where there is no image."""
    groups = [tuple(group) for _, group in groupby(sorted(images, key=_name), key=_name)]
    entries = [line for group in groups for line in _entries(group)]
    missing = [
        comment(words.KUSTOMIZE_LEFT_OUT.fill(image=group[0].source.name).say(language))
        for group in groups
        if not _can_be_said(group)
    ]
    head = [comment(words.KUSTOMIZE_USE.say(language)), "images:"] if entries else []
    return "".join(f"{line}\n" for line in (*head, *entries, *missing))


def kustomization(images: Sequence[Mirrored], language: Language) -> str:
    """A component, so that any kustomization can take it in by its `components`."""
    use = comment(words.COMPONENT_USE.say(language))
    head = f"{use}\napiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
    return head + kustomize_images(images, language)


def _name(image: Mirrored) -> str:
    return image.source.name


def _can_be_said(group: Sequence[Mirrored]) -> bool:
    """Whether every tag of one name goes the same way.

    kustomize reads names as regular expressions, to which an IPv6 host is something else.
    """
    one_target = len({image.target.name for image in group}) == 1
    is_same_way = len(group) == 1 or all(map(_keeps_tag, group))
    return one_target and is_same_way and "[" not in group[0].source.registry


def _keeps_tag(image: Mirrored) -> bool:
    return image.source.tag == image.target.tag and not image.source.digest


def _entries(group: Sequence[Mirrored]) -> Iterator[str]:
    if not _can_be_said(group):
        return
    image = group[0]
    for name in _spellings(image.source):
        yield f"- name: {scalar(name)}"
        yield f"  newName: {scalar(image.target.name)}"
        yield from _change(image)


def _change(image: Mirrored) -> Iterator[str]:
    if image.source.digest:
        yield f"  digest: {image.digest}"
    elif not _keeps_tag(image):
        yield f"  newTag: {scalar(image.target.tag or '')}"


def _spellings(source: Reference) -> tuple[str, ...]:
    """A name as manifests may have it: those of Docker Hub go by several."""
    if source.registry != DOCKER_HUB:
        return (source.name,)
    path = source.repository
    short = path.removeprefix(_LIBRARY)
    return tuple(dict.fromkeys((short, path, f"{DOCKER_HUB}/{short}", source.name)))
