"""The SQL of devices and of what they sign with."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, delete, select, text, update
from sqlalchemy.dialects.postgresql import insert as insert_or_skip

from gutschein.db.unit_of_work import Work
from gutschein.devices.device_schemas import Device
from gutschein.devices.models import device, device_nonce, pairing_code
from gutschein.devices.rules import SEEN_EVERY
from gutschein.kernel.ids import MerchantId, TownId
from gutschein.merchants.models import branch

_FIXED = tuple(
    device.c[name] for name in ("merchant_id", "branch_id", "name", "algorithm", "public_key")
)

#: All that a request needs, in one round trip: the device and its lock, who stands there,
#: and whether the nonce is fresh. Two requests with one nonce at the same moment wait for
#: one another here, and the second finds it taken. The device is noted as seen every few
#: minutes only, so that a request writes nothing that waits for the disk.
_SEE = text(
    """
    WITH fresh AS (
        INSERT INTO device_nonce (town_id, device_id, nonce, ends_at)
        SELECT town_id, id, :nonce, :nonce_ends_at FROM device
        WHERE town_id = :town_id AND id = :id
        ON CONFLICT DO NOTHING RETURNING nonce
    ), seen AS (
        UPDATE device SET seen_at = :now
        WHERE town_id = :town_id AND id = :id AND seen_at < :a_while_ago
    )
    SELECT d.merchant_id, d.branch_id, d.name, d.algorithm, d.public_key, d.locked_at,
           EXISTS (SELECT FROM fresh) AS nonce_is_fresh,
           c.id AS cashier_id, c.name AS cashier_name
    FROM device d
    LEFT JOIN LATERAL (
        SELECT cashier_id FROM device_shift s
        WHERE s.town_id = d.town_id AND s.device_id = d.id
          AND s.ended_at IS NULL AND s.ends_at > :now
        ORDER BY s.begun_at DESC, s.id DESC LIMIT 1
    ) shift ON true
    LEFT JOIN cashier c
      ON c.town_id = d.town_id AND c.id = shift.cashier_id AND c.ended_at IS NULL
    WHERE d.town_id = :town_id AND d.id = :id
    """
)


async def see_device(
    work: Work,
    town_id: TownId,
    device_id: UUID,
    *,
    nonce: str,
    nonce_ends_at: datetime,
    now: datetime,
) -> Row[Any] | None:
    """Return a device with who stands at it, and whether *nonce* is new to it."""
    rows = await work.execute(
        _SEE,
        {
            "town_id": town_id,
            "id": device_id,
            "nonce": nonce,
            "nonce_ends_at": nonce_ends_at,
            "now": now,
            "a_while_ago": now - SEEN_EVERY,
        },
    )
    return rows.one_or_none()


async def find_device(work: Work, town_id: TownId, device_id: UUID) -> Row[Any] | None:
    """Return what never changes of a device."""
    query = select(*_FIXED).where(device.c.town_id == town_id, device.c.id == device_id)
    return (await work.execute(query)).one_or_none()


async def insert_device(work: Work, row: dict[str, Any]) -> bool:
    """Insert a device, unless its id or its key is taken."""
    rows = await work.execute(
        insert_or_skip(device).values(row).on_conflict_do_nothing().returning(device.c.id)
    )
    return rows.first() is not None


async def list_devices(work: Work, town_id: TownId, merchant_id: MerchantId) -> list[Device]:
    """Return a merchant's devices by branch and name."""
    query = _of_merchant(town_id, merchant_id).order_by(branch.c.name, device.c.name, device.c.id)
    return [Device(**row) for row in (await work.execute(query)).mappings()]


async def lock_row(
    work: Work, town_id: TownId, merchant_id: MerchantId, device_id: UUID
) -> Device | None:
    """Return a merchant's device and keep others from changing it."""
    query = _of_merchant(town_id, merchant_id).where(device.c.id == device_id)
    row = (
        (await work.execute(query.with_for_update(of=device, key_share=True)))
        .mappings()
        .one_or_none()
    )
    return None if row is None else Device(**row)


async def set_lock(
    work: Work,
    town_id: TownId,
    device_id: UUID,
    *,
    at: datetime | None,
    by: UUID | None,
    by_town: bool | None,
    reason: str | None,
) -> None:
    """Lock a device, or release it."""
    await work.execute(
        update(device)
        .where(device.c.town_id == town_id, device.c.id == device_id)
        .values(locked_at=at, locked_by=by, locked_by_town=by_town, lock_reason=reason)
    )


async def purge_nonces(work: Work, now: datetime) -> int:
    """Delete nonces of requests that are too old to be taken again."""
    return (await work.execute(delete(device_nonce).where(device_nonce.c.ends_at < now))).rowcount


def _of_merchant(town_id: TownId, merchant_id: MerchantId) -> Select[Any]:
    return (
        select(
            device.c.id,
            device.c.merchant_id,
            device.c.branch_id,
            branch.c.name.label("branch_name"),
            device.c.name,
            device.c.algorithm,
            device.c.paired_at,
            pairing_code.c.made_by_name.label("paired_by"),
            device.c.seen_at,
            device.c.locked_at,
            device.c.locked_by_town,
            device.c.lock_reason,
        )
        .join(
            branch,
            (branch.c.town_id == device.c.town_id) & (branch.c.id == device.c.branch_id),
        )
        .join(
            pairing_code,
            (pairing_code.c.town_id == device.c.town_id)
            & (pairing_code.c.id == device.c.pairing_code_id),
        )
        .where(device.c.town_id == town_id, device.c.merchant_id == merchant_id)
    )
