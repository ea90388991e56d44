"""A registry's `host[:port]`, in every form it can be written in."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_mirror.hosts import (
    HostOfOneWordError,
    InvalidHostError,
    is_ipv6,
    is_listed,
    is_loopback,
    parse_host,
    parse_registry,
    without_port,
)
from registry_mirror.oci.reference import DOMAIN, Reference, bad_port


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("docker.io", "docker.io"),
        (" Docker.IO:443/ ", "docker.io:443"),
        ("https://a.example", "a.example"),
        ("HTTP://a.example//", "a.example"),
        ("localhost", "localhost"),
        ("127.0.0.1:5000", "127.0.0.1:5000"),
        ("[FE80::1]:5000", "[fe80::1]:5000"),
        ("a.example:65535", "a.example:65535"),
    ],
)
def test_a_host_is_understood_as_it_is_pasted(text: str, host: str) -> None:
    assert parse_host(text) == host


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "/",
        "https://",
        "https://https://a",
        "ftp://a",
        "a/b",
        "a:",
        "a:b",
        "a:1:2",
        "a.example:99999",
        "a.example:65536",
        "a.example:0",
        "a.example:0443",
        "[::1]:70000",
        "a..b",
        "-a",
        "a-",
        "a.",
        ".a",
        "a_b",
        "user@a",
        "a b",
        "a\nb",
        "例子.cn",
        "::1",
        "[::1",
        "[]",
        "[fe80::1%eth0]",
        "[::ffff:127.0.0.1]",
    ],
)
def test_what_is_no_host_is_refused(text: str) -> None:
    with pytest.raises(InvalidHostError):
        parse_host(text)


@pytest.mark.parametrize(
    ("text", "registry"),
    [
        ("https://Harbor.example/", "harbor.example"),
        ("harbor:80", "harbor:80"),
        ("localhost", "localhost"),
        ("docker.io", "docker.io"),
        ("index.docker.io", "docker.io"),
        ("[::1]", "[::1]"),
    ],
)
def test_what_a_reference_may_begin_with_is_named_as_it_names_it(text: str, registry: str) -> None:
    assert parse_registry(text) == registry


@pytest.mark.parametrize("text", ["harbor", "HARBOR", "https://harbor/", "127", "a-b"])
def test_one_word_is_no_registry_for_a_reference_takes_it_for_a_namespace(text: str) -> None:
    with pytest.raises(HostOfOneWordError):
        parse_registry(text)


@given(st.from_regex(DOMAIN, fullmatch=True))
def test_a_reference_begins_with_the_registry_or_it_is_none(text: str) -> None:
    with contextlib.suppress(InvalidHostError):
        registry = parse_registry(text)
        assert Reference.parse(f"{registry}/a/b:1").registry == registry


@pytest.mark.parametrize(
    "registry",
    [
        "localhost",
        "LOCALHOST:5000",
        "registry.localhost",
        "127.0.0.1",
        "127.0.0.1:5000",
        "127.255.0.9",
        "[::1]",
        "[::1]:5000",
        "[0:0:0:0:0:0:0:1]:5000",
        "[::ffff:7f00:1]",
    ],
)
def test_loopback(registry: str) -> None:
    assert is_loopback(registry)


@pytest.mark.parametrize(
    "registry",
    [
        "docker.io",
        "localhost.evil.com",
        "evillocalhost",
        "127.evil.com",
        "127.0.0.1.evil.com",
        "127.0.0.1.nip.io:5000",
        "127.0.0.1@evil.com",
        "127.0.0.1:80@evil.com",
        "evil.com:127",
        "128.0.0.1",
        "0.0.0.0",
        "10.0.0.1",
        "127.1",
        "127",
        "2130706433",
        "127.0.0.256",
        "[::2]",
        "[::]",
        "[fe80::1]",
        "[::ffff:a00:1]",
        "[127]",
        "[1]",
        "[abc]:5000",
        "[:::::]",
        "::1",
        "",
    ],
)
def test_no_loopback(registry: str) -> None:
    assert not is_loopback(registry)


@pytest.mark.parametrize(
    ("registry", "hosts", "listed"),
    [
        ("a.example", {"a.example"}, True),
        ("A.Example", {"a.example"}, True),
        ("a.example:5000", {"a.example"}, True),
        ("a.example:5000", {"a.example:5000"}, True),
        ("a.example:5001", {"a.example:5000"}, False),
        ("a.example", {"a.example:5000"}, False),
        ("b.a.example", {"a.example"}, False),
        ("a.example.evil.com", {"a.example"}, False),
        ("[::1]:5000", {"[::1]"}, True),
        ("[::1]:5000", {"[::1]:5000"}, True),
        ("[::1]", {"[::1]:5000"}, False),
        ("[abc]:5000", {"[abc]"}, True),
        ("a.example", set(), False),
    ],
)
def test_a_list_names_hosts_with_or_without_their_port(
    registry: str, hosts: set[str], *, listed: bool
) -> None:
    assert is_listed(registry, frozenset(hosts)) is listed


@pytest.mark.parametrize(
    ("registry", "host"),
    [
        ("A.example:5000", "a.example"),
        ("a.example", "a.example"),
        ("a.example:99999999", "a.example"),
        ("[FD00::1]:5000", "[fd00::1]"),
        ("[fd00::1]", "[fd00::1]"),
    ],
)
def test_a_port_is_taken_off(registry: str, host: str) -> None:
    assert without_port(registry) == host


@pytest.mark.parametrize(
    ("registry", "ipv6"), [("[::1]", True), ("[::1]:5000", True), ("127.0.0.1:5000", False)]
)
def test_ipv6(registry: str, *, ipv6: bool) -> None:
    assert is_ipv6(registry) is ipv6


@given(st.from_regex(DOMAIN, fullmatch=True).filter(lambda text: not bad_port(text)))
def test_whatever_a_reference_can_name_is_judged(registry: str) -> None:
    host = parse_host(registry)

    assert parse_host(host) == host
    assert is_loopback(registry) is is_loopback(host) is is_loopback(without_port(host))
    assert is_listed(registry, frozenset({host}))
    assert is_listed(registry, frozenset({without_port(host)}))


@given(st.text())
def test_weird_text_is_judged_too(text: str) -> None:
    assert is_loopback(text) in {True, False}
    assert is_listed(text, frozenset()) is False
