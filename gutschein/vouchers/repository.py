"""The SQL of vouchers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text, update
from sqlalchemy.dialects.postgresql import insert as insert_or_update

from gutschein.db.unit_of_work import Work
from gutschein.kernel.ids import BatchId, TownId, VoucherId, new_id
from gutschein.towns.models import town_counter
from gutschein.vouchers.batch import NewVoucher
from gutschein.vouchers.models import voucher, voucher_event
from gutschein.vouchers.rules import VoucherState

_SERIALS = "voucher serial"

# One statement, however many: arrays in, rows out.
_INSERT_VOUCHERS = text(
    """
    INSERT INTO voucher (town_id, id, batch_id, replaces_id, programme_id, serial, kid, code_hash,
                         sealed_code, status_tag, sealed_pin, pin_hash, face_value_cents,
                         cap_cents, valid_until, state, issued_at)
    SELECT v.*, 'active', CAST(:issued_at AS timestamptz)
    FROM unnest(CAST(:town_id AS uuid[]), CAST(:id AS uuid[]), CAST(:batch_id AS uuid[]),
                CAST(:replaces_id AS uuid[]), CAST(:programme_id AS uuid[]),
                CAST(:serial AS int[]), CAST(:kid AS bytea[]), CAST(:code_hash AS bytea[]),
                CAST(:sealed_code AS bytea[]), CAST(:status_tag AS bytea[]),
                CAST(:sealed_pin AS bytea[]), CAST(:pin_hash AS bytea[]),
                CAST(:face_value_cents AS bigint[]), CAST(:cap_cents AS bigint[]),
                CAST(:valid_until AS date[])) AS v
    """
)

_VOUCHERS = text(
    """
    SELECT v.town_id, v.id, v.serial, v.programme_id, v.batch_id, v.replaces_id, v.kid,
           v.sealed_code, v.sealed_pin, v.face_value_cents, v.cap_cents, v.valid_until, v.state,
           v.issued_at, a.balance_cents, p.name AS programme_name, p.partial_redemption,
           r.id AS replaced_by_id, v.stock_order_id, s.sell_until,
           coalesce(s.token_value_cents, v.face_value_cents) AS token_value_cents,
           coalesce(s.token_valid_until, v.valid_until) AS token_valid_until
    FROM voucher v
    JOIN ledger_account a ON a.town_id = v.town_id AND a.id = v.id
    JOIN programme p ON p.town_id = v.town_id AND p.id = v.programme_id
    LEFT JOIN voucher r ON r.town_id = v.town_id AND r.replaces_id = v.id
    LEFT JOIN stock_order s ON s.town_id = v.town_id AND s.id = v.stock_order_id
    WHERE v.town_id = :town_id
      AND (CAST(:id AS uuid) IS NULL OR v.id = :id)
      AND (CAST(:batch_id AS uuid) IS NULL OR v.batch_id = :batch_id)
      AND (CAST(:stock_order_id AS uuid) IS NULL OR v.stock_order_id = :stock_order_id)
      AND (CAST(:only AS text) IS NULL OR v.state = :only)
      AND v.serial > :after_serial
    ORDER BY v.serial
    LIMIT :limit
    """
)

_LOCK = text(
    """
    SELECT v.id
    FROM voucher v JOIN ledger_account a ON a.town_id = v.town_id AND a.id = v.id
    WHERE v.town_id = :town_id AND v.id = :id
    FOR NO KEY UPDATE OF a
    """
)

_LOCK_DUE = text(
    """
    SELECT v.id
    FROM voucher v JOIN ledger_account a ON a.town_id = v.town_id AND a.id = v.id
    WHERE v.town_id = :town_id AND v.state IN ('active', 'blocked') AND v.valid_until < :today
      AND num_nonnulls(v.batch_id, v.replaces_id) = 1 AND a.held_cents = 0
    ORDER BY v.id
    LIMIT :limit
    FOR NO KEY UPDATE OF a
    """
)

# A redemption or a replacement that held the lock may have changed them since.
_STILL_DUE = text(
    """
    SELECT v.id, a.balance_cents
    FROM voucher v JOIN ledger_account a ON a.town_id = v.town_id AND a.id = v.id
    WHERE v.town_id = :town_id AND v.id = ANY(CAST(:ids AS uuid[]))
      AND v.state IN ('active', 'blocked')
    """
)

# The tokens of those that were in stock name a later day than they have since they were sold.
_LAST_DAY_OF_KEY = text(
    """
    SELECT max(greatest(v.valid_until, s.token_valid_until))
    FROM voucher v
    LEFT JOIN stock_order s ON s.town_id = v.town_id AND s.id = v.stock_order_id
    WHERE v.town_id = :town_id AND v.kid = :kid AND v.state IN ('stock', 'active', 'blocked')
    """
)

_MOVE_TO_KEY = text(
    """
    UPDATE voucher SET kid = :new
    WHERE town_id = :town_id AND id IN (
        SELECT id FROM voucher
        WHERE town_id = :town_id AND kid = :old AND state IN ('stock', 'active', 'blocked')
        ORDER BY id
        LIMIT :limit
        FOR NO KEY UPDATE
    )
    """
)

# Whoever waited for the lock brings an older instant than who held it: what happens to a
# voucher never happens before what had happened to it.
_INSERT_EVENTS = text(
    """
    INSERT INTO voucher_event (town_id, id, voucher_id, state, reason, happened_at)
    SELECT :town_id, e.id, e.voucher_id, :state, :reason,
           greatest(CAST(:now AS timestamptz), (
               SELECT max(happened_at) FROM voucher_event
               WHERE town_id = :town_id AND voucher_id = e.voucher_id
           ))
    FROM unnest(CAST(:ids AS uuid[]), CAST(:voucher_ids AS uuid[])) AS e(id, voucher_id)
    """
)


async def lock_serials(work: Work, town_id: TownId) -> int:
    """Lock the town's series of voucher numbers and return the last one given out."""
    rows = await work.execute(
        insert_or_update(town_counter)
        .values(town_id=town_id, name=_SERIALS, value=0)
        .on_conflict_do_update(
            index_elements=["town_id", "name"], set_={"value": town_counter.c.value}
        )
        .returning(town_counter.c.value)
    )
    return int(rows.scalar_one())


