"""The business log over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Router, get
from litestar.params import FromPath, QueryParameter

from gutschein.history import repository
from gutschein.history.schemas import Log
from gutschein.kernel.ids import RegionId, TownId
from gutschein.web.providers import Db
from gutschein.web.rights import Right, needs

Before = Annotated[
    UUID | None, QueryParameter(description="Only lines older than this; the newest without.")
]
Limit = Annotated[int, QueryParameter(ge=1, le=200, description="So many lines at most.")]


@get("/towns/{town_id:uuid}/log", opt=needs(Right.LOG_READ))
async def read_town_log(
    town_id: FromPath[TownId], database: Db, before: Before = None, limit: Limit = 50
) -> Log:
    """Read the log of a town: who changed rights, rules about money or payout data, and why."""
    return await _read(database, town_id, before, limit)


@get("/regions/{region_id:uuid}/log", opt=needs(Right.REGION_READ))
async def read_region_log(
    region_id: FromPath[RegionId], database: Db, before: Before = None, limit: Limit = 50
) -> Log:
    """Read the log of a region."""
    return await _read(database, region_id, before, limit)


async def _read(database: Db, chain_id: UUID, before: UUID | None, limit: int) -> Log:
    async with database.reading() as work:
        entries = await repository.entries(work, chain_id, before, limit + 1)
    more = len(entries) > limit
    return Log(entries=entries[:limit], next_before=entries[limit - 1].id if more else None)


router = Router("/api/v1", route_handlers=[read_town_log, read_region_log], tags=["Log"])
