"""Who calls: a cash register by its API key, a device by its signature.

Each is one unit of work on the rows of one town. A refusal rolls it back, so a request that
is not genuine leaves nothing behind.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol
from uuid import UUID

from gutschein.db.access import Access
from gutschein.db.unit_of_work import Database
from gutschein.devices import api_keys, devices
from gutschein.devices.api_key_token import Token, parse_token
from gutschein.devices.rules import check_clock
from gutschein.devices.signatures import Sent, SignedRequest, read_signed
from gutschein.identity.site import Site
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.limits import client
from gutschein.web.caller import Caller


class Connection(client.Connection, Protocol):
    """What is asked of a request; that of the web framework, or a plain one."""

    @property
    def scope(self) -> Any: ...
    async def body(self) -> bytes: ...


_NAMES_AT_HAND = 4096
_FIELDS = ("signature-input", "signature", "content-digest")
_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_KEY_ID = re.compile(rf"({_UUID})\.({_UUID})", re.ASCII)


async def api_key_authenticator(
    connection: Connection, database: Database, now: datetime
) -> Caller | None:
    """Return the cash register that sends its token as bearer token (RFC 6750, section 2.1).

    :raises Refusal: ``auth.required`` when the token is that of no living key.
    """
    token = token_sent(connection)
    if token is None:
        return None
    async with database.acting(Access.town(token.town_id)).unit_of_work() as work:
        return await api_keys.caller_with(work, token, now)


async def device_authenticator(
    connection: Connection, database: Database, now: datetime
) -> Caller | None:
    """Return the device that signed a request; see ``docs/reference/devices.md``.

    The body is read whole before the database is asked for anything.

    :raises Refusal: ``device.signature``, ``device.clock``, ``device.unknown``,
        ``device.replayed``, ``device.locked``.
    """
    if not is_signed(connection):
        return None
    signed = await read_signature(connection)
    town_id, device_id = device_named(signed.key_id)
    check_clock(signed.created_at, now)
    async with database.acting(Access.town(town_id)).unit_of_work() as work:
        return await devices.caller_of(work, town_id, device_id, signed, now)


def token_sent(connection: Connection) -> Token | None:
    """Return the token that a request carries, if any, unchecked.

    :raises Refusal: ``auth.required`` for a bearer token that is none of ours.
    """
    scheme, _, sent = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    token = parse_token(sent.strip())
    if token is None:
        raise Refusal("auth.required")
    return token


@lru_cache(_NAMES_AT_HAND)
def device_named(key_id: str) -> tuple[TownId, UUID]:
    """Return the town and the device that a ``keyid`` names.

    :raises Refusal: ``device.unknown``.
    """
    named = _KEY_ID.fullmatch(key_id)
    if named is None:
        raise Refusal("device.unknown")
    return TownId(UUID(named[1])), UUID(named[2])


def is_signed(connection: Connection) -> bool:
    """Tell whether a request carries what should be a device's signature."""
    headers = connection.headers
    return "signature" in headers or "signature-input" in headers


async def read_signature(connection: Connection) -> SignedRequest:
    """Read the signature of a request, which is not verified yet.

    :raises Refusal: ``device.signature``.
    """
    method: str | None = connection.scope.get("method")
    if method is None:
        raise Refusal("device.signature")
    sent = Sent(
        method=method,
        path=connection.scope["raw_path"].decode("latin-1"),
        query=connection.scope["query_string"].decode("latin-1"),
        body=await connection.body(),
        fields={name: connection.headers.getall(name, []) for name in _FIELDS},
    )
    site: Site = connection.app.state.site
    return read_signed(sent, site.origin.partition("://")[2])
