"""Images whose layers are as a test wants them, whatever a builder would make."""

import gzip
import json
import sys
from collections.abc import Sequence

from registry_mirror.embedded.images import BuiltImage, Piece, build_image, build_layer
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.oci import media_type
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.manifest import ImageManifest, Index, parse_manifest
from registry_mirror.oci.platform import Platform

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["zstd"]


def oddly_made(
    layers: Sequence[tuple[str, bytes, int]], config_size: int = 0, config: bytes = b""
) -> BuiltImage:
    """An image of layers by type, content and how much their size is told wrong."""
    config = config or _config([Digest.of(plain(content)) for _, content, _ in layers])
    pieces = [Piece.of(kind, content) for kind, content, _ in layers]
    document = {
        "schemaVersion": 2,
        "mediaType": media_type.OCI_MANIFEST,
        "config": {
            "mediaType": media_type.OCI_CONFIG,
            "digest": Digest.of(config),
            "size": len(config) + config_size,
        },
        "layers": [
            {"mediaType": piece.media_type, "digest": piece.digest, "size": len(content) + wrong}
            for piece, (_, content, wrong) in zip(pieces, layers, strict=True)
        ],
    }
    top = Piece.of(media_type.OCI_MANIFEST, json.dumps(document).encode())
    blobs = (Piece.of(media_type.OCI_CONFIG, config), *pieces)
    return BuiltImage(top, blobs, platform=Platform("linux", "amd64"))


def _config(diff_ids: list[Digest]) -> bytes:
    rootfs = {"type": "layers", "diff_ids": diff_ids}
    return json.dumps({"architecture": "amd64", "os": "linux", "rootfs": rootfs}).encode()


def plain(content: bytes) -> bytes:
    if content.startswith(b"\x28\xb5\x2f\xfd"):
        return zstd.decompress(content)
    is_gzip = content.startswith(b"\x1f\x8b") and not content.endswith(bytes(100))
    return gzip.decompress(content) if is_gzip else content


TAR = b"a tar " * 100_000
GZIPPED = (media_type.OCI_LAYER_GZIP, gzip.compress(b"gzipped", mtime=0), 0)
ZSTD = (media_type.OCI_LAYER_ZSTD, zstd.compress(TAR), 0)
PLAIN = (media_type.OCI_LAYER, TAR, 0)


def manifest_of(registry: EmbeddedRegistry, repository: str, reference: str) -> ImageManifest:
    held = registry.manifest(repository, reference)
    assert held
    parsed = parse_manifest(held[1])
    assert isinstance(parsed, ImageManifest)
    return parsed


def list_of(registry: EmbeddedRegistry, repository: str, reference: str) -> Index:
    held = registry.manifest(repository, reference)
    assert held
    parsed = parse_manifest(held[1])
    assert isinstance(parsed, Index)
    return parsed


def typed_zstd(content: bytes) -> BuiltImage:
    """An image whose only layer claims to be zstd."""
    gzipped = build_image([build_layer({"a": b"a"})])
    config, layer = gzipped.blobs
    piece = Piece.of(media_type.OCI_LAYER_ZSTD, content)
    body = gzipped.top.content.replace(layer.digest.encode(), piece.digest.encode())
    body = body.replace(b"tar+gzip", b"tar+zstd")
    body = body.replace(f'"size":{len(layer.content)}'.encode(), f'"size":{len(content)}'.encode())
    return BuiltImage(Piece.of(media_type.OCI_MANIFEST, body), (config, piece))
