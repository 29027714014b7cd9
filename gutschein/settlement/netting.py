"""Net what the towns of a region owe one another, then book the payments as they come.

Netting changes who owes whom inside each book, in all books at once, so that the claims
left are exactly the payments asked for. A payment that is booked empties the claim in
the payer's and in the payee's book together: the two always agree.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from gutschein.db.unit_of_work import Work
from gutschein.kernel.clock import berlin_day
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import NettingId, RegionId, TownId, TransferId, derived_id
from gutschein.ledger.chart import AccountKind, account_id
from gutschein.ledger.entries import Account, Event, NewTransfer
from gutschein.ledger.posting import open_accounts, post
from gutschein.settlement import netting_repository as repository
from gutschein.settlement.netting_rules import (
    Claims,
    Payment,
    fewest_payments,
    moves_within,
    net_positions,
)


async def net_region(work: Work, region_id: RegionId, netting_id: NettingId, now: datetime) -> bool:
    """Net all open claims of a region, and tell whether this call did. The same netting
    again changes nothing.

    What an earlier netting asked for and nobody has paid yet stays as it is.

    :raises Refusal: ``region.unknown``, ``netting.nothing``, and ``request.conflict`` when
        the id stands for another region's netting.
    """
    if await repository.lock_region(work, region_id) is None:
        raise Refusal("region.unknown")
    known = await repository.find_netting(work, netting_id)
    if known is not None:
        if known.region_id != region_id:
            raise Refusal("request.conflict")
        return False
    owed = await repository.open_claims(work, region_id)
    if not any(owed.values()):
        raise Refusal("netting.nothing")
    positions = net_positions(owed)
    payments = fewest_payments(positions)
    # Whoever waited for the lock brings an older instant than who held it.
    now = max(now, await repository.last_netted_at(work, region_id) or now)
    codes, day = await repository.town_codes(work, region_id), berlin_day(now)
    made = await repository.insert_netting(
        work,
        {"id": netting_id, "region_id": region_id, "netted_at": now},
        positions,
        [
            {
                "id": derived_id(netting_id, f"{payment.payer} {payment.payee}"),
                "netting_id": netting_id,
                "payer_town_id": payment.payer,
                "payee_town_id": payment.payee,
                "amount_cents": payment.amount_cents,
                # The end tells two nettings of one day apart; SEPA has room for 35 characters.
                "reference": f"VR-{day:%Y%m%d}-{codes[payment.payer]}-{codes[payment.payee]}"
                f"-{netting_id.hex[-4:]}",
            }
            for payment in payments
        ],
    )
    if not made:
        raise Refusal("request.conflict")
    await open_accounts(work, _clearing_accounts(payments), now)
    await post(work, _moves(netting_id, owed, payments), now)
    return True


async def pay(work: Work, payment_id: UUID, now: datetime) -> None:
    """Book a payment between towns in both books. Again changes nothing.

    :raises Refusal: ``netting.unknown``.
    """
    row = await repository.lock_payment(work, payment_id)
    if row is None:
        raise Refusal("netting.unknown")
    if row.paid_at is not None:
        return
    payer, payee = TownId(row.payer_town_id), TownId(row.payee_town_id)
    await repository.mark_paid(work, payment_id, now)
    await post(
        work,
        [
            NewTransfer(
                town_id=town_id,
                id=TransferId(derived_id(payment_id, side)),
                debit_account_id=debit,
                credit_account_id=credit,
                amount_cents=row.amount_cents,
                event=Event.NETTING_PAID,
                reference_id=payment_id,
                link_id=payment_id,
            )
            for side, town_id, debit, credit in (
                (
                    "payer",
                    payer,
                    account_id(payer, AccountKind.CLEARING, payee),
                    account_id(payer, AccountKind.TRUST_BANK),
                ),
                (
                    "payee",
                    payee,
                    account_id(payee, AccountKind.TRUST_BANK),
                    account_id(payee, AccountKind.CLEARING, payer),
                ),
            )
        ],
        now,
    )


def _clearing_accounts(payments: Sequence[Payment]) -> list[Account]:
    """Towns may come to pay a town that they have no agreement with."""
    return [
        Account(town, AccountKind.CLEARING, other)
        for payment in payments
        for town, other in (
            (payment.payer, payment.payee),
            (payment.payee, payment.payer),
        )
    ]


def _moves(netting_id: NettingId, owed: Claims, payments: Sequence[Payment]) -> list[NewTransfer]:
    """Turn what each town owes the others into the payments, inside each town's own book."""
    books: dict[TownId, dict[TownId, int]] = defaultdict(dict)
    for (town, other), cents in owed.items():
        books[town][other] = cents
    targets: dict[TownId, dict[TownId, int]] = defaultdict(dict)
    for payment in payments:
        targets[payment.payer][payment.payee] = payment.amount_cents
        targets[payment.payee][payment.payer] = -payment.amount_cents
    return [
        NewTransfer(
            town_id=town,
            id=TransferId(derived_id(netting_id, f"{town} {less} {more}")),
            debit_account_id=account_id(town, AccountKind.CLEARING, less),
            credit_account_id=account_id(town, AccountKind.CLEARING, more),
            amount_cents=cents,
            event=Event.NETTING,
            reference_id=netting_id,
            link_id=netting_id,
        )
        for town, book in books.items()
        for less, more, cents in moves_within(book, targets[town])
    ]
