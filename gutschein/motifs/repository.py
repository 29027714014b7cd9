"""The SQL of towns' own motifs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from gutschein.db.unit_of_work import Work
from gutschein.kernel.ids import TownId
from gutschein.motifs.models import motif
from gutschein.motifs.rules import Picture, Words
from gutschein.motifs.schemas import OwnMotif

_WORDS = (motif.c.key, motif.c.name_de, motif.c.name_en, motif.c.alt_de, motif.c.alt_en)
_ALL = (*_WORDS, motif.c.media_type, motif.c.position, motif.c.is_active, motif.c.added_at)


async def list_active(work: Work, town_id: TownId) -> list[Words]:
    """Return keys and words of what a town offers of its own, in its order."""
    query = select(*_WORDS).where(motif.c.town_id == town_id, motif.c.is_active)
    rows = await work.execute(query.order_by(motif.c.position, motif.c.key))
    return [Words(**row) for row in rows.mappings()]


async def find_words(work: Work, town_id: TownId, key: str) -> Words | None:
    """Return key and words of one, offered or not."""
    query = select(*_WORDS).where(motif.c.town_id == town_id, motif.c.key == key)
    row = (await work.execute(query)).mappings().one_or_none()
    return None if row is None else Words(**row)


async def find_picture(work: Work, town_id: TownId, key: str) -> Picture | None:
    """Return the picture of one, offered or not."""
    query = select(motif.c.media_type, motif.c.picture)
    query = query.where(motif.c.town_id == town_id, motif.c.key == key)
    row = (await work.execute(query)).one_or_none()
    return None if row is None else Picture(bytes(row.picture), row.media_type)


async def list_own(work: Work, town_id: TownId) -> list[OwnMotif]:
    """Return all that a town has brought, in its order."""
    query = select(*_ALL).where(motif.c.town_id == town_id).order_by(motif.c.position, motif.c.key)
    return [OwnMotif(**row) for row in (await work.execute(query)).mappings()]


async def lock_own(work: Work, town_id: TownId, key: str) -> OwnMotif | None:
    """Lock one motif."""
    query = select(*_ALL).where(motif.c.town_id == town_id, motif.c.key == key).with_for_update()
    row = (await work.execute(query)).mappings().one_or_none()
    return None if row is None else OwnMotif(**row)


async def update_motif(work: Work, town_id: TownId, key: str, **values: Any) -> None:
    await work.execute(
        update(motif).where(motif.c.town_id == town_id, motif.c.key == key).values(values)
    )


async def insert_motif(work: Work, row: dict[str, Any]) -> bool:
    """Insert a motif unless its key is taken; tell whether it was inserted."""
    statement = insert(motif).values(row).on_conflict_do_nothing()
    return (await work.execute(statement)).rowcount == 1
