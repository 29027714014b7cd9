"""The pages of a merchant's devices, cashiers and API keys: all of them, and locking one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect
from msgspec import Struct

from gutschein.devices import devices
from gutschein.devices.api import acts_for_town
from gutschein.devices.api_keys import list_api_keys
from gutschein.devices.at_merchant import (
    AT_MERCHANT,
    MERCHANT_PATH,
    AnyRequest,
    At,
    merchants_with,
    path_of,
)
from gutschein.devices.cashiers import list_cashiers
from gutschein.devices.device_schemas import Device, LockReason
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import MerchantId
from gutschein.web.forms import read_form
from gutschein.web.pages import page, see_other
from gutschein.web.providers import Db, Who
from gutschein.web.rights import Right, needs

_LOCK = "devices/lock.html"
_DEVICE = MERCHANT_PATH + "/{device_id:uuid}"

AnyResponse = Response[str] | Redirect


class LockForm(Struct, frozen=True):
    """The form of a lock."""

    reason: LockReason


@get("/geraete", opt=needs(Right.ACCOUNT_OWN))
async def choose_merchant(request: AnyRequest, database: Db, caller: Who) -> AnyResponse:
    """Lead to the devices of the reader's merchant, or show the merchants."""
    places = [
        (name, path_of(town_id, merchant_id))
        for name, town_id, merchant_id in await merchants_with(Right.DEVICE_READ, database, caller)
    ]
    if len(places) == 1:
        return see_other(places[0][1])
    return page(request, "devices/choose.html", places=places)


@get(MERCHANT_PATH, opt=needs(Right.DEVICE_READ))
async def show_devices(at: At, erledigt: FromQuery[str] = "") -> Response[str]:
    """Show a merchant's devices, cashiers and API keys.

    :param erledigt: what was just done, to say so.
    """
    async with at.database.reading() as work:
        values: dict[str, Any] = {
            "devices": await devices.list_devices(work, at.town_id, at.merchant_id),
            "cashiers": await list_cashiers(work, at.town_id, at.merchant_id),
            "api_keys": await list_api_keys(work, at.town_id, at.merchant_id, at.now),
        }
    by_town = acts_for_town(at.caller, at.town_id)
    return at.show("devices/overview.html", done=erledigt, by_town=by_town, **values)


@get(_DEVICE + "/sperren", opt=needs(Right.DEVICE_LOCK))
async def show_lock(at: At, device_id: FromPath[UUID]) -> Response[str]:
    """Ask why a device is to be locked."""
    return at.show(_LOCK, device=await _device(at, device_id))


@post(
    _DEVICE + "/sperren",
    opt=needs(Right.DEVICE_LOCK),
    status_code=303,
)
async def lock(at: At, device_id: FromPath[UUID]) -> AnyResponse:
    """Lock a device."""
    try:
        form = await read_form(at.request, LockForm)
    except Refusal as refusal:
        return at.show_again(_LOCK, refusal, device=await _device(at, device_id))
    async with at.database.unit_of_work() as work:
        await devices.lock_device(
            work,
            at.town_id,
            at.merchant_id,
            device_id,
            form.reason,
            by=at.author,
            by_town=acts_for_town(at.caller, at.town_id),
            now=at.now,
        )
    return at.done("gesperrt")


@post(
    _DEVICE + "/freigeben",
    opt=needs(Right.DEVICE_LOCK),
    status_code=303,
)
async def release(at: At, device_id: FromPath[UUID]) -> Redirect:
    """Release a device."""
    async with at.database.unit_of_work() as work:
        await devices.release_device(
            work,
            at.town_id,
            at.merchant_id,
            device_id,
            by=at.author,
            by_town=acts_for_town(at.caller, at.town_id),
            now=at.now,
        )
    return at.done("freigegeben")


async def _device(at: At, device_id: UUID) -> Device:
    async with at.database.reading() as work:
        found = await devices.list_devices(work, at.town_id, MerchantId(at.merchant.id))
    for device in found:
        if device.id == device_id:
            return device
    raise Refusal("device.unknown_here")


router = Router(
    "/",
    route_handlers=[show_devices, show_lock, lock, release],
    dependencies=AT_MERCHANT,
    include_in_schema=False,
)
choice_router = Router("/", route_handlers=[choose_merchant], include_in_schema=False)
