from __future__ import annotations

from ipaddress import IPv6Address
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar, Request, get

from gutschein.limits.client import Proxies, address_behind, client_address, parse_proxies
from gutschein.limits.networks import LOCAL, host_of, network_of, parse_address
from gutschein.settings import Settings, SettingsError

NOBODY = Proxies()
PROXIES = parse_proxies(["10.0.0.0/8", "2001:db8:aaaa::/48"], "x-forwarded-for")
FORWARDED = parse_proxies(["10.0.0.0/8"], "forwarded")
SOCKET = parse_proxies(["unix", "10.0.0.0/8"], "x-forwarded-for")


@pytest.mark.parametrize(
    ("peer", "values", "proxies", "client"),
    [
        # nobody is trusted: whatever is said, it is the peer
        ("203.0.113.9", ["198.51.100.1"], NOBODY, "203.0.113.9"),
        ("10.0.0.1", ["198.51.100.1"], NOBODY, "10.0.0.1"),
        # the peer is no proxy of ours
        ("203.0.113.9", ["198.51.100.1"], PROXIES, "203.0.113.9"),
        # one proxy, two, and what the caller made up before them
        ("10.0.0.1", ["198.51.100.1"], PROXIES, "198.51.100.1"),
        ("10.0.0.1", ["1.1.1.1, 198.51.100.1, 10.9.9.9"], PROXIES, "198.51.100.1"),
        ("10.0.0.1", ["1.1.1.1", "198.51.100.1", "10.9.9.9"], PROXIES, "198.51.100.1"),
        ("10.0.0.1", ["10.0.0.3,  10.0.0.2 "], PROXIES, "10.0.0.3"),
        ("10.0.0.1", [], PROXIES, "10.0.0.1"),
        # ports, brackets, IPv4 in IPv6
        ("10.0.0.1", ["198.51.100.1:4711"], PROXIES, "198.51.100.1"),
        ("10.0.0.1", ["[2001:db8::1]:4711"], PROXIES, "2001:db8::1"),
        ("10.0.0.1", ["2001:DB8:0::1"], PROXIES, "2001:db8::1"),
        ("::ffff:10.0.0.1", ["198.51.100.1"], PROXIES, "198.51.100.1"),
        ("2001:db8:aaaa::1", ["::ffff:198.51.100.1"], PROXIES, "198.51.100.1"),
        ("10.0.0.1", ["fe80::1%eth0"], PROXIES, "fe80::1"),
        # what cannot be read is not believed, nor anything before it
        ("10.0.0.1", ["198.51.100.1, unknown"], PROXIES, "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1, , 10.0.0.2"], PROXIES, "10.0.0.2"),
        ("10.0.0.1", ["'; DROP TABLE town; --"], PROXIES, "10.0.0.1"),
        ("10.0.0.1", ["1" * 100_000], PROXIES, "10.0.0.1"),
        ("10.0.0.1", [", ".join(["10.0.0.2"] * 50_000)], PROXIES, "10.0.0.2"),
        # RFC 7239
        ("10.0.0.1", ["for=198.51.100.1"], FORWARDED, "198.51.100.1"),
        (
            "10.0.0.1",
            ['for=1.1.1.1, For="[2001:db8::1]:4711";proto=https;by=10.0.0.1'],
            FORWARDED,
            "2001:db8::1",
        ),
        ("10.0.0.1", ["proto=https; for = 198.51.100.1 ;by=x"], FORWARDED, "198.51.100.1"),
        ("10.0.0.1", ["for=198.51.100.1, for=_hidden"], FORWARDED, "10.0.0.1"),
        ("10.0.0.1", ["xfor=198.51.100.1"], FORWARDED, "10.0.0.1"),
        # a Unix socket
        ("", ["198.51.100.1"], SOCKET, "198.51.100.1"),
        ("", ["198.51.100.1"], PROXIES, LOCAL),
        ("", [], SOCKET, LOCAL),
    ],
)
def test_the_rightmost_that_is_no_proxy_of_ours_calls(
    peer: str, values: list[str], proxies: Proxies, client: str
) -> None:
    assert address_behind(peer, values, proxies) == client


