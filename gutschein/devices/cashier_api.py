"""Cashiers over HTTP: for the owner of a merchant."""

from __future__ import annotations

from uuid import UUID

from litestar import Router, get, post
from litestar.params import FromPath, JSONBody

from gutschein.devices import cashiers
from gutschein.devices.api import Keys
from gutschein.devices.till_schemas import (
    Cashier,
    Cashiers,
    NewCashier,
    NewCashierName,
    NewPin,
)
from gutschein.kernel.ids import MerchantId, TownId
from gutschein.web.answers import answers
from gutschein.web.providers import Db, Now, Who
from gutschein.web.rights import Right, needs

_MERCHANT = ("town.unknown", "merchant.unknown")
_CASHIER = (*_MERCHANT, "cashier.unknown", "cashier.ended")


@post("/", responses=answers(*_MERCHANT, "cashier.pin_trivial"), opt=needs(Right.CASHIER_MANAGE))
async def add_cashier(
    town_id: FromPath[TownId],
    merchant_id: FromPath[MerchantId],
    data: JSONBody[NewCashier],
    *,
    database: Db,
    caller: Who,
    keys: Keys,
    now: Now,
) -> Cashier:
    """Name a cashier, with a PIN."""
    hashed_pin = await cashiers.pin_hash(keys, data.pin)
    async with database.unit_of_work() as work:
        return await cashiers.add_cashier(
            work,
            town_id,
            merchant_id,
            name=data.name,
            hashed_pin=hashed_pin,
            by=caller.author,
            now=now,
        )


@get("/", responses=answers(*_MERCHANT), opt=needs(Right.DEVICE_READ))
async def list_cashiers(
    town_id: FromPath[TownId], merchant_id: FromPath[MerchantId], database: Db
) -> Cashiers:
    """List a merchant's cashiers."""
    async with database.reading() as work:
        return Cashiers(await cashiers.list_cashiers(work, town_id, merchant_id))


@post(
    "/{cashier_id:uuid}/name",
    status_code=200,
    responses=answers(*_CASHIER),
    opt=needs(Right.CASHIER_MANAGE),
)
async def rename_cashier(
    town_id: FromPath[TownId],
    merchant_id: FromPath[MerchantId],
    cashier_id: FromPath[UUID],
    data: JSONBody[NewCashierName],
    *,
    database: Db,
    caller: Who,
    now: Now,
) -> Cashier:
    """Call a cashier something else."""
    async with database.unit_of_work() as work:
        return await cashiers.rename_cashier(
            work, town_id, merchant_id, cashier_id, name=data.name, by=caller.author, now=now
        )


@post(
    "/{cashier_id:uuid}/pin",
    status_code=200,
    responses=answers(*_CASHIER, "cashier.pin_trivial"),
    opt=needs(Right.CASHIER_MANAGE),
)
async def change_pin(
    town_id: FromPath[TownId],
    merchant_id: FromPath[MerchantId],
    cashier_id: FromPath[UUID],
    data: JSONBody[NewPin],
    *,
    database: Db,
    caller: Who,
    keys: Keys,
    now: Now,
) -> Cashier:
    """Give a cashier a new PIN. They are signed off wherever they stand."""
    hashed_pin = await cashiers.pin_hash(keys, data.pin)
    async with database.unit_of_work() as work:
        return await cashiers.change_pin(
            work,
            town_id,
            merchant_id,
            cashier_id,
            hashed_pin=hashed_pin,
            by=caller.author,
            now=now,
        )


@post(
    "/{cashier_id:uuid}/end",
    status_code=200,
    responses=answers(*_MERCHANT, "cashier.unknown"),
    opt=needs(Right.CASHIER_MANAGE),
)
async def end_cashier(
    town_id: FromPath[TownId],
    merchant_id: FromPath[MerchantId],
    cashier_id: FromPath[UUID],
    *,
    database: Db,
    caller: Who,
    now: Now,
) -> Cashier:
    """Let a cashier go. Their PIN opens no device any more."""
    async with database.unit_of_work() as work:
        return await cashiers.end_cashier(
            work, town_id, merchant_id, cashier_id, by=caller.author, now=now
        )


router = Router(
    "/api/v1/towns/{town_id:uuid}/merchants/{merchant_id:uuid}/cashiers",
    route_handlers=[add_cashier, list_cashiers, rename_cashier, change_pin, end_cashier],
    tags=["Devices"],
)
