"""A paid order becomes vouchers, in the unit of work that books its money.

Each voucher is a batch of one, issued against the payment that has the id of the order. Killed in
the middle, neither the money is booked nor a voucher there; done again, both are there once.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gutschein.db.unit_of_work import Work
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import BatchId, PaymentId, TownId, derived_id
from gutschein.shop import repository
from gutschein.shop.orders import Item, ShopOrder
from gutschein.shop.rules import Stage
from gutschein.signing.data_keys import town_data_keys
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.vouchers.batch import Order
from gutschein.vouchers.issue import issue

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Fulfilment:
    """What is done for an order whose money has come in: the port that deposits call.

    A voucher that cannot be issued now, because the town's signing key was withdrawn, keeps no
    money out of the books: its order waits for the next delivery.
    """

    kek: KeyEncryptionKey

    async def __call__(self, work: Work, town_id: TownId, request_id: UUID, now: datetime) -> None:
        """Issue the vouchers of the order that a payment request is for, if it is for one."""
        try:
            async with work.begin_nested():
                await issue_order(work, town_id, request_id, self.kek, now)
        except Refusal as refusal:
            _log.error("Order %s is paid and not issued yet: %s", request_id, refusal)


async def issue_order(
    work: Work, town_id: TownId, order_id: UUID, kek: KeyEncryptionKey, now: datetime
) -> bool:
    """Issue the vouchers of a paid order; tell whether this call did.

    :raises Refusal: what :func:`gutschein.vouchers.issue.issue` refuses, such as ``key.revoked``.
    """
    key = await town_data_keys(work, town_id, kek)
    order = await repository.find_order(work, key, order_id, lock=True)
    if order is None or order.stage is not Stage.PLACED:
        return False
    for item in order.items:
        batch_id = await _issue(work, order, item, kek, now)
        await repository.set_batch(work, town_id, order_id, item.position, batch_id)
    await repository.set_issued(work, town_id, order_id, now)
    return True


async def _issue(
    work: Work, order: ShopOrder, item: Item, kek: KeyEncryptionKey, now: datetime
) -> BatchId:
    batch_id = BatchId(derived_id(order.id, f"voucher {item.position}"))
    wanted = Order(
        town_id=order.town_id,
        batch_id=batch_id,
        programme_id=item.wish.programme_id,
        payment_id=PaymentId(order.id),
        voucher_count=1,
        value_cents=item.wish.value_cents,
        sold_on=None,
    )
    await issue(work, wanted, kek, now)
    return batch_id