@given(
    made_up=st.text(alphabet=st.characters(max_codepoint=255), max_size=40),
    proxies=st.sampled_from([PROXIES, FORWARDED, SOCKET]),
)
def test_a_caller_cannot_pass_for_another(made_up: str, proxies: Proxies) -> None:
    """Whatever a caller sends, the proxy adds the truth at the right of it."""
    truth = "198.51.100.7"
    added = f"for={truth}" if proxies is FORWARDED else truth
    for values in ([made_up, added], [f"{made_up},{added}"]):
        assert address_behind("10.0.0.1", values, proxies) == truth
    assert address_behind("203.0.113.9", [made_up], proxies) == "203.0.113.9"


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_none(text: str) -> None:
    found = parse_address(text)
    assert found is None or parse_address(str(found)) == found
    assert host_of(text)
    assert network_of(text)


@given(st.ip_addresses(v=6), st.integers(0, 2**64 - 1))
def test_a_subscriber_is_one_host_whatever_the_last_64_bits(
    address: IPv6Address, other: int
) -> None:
    neighbour = IPv6Address(int(address) >> 64 << 64 | other)
    if int(address) >> 64:  # else both may be IPv4 addresses
        assert host_of(str(address)) == host_of(str(neighbour))
        assert network_of(str(address)) == network_of(str(neighbour))


def test_hosts_and_networks() -> None:
    assert host_of("192.0.2.7") == "192.0.2.7/32"
    assert network_of("192.0.2.7") == "192.0.2.0/24"
    assert host_of("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64"
    assert network_of("2001:db8:1:2:3:4:5:6") == "2001:db8:1::/48"
    assert host_of("::ffff:192.0.2.7") == "192.0.2.7/32"
    assert host_of(LOCAL) == network_of(LOCAL) == LOCAL


async def test_a_connection_is_asked_for_its_one_header() -> None:
    @get("/")
    async def whoami(request: Request[Any, Any, Any]) -> str:
        return client_address(request)

    app = Litestar([whoami])
    transport = httpx.ASGITransport(app=app, client=("10.0.0.1", 50_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as caller:
        for header in ("x-forwarded-for", "forwarded"):
            app.state.proxies = parse_proxies(["10.0.0.0/8"], header)  # type: ignore[arg-type]
            sent = {"x-forwarded-for": "198.51.100.1", "forwarded": "for=198.51.100.2"}
            assert (await caller.get("/", headers=sent)).text == sent[header].removeprefix("for=")
            assert (await caller.get("/")).text == "10.0.0.1"


@pytest.mark.parametrize("text", ["10.0.0.1/8", "10.0.0.0/33", "proxy.example", "10.0.0.0/8,,::1"])
def test_a_slip_in_the_networks_stops_the_start(text: str) -> None:
    with pytest.raises(SettingsError, match="GUTSCHEIN_TRUSTED_PROXIES must name networks"):
        Settings.load({"GUTSCHEIN_TRUSTED_PROXIES": text})


def test_the_proxies_come_from_the_settings() -> None:
    assert Settings.load({}).proxies == NOBODY
    named = {"GUTSCHEIN_TRUSTED_PROXIES": "10.0.0.0/8, 2001:db8:aaaa::/48"}
    assert Settings.load(named).proxies == PROXIES
    assert Settings.load(
        {"GUTSCHEIN_TRUSTED_PROXIES": "unix, 10.0.0.0/8", "GUTSCHEIN_FORWARDED_HEADER": "forwarded"}
    ).proxies == parse_proxies(["unix", "10.0.0.0/8"], "forwarded")
    with pytest.raises(SettingsError, match="GUTSCHEIN_FORWARDED_HEADER"):
        Settings.load({"GUTSCHEIN_FORWARDED_HEADER": "x-real-ip"})
