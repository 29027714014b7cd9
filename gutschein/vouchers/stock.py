"""What vouchers in stock are made of: the order, the codes, and what is printed on them.

Each has two codes. The one in its QR code redeems, once the voucher is sold; the other one
activates it, and only an issuing point can do so. A stolen card is worth nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from gutschein.kernel.author import Author
from gutschein.kernel.ids import ProgrammeId, TownId
from gutschein.signing.code import new_code
from gutschein.signing.sealing import CodeKeys
from gutschein.vouchers.batch import Part, make_part


@dataclass(frozen=True, slots=True)
class StockOrder:
    """What to print for stock: *voucher_count* vouchers of one programme.

    :param value_cents: the value printed on them; ``None`` for vouchers whose value is chosen
        when they are sold.
    :param sell_until: the last day on which they may be sold. The tokens on them are good for
        as long as a voucher sold on that day.
    """

    town_id: TownId
    id: UUID
    programme_id: ProgrammeId
    voucher_count: int
    value_cents: int | None
    sell_until: date


@dataclass(frozen=True, slots=True)
class Stock:
    """An order that was carried out. Serials run on from *first_serial*.

    :param token_value_cents: what the tokens name as value: the one printed, else the most that
        the programme offers.
    :param token_valid_until: the last day that the tokens name.
    """

    order: StockOrder
    token_value_cents: int
    token_valid_until: date
    first_serial: int
    ordered_by: Author
    ordered_at: datetime

    @property
    def last_serial(self) -> int:
        return self.first_serial + self.order.voucher_count - 1


@dataclass(frozen=True, slots=True)
class StockPart:
    """Vouchers of an order, made and not stored yet, and the codes that activate them."""

    vouchers: Part
    activation_hashes: list[bytes]
    sealed_activations: list[bytes]


def make_stock_part(keys: CodeKeys, stock: Stock, *, with_pin: bool = False) -> StockPart:
    """Draw both codes of all vouchers, hash and seal them: some twenty microseconds each.

    :param with_pin: draw PINs too. What is printed now is not known to be sold for less than
        the most that it may be sold for.
    """
    part = make_part(keys, stock.first_serial, stock.order.voucher_count, with_pin=with_pin)
    codes = [new_code() for _ in part.ids]
    return StockPart(
        vouchers=part,
        activation_hashes=[keys.activation_hashed(code) for code in codes],
        sealed_activations=[
            keys.activation_sealed(id_, code) for id_, code in zip(part.ids, codes, strict=True)
        ],
    )
