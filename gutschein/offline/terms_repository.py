"""The SQL of what a town allows without a net."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select

from gutschein.db.unit_of_work import Work
from gutschein.kernel.ids import TownId
from gutschein.offline.models import offline_terms
from gutschein.offline.rules import Terms


async def insert_terms(work: Work, town_id: TownId, terms: Terms) -> None:
    """Let terms begin."""
    await work.execute(
        insert(offline_terms).values(
            town_id=town_id,
            begins_at=terms.begins_at,
            enabled=terms.enabled,
            voucher_cents=terms.voucher_cents,
            device_cents=terms.device_cents,
            outage_minutes=terms.outage_minutes,
            bearer=terms.bearer,
            set_by=terms.set_by,
        )
    )


async def list_terms(work: Work, town_id: TownId, at: datetime, limit: int) -> list[Terms]:
    """Return the terms that had begun at an instant, the newest first."""
    rows = await work.execute(
        select(offline_terms)
        .where(offline_terms.c.town_id == town_id, offline_terms.c.begins_at <= at)
        .order_by(offline_terms.c.begins_at.desc())
        .limit(limit)
    )
    return [
        Terms(
            begins_at=row.begins_at,
            enabled=row.enabled,
            voucher_cents=row.voucher_cents,
            device_cents=row.device_cents,
            outage_minutes=row.outage_minutes,
            bearer=row.bearer,
            set_by=row.set_by,
        )
        for row in rows
    ]
