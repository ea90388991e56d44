"""What people put mirrored images to use with: configuration ready to paste, or as files.

Only images that the target holds are named. What a format can't say without changing which image
somebody gets is left out, and a comment says so.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from registry_mirror.oci.digest import Digest
from registry_mirror.oci.reference import DOCKER_HUB, Reference
from registry_mirror.outcome import Failed, Outcome

_ALSO_HUB = "index.docker.io"


@dataclass(frozen=True, slots=True)
class Mirrored:
    """An image that the target holds: `target` is its name as people pull it."""

    source: Reference
    target: Reference
    digest: Digest

    @property
    def pull(self) -> Reference:
        """What takes the source's place: where that is pinned, so is this."""
        return replace(self.target, digest=self.digest) if self.source.digest else self.target


def mirrored(outcomes: Iterable[Outcome], registry: str | None = None) -> tuple[Mirrored, ...]:
    """The images that succeeded; `registry` is the host to pull from, where it is another one."""
    return tuple(
        Mirrored(
            outcome.copy.source,
            replace(outcome.copy.target, registry=registry or outcome.copy.target.registry),
            outcome.content.digest,
        )
        for outcome in outcomes
        if not isinstance(outcome, Failed)
    )


def unambiguous(images: Sequence[Mirrored]) -> tuple[Mirrored, ...]:
    """The images whose name leads to one target and is no target itself."""
    count = Counter(map(_written, images))
    targets = {_place(image.target) for image in images}
    return tuple(
        image
        for image in images
        if count[_written(image)] == 1 and _place(image.source) not in targets
    )


def _written(image: Mirrored) -> tuple[str, str | None]:
    return _place(image.source)


def _place(reference: Reference) -> tuple[str, str | None]:
    """Docker Hub goes by two names, and a target is written as the settings have it."""
    registry = DOCKER_HUB if reference.registry == _ALSO_HUB else reference.registry
    return f"{registry}/{reference.repository}", reference.tag
