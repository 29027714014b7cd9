"""The SQL of the business log."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from gutschein.db.unit_of_work import Work
from gutschein.history.models import log_entry
from gutschein.history.schemas import LogEntry

_SHOWN = [column for column in log_entry.c if column.name != "chain_id"]


async def insert_entry(work: Work, row: dict[str, Any]) -> None:
    await work.execute(insert(log_entry).values(row))


async def entries(work: Work, chain_id: UUID, before: UUID | None, most: int) -> list[LogEntry]:
    """Return lines of a chain, the newest first. Their ids are made in the order of time."""
    query = (
        select(*_SHOWN)
        .where(log_entry.c.chain_id == chain_id)
        .order_by(log_entry.c.id.desc())
        .limit(most)
    )
    if before is not None:
        query = query.where(log_entry.c.id < before)
    return [LogEntry(**row) for row in (await work.execute(query)).mappings()]
