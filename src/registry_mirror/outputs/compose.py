"""An override for Compose: services with their images at the target."""

from collections import Counter
from collections.abc import Iterable, Sequence

from registry_mirror.oci.reference import Reference
from registry_mirror.outputs import Mirrored, words
from registry_mirror.outputs.scalars import comment, scalar
from registry_mirror.request import Service
from registry_mirror.text import Language

_Named = tuple[str, Mirrored]


def compose_override(
    images: Sequence[Mirrored], services: Sequence[Service], language: Language
) -> str:
    """`services` are those of a pasted Compose file; without any, images give their names.

    Empty where there is no image.
    """
    known, unclear = _known(images, services)
    named = known or ([] if unclear else _template(images))
    left_out = [
        comment(words.COMPOSE_LEFT_OUT.fill(service=name).say(language)) for name in unclear
    ]
    if not named:
        return "".join(f"{line}\n" for line in left_out)
    notes = (words.COMPOSE_USE,) if known else (words.COMPOSE_USE, words.COMPOSE_RENAME)
    head = [comment(note.say(language)) for note in notes]
    body = [line for name, image in named for line in _service(name, image)]
    return "\n".join((*head, "services:", *body, *left_out)) + "\n"


def _known(
    images: Iterable[Mirrored], services: Iterable[Service]
) -> tuple[list[_Named], tuple[str, ...]]:
    """Services with their images, and those whose name stands for several: a key stands once."""
    by_source = {image.source: image for image in images}
    wanted: dict[str, dict[Reference, None]] = {}
    for service in services:
        wanted.setdefault(service.name, {})[service.image] = None
    unclear = tuple(name for name, sources in wanted.items() if len(sources) > 1)
    known = [
        (name, by_source[source])
        for name, (source, *more) in wanted.items()
        if source in by_source and not more
    ]
    return known, unclear


def _template(images: Iterable[Mirrored]) -> list[_Named]:
    """Services named after the last part of their image's path, and numbered where that's taken."""
    seen: Counter[str] = Counter()
    named: dict[str, Mirrored] = {}
    for image in images:
        last = name = image.source.repository.rpartition("/")[2]
        while name in named:
            seen[last] += 1
            name = f"{last}-{seen[last] + 1}"
        named[name] = image
    return [*named.items()]


def _service(name: str, image: Mirrored) -> tuple[str, str]:
    return f"  {scalar(name)}:", f"    image: {scalar(str(image.pull))}"
