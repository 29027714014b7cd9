"""Load many rows into tables of the service, fast, and leave the tables as they were.

Keys, indexes and foreign keys are taken away, and made again when the rows are there: then
PostgreSQL sorts each index once and checks each foreign key for all rows together. They
are made from the definitions that PostgreSQL itself gives of them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

TABLES = ("voucher", "ledger_account", "transfer", "redemption")

_CONSTRAINTS = """
    SELECT conrelid::regclass::text AS owner, quote_ident(conname) AS name,
           pg_get_constraintdef(oid) AS definition
    FROM pg_constraint
    WHERE (contype = 'f' AND (conrelid = ANY($1::regclass[]) OR confrelid = ANY($1::regclass[])))
       OR (contype IN ('p', 'u') AND conrelid = ANY($1::regclass[]))
    ORDER BY contype = 'f'
"""
_INDEXES = """
    SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
    FROM pg_index
    WHERE indrelid = ANY($1::regclass[])
      AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""
_FAST = (
    "SET synchronous_commit = off",
    "SET maintenance_work_mem = '1GB'",
    "SET work_mem = '256MB'",
    "SET max_parallel_maintenance_workers = 2",
)


@asynccontextmanager
async def bare(connection: asyncpg.Connection) -> AsyncIterator[None]:
    """Take keys and indexes off :data:`TABLES` while they are filled, then put them back.

    At the end the tables are vacuumed and analysed, and everything is on the disk.

    :raises asyncpg.IntegrityConstraintViolationError: when the rows do not keep the keys.
    """
    for setting in _FAST:
        await connection.execute(setting)
    constraints = await connection.fetch(_CONSTRAINTS, TABLES)
    indexes = await connection.fetch(_INDEXES, TABLES)
    for each in reversed(constraints):
        await connection.execute(f"ALTER TABLE {each['owner']} DROP CONSTRAINT {each['name']}")
    for each in indexes:
        await connection.execute(f"DROP INDEX {each['name']}")
    yield
    for each in indexes:
        await connection.execute(each["definition"])
    for each in constraints:
        await connection.execute(
            f"ALTER TABLE {each['owner']} ADD CONSTRAINT {each['name']} {each['definition']}"
        )
    for table in TABLES:
        await connection.execute(f"VACUUM (ANALYZE) {table}")
    await connection.execute("CHECKPOINT")
