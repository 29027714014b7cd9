"""What the bank says of a payout: confirmed, or returned with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from gutschein.db.unit_of_work import Work
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import SettlementId, StatementId, TownId, TransferId, derived_id
from gutschein.ledger.chart import AccountKind, account_id
from gutschein.ledger.entries import Event, NewTransfer
from gutschein.ledger.posting import post
from gutschein.settlement import payout_repository, repository
from gutschein.settlement.payout_repository import Payout


async def confirm_payouts(
    work: Work, town_id: TownId, settlement_id: SettlementId, now: datetime
) -> int:
    """Book all payouts of a settlement that are still in transit as paid; return how many.

    :raises Refusal: ``settlement.unknown``, ``settlement.state`` before its approval.
    """
    settlement = await repository.find_settlement(work, town_id, settlement_id)
    if settlement is None:
        raise Refusal("settlement.unknown")
    if settlement.state != "approved":
        raise Refusal("settlement.state")
    payouts = await payout_repository.lock_payouts(work, town_id, settlement_id=settlement_id)
    open_payouts = [payout for payout in payouts if not payout.events]
    await _record(work, open_payouts, "confirmed", "", now)
    return len(open_payouts)


async def confirm_payout(
    work: Work, town_id: TownId, statement_id: StatementId, now: datetime
) -> None:
    """Book one payout as paid. Again changes nothing.

    :raises Refusal: ``payout.unknown``, ``payout.state`` when it was returned.
    """
    payout = await _locked(work, town_id, statement_id)
    if "returned" in payout.events:
        raise Refusal("payout.state")
    if "confirmed" not in payout.events:
        await _record(work, [payout], "confirmed", "", now)


async def return_payout(
    work: Work, town_id: TownId, statement_id: StatementId, reason: str, now: datetime
) -> None:
    """Book a payout that the bank sent back, before or after it confirmed it.

    The money is owed to the merchant again and enters its next statement.

    :param reason: what the bank gives, such as ``AC04`` (ISO 20022 return reason).
    :raises Refusal: ``payout.unknown``, ``payout.state`` when it was returned before for
        another reason.
    """
    payout = await _locked(work, town_id, statement_id)
    if "returned" in payout.events:
        if payout.events["returned"] != reason:
            raise Refusal("payout.state")
        return
    await _record(work, [payout], "returned", reason, now)


async def _locked(work: Work, town_id: TownId, statement_id: StatementId) -> Payout:
    payouts = await payout_repository.lock_payouts(work, town_id, statement_id=statement_id)
    if not payouts:
        raise Refusal("payout.unknown")
    return payouts[0]


async def _record(
    work: Work,
    payouts: Sequence[Payout],
    kind: Literal["confirmed", "returned"],
    reason: str,
    now: datetime,
) -> None:
    if not payouts:
        return
    await payout_repository.insert_events(
        work,
        [
            {
                "town_id": payout.town_id,
                "id": derived_id(payout.statement_id, kind),
                "statement_id": payout.statement_id,
                "kind": kind,
                "reason": reason,
                "happened_at": now,
            }
            for payout in payouts
        ],
    )
    await post(work, [_transfer(payout, kind) for payout in payouts], now)


def _transfer(payout: Payout, kind: Literal["confirmed", "returned"]) -> NewTransfer:
    bank = account_id(payout.town_id, AccountKind.TRUST_BANK)
    in_transit = account_id(payout.town_id, AccountKind.PAYOUT_IN_TRANSIT)
    payable = account_id(payout.town_id, AccountKind.MERCHANT_PAYABLE, payout.merchant_id)
    if kind == "confirmed":
        event, debit, credit = Event.PAYOUT_CONFIRMED, in_transit, bank
    else:
        held_at = bank if "confirmed" in payout.events else in_transit
        event, debit, credit = Event.PAYOUT_RETURNED, held_at, payable
    return NewTransfer(
        town_id=payout.town_id,
        id=TransferId(derived_id(payout.statement_id, event)),
        debit_account_id=debit,
        credit_account_id=credit,
        amount_cents=payout.amount_cents,
        event=event,
        reference_id=payout.statement_id,
    )