async def set_last_serial(work: Work, town_id: TownId, serial: int) -> None:
    await work.execute(
        update(town_counter)
        .where(town_counter.c.town_id == town_id, town_counter.c.name == _SERIALS)
        .values(value=serial)
    )


async def insert_vouchers(work: Work, vouchers: Sequence[NewVoucher]) -> None:
    """Insert vouchers that were all made at one instant."""
    columns: dict[str, Any] = {
        field.name: [getattr(each, field.name) for each in vouchers] for field in fields(NewVoucher)
    }
    await work.execute(_INSERT_VOUCHERS, {**columns, "issued_at": vouchers[0].issued_at})


async def list_vouchers(
    work: Work,
    town_id: TownId,
    *,
    voucher_id: VoucherId | None = None,
    batch_id: BatchId | None = None,
    stock_order_id: UUID | None = None,
    after_serial: int = 0,
    only: VoucherState | None = None,
    limit: int = 1,
) -> Sequence[Row[Any]]:
    """Return vouchers of a town by serial, with balance and terms: one, or those of a batch, or
    of an order for stock; all of them, or only those in one state.
    """
    rows = await work.execute(
        _VOUCHERS,
        {
            "town_id": town_id,
            "id": voucher_id,
            "batch_id": batch_id,
            "stock_order_id": stock_order_id,
            "after_serial": after_serial,
            "only": only,
            "limit": limit,
        },
    )
    return rows.all()


async def lock_voucher(work: Work, town_id: TownId, voucher_id: VoucherId) -> bool:
    """Lock a voucher by its account; tell whether there is one.

    Whatever changes a voucher or its balance does this first.
    """
    rows = await work.execute(_LOCK, {"town_id": town_id, "id": voucher_id})
    return rows.first() is not None


async def lock_due(work: Work, town_id: TownId, today: date, limit: int) -> dict[VoucherId, int]:
    """Lock vouchers whose last day is over, and return their balances in cents.

    One with money on hold waits until the hold has ended.
    """
    rows = await work.execute(_LOCK_DUE, {"town_id": town_id, "today": today, "limit": limit})
    still = await work.execute(_STILL_DUE, {"town_id": town_id, "ids": [row.id for row in rows]})
    return {VoucherId(row.id): row.balance_cents for row in still}


async def change_state(
    work: Work,
    town_id: TownId,
    voucher_ids: Collection[VoucherId],
    *,
    state: VoucherState,
    reason: str,
    now: datetime,
) -> None:
    """Give locked vouchers a new state, and note when and why."""
    await work.execute(
        update(voucher)
        .where(voucher.c.town_id == town_id, voucher.c.id.in_(voucher_ids))
        .values(state=state)
    )
    await note_state(work, town_id, voucher_ids, state=state, reason=reason, now=now)


async def note_state(
    work: Work,
    town_id: TownId,
    voucher_ids: Collection[VoucherId],
    *,
    state: VoucherState,
    reason: str,
    now: datetime,
) -> None:
    """Note when and why locked vouchers have come into a state."""
    await work.execute(
        _INSERT_EVENTS,
        {
            "town_id": town_id,
            "ids": [new_id() for _ in voucher_ids],
            "voucher_ids": list(voucher_ids),
            "state": str(state),
            "reason": reason,
            "now": now,
        },
    )


async def events_of(
    work: Work, town_id: TownId, voucher_ids: Collection[VoucherId]
) -> Sequence[Row[Any]]:
    """Return what happened to vouchers after their issue, the oldest first."""
    rows = await work.execute(
        select(voucher_event)
        .where(voucher_event.c.town_id == town_id, voucher_event.c.voucher_id.in_(voucher_ids))
        .order_by(voucher_event.c.happened_at, voucher_event.c.id)
    )
    return rows.all()


async def last_day_of_key(work: Work, town_id: TownId, kid: bytes) -> date | None:
    """Return the last day of all vouchers that can be printed and are signed with this key."""
    rows = await work.execute(_LAST_DAY_OF_KEY, {"town_id": town_id, "kid": kid})
    last: date | None = rows.scalar_one()
    return last


async def move_to_key(work: Work, town_id: TownId, old: bytes, new: bytes, limit: int) -> int:
    """Lock some vouchers that are alive and let another key sign them; return how many."""
    keys = {"town_id": town_id, "old": old, "new": new, "limit": limit}
    return (await work.execute(_MOVE_TO_KEY, keys)).rowcount
