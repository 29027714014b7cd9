"""Who takes part in a measurement: shops, their tills, and vouchers that are spent there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey


@dataclass(frozen=True)
class Shop:
    """A branch of a merchant."""

    town_id: str
    merchant_id: str
    branch_id: str


@dataclass(frozen=True)
class Register:
    """A cash register: whoever has the token of its API key acts for the shop's merchant."""

    shop: Shop
    token: str = field(repr=False)


@dataclass(frozen=True)
class Device:
    """A paired phone or till, with the kind of key that browsers make."""

    shop: Shop
    id: str
    key: EllipticCurvePrivateKey = field(repr=False)


Till = Register | Device


@dataclass
class Paper:
    """A printed voucher.

    :param token: the whole text of its QR code.
    :param balance_cents: what is left on it, as far as the answers said.
    """

    town_id: str
    id: str
    token: str = field(repr=False)
    balance_cents: int


@dataclass(frozen=True)
class Region:
    """Everything furnished at a place.

    :param key_encryption_key: that opens the database's keys, in hex.
    """

    key_encryption_key: str = field(repr=False)
    registers: Sequence[Register]
    devices: Sequence[Device]
    papers: Sequence[Paper]
