"""Sales at the desk, stock and cash closings, as the API takes and gives them.

No code is among what is given, neither one to redeem with nor one to activate with.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from msgspec import Meta, Struct

from gutschein.counter.rules import DeskMethod
from gutschein.kernel.money import LARGEST_AMOUNT_CENTS
from gutschein.vouchers.stock import Stock
from gutschein.web.fields import AmountCents, Id, Input, NewThing, known_as, line

Activation = Annotated[
    str,
    line(
        256,
        "The activation code of a voucher in stock, as it was scanned or typed. Spaces and "
        "hyphens may stand anywhere; O is read as 0, I and L as 1.",
        "ABCD-EFGH-JKMN-PQRS-T",
    ),
]
PaidWith = Annotated[DeskMethod, known_as("How the customer paid.", "cash")]
Day = Annotated[date, known_as("A day in Germany.", "2026-12-05")]
LastDay = Annotated[date, known_as("The last day, included.", "2029-12-31")]
SellUntil = Annotated[date, known_as("The last day they may be sold on.", "2027-12-31")]
Instant = Annotated[datetime, known_as("When, in UTC.", "2026-12-05T09:00:00Z")]
Serial = Annotated[int, Meta(ge=1, le=2**31 - 1, description="A voucher's number.", examples=[101])]
LastSerial = Annotated[
    int, Meta(ge=1, le=2**31 - 1, description="The last voucher's number.", examples=[200])
]
Count = Annotated[int, known_as("How many vouchers.", 100)]
Name = Annotated[str, known_as("Who did it.", "Petra Beispiel")]
Reason = Annotated[str, line(200, "Why the count differs, or a note.", "Wechselgeldfehler")]
Cents = Annotated[int, known_as("Cents; negative where the books lack money.", 12_500)]
CountedCents = Annotated[
    int,
    Meta(ge=0, le=LARGEST_AMOUNT_CENTS, description="Cash counted, in cents.", examples=[12_500]),
]
BankedCents = Annotated[
    int,
    Meta(
        ge=0,
        le=LARGEST_AMOUNT_CENTS,
        description="What of it is taken to the bank, in cents.",
        examples=[10_000],
    ),
]


class NewCounterSale(NewThing, frozen=True, kw_only=True):
    """One voucher sold at the desk: one from stock by its activation code, or a new one of a
    programme.
    """

    method: PaidWith
    activation: Activation | None = None
    programme_id: Annotated[
        Id | None, known_as("Of a new voucher.", "01938f6e-5c00-7cc3-98c4-dc0c0c07398f")
    ] = None
    value_cents: Annotated[
        AmountCents | None,
        known_as("May be left out where the value is printed on the voucher.", 2_500),
    ] = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.activation is None) is (self.programme_id is None):
            raise ValueError("Either `activation` or `programme_id` - in field `activation`")


class CounterSale(Struct, frozen=True, kw_only=True):
    """A sale at an issuing point: all that its receipt says."""

    id: Id
    town_id: Id
    issuing_point_id: Id
    point_name: Annotated[str, known_as("Where it was sold.", "Bürgerbüro")]
    receipt_number: Annotated[int, known_as("The point's number of the receipt.", 17)]
    method: PaidWith
    amount_cents: AmountCents
    voucher_id: Id
    serial: Serial
    from_stock: Annotated[bool, known_as("Printed before it was sold.", example=True)]
    programme_id: Id
    programme_name: Annotated[str, known_as("What kind it is.", "Stadtgutschein Zwönitz")]
    valid_until: LastDay
    sold_at: Instant
    sold_on: Day
    sold_by_name: Name


class CounterSales(Struct, frozen=True, kw_only=True):
    """The newest sales of an issuing point."""

    sales: list[CounterSale]


class CardQuestion(Input, frozen=True, kw_only=True):
    """An activation code of which somebody wants to know what it would sell."""

    activation: Activation


class CardForSale(Struct, frozen=True, kw_only=True):
    """A voucher in stock that can be sold here now."""

    voucher_id: Id
    serial: Serial
    programme_id: Id
    programme_name: Annotated[str, known_as("What kind it is.", "Stadtgutschein Zwönitz")]
    value_cents: Annotated[
        int | None, known_as("The value printed on it; none where it is chosen now.", 2_500)
    ]
    fixed_values_cents: Annotated[
        list[int] | None, known_as("The only values to choose from.", [1_000, 2_500])
    ]
    minimum_cents: AmountCents
    maximum_cents: AmountCents
    valid_until: LastDay
    sell_until: SellUntil


class NewStockOrder(NewThing, frozen=True, kw_only=True):
    """Vouchers to be printed for stock."""

    programme_id: Id
    count: Annotated[int, Meta(ge=1, description="How many, at most 10,000.", examples=[10])]
    value_cents: Annotated[
        AmountCents | None, known_as("Printed on them; chosen at the sale when absent.", 2_500)
    ] = None
    sell_until: SellUntil


class StockOrdered(Struct, frozen=True, kw_only=True):
    """Vouchers that were made for stock."""

    id: Id
    town_id: Id
    programme_id: Id
    count: Count
    value_cents: int | None
    sell_until: SellUntil
    first_serial: Serial
    last_serial: LastSerial
    ordered_at: Instant
    ordered_by_name: Name

    @classmethod
    def of(cls, stock: Stock) -> StockOrdered:
        order = stock.order
        return cls(
            id=order.id,
            town_id=order.town_id,
            programme_id=order.programme_id,
            count=order.voucher_count,
            value_cents=order.value_cents,
            sell_until=order.sell_until,
            first_serial=stock.first_serial,
            last_serial=stock.last_serial,
            ordered_at=stock.ordered_at,
            ordered_by_name=stock.ordered_by.name,
        )


class StockOrders(Struct, frozen=True, kw_only=True):
    """A town's orders of vouchers for stock, the newest first."""

    stock_orders: list[StockOrdered]


