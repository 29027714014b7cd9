"""Issue vouchers, one or a batch, against a payment that is booked already.

The money moves from the payment's guarded account to the vouchers: what was not paid for
cannot be issued, whoever asks.
"""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from gutschein.db.unit_of_work import Work
from gutschein.kernel.clock import berlin_day, end_of_day
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TransferId, derived_id
from gutschein.ledger.chart import AccountKind, account_id
from gutschein.ledger.entries import Account, Event, NewTransfer
from gutschein.ledger.posting import open_accounts, post
from gutschein.payments.service import get_payment
from gutschein.programmes.rules import (
    Payer,
    Terms,
    is_value_offered,
    offered_values,
    valid_until,
)
from gutschein.programmes.service import get_programme, terms_of
from gutschein.signing.keyring import code_keys_of, signing_key_for
from gutschein.signing.sealing import CodeKeys, KeyEncryptionKey
from gutschein.vouchers import repository
from gutschein.vouchers.batch import Batch, NewVoucher, Order, make_voucher

LARGEST_BATCH = 100_000

#: The first day with the euro in hand.
EARLIEST_SALE = date(2002, 1, 1)

#: Vouchers that are made and written in one go, so that a large batch needs little memory
#: and lets other requests in between.
MADE_AT_ONCE = 1_000

#: What a programme's payer pays with.
_METHODS: dict[Payer, tuple[str, ...]] = {
    "citizen": ("bank_transfer", "provider", "cash"),
    "town": ("subsidy",),
}


async def issue(
    work: Work, order: Order, kek: KeyEncryptionKey, now: datetime
) -> tuple[Batch, bool]:
    """Issue a batch and return it, and whether this call did. The same order again issues
    nothing more.

    :raises Refusal: ``batch.too_large``, ``batch.sold_later``, ``batch.expired``,
        ``request.invalid`` for a sale before the euro, ``town.unknown``,
        ``programme.unknown``, ``programme.value_refused``, ``programme.rule_invalid``,
        ``payment.unknown``, ``payment.method``, ``payment.insufficient``, ``key.none``,
        ``key.sealed``, and ``request.conflict`` when the id stands for another order.
    """
    if not 1 <= order.voucher_count <= LARGEST_BATCH:
        raise Refusal("batch.too_large", max=LARGEST_BATCH)
    terms = terms_of(await get_programme(work, order.town_id, order.programme_id))
    last_serial = await repository.lock_serials(work, order.town_id)
    # From here on issues of the town wait for one another, so a repetition sees the first.
    if known := await repository.find_batch(work, order.town_id, order.batch_id):
        day = order.sold_on or berlin_day(known.issued_at)
        if known.order != replace(order, sold_on=day):
            raise Refusal("request.conflict")
        return known, False

    sold_on = order.sold_on or berlin_day(now)
    batch = Batch(
        order=order,
        sold_on=sold_on,
        valid_until=_last_day(terms, order, sold_on, berlin_day(now)),
        first_serial=last_serial + 1,
        issued_at=now,
    )
    await _check_paid(work, terms.payer, order)
    signing_key = await signing_key_for(
        work, order.town_id, kek, now=now, needed_until=end_of_day(batch.valid_until)
    )
    keys = await code_keys_of(work, order.town_id, kek)
    await repository.set_last_serial(work, order.town_id, last_serial + order.voucher_count)
    await repository.insert_batch(work, batch)
    for begin in range(0, order.voucher_count, MADE_AT_ONCE):
        places = range(begin, min(begin + MADE_AT_ONCE, order.voucher_count))
        # Beside the event loop: sealing takes its time, and tills do not wait for it.
        vouchers = await to_thread(_make, keys, signing_key.kid, batch, terms.cap_cents, places)
        await repository.insert_vouchers(work, vouchers)
        await open_accounts(
            work, [Account(order.town_id, AccountKind.VOUCHER, each.id) for each in vouchers], now
        )
        await post(work, _issued(batch, vouchers), now)
    return batch, True


def _last_day(terms: Terms, order: Order, sold_on: date, today: date) -> date:
    """Return the vouchers' last day; refuse an order that the programme does not offer."""
    if not is_value_offered(terms, order.value_cents):
        raise Refusal("programme.value_refused", allowed=offered_values(terms))
    if sold_on > today:
        raise Refusal("batch.sold_later")
    if sold_on < EARLIEST_SALE:
        raise Refusal("request.invalid", reason=f"sold_on >= {EARLIEST_SALE}")
    last_day = valid_until(terms, sold_on)
    if last_day < today and not order.accept_lapsed:
        raise Refusal("batch.expired", date=last_day)
    return last_day


async def _check_paid(work: Work, payer: Payer, order: Order) -> None:
    """Refuse what the payment does not cover. Only issues take from a payment, and those
    of the town are waiting for this one; the ledger would refuse it all the same.
    """
    payment = await get_payment(work, order.town_id, order.payment_id)
    if payment.method not in _METHODS[payer]:
        raise Refusal("payment.method", allowed=", ".join(_METHODS[payer]))
    needed_cents = order.voucher_count * order.value_cents
    if payment.left_cents < needed_cents:
        raise Refusal(
            "payment.insufficient", left_cents=payment.left_cents, needed_cents=needed_cents
        )


def _make(
    keys: CodeKeys, kid: bytes, batch: Batch, cap_cents: int, places: Sequence[int]
) -> list[NewVoucher]:
    return [
        make_voucher(
            keys,
            serial=batch.first_serial + place,
            kid=kid,
            batch_id=batch.order.batch_id,
            replaces_id=None,
            programme_id=batch.order.programme_id,
            face_value_cents=batch.order.value_cents,
            cap_cents=cap_cents,
            valid_until=batch.valid_until,
            issued_at=batch.issued_at,
        )
        for place in places
    ]


def _issued(batch: Batch, vouchers: Sequence[NewVoucher]) -> list[NewTransfer]:
    order = batch.order
    payment_account = account_id(order.town_id, AccountKind.PAYMENT, order.payment_id)
    return [
        NewTransfer(
            town_id=order.town_id,
            id=TransferId(derived_id(voucher.id, Event.ISSUE)),
            debit_account_id=payment_account,
            credit_account_id=account_id(order.town_id, AccountKind.VOUCHER, voucher.id),
            amount_cents=order.value_cents,
            event=Event.ISSUE,
            reference_id=voucher.id,
            link_id=order.batch_id,
        )
        for voucher in vouchers
    ]
