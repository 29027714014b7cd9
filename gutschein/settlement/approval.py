"""Approve a settlement: book every statement, order the payouts, write the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gutschein.db.unit_of_work import Work
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import SettlementId, TownId, TransferId, derived_id
from gutschein.ledger.chart import AccountKind, account_id
from gutschein.ledger.entries import Event, NewTransfer
from gutschein.ledger.posting import post
from gutschein.settlement import payout_repository, repository
from gutschein.settlement.payout_file import write_payout_file
from gutschein.signing.sealing import KeyEncryptionKey

#: What leaves a merchant's payable when its statement is approved.
_PARTS = (
    ("payout_cents", Event.SETTLEMENT_PAYOUT, AccountKind.PAYOUT_IN_TRANSIT),
    ("fee_cents", Event.SETTLEMENT_FEE, AccountKind.FEE_INCOME),
    ("vat_cents", Event.SETTLEMENT_VAT, AccountKind.VAT_PAYABLE),
)


async def approve(
    work: Work, town_id: TownId, settlement_id: SettlementId, kek: KeyEncryptionKey, now: datetime
) -> None:
    """Approve a closed settlement. Approving again changes nothing.

    :raises Refusal: ``settlement.unknown``, ``key.sealed``, ``bank_data.altered``.
    """
    settlement = await repository.find_settlement(work, town_id, settlement_id, lock=True)
    if settlement is None:
        raise Refusal("settlement.unknown")
    if settlement.state == "approved":
        return
    statements = await repository.statements_of(work, town_id, settlement_id)
    await repository.mark_approved(work, town_id, settlement_id, now)
    await post(work, list(_transfers(statements)), now)
    paid = [statement for statement in statements if statement.payout_cents]
    if paid:
        await payout_repository.insert_payouts(work, paid, now)
        await write_payout_file(work, settlement, paid, kek, now)


def _transfers(statements: Sequence[Row[Any]]) -> Iterator[NewTransfer]:
    for statement in statements:
        payable = account_id(statement.town_id, AccountKind.MERCHANT_PAYABLE, statement.merchant_id)
        for column, event, kind in _PARTS:
            amount_cents = getattr(statement, column)
            if amount_cents == 0:
                continue
            other = account_id(statement.town_id, kind)
            # More reversed than redeemed: the fee, too, goes back the other way.
            debit, credit = (payable, other) if amount_cents > 0 else (other, payable)
            yield NewTransfer(
                town_id=statement.town_id,
                id=TransferId(derived_id(statement.id, event)),
                debit_account_id=debit,
                credit_account_id=credit,
                amount_cents=abs(amount_cents),
                event=event,
                reference_id=statement.id,
                link_id=statement.settlement_id,
            )
