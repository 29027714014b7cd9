"""The SQL of pairing codes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, delete, insert, select, text, update

from gutschein.db.unit_of_work import Work
from gutschein.devices.models import device, pairing_code
from gutschein.kernel.ids import MerchantId, TownId

#: By the index of each town: no index leads with anything but the town.
_TOWN_OF = text(
    "SELECT town_id FROM pairing_code"
    " WHERE town_id IN (SELECT id FROM town) AND code_hash = :code_hash"
)


async def insert_code(work: Work, row: dict[str, Any]) -> None:
    """Insert a pairing code."""
    await work.execute(insert(pairing_code).values(row))


async def find_code(
    work: Work, town_id: TownId, merchant_id: MerchantId, code_id: UUID
) -> RowMapping | None:
    """Return a merchant's pairing code."""
    query = select(pairing_code).where(
        pairing_code.c.town_id == town_id,
        pairing_code.c.merchant_id == merchant_id,
        pairing_code.c.id == code_id,
    )
    return (await work.execute(query)).mappings().one_or_none()


async def town_of_code(work: Work, code_hash: bytes) -> TownId | None:
    """Return the town of a code, whichever it is: for ``IDENTITY``, which sees no more."""
    row = (await work.execute(_TOWN_OF, {"code_hash": code_hash})).first()
    return None if row is None else TownId(row.town_id)


async def use_code(
    work: Work, town_id: TownId, code_hash: bytes, now: datetime
) -> RowMapping | None:
    """Use a code up and return it, unless it is used or over. Of two at once one waits for
    the other, and then finds it used.
    """
    rows = await work.execute(
        update(pairing_code)
        .where(
            pairing_code.c.town_id == town_id,
            pairing_code.c.code_hash == code_hash,
            pairing_code.c.used_at.is_(None),
            pairing_code.c.ends_at > now,
        )
        .values(used_at=now)
        .returning(pairing_code)
    )
    row: RowMapping | None = rows.mappings().one_or_none()
    return row


async def paired_with(work: Work, town_id: TownId, code_hash: bytes) -> RowMapping | None:
    """Return the device that a code has made."""
    query = (
        select(device.c.id, device.c.public_key)
        .join(
            pairing_code,
            (pairing_code.c.town_id == device.c.town_id)
            & (pairing_code.c.id == device.c.pairing_code_id),
        )
        .where(pairing_code.c.town_id == town_id, pairing_code.c.code_hash == code_hash)
    )
    row: RowMapping | None = (await work.execute(query)).mappings().one_or_none()
    return row


async def purge_codes(work: Work, before: datetime) -> int:
    """Delete codes that were over before an instant and have made no device."""
    query = delete(pairing_code).where(
        pairing_code.c.ends_at < before, pairing_code.c.used_at.is_(None)
    )
    return (await work.execute(query)).rowcount
