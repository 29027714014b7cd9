"""A closed settlement is booked and paid out when a second person has approved it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from gutschein.approvals.kinds import Case, Described, Done, Kind, Terms
from gutschein.db.unit_of_work import Work
from gutschein.kernel.author import Author
from gutschein.kernel.clock import format_day
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import SettlementId
from gutschein.kernel.money import format_euro
from gutschein.settlement import repository
from gutschein.settlement.approval import approve
from gutschein.web.fields import Id
from gutschein.web.rights import Right
from gutschein.web.words import german


class SettlementApproval(Terms, frozen=True, kw_only=True, tag="settlement"):
    """A closed settlement that is to be booked and paid out."""

    settlement_id: Id


async def _describe(work: Work, case: Case, terms: SettlementApproval) -> Described:
    settlement = await _closed(work, case, terms)
    statements = await repository.statements_of(work, case.town_id, settlement.id)
    period = f"{format_day(settlement.period_from)} bis {format_day(settlement.period_to)}"
    return Described(
        subject_id=settlement.id,
        summary=f"Abrechnung {settlement.number} vom {period}: {_sums(statements)}.",
    )


async def _execute(work: Work, case: Case, terms: SettlementApproval, _approver: Author) -> Done:
    settlement = await _closed(work, case, terms)
    await approve(work, case.town_id, settlement.id, case.kek, case.now)
    statements = await repository.statements_of(work, case.town_id, settlement.id)
    return Done(before="abgeschlossen", after=f"freigegeben: {_sums(statements)}")


async def _closed(work: Work, case: Case, terms: SettlementApproval) -> Row[Any]:
    """Lock a settlement that waits to be approved.

    :raises Refusal: ``settlement.unknown``, ``settlement.state``.
    """
    settlement_id = SettlementId(terms.settlement_id)
    settlement = await repository.find_settlement(work, case.town_id, settlement_id, lock=True)
    if settlement is None:
        raise Refusal("settlement.unknown")
    if settlement.state != "closed":
        raise Refusal("settlement.state")
    return settlement


def _sums(statements: Sequence[Row[Any]]) -> str:
    paid = [each.payout_cents for each in statements if each.payout_cents]
    fees = format_euro(sum(each.fee_cents + each.vat_cents for each in statements))
    noun = "Auszahlung" if len(paid) == 1 else "Auszahlungen"
    return (
        f"{len(paid)} {noun} über zusammen {format_euro(sum(paid))},"
        f" Gebühren mit Umsatzsteuer {fees}"
    )


SETTLEMENT = Kind(
    terms=SettlementApproval,
    title=german("Abrechnung freigeben"),
    right=Right.SETTLEMENT_CLOSE,
    describe=_describe,
    execute=_execute,
    waits=timedelta(days=14),
)
