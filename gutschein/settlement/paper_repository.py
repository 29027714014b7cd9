"""The SQL behind statements on paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text

from gutschein.db.unit_of_work import Work
from gutschein.kernel.ids import StatementId, TownId

_STATEMENT = text(
    """
    SELECT s.*, p.period_from, p.period_to, p.vat_basis_points, p.minimum_payout_cents,
           p.closed_at, m.name AS merchant_name, m.street, m.house_number, m.postcode, m.post_town
    FROM statement s
    JOIN settlement p ON p.town_id = s.town_id AND p.id = s.settlement_id
    JOIN merchant m ON m.town_id = s.town_id AND m.id = s.merchant_id
    WHERE s.town_id = :town_id AND s.id = :statement_id
    """
)

_LINES = text(
    """
    SELECT l.*, p.name AS programme_name, t.name AS issuing_town_name
    FROM statement_line l
    JOIN programme p ON p.town_id = l.issuing_town_id AND p.id = l.programme_id
    JOIN town t ON t.id = l.issuing_town_id
    WHERE l.town_id = :town_id AND l.statement_id = :statement_id
    ORDER BY t.id <> :town_id, t.name, p.name, l.programme_id, l.fee_basis_points
    """
)

_ENTRIES = text(
    """
    SELECT e.kind, e.entry_id, e.amount_cents, b.name AS branch_name, t.name AS issuing_town_name,
           p.name AS programme_name,
           COALESCE(v.reversed_at, r.redeemed_at, pe.happened_at) AS happened_at
    FROM statement_entry e
    LEFT JOIN reversal v ON e.kind = 'reversal' AND v.town_id = e.town_id AND v.id = e.entry_id
    LEFT JOIN redemption r ON r.town_id = e.town_id AND r.id = COALESCE(v.redemption_id, e.entry_id)
    LEFT JOIN payout_event pe ON e.kind = 'return' AND pe.town_id = e.town_id AND pe.id = e.entry_id
    LEFT JOIN branch b ON b.town_id = e.town_id AND b.id = COALESCE(v.branch_id, r.branch_id)
    LEFT JOIN programme p ON p.town_id = r.issuing_town_id AND p.id = r.programme_id
    LEFT JOIN town t ON t.id = r.issuing_town_id
    WHERE e.town_id = :town_id AND e.statement_id = :statement_id
    ORDER BY happened_at, e.entry_id
    """
)


async def find_statement(work: Work, town_id: TownId, statement_id: StatementId) -> Row[Any] | None:
    """Return a statement with the merchant's name and address that stand on it."""
    return (await work.execute(_STATEMENT, _key(town_id, statement_id))).one_or_none()


async def lines_of(work: Work, town_id: TownId, statement_id: StatementId) -> Sequence[Row[Any]]:
    """Return the lines of a statement, those of the town's own vouchers first."""
    return (await work.execute(_LINES, _key(town_id, statement_id))).all()


async def entries_of(work: Work, town_id: TownId, statement_id: StatementId) -> Sequence[Row[Any]]:
    """Return the entries of a statement in the order they happened."""
    return (await work.execute(_ENTRIES, _key(town_id, statement_id))).all()


def _key(town_id: TownId, statement_id: StatementId) -> dict[str, object]:
    return {"town_id": town_id, "statement_id": statement_id}
