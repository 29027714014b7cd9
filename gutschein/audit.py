"""Run the auditor on a database: in a role that can write nothing, on one view of it all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from gutschein.auditor.audit import audit
from gutschein.auditor.findings import AuditReport
from gutschein.auditor.heads import KeptHead
from gutschein.auditor.opening import DoesNotOpen, Opener
from gutschein.db.access import AUDITOR
from gutschein.db.engine import create_engine
from gutschein.db.unit_of_work import Database, Work
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.signing.data_keys import all_data_keys
from gutschein.signing.sealing import BrokenSeal, KeyEncryptionKey, place

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
    return Database(engine, AUDITOR)


async def opener(work: Work, kek: KeyEncryptionKey) -> Opener | None:
    """Return what opens the towns' sealed data, or nothing without the right key for it."""
    try:
        keys = await all_data_keys(work, kek)
    except Refusal:
        return None

    def opened(
        town_id: UUID, table: str, column: str, row: Sequence[UUID | datetime], sealed: bytes
    ) -> str:
        try:
            return keys[TownId(town_id)].unseal(sealed, place(table, column, *row))
        except (KeyError, BrokenSeal):
            raise DoesNotOpen from None

    return opened


async def audited(
    database_url: str,
    town_ids: Sequence[UUID],
    kek: KeyEncryptionKey,
    now: datetime,
    heads: Sequence[KeptHead] = (),
) -> AuditReport:
    """Audit the towns named, or all, and return the report.

    :param kek: opens what is sealed; with another one, the checks of that are not run.
    :param heads: heads of the history that were sent out.
    :raises AuditImpossible: when the database cannot be read as one view.
    """
    database = auditor_database(database_url)
    try:
        async with database.reading() as work:
            opens = await opener(work, kek)
            towns = town_ids or None
            return await audit(work, now=now, towns=towns, opener=opens, heads=heads)
    finally:
        await database.close()
