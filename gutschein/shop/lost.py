"""A bought voucher that is lost: its buyer blocks it and gets another in its place, in one step."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gutschein.db.unit_of_work import Work
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId, VoucherId, derived_id
from gutschein.mail.outbox import enqueue
from gutschein.shop import letters
from gutschein.shop.orders import Item, ShopOrder
from gutschein.shop.stationery import Stationery
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.vouchers.life import find_voucher, replace_voucher
from gutschein.vouchers.rules import VoucherState

#: What the voucher's history says, for the town.
REASON = "Vom Käufer als verloren gemeldet"


async def current_voucher(work: Work, town_id: TownId, voucher_id: VoucherId) -> Row[Any]:
    """Return the voucher that counts now: what was bought, or the last that took its place.

    :raises Refusal: ``voucher.unknown``.
    """
    row = await find_voucher(work, town_id, voucher_id)
    while row.replaced_by_id is not None:
        row = await find_voucher(work, town_id, row.replaced_by_id)
    return row


async def replace_lost(
    work: Work,
    order: ShopOrder,
    item: Item,
    replacement_id: VoucherId,
    *,
    kek: KeyEncryptionKey,
    stationery: Stationery,
    now: datetime,
) -> None:
    """Let the old voucher be worth nothing and a new one what was left on it, and tell the buyer,
    who may not have asked for it. The same replacement again changes nothing.

    :raises Refusal: ``order.no_item`` for one that is not issued, ``order.not_replaced`` for one
        that is blocked or lapsed, or empty.
    """
    if item.voucher_id is None:
        raise Refusal("order.no_item")
    row = await current_voucher(work, order.town_id, item.voucher_id)
    if row.id == replacement_id:
        return
    if VoucherState(row.state) is not VoucherState.ACTIVE or not row.balance_cents:
        raise Refusal("order.not_replaced")
    await replace_voucher(
        work, order.town_id, VoucherId(row.id), replacement_id, REASON, kek=kek, now=now
    )
    mail = letters.replaced(order, f"{row.serial:06d}", stationery)
    await enqueue(work, stationery.keys, mail, now, mail_id=derived_id(replacement_id, "replaced"))
