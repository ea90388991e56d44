"""The image in a command such as `docker pull nginx:1.27`."""

import re
from collections.abc import Sequence

from registry_mirror.oci.reference import InvalidReferenceError, Reference

_PROMPT = re.compile(r"(?:\S+@\S+[#$]\s+)?(?:[$#%>]\s+)?(?:sudo\s+)?")
_BETWEEN = re.compile(r"\s*(?:&&|;|\|)\s*")
_PROGRAMS = frozenset(
    {
        "docker", "podman", "nerdctl", "ctr", "crictl", "skopeo", "crane", "regctl", "oras",
        "buildah", "k3s", "microk8s", "minikube", "kubectl",
    }
)  # fmt: skip
_VERBS = frozenset(
    {
        "pull", "push", "run", "image", "images", "i", "content", "fetch", "copy", "inspect",
        "create", "manifest", "ctr", "crictl", "cp", "load", "save", "rmi", "tag", "export",
        "import", "artifact", "container", "check", "digest", "buildx", "imagetools",
    }
)  # fmt: skip
_VALUED = frozenset(
    {
        "-n", "--namespace", "-u", "--user", "--creds", "--src-creds", "--dest-creds", "--authfile",
        "-a", "--address", "-H", "--host", "-c", "--context", "--name", "-p", "--publish", "-v",
        "--volume", "-e", "--env", "--network", "--net", "--retry-times", "--format", "-f", "-r",
        "--runtime-endpoint", "--image-endpoint", "--timeout", "--snapshotter", "--arch", "--os",
        "--override-arch", "--override-os", "--override-variant", "--entrypoint", "-w", "-o",
    }
)  # fmt: skip
_EVERY = frozenset({"--all", "--all-platforms", "--all-tags"})


def image_of_command(line: str) -> str:
    """The line that asks for a command's image, or its images; the line itself if it is none."""
    lines = [_image_of(command) for command in _BETWEEN.split(line)]
    return " ".join(image for image in lines if image) if all(lines) else line


def _image_of(command: str) -> str | None:
    rest = _PROMPT.sub("", command, count=1).split()
    if not _is_called(rest):
        return None
    options, operands = _sort(rest[1:])
    images = [_bare(word) for word in operands if _is_image(word)]
    if not images:
        return None
    if "pull" in rest and len(images) > 1:
        return " ".join(image + options for image in images)
    return images[0] + options


def _is_called(rest: Sequence[str]) -> bool:
    """Tell a command from an image that is called like one (`docker 27.0`)."""
    match rest:
        case ["FROM" | "from", _, *_]:
            return True
        case [program, first, *_]:
            is_program = program.rpartition("/")[2] in _PROGRAMS
            return is_program and (first in _VERBS or first.startswith("-"))
        case _:
            return False


def _sort(rest: Sequence[str]) -> tuple[str, list[str]]:
    """What the options say in a list's own, and what is no option."""
    platform: str | None = None
    name: str | None = None
    every = False
    operands: list[str] = []
    left = list(reversed(rest))
    while left:
        word, equals, value = left.pop().partition("=")
        if word == "--image":
            operands.insert(0, value if equals else left.pop() if left else "")
        elif word == "--platform":
            platform = value if equals else left.pop() if left else None
        elif word == "--as":
            name = value if equals else left.pop() if left else None
        elif word in _VALUED and not equals:
            left = left[:-1]
        elif word in _EVERY:
            every = word != "--all-tags"
        elif not word.startswith("-"):
            operands.append(word + equals + value)
    options = " --all" if every else f" --platform {platform}" if platform else ""
    return options + (f" --as {name}" if name else ""), _after_verbs(operands)


def _after_verbs(operands: Sequence[str]) -> list[str]:
    count = next((i for i, word in enumerate(operands) if word not in _VERBS), len(operands))
    return list(operands[count:])


def _is_image(word: str) -> bool:
    try:
        Reference.parse(_bare(word))
    except InvalidReferenceError:
        return False
    return True


def _bare(word: str) -> str:
    return word.strip("\"'`,;").removeprefix("docker://")
