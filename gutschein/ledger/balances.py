"""Balances: of guarded accounts from their row, of busy ones from snapshot plus tail.

All are credits minus debits, in cents: what the account owes is positive, what it holds
is negative.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gutschein.db.locks import lock
from gutschein.db.unit_of_work import Work
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import AccountId, TownId

#: A snapshot waits this long for postings under way, and holds up new ones no longer.
SNAPSHOT_WAIT_MILLISECONDS = 500

_BALANCES = text(
    """
    SELECT a.id,
           COALESCE(a.balance_cents, COALESCE(s.balance_cents, 0)
               + COALESCE(tail.credits, 0) - COALESCE(tail.debits, 0))::bigint AS balance_cents
    FROM ledger_account a
    LEFT JOIN LATERAL (
        SELECT up_to_ordinal, balance_cents FROM balance_snapshot
        WHERE town_id = a.town_id AND account_id = a.id
        ORDER BY up_to_ordinal DESC LIMIT 1
    ) s ON NOT a.guarded
    LEFT JOIN LATERAL (
        SELECT (SELECT sum(amount_cents) FROM transfer
                WHERE town_id = a.town_id AND credit_account_id = a.id
                  AND ordinal > COALESCE(s.up_to_ordinal, 0)) AS credits,
               (SELECT sum(amount_cents) FROM transfer
                WHERE town_id = a.town_id AND debit_account_id = a.id
                  AND ordinal > COALESCE(s.up_to_ordinal, 0)) AS debits
    ) tail ON NOT a.guarded
    WHERE a.town_id = :town_id AND a.id = ANY(CAST(:ids AS uuid[]))
    """
)

_SNAPSHOT = text(
    """
    WITH edge AS (
        SELECT COALESCE(max(ordinal), 0) AS ordinal FROM transfer WHERE town_id = :town_id
    ), last AS (
        SELECT DISTINCT ON (account_id) account_id, up_to_ordinal, balance_cents
        FROM balance_snapshot WHERE town_id = :town_id
        ORDER BY account_id, up_to_ordinal DESC
    ), tail AS (
        SELECT account_id, sum(change) AS change
        FROM (
            SELECT credit_account_id AS account_id, ordinal, amount_cents AS change
            FROM transfer WHERE town_id = :town_id
            UNION ALL
            SELECT debit_account_id, ordinal, -amount_cents
            FROM transfer WHERE town_id = :town_id
        ) moved
        LEFT JOIN last USING (account_id)
        WHERE moved.ordinal > COALESCE(last.up_to_ordinal, 0)
        GROUP BY account_id
    )
    INSERT INTO balance_snapshot (town_id, account_id, up_to_ordinal, balance_cents, taken_at)
    SELECT a.town_id, a.id, edge.ordinal, COALESCE(last.balance_cents, 0) + tail.change,
           CAST(:now AS timestamptz)
    FROM tail
    JOIN ledger_account a ON a.town_id = :town_id AND a.id = tail.account_id AND NOT a.guarded
    LEFT JOIN last ON last.account_id = a.id
    CROSS JOIN edge
    RETURNING account_id
    """
)

#: PostgreSQL's code for a lock that could not be had in time (lock_not_available).
_LOCK_NOT_AVAILABLE = "55P03"


async def balances_of(
    work: Work, town_id: TownId, account_ids: Sequence[AccountId]
) -> dict[AccountId, int]:
    """Return the balances of accounts of one town.

    :raises Refusal: ``account.unknown`` when one of them does not exist.
    """
    rows = await work.execute(_BALANCES, {"town_id": town_id, "ids": list(account_ids)})
    balances = {AccountId(row.id): int(row.balance_cents) for row in rows}
    if len(balances) < len(set(account_ids)):
        raise Refusal("account.unknown")
    return balances


async def balance_of(work: Work, town_id: TownId, account_id: AccountId) -> int:
    """Return the balance of one account; see :func:`balances_of`."""
    return (await balances_of(work, town_id, [account_id]))[account_id]


async def take_snapshots(work: Work, town_id: TownId, now: datetime) -> int:
    """Close the tail of every busy account of a town that has moved; return how many.

    Ordinals are drawn before they are committed, so the edge is only certain when no
    posting of the town is under way: every posting takes part in the town's ledger by a
    shared lock, and this waits for all of them.

    :raises Refusal: ``service.busy`` when postings under way do not end in time.
    """
    await work.execute(text(f"SET LOCAL lock_timeout = {SNAPSHOT_WAIT_MILLISECONDS}"))
    try:
        await lock(work, town_id, "ledger")
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
            raise Refusal("service.busy") from error
        raise
    rows = await work.execute(_SNAPSHOT, {"town_id": town_id, "now": now})
    return len(rows.all())
