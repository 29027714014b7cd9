"""Book what has been paid. Vouchers are issued against it, so no voucher is without money."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import asdict, replace

from gutschein.db.locks import lock
from gutschein.db.unit_of_work import Work
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import AccountId, PaymentId, TownId, TransferId, derived_id, new_id
from gutschein.ledger.balances import balance_of
from gutschein.ledger.chart import AccountKind, account_id
from gutschein.ledger.entries import Account, Event, NewTransfer
from gutschein.ledger.posting import open_accounts, post
from gutschein.merchants.service import get_issuing_point
from gutschein.payments import repository
from gutschein.payments.rules import check_from_outside, check_issuing_point, source_of
from gutschein.payments.schemas import NewPayment, Payment, PaymentWithRest
from gutschein.towns.service import get_town


async def book_payment(
    work: Work, town_id: TownId, new: NewPayment, now: datetime
) -> tuple[PaymentWithRest, bool]:
    """Book money that has come in, once for ever by its id, and tell whether this call did.

    :raises Refusal: ``payment.needs_approval`` for what the town gives itself, and what
        :func:`book` refuses.
    """
    check_from_outside(new.method)
    return await book(work, town_id, new, now)


async def book(
    work: Work, town_id: TownId, new: NewPayment, now: datetime
) -> tuple[PaymentWithRest, bool]:
    """Book a payment of any method, also one that a second person has approved.

    :raises Refusal: ``town.unknown``, ``payment.issuing_point``,
        ``issuing_point.unknown``, ``request.conflict``.
    """
    await get_town(work, town_id)
    check_issuing_point(new.method, new.issuing_point_id)
    if new.issuing_point_id is not None:
        await get_issuing_point(work, town_id, new.issuing_point_id)
        await lock(work, new.issuing_point_id, "desk")  # whoever counts the cash waits
    wanted = Payment(
        **asdict(new) | {"id": new.id or new_id(), "town_id": town_id, "booked_at": now}
    )
    payment_id = PaymentId(wanted.id)
    if await repository.insert_payment(work, wanted):
        source = source_of(town_id, new.method, new.issuing_point_id)
        await _post(work, wanted, source, now)
        return _with_rest(wanted, wanted.amount_cents), True
    found = await get_payment(work, town_id, payment_id)
    if replace(found, booked_at=now, left_cents=0) != _with_rest(wanted, 0):
        raise Refusal("request.conflict")
    return found, False


async def get_payment(work: Work, town_id: TownId, payment_id: PaymentId) -> PaymentWithRest:
    """Return a payment of a town, with what is left of it.

    :raises Refusal: ``town.unknown``, ``payment.unknown``.
    """
    await get_town(work, town_id)
    found = await repository.find_payment(work, town_id, payment_id)
    if found is None:
        raise Refusal("payment.unknown")
    account = account_id(town_id, AccountKind.PAYMENT, payment_id)
    return _with_rest(found, await balance_of(work, town_id, account))


async def _post(work: Work, payment: Payment, source: AccountId, now: datetime) -> None:
    town_id = TownId(payment.town_id)
    account = Account(town_id, AccountKind.PAYMENT, payment.id)
    await open_accounts(work, [account], now)
    await post(
        work,
        [
            NewTransfer(
                town_id=town_id,
                id=TransferId(derived_id(payment.id, Event.PAYMENT)),
                debit_account_id=source,
                credit_account_id=account.id,
                amount_cents=payment.amount_cents,
                event=Event.PAYMENT,
                reference_id=payment.id,
            )
        ],
        now,
    )


def _with_rest(payment: Payment, left_cents: int) -> PaymentWithRest:
    return PaymentWithRest(**asdict(payment), left_cents=left_cents)
