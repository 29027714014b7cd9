"""The SQL of closing a period: assign every entry once, then sum up what was assigned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, insert, select, text, update

from gutschein.db.unit_of_work import Work
from gutschein.kernel.ids import MerchantId, ProgrammeId, SettlementId, StatementId, TownId
from gutschein.settlement.models import settlement, statement, statement_line
from gutschein.settlement.rules import Line

_ASSIGN = text(
    """
    INSERT INTO statement_entry (town_id, entry_id, kind, statement_id, amount_cents)
    SELECT CAST(:town_id AS uuid), e.id, e.kind, s.statement_id, e.amount_cents
    FROM (
        SELECT id, 'redemption' AS kind, merchant_id, amount_cents
        FROM redemption WHERE town_id = :town_id AND redeemed_on <= :day
        UNION ALL
        SELECT id, 'reversal', merchant_id, -amount_cents
        FROM reversal WHERE town_id = :town_id AND reversed_on <= :day
        UNION ALL
        SELECT pe.id, 'return', st.merchant_id, p.amount_cents
        FROM payout_event pe
        JOIN payout p USING (town_id, statement_id)
        JOIN statement st ON st.town_id = pe.town_id AND st.id = pe.statement_id
        WHERE pe.town_id = :town_id AND pe.kind = 'returned'
          AND (pe.happened_at AT TIME ZONE 'Europe/Berlin')::date <= :day
    ) e
    JOIN unnest(CAST(:merchant_ids AS uuid[]), CAST(:statement_ids AS uuid[]))
         AS s(merchant_id, statement_id) USING (merchant_id)
    WHERE NOT EXISTS (
        SELECT FROM statement_entry seen WHERE seen.town_id = :town_id AND seen.entry_id = e.id
    )
    """
)

_LINES = text(
    """
    SELECT e.statement_id, r.issuing_town_id, r.programme_id, r.fee_basis_points,
           count(*) FILTER (WHERE e.kind = 'redemption') AS redemption_count,
           COALESCE(sum(e.amount_cents) FILTER (WHERE e.kind = 'redemption'), 0)::bigint
               AS redeemed_cents,
           count(*) FILTER (WHERE e.kind = 'reversal') AS reversal_count,
           COALESCE(-sum(e.amount_cents) FILTER (WHERE e.kind = 'reversal'), 0)::bigint
               AS reversed_cents
    FROM statement_entry e
    LEFT JOIN reversal v ON e.kind = 'reversal' AND v.town_id = e.town_id AND v.id = e.entry_id
    JOIN redemption r ON r.town_id = e.town_id
        AND r.id = CASE e.kind WHEN 'reversal' THEN v.redemption_id ELSE e.entry_id END
    WHERE e.town_id = :town_id AND e.kind IN ('redemption', 'reversal')
      AND e.statement_id = ANY(CAST(:statement_ids AS uuid[]))
    GROUP BY e.statement_id, r.issuing_town_id, r.programme_id, r.fee_basis_points
    ORDER BY e.statement_id, r.issuing_town_id, r.programme_id, r.fee_basis_points
    """
)

_RETURNS = text(
    """
    SELECT statement_id, sum(amount_cents)::bigint AS returned_cents
    FROM statement_entry
    WHERE town_id = :town_id AND kind = 'return'
      AND statement_id = ANY(CAST(:statement_ids AS uuid[]))
    GROUP BY statement_id
    """
)

_MERCHANTS = text(
    """
    SELECT m.id, m.name, a.valid_from, a.sealed_iban, a.sealed_account_holder,
           COALESCE(c.carried_out_cents, 0) AS carried_cents
    FROM merchant m
    JOIN LATERAL (
        SELECT valid_from, sealed_iban, sealed_account_holder FROM payout_account
        WHERE town_id = m.town_id AND merchant_id = m.id AND valid_from <= :now
        ORDER BY valid_from DESC LIMIT 1
    ) a ON true
    LEFT JOIN LATERAL (
        SELECT s.carried_out_cents FROM statement s
        JOIN settlement p ON p.town_id = s.town_id AND p.id = s.settlement_id
        WHERE s.town_id = m.town_id AND s.merchant_id = m.id
        ORDER BY p.number DESC LIMIT 1
    ) c ON true
    WHERE m.town_id = :town_id
    ORDER BY m.name, m.id
    """
)

_TOWN = text("SELECT ags, minimum_payout_cents FROM town WHERE id = :town_id FOR NO KEY UPDATE")


@dataclass(frozen=True, slots=True)
class Payee:
    """A merchant at the closing: the row that says where it is paid, still sealed, and what
    it brings along, in cents."""

    merchant_id: MerchantId
    name: str
    payout_account: Row[Any]
    carried_in_cents: int


async def lock_town(work: Work, town_id: TownId) -> Row[Any] | None:
    """Lock a town against another closing; return its AGS and its minimum payout."""
    return (await work.execute(_TOWN, {"town_id": town_id})).one_or_none()


async def last_settlement(work: Work, town_id: TownId) -> Row[Any] | None:
    """Return the newest settlement of a town."""
    rows = await work.execute(
        select(settlement)
        .where(settlement.c.town_id == town_id)
        .order_by(settlement.c.number.desc())
        .limit(1)
    )
    return rows.one_or_none()


async def find_settlement(
    work: Work, town_id: TownId, settlement_id: SettlementId, *, lock: bool = False
) -> Row[Any] | None:
    """Return a settlement, locked against other changes when asked."""
    query = select(settlement).where(
        settlement.c.town_id == town_id, settlement.c.id == settlement_id
    )
    if lock:
        query = query.with_for_update(key_share=True)
    return (await work.execute(query)).one_or_none()


async def insert_settlement(work: Work, values: Mapping[str, Any]) -> None:
    await work.execute(insert(settlement).values(values))


async def mark_approved(
    work: Work, town_id: TownId, settlement_id: SettlementId, now: datetime
) -> None:
    await work.execute(
        update(settlement)
        .where(settlement.c.town_id == town_id, settlement.c.id == settlement_id)
        .values(state="approved", approved_at=now)
    )


async def payees(work: Work, town_id: TownId, now: datetime) -> list[Payee]:
    """Return all merchants of a town in the order of their statements: by name."""
    rows = await work.execute(_MERCHANTS, {"town_id": town_id, "now": now})
    return [Payee(row.id, row.name, row, row.carried_cents) for row in rows]


async def assign_entries(
    work: Work, town_id: TownId, day: date, statement_ids: Mapping[MerchantId, StatementId]
) -> None:
    """Put every entry up to *day* that is in no statement yet into its merchant's new one.

    One statement sees one moment: what commits later is found by the next closing.
    """
    await work.execute(
        _ASSIGN,
        {
            "town_id": town_id,
            "day": day,
            "merchant_ids": list(statement_ids.keys()),
            "statement_ids": list(statement_ids.values()),
        },
    )


async def assigned_lines(
    work: Work, town_id: TownId, statement_ids: Sequence[StatementId], vat_basis_points: int
) -> dict[StatementId, list[Line]]:
    """Sum the assigned redemptions and reversals up by statement, programme and fee."""
    lines: dict[StatementId, list[Line]] = defaultdict(list)
    rows = await work.execute(_LINES, {"town_id": town_id, "statement_ids": list(statement_ids)})
    for row in rows:
        lines[StatementId(row.statement_id)].append(
            Line(
                issuing_town_id=TownId(row.issuing_town_id),
                programme_id=ProgrammeId(row.programme_id),
                fee_basis_points=row.fee_basis_points,
                redemption_count=row.redemption_count,
                redeemed_cents=row.redeemed_cents,
                reversal_count=row.reversal_count,
                reversed_cents=row.reversed_cents,
                vat_basis_points=vat_basis_points,
            )
        )
    return lines


async def assigned_returns(
    work: Work, town_id: TownId, statement_ids: Sequence[StatementId]
) -> dict[StatementId, int]:
    """Sum the assigned returned payouts up by statement, in cents."""
    rows = await work.execute(_RETURNS, {"town_id": town_id, "statement_ids": list(statement_ids)})
    return {StatementId(row.statement_id): row.returned_cents for row in rows}


async def insert_statements(
    work: Work, statements: Sequence[Mapping[str, Any]], lines: Sequence[Mapping[str, Any]]
) -> None:
    if statements:
        await work.execute(insert(statement), list(statements))
    if lines:
        await work.execute(insert(statement_line), list(lines))


async def statements_of(
    work: Work, town_id: TownId, settlement_id: SettlementId
) -> Sequence[Row[Any]]:
    """Return the statements of a settlement by their numbers."""
    rows = await work.execute(
        select(statement)
        .where(statement.c.town_id == town_id, statement.c.settlement_id == settlement_id)
        .order_by(statement.c.number)
    )
    return rows.all()


async def settlements_of(work: Work, town_id: TownId) -> Sequence[Row[Any]]:
    """Return the settlements of a town, the newest first."""
    rows = await work.execute(
        select(settlement)
        .where(settlement.c.town_id == town_id)
        .order_by(settlement.c.number.desc())
    )
    return rows.all()
