"""Payments whose money came in before, as deposits that were assigned to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gutschein.db.unit_of_work import Work
from gutschein.kernel.ids import AccountId, TownId, TransferId, derived_id
from gutschein.ledger.chart import AccountKind
from gutschein.ledger.entries import Account, Event, NewTransfer
from gutschein.ledger.posting import open_accounts, post
from gutschein.payments import repository
from gutschein.payments.schemas import Payment


@dataclass(frozen=True, slots=True)
class Covered:
    """What is paid out of deposits.

    :param id: of the payment to be, and of what was asked for.
    :param shares: deposits, and what each of them gives, in cents.
    """

    id: UUID
    reference: str
    shares: Mapping[UUID, int]

    @property
    def amount_cents(self) -> int:
        return sum(self.shares.values())


async def book_covered(
    work: Work, town_id: TownId, covered: Sequence[Covered], now: datetime
) -> None:
    """Move the money of deposits to new payments, and book these.

    The money moves first: the database takes such a payment only with its money.

    :raises Refusal: ``account.insufficient`` when a deposit has less left, ``request.conflict``.
    """
    if not covered:
        return
    accounts = [Account(town_id, AccountKind.PAYMENT, each.id) for each in covered]
    await open_accounts(work, accounts, now)
    await post(
        work,
        [
            NewTransfer(
                town_id=town_id,
                id=TransferId(derived_id(each.id, f"{Event.ASSIGNMENT}:{deposit_id}")),
                debit_account_id=AccountId(deposit_id),
                credit_account_id=AccountId(each.id),
                amount_cents=amount_cents,
                event=Event.ASSIGNMENT,
                reference_id=each.id,
            )
            for each in covered
            for deposit_id, amount_cents in each.shares.items()
        ],
        now,
    )
    payments = [
        Payment(
            id=each.id,
            town_id=town_id,
            method="deposits",
            amount_cents=each.amount_cents,
            issuing_point_id=None,
            reference=each.reference,
            booked_at=now,
        )
        for each in covered
    ]
    await repository.insert_covered(work, payments)
