"""Issue vouchers, one or a batch, against a payment that is booked already.

The money moves from the payment's guarded account to the vouchers: what was not paid for
cannot be issued, whoever asks. A batch is issued as a whole or not at all, in one unit of
work, and is known by its id: whoever was cut off gives the same order again.
"""

from __future__ import annotations

from asyncio import gather, to_thread
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

from gutschein.db.unit_of_work import Work
from gutschein.kernel.clock import berlin_day, end_of_day
from gutschein.kernel.errors import Refusal
from gutschein.ledger.chart import AccountKind, account_id
from gutschein.ledger.endowment import Endowment
from gutschein.ledger.entries import Event
from gutschein.ledger.opening import open_endowed
from gutschein.payments.service import get_payment
from gutschein.programmes.rules import (
    Payer,
    Terms,
    carries_pin,
    is_value_offered,
    offered_values,
    valid_until,
)
from gutschein.programmes.service import get_programme, terms_of
from gutschein.signing.keyring import code_keys_of, signing_key_for
from gutschein.signing.sealing import CodeKeys, KeyEncryptionKey
from gutschein.vouchers import batch_repository, repository
from gutschein.vouchers.batch import Batch, Order, Part, make_part

LARGEST_BATCH = 100_000

#: The first day with the euro in hand.
EARLIEST_SALE = date(2002, 1, 1)

#: Vouchers that are made and written in one go, so that a large batch needs little memory
#: and lets other requests in between.
MADE_AT_ONCE = 5_000

#: Is told how many vouchers of the batch are written.
Report = Callable[[int], None]

#: What a programme's payer pays with.
_METHODS: dict[Payer, tuple[str, ...]] = {
    "citizen": ("bank_transfer", "provider", "cash", "card", "deposits"),
    "town": ("subsidy",),
}


def _nobody(_: int) -> None:
    """Tell nobody."""


async def issue(
    work: Work,
    order: Order,
    kek: KeyEncryptionKey,
    now: datetime,
    report: Report = _nobody,
) -> tuple[Batch, bool]:
    """Issue a batch and return it, and whether this call did. The same order again issues
    nothing more.

    :param report: called with 0 when the issue begins, and after each part of it.

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
    if known := await batch_repository.find_batch(work, order.town_id, order.batch_id):
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
    await batch_repository.insert_batch(work, batch)
    await _write(work, batch, terms, keys, report, kid=signing_key.kid)
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


async def _write(
    work: Work, batch: Batch, terms: Terms, keys: CodeKeys, report: Report, *, kid: bytes
) -> None:
    """Make the vouchers and write them, a part at a time.

    The next part is made, beside the event loop, while PostgreSQL takes in the one before.
    """
    order = batch.order
    with_pin = carries_pin(terms, order.value_cents)
    endowment = Endowment(
        town_id=order.town_id,
        kind=AccountKind.VOUCHER,
        source_id=account_id(order.town_id, AccountKind.PAYMENT, order.payment_id),
        amount_cents=order.value_cents,
        event=Event.ISSUE,
        link_id=order.batch_id,
    )

    async def made(done: int) -> Part:
        count = min(MADE_AT_ONCE, order.voucher_count - done)
        first = batch.first_serial + done
        return await to_thread(make_part, keys, first, count, with_pin=with_pin)

    async def written(part: Part) -> None:
        await batch_repository.insert_part(work, batch, kid, terms.cap_cents, part)
        await open_endowed(work, endowment, part.ids, part.transfer_ids, batch.issued_at)

    report(0)
    done, part = 0, await made(0)
    while part.ids:
        done += len(part.ids)
        _, part = await gather(written(part), made(done))
        report(done)
