"""Manifests, indexes and configs, and what is made of them."""

from contextlib import suppress

from fuzz.target import Shape, Target, lines_of
from registry_mirror.errors import Failure
from registry_mirror.oci import media_type as mt
from registry_mirror.oci.compression import Compression
from registry_mirror.oci.convert import (
    Document,
    ImageConversion,
    needs_config,
    needs_sniff,
    plan_image,
)
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.format import Format
from registry_mirror.oci.image_config import InvalidConfigError, oci_config
from registry_mirror.oci.layers import Stored
from registry_mirror.oci.lists import plan_index, write_list
from registry_mirror.oci.manifest import (
    ImageManifest,
    Index,
    InvalidManifestError,
    blobs_of,
    parse_config_platform,
    parse_manifest,
)
from registry_mirror.oci.platform import DEFAULT_SELECTION, OnlyPlatforms, Platform
from registry_mirror.oci.schema_1 import payload_digest
from registry_mirror.oci.selection import select
from registry_mirror.text import Language

_CHILD = Document(b'{"schemaVersion":2}', mt.DOCKER_MANIFEST)
_STORED = Stored(Digest.of(b"compressed anew"), 4)
_CONFIG = b'{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}'


def check(data: bytes) -> None:
    """What is written can be read, and what was written once is written the same again."""
    _config(data)
    payload_digest(data)
    try:
        manifest = parse_manifest(data)
    except InvalidManifestError:
        return
    assert manifest.digest == Digest.of(data)
    for wanted in Format:
        if isinstance(manifest, Index):
            _index(manifest, wanted)
        else:
            _image(manifest, wanted, len(data) % 3)


def _config(data: bytes) -> None:
    platform = parse_config_platform(data)
    assert platform is None or (platform.os and platform.architecture)
    with suppress(InvalidConfigError):
        written = oci_config(data)
        assert oci_config(written) == written


def _image(manifest: ImageManifest, wanted: Format, draw: int) -> None:
    assert set(blobs_of([manifest])) >= {layer.digest for layer in manifest.layers}
    planned = _planned(manifest, wanted, draw)
    if not isinstance(planned, ImageConversion):
        return
    once = _finished(planned)
    again = parse_manifest(once.content)
    assert isinstance(again, ImageManifest)
    assert len(again.layers) == len(manifest.layers)
    twice = _planned(again, wanted, 1)
    if wanted is Format.SOURCE:
        assert once.content == manifest.content
    elif isinstance(twice, ImageConversion):
        assert _finished(twice).content == once.content


def _planned(manifest: ImageManifest, wanted: Format, draw: int) -> object:
    kinds = (Compression.NONE, Compression.GZIP, Compression.ZSTD)
    sniffed = dict.fromkeys(needs_sniff(manifest, wanted), kinds[draw])
    planned = plan_image(
        manifest, wanted, sniffed, _CONFIG if needs_config(manifest, wanted) else b""
    )
    if isinstance(planned, Failure):
        _said(planned)
    return planned


def _finished(planned: ImageConversion) -> Document:
    assert planned.blobs is not None
    assert planned.skipped is not None
    stored = {each.digest: _STORED for each in planned.recompressions}
    return planned.finish(stored, {blob.digest: blob.size for blob in planned.blobs})


def _index(index: Index, wanted: Format) -> None:
    for platforms in (
        DEFAULT_SELECTION,
        OnlyPlatforms((Platform("linux", "arm64"), Platform("linux", "arm", "v7"))),
    ):
        chosen = select(index, platforms)
        if isinstance(chosen, Failure):
            _said(chosen)
            _offered(chosen)
    plan = plan_index(index, wanted)
    assert len(plan.kept) + len(plan.dropped) == len(index.entries)
    children = {entry.descriptor.digest: _CHILD for entry in plan.kept}
    written = write_list(index, plan.kept, children, wanted)
    again = parse_manifest(written.content)
    assert isinstance(again, Index)
    assert len(again.entries) == len(plan.kept)
    same = {entry.descriptor.digest: _CHILD for entry in again.entries}
    kept = plan_index(again, wanted).kept
    if wanted is not Format.SOURCE and kept == again.entries:
        assert write_list(again, kept, same, wanted).content == written.content


def _offered(failure: Failure) -> None:
    option = dict(failure.hint.values).get("option", "") if failure.hint else ""
    if option:
        Platform.parse(option.removeprefix("--platform "))


def _said(failure: Failure) -> None:
    for text in (failure.cause, failure.hint):
        for language in Language:
            assert text is None or len(text.say(language)) < 10_000


