"""The SQL of keys: what is sealed, what is endorsed, what is revoked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    LargeBinary,
    Row,
    Text,
    Uuid,
    column,
    func,
    select,
    table,
    text,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from gutschein.db.unit_of_work import Work
from gutschein.kernel.ids import RegionId, TownId
from gutschein.signing.models import SEALED_KEYS, SealedKeys, code_key, service_key, signing_key

# Of towns and regions, which stand above this package, just what is said of keys.
_town = table("town", column("id", Uuid), column("region_id", Uuid), column("name", Text))
_region = table("region", column("id", Uuid), column("master_public_key", LargeBinary))

_WITH_MASTER = (
    select(
        signing_key,
        _town.c.name.label("town_name"),
        _town.c.region_id,
        _region.c.master_public_key,
    )
    .join(_town, _town.c.id == signing_key.c.town_id)
    .join(_region, _region.c.id == _town.c.region_id)
    .order_by(signing_key.c.town_id, signing_key.c.not_before, signing_key.c.kid)
)

#: Up to when a key that is replaced signs: at once, but its window is never empty.
_NO_LONGER = text("greatest(CAST(:now AS timestamptz), not_before + interval '1 second')")


async def signing_keys(
    work: Work,
    *,
    town_id: TownId | None = None,
    region_id: RegionId | None = None,
    kid: bytes | None = None,
) -> Sequence[Row[Any]]:
    """Signing keys by town and age, each with its town's name and the region's master key."""
    query = _WITH_MASTER
    if town_id is not None:
        query = query.where(signing_key.c.town_id == town_id)
    if region_id is not None:
        query = query.where(_town.c.region_id == region_id)
    if kid is not None:
        query = query.where(signing_key.c.kid == kid)
    return (await work.execute(query)).all()


async def insert_signing_key(work: Work, row: Mapping[str, object]) -> None:
    await work.execute(insert(signing_key).values(row))


async def end_signing(work: Work, town_id: TownId, kids: Collection[bytes], now: datetime) -> None:
    """Let keys of a town sign no more; they go on verifying."""
    await work.execute(
        update(signing_key)
        .where(
            signing_key.c.town_id == town_id,
            signing_key.c.kid.in_(kids),
            signing_key.c.sign_until > now,
        )
        .values(sign_until=_NO_LONGER.bindparams(now=now))
    )


async def keep_endorsement(
    work: Work, town_id: TownId, kid: bytes, endorsement: bytes, now: datetime
) -> None:
    await work.execute(
        update(signing_key)
        .where(signing_key.c.town_id == town_id, signing_key.c.kid == kid)
        .values(endorsement=endorsement, endorsed_at=now)
    )


async def revoke(work: Work, town_id: TownId, kid: bytes, reason: str, now: datetime) -> bool:
    """Mark a key as revoked; tell whether it was there and was not yet."""
    result = await work.execute(
        update(signing_key)
        .where(
            signing_key.c.town_id == town_id,
            signing_key.c.kid == kid,
            signing_key.c.revoked_at.is_(None),
        )
        .values(revoked_at=now, revoked_reason=reason)
    )
    return result.rowcount == 1


async def master_of(work: Work, region_id: RegionId) -> Row[Any] | None:
    """A region's master key, which may be ``None``; no row where there is no such region."""
    rows = await work.execute(select(_region.c.master_public_key).where(_region.c.id == region_id))
    return rows.one_or_none()


async def masters(work: Work) -> dict[RegionId, bytes]:
    """The master keys of the regions that have one."""
    rows = await work.execute(
        select(_region.c.id, _region.c.master_public_key)
        .where(_region.c.master_public_key.is_not(None))
        .order_by(_region.c.id)
    )
    return {RegionId(row.id): row.master_public_key for row in rows}


async def set_master(work: Work, region_id: RegionId, public: bytes) -> None:
    await work.execute(
        update(_region).where(_region.c.id == region_id).values(master_public_key=public)
    )


async def kek_ids(work: Work) -> dict[str, int]:
    """How many keys are sealed under which key-encryption key, of all that *work* can see."""
    each = union_all(*(select(sealed.table.c.kek_id) for sealed in SEALED_KEYS)).subquery()
    rows = await work.execute(
        select(each.c.kek_id, func.count()).group_by(each.c.kek_id).order_by(each.c.kek_id)
    )
    return {row.kek_id: int(row[1]) for row in rows}


async def lock_sealed_otherwise(
    work: Work, sealed: SealedKeys, kek_id: str, limit: int
) -> Sequence[Row[Any]]:
    """Lock some rows that another key-encryption key than *kek_id* has sealed."""
    table = sealed.table
    rows = await work.execute(
        select(table)
        .where(table.c.kek_id != kek_id)
        .order_by(*table.primary_key.columns)
        .limit(limit)
        .with_for_update(key_share=True)
    )
    return rows.all()


async def replace_sealed(
    work: Work, sealed: SealedKeys, row: Row[Any], sealed_key: bytes, kek_id: str
) -> None:
    key = [column == getattr(row, column.name) for column in sealed.table.primary_key.columns]
    await work.execute(
        update(sealed.table).where(*key).values({sealed.column: sealed_key, "kek_id": kek_id})
    )


async def service_keys(work: Work) -> Sequence[Row[Any]]:
    return (await work.execute(select(service_key))).all()


async def insert_service_keys(
    work: Work, sealed: dict[str, bytes], kek_id: str, now: datetime
) -> None:
    """Insert keys by purpose; where another process was first, its key stays."""
    rows = [
        {"purpose": purpose, "sealed_key": key, "kek_id": kek_id, "created_at": now}
        for purpose, key in sorted(sealed.items())
    ]
    await work.execute(insert(service_key).values(rows).on_conflict_do_nothing())


async def code_key_of(work: Work, town_id: TownId, purpose: str) -> Row[Any] | None:
    rows = await work.execute(
        select(code_key).where(code_key.c.town_id == town_id, code_key.c.purpose == purpose)
    )
    return rows.one_or_none()


async def code_keys_for(work: Work, purpose: str) -> Sequence[Row[Any]]:
    """Return the keys for *purpose* of all towns that *work* can see."""
    return (await work.execute(select(code_key).where(code_key.c.purpose == purpose))).all()
