from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from registry_mirror.registry.connector import Door, RefusedAddressError
from registry_mirror.registry.locations import BadLocationError, go
from registry_mirror.registry.policy import (
    Endpoint,
    Kind,
    NetworkPolicy,
    OddLiteralError,
    kind_of,
    literal,
    reach_of,
)
from registry_mirror.registry.proxies import Proxies, authorization_of
from tests.registry_peers import Names

ELSEWHERE = Endpoint("cdn.example.com", 443)


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("1.1.1.1", Kind.PUBLIC),
        ("2606:4700::1111", Kind.PUBLIC),
        ("127.0.0.1", Kind.LOOPBACK),
        ("127.255.0.3", Kind.LOOPBACK),
        ("::1", Kind.LOOPBACK),
        ("10.0.0.1", Kind.PRIVATE),
        ("172.16.0.1", Kind.PRIVATE),
        ("172.31.255.255", Kind.PRIVATE),
        ("172.32.0.1", Kind.PUBLIC),
        ("192.168.1.1", Kind.PRIVATE),
        ("100.64.0.1", Kind.PRIVATE),
        ("198.18.0.1", Kind.PRIVATE),
        ("192.0.2.1", Kind.PRIVATE),
        ("fd12::1", Kind.PRIVATE),
        ("fec0::1", Kind.PRIVATE),
        ("2001:db8::1", Kind.PRIVATE),
        ("64:ff9b:1::a00:1", Kind.SPECIAL),
        ("0.0.0.0", Kind.SPECIAL),
        ("::", Kind.SPECIAL),
        ("169.254.1.1", Kind.SPECIAL),
        ("fe80::1", Kind.SPECIAL),
        ("fe80::1%eth0", Kind.SPECIAL),
        ("224.0.0.1", Kind.SPECIAL),
        ("ff02::1", Kind.SPECIAL),
        ("255.255.255.255", Kind.SPECIAL),
        ("240.0.0.1", Kind.SPECIAL),
        ("169.254.169.254", Kind.METADATA),
        ("100.100.100.200", Kind.METADATA),
        ("168.63.129.16", Kind.METADATA),
        ("fd00:ec2::254", Kind.METADATA),
        ("::ffff:127.0.0.1", Kind.LOOPBACK),
        ("::ffff:10.0.0.1", Kind.PRIVATE),
        ("::ffff:169.254.169.254", Kind.METADATA),
        ("::ffff:1.1.1.1", Kind.PUBLIC),
        ("::127.0.0.1", Kind.LOOPBACK),
        ("64:ff9b::7f00:1", Kind.LOOPBACK),
        ("64:ff9b::a00:1", Kind.PRIVATE),
        ("64:ff9b::a9fe:a9fe", Kind.METADATA),
        ("64:ff9b::101:101", Kind.PUBLIC),
        ("2002:7f00:1::", Kind.LOOPBACK),
        ("2002:a00:1::", Kind.PRIVATE),
        ("2001:0:4136:e378:8000:63bf:80ff:fffe", Kind.LOOPBACK),
    ],
)
def test_the_kind_of_an_address(address: str, kind: Kind) -> None:
    assert kind_of(ip_address(address)) is kind


@given(st.ip_addresses(v=4))
def test_an_address_is_of_one_kind_in_all_its_ipv6_forms(address: object) -> None:
    kind = kind_of(ip_address(str(address)))
    number = int(ip_address(str(address)))
    for form in (
        f"::ffff:{address}",
        f"64:ff9b::{number >> 16:x}:{number & 0xFFFF:x}",
        f"2002:{number >> 16:x}:{number & 0xFFFF:x}::1",
    ):
        assert kind_of(ip_address(form)) is kind, form


@pytest.mark.parametrize(
    "host",
    [
        "2130706433", "0x7f000001", "0X7F000001", "017700000001", "127.1", "127.0.1", "0",
        "0177.0.0.1", "0x7f.0.0.1", "127.0.0.1e1.0x1", "127.0.0.01", "1.2.3.4.5", "256.1.1.1",
        "evil.example.1", "example.0x", "fe80::1%eth0", "[fe80::1%25eth0]", "1::2::3", "127.1.",
    ],
)  # fmt: skip
def test_addresses_in_odd_writing_are_refused(host: str) -> None:
    with pytest.raises(OddLiteralError):
        literal(host)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("example.com", None), ("localhost", None), ("1password.com", None), ("3com", None),
        ("0x.example", None), ("127.0.0.1", "127.0.0.1"), ("127.0.0.1.", "127.0.0.1"),
        ("[::1]", "::1"), ("::FFFF:1.2.3.4", "::ffff:1.2.3.4"),
    ],
)  # fmt: skip
def test_names_are_told_from_addresses(host: str, expected: str | None) -> None:
    assert literal(host) == (ip_address(expected) if expected else None)


