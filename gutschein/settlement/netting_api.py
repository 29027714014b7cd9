"""Net what the towns of a region owe one another, over HTTP."""

from __future__ import annotations

from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath, JSONBody

from gutschein.db.unit_of_work import Work
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import NettingId, RegionId, new_id
from gutschein.settlement import netting_repository as repository
from gutschein.settlement.netting import net_region, pay
from gutschein.settlement.schemas import Netting as NettingAnswer
from gutschein.settlement.schemas import (
    NettingPayment,
    NettingPosition,
    NewNetting,
)
from gutschein.web.answers import answers, made_or_found
from gutschein.web.providers import Db, Now
from gutschein.web.rights import Right, needs


@post(
    "/regions/{region_id:uuid}/nettings",
    responses=answers("region.unknown", "netting.nothing", "request.conflict", found=NettingAnswer),
    opt=needs(Right.NETTING_RUN),
)
async def net_claims(
    region_id: FromPath[RegionId], data: JSONBody[NewNetting], database: Db, now: Now
) -> Response[NettingAnswer]:
    """Turn all open claims between a region's towns into the fewest payments."""
    netting_id = NettingId(data.id or new_id())
    async with database.unit_of_work() as work:
        made = await net_region(work, region_id, netting_id, now)
        netting = await _netting(work, region_id, netting_id)
    return made_or_found(netting, f"/api/v1/regions/{region_id}/nettings/{netting_id}", made=made)


@get(
    "/regions/{region_id:uuid}/nettings/{netting_id:uuid}",
    responses=answers("netting.unknown"),
    opt=needs(Right.NETTING_READ),
)
async def get_netting(
    region_id: FromPath[RegionId], netting_id: FromPath[NettingId], database: Db
) -> NettingAnswer:
    """Return a netting with its positions and payments."""
    async with database.reading() as work:
        return await _netting(work, region_id, netting_id)


@post(
    "/regions/{region_id:uuid}/nettings/{netting_id:uuid}/payments/{payment_id:uuid}/confirmation",
    status_code=200,
    responses=answers("netting.unknown"),
    opt=needs(Right.NETTING_RUN),
)
async def confirm_netting_payment(
    region_id: FromPath[RegionId],
    netting_id: FromPath[NettingId],
    payment_id: FromPath[UUID],
    database: Db,
    now: Now,
) -> NettingAnswer:
    """Book a payment between towns in both books. Again changes nothing."""
    async with database.unit_of_work() as work:
        netting = await _netting(work, region_id, netting_id)
        if payment_id not in {payment.id for payment in netting.payments}:
            raise Refusal("netting.unknown")
        await pay(work, payment_id, now)
        return await _netting(work, region_id, netting_id)


async def _netting(work: Work, region_id: RegionId, netting_id: NettingId) -> NettingAnswer:
    row = await repository.find_netting(work, netting_id)
    if row is None or row.region_id != region_id:
        raise Refusal("netting.unknown")
    return NettingAnswer(
        id=row.id,
        region_id=row.region_id,
        netted_at=row.netted_at,
        positions=[
            NettingPosition(town_id=each.position_town_id, position_cents=each.position_cents)
            for each in await repository.positions_of(work, netting_id)
        ],
        payments=[
            NettingPayment(
                **{name: getattr(each, name) for name in NettingPayment.__struct_fields__}
            )
            for each in await repository.payments_of(work, netting_id)
        ],
    )


router = Router(
    "/api/v1",
    route_handlers=[net_claims, get_netting, confirm_netting_payment],
    tags=["Netting"],
)
