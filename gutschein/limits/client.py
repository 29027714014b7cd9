"""Where a request comes from, behind proxies that are trusted to say so.

A proxy adds the address it was called from at the right end of a header. Read from the
right, the entries are true as long as they name trusted proxies; the first that does not
is the caller, and whatever stands left of it the caller may have made up.

Only one header is read, the one that the proxy writes: the other one it would pass on
as the caller sent it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any, Literal, Protocol

from gutschein.limits.networks import LOCAL, parse_address

ForwardedHeader = Literal["x-forwarded-for", "forwarded"]

#: More proxies than this do not stand in a row.
_MOST_HOPS = 16
_WITH_PORT = re.compile(r"(?:\[(?P<six>[^\]]*)\]|(?P<four>[^:\[\]]*))(?::\S+)?")
_FOR = re.compile(
    r'(?:^|;)\s*for\s*=\s*(?:"(?P<quoted>[^"]*)"|(?P<plain>[^;"\s]*))\s*(?:;|$)', re.I
)


@dataclass(frozen=True, slots=True)
class Proxies:
    """The proxies that are believed.

    :param networks: where they call from.
    :param unix_socket: whether they call through a Unix socket.
    :param header: the one header they write.
    """

    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    unix_socket: bool = False
    header: ForwardedHeader = "x-forwarded-for"

    def trust(self, address: str) -> bool:
        if address == LOCAL:
            return self.unix_socket
        parsed = parse_address(address)
        return parsed is not None and any(parsed in network for network in self.networks)


class Connection(Protocol):
    """What is asked of a connection of the web framework."""

    @property
    def app(self) -> Any: ...
    @property
    def client(self) -> Any: ...
    @property
    def headers(self) -> Any: ...


def client_address(connection: Connection) -> str:
    """Return the address a request comes from, in its shortest form; :data:`LOCAL` on a
    Unix socket that names none.

    It is for counting. It is not to be stored or logged.
    """
    proxies: Proxies = connection.app.state.proxies
    peer = connection.client.host if connection.client else ""
    return address_behind(peer, connection.headers.getall(proxies.header, []), proxies)


def address_behind(peer: str, values: Sequence[str], proxies: Proxies) -> str:
    """Return the caller that a chain of proxies leads to.

    :param peer: who holds the other end of the socket.
    :param values: of all the request's headers named ``proxies.header``.
    """
    found = _normal(peer) or LOCAL
    entries = _from_the_right(values, proxies.header)
    for _ in range(_MOST_HOPS):
        if not proxies.trust(found):
            break
        before = _normal(next(entries, ""))
        if before is None:  # nothing more is said, or nothing that can be read
            break
        found = before
    return found


def parse_proxies(texts: Iterable[str], header: ForwardedHeader) -> Proxies:
    """Read the networks of proxies; ``unix`` stands for a Unix socket.

    :raises ValueError: naming what is no network.
    """
    named = list(texts)
    networks = tuple(ip_network(text) for text in named if text != "unix")
    return Proxies(networks, "unix" in named, header)


def _normal(text: str) -> str | None:
    address = parse_address(text)
    return None if address is None else str(address)


def _from_the_right(values: Sequence[str], header: ForwardedHeader) -> Iterator[str]:
    for value in reversed(values):
        while True:
            value, comma, entry = value.rpartition(",")  # noqa: PLW2901 - eaten from the right
            yield _node(entry, header)
            if not comma:
                break


def _node(entry: str, header: ForwardedHeader) -> str:
    """Return the address in one entry, without its port; what is none comes back empty."""
    if header == "forwarded":  # RFC 7239, section 4
        pair = _FOR.search(entry)
        entry = (pair["quoted"] or pair["plain"] or "") if pair else ""
    entry = entry.strip()
    if parse_address(entry) is not None:
        return entry
    node = _WITH_PORT.fullmatch(entry)
    return (node["six"] or node["four"] or "") if node else ""
