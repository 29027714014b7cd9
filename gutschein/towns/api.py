"""Regions and towns over HTTP."""

from __future__ import annotations

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from gutschein.db.access import NOTHING, Access
from gutschein.identity.roles import grant_role
from gutschein.kernel.ids import PersonId, RegionId, TownId, new_id
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.towns import repository, service
from gutschein.towns.schemas import (
    Acceptance,
    AcceptanceEnd,
    Acceptances,
    NewAcceptance,
    NewRegion,
    NewTown,
    Region,
    Regions,
    Town,
    Towns,
    VatRate,
    VatRates,
)
from gutschein.web.answers import answers, made_or_found
from gutschein.web.providers import Db, Now, Who
from gutschein.web.rights import Right, Role, needs


@post("/regions", responses=answers("request.conflict", found=Region), opt=needs(Right.REGION_OPEN))
async def create_region(
    data: JSONBody[NewRegion], database: Db, now: Now, caller: Who
) -> Response[Region]:
    """Make a region. Who makes it is its operator."""
    async with database.acting(Access.operator(())).unit_of_work() as work:
        region, made = await service.create_region(work, data, now)
    if made:
        async with database.unit_of_work() as work:
            await grant_role(
                work,
                PersonId(caller.id),
                Role.OPERATOR,
                region_id=RegionId(region.id),
                by=PersonId(caller.id),
                now=now,
            )
    return made_or_found(region, f"/api/v1/regions/{region.id}", made=made)


@get("/regions", opt=needs(Right.REGION_LIST))
async def list_regions(database: Db, caller: Who) -> Regions:
    """List the regions that one belongs to, by a role in them or in a town of theirs."""
    async with database.acting(NOTHING).reading() as work:
        return Regions(await service.regions_of(work, caller))


@get("/regions/{region_id:uuid}", responses=answers("region.unknown"), opt=needs(Right.REGION_READ))
async def get_region(region_id: FromPath[RegionId], database: Db) -> Region:
    """Return a region."""
    async with database.reading() as work:
        return await service.get_region(work, region_id)


@post(
    "/regions/{region_id:uuid}/towns",
    responses=answers(
        "region.unknown",
        "town.ags_invalid",
        "town.ags_taken",
        "iban.invalid",
        "sepa_text.empty",
        "amount.invalid",
        "request.conflict",
        found=Town,
    ),
    opt=needs(Right.TOWN_OPEN),
)
async def create_town(
    region_id: FromPath[RegionId],
    data: JSONBody[NewTown],
    database: Db,
    now: Now,
    kek: NamedDependency[KeyEncryptionKey],
) -> Response[Town]:
    """Make a town in a region, with its accounts and its keys."""
    town_id = TownId(data.id or new_id())
    access = Access.operator(database.access.towns | {town_id})
    async with database.acting(access).unit_of_work() as work:
        town, made = await service.create_town(work, region_id, town_id, data, kek=kek, now=now)
    return made_or_found(town, f"/api/v1/towns/{town.id}", made=made)


@get("/towns", opt=needs(Right.TOWN_LIST))
async def list_towns(
    database: Db, caller: Who, region_id: FromQuery[RegionId | None] = None
) -> Towns:
    """List the towns that one has a role in, and those of the regions one operates."""
    async with database.acting(NOTHING).reading() as work:
        seen = await service.town_ids_of(work, caller)
        return Towns(await repository.list_towns(work, seen, region_id))


@get(
    "/towns/{town_id:uuid}",
    responses=answers("town.unknown", "key.sealed", "bank_data.altered"),
    opt=needs(Right.TOWN_READ),
)
async def get_town(
    town_id: FromPath[TownId], database: Db, kek: NamedDependency[KeyEncryptionKey]
) -> Town:
    """Return a town."""
    async with database.reading() as work:
        return await service.town_with_account(work, town_id, kek)


@post(
    "/towns/{town_id:uuid}/vat-rates",
    responses=answers("town.unknown", "request.conflict", found=VatRate),
    opt=needs(Right.TERMS_CHANGE),
)
async def set_vat_rate(
    town_id: FromPath[TownId], data: JSONBody[VatRate], database: Db
) -> Response[VatRate]:
    """Let a VAT rate on the town's fees begin on a day."""
    async with database.unit_of_work() as work:
        rate, made = await service.set_vat_rate(work, town_id, data)
    return made_or_found(rate, f"/api/v1/towns/{town_id}/vat-rates", made=made)


@get(
    "/towns/{town_id:uuid}/vat-rates", responses=answers("town.unknown"), opt=needs(Right.TOWN_READ)
)
async def list_vat_rates(town_id: FromPath[TownId], database: Db) -> VatRates:
    """List a town's VAT rates."""
    async with database.reading() as work:
        await service.get_town(work, town_id)
        return VatRates(await repository.list_vat_rates(work, town_id))


@post(
    "/towns/{town_id:uuid}/acceptances",
    responses=answers(
        "town.unknown", "acceptance.other_region", "acceptance.overlap", found=Acceptance
    ),
    opt=needs(Right.TERMS_CHANGE),
)
async def agree_acceptance(
    town_id: FromPath[TownId], data: JSONBody[NewAcceptance], database: Db, now: Now
) -> Response[Acceptance]:
    """Let the merchants of another town honour this town's vouchers.

    It opens an account in the book of either town, so it acts for both.
    """
    access = Access.town(town_id, TownId(data.accepting_town_id))
    async with database.acting(access).unit_of_work() as work:
        agreed, made = await service.agree_acceptance(work, town_id, data, now)
    return made_or_found(agreed, f"/api/v1/towns/{town_id}/acceptances", made=made)


@get(
    "/towns/{town_id:uuid}/acceptances",
    responses=answers("town.unknown"),
    opt=needs(Right.TOWN_READ),
)
async def list_acceptances(town_id: FromPath[TownId], database: Db) -> Acceptances:
    """List who honours a town's vouchers."""
    async with database.reading() as work:
        await service.get_town(work, town_id)
        return Acceptances(await repository.list_acceptances(work, town_id))


@post(
    "/towns/{town_id:uuid}/acceptances/{accepting_town_id:uuid}/end",
    status_code=200,
    responses=answers("town.unknown", "acceptance.unknown", "acceptance.past"),
    opt=needs(Right.TERMS_CHANGE),
)
async def end_acceptance(
    town_id: FromPath[TownId],
    accepting_town_id: FromPath[TownId],
    data: JSONBody[AcceptanceEnd],
    database: Db,
    now: Now,
) -> Acceptance:
    """Let an agreement end with a day."""
    async with database.unit_of_work() as work:
        return await service.end_acceptance(work, town_id, accepting_town_id, data.valid_until, now)


router = Router(
    "/api/v1",
    route_handlers=[
        create_region,
        list_regions,
        get_region,
        create_town,
        list_towns,
        get_town,
        set_vat_rate,
        list_vat_rates,
        agree_acceptance,
        list_acceptances,
        end_acceptance,
    ],
    tags=["Towns"],
)
