"""The SQL of accounts that are opened with money on them.

Whatever is the same for all stands in the statement once; only the ids come as arrays. For
a hundred thousand accounts that is as fast as COPY, since checking the foreign keys and
keeping the indexes is what takes the time; and COPY does not go together with row-level
security.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from gutschein.db.unit_of_work import Work
from gutschein.kernel.clock import berlin_day
from gutschein.kernel.ids import TransferId
from gutschein.ledger.endowment import Endowment

_INSERT_ACCOUNTS = text(
    """
    INSERT INTO ledger_account (town_id, id, kind, owner_id, guarded, balance_cents, opened_at)
    SELECT CAST(:town_id AS uuid), o.id, :kind, o.id, true, CAST(:amount_cents AS bigint),
           CAST(:now AS timestamptz)
    FROM unnest(CAST(:owner_ids AS uuid[])) AS o(id)
    """
)

_INSERT_TRANSFERS = text(
    """
    INSERT INTO transfer (town_id, id, debit_account_id, credit_account_id, amount_cents,
                          event, reference_id, link_id, booked_at, booked_on)
    SELECT CAST(:town_id AS uuid), o.transfer_id, CAST(:source_id AS uuid), o.id,
           CAST(:amount_cents AS bigint), :event, o.id, CAST(:link_id AS uuid),
           CAST(:now AS timestamptz), CAST(:booked_on AS date)
    FROM unnest(CAST(:owner_ids AS uuid[]), CAST(:transfer_ids AS uuid[])) AS o(id, transfer_id)
    """
)


async def insert_endowed_accounts(
    work: Work, endowment: Endowment, owner_ids: Sequence[UUID], now: datetime
) -> None:
    """Insert guarded accounts with their first balance; their ids are their owners'."""
    await work.execute(
        _INSERT_ACCOUNTS,
        {
            "town_id": endowment.town_id,
            "kind": str(endowment.kind),
            "amount_cents": endowment.amount_cents,
            "owner_ids": owner_ids,
            "now": now,
        },
    )


async def insert_endowments(
    work: Work,
    endowment: Endowment,
    owner_ids: Sequence[UUID],
    transfer_ids: Sequence[TransferId],
    now: datetime,
) -> None:
    """Insert the transfers that brought the accounts their first balance."""
    await work.execute(
        _INSERT_TRANSFERS,
        {
            "town_id": endowment.town_id,
            "source_id": endowment.source_id,
            "amount_cents": endowment.amount_cents,
            "event": str(endowment.event),
            "link_id": endowment.link_id,
            "owner_ids": owner_ids,
            "transfer_ids": transfer_ids,
            "now": now,
            "booked_on": berlin_day(now),
        },
    )
