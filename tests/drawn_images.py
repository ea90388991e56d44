"""Small images that hypothesis draws: shapes and spellings of manifests, each with fresh layers."""

import gzip
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from registry_mirror.embedded.images import BuiltImage, Piece, Style
from registry_mirror.oci import media_type as mt
from registry_mirror.oci.platform import Platform

PLATFORMS = (
    Platform("linux", "amd64"),
    Platform("linux", "arm64", "v8"),
    Platform("linux", "arm", "v7"),
    Platform("windows", "amd64"),
)
TEXTS = st.sampled_from(["", "plain", "<a href='&'>", "层", '"\\', "\u2028\u2029", "\x7f\t\n"])
URLS = ("https://foreign.test/layer?a=1&b=<2>",)


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a document is written; what it says is the same."""

    indent: int | None
    newline: bool
    reverse: bool
    shout: bool

    def write(self, document: dict[str, Any]) -> bytes:
        spelled = self._keys(document)
        separators = None if self.indent else (",", ":")
        text = json.dumps(spelled, indent=self.indent, separators=separators)
        return (text + "\n" * self.newline).encode()

    def _keys(self, document: dict[str, Any]) -> dict[str, Any]:
        members = reversed(document.items()) if self.reverse else document.items()
        return {self._key(key): value for key, value in members}

    def _key(self, key: str) -> str:
        return key.upper() if self.shout and key in ("config", "layers", "manifests") else key


SPELLINGS = st.builds(
    Spelling,
    indent=st.sampled_from([None, 2, 3]),
    newline=st.booleans(),
    reverse=st.booleans(),
    shout=st.booleans(),
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of layer: its type by style, whether it is compressed and whether it is foreign."""

    types: tuple[str, str]
    compress: Callable[[bytes], bytes]
    urls: tuple[str, ...] = ()

    def type(self, style: Style) -> str:
        return self.types[style is Style.DOCKER]


_GZIP_TYPES = (mt.OCI_LAYER_GZIP, mt.DOCKER_LAYER_GZIP)
_PLAIN_TYPES = (mt.OCI_LAYER, mt.DOCKER_LAYER)

KINDS = st.sampled_from(
    [
        Kind(_GZIP_TYPES, gzip.compress),
        Kind(_GZIP_TYPES, gzip.compress),
        Kind(_PLAIN_TYPES, gzip.compress),
        Kind(_PLAIN_TYPES, bytes),
        Kind(_GZIP_TYPES, gzip.compress, URLS),
        Kind((mt.OCI_FOREIGN_GZIP, mt.DOCKER_FOREIGN_GZIP), gzip.compress, URLS),
        Kind((mt.OCI_FOREIGN, mt.DOCKER_FOREIGN), bytes, URLS),
    ]
)

_STEPS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "created": st.sampled_from(
            ["2024-01-02T03:04:05Z", "2024-01-02T03:04:05.120000000Z", "2024-01-02T03:04:05+08:00"]
        ),
        "created_by": TEXTS,
        "comment": TEXTS,
        "author": TEXTS,
        "empty_layer": st.booleans(),
    },
)
_SETTINGS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"WorkingDir": st.just("/")},
    optional={
        "Hostname": TEXTS,
        "Env": st.lists(TEXTS, max_size=2),
        "Cmd": st.none() | st.lists(TEXTS, max_size=2),
        "ExposedPorts": st.just({"80/tcp": {}, "443/tcp": {}}),
        "Labels": st.dictionaries(TEXTS, TEXTS, max_size=3),
        "OnBuild": st.none(),
        "Volumes": st.none() | st.just({"/data": {}}),
        "ArgsEscaped": st.booleans(),
    },
)
# Empty settings are never drawn: skopeo after 1.22 leaves them out where it wrote {} before.
_CONFIGS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"architecture": st.just("amd64"), "os": st.just("linux"), "config": _SETTINGS},
    optional={
        "created": st.just("2024-01-02T03:04:05.000000001Z"),
        "docker_version": st.just("20.10"),
        "os.version": st.just("10.0"),
        "history": st.lists(_STEPS, max_size=3),
        "rootfs": st.just({"type": "layers", "diff_ids": ["sha256:" + "0" * 64]}),
    },
)
_ANNOTATIONS = st.dictionaries(TEXTS, TEXTS, max_size=2)


def _descriptor(piece: Piece, **extra: object) -> dict[str, object]:
    size = len(piece.content)
    given = {key: value for key, value in extra.items() if value}
    return {"mediaType": piece.media_type, "digest": piece.digest, "size": size, **given}


@st.composite
def images(draw: st.DrawFn, styles: Sequence[Style] = tuple(Style)) -> BuiltImage:
    """An image that is compressed anew says what it is: we always write that, skopeo copies it."""
    style = draw(st.sampled_from(styles))
    kinds = draw(st.lists(KINDS, max_size=3))
    config = Piece.of(style.config, json.dumps(draw(_CONFIGS)).encode())
    layers = [Piece.of(kind.type(style), kind.compress(secrets.token_bytes(40))) for kind in kinds]
    frame = {"annotations": draw(_ANNOTATIONS)} if draw(st.booleans()) else {}
    document = {
        "schemaVersion": 2,
        "mediaType": style.manifest,
        "config": _descriptor(config),
        "layers": [
            _descriptor(layer, urls=kind.urls, annotations=draw(_ANNOTATIONS))
            for layer, kind in zip(layers, kinds, strict=True)
        ],
        **frame,
    }
    recompressed = any(kind.compress is bytes and not kind.urls for kind in kinds)
    if style is Style.OCI and not recompressed and draw(st.booleans()):
        del document["mediaType"]
    if style is Style.OCI and not layers and draw(st.booleans()):
        del document["layers"]
    top = Piece.of(style.manifest, draw(SPELLINGS).write(document))
    here = tuple(layer for layer, kind in zip(layers, kinds, strict=True) if kind.urls == ())
    return BuiltImage(top, (config, *here))


@st.composite
def indexes(draw: st.DrawFn) -> BuiltImage:
    style = draw(st.sampled_from(tuple(Style)))
    inner = (Style.DOCKER,) if style is Style.DOCKER else tuple(Style)
    children = draw(st.lists(images(inner), max_size=3))
    document = {
        "schemaVersion": 2,
        "mediaType": style.index,
        "manifests": [_descriptor(child.top, **draw(_entries())) for child in children],
        **({"annotations": draw(_ANNOTATIONS)} if draw(st.booleans()) else {}),
    }
    if style is Style.OCI and draw(st.booleans()):
        del document["mediaType"]
    return BuiltImage(
        Piece.of(style.index, draw(SPELLINGS).write(document)),
        tuple(blob for child in children for blob in child.blobs),
        tuple(child.top for child in children),
    )


@st.composite
def _entries(draw: st.DrawFn) -> dict[str, Any]:
    platform = draw(st.none() | st.sampled_from(PLATFORMS))
    details = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "os.version": st.just("10.0.1"),
                "os.features": st.just(["win32k"]),
                "features": st.just(["sse4"]),
            },
        )
    )
    if platform:
        details |= {"architecture": platform.architecture, "os": platform.os}
        details |= {"variant": platform.variant} if platform.variant else {}
    return {
        "platform": details if platform else None,
        "annotations": draw(_ANNOTATIONS),
        "urls": draw(st.sampled_from([(), ("https://mirror.test/<&>",)])),
    }
