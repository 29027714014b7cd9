"""An order and its vouchers, as the shop works with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NewType
from uuid import UUID

from gutschein.kernel.errors import Language
from gutschein.kernel.ids import BatchId, ProgrammeId, TownId, VoucherId
from gutschein.shop.rules import Delivery, Stage, stage_of, total_of

#: Where a voucher stands in its order, from 1.
Position = NewType("Position", int)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A voucher that somebody wants.

    :param message: to be printed on it; may be empty.
    :param recipient: an e-mail address, empty unless it is delivered to somebody else.
    :param deliver_on: the day on which that somebody gets it.
    """

    programme_id: ProgrammeId
    value_cents: int
    motif: str
    message: str = field(default="", repr=False)
    delivery: Delivery = "download"
    recipient: str = field(default="", repr=False)
    deliver_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A voucher of an order.

    :param voucher_id: once it is issued.
    :param mail_id: of the mail that brought it to its recipient.
    """

    position: Position
    wish: Wish
    programme_name: str
    batch_id: BatchId | None = None
    voucher_id: VoucherId | None = None
    mail_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopOrder:
    """A citizen's order, its vouchers by position.

    :param email: the buyer's; empty before the order is placed.
    :param mail_id: of the mail that told the buyer that it is paid.
    """

    town_id: TownId
    id: UUID
    language: Language
    made_at: datetime
    placed_at: datetime | None
    issued_at: datetime | None
    closed_at: datetime | None
    mail_id: UUID | None
    email: str = field(repr=False)
    items: tuple[Item, ...] = ()

    @property
    def stage(self) -> Stage:
        return stage_of(self)

    @property
    def total_cents(self) -> int:
        return total_of(item.wish.value_cents for item in self.items)
