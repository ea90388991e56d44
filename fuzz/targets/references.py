"""References, digests, platforms, hosts: whatever stands on one line and is looked up."""

from contextlib import suppress

from fuzz.target import Shape, Target, lines_of
from registry_mirror.errors import Problem
from registry_mirror.hosts import (
    InvalidHostError,
    is_ipv6,
    is_listed,
    is_loopback,
    parse_host,
    parse_registry,
    without_port,
)
from registry_mirror.naming import flat_path, full_path
from registry_mirror.oci.digest import Digest, InvalidDigestError
from registry_mirror.oci.platform import InvalidPlatformError, OnlyPlatforms, Platform
from registry_mirror.oci.reference import (
    DOMAIN,
    MAX_REPOSITORY,
    REMOTE_NAME,
    TAG,
    InvalidReferenceError,
    Reference,
)
from registry_mirror.request.platforms import read_platforms
from registry_mirror.text import Language


def check(data: bytes) -> None:
    """What is read prints as itself, and what it printed is read as the same."""
    text = data.decode("utf-8", "surrogateescape")
    _reference(text)
    _digest(text)
    _platforms(text)
    _host(text)


def _reference(text: str) -> None:
    try:
        read = Reference.parse(text)
    except InvalidReferenceError:
        return
    assert Reference.parse(str(read)) == read
    assert DOMAIN.fullmatch(read.registry)
    assert REMOTE_NAME.fullmatch(read.repository)
    assert len(read.repository) <= MAX_REPOSITORY
    assert read.tag is None or TAG.fullmatch(read.tag)
    assert str(read).isascii()
    assert str(read).isprintable()
    assert REMOTE_NAME.fullmatch(flat_path(read))
    assert REMOTE_NAME.fullmatch(full_path(read)), full_path(read)


def _digest(text: str) -> None:
    with suppress(InvalidDigestError):
        digest = Digest(text)
        assert digest == text == f"{digest.algorithm}:{digest.encoded}"
        assert digest.isascii()
        assert digest.isprintable()


def _platforms(text: str) -> None:
    with suppress(InvalidPlatformError):
        platform = Platform.parse(text)
        assert Platform.parse(str(platform)) == platform
    read = read_platforms(text)
    if isinstance(read, Problem):
        for language in Language:
            read.reason.say(language)
            read.hint.say(language)
        _offered(dict(read.hint.values).get("platform"))
        return
    assert read_platforms(",".join(map(str, read.platforms))) == read


def _offered(platform: str | None) -> None:
    assert platform is None or isinstance(read_platforms(platform), OnlyPlatforms)


def _host(text: str) -> None:
    without_port(text)
    is_loopback(text)
    is_ipv6(text)
    is_listed(text, frozenset({"a"}))
    with suppress(InvalidHostError):
        host = parse_host(text)
        assert parse_host(host) == host
        assert without_port(without_port(host)) == without_port(host)
    with suppress(InvalidHostError):
        registry = parse_registry(text)
        assert parse_registry(registry) == registry
        read = Reference.parse(f"{registry}/a/b:1")
        assert (read.registry, read.repository) == (registry, "a/b")


_WORDS = lines_of(
    """
    docker.io
    index.docker.io
    library/
    localhost
    localhost:5000
    127.0.0.1
    [::1]
    [::ffff:127.0.0.1]
    :443
    sha256:
    sha384:
    sha512:
    @sha256:cbbf2f9a99b47fc460d422812b6a5adff7dfee951d8fa2e4a98caa0382cfbdbf
    __
    --
    https://
    HTTP://
    linux/amd64
    windows/
    aarch64
    armv7
    /v8
    ,
    K
    ß
    ı
    ſ
    """
)

TARGET = Target(
    name="references",
    shape=Shape.LINES,
    check=check,
    words=_WORDS,
    seeds=(
        b"nginx:1.27",
        b"a.b-c:8443/d/e__f---g.h:1.0_x-y@sha256:" + b"0123456789abcdef" * 4,
        b"[2001:db8::1]:5000/a/b",
        b"localhost/a@sha512:" + b"a" * 128,
        b"index.docker.io/nginx",
        b"Uppercase/a",
        b"linux/arm64,linux/arm/v7",
        b"windows-amd64",
        b"sha256:" + b"e" * 64,
        b"sha256+b64u:" + b"AZaz09=_-" * 8,
        b"https://harbor.example.com/",
        b"127.0.0.1:5000",
        b"a" * 256,
        b"f" * 64,
    ),
)
