"""Claims as they are listed: for the devices of a branch, and for the town hall."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from gutschein.db.unit_of_work import Work
from gutschein.kernel.clock import end_of_day
from gutschein.kernel.errors import Language, Refusal
from gutschein.kernel.ids import TownId
from gutschein.offline import listing_repository as repository
from gutschein.offline.rules import Bearer, stored_refusal
from gutschein.offline.schemas import BranchClaim, BranchClaims
from gutschein.redemption.rules import Shop

#: How many a list shows.
MOST_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Disputed:
    """A disputed claim, for the town hall."""

    id: UUID
    merchant_name: str
    branch_name: str
    device_name: str
    amount_cents: int
    claimed_at: datetime
    received_at: datetime
    issuing_town_name: str | None
    message: str
    bearer: Bearer
    how: str | None
    resolved_at: datetime | None
    resolved_by_name: str | None

    @property
    def is_open(self) -> bool:
        """Whether the town still has to make it good."""
        return self.bearer == "town" and self.resolved_at is None


async def branch_claims(
    work: Work, shop: Shop, device_id: UUID, day: date, language: Language
) -> BranchClaims:
    """Return what a branch took without a net on a day in Germany.

    :param device_id: that asks.
    """
    found = await repository.claims_of_branch(
        work,
        shop.town_id,
        shop.branch_id,
        since=end_of_day(day - timedelta(days=1)),
        until=end_of_day(day),
        limit=MOST_SHOWN + 1,
    )
    return BranchClaims(
        [
            BranchClaim(
                id=row.id,
                outcome=row.outcome,
                amount_cents=row.amount_cents,
                claimed_at=row.claimed_at,
                received_at=row.received_at,
                issuing_town_name=row.issuing_town_name,
                device_name=row.device_name,
                cashier_name=row.cashier_name,
                own=row.device_id == device_id,
                reason=row.reason,
                message=_message(row, language),
                bearer=row.bearer,
            )
            for row in found[:MOST_SHOWN]
        ],
        has_more=len(found) > MOST_SHOWN,
    )


async def disputed_claims(work: Work, town_id: TownId, language: Language) -> list[Disputed]:
    """Return the claims of a town's shops that are not covered, the open ones first."""
    found = await repository.disputed_claims(work, town_id, MOST_SHOWN)
    return [_disputed(row, language) for row in found]


async def disputed_claim(
    work: Work, town_id: TownId, claim_id: UUID, language: Language
) -> Disputed:
    """Return one of them.

    :raises Refusal: ``claim.unknown``.
    """
    found = await repository.disputed_claims(work, town_id, 1, claim_id)
    if not found:
        raise Refusal("claim.unknown")
    return _disputed(found[0], language)


def _disputed(row: Row[Any], language: Language) -> Disputed:
    return Disputed(
        id=row.id,
        merchant_name=row.merchant_name,
        branch_name=row.branch_name,
        device_name=row.device_name,
        amount_cents=row.amount_cents,
        claimed_at=row.claimed_at,
        received_at=row.received_at,
        issuing_town_name=row.issuing_town_name,
        message=_message(row, language) or "",
        bearer=row.bearer,
        how=row.how,
        resolved_at=row.resolved_at,
        resolved_by_name=row.resolved_by_name,
    )


def _message(row: Row[Any], language: Language) -> str | None:
    if row.reason is None:
        return None
    return stored_refusal(row.reason, row.reason_params).message(language)
