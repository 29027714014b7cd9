"""Merchants and issuing points over HTTP."""

from __future__ import annotations

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from gutschein.kernel.ids import BranchId, MerchantId, TownId
from gutschein.merchants import repository, service
from gutschein.merchants.bank_data import listed, with_accounts
from gutschein.merchants.schemas import (
    Branch,
    IssuingPoint,
    IssuingPoints,
    Merchants,
    MerchantWithAccount,
    NewBranch,
    NewIssuingPoint,
    NewMerchant,
)
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.towns.service import get_town
from gutschein.web.answers import answers, made_or_found
from gutschein.web.providers import Db, Now
from gutschein.web.rights import Right, needs

Kek = NamedDependency[KeyEncryptionKey]

_MERCHANT = "/merchants/{merchant_id:uuid}"


def _address(town_id: TownId, merchant_id: object) -> str:
    return f"/api/v1/towns/{town_id}/merchants/{merchant_id}"


@post(
    "/merchants",
    responses=answers(
        "town.unknown",
        "iban.invalid",
        "sepa_text.empty",
        "request.conflict",
        found=MerchantWithAccount,
    ),
    opt=needs(Right.MERCHANT_ADMIT),
)
async def create_merchant(
    town_id: FromPath[TownId], data: JSONBody[NewMerchant], database: Db, kek: Kek, now: Now
) -> Response[MerchantWithAccount]:
    """Take a merchant under contract, with its first branches and its payout account."""
    async with database.unit_of_work() as work:
        made_or_there, made = await service.create_merchant(work, town_id, data, kek=kek, now=now)
        [merchant] = await with_accounts(work, town_id, [made_or_there], kek=kek, now=now)
    return made_or_found(merchant, _address(town_id, merchant.id), made=made)


@get(
    "/merchants",
    responses=answers("town.unknown", "key.sealed", "bank_data.altered"),
    opt=needs(Right.MERCHANT_LIST),
)
async def list_merchants(town_id: FromPath[TownId], database: Db, kek: Kek, now: Now) -> Merchants:
    """List a town's merchants."""
    async with database.reading() as work:
        await get_town(work, town_id)
        merchants = await repository.list_merchants(work, town_id)
        return Merchants(await listed(work, town_id, merchants, kek=kek, now=now))


@get(
    _MERCHANT,
    responses=answers("town.unknown", "merchant.unknown", "key.sealed", "bank_data.altered"),
    opt=needs(Right.MERCHANT_READ),
)
async def get_merchant(
    town_id: FromPath[TownId], merchant_id: FromPath[MerchantId], database: Db, kek: Kek, now: Now
) -> MerchantWithAccount:
    """Return a merchant, with the payout account of now and one that is to come."""
    async with database.reading() as work:
        merchant = await service.get_merchant(work, town_id, merchant_id)
        [found] = await with_accounts(work, town_id, [merchant], kek=kek, now=now)
    return found


@post(
    _MERCHANT + "/branches",
    responses=answers("town.unknown", "merchant.unknown", "request.conflict", found=Branch),
    opt=needs(Right.MERCHANT_ADMIT),
)
async def open_branch(
    town_id: FromPath[TownId],
    merchant_id: FromPath[MerchantId],
    data: JSONBody[NewBranch],
    database: Db,
    now: Now,
) -> Response[Branch]:
    """Open another branch."""
    async with database.unit_of_work() as work:
        branch, made = await service.open_branch(work, town_id, merchant_id, data, now)
    return made_or_found(branch, _address(town_id, merchant_id), made=made)


@post(
    _MERCHANT + "/branches/{branch_id:uuid}/close",
    status_code=200,
    responses=answers("town.unknown", "merchant.unknown", "branch.unknown"),
    opt=needs(Right.MERCHANT_ADMIT),
)
async def close_branch(
    town_id: FromPath[TownId],
    merchant_id: FromPath[MerchantId],
    branch_id: FromPath[BranchId],
    database: Db,
    now: Now,
) -> Branch:
    """Close a branch for good."""
    async with database.unit_of_work() as work:
        return await service.close_branch(work, town_id, merchant_id, branch_id, now)


@post(
    "/issuing-points",
    responses=answers("town.unknown", "request.conflict", found=IssuingPoint),
    opt=needs(Right.POINT_OPEN),
)
async def open_issuing_point(
    town_id: FromPath[TownId], data: JSONBody[NewIssuingPoint], database: Db, now: Now
) -> Response[IssuingPoint]:
    """Open an issuing point."""
    async with database.unit_of_work() as work:
        point, made = await service.open_issuing_point(work, town_id, data, now)
    return made_or_found(point, f"/api/v1/towns/{town_id}/issuing-points", made=made)


@get("/issuing-points", responses=answers("town.unknown"), opt=needs(Right.MERCHANT_LIST))
async def list_issuing_points(town_id: FromPath[TownId], database: Db) -> IssuingPoints:
    """List a town's issuing points."""
    async with database.reading() as work:
        await get_town(work, town_id)
        return IssuingPoints(await repository.list_issuing_points(work, town_id))


router = Router(
    "/api/v1/towns/{town_id:uuid}",
    route_handlers=[
        create_merchant,
        list_merchants,
        get_merchant,
        open_branch,
        close_branch,
        open_issuing_point,
        list_issuing_points,
    ],
    tags=["Merchants"],
)
