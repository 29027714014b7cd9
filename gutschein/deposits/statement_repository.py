"""The SQL of bank statements and their entries."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import case, func, insert, select, text

from gutschein.db.unit_of_work import Work
from gutschein.deposits.models import bank_entry, bank_statement
from gutschein.deposits.schemas import BankStatement
from gutschein.kernel.ids import TownId

_COLUMNS = tuple(bank_statement.c[name] for name in BankStatement.__struct_fields__)


async def is_known(work: Work, town_id: TownId, fingerprint: bytes) -> bool:
    """Tell whether a statement was read before."""
    query = select(bank_statement.c.id).where(
        bank_statement.c.town_id == town_id, bank_statement.c.fingerprint == fingerprint
    )
    return (await work.execute(query)).first() is not None


async def list_statements(work: Work, town_id: TownId) -> list[BankStatement]:
    """Return all statements of a town, the one that ends last first."""
    query = (
        select(*_COLUMNS)
        .where(bank_statement.c.town_id == town_id)
        .order_by(
            bank_statement.c.to_day.desc(),
            bank_statement.c.sequence_number.desc().nulls_last(),
            bank_statement.c.imported_at.desc(),
            bank_statement.c.id.desc(),
        )
    )
    return [BankStatement(**row) for row in (await work.execute(query)).mappings()]


async def entries_total(work: Work, town_id: TownId) -> int:
    """Return what all entries of a town's statements have changed the balance by, in cents."""
    cents = case((bank_entry.c.is_credit, 1), else_=-1) * bank_entry.c.amount_cents
    total = select(func.coalesce(func.sum(cents), 0)).where(bank_entry.c.town_id == town_id)
    return int((await work.execute(total)).scalar_one())


async def known_entries(work: Work, town_id: TownId, keys: Collection[bytes]) -> dict[bytes, int]:
    """Return how many entries there are of each key."""
    rows = await work.execute(
        select(bank_entry.c.entry_key, func.count().label("entries"))
        .where(
            bank_entry.c.town_id == town_id,
            bank_entry.c.entry_key == text("ANY(CAST(:keys AS bytea[]))"),
        )
        .group_by(bank_entry.c.entry_key),
        {"keys": list(keys)},
    )
    return {row.entry_key: row.entries for row in rows}


async def insert_statement(work: Work, row: dict[str, Any]) -> None:
    """Insert a statement, by the columns of ``bank_statement``."""
    await work.execute(insert(bank_statement).values(row))


async def insert_entries(work: Work, rows: Sequence[dict[str, Any]]) -> None:
    """Insert entries, by the columns of ``bank_entry``."""
    if rows:
        await work.execute(insert(bank_entry), rows)
