"""The SQL of what is under way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert

from gutschein.db.unit_of_work import Work
from gutschein.kernel.ids import BatchId, TownId
from gutschein.vouchers.progress_models import batch_progress

_KEY = ("town_id", "batch_id", "task")


async def save(work: Work, run: dict[str, Any]) -> None:
    """Write how far a run is, the columns of ``batch_progress``, in place of the one before."""
    changes = {name: value for name, value in run.items() if name not in _KEY}
    await work.execute(
        insert(batch_progress)
        .values(run)
        .on_conflict_do_update(index_elements=list(_KEY), set_=changes)
    )


async def runs_of(work: Work, town_id: TownId, batch_id: BatchId) -> Sequence[Row[Any]]:
    """Return what has begun and not ended with a batch."""
    rows = await work.execute(
        select(batch_progress)
        .where(
            batch_progress.c.town_id == town_id,
            batch_progress.c.batch_id == batch_id,
            batch_progress.c.ended_at.is_(None),
        )
        .order_by(batch_progress.c.task)
    )
    return rows.all()
