"""Close a period: every redemption, reversal and returned payout enters one statement.

What commits after the closing, even when it happened before, is found by the next one.
Nothing is booked yet: that is for the approval.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from gutschein.db.unit_of_work import Work
from gutschein.kernel.clock import berlin_day
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import SettlementId, StatementId, TownId, new_id
from gutschein.merchants.models import PAYOUT_ACCOUNT
from gutschein.settlement import repository
from gutschein.settlement.models import STATEMENT_ACCOUNT
from gutschein.settlement.repository import Payee
from gutschein.settlement.rules import Account, Line, check_period, statement_number
from gutschein.signing.data_keys import town_data_keys
from gutschein.signing.sealing import DataKey, KeyEncryptionKey
from gutschein.towns.repository import vat_basis_points_on


@dataclass(frozen=True, slots=True)
class Period:
    """The days to close, both inclusive, under the id of the new settlement."""

    settlement_id: SettlementId
    begin: date
    end: date


async def close_period(
    work: Work, town_id: TownId, period: Period, kek: KeyEncryptionKey, now: datetime
) -> bool:
    """Close *period*, and tell whether this call did. The same closing again changes nothing.

    :raises Refusal: ``town.unknown``, ``settlement.period_invalid``, ``settlement.closed``,
        ``settlement.gap``, ``settlement.not_approved``, ``request.conflict`` when the id
        stands for another period, ``key.sealed``, and ``bank_data.altered``.
    """
    town = await repository.lock_town(work, town_id)
    if town is None:
        raise Refusal("town.unknown")
    known = await repository.find_settlement(work, town_id, period.settlement_id)
    if known is not None:
        if (known.period_from, known.period_to) != (period.begin, period.end):
            raise Refusal("request.conflict")
        return False
    last = await repository.last_settlement(work, town_id)
    check_period(last and last.period_to, period.begin, period.end, berlin_day(now))
    if last is not None and last.state != "approved":
        raise Refusal("settlement.not_approved")
    number = last.number + 1 if last else 1
    vat_basis_points = await vat_basis_points_on(work, town_id, period.end)
    await repository.insert_settlement(
        work,
        {
            "town_id": town_id,
            "id": period.settlement_id,
            "number": number,
            "period_from": period.begin,
            "period_to": period.end,
            "follows": last and last.period_to,
            "vat_basis_points": vat_basis_points,
            "minimum_payout_cents": town.minimum_payout_cents,
            "state": "closed",
            "closed_at": now,
        },
    )
    payees = {StatementId(new_id()): payee for payee in await repository.payees(work, town_id, now)}
    await repository.assign_entries(
        work, town_id, period.end, {payee.merchant_id: id_ for id_, payee in payees.items()}
    )
    lines = await repository.assigned_lines(work, town_id, [*payees], vat_basis_points)
    returns = await repository.assigned_returns(work, town_id, [*payees])
    key = await town_data_keys(work, town_id, kek)
    statements: list[dict[str, Any]] = []
    for statement_id, payee in payees.items():
        account = Account(
            lines=lines.get(statement_id, []),
            returned_cents=returns.get(statement_id, 0),
            carried_in_cents=payee.carried_in_cents,
            minimum_payout_cents=town.minimum_payout_cents,
        )
        if account.lines or account.returned_cents or account.carried_in_cents:
            statements.append(
                {
                    "town_id": town_id,
                    "id": statement_id,
                    "settlement_id": period.settlement_id,
                    "number": statement_number(town.ags, number, len(statements) + 1),
                    **_amounts(account, payee),
                    **_account(key, statement_id, payee),
                }
            )
    await repository.insert_statements(
        work,
        statements,
        [_line(town_id, id_, line) for id_, some in lines.items() for line in some],
    )
    return True


def _amounts(account: Account, payee: Payee) -> dict[str, Any]:
    return {
        "merchant_id": payee.merchant_id,
        "redeemed_cents": account.redeemed_cents,
        "reversed_cents": account.reversed_cents,
        "returned_cents": account.returned_cents,
        "fee_cents": account.fee_cents,
        "vat_cents": account.vat_cents,
        "carried_in_cents": account.carried_in_cents,
        "payout_cents": account.payout_cents,
        "carried_out_cents": account.carried_out_cents,
    }


def _account(key: DataKey, statement_id: StatementId, payee: Payee) -> dict[str, bytes]:
    """Open where the payee is paid, and seal it for its statement."""
    row = payee.payout_account
    opened = PAYOUT_ACCOUNT.open(key, row, payee.merchant_id, row.valid_from)
    return STATEMENT_ACCOUNT.seal(key, opened, statement_id)


def _line(town_id: TownId, statement_id: StatementId, line: Line) -> dict[str, Any]:
    return {
        "town_id": town_id,
        "statement_id": statement_id,
        "issuing_town_id": line.issuing_town_id,
        "programme_id": line.programme_id,
        "fee_basis_points": line.fee_basis_points,
        "redemption_count": line.redemption_count,
        "redeemed_cents": line.redeemed_cents,
        "reversal_count": line.reversal_count,
        "reversed_cents": line.reversed_cents,
        "fee_cents": line.fee_cents,
        "vat_cents": line.vat_cents,
    }
