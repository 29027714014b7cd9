"""Run the auditor on a database: in a role that can write nothing, on one view of it all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from gutschein.auditor.audit import audit
from gutschein.auditor.findings import AuditReport
from gutschein.db.engine import create_engine
from gutschein.db.unit_of_work import Database

#: An audit adds up everything there is, and is given the time that takes.
TIMEOUT_SECONDS = 3_600


def auditor_database(database_url: str) -> Database:
    """Open the database as its auditor."""
    engine = create_engine(
        database_url,
        role="gutschein_auditor",
        pool_size=1,
        statement_timeout_seconds=TIMEOUT_SECONDS,
    )
    return Database(engine)


async def audited(database_url: str, town_ids: Sequence[UUID], now: datetime) -> AuditReport:
    """Audit the towns named, or all, and return the report.

    :raises AuditImpossible: when the database cannot be read as one view.
    """
    database = auditor_database(database_url)
    try:
        async with database.reading() as work:
            return await audit(work, now=now, towns=town_ids or None)
    finally:
        await database.close()
