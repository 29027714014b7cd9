"""The SQL of netting between towns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, text, update

from gutschein.db.unit_of_work import Work
from gutschein.kernel.ids import NettingId, RegionId, TownId
from gutschein.settlement.netting_models import netting, netting_payment, netting_position

# One statement, one moment: a redemption across towns is in both books or in neither.
_CLAIMS = text(
    """
    SELECT a.town_id, a.owner_id,
           (COALESCE(s.balance_cents, 0)
            + COALESCE((SELECT sum(amount_cents) FROM transfer
                        WHERE town_id = a.town_id AND credit_account_id = a.id
                          AND ordinal > COALESCE(s.up_to_ordinal, 0)), 0)
            - COALESCE((SELECT sum(amount_cents) FROM transfer
                        WHERE town_id = a.town_id AND debit_account_id = a.id
                          AND ordinal > COALESCE(s.up_to_ordinal, 0)), 0))::bigint AS owed_cents
    FROM town t
    JOIN ledger_account a ON a.town_id = t.id AND a.kind = 'clearing'
    LEFT JOIN LATERAL (
        SELECT up_to_ordinal, balance_cents FROM balance_snapshot
        WHERE town_id = a.town_id AND account_id = a.id
        ORDER BY up_to_ordinal DESC LIMIT 1
    ) s ON true
    WHERE t.region_id = :region_id
    """
)

_UNPAID = text(
    """
    SELECT p.payer_town_id, p.payee_town_id, sum(p.amount_cents)::bigint AS amount_cents
    FROM netting_payment p JOIN netting n ON n.id = p.netting_id
    WHERE n.region_id = :region_id AND p.paid_at IS NULL
    GROUP BY p.payer_town_id, p.payee_town_id
    """
)


async def lock_region(work: Work, region_id: RegionId) -> str | None:
    """Lock a region against another netting and return its name."""
    key = int.from_bytes(region_id.bytes[8:], signed=True)
    await work.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})
    name: str | None = await work.scalar(
        text("SELECT name FROM region WHERE id = :id"), {"id": region_id}
    )
    return name


async def claims(work: Work, region_id: RegionId) -> dict[tuple[TownId, TownId], int]:
    """Return what each town owes each other by its own book, in cents."""
    rows = await work.execute(_CLAIMS, {"region_id": region_id})
    return {(TownId(row.town_id), TownId(row.owner_id)): row.owed_cents for row in rows}


async def unpaid(work: Work, region_id: RegionId) -> dict[tuple[TownId, TownId], int]:
    """Return what earlier nettings still ask each town to pay each other, in cents."""
    rows = await work.execute(_UNPAID, {"region_id": region_id})
    return {
        (TownId(row.payer_town_id), TownId(row.payee_town_id)): row.amount_cents for row in rows
    }


async def town_codes(work: Work, region_id: RegionId) -> dict[TownId, str]:
    """Return the municipality keys of a region's towns."""
    rows = await work.execute(
        text("SELECT id, ags FROM town WHERE region_id = :region_id"), {"region_id": region_id}
    )
    return {TownId(row.id): row.ags for row in rows}


async def insert_netting(
    work: Work,
    values: Mapping[str, Any],
    positions: Mapping[TownId, int],
    payments: Sequence[Mapping[str, Any]],
) -> None:
    await work.execute(insert(netting).values(values))
    await work.execute(
        insert(netting_position),
        [
            {"netting_id": values["id"], "position_town_id": town_id, "position_cents": cents}
            for town_id, cents in positions.items()
        ],
    )
    if payments:
        await work.execute(insert(netting_payment), list(payments))


async def find_netting(work: Work, netting_id: NettingId) -> Row[Any] | None:
    rows = await work.execute(select(netting).where(netting.c.id == netting_id))
    return rows.one_or_none()


async def positions_of(work: Work, netting_id: NettingId) -> Sequence[Row[Any]]:
    rows = await work.execute(
        select(netting_position)
        .where(netting_position.c.netting_id == netting_id)
        .order_by(netting_position.c.position_town_id)
    )
    return rows.all()


async def payments_of(work: Work, netting_id: NettingId) -> Sequence[Row[Any]]:
    rows = await work.execute(
        select(netting_payment)
        .where(netting_payment.c.netting_id == netting_id)
        .order_by(netting_payment.c.reference)
    )
    return rows.all()


async def lock_payment(work: Work, payment_id: UUID) -> Row[Any] | None:
    rows = await work.execute(
        select(netting_payment)
        .where(netting_payment.c.id == payment_id)
        .with_for_update(key_share=True)
    )
    return rows.one_or_none()


async def mark_paid(work: Work, payment_id: UUID, now: datetime) -> None:
    await work.execute(
        update(netting_payment).where(netting_payment.c.id == payment_id).values(paid_at=now)
    )
