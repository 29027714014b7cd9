"""The SQL of claims, within the town of the merchant."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text, update
from sqlalchemy.dialects.postgresql import insert as insert_or_skip

from gutschein.db.unit_of_work import Work
from gutschein.kernel.ids import RedemptionId, TownId, VoucherId
from gutschein.offline.models import claim
from gutschein.offline.rules import Claim, Claimed, Taken, stored_params, stored_refusal
from gutschein.redemption.rules import Shop, VoucherKey

_LOCK_DEVICE = text(
    "SELECT FROM device WHERE town_id = :town_id AND id = :device_id FOR NO KEY UPDATE"
)

_CASHIER = text(
    """
    SELECT cashier_id FROM device_shift
    WHERE town_id = :town_id AND device_id = :device_id AND begun_at <= :at AND ends_at > :at
      AND (ended_at IS NULL OR ended_at > :at)
    ORDER BY begun_at DESC, id DESC LIMIT 1
    """
)

# What was disputed has moved no money, so it takes up no part of a limit.
_TAKEN = text(
    """
    SELECT coalesce(sum(amount_cents) FILTER (
               WHERE issuing_town_id = :issuing_town_id AND voucher_id = :voucher_id), 0)::bigint,
           coalesce(sum(amount_cents), 0)::bigint
    FROM claim
    WHERE town_id = :town_id AND device_id = :device_id AND outage_began_at = :outage_began_at
      AND outcome <> 'disputed'
    """
)

# A redemption whose claim was not marked because the service was cut off in between.
_FINISH = text(
    """
    UPDATE claim c SET outcome = 'accepted', decided_at = :now
    FROM redemption r
    WHERE c.town_id = :town_id AND c.outcome = 'received' AND c.tried_at < :tried_before
      AND r.town_id = c.town_id AND r.id = c.id
      AND (r.merchant_id, r.branch_id, r.issuing_town_id, r.voucher_id, r.amount_cents)
          = (c.merchant_id, c.branch_id, c.issuing_town_id, c.voucher_id, c.amount_cents)
    """
)


async def lock_device(work: Work, town_id: TownId, device_id: UUID) -> None:
    """Let the claims of a device be counted one after the other."""
    await work.execute(_LOCK_DEVICE, {"town_id": town_id, "device_id": device_id})


async def cashier_at(work: Work, town_id: TownId, device_id: UUID, at: datetime) -> UUID | None:
    """Return who stood at a device at an instant, as far as they had signed on."""
    asked = {"town_id": town_id, "device_id": device_id, "at": at}
    cashier_id: UUID | None = (await work.execute(_CASHIER, asked)).scalar_one_or_none()
    return cashier_id


async def taken(work: Work, device_id: UUID, claimed: Claimed, voucher: VoucherKey) -> Taken:
    """Return what other claims of the same device and outage have taken."""
    asked = {
        "town_id": claimed.shop.town_id,
        "device_id": device_id,
        "outage_began_at": claimed.outage_began_at,
        "issuing_town_id": voucher[0],
        "voucher_id": voucher[1],
    }
    return Taken(*(await work.execute(_TAKEN, asked)).one())


async def find_claim(work: Work, town_id: TownId, claim_id: RedemptionId) -> Claim | None:
    """Return a claim."""
    rows = await work.execute(
        select(claim).where(claim.c.town_id == town_id, claim.c.id == claim_id)
    )
    row = rows.one_or_none()
    return None if row is None else _claim(row)


async def insert_claim(work: Work, new: Claim) -> bool:
    """Insert a claim, unless there is one of that id; tell whether it was inserted."""
    town, voucher = (None, None) if new.voucher is None else new.voucher
    rows = await work.execute(
        insert_or_skip(claim)
        .values(
            town_id=new.shop.town_id,
            id=new.id,
            merchant_id=new.shop.merchant_id,
            branch_id=new.shop.branch_id,
            device_id=new.device_id,
            cashier_id=new.cashier_id,
            issuing_town_id=town,
            voucher_id=voucher,
            amount_cents=new.amount_cents,
            outage_began_at=new.outage_began_at,
            claimed_at=new.claimed_at,
            received_at=new.received_at,
            content_hash=new.content_hash,
            terms_begun_at=new.terms_begun_at,
            tried_at=new.tried_at,
            **_ending(new),
        )
        .on_conflict_do_nothing(index_elements=["town_id", "id"])
        .returning(claim.c.id)
    )
    return rows.first() is not None


async def begin_attempt(work: Work, known: Claim, now: datetime) -> bool:
    """Note that an attempt to clear a claim begins; tell whether no other has begun since."""
    done = await work.execute(_still(known).values(tried_at=now))
    return done.rowcount == 1


async def end_claim(work: Work, ended: Claim) -> bool:
    """Note what became of a claim; tell whether this attempt was the one to say so."""
    done = await work.execute(_still(ended).values(**_ending(ended)))
    return done.rowcount == 1


async def finish_claims(work: Work, town_id: TownId, now: datetime, tried_before: datetime) -> int:
    """Mark claims as accepted whose redemption has taken place; return how many."""
    asked = {"town_id": town_id, "now": now, "tried_before": tried_before}
    return (await work.execute(_FINISH, asked)).rowcount


def _still(known: Claim) -> Any:
    """What changes a claim that is as it was found, and no other."""
    return update(claim).where(
        claim.c.town_id == known.shop.town_id,
        claim.c.id == known.id,
        claim.c.outcome == "received",
        claim.c.tried_at == known.tried_at,
    )


def _ending(ended: Claim) -> dict[str, Any]:
    refusal = ended.refusal
    return {
        "outcome": ended.outcome,
        "decided_at": ended.decided_at,
        "reason": refusal.code if refusal else None,
        "reason_params": stored_params(refusal) if refusal else None,
        "bearer": ended.bearer,
    }


def _claim(row: Row[Any]) -> Claim:
    return Claim(
        id=RedemptionId(row.id),
        shop=Shop(row.town_id, row.merchant_id, row.branch_id),
        device_id=row.device_id,
        cashier_id=row.cashier_id,
        voucher=row.voucher_id and (TownId(row.issuing_town_id), VoucherId(row.voucher_id)),
        amount_cents=row.amount_cents,
        claimed_at=row.claimed_at,
        outage_began_at=row.outage_began_at,
        received_at=row.received_at,
        content_hash=row.content_hash,
        terms_begun_at=row.terms_begun_at,
        tried_at=row.tried_at,
        outcome=row.outcome,
        decided_at=row.decided_at,
        refusal=None if row.reason is None else stored_refusal(row.reason, row.reason_params),
        bearer=row.bearer,
    )