_WORDS = lines_of(
    """
    schemaVersion
    mediaType
    config
    layers
    manifests
    fsLayers
    history
    signatures
    protected
    formatLength
    formatTail
    eyJmb3JtYXRMZW5ndGgiOjEsImZvcm1hdFRhaWwiOiJDbjAifQ
    Cn0
    digest
    size
    urls
    annotations
    data
    artifactType
    subject
    platform
    architecture
    os
    os.version
    os.features
    variant
    features
    linux
    amd64
    arm
    v7
    created
    created_by
    author
    comment
    empty_layer
    rootfs
    type
    diff_ids
    User
    ExposedPorts
    Env
    Entrypoint
    Cmd
    Volumes
    WorkingDir
    Labels
    StopSignal
    ArgsEscaped
    2006-01-02T15:04:05.120Z
    2006-01-02T15:04:05+00:00
    vnd.docker.reference.type
    attestation-manifest
    application/vnd.docker.attestation.manifest.v1+json
    io.github.containers.compression.zstd
    application/vnd.in-toto+json
    application/vnd.oci.image.manifest.v1+json
    application/vnd.oci.image.index.v1+json
    application/vnd.oci.image.config.v1+json
    application/vnd.oci.image.layer.v1.tar
    application/vnd.oci.image.layer.v1.tar+gzip
    application/vnd.oci.image.layer.v1.tar+zstd
    application/vnd.oci.image.layer.nondistributable.v1.tar
    application/vnd.oci.image.layer.nondistributable.v1.tar+zstd
    application/vnd.docker.distribution.manifest.v2+json
    application/vnd.docker.distribution.manifest.list.v2+json
    application/vnd.docker.distribution.manifest.v1+json
    application/vnd.docker.container.image.v1+json
    application/vnd.docker.image.rootfs.diff.tar
    application/vnd.docker.image.rootfs.diff.tar.gzip
    application/vnd.docker.image.rootfs.foreign.diff.tar
    sha256:cbbf2f9a99b47fc460d422812b6a5adff7dfee951d8fa2e4a98caa0382cfbdbf
    sha512:aaaaaaaa
    true
    """
)

_D = "sha256:" + "1" * 64
_OCI = (
    '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":'
    f'{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{_D}","size":2}},'
    '"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+%s","digest":'
    f'"{_D}","size":7,"annotations":{{"b":"c","a":"<&>"}}}}],"annotations":{{"x":null}}}}'
)
_DOCKER = (
    '{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json",'
    '"config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":2,'
    f'"digest":"{_D}"}},"layers":[{{"mediaType":"application/vnd.docker.image.rootfs.%s",'
    f'"size":7,"digest":"{_D}","urls":["https://a.example/b"]}},'
    f'{{"mediaType":"application/vnd.docker.image.rootfs.diff.tar","size":7,"digest":"{_D}"}}]}}'
)
_INDEX = (
    '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":['
    f'{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{_D}","size":9,'
    '"platform":{"architecture":"arm","os":"linux","variant":"v7","os.features":["x"]}},'
    f'{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{_D}","size":9,'
    '"annotations":{"vnd.docker.reference.type":"attestation-manifest"}}],'
    f'"subject":{{"mediaType":"a","digest":"{_D}","size":1,"data":"e30="}}}}'
)
_LIST = (
    '{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.list.v2+json",'
    '"manifests":[{"mediaType":"application/vnd.docker.distribution.manifest.v2+json",'
    f'"size":9,"digest":"{_D}","platform":{{"architecture":"amd64","os":"linux",'
    '"features":["sse"],"os.version":"10"}}]}'
)
_SETTINGS = (
    '{"created":"2006-01-02T15:04:05.1200Z","author":"a","architecture":"amd64","os":"linux",'
    '"variant":"v8","config":{"User":"u","ExposedPorts":{"80/tcp":{}},"Env":["A=b"],"Cmd":["c"],'
    '"Volumes":{"/d":{}},"WorkingDir":"/","Labels":{"l":"m"},"StopSignal":"s","Entrypoint":["e"],'
    '"ArgsEscaped":true,"Healthcheck":{}},"rootfs":{"type":"layers","diff_ids":["sha256:1"]},'
    '"history":[{"created":"2006-01-02T15:04:05+00:00","created_by":"x","empty_layer":true}]}'
)

TARGET = Target(
    name="manifests",
    shape=Shape.JSON,
    check=check,
    words=_WORDS,
    seeds=tuple(
        text.encode()
        for text in (
            _OCI % "gzip",
            _OCI % "zstd",
            _OCI.replace("+%s", ""),
            _DOCKER % "foreign.diff.tar.gzip",
            _DOCKER % "diff.tar.gzip",
            _INDEX,
            _LIST,
            _SETTINGS,
            '{"schemaVersion":1,"fsLayers":[],"history":[],"signatures":[{}]}',
            (
                '{"schemaVersion":1,"fsLayers":[],"history":[],"signatures":[{"protected":'
                '"eyJmb3JtYXRMZW5ndGgiOjEsImZvcm1hdFRhaWwiOiJDbjAifQ"}]}'
            ),
        )
    ),
)
