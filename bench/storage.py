"""A corpus as docker-registry's storage has it: written once, then served as often as wanted."""

import hashlib
import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.content import grow
from bench.corpus import Corpus, Image, Layer

TAG = "1.0"

_VERSION = "1"
"""Part of the name of a stored corpus; a change of its bytes needs another."""
_READ = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Blob:
    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class StoredLayer:
    """`diff_id` is the digest of what the gzip stream holds."""

    blob: Blob
    diff_id: str


@dataclass(frozen=True, slots=True)
class Stored:
    """`root` is what a registry serves; `unique` counts layers and configs, each once."""

    corpus: Corpus
    root: Path
    unique: int


def store(corpus: Corpus, scale: float, folder: Path) -> Stored:
    """The corpus in a folder below `folder`, written if it isn't there yet."""
    root = folder / f"corpus-{corpus.name}-{scale:g}-v{_VERSION}"
    if not root.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix="writing-") as unfinished:
            written = Path(unfinished) / root.name
            _Writer(written).write(corpus)
            written.rename(root)
    unique = int((root / "unique").read_text(encoding="ascii"))
    return Stored(corpus, root, unique)


def warm(stored: Stored) -> None:
    """Read everything once, so that the first contender doesn't wait for the disk alone."""
    for path in stored.root.rglob("data"):
        with path.open("rb") as file:
            while file.read(_READ):
                pass


class _Writer:
    def __init__(self, root: Path) -> None:
        self._root = root
        self._v2 = root / "docker/registry/v2"
        self._layers: dict[Layer, StoredLayer] = {}
        self._configs: dict[str, Blob] = {}

    def write(self, corpus: Corpus) -> None:
        (self._v2 / "blobs/sha256").mkdir(parents=True)
        for image in corpus.images:
            self._write_image(image)
        blobs = [layer.blob for layer in self._layers.values()] + list(self._configs.values())
        unique = sum({blob.digest: blob.size for blob in blobs}.values())
        (self._root / "unique").write_text(str(unique), encoding="ascii")

    def _write_image(self, image: Image) -> None:
        layers = [self._layer(layer) for layer in image.layers]
        config = self._blob(_config(image, layers))
        self._configs[config.digest] = config
        manifest = self._blob(_manifest(config, layers))
        repository = self._v2 / "repositories" / image.repository
        for blob in (config, *(layer.blob for layer in layers)):
            _link(repository / "_layers", blob.digest)
        _link(repository / "_manifests/revisions", manifest.digest)
        tag = repository / "_manifests/tags" / TAG
        _link(tag / "index", manifest.digest)
        (tag / "current").mkdir()
        (tag / "current/link").write_text(manifest.digest, encoding="ascii")

    def _layer(self, layer: Layer) -> StoredLayer:
        if layer not in self._layers:
            self._layers[layer] = self._grow(layer)
        return self._layers[layer]

    def _grow(self, layer: Layer) -> StoredLayer:
        stored, plain = hashlib.sha256(), hashlib.sha256()
        growing = self._root / "growing"
        with growing.open("wb") as file:
            for chunk in grow(layer.name, layer.size):
                file.write(chunk.stored)
                stored.update(chunk.stored)
                plain.update(chunk.plain)
        place = self._place(stored.hexdigest())
        shutil.move(growing, place)
        return StoredLayer(
            Blob(f"sha256:{stored.hexdigest()}", layer.size), f"sha256:{plain.hexdigest()}"
        )

    def _blob(self, content: bytes) -> Blob:
        encoded = hashlib.sha256(content).hexdigest()
        self._place(encoded).write_bytes(content)
        return Blob(f"sha256:{encoded}", len(content))

    def _place(self, encoded: str) -> Path:
        folder = self._v2 / "blobs/sha256" / encoded[:2] / encoded
        folder.mkdir(parents=True, exist_ok=True)
        return folder / "data"


def _link(folder: Path, digest: str) -> None:
    algorithm, _, encoded = digest.partition(":")
    place = folder / algorithm / encoded
    place.mkdir(parents=True, exist_ok=True)
    (place / "link").write_text(digest, encoding="ascii")


def _config(image: Image, layers: list[StoredLayer]) -> bytes:
    return _json(
        {
            "created": "1970-01-01T00:00:00Z",
            "architecture": "amd64",
            "os": "linux",
            "config": {"Labels": {"name": image.repository}},
            "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in layers]},
        }
    )


def _manifest(config: Blob, layers: list[StoredLayer]) -> bytes:
    """OCI, as BuildKit pushes it: who wants Docker V2 Schema 2 has to convert."""
    prefix = "application/vnd.oci.image"
    return _json(
        {
            "schemaVersion": 2,
            "mediaType": f"{prefix}.manifest.v1+json",
            "config": _descriptor(f"{prefix}.config.v1+json", config),
            "layers": [_descriptor(f"{prefix}.layer.v1.tar+gzip", layer.blob) for layer in layers],
        }
    )


def _descriptor(media_type: str, blob: Blob) -> dict[str, object]:
    return {"mediaType": media_type, "digest": blob.digest, "size": blob.size}


def _json(document: object) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()
