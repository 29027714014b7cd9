"""The SQL of netting between towns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as insert_or_skip

from gutschein.db.locks import lock
from gutschein.db.unit_of_work import Work
from gutschein.kernel.ids import NettingId, RegionId, TownId
from gutschein.settlement.netting_models import netting, netting_payment, netting_position

# One statement, one moment: a redemption across towns is in both books or in neither, and a
# payment that is booked meanwhile is either still asked for or paid.
_OPEN_CLAIMS = text(
    """
    WITH booked AS (
        SELECT a.town_id, a.owner_id,
               COALESCE(s.balance_cents, 0)
               + COALESCE((SELECT sum(amount_cents) FROM transfer
                           WHERE town_id = a.town_id AND credit_account_id = a.id
                             AND ordinal > COALESCE(s.up_to_ordinal, 0)), 0)
               - COALESCE((SELECT sum(amount_cents) FROM transfer
                           WHERE town_id = a.town_id AND debit_account_id = a.id
                             AND ordinal > COALESCE(s.up_to_ordinal, 0)), 0) AS cents
        FROM town t
        JOIN ledger_account a ON a.town_id = t.id AND a.kind = 'clearing'
        LEFT JOIN LATERAL (
            SELECT up_to_ordinal, balance_cents FROM balance_snapshot
            WHERE town_id = a.town_id AND account_id = a.id
            ORDER BY up_to_ordinal DESC LIMIT 1
        ) s ON true
        WHERE t.region_id = :region_id
    ), asked AS (
        SELECT side.town_id, side.owner_id, side.cents
        FROM netting n
        JOIN netting_payment p ON p.netting_id = n.id AND p.paid_at IS NULL
        CROSS JOIN LATERAL (VALUES (p.payer_town_id, p.payee_town_id, -p.amount_cents),
                                   (p.payee_town_id, p.payer_town_id, p.amount_cents)
        ) AS side(town_id, owner_id, cents)
        WHERE n.region_id = :region_id
    )
    SELECT town_id, owner_id, sum(cents)::bigint AS owed_cents
    FROM (SELECT * FROM booked UNION ALL SELECT * FROM asked) claim
    GROUP BY town_id, owner_id
    """
)


async def lock_region(work: Work, region_id: RegionId) -> str | None:
    """Lock a region against another netting and return its name."""
    await lock(work, region_id, "netting")
    name: str | None = await work.scalar(
        text("SELECT name FROM region WHERE id = :id"), {"id": region_id}
    )
    return name


async def open_claims(work: Work, region_id: RegionId) -> dict[tuple[TownId, TownId], int]:
    """Return what each town owes each other by its own book, in cents, without what earlier
    nettings ask it to pay and nobody has paid yet.
    """
    rows = await work.execute(_OPEN_CLAIMS, {"region_id": region_id})
    return {(TownId(row.town_id), TownId(row.owner_id)): row.owed_cents for row in rows}


async def town_codes(work: Work, region_id: RegionId) -> dict[TownId, str]:
    """Return the municipality keys of a region's towns."""
    rows = await work.execute(
        text("SELECT id, ags FROM town WHERE region_id = :region_id"), {"region_id": region_id}
    )
    return {TownId(row.id): row.ags for row in rows}


async def last_netted_at(work: Work, region_id: RegionId) -> datetime | None:
    """Return when the region was last netted."""
    latest: datetime | None = await work.scalar(
        select(func.max(netting.c.netted_at)).where(netting.c.region_id == region_id)
    )
    return latest


async def insert_netting(
    work: Work,
    values: Mapping[str, Any],
    positions: Mapping[TownId, int],
    payments: Sequence[Mapping[str, Any]],
) -> bool:
    """Insert a netting, unless its id stands for another one; tell whether it was inserted."""
    written = await work.execute(
        insert_or_skip(netting).values(values).on_conflict_do_nothing().returning(netting.c.id)
    )
    if written.first() is None:
        return False
    await work.execute(
        insert(netting_position),
        [
            {"netting_id": values["id"], "position_town_id": town_id, "position_cents": cents}
            for town_id, cents in positions.items()
        ],
    )
    if payments:
        await work.execute(insert(netting_payment), list(payments))
    return True


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
