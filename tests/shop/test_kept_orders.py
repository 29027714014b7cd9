"""The database itself keeps what was ordered, whoever writes to it."""

from __future__ import annotations

import asyncpg
import pytest
from buying_stage import Shop

ITEM = "UPDATE order_item SET {} WHERE town_id = $1"
ORDER = "UPDATE shop_order SET {} WHERE town_id = $1"


@pytest.mark.parametrize(
    "change",
    [
        ITEM.format("value_cents = value_cents + 1"),
        ITEM.format("sealed_recipient = 'x'"),
        "DELETE FROM order_item WHERE town_id = $1",
        "DELETE FROM shop_order WHERE town_id = $1",
        ORDER.format("total_cents = total_cents + 1"),
        ORDER.format("sealed_email = 'x'"),
        ORDER.format("issued_at = placed_at"),  # none of its vouchers is
    ],
)
async def test_what_was_placed_cannot_be_changed(shop: Shop, change: str) -> None:
    await shop.ordered(amount="25")
    owner = await asyncpg.connect(shop.stage.database_url)
    try:
        await owner.execute(
            "SELECT set_config('gutschein.towns', $1, false)", f"{{{shop.town_id}}}"
        )
        with pytest.raises(asyncpg.RestrictViolationError):
            await owner.execute(change, shop.town_id)
    finally:
        await owner.close()


async def test_an_item_takes_no_voucher_of_another_payment(shop: Shop) -> None:
    path = await shop.ordered(amount="25")
    await shop.pay(await shop.reference(path), 25_00)
    await shop.ordered(amount="25")
    owner = await asyncpg.connect(shop.stage.database_url)
    try:
        await owner.execute(
            "SELECT set_config('gutschein.towns', $1, false)", f"{{{shop.town_id}}}"
        )
        with pytest.raises(asyncpg.RestrictViolationError):
            await owner.execute(
                "UPDATE order_item SET batch_id = (SELECT batch_id FROM order_item"
                " WHERE town_id = $1 AND batch_id IS NOT NULL)"
                " WHERE town_id = $1 AND batch_id IS NULL",
                shop.town_id,
            )
    finally:
        await owner.close()
