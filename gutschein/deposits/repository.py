"""The SQL of deposits, and of which of them is for what."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import insert, select, text

from gutschein.db.unit_of_work import Work
from gutschein.deposits.models import PAYER, deposit, deposit_assignment
from gutschein.kernel.ids import TownId
from gutschein.signing.sealing import DataKey

Channel = Literal["bank", "provider"]

# What is assigned to open requests is still on the account, but spoken for.
_DEPOSITS = text(
    """
    SELECT d.id, d.channel, d.amount_cents, d.received_on, d.booked_at, d.sealed_payer_name,
           d.sealed_payer_iban, d.sealed_remittance,
           coalesce(e.is_lump, false) AS is_lump,
           coalesce(e.is_reversal OR e.return_reason IS NOT NULL, false) AS is_returned,
           (a.balance_cents - a.held_cents - coalesce(given.waiting_cents, 0))::bigint
               AS left_cents,
           given.deposit_id IS NOT NULL AS is_given
    FROM deposit d
    JOIN ledger_account a ON a.town_id = d.town_id AND a.id = d.id
    LEFT JOIN bank_entry e ON e.town_id = d.town_id AND e.id = d.bank_entry_id
    LEFT JOIN (
        SELECT s.deposit_id, sum(s.amount_cents) FILTER (WHERE r.state = 'open') AS waiting_cents
        FROM deposit_assignment s
        JOIN payment_request r ON r.town_id = s.town_id AND r.id = s.request_id
        WHERE s.town_id = :town_id AND r.state <> 'closed'
        GROUP BY s.deposit_id
    ) given ON given.deposit_id = d.id
    WHERE d.town_id = :town_id
      AND CASE WHEN CAST(:id AS uuid) IS NULL
               THEN a.balance_cents - a.held_cents > coalesce(given.waiting_cents, 0)
               ELSE d.id = :id END
    ORDER BY d.received_on, d.booked_at, d.id
    LIMIT :most
    """
)

_PAYERS_OF_PARTS = text(
    """
    SELECT s.request_id, d.id, d.sealed_payer_iban, d.sealed_payer_name, d.sealed_remittance
    FROM deposit_assignment s
    JOIN payment_request r ON r.town_id = s.town_id AND r.id = s.request_id
    JOIN deposit d ON d.town_id = s.town_id AND d.id = s.deposit_id
    WHERE s.town_id = :town_id AND r.state = 'open'
    """
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit:
    """A deposit, opened: what is left of it, and what its payer wrote."""

    id: UUID
    channel: Channel
    amount_cents: int
    received_on: date
    left_cents: int
    is_given: bool
    is_lump: bool
    is_returned: bool
    payer_name: str
    payer_iban: str
    remittance: str


async def known_deposits(
    work: Work, town_id: TownId, channel: str, external_ids: Collection[str]
) -> set[str]:
    """Return which of the ids have come in already."""
    rows = await work.execute(
        select(deposit.c.external_id).where(
            deposit.c.town_id == town_id,
            deposit.c.channel == channel,
            deposit.c.external_id == text("ANY(CAST(:ids AS text[]))"),
        ),
        {"ids": list(external_ids)},
    )
    return {row.external_id for row in rows}


async def insert_deposits(work: Work, rows: Sequence[dict[str, Any]]) -> None:
    """Insert deposits whose money is booked, by the columns of ``deposit``."""
    await work.execute(insert(deposit), rows)


async def deposits_left(
    work: Work, key: DataKey, deposit_id: UUID | None = None, *, most: int | None = None
) -> list[Deposit]:
    """Return the deposits of the key's town that something is left of, the oldest first; or the
    one named, whatever is left of it.

    :param most: so many at most; all unless told.

    :raises Refusal: ``bank_data.altered``.
    """
    rows = await work.execute(_DEPOSITS, {"town_id": key.town_id, "id": deposit_id, "most": most})
    return [
        Deposit(
            id=row.id,
            channel=row.channel,
            amount_cents=row.amount_cents,
            received_on=row.received_on,
            left_cents=row.left_cents,
            is_given=row.is_given,
            is_lump=row.is_lump,
            is_returned=row.is_returned,
            **PAYER.open(key, row, row.id),
        )
        for row in rows
    ]


async def payers_of_parts(work: Work, key: DataKey) -> dict[UUID, set[str]]:
    """Return the accounts that open requests have been paid a part from."""
    payers: dict[UUID, set[str]] = {}
    for row in await work.execute(_PAYERS_OF_PARTS, {"town_id": key.town_id}):
        iban = PAYER.open(key, row, row.id)["payer_iban"]
        payers.setdefault(row.request_id, set()).add(iban)
    return payers


async def insert_assignments(work: Work, rows: Sequence[dict[str, Any]]) -> None:
    """Insert assignments, by the columns of ``deposit_assignment``."""
    await work.execute(insert(deposit_assignment), rows)


async def assignments_of(
    work: Work, town_id: TownId, request_ids: Collection[UUID]
) -> dict[UUID, dict[UUID, int]]:
    """Return what was assigned to requests: cents by deposit, by request."""
    mine = deposit_assignment.c
    rows = await work.execute(
        select(mine.request_id, mine.deposit_id, mine.amount_cents)
        .where(mine.town_id == town_id, mine.request_id.in_(request_ids))
        .order_by(mine.deposit_id)
    )
    found: dict[UUID, dict[UUID, int]] = {}
    for row in rows:
        found.setdefault(row.request_id, {})[row.deposit_id] = row.amount_cents
    return found
