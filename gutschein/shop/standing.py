"""What has become of the vouchers of an order, as its buyer sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from gutschein.db.unit_of_work import Work
from gutschein.mail.outbox import Fate, mail_fate
from gutschein.shop.lost import current_voucher
from gutschein.shop.orders import Item, ShopOrder
from gutschein.vouchers.rules import VoucherState


@dataclass(frozen=True, slots=True)
class Standing:
    """A voucher of an order; what it does not have before it is issued is ``None``.

    :param mail: what became of the mail that brings it: to its recipient, or to the buyer.
    """

    item: Item
    serial: str | None = None
    state: VoucherState | None = None
    balance_cents: int = 0
    valid_until: date | None = None
    mail: Fate | None = None

    @property
    def can_be_fetched(self) -> bool:
        return self.state is VoucherState.ACTIVE

    @property
    def can_be_replaced(self) -> bool:
        return self.can_be_fetched and self.balance_cents > 0


async def standings_of(work: Work, order: ShopOrder) -> list[Standing]:
    """Return the vouchers of an order, by position."""
    to_buyer = None if order.mail_id is None else await mail_fate(work, order.mail_id)
    return [await _standing(work, order, item, to_buyer) for item in order.items]


async def _standing(work: Work, order: ShopOrder, item: Item, to_buyer: Fate | None) -> Standing:
    if item.voucher_id is None:
        return Standing(item)
    voucher = await current_voucher(work, order.town_id, item.voucher_id)
    mail = to_buyer if item.wish.delivery == "buyer" else None
    if item.mail_id is not None:
        mail = await mail_fate(work, item.mail_id)
    return Standing(
        item=item,
        serial=f"{voucher.serial:06d}",
        state=VoucherState(voucher.state),
        balance_cents=voucher.balance_cents,
        valid_until=voucher.valid_until,
        mail=mail,
    )
