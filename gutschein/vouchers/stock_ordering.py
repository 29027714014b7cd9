"""Make vouchers for stock: without a payment, empty, and good for nothing until they are sold."""

from __future__ import annotations

from asyncio import to_thread
from datetime import datetime, timedelta
from uuid import UUID

from gutschein.db.unit_of_work import Work
from gutschein.history.log import Entry, record
from gutschein.kernel.author import Author
from gutschein.kernel.clock import berlin_day, end_of_day
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.kernel.money import format_euro
from gutschein.ledger.chart import AccountKind
from gutschein.ledger.entries import Account
from gutschein.ledger.posting import open_accounts
from gutschein.programmes.rules import (
    Terms,
    carries_pin,
    is_value_offered,
    offered_values,
    valid_until,
)
from gutschein.programmes.service import get_programme, terms_of
from gutschein.signing.keyring import code_keys_of, signing_key_for
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.vouchers import repository, stock_repository
from gutschein.vouchers.stock import Stock, StockOrder, make_stock_part

LARGEST_ORDER = 10_000

#: How far ahead of its sale a voucher may be printed.
LONGEST_IN_STOCK = timedelta(days=3 * 366)


async def order_stock(
    work: Work, order: StockOrder, *, kek: KeyEncryptionKey, by: Author, now: datetime
) -> tuple[Stock, bool]:
    """Make vouchers for stock and return them, and whether this call did. The same order again
    makes no more.

    :raises Refusal: ``town.unknown``, ``programme.unknown``, ``batch.too_large``,
        ``programme.rule_invalid`` for a programme that the town pays for,
        ``programme.value_refused``, ``request.invalid`` for a last day that is over or too far,
        ``key.none``, ``key.not_endorsed``, ``key.sealed``, and ``request.conflict`` when the
        id stands for another order.
    """
    if not 1 <= order.voucher_count <= LARGEST_ORDER:
        raise Refusal("batch.too_large", max=LARGEST_ORDER)
    programme = await get_programme(work, order.town_id, order.programme_id)
    last_serial = await repository.lock_serials(work, order.town_id)
    # From here on those who make vouchers of the town wait for one another.
    if known := await stock_repository.find_stock(work, order.town_id, order.id):
        if known.order != order:
            raise Refusal("request.conflict")
        return known, False
    terms = terms_of(programme)
    stock = _stock(order, terms, last_serial + 1, by, now)
    key = await signing_key_for(
        work, order.town_id, kek, now=now, needed_until=end_of_day(stock.token_valid_until)
    )
    keys = await code_keys_of(work, order.town_id, kek)
    with_pin = carries_pin(terms, stock.token_value_cents)
    part = await to_thread(make_stock_part, keys, stock, with_pin=with_pin)
    await repository.set_last_serial(work, order.town_id, stock.last_serial)
    await stock_repository.insert_stock(work, stock)
    await stock_repository.insert_part(
        work, stock, part, kid=key.kid, cap_cents=programme.cap_cents
    )
    await open_accounts(
        work, [Account(order.town_id, AccountKind.VOUCHER, id_) for id_ in part.vouchers.ids], now
    )
    value = "Wert nach Wahl" if order.value_cents is None else format_euro(order.value_cents)
    after = (
        f"{order.voucher_count} Gutscheine, {value}, Nummer {stock.first_serial} bis"
        f" {stock.last_serial}, zu verkaufen bis {order.sell_until:%d.%m.%Y}"
    )
    entry = Entry("stock.ordered", by, programme.name, after=after, at=now)
    await record(work, order.town_id, entry)
    return stock, True


async def get_stock(work: Work, town_id: TownId, order_id: UUID) -> Stock:
    """Return an order of vouchers for stock.

    :raises Refusal: ``stock.unknown``.
    """
    found = await stock_repository.find_stock(work, town_id, order_id)
    if found is None:
        raise Refusal("stock.unknown")
    return found


def _stock(order: StockOrder, terms: Terms, first_serial: int, by: Author, now: datetime) -> Stock:
    """Return what is made of an order; refuse one that the programme does not offer."""
    today = berlin_day(now)
    latest = today + LONGEST_IN_STOCK
    if not today <= order.sell_until <= latest:
        raise Refusal("request.invalid", reason=f"{today} <= sell_until <= {latest}")
    if terms.payer != "citizen":
        raise Refusal("programme.rule_invalid", reason="payer = citizen")
    token_value_cents = most_cents(terms) if order.value_cents is None else order.value_cents
    if not is_value_offered(terms, token_value_cents):
        raise Refusal("programme.value_refused", allowed=offered_values(terms))
    last_day = valid_until(terms, order.sell_until)
    return Stock(order, token_value_cents, last_day, first_serial, by, now)


def most_cents(terms: Terms) -> int:
    """Return the highest value that a programme offers, in cents."""
    return max(terms.fixed_values_cents or [terms.maximum_cents])
