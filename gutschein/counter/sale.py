"""Sell one voucher at the desk: payment, voucher and receipt in one unit of work.

A sale goes by the id that the page or the caller made, and so do its payment and its batch:
whoever clicks twice, or was cut off and asks again, has sold once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gutschein.counter import repository, stock_repository
from gutschein.counter.rules import DeskMethod, price_of_card
from gutschein.counter.schemas import CardForSale, CounterSale
from gutschein.db.locks import lock
from gutschein.db.unit_of_work import Work
from gutschein.kernel.author import Author
from gutschein.kernel.clock import berlin_day
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import BatchId, PaymentId, ProgrammeId, TownId, VoucherId
from gutschein.merchants.schemas import IssuingPoint
from gutschein.merchants.service import get_issuing_point
from gutschein.payments.schemas import NewPayment
from gutschein.payments.service import book_payment
from gutschein.programmes.rules import valid_until
from gutschein.programmes.service import get_programme, terms_of
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.vouchers import activation, issue
from gutschein.vouchers.activation import Card
from gutschein.vouchers.batch import Order
from gutschein.vouchers.repository import list_vouchers


@dataclass(frozen=True, slots=True)
class Wanted:
    """A sale to be made. Either *code* or *programme_id* says what is sold.

    :param code: the activation code of a voucher in stock, as it was scanned or typed.
    :param value_cents: may be left out where the value is printed on the voucher.
    """

    town_id: TownId
    point_id: UUID
    id: UUID
    method: DeskMethod
    code: str | None = None
    programme_id: ProgrammeId | None = None
    value_cents: int | None = None


async def sell(
    work: Work, wanted: Wanted, *, kek: KeyEncryptionKey, by: Author, now: datetime
) -> tuple[CounterSale, bool]:
    """Sell a voucher and return the sale, and whether this call made it.

    :raises Refusal: ``issuing_point.unknown``, what :func:`find_card` refuses for one in stock,
        what :func:`gutschein.vouchers.issue.issue` refuses for a new one, ``stock.value``,
        ``programme.value_refused``, ``programme.unknown``, and ``request.conflict`` when the
        id stands for something else.
    """
    point = await get_issuing_point(work, wanted.town_id, wanted.point_id)
    # From here on the desk does one thing after the other, so a repetition sees the first.
    await lock(work, point.id, "desk")
    if known := await _known(work, wanted, kek):
        return known, False
    number = await repository.last_receipt_number(work, wanted.town_id, point.id) + 1
    if wanted.code is None:
        voucher_id = await _sell_new(work, wanted, number, kek, now)
    else:
        voucher_id = await _sell_card(work, wanted, number, kek, now)
    await repository.insert_sale(
        work,
        {
            "town_id": wanted.town_id,
            "id": wanted.id,
            "issuing_point_id": point.id,
            "receipt_number": number,
            "voucher_id": voucher_id,
            "sold_by": by.id,
            "sold_by_name": by.name,
            "sold_at": now,
            "sold_on": berlin_day(now),
        },
    )
    return await get_sale(work, wanted.town_id, point.id, wanted.id), True


async def get_sale(work: Work, town_id: TownId, point_id: UUID, sale_id: UUID) -> CounterSale:
    """Return a sale of an issuing point.

    :raises Refusal: ``sale.unknown``.
    """
    found = await repository.list_sales(work, town_id, point_id, sale_id=sale_id)
    if not found:
        raise Refusal("sale.unknown")
    return found[0]


async def find_card(
    work: Work,
    town_id: TownId,
    point_id: UUID,
    code: str,
    *,
    kek: KeyEncryptionKey,
    now: datetime,
) -> CardForSale:
    """Return a voucher in stock that this issuing point can sell now.

    :raises Refusal: ``issuing_point.unknown``, ``code.typo``, ``activation.unknown``,
        ``activation.other_code``, ``stock.unassigned``, ``stock.other_point``,
        ``voucher.blocked``, ``voucher.sold``, ``stock.too_late``, ``key.revoked``,
        ``key.not_endorsed``, ``key.none``, ``key.sealed``.
    """
    await get_issuing_point(work, town_id, point_id)
    card = await activation.find_by_activation(work, town_id, code, kek)
    await activation.check_card(work, card, kek, now)
    await _check_place(work, card, point_id)
    programme = await get_programme(work, town_id, card.programme_id)
    return CardForSale(
        voucher_id=card.id,
        serial=card.serial,
        programme_id=programme.id,
        programme_name=programme.name,
        value_cents=card.value_cents,
        fixed_values_cents=programme.fixed_values_cents,
        minimum_cents=programme.minimum_cents,
        maximum_cents=programme.maximum_cents,
        valid_until=valid_until(terms_of(programme), berlin_day(now)),
        sell_until=card.sell_until,
    )


async def _known(work: Work, wanted: Wanted, kek: KeyEncryptionKey) -> CounterSale | None:
    """Return the sale that the id stands for already.

    :raises Refusal: ``request.conflict`` when it was another one.
    """
    found = await repository.list_sales(work, wanted.town_id, wanted.point_id, sale_id=wanted.id)
    if not found:
        return None
    [sale] = found
    if wanted.code is None:
        same = not sale.from_stock and sale.programme_id == wanted.programme_id
    else:
        card = await activation.find_by_activation(work, wanted.town_id, wanted.code, kek)
        same = card.id == sale.voucher_id
    value_cents = sale.amount_cents if wanted.value_cents is None else wanted.value_cents
    if not same or (sale.method, sale.amount_cents) != (wanted.method, value_cents):
        raise Refusal("request.conflict")
    return sale


async def _sell_card(
    work: Work, wanted: Wanted, number: int, kek: KeyEncryptionKey, now: datetime
) -> VoucherId:
    """Sell a voucher in stock, which nobody else can sell meanwhile."""
    card = await activation.find_by_activation(work, wanted.town_id, wanted.code or "", kek)
    card = await activation.locked_for_sale(work, card, kek, now)
    await _check_place(work, card, wanted.point_id)
    terms = terms_of(await get_programme(work, wanted.town_id, card.programme_id))
    value_cents = price_of_card(card.value_cents, wanted.value_cents, terms)
    await _pay(work, wanted, value_cents, number, now)
    await activation.activate(
        work,
        card,
        payment_id=PaymentId(wanted.id),
        batch_id=BatchId(wanted.id),
        value_cents=value_cents,
        now=now,
    )
    return card.id


async def _sell_new(
    work: Work, wanted: Wanted, number: int, kek: KeyEncryptionKey, now: datetime
) -> VoucherId:
    """Issue a voucher, to be printed for the customer."""
    if wanted.programme_id is None or wanted.value_cents is None:
        raise Refusal("request.invalid", reason="value_cents")
    await _pay(work, wanted, wanted.value_cents, number, now)
    order = Order(
        town_id=wanted.town_id,
        batch_id=BatchId(wanted.id),
        programme_id=wanted.programme_id,
        payment_id=PaymentId(wanted.id),
        voucher_count=1,
        value_cents=wanted.value_cents,
        sold_on=None,
    )
    _batch, made = await issue.issue(work, order, kek, now)
    if not made:
        raise Refusal("request.conflict")
    [voucher] = await list_vouchers(work, wanted.town_id, batch_id=order.batch_id)
    return VoucherId(voucher.id)


async def _pay(work: Work, wanted: Wanted, amount_cents: int, number: int, now: datetime) -> None:
    payment = NewPayment(
        id=wanted.id,
        method=wanted.method,
        amount_cents=amount_cents,
        issuing_point_id=wanted.point_id,
        reference=f"Beleg {number}",
    )
    _payment, made = await book_payment(work, wanted.town_id, payment, now)
    if not made:
        raise Refusal("request.conflict")


async def _check_place(work: Work, card: Card, point_id: UUID) -> None:
    """Refuse a voucher of another issuing point: ``stock.unassigned``, ``stock.other_point``."""
    point: IssuingPoint | None = await stock_repository.point_of(work, card.town_id, card.serial)
    if point is None:
        raise Refusal("stock.unassigned")
    if point.id != point_id:
        raise Refusal("stock.other_point", point=point.name)
