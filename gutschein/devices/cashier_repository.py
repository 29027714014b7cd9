"""The SQL of cashiers and of their shifts at devices."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, insert, select, text, update

from gutschein.db.unit_of_work import Work
from gutschein.devices.models import cashier, device, device_shift
from gutschein.devices.till_schemas import AcceptedTown, Cashier
from gutschein.kernel.ids import MerchantId, TownId

_SHOWN = tuple(column for column in cashier.c if column.name not in {"town_id", "pin_hash"})

_OWN = text(
    """
    SELECT d.id, d.name, t.id AS town_id, t.name AS town_name, t.brand_colour,
           m.id AS merchant_id, m.name AS merchant_name,
           m.street || ' ' || m.house_number || ', ' || m.postcode || ' ' || m.post_town
               AS address,
           b.id AS branch_id, b.name AS branch_name
    FROM device d
    JOIN town t ON t.id = d.town_id
    JOIN merchant m ON m.town_id = d.town_id AND m.id = d.merchant_id
    JOIN branch b ON b.town_id = d.town_id AND b.id = d.branch_id
    WHERE d.town_id = :town_id AND d.id = :id
    """
)

#: A town's own vouchers are honoured in its shops without an agreement.
_ACCEPTED = text(
    """
    SELECT t.id, t.name FROM town t
    WHERE t.id = :town_id OR EXISTS (
        SELECT FROM acceptance a
        WHERE a.town_id = t.id AND a.accepting_town_id = :town_id
          AND a.valid_from <= :today AND (a.valid_until IS NULL OR a.valid_until >= :today)
    )
    ORDER BY t.id <> :town_id, t.name, t.id
    """
)


async def find_own(work: Work, town_id: TownId, device_id: UUID) -> RowMapping:
    """Return a device with the names of its town, merchant and branch."""
    return (await work.execute(_OWN, {"town_id": town_id, "id": device_id})).mappings().one()


async def accepted_towns(work: Work, town_id: TownId, today: date) -> list[AcceptedTown]:
    """Return whose vouchers a town's shops take on a day, the town itself first."""
    rows = await work.execute(_ACCEPTED, {"town_id": town_id, "today": today})
    return [AcceptedTown(**row) for row in rows.mappings()]


async def insert_cashier(work: Work, row: dict[str, Any]) -> None:
    """Insert a cashier."""
    await work.execute(insert(cashier).values(row))


async def list_cashiers(work: Work, town_id: TownId, merchant_id: MerchantId) -> list[Cashier]:
    """Return a merchant's cashiers by name, those who are gone last."""
    query = (
        select(*_SHOWN)
        .where(cashier.c.town_id == town_id, cashier.c.merchant_id == merchant_id)
        .order_by(cashier.c.ended_at.is_not(None), cashier.c.name, cashier.c.id)
    )
    return [Cashier(**row) for row in (await work.execute(query)).mappings()]


async def lock_cashier(
    work: Work, town_id: TownId, merchant_id: MerchantId, cashier_id: UUID
) -> Cashier | None:
    """Return a merchant's cashier and keep others from changing them."""
    query = select(*_SHOWN).where(
        cashier.c.town_id == town_id,
        cashier.c.merchant_id == merchant_id,
        cashier.c.id == cashier_id,
    )
    row = (await work.execute(query.with_for_update(key_share=True))).mappings().one_or_none()
    return None if row is None else Cashier(**row)


async def find_pin(
    work: Work, town_id: TownId, merchant_id: MerchantId, cashier_id: UUID
) -> tuple[str, datetime] | None:
    """Return the hash of the PIN of a cashier who is not gone, and since when it is that."""
    query = select(cashier.c.pin_hash, cashier.c.pin_changed_at).where(
        cashier.c.town_id == town_id,
        cashier.c.merchant_id == merchant_id,
        cashier.c.id == cashier_id,
        cashier.c.ended_at.is_(None),
    )
    row = (await work.execute(query)).one_or_none()
    return None if row is None else (row.pin_hash, row.pin_changed_at)


async def change_cashier(work: Work, town_id: TownId, cashier_id: UUID, **values: Any) -> None:
    """Change a cashier's name, PIN or end."""
    await work.execute(
        update(cashier)
        .where(cashier.c.town_id == town_id, cashier.c.id == cashier_id)
        .values(values)
    )


async def end_shifts_of_cashier(
    work: Work, town_id: TownId, cashier_id: UUID, now: datetime
) -> None:
    """Sign a cashier off everywhere."""
    await work.execute(
        update(device_shift)
        .where(
            device_shift.c.town_id == town_id,
            device_shift.c.cashier_id == cashier_id,
            device_shift.c.ended_at.is_(None),
        )
        .values(ended_at=now)
    )


async def end_shifts_at_device(work: Work, town_id: TownId, device_id: UUID, now: datetime) -> None:
    """Sign off whoever stands at a device; others who want to sign on there wait."""
    await work.execute(
        select(device.c.id)
        .where(device.c.town_id == town_id, device.c.id == device_id)
        .with_for_update(key_share=True)
    )
    await work.execute(
        update(device_shift)
        .where(
            device_shift.c.town_id == town_id,
            device_shift.c.device_id == device_id,
            device_shift.c.ended_at.is_(None),
        )
        .values(ended_at=now)
    )


async def insert_shift(work: Work, row: dict[str, Any]) -> None:
    """Insert a shift."""
    await work.execute(insert(device_shift).values(row))


async def find_shift_end(
    work: Work, town_id: TownId, device_id: UUID, cashier_id: UUID, now: datetime
) -> datetime | None:
    """Return until when a cashier is signed on at a device."""
    query = (
        select(device_shift.c.ends_at)
        .where(
            device_shift.c.town_id == town_id,
            device_shift.c.device_id == device_id,
            device_shift.c.cashier_id == cashier_id,
            device_shift.c.ended_at.is_(None),
            device_shift.c.ends_at > now,
        )
        .order_by(device_shift.c.begun_at.desc())
        .limit(1)
    )
    return (await work.execute(query)).scalar_one_or_none()
