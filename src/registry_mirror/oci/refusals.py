"""Why an image can't be written in another format, as far as its manifest tells."""

import re
from dataclasses import replace

from registry_mirror.errors import Code, Failure, Side
from registry_mirror.oci import media_type as mt
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.format import Format
from registry_mirror.oci.json import MAX_CONTENT
from registry_mirror.oci.layers import TO_DOCKER, TO_OCI, ZSTD
from registry_mirror.oci.manifest import Descriptor, ImageManifest
from registry_mirror.text import Text

_NO_LAYERS = re.compile(r"application/vnd\.(?:in-toto|dev\.cosign|dev\.sigstore|cncf)\b")
"""What the layers of attestations, signatures and charts are called."""

_IN_V2S2 = frozenset(TO_OCI) | {mt.DOCKER_CONFIG} | mt.SCHEMA_1 | mt.DOCKER_V2S2
"""What skopeo lets a layer of a v2s2 manifest be called."""

_MAX_NAME = 40
"""Characters of a hash's name: the manifest is a stranger's."""

_HINT = Text(
    zh="用 --format source（MIRROR_FORMAT=source）原样复制",
    en="copy it as it is with --format source (MIRROR_FORMAT=source)",
)
_HINT_IN_INDEX = Text(
    zh="只要其中的镜像，就去掉 --all，用 --platform 选平台；要全部原样复制，"
    "用 --format source（MIRROR_FORMAT=source）",
    en="for the images in it choose platforms with --platform instead of --all; to copy all of it "
    "as it is, use --format source (MIRROR_FORMAT=source)",
)
_NESTED = Text(
    zh="多平台镜像里套着另一个多平台镜像，无法转换格式",
    en="the image's index holds another index, which can't be converted",
)
_MIXED = Text(
    zh="manifest 自相矛盾：外层是 OCI 格式，配置却标为 Docker 类型",
    en="the manifest contradicts itself: it is an OCI one with a config of Docker's type",
)
_BAD_CONFIG = Text(
    zh="镜像的配置不是合法的 JSON 镜像配置，无法转换成 OCI 格式",
    en="the image's config is malformed and can't be converted to OCI",
)
_OTHER_HASH = Text(
    zh="镜像的配置或层用 {algorithm} 标识，转换后的格式只支持 sha256",
    en="a config or layer is named by {algorithm}; the format it is converted to takes sha256 only",
)
_FOREIGN_ZSTD = Text(
    zh="镜像里有 zstd 压缩的外部层（foreign layer），内容不在仓库里，无法重新压缩",
    en="the image has a foreign layer in zstd, which is not in the registry and can't be "
    "compressed anew",
)
_ENCRYPTED = Text(
    zh="镜像里有加密的层，Docker V2 Schema 2 不支持",
    en="the image has an encrypted layer, which Docker V2 Schema 2 has no place for",
)
_BIG_CONFIG = Text(
    zh="镜像的配置大于 4 MiB",
    en="the image's config is over 4 MiB",
)


def nested_index(media_type: str) -> Failure:
    return _failure(Code.NOT_AN_IMAGE, media_type, _NESTED, _HINT)


def bad_config(said: str) -> Failure:
    return _failure(Code.BAD_MANIFEST, said, _BAD_CONFIG, _HINT)


def in_index(failure: Failure, child: Digest) -> Failure:
    """The same failure, of one of several images that an index names."""
    said = f"{child}: {failure.said}"
    if failure.code in (Code.NOT_AN_IMAGE, Code.UNSUPPORTED_LAYER):
        return replace(failure, said=said, hint=_HINT_IN_INDEX)
    return replace(failure, said=said)


def refusal_of(image: ImageManifest, config: Descriptor, wanted: Format) -> Failure | None:
    """`config` is the image's."""
    if wanted is Format.SOURCE:
        return None
    return next(
        (
            failure
            for failure in (
                _of_config(image, config, wanted),
                *(_of_layer(layer, image, wanted) for layer in image.layers),
                *(_of_hash(blob) for blob in (config, *image.layers) if not blob.urls),
            )
            if failure
        ),
        None,
    )


def _of_config(image: ImageManifest, config: Descriptor, wanted: Format) -> Failure | None:
    if wanted is Format.V2S2 and not image.is_docker:
        if config.media_type == mt.DOCKER_CONFIG:
            return _failure(Code.BAD_MANIFEST, config.media_type, _MIXED, _HINT)
        if config.media_type != mt.OCI_CONFIG:
            said = image.frame.artifact_type or config.media_type
            return _failure(Code.NOT_AN_IMAGE, said)
    if config.size > MAX_CONTENT:
        return _failure(Code.TOO_LARGE, str(config.size), _BIG_CONFIG)
    return None


def _of_layer(layer: Descriptor, image: ImageManifest, wanted: Format) -> Failure | None:
    media_type = layer.media_type
    if media_type in _known(image, wanted):
        is_out_of_reach = wanted is Format.V2S2 and media_type in ZSTD and layer.urls
        cause = _FOREIGN_ZSTD if is_out_of_reach else None
        return _failure(Code.UNSUPPORTED_LAYER, media_type, cause) if cause else None
    if not image.is_docker and wanted is Format.OCI:
        return None
    if _NO_LAYERS.match(media_type):
        return _failure(Code.NOT_AN_IMAGE, media_type)
    cause = _ENCRYPTED if media_type.endswith("+encrypted") else None
    return _failure(Code.UNSUPPORTED_LAYER, media_type, cause)


def _known(image: ImageManifest, wanted: Format) -> frozenset[str]:
    if not image.is_docker:
        return frozenset(TO_DOCKER)
    return _IN_V2S2 if wanted is Format.V2S2 else frozenset(TO_OCI)


def _of_hash(blob: Descriptor) -> Failure | None:
    algorithm = blob.digest.algorithm
    if algorithm == "sha256":
        return None
    cause = _OTHER_HASH.fill(algorithm=algorithm[:_MAX_NAME])
    return _failure(Code.UNSUPPORTED_LAYER, blob.digest, cause, _HINT)


def _failure(code: Code, said: str, cause: Text | None = None, hint: Text | None = None) -> Failure:
    return Failure(code, Side.SOURCE, said, cause, hint)