STRANGERS = NetworkPolicy.for_strangers("harbor.lan", ["nexus.lan", "gitlab.lan:5050", "[fd00::5]"])
OPERATOR = NetworkPolicy.for_operator(["docker.io", "registry.lan:5000", "127.0.0.1:5000"], [])


@pytest.mark.parametrize(
    ("endpoint", "address", "allowed"),
    [
        (Endpoint("anything.example", 443), "1.1.1.1", True),
        (Endpoint("anything.example", 443), "10.0.0.1", False),
        (Endpoint("harbor.lan", 443), "10.0.0.1", True),
        (Endpoint("harbor.lan", 80), "10.0.0.1", True),
        (Endpoint("harbor.lan", 2375), "10.0.0.1", False),
        (Endpoint("nexus.lan", 8081), "192.168.0.1", True),
        (Endpoint("nexus.lan", 8081), "169.254.169.254", False),
        (Endpoint("sub.nexus.lan", 443), "192.168.0.1", False),
        (Endpoint("gitlab.lan", 5050), "127.0.0.1", True),
        (Endpoint("gitlab.lan", 443), "127.0.0.1", False),
        (Endpoint("fd00::5", 443), "fd00::5", True),
        (Endpoint("fd00::6", 443), "fd00::6", False),
    ],
)
@pytest.mark.parametrize("reach", [Kind.PUBLIC, Kind.LOOPBACK])
def test_strangers_reach_public_addresses_and_what_is_listed_exactly(
    endpoint: Endpoint, address: str, *, allowed: bool, reach: Kind
) -> None:
    assert STRANGERS.allows(endpoint, ip_address(address), reach_of(reach)) is allowed


@pytest.mark.parametrize(
    ("sender", "address", "allowed"),
    [
        (Kind.PUBLIC, "1.1.1.1", True),
        (Kind.PUBLIC, "10.0.0.1", False),
        (Kind.PUBLIC, "127.0.0.1", False),
        (Kind.PRIVATE, "10.0.0.1", True),
        (Kind.PRIVATE, "127.0.0.1", False),
        (Kind.PRIVATE, "169.254.1.1", False),
        (Kind.LOOPBACK, "127.0.0.1", True),
        (Kind.LOOPBACK, "10.0.0.1", True),
        (Kind.LOOPBACK, "169.254.169.254", False),
        (Kind.LOOPBACK, "0.0.0.0", False),
    ],
)
def test_a_private_registry_of_the_operators_may_send_us_to_private_addresses(
    sender: Kind, address: str, *, allowed: bool
) -> None:
    assert OPERATOR.allows(ELSEWHERE, ip_address(address), reach_of(sender)) is allowed


@pytest.mark.parametrize(
    ("endpoint", "allowed"),
    [
        (Endpoint("registry-1.docker.io", 443), True),
        (Endpoint("docker.io", 443), False),
        (Endpoint("registry.lan", 5000), True),
        (Endpoint("registry.lan", 443), False),
        (Endpoint("127.0.0.1", 5000), True),
        (Endpoint("127.0.0.1", 5001), False),
    ],
)
def test_the_operator_reaches_what_the_operator_named(endpoint: Endpoint, *, allowed: bool) -> None:
    assert OPERATOR.allows(endpoint, ip_address("127.0.0.1")) is allowed


def test_a_metadata_service_is_reached_only_by_its_own_address() -> None:
    policy = NetworkPolicy.for_strangers(None, ["169.254.169.254", "meta.lan"])
    address = ip_address("169.254.169.254")
    assert policy.allows(Endpoint("169.254.169.254", 80), address)
    assert not policy.allows(Endpoint("meta.lan", 80), address)


def test_a_registry_with_a_public_address_too_sends_nobody_to_private_ones() -> None:
    endpoint = Endpoint("registry.lan", 5000)
    for addresses, allowed in ((("127.0.0.1",), True), (("127.0.0.1", "1.1.1.1"), False)):
        for order in (addresses, addresses[::-1]):
            door = Door(OPERATOR, Names())
            with door.passage(endpoint, from_registry=True) as passage:
                for address in order:
                    door.judge(passage, ip_address(address))
            with door.passage(ELSEWHERE, from_registry=False) as passage:
                if allowed:
                    door.judge(passage, ip_address("127.0.0.1"))
                else:
                    with pytest.raises(RefusedAddressError):
                        door.judge(passage, ip_address("127.0.0.1"))
            assert passage.refused is not allowed


