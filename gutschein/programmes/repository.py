"""The SQL of programmes."""

from __future__ import annotations

from msgspec.structs import asdict
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from gutschein.db.unit_of_work import Work
from gutschein.kernel.ids import ProgrammeId, TownId
from gutschein.programmes.models import programme
from gutschein.programmes.schemas import Programme


async def insert_programme(work: Work, new: Programme) -> bool:
    """Insert a programme unless its id is taken; tell whether it was inserted."""
    result = await work.execute(insert(programme).values(asdict(new)).on_conflict_do_nothing())
    return result.rowcount == 1


async def list_programmes(
    work: Work, town_id: TownId, programme_id: ProgrammeId | None = None
) -> list[Programme]:
    """Return a town's programmes by name, or the one named."""
    query = (
        select(programme)
        .where(programme.c.town_id == town_id)
        .order_by(programme.c.name, programme.c.id)
    )
    if programme_id is not None:
        query = query.where(programme.c.id == programme_id)
    return [Programme(**row) for row in (await work.execute(query)).mappings()]
