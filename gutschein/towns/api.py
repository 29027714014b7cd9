"""Regions and towns over HTTP."""

from __future__ import annotations

from datetime import datetime

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from gutschein.db.unit_of_work import Work
from gutschein.kernel.ids import RegionId, TownId
from gutschein.signing.keyring import create_town_keys
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
from gutschein.web.providers import Db, Now


@post("/regions", responses=answers("request.conflict", found=Region))
async def create_region(data: JSONBody[NewRegion], database: Db, now: Now) -> Response[Region]:
    """Make a region."""
    async with database.unit_of_work() as work:
        region, made = await service.create_region(work, data, now)
    return made_or_found(region, f"/api/v1/regions/{region.id}", made=made)


@get("/regions")
async def list_regions(database: Db) -> Regions:
    """List the regions."""
    async with database.reading() as work:
        return Regions(await repository.list_regions(work))


@get("/regions/{region_id:uuid}", responses=answers("region.unknown"))
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
)
async def create_town(
    region_id: FromPath[RegionId],
    data: JSONBody[NewTown],
    database: Db,
    now: Now,
    kek: NamedDependency[KeyEncryptionKey],
) -> Response[Town]:
    """Make a town in a region, with its accounts and its keys."""

    async def make_keys(work: Work, town_id: TownId, now: datetime) -> None:
        await create_town_keys(work, town_id, kek, now)

    async with database.unit_of_work() as work:
        town, made = await service.create_town(work, region_id, data, now, make_keys=make_keys)
    return made_or_found(town, f"/api/v1/towns/{town.id}", made=made)


@get("/towns")
async def list_towns(database: Db, region_id: FromQuery[RegionId | None] = None) -> Towns:
    """List the towns of a region, or of all."""
    async with database.reading() as work:
        return Towns(await repository.list_towns(work, region_id))


@get("/towns/{town_id:uuid}", responses=answers("town.unknown"))
async def get_town(town_id: FromPath[TownId], database: Db) -> Town:
    """Return a town."""
    async with database.reading() as work:
        return await service.get_town(work, town_id)


@post(
    "/towns/{town_id:uuid}/vat-rates",
    responses=answers("town.unknown", "request.conflict", found=VatRate),
)
async def set_vat_rate(
    town_id: FromPath[TownId], data: JSONBody[VatRate], database: Db
) -> Response[VatRate]:
    """Let a VAT rate on the town's fees begin on a day."""
    async with database.unit_of_work() as work:
        rate, made = await service.set_vat_rate(work, town_id, data)
    return made_or_found(rate, f"/api/v1/towns/{town_id}/vat-rates", made=made)


@get("/towns/{town_id:uuid}/vat-rates", responses=answers("town.unknown"))
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
)
async def agree_acceptance(
    town_id: FromPath[TownId], data: JSONBody[NewAcceptance], database: Db, now: Now
) -> Response[Acceptance]:
    """Let the merchants of another town honour this town's vouchers."""
    async with database.unit_of_work() as work:
        agreed, made = await service.agree_acceptance(work, town_id, data, now)
    return made_or_found(agreed, f"/api/v1/towns/{town_id}/acceptances", made=made)


@get("/towns/{town_id:uuid}/acceptances", responses=answers("town.unknown"))
async def list_acceptances(town_id: FromPath[TownId], database: Db) -> Acceptances:
    """List who honours a town's vouchers."""
    async with database.reading() as work:
        await service.get_town(work, town_id)
        return Acceptances(await repository.list_acceptances(work, town_id))


@post(
    "/towns/{town_id:uuid}/acceptances/{accepting_town_id:uuid}/end",
    status_code=200,
    responses=answers("town.unknown", "acceptance.unknown", "acceptance.past"),
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
