"""The SQL of lists of claims, and of how the town has made disputed ones good."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.dialects.postgresql import insert as insert_or_skip

from gutschein.db.unit_of_work import Work
from gutschein.kernel.author import Author
from gutschein.kernel.ids import BranchId, TownId
from gutschein.offline.models import claim_resolution

_SHOWN = """
    SELECT c.id, c.amount_cents, c.claimed_at, c.received_at, c.outcome, c.reason,
           c.reason_params, c.bearer, c.device_id, d.name AS device_name,
           w.name AS cashier_name, m.name AS merchant_name, b.name AS branch_name,
           t.name AS issuing_town_name, e.how, e.resolved_at, e.resolved_by_name
    FROM claim c
    JOIN device d ON d.town_id = c.town_id AND d.id = c.device_id
    JOIN merchant m ON m.town_id = c.town_id AND m.id = c.merchant_id
    JOIN branch b ON b.town_id = c.town_id AND b.merchant_id = c.merchant_id
                 AND b.id = c.branch_id
    LEFT JOIN cashier w ON w.town_id = c.town_id AND w.id = c.cashier_id
    LEFT JOIN town t ON t.id = c.issuing_town_id
    LEFT JOIN claim_resolution e ON e.town_id = c.town_id AND e.claim_id = c.id
"""

_OF_BRANCH = text(
    _SHOWN
    + """
    WHERE c.town_id = :town_id AND c.branch_id = :branch_id
      AND c.claimed_at >= :since AND c.claimed_at < :until
    ORDER BY c.claimed_at DESC, c.id DESC
    LIMIT :limit
    """
)

_DISPUTED = text(
    _SHOWN
    + """
    WHERE c.town_id = :town_id AND c.outcome = 'disputed'
      AND (CAST(:id AS uuid) IS NULL OR c.id = :id)
    ORDER BY (c.bearer = 'town' AND e.claim_id IS NULL) DESC, c.received_at DESC, c.id DESC
    LIMIT :limit
    """
)


async def claims_of_branch(
    work: Work,
    town_id: TownId,
    branch_id: BranchId,
    *,
    since: datetime,
    until: datetime,
    limit: int,
) -> Sequence[Row[Any]]:
    """Return what a branch took without a net within a time, the newest first."""
    rows = await work.execute(
        _OF_BRANCH,
        {
            "town_id": town_id,
            "branch_id": branch_id,
            "since": since,
            "until": until,
            "limit": limit,
        },
    )
    return rows.all()


async def disputed_claims(
    work: Work, town_id: TownId, limit: int, claim_id: UUID | None = None
) -> Sequence[Row[Any]]:
    """Return the disputed claims of a town's shops, or one: first those that the town has not
    made good yet, and of each the last to arrive first.
    """
    asked = {"town_id": town_id, "limit": limit, "id": claim_id}
    return (await work.execute(_DISPUTED, asked)).all()


async def insert_resolution(
    work: Work, town_id: TownId, claim_id: UUID, how: str, *, by: Author, now: datetime
) -> bool:
    """Note how a claim was made good; tell whether nobody else has."""
    rows = await work.execute(
        insert_or_skip(claim_resolution)
        .values(
            town_id=town_id,
            claim_id=claim_id,
            how=how,
            resolved_at=now,
            resolved_by=by.id,
            resolved_by_name=by.name,
        )
        .on_conflict_do_nothing()
        .returning(claim_resolution.c.claim_id)
    )
    return rows.first() is not None