@pytest.mark.parametrize(
    ("current", "location", "expected"),
    [
        ("https://h/v2/a", "/v2/b?x=%2F%2f&y=a+b", "https://h/v2/b?x=%2F%2f&y=a+b"),
        ("https://h/v2/a/", "b", "https://h/v2/a/b"),
        ("https://h/v2/a", "?_state=x%3D%3d", "https://h/v2/a?_state=x%3D%3d"),
        ("https://h/v2/a", "https://c/%7Efile?s=%41~%7e", "https://c/%7Efile?s=%41~%7e"),
        ("https://h/v2/a", "https://c/d?q=a b\u00e9", "https://c/d?q=a%20b%C3%A9"),
        ("https://h/v2/a", "//c/d", "https://c/d"),
        ("https://h/v2/a", "https://u:p@c/d#f", "https://c/d"),
        ("https://h/v2/a", "http://h/v2/b", "https://h/v2/b"),
        ("https://h:8443/v2/a", "http://h/v2/b", "https://h:8443/v2/b"),
        ("https://h/v2/a", "http://h:443/v2/b?x=%2f", "https://h/v2/b?x=%2f"),
        ("http://h/v2/a", "http://c/d", "http://c/d"),
        ("http://h/v2/a", "https://c/d", "https://c/d"),
    ],
)
def test_a_location_is_followed_with_its_bytes_unchanged(
    current: str, location: str, expected: str
) -> None:
    assert str(go(URL(current, encoded=True), location)) == expected


@pytest.mark.parametrize(
    "location",
    [
        "http://c/d", "http://h:8080/d", "ftp://c/d", "null://x", "file:///etc/passwd", "https://",
        "https:///d", "http:d", "https://h:99999/d", "https://[::1/d", "gopher:x", "https://h:0/d",
        "https://[::1]@/d",
    ],
)  # fmt: skip
def test_a_location_elsewhere_than_in_https_is_refused(location: str) -> None:
    with pytest.raises(BadLocationError):
        go(URL("https://h/v2/a"), location)


@given(st.text())
def test_no_location_fails_in_another_way(location: str) -> None:
    try:
        url = go(URL("https://h/v2/a"), location)
    except BadLocationError:
        return
    assert url.scheme == "https"
    assert str(url).isascii()
    assert str(url).isprintable()
    assert " " not in str(url)


@pytest.mark.parametrize(
    ("no_proxy", "url", "proxied"),
    [
        ("", "https://h.example/x", True),
        ("", "http://127.0.0.1:5000/", False),
        ("", "http://localhost/", False),
        ("", "http://[::1]/", False),
        ("*", "https://h.example/", False),
        ("h.example", "https://h.example/", False),
        ("example", "https://h.example/", False),
        (".example", "https://H.example./", False),
        ("*.example", "https://h.example/", False),
        ("ample", "https://h.example/", True),
        ("a, h.example:443", "https://h.example/", False),
        ("h.example:8443", "https://h.example/", True),
        ("10.0.0.0/8", "https://10.1.2.3/", False),
        ("10.0.0.0/8", "https://11.1.2.3/", True),
        ("192.168.0.1", "https://192.168.0.1/", False),
        ("[fd00::1]", "https://[fd00::1]/", False),
    ],
)
def test_no_proxy_says_what_is_reached_directly(no_proxy: str, url: str, *, proxied: bool) -> None:
    environment = {"https_proxy": "proxy.lan:3128", "NO_PROXY": no_proxy}
    found = Proxies.of(environment).find(URL(url))
    assert found == (URL("http://proxy.lan:3128") if proxied else None)


def test_proxies_come_from_the_environment_the_lowercase_first() -> None:
    environment = {"http_proxy": "", "HTTP_PROXY": "http://a", "ALL_PROXY": "http://u:p%40@b:1"}
    proxies = Proxies.of(environment)
    assert proxies.find(URL("http://h.example")) == URL("http://a")
    secure = proxies.find(URL("https://h.example"))
    assert authorization_of(secure) == {"Proxy-Authorization": "Basic dTpwQA=="}
    assert Proxies.of({}).find(URL("https://h.example")) is None
