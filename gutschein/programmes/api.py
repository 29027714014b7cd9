"""Programmes over HTTP."""

from __future__ import annotations

from litestar import Response, Router, get, post
from litestar.params import FromPath, JSONBody

from gutschein.kernel.ids import ProgrammeId, TownId
from gutschein.programmes import repository, service
from gutschein.programmes.schemas import NewProgramme, Programme, Programmes
from gutschein.towns.service import get_town
from gutschein.web.answers import answers, made_or_found
from gutschein.web.providers import Db, Now
from gutschein.web.rights import Right, needs


@post(
    "/",
    responses=answers(
        "town.unknown",
        "programme.rule_invalid",
        "amount.invalid",
        "request.conflict",
        found=Programme,
    ),
    opt=needs(Right.TERMS_CHANGE),
)
async def create_programme(
    town_id: FromPath[TownId], data: JSONBody[NewProgramme], database: Db, now: Now
) -> Response[Programme]:
    """Offer a programme. Its terms never change: other terms are another programme."""
    async with database.unit_of_work() as work:
        programme, made = await service.create_programme(work, town_id, data, now)
    return made_or_found(programme, f"/api/v1/towns/{town_id}/programmes/{programme.id}", made=made)


@get("/", responses=answers("town.unknown"), opt=needs(Right.TOWN_READ))
async def list_programmes(town_id: FromPath[TownId], database: Db) -> Programmes:
    """List a town's programmes."""
    async with database.reading() as work:
        await get_town(work, town_id)
        return Programmes(await repository.list_programmes(work, town_id))


@get(
    "/{programme_id:uuid}",
    responses=answers("town.unknown", "programme.unknown"),
    opt=needs(Right.TOWN_READ),
)
async def get_programme(
    town_id: FromPath[TownId], programme_id: FromPath[ProgrammeId], database: Db
) -> Programme:
    """Return a programme."""
    async with database.reading() as work:
        return await service.get_programme(work, town_id, programme_id)


router = Router(
    "/api/v1/towns/{town_id:uuid}/programmes",
    route_handlers=[create_programme, list_programmes, get_programme],
    tags=["Programmes"],
)
