"""Where the images stand in the documents of Kubernetes and Compose."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from registry_mirror.request.line import MAX_LINE, is_image
from registry_mirror.yaml_nodes import Listing, Mapping, Node, Scalar

_IMAGE = "image"
_IMAGES = "images"
_MERGE = "<<"
_STATUS = "status"
_MOST = MAX_LINE + 1


@dataclass(frozen=True, slots=True)
class Found:
    """What stands at a key `image`, empty where that is no text; `raw` is its whole line.

    `line` counts from 1. `service` is the Compose service's name, empty elsewhere.
    """

    line: int
    text: str
    service: str = ""
    raw: str = ""


def images_of(document: Node) -> list[Found]:
    """Every image of a document, by its line."""
    services = _services(document)
    found = _of_services(services) if services else _anywhere(document)
    return sorted(found, key=lambda one: one.line)


def _services(document: Node) -> Mapping | None:
    """Those of a Compose file; Kubernetes objects say which version of an API they are of."""
    if not isinstance(document, Mapping) or document.get("apiVersion") is not None:
        return None
    services = document.get("services")
    return services if isinstance(services, Mapping) else None


def _of_services(services: Mapping) -> Iterator[Found]:
    """A service without an image is built, and nothing is to be mirrored of it."""
    for entry in services.entries:
        image = _merged(entry.value, _IMAGE)
        if isinstance(image, Scalar) and not image.is_null:
            yield replace(_found(image), service=entry.key.text)


def _merged(node: Node, key: str) -> Node | None:
    """A key's value in a mapping, or in what is merged into it."""
    match node:
        case Mapping():
            own, merged = node.get(key), node.get(_MERGE)
            return own if own is not None or merged is None else _merged(merged, key)
        case Listing():
            values = (_merged(item, key) for item in node.items)
            return next((value for value in values if value is not None), None)
        case Scalar():
            return None


def _anywhere(document: Node) -> Iterator[Found]:
    """In a mapping's `image`: a text, or a mapping that names the parts of one.

    Of the texts in a list that is called `images`, or is the whole document, those that are images.
    """
    yield from _listed(document)
    left = [document]
    while left:
        node = left.pop()
        match node:
            case Listing():
                left += reversed(node.items)
            case Mapping():
                left += reversed(_below(node))
                yield from _own(node)
            case Scalar():
                pass


def _below(node: Mapping) -> list[Node]:
    is_object = node.get("kind") is not None and node.get("apiVersion") is not None
    return [entry.value for entry in node.entries if not (is_object and entry.key.text == _STATUS)]


def _own(node: Mapping) -> Iterator[Found]:
    for entry in node.entries:
        if entry.key.text == _IMAGES:
            yield from _listed(entry.value)
        if entry.key.text != _IMAGE:
            continue
        match entry.value:
            case Scalar(is_null=False) as image:
                yield _found(image)
            case Mapping() as parts:
                yield from _of_parts(parts)
            case Listing(items=items) if any(isinstance(item, Scalar) for item in items):
                yield Found(entry.key.line, "")
            case _:
                pass


def _listed(node: Node) -> Iterator[Found]:
    for item in node.items if isinstance(node, Listing) else ():
        if isinstance(item, Scalar) and is_image(item.text):
            yield _found(item)


def _of_parts(parts: Mapping) -> Iterator[Found]:
    """Volumes have images by `reference`, operators and charts by `repository` and `tag`.

    Parts that name an image in a way that isn't known are told; a schema's `type` is none.
    """
    reference, repository = _text(parts, "reference"), _text(parts, "repository")
    registry, tag, digest = (_text(parts, key) for key in ("registry", "tag", "digest"))
    if reference:
        yield _found(reference)
    elif repository:
        before = f"{registry.text[:_MOST]}/" if registry else ""
        after = (f":{tag.text[:_MOST]}" if tag else "") + (
            f"@{digest.text[:_MOST]}" if digest else ""
        )
        yield _found(replace(repository, text=f"{before}{repository.text[:_MOST]}{after}"))
    elif (tag or digest) and (registry or _text(parts, "name")):
        yield Found(parts.line, "")


def _found(scalar: Scalar) -> Found:
    """As much of the text as tells that it is too long: aliases write a text thousands of times."""
    return Found(scalar.line, scalar.text[:_MOST])


def _text(parts: Mapping, key: str) -> Scalar | None:
    value = parts.get(key)
    return value if isinstance(value, Scalar) and not value.is_null and value.text else None
