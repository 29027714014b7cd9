"""What ``gutschein settle`` does: a town's month end from the command line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from gutschein.db.access import Access
from gutschein.db.engine import create_engine
from gutschein.db.unit_of_work import Database, Work
from gutschein.documents.statement_csv import statement_csv
from gutschein.documents.statement_pdf import statement_pdf
from gutschein.installation import Installation
from gutschein.kernel.ids import SettlementId, StatementId, TownId, new_id
from gutschein.kernel.money import format_euro
from gutschein.settlement import papers, repository
from gutschein.settlement.closing import Period, close_period
from gutschein.signing.sealing import KeyEncryptionKey


@dataclass(frozen=True, slots=True)
class SettleOrder:
    """A town's period, both days inclusive, and the folder the papers go to."""

    town_id: TownId
    begin: date
    end: date
    folder: Path


async def run(installation: Installation, order: SettleOrder, now: datetime) -> list[str]:
    """Close the period and write its statements; return what to tell.

    To approve it takes two persons, who are signed in: a command has nobody's name.

    :raises Refusal: what :func:`close_period` refuses.
    """
    database = Database(
        create_engine(installation.database_url, pool_size=1), Access.town(order.town_id)
    )
    settlement_id = SettlementId(new_id())
    try:
        async with database.unit_of_work() as work:
            period = Period(settlement_id, order.begin, order.end)
            await close_period(work, order.town_id, period, installation.kek, now)
        async with database.reading() as work:
            return await _write_papers(work, order, settlement_id, installation.kek)
    finally:
        await database.close()


async def _write_papers(
    work: Work, order: SettleOrder, settlement_id: SettlementId, kek: KeyEncryptionKey
) -> list[str]:
    order.folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for row in await repository.statements_of(work, order.town_id, settlement_id):
        statement_id = StatementId(row.id)
        sheet = await papers.statement_sheet(work, order.town_id, statement_id, kek)
        _, entries = await papers.statement_entries(work, order.town_id, statement_id)
        (order.folder / f"abrechnung-{row.number}.pdf").write_bytes(statement_pdf(sheet))
        (order.folder / f"abrechnung-{row.number}.csv").write_bytes(statement_csv(entries))
        lines.append(
            f"{row.number}  {sheet.merchant_name}: {format_euro(row.payout_cents)} paid out,"
            f" {format_euro(row.carried_out_cents)} carried forward"
        )
    return [*lines, f"Settlement {settlement_id} is closed and waits for its approval."]
