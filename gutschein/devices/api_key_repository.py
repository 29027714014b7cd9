"""The SQL of API keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, RowMapping, Select, select, text, update
from sqlalchemy.dialects.postgresql import insert as insert_or_skip

from gutschein.db.unit_of_work import Work
from gutschein.devices.models import api_key
from gutschein.devices.rules import USED_EVERY, key_state
from gutschein.devices.schemas import ApiKey
from gutschein.kernel.ids import MerchantId, TownId

_HIDDEN = {"town_id", "secret_hash", "created_by"}
_SHOWN = tuple(column for column in api_key.c if column.name not in _HIDDEN)
_FIXED = tuple(api_key.c[name] for name in ("merchant_id", "name", "secret_hash", "rights"))

#: One round trip; the use is noted once an hour, so that it costs no write a request.
_USE = text(
    """
    WITH used AS (
        UPDATE api_key SET used_at = :now
        WHERE town_id = :town_id AND id = :id AND (used_at IS NULL OR used_at < :an_hour_ago)
    )
    SELECT merchant_id, name, secret_hash, rights, ends_at, revoked_at FROM api_key
    WHERE town_id = :town_id AND id = :id
    """
)


async def insert_key(
    work: Work, town_id: TownId, new: ApiKey, secret_hash: bytes, created_by: UUID | None
) -> bool:
    """Insert a key, unless it replaces one that is replaced already."""
    rows = await work.execute(
        insert_or_skip(api_key)
        .values(
            town_id=town_id,
            id=new.id,
            merchant_id=new.merchant_id,
            name=new.name,
            secret_hash=secret_hash,
            rights=list(new.rights),
            created_at=new.created_at,
            created_by=created_by,
            ends_at=new.ends_at,
            replaces_id=new.replaces_id,
        )
        .on_conflict_do_nothing(index_elements=["town_id", "replaces_id"])
        .returning(api_key.c.id)
    )
    return rows.first() is not None


async def list_keys(
    work: Work, town_id: TownId, merchant_id: MerchantId, now: datetime
) -> list[ApiKey]:
    """Return a merchant's keys, the newest first."""
    query = _of_merchant(town_id, merchant_id).order_by(
        api_key.c.created_at.desc(), api_key.c.id.desc()
    )
    return [_key(row, now) for row in (await work.execute(query)).mappings()]


async def lock_key(
    work: Work, town_id: TownId, merchant_id: MerchantId, key_id: UUID, now: datetime
) -> ApiKey | None:
    """Return a merchant's key and keep others from changing it."""
    query = _of_merchant(town_id, merchant_id).where(api_key.c.id == key_id).with_for_update()
    row = (await work.execute(query)).mappings().one_or_none()
    return None if row is None else _key(row, now)


async def end_key(
    work: Work, town_id: TownId, key_id: UUID, *, ends_at: datetime, revoked_at: datetime | None
) -> None:
    """Let a key end earlier."""
    await work.execute(
        update(api_key)
        .where(api_key.c.town_id == town_id, api_key.c.id == key_id)
        .values(ends_at=ends_at, revoked_at=revoked_at)
    )


async def find_key(work: Work, town_id: TownId, key_id: UUID) -> Row[Any] | None:
    """Return what never changes of a key."""
    query = select(*_FIXED).where(api_key.c.town_id == town_id, api_key.c.id == key_id)
    return (await work.execute(query)).one_or_none()


async def use_key(work: Work, town_id: TownId, key_id: UUID, now: datetime) -> RowMapping | None:
    """Return what tells whether a key is good, and note that it was used."""
    values = {"town_id": town_id, "id": key_id, "now": now, "an_hour_ago": now - USED_EVERY}
    return (await work.execute(_USE, values)).mappings().one_or_none()


def _of_merchant(town_id: TownId, merchant_id: MerchantId) -> Select[Any]:
    return select(*_SHOWN).where(api_key.c.town_id == town_id, api_key.c.merchant_id == merchant_id)


def _key(row: RowMapping, now: datetime) -> ApiKey:
    return ApiKey(**row, state=key_state(row["ends_at"], row["revoked_at"], now))
