"""What the database says about the items of a batch, before anything is decided."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from gutschein.kernel.ids import ProgrammeId, TownId, VoucherId
from gutschein.redemption.rules import Branch, Redemption
from gutschein.vouchers.rules import Standing


class Voucher(Struct, frozen=True):
    """A voucher, with the terms it was sold under and what is free on its account.

    :param pin_hash: by which its PIN is checked, if it has one.
    """

    town_id: TownId
    id: VoucherId
    town_name: str
    programme_id: ProgrammeId
    fee_basis_points: int
    standing: Standing
    pin_hash: bytes | None = None


class Facts(Struct, frozen=True):
    """What the database says of one item of an order.

    :param nonce_is_fresh: that of the order's request; of its first item only.
    """

    voucher: Voucher | None
    branch: Branch | None
    accepted: bool
    key_revoked_at: datetime | None
    endorsement: bytes | None
    master: bytes | None
    device_known: bool
    device_locked: bool
    nonce_is_fresh: bool
    cashier_id: UUID | None
    api_key_ends_at: datetime | None
    api_key_revoked_at: datetime | None
    stored: Redemption | None
    sale_size: int | None
    seen_at: datetime | None
    used_at: datetime | None
