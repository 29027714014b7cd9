"""The audit: every check over one view of the database, and the cover of every town."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gutschein.auditor.checks import CHECKS
from gutschein.auditor.findings import AuditReport, CheckRun, Finding
from gutschein.auditor.heads import KeptHead, heads_check
from gutschein.auditor.opening import Opener
from gutschein.auditor.town_coverage import town_coverage

_OF_TOWNS = "CAST(:towns AS uuid[]) IS NULL OR town_id = ANY (CAST(:towns AS uuid[]))"

#: Where the rows of a table do not stand under the town that they belong to.
_COUNTED = {
    "town": _OF_TOWNS.replace("town_id", "id"),
    "log_entry": _OF_TOWNS.replace("town_id", "chain_id"),
    "history_block": _OF_TOWNS.replace("town_id", "chain_id"),
    "netting": "true",
    "netting_position": "true",
    "netting_payment": "true",
    "pg_class": "relnamespace = 'public'::regnamespace AND relkind NOT IN ('i', 'I', 'c')",
}

_COUNTS = text(
    " UNION ALL ".join(
        f"SELECT '{table}' AS name, count(*) AS rows FROM {table}"  # noqa: S608 - tables are named by the checks
        f" WHERE {_COUNTED.get(table, _OF_TOWNS)}"
        for table in sorted({table for check in CHECKS for table in check.tables})
    )
)


class AuditImpossible(Exception):
    """The audit could not be run; nothing is known about the books."""


async def audit(
    connection: AsyncConnection,
    *,
    now: datetime,
    towns: Sequence[UUID] | None = None,
    opener: Opener | None = None,
    heads: Sequence[KeptHead] = (),
) -> AuditReport:
    """Recompute everything and report what does not agree. Nothing is written.

    :param connection: a connection inside a transaction of isolation REPEATABLE READ, so
        that all checks see the same instant. It should act as the role
        ``gutschein_auditor``, and its statement timeout must let sums over all transfers
        end: minutes, for millions of redemptions.
    :param now: the instant the report is dated to.
    :param towns: audit only these; what belongs to no single town is always audited, the
        history of a region only with a town of it.
    :param opener: opens what is sealed. Without it the checks that need it are not run,
        and the report says so.
    :param heads: heads of the history that were sent out, which it must still go through.
    :raises AuditImpossible: when the transaction sees changes made while it runs.
    """
    isolation = await connection.scalar(text("SHOW transaction_isolation"))
    if isolation not in {"repeatable read", "serializable"}:
        raise AuditImpossible(f"the audit needs one view of the database, not {isolation}")
    # Every check reads whole tables; a plan for a few rows would be a plan for days.
    await connection.execute(text("SET LOCAL enable_nestloop = off"))
    await connection.execute(text("SET LOCAL work_mem = '64MB'"))
    counted = await connection.execute(_COUNTS, {"towns": towns})
    rows: dict[str, int] = {row.name: row.rows for row in counted}
    findings: list[Finding] = []
    runs: list[CheckRun] = []
    for check in (*CHECKS, heads_check(heads)) if heads else CHECKS:
        outcome = await check.run(connection, towns, now, opener)
        listed, found = outcome or ([], 0)
        findings += listed
        examined = check.things + sum(rows[table] for table in check.tables) if outcome else 0
        runs.append(
            CheckRun(
                number=check.number,
                title=check.title,
                examined=examined,
                found=found,
                ran=outcome is not None,
            )
        )
    return AuditReport(
        ok=not findings and all(run.ran for run in runs),
        audited_at=now,
        towns=await town_coverage(connection, towns),
        findings=findings,
        checks=runs,
    )
