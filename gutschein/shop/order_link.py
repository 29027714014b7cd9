"""The secret address of an order: whoever has the link may see and steer it.

It is the order's id and a keyed hash of it (HMAC-SHA256, RFC 2104, cut to 80 bits), in base32
(RFC 4648). Nothing of it is stored, so a stolen database opens no order, and a mail can carry it
again at any time.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from uuid import UUID

from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.signing.service_keys import ServiceKeys

_HASH_BYTES = 10
_ID_BYTES = 16
_LENGTH = 42  # of 26 bytes in base32, without padding


def link_of(keys: ServiceKeys, town_id: TownId, order_id: UUID) -> str:
    """Return the secret part of an order's address: 42 lower case letters and digits."""
    whole = order_id.bytes + _hash(keys, town_id, order_id)
    return base64.b32encode(whole).decode().rstrip("=").lower()


def order_of(keys: ServiceKeys, town_id: TownId, link: str) -> UUID:
    """Return the id of the order that a link is for.

    :raises Refusal: ``order.unknown`` for one that we have not made for this town.
    """
    try:
        whole = base64.b32decode(f"{link.upper()}======") if len(link) == _LENGTH else b""
    except (binascii.Error, ValueError):
        whole = b""
    if len(whole) != _ID_BYTES + _HASH_BYTES:
        raise Refusal("order.unknown")
    order_id = UUID(bytes=whole[:_ID_BYTES])
    if not hmac.compare_digest(whole[_ID_BYTES:], _hash(keys, town_id, order_id)):
        raise Refusal("order.unknown")
    return order_id


def _hash(keys: ServiceKeys, town_id: TownId, order_id: UUID) -> bytes:
    message = b"order link\0" + town_id.bytes + order_id.bytes
    return keys.hmac("lookup", message)[:_HASH_BYTES]
