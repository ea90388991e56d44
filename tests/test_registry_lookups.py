import socket
from ipaddress import ip_address

import aiohttp
import pytest

from registry_mirror.registry.lookups import SystemResolver
from registry_mirror.registry.policy import Kind, kind_of


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
@pytest.mark.parametrize("family", [socket.AF_UNSPEC, socket.AF_INET])
async def test_it_finds_what_aiohttps_own_finds(host: str, family: socket.AddressFamily) -> None:
    ours, theirs = SystemResolver(), aiohttp.ThreadedResolver()
    try:
        expected = await theirs.resolve(host, 80, family)
    except OSError as error:
        with pytest.raises(type(error)):
            await ours.resolve(host, 80, family)
        return
    assert expected
    assert await ours.resolve(host, 80, family) == expected


@pytest.mark.parametrize("host", ["a..b", "x" * 64 + ".example"])
async def test_what_is_no_name_is_an_error(host: str) -> None:
    with pytest.raises((OSError, UnicodeError)):
        await SystemResolver().resolve(host, 80, socket.AF_UNSPEC)


async def test_a_zone_is_kept_so_that_it_can_be_judged() -> None:
    try:
        (found,) = await SystemResolver().resolve("fe80::1%1", 80, socket.AF_UNSPEC)
    except OSError:
        pytest.skip("no IPv6 here, so no zones")
    assert found["host"] == "fe80::1%1"
    assert kind_of(ip_address(found["host"])) is Kind.SPECIAL
