"""Which host and which network an address counts for.

An IPv6 subscriber has a /64 at least (RFC 6177) and can send from any of its 2^64
addresses, so these count as one host.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Address = IPv4Address | IPv6Address

#: The caller on a Unix socket that names no address: someone on the machine itself.
LOCAL = "local"

_HOST = {4: 32, 6: 64}
_NETWORK = {4: 24, 6: 48}
_LONGEST_ADDRESS = 64


def parse_address(text: str) -> Address | None:
    """Read an address; ``None`` when it is none.

    An IPv4 address mapped into IPv6 is that IPv4 address. A zone is dropped.
    """
    if len(text) > _LONGEST_ADDRESS:
        return None
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def host_of(address: str) -> str:
    """Return the host an address counts for: itself, or its IPv6 /64."""
    return _around(address, _HOST)


def network_of(address: str) -> str:
    """Return the network an address counts for: its /24, or its IPv6 /48."""
    return _around(address, _NETWORK)


def _around(text: str, lengths: dict[int, int]) -> str:
    address = parse_address(text)
    if address is None:
        return LOCAL
    return str(ip_network((address, lengths[address.version]), strict=False))
