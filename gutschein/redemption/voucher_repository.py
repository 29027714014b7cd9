"""The SQL of vouchers at the till: found by their codes, locked, and read with their terms."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text

from gutschein.db.unit_of_work import Work
from gutschein.kernel.ids import ProgrammeId, TownId, VoucherId
from gutschein.redemption.rules import CodeKey, VoucherKey
from gutschein.vouchers.repository import lock_voucher
from gutschein.vouchers.rules import Standing, VoucherState

_FIND_BY_CODE = text(
    """
    SELECT v.town_id, v.id, v.code_hash
    FROM voucher v
    JOIN unnest(CAST(:town_ids AS uuid[]), CAST(:hashes AS bytea[])) AS k(town_id, code_hash)
        USING (town_id, code_hash)
    """
)

_LIVING = text(
    """
    WITH RECURSIVE heir (id, age) AS (
        SELECT CAST(:id AS uuid), 0
        UNION ALL
        SELECT v.id, heir.age + 1
        FROM heir JOIN voucher v ON v.town_id = :town_id AND v.replaces_id = heir.id
    )
    SELECT id FROM heir ORDER BY age DESC LIMIT 1
    """
)

_STANDINGS = text(
    """
    SELECT v.town_id, v.id, v.serial, v.state, v.valid_until, v.programme_id, v.face_value_cents,
           a.balance_cents - a.held_cents AS balance_cents, p.partial_redemption,
           p.merchant_fee_basis_points, p.name AS programme_name, t.name AS town_name,
           t.brand_colour AS town_colour, v.pin_hash IS NOT NULL AS needs_pin
    FROM voucher v
    JOIN unnest(CAST(:town_ids AS uuid[]), CAST(:ids AS uuid[])) AS k(town_id, id)
        USING (town_id, id)
    JOIN ledger_account a ON a.town_id = v.town_id AND a.id = v.id
    JOIN programme p ON p.town_id = v.town_id AND p.id = v.programme_id
    JOIN town t ON t.id = v.town_id
    """
)

_HONOURED = text(
    """
    SELECT EXISTS (
        SELECT FROM acceptance a
        WHERE a.town_id = :town_id AND a.accepting_town_id = :accepting_town_id
          AND a.valid_from <= :today AND (a.valid_until IS NULL OR a.valid_until >= :today)
    )
    """
)


@dataclass(frozen=True, slots=True)
class VoucherView:
    """A voucher as a till needs it, with the terms it was sold under."""

    town_id: TownId
    id: VoucherId
    town_name: str
    town_colour: str
    programme_id: ProgrammeId
    programme_name: str
    serial: int
    fee_basis_points: int
    face_value_cents: int
    standing: Standing
    needs_pin: bool


async def find_by_code(work: Work, codes: Iterable[CodeKey]) -> dict[CodeKey, VoucherKey]:
    """Find vouchers by their towns and the keyed hashes of their codes."""
    wanted = list(codes)
    rows = await work.execute(
        _FIND_BY_CODE,
        {"town_ids": [town_id for town_id, _ in wanted], "hashes": [code for _, code in wanted]},
    )
    return {
        (row.town_id, bytes(row.code_hash)): (TownId(row.town_id), VoucherId(row.id))
        for row in rows
    }


async def views(work: Work, keys: Collection[VoucherKey]) -> dict[VoucherKey, VoucherView]:
    """Return vouchers with their terms and what is free on their accounts."""
    rows = await work.execute(
        _STANDINGS,
        {"town_ids": [town_id for town_id, _ in keys], "ids": [id_ for _, id_ in keys]},
    )
    return {
        (TownId(row.town_id), VoucherId(row.id)): VoucherView(
            town_id=TownId(row.town_id),
            id=VoucherId(row.id),
            town_name=row.town_name,
            town_colour=row.town_colour,
            programme_id=ProgrammeId(row.programme_id),
            programme_name=row.programme_name,
            serial=row.serial,
            fee_basis_points=row.merchant_fee_basis_points,
            face_value_cents=row.face_value_cents,
            standing=Standing(
                VoucherState(row.state), row.valid_until, row.balance_cents, row.partial_redemption
            ),
            needs_pin=row.needs_pin,
        )
        for row in rows
    }


async def is_honoured(work: Work, issuer: TownId, accepting: TownId, today: date) -> bool:
    """Tell whether a town's vouchers are taken in the shops of another on a day."""
    rows = await work.execute(
        _HONOURED, {"town_id": issuer, "accepting_town_id": accepting, "today": today}
    )
    return bool(rows.scalar_one())


async def lock_living(work: Work, key: VoucherKey) -> VoucherKey:
    """Follow a voucher's replacements to the one that is alive, and lock that."""
    town_id, voucher_id = key
    locked: VoucherId | None = None
    while True:
        keys = {"town_id": town_id, "id": voucher_id}
        voucher_id = VoucherId((await work.execute(_LIVING, keys)).scalar_one())
        if voucher_id == locked:
            return town_id, voucher_id
        # It may be replaced while this waits for the lock: look again from there.
        locked = voucher_id
        await lock_voucher(work, town_id, locked)
