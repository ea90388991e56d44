"""Image references, by the grammar of distribution/reference.

    reference        := name [ ":" tag ] [ "@" digest ]
    name             := [ domain "/" ] remote-name
    domain           := host [ ":" port-number ]
    host             := domain-name | IPv4address | "[" IPv6address "]"
    domain-name      := domain-component *( "." domain-component )
    domain-component := 1*( ALPHA / DIGIT / "-" ), no "-" at either end
    remote-name      := path-component *( "/" path-component )
    path-component   := alpha-numeric *( separator alpha-numeric )
    alpha-numeric    := 1*( a-z / 0-9 )
    separator        := "." / "_" / "__" / 1*"-"
    tag              := word *127( word / "." / "-" ), where word := ALPHA / DIGIT / "_"
    digest           := a hash that can be computed, at its exact length, in lowercase hex

A repository, which is the name without its domain but with `library/`, has at most 255 characters
(older versions of the library counted the domain in). An IPv6 address has no zone. What stands
before the first slash is a domain only if it holds a dot or a colon, is `localhost`, or has an
uppercase letter; otherwise the name is one of Docker Hub, where a name of one component belongs to
`library`. 64 hex digits alone are an image's id, no name.
"""

import re
from dataclasses import dataclass

from registry_mirror.oci.digest import Digest

DOCKER_HUB = "docker.io"
MAX_REPOSITORY = 255
MAX_TAG = 128

_ALPHA_NUMERIC = r"[a-z0-9]+"
_SEPARATOR = r"(?:[._]|__|[-]+)"
_PATH_COMPONENT = rf"{_ALPHA_NUMERIC}(?:{_SEPARATOR}{_ALPHA_NUMERIC})*"
_REMOTE_NAME = rf"{_PATH_COMPONENT}(?:/{_PATH_COMPONENT})*"
_DOMAIN_COMPONENT = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_DOMAIN_NAME = rf"{_DOMAIN_COMPONENT}(?:\.{_DOMAIN_COMPONENT})*"
_IPV6 = r"\[[a-fA-F0-9:]+\]"
_DOMAIN = rf"(?:{_DOMAIN_NAME}|{_IPV6})(?::[0-9]+)?"
_TAG = rf"[A-Za-z0-9_][A-Za-z0-9_.-]{{0,{MAX_TAG - 1}}}"

DOMAIN = re.compile(_DOMAIN)
REMOTE_NAME = re.compile(_REMOTE_NAME)
TAG = re.compile(_TAG)
_REFERENCE = re.compile(
    rf"(?P<name>(?:{_DOMAIN}/)?{_REMOTE_NAME})(?::(?P<tag>{_TAG}))?(?:@(?P<digest>[^@]+))?"
)
_UNCASED = re.compile(_REFERENCE.pattern, re.IGNORECASE | re.ASCII)
_IMAGE_ID = re.compile(r"[a-f0-9]{64}")
_PORT = re.compile(r":[0-9]+$")
_MAX_PORT = 65_535
_DIGEST = re.compile(r"sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128}")


class InvalidReferenceError(ValueError):
    """The text is no reference."""


class UppercaseNameError(InvalidReferenceError):
    """It would be one if its repository were written in lowercase."""


class NameTooLongError(InvalidReferenceError):
    """The repository has more than 255 characters."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A repository of a registry, and a tag or a digest or both: then the digest pins the tag."""

    registry: str
    repository: str
    tag: str | None = None
    digest: Digest | None = None

    @classmethod
    def parse(cls, text: str) -> "Reference":
        """Read a reference as people write it, with Docker Hub's names filled in.

        Raises InvalidReferenceError or a subclass of it.
        """
        match = _REFERENCE.fullmatch(text)
        if not match:
            raise (UppercaseNameError if _UNCASED.fullmatch(text) else InvalidReferenceError)(text)
        registry, repository = _split_name(match["name"])
        if _IMAGE_ID.fullmatch(text) or not _is_name(registry, repository):
            raise InvalidReferenceError(text)
        if len(repository) > MAX_REPOSITORY:
            raise NameTooLongError(text)
        return cls(registry, repository, match["tag"], _parse_digest(match["digest"]))

    @property
    def name(self) -> str:
        return f"{self.registry}/{self.repository}"

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.name}{tag}{digest}"


def bad_port(registry: str) -> str | None:
    """The port that is none: 1 to 65535 are, each written in one way."""
    found = _PORT.search(registry)
    port = found[0][1:] if found else "1"
    is_port = (
        not port.startswith("0") and len(port) <= len(str(_MAX_PORT)) and int(port) <= _MAX_PORT
    )
    return None if is_port else port


def _split_name(name: str) -> tuple[str, str]:
    first, slash, rest = name.partition("/")
    if not slash or not _is_domain(first):
        return DOCKER_HUB, name if slash else f"library/{name}"
    if first not in (DOCKER_HUB, "index.docker.io"):
        return first, rest
    return DOCKER_HUB, rest if "/" in rest else f"library/{rest}"


def _is_name(registry: str, repository: str) -> bool:
    """Whether a name is still one when its domain is where `_split_name` has found it."""
    return bool(DOMAIN.fullmatch(registry) and REMOTE_NAME.fullmatch(repository))


def _is_domain(component: str) -> bool:
    return (
        any(mark in component for mark in ".:")
        or component == "localhost"
        or component != component.lower()
    )


def _parse_digest(text: str | None) -> Digest | None:
    if text is None:
        return None
    if not _DIGEST.fullmatch(text):
        raise InvalidReferenceError(text)
    return Digest(text)