class NewStockRange(Input, frozen=True, kw_only=True):
    """Vouchers in stock that an issuing point is to sell from now on."""

    first_serial: Serial
    last_serial: LastSerial


class Span(Struct, frozen=True, kw_only=True):
    """Vouchers with numbers that follow one another."""

    first_serial: Serial
    last_serial: LastSerial


class StockRange(Struct, frozen=True, kw_only=True):
    """Vouchers that were assigned to an issuing point in one go, and what became of them."""

    id: Id
    first_serial: Serial
    last_serial: LastSerial
    assigned_at: Instant
    assigned_by_name: Name
    in_stock_count: Count
    sold_count: Count
    missing_count: Annotated[int, known_as("Blocked while in stock.", 1)]
    moved_count: Annotated[int, known_as("Assigned again since, here or elsewhere.", 0)]
    in_stock: list[Span]
    missing: list[Span]


class PointStock(Struct, frozen=True, kw_only=True):
    """What an issuing point has in stock."""

    ranges: list[StockRange]
    in_stock_count: Count


class NewCashClosing(NewThing, frozen=True, kw_only=True):
    """The cash of an issuing point, counted."""

    counted_cents: CountedCents
    banked_cents: BankedCents = 0
    reason: Annotated[
        Reason | None, known_as("Why the count differs, or a note.", "Wechselgeldfehler")
    ] = None


class CashClosing(Struct, frozen=True, kw_only=True):
    """A cash closing, as it stands for ever."""

    id: Id
    town_id: Id
    issuing_point_id: Id
    number: Annotated[int, known_as("The point's number of the closing.", 5)]
    carried_in_cents: Annotated[Cents, known_as("Left there by the books last time.", 2_500)]
    cash_taken_cents: Annotated[Cents, known_as("Cash taken since.", 10_000)]
    card_taken_cents: Annotated[Cents, known_as("Taken by card since.", 5_000)]
    expected_cents: Annotated[Cents, known_as("What should be there by the books.", 12_500)]
    counted_cents: CountedCents
    difference_cents: Annotated[Cents, known_as("Counted less expected.", 0)]
    banked_cents: BankedCents
    reason: Reason | None
    closed_at: Instant
    closed_on: Day
    closed_by_name: Name


class CashClosings(Struct, frozen=True, kw_only=True):
    """The newest cash closings of an issuing point."""

    closings: list[CashClosing]
