"""Holds: money reserved on a guarded account, then posted in full or part, or released.

What is held cannot be spent otherwise. A hold ends once: its end is a row of its own.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import insert as insert_or_skip

from gutschein.db.unit_of_work import Work
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import HoldId, TownId, TransferId
from gutschein.ledger import repository
from gutschein.ledger.entries import Event, GuardedBalance, NewHold, NewTransfer
from gutschein.ledger.models import hold, hold_resolution
from gutschein.ledger.posting import post
from gutschein.ledger.rules import AccountKey, check_guarded, check_shape


async def reserve(work: Work, wanted: NewHold, now: datetime) -> None:
    """Set money aside. The same hold again changes nothing.

    :raises Refusal: ``account.unknown`` when the debit account is not a guarded one,
        ``account.insufficient``, ``hold.conflict`` when the id holds something else.
    """
    check_shape([wanted])
    key = (wanted.town_id, wanted.debit_account_id)
    guarded = await _locked(work, wanted)
    if not guarded:
        raise Refusal("account.unknown")
    written = await work.execute(
        insert_or_skip(hold)
        .values(**_columns(wanted), held_at=now)
        .on_conflict_do_nothing()
        .returning(hold.c.id)
    )
    if written.first() is None:
        if await _stored(work, wanted.town_id, wanted.id) != wanted:
            raise Refusal("hold.conflict")
        return
    check_guarded({key: -wanted.amount_cents}, guarded)
    await repository.change_guarded(work, {}, {key: wanted.amount_cents})


async def post_hold(
    work: Work,
    town_id: TownId,
    hold_id: HoldId,
    *,
    transfer_id: TransferId,
    amount_cents: int,
    now: datetime,
) -> None:
    """Turn a hold into a transfer of at most its amount; the rest is free again.

    :raises Refusal: ``hold.unknown``, ``hold.exceeded``, ``hold.conflict`` when the hold
        has ended in another way.
    """
    held = await _stored(work, town_id, hold_id)
    if amount_cents > held.amount_cents:
        raise Refusal("hold.exceeded", held_cents=held.amount_cents)
    movement = NewTransfer(
        town_id=town_id,
        id=transfer_id,
        debit_account_id=held.debit_account_id,
        credit_account_id=held.credit_account_id,
        amount_cents=amount_cents,
        event=held.event,
        reference_id=held.reference_id,
    )
    await _locked(work, held)
    if await _ended(work, held, amount_cents, transfer_id):
        return
    await _free(work, held)
    await post(work, [movement], now)
    await _end(work, held, amount_cents, transfer_id, now)


async def release(work: Work, town_id: TownId, hold_id: HoldId, now: datetime) -> None:
    """End a hold without a transfer; its money is free again.

    :raises Refusal: ``hold.unknown``, ``hold.conflict`` when the hold was posted.
    """
    held = await _stored(work, town_id, hold_id)
    await _locked(work, held)
    if await _ended(work, held, 0, None):
        return
    await _free(work, held)
    await _end(work, held, 0, None, now)


async def _locked(work: Work, held: NewHold) -> dict[AccountKey, GuardedBalance]:
    """Lock the account that money is held on, after the town: in the order of a posting."""
    await repository.join_towns(work, [held.town_id])
    return await repository.lock_guarded(work, [(held.town_id, held.debit_account_id)])


async def _free(work: Work, held: NewHold) -> None:
    key = (held.town_id, held.debit_account_id)
    await repository.change_guarded(work, {}, {key: -held.amount_cents})


async def _end(
    work: Work, held: NewHold, posted_cents: int, transfer_id: TransferId | None, now: datetime
) -> None:
    await work.execute(
        insert(hold_resolution).values(
            town_id=held.town_id,
            hold_id=held.id,
            posted_cents=posted_cents,
            transfer_id=transfer_id,
            resolved_at=now,
        )
    )


async def _ended(
    work: Work, held: NewHold, posted_cents: int, transfer_id: TransferId | None
) -> bool:
    """Tell whether the hold has ended just so; refuse when it ended otherwise."""
    resolution = hold_resolution.c
    row = (
        await work.execute(
            select(resolution.posted_cents, resolution.transfer_id).where(
                resolution.town_id == held.town_id, resolution.hold_id == held.id
            )
        )
    ).one_or_none()
    if row is not None and tuple(row) != (posted_cents, transfer_id):
        raise Refusal("hold.conflict")
    return row is not None


async def _stored(work: Work, town_id: TownId, hold_id: HoldId) -> NewHold:
    columns = [hold.c[name] for name in NewHold.__dataclass_fields__]
    row = (
        await work.execute(select(*columns).where(hold.c.town_id == town_id, hold.c.id == hold_id))
    ).one_or_none()
    if row is None:
        raise Refusal("hold.unknown")
    return NewHold(**row._asdict() | {"event": Event(row.event)})


def _columns(wanted: NewHold) -> dict[str, Any]:
    return {
        name: str(value) if isinstance(value, Event) else value
        for name in NewHold.__dataclass_fields__
        for value in [getattr(wanted, name)]
    }
