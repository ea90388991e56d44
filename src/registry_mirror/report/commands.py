"""Lines to paste into a shell, for what succeeded."""

import shlex
from collections.abc import Iterable
from dataclasses import dataclass, replace

from registry_mirror.oci.reference import DOCKER_HUB, InvalidReferenceError, Reference
from registry_mirror.plan import Copy


@dataclass(frozen=True, slots=True)
class Access:
    """How people pull: the registry's host as they see it (None: as it was pushed to), a user."""

    registry: str | None = None
    user: str | None = None


AS_PUSHED = Access()


def docker_lines(copies: Iterable[Copy], access: Access) -> list[str]:
    return [
        f"docker pull {target} && docker tag {target} {shlex.quote(familiar(source))}"
        for target, source in _pairs(copies, access)
    ]


def ctr_lines(copies: Iterable[Copy], access: Access) -> list[str]:
    return [
        f"ctr -n k8s.io images pull {target} && ctr -n k8s.io images tag {target} "
        f"{shlex.quote(str(source))}"
        for target, source in _pairs(copies, access)
    ]


def login_line(host: str, user: str | None) -> str:
    return shlex.join(["docker", "login", *(["-u", user] if user else []), host])


def familiar(reference: Reference) -> str:
    """A reference as people write it: Docker Hub's names in their short form."""
    full = str(reference)
    short = full.removeprefix(f"{DOCKER_HUB}/")
    candidates = (short.removeprefix("library/"), short)
    return next((name for name in candidates if _means(name, reference)), full)


def _pairs(copies: Iterable[Copy], access: Access) -> list[tuple[str, Reference]]:
    return [
        (shlex.quote(str(_seen_by(copy.target, access))), replace(copy.source, digest=None))
        for copy in copies
    ]


def _seen_by(target: Reference, access: Access) -> Reference:
    return replace(target, registry=access.registry) if access.registry else target


def _means(name: str, reference: Reference) -> bool:
    try:
        return Reference.parse(name) == reference
    except InvalidReferenceError:
        return False
