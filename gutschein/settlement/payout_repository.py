"""The SQL of payouts, of the bank's word on them, and of the files they go out in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, text

from gutschein.db.locks import lock
from gutschein.db.unit_of_work import Work
from gutschein.kernel.ids import MerchantId, SettlementId, StatementId, TownId
from gutschein.settlement.models import payout, payout_event, payout_file, statement

_STATES = text(
    """
    SELECT p.statement_id,
           CASE WHEN bool_or(e.kind = 'returned') THEN 'returned'
                WHEN bool_or(e.kind = 'confirmed') THEN 'confirmed'
                ELSE 'in_transit' END AS state
    FROM payout p
    JOIN statement s ON s.town_id = p.town_id AND s.id = p.statement_id
    LEFT JOIN payout_event e ON e.town_id = p.town_id AND e.statement_id = p.statement_id
    WHERE p.town_id = :town_id AND s.settlement_id = :settlement_id
    GROUP BY p.statement_id
    """
)


@dataclass(frozen=True, slots=True)
class Payout:
    """A payout and what the bank has said of it: event to reason."""

    town_id: TownId
    statement_id: StatementId
    merchant_id: MerchantId
    amount_cents: int
    events: Mapping[str, str]


async def insert_payouts(work: Work, statements: Sequence[Row[Any]], now: datetime) -> None:
    await work.execute(
        insert(payout),
        [
            {
                "town_id": each.town_id,
                "statement_id": each.id,
                "amount_cents": each.payout_cents,
                "end_to_end_id": each.number,
                "ordered_at": now,
            }
            for each in statements
        ],
    )


async def insert_file(work: Work, values: Mapping[str, Any]) -> None:
    await work.execute(insert(payout_file).values(values))


async def find_file(work: Work, town_id: TownId, settlement_id: SettlementId) -> Row[Any] | None:
    """Return the payout file of a settlement, sealed."""
    rows = await work.execute(
        select(payout_file).where(
            payout_file.c.town_id == town_id, payout_file.c.settlement_id == settlement_id
        )
    )
    return rows.one_or_none()


async def lock_payouts(
    work: Work,
    town_id: TownId,
    *,
    settlement_id: SettlementId | None = None,
    statement_id: StatementId | None = None,
) -> list[Payout]:
    """Return the payouts of a settlement, or of one statement, for this unit of work alone.

    A payout itself never changes, so what is locked is the town's word with the bank.
    """
    await lock(work, town_id, "payouts")
    query = (
        select(payout, statement.c.merchant_id)
        .join(
            statement,
            (statement.c.town_id == payout.c.town_id) & (statement.c.id == payout.c.statement_id),
        )
        .where(payout.c.town_id == town_id)
        .order_by(payout.c.end_to_end_id)
    )
    if settlement_id is not None:
        query = query.where(statement.c.settlement_id == settlement_id)
    if statement_id is not None:
        query = query.where(payout.c.statement_id == statement_id)
    rows = (await work.execute(query)).all()
    events = await work.execute(
        select(payout_event).where(
            payout_event.c.town_id == town_id,
            payout_event.c.statement_id.in_([row.statement_id for row in rows]),
        )
    )
    said: dict[StatementId, dict[str, str]] = {}
    for event in events:
        said.setdefault(event.statement_id, {})[event.kind] = event.reason
    return [
        Payout(
            TownId(row.town_id),
            StatementId(row.statement_id),
            MerchantId(row.merchant_id),
            row.amount_cents,
            said.get(row.statement_id, {}),
        )
        for row in rows
    ]


async def payout_states(
    work: Work, town_id: TownId, settlement_id: SettlementId
) -> dict[StatementId, str]:
    """Return how far the payouts of a settlement are, by statement."""
    rows = await work.execute(_STATES, {"town_id": town_id, "settlement_id": settlement_id})
    return {StatementId(row.statement_id): row.state for row in rows}


async def insert_events(work: Work, events: Sequence[Mapping[str, Any]]) -> None:
    await work.execute(insert(payout_event), list(events))
