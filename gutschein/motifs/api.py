"""A town's own motifs over HTTP, for its administrators."""

from __future__ import annotations

from litestar import Response, Router, get, put
from litestar.params import FromPath, JSONBody

from gutschein.kernel.ids import TownId
from gutschein.motifs import editing, repository
from gutschein.motifs.schemas import NewMotif, OwnMotif, OwnMotifs
from gutschein.towns.service import get_town
from gutschein.web.answers import answers, made_or_found
from gutschein.web.providers import Db, Now, Who
from gutschein.web.rights import Right, needs


@get("/motifs", responses=answers("town.unknown"), opt=needs(Right.TOWN_READ))
async def list_motifs(town_id: FromPath[TownId], database: Db) -> OwnMotifs:
    """Return the motifs that a town has brought itself, those too that are not offered."""
    async with database.reading() as work:
        await get_town(work, town_id)
        return OwnMotifs(await repository.list_own(work, town_id))


@put(
    "/motifs/{key:str}",
    status_code=201,
    responses=answers(
        "town.unknown",
        "motif.unknown",
        "motif.exists",
        "motif.picture",
        "motif.too_large",
        "motif.dots",
        found=OwnMotif,
    ),
    opt=needs(Right.STOREFRONT_EDIT),
)
async def put_motif(
    town_id: FromPath[TownId],
    key: FromPath[str],
    data: JSONBody[NewMotif],
    *,
    database: Db,
    caller: Who,
    now: Now,
) -> Response[OwnMotif]:
    """Bring a motif, or say anew what one is called and whether it is offered."""
    async with database.unit_of_work() as work:
        motif, made = await editing.put_motif(work, town_id, key, data, by=caller.author, now=now)
    return made_or_found(motif, f"/api/v1/towns/{town_id}/motifs/{motif.key}", made=made)


router = Router(
    "/api/v1/towns/{town_id:uuid}",
    route_handlers=[list_motifs, put_motif],
    tags=["Storefronts"],
)
