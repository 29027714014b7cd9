"""Issue vouchers, one or a batch, against a payment that is booked already.

The money moves from the payment's guarded account to the vouchers: what was not paid for
cannot be issued, whoever asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gutschein.db.unit_of_work import Work
from gutschein.kernel.clock import berlin_day, end_of_day
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TransferId, derived_id
from gutschein.ledger.chart import AccountKind, account_id
from gutschein.ledger.entries import Account, Event, NewTransfer
from gutschein.ledger.posting import open_accounts, post
from gutschein.payments.service import get_payment
from gutschein.programmes.rules import Payer, is_value_offered, offered_values, valid_until
from gutschein.programmes.service import get_programme, terms_of
from gutschein.signing.keyring import code_keys, signing_key_for
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.vouchers import repository
from gutschein.vouchers.batch import Batch, NewVoucher, Order, make_voucher

LARGEST_BATCH = 100_000

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

    :raises Refusal: ``batch.too_large``, ``batch.sold_later``, ``programme.unknown``,
        ``programme.value_refused``, ``programme.rule_invalid``, ``payment.unknown``,
        ``payment.method``, ``payment.insufficient``, ``key.none``, ``key.sealed``, and
        ``request.conflict`` when the id stands for another order.
    """
    if not 1 <= order.voucher_count <= LARGEST_BATCH:
        raise Refusal("batch.too_large", max=LARGEST_BATCH)
    if order.sold_on > berlin_day(now):
        raise Refusal("batch.sold_later")
    programme = await get_programme(work, order.town_id, order.programme_id)
    terms = terms_of(programme)
    if not is_value_offered(terms, order.value_cents):
        raise Refusal("programme.value_refused", allowed=offered_values(terms))
    payment = await get_payment(work, order.town_id, order.payment_id)
    if payment.method not in _METHODS[terms.payer]:
        raise Refusal("payment.method", allowed=", ".join(_METHODS[terms.payer]))

    last_serial = await repository.lock_serials(work, order.town_id)
    # From here on issues of the town wait for one another, so a repetition sees the first.
    if known := await repository.find_batch(work, order.town_id, order.batch_id):
        if known.order != order:
            raise Refusal("request.conflict")
        return known, False
    batch = Batch(
        order=order,
        valid_until=valid_until(terms, order.sold_on),
        first_serial=last_serial + 1,
        issued_at=now,
    )
    vouchers = await _make(work, batch, terms.cap_cents, kek)
    await repository.set_last_serial(work, order.town_id, last_serial + order.voucher_count)
    await repository.insert_batch(work, batch)
    await repository.insert_vouchers(work, vouchers)
    await open_accounts(
        work, [Account(order.town_id, AccountKind.VOUCHER, each.id) for each in vouchers], now
    )
    await _pay(work, batch, vouchers)
    return batch, True


async def _make(
    work: Work, batch: Batch, cap_cents: int, kek: KeyEncryptionKey
) -> list[NewVoucher]:
    order = batch.order
    signing_key = await signing_key_for(
        work,
        order.town_id,
        kek,
        now=batch.issued_at,
        needed_until=end_of_day(batch.valid_until),
    )
    keys = (await code_keys(work, [order.town_id], kek))[order.town_id]
    return [
        make_voucher(
            keys,
            serial=batch.first_serial + place,
            kid=signing_key.kid,
            batch_id=order.batch_id,
            replaces_id=None,
            programme_id=order.programme_id,
            face_value_cents=order.value_cents,
            cap_cents=cap_cents,
            valid_until=batch.valid_until,
            issued_at=batch.issued_at,
        )
        for place in range(order.voucher_count)
    ]


async def _pay(work: Work, batch: Batch, vouchers: Sequence[NewVoucher]) -> None:
    """Move the money from the payment to the vouchers, all at once."""
    order = batch.order
    payment_account = account_id(order.town_id, AccountKind.PAYMENT, order.payment_id)
    try:
        await post(
            work,
            [
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
            ],
            batch.issued_at,
        )
    except Refusal as refusal:
        if refusal.code == "account.insufficient":
            raise Refusal(
                "payment.insufficient",
                left_cents=refusal.params["available_cents"],
                needed_cents=refusal.params["needed_cents"],
            ) from refusal
        raise
