"""Devices over HTTP: pair them, list them, lock and release them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from gutschein.db.access import IDENTITY, Access
from gutschein.devices import devices, pairing
from gutschein.devices.authenticators import read_signature
from gutschein.devices.device_schemas import (
    Device,
    Devices,
    NewDevice,
    NewLock,
    NewPairingCode,
    PairingCode,
)
from gutschein.devices.till import OfflineOf, own_device
from gutschein.devices.till_schemas import OwnDevice
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import MerchantId, TownId
from gutschein.limits.client import client_address
from gutschein.limits.rules import PAIRING
from gutschein.signing.service_keys import ServiceKeys
from gutschein.web.answers import answers, made_or_found
from gutschein.web.caller import Caller
from gutschein.web.guard import PUBLIC
from gutschein.web.providers import Counters, Db, Now, Who
from gutschein.web.rights import OF_TOWN, Right, needs

Keys = NamedDependency[ServiceKeys]
Offline = NamedDependency[OfflineOf]

_OF_MERCHANT = "/towns/{town_id:uuid}/merchants/{merchant_id:uuid}"
_DEVICE = _OF_MERCHANT + "/devices/{device_id:uuid}"
_MERCHANT = ("town.unknown", "merchant.unknown")


@post(
    _OF_MERCHANT + "/pairing-codes",
    responses=answers(*_MERCHANT, "branch.unknown", "branch.closed"),
    opt=needs(Right.DEVICE_MANAGE),
)
async def make_pairing_code(
    town_id: FromPath[TownId],
    merchant_id: FromPath[MerchantId],
    data: JSONBody[NewPairingCode],
    *,
    request: Request[Any, Any, Any],
    database: Db,
    caller: Who,
    keys: Keys,
    now: Now,
) -> PairingCode:
    """Make a code that will make one device of a branch, within five minutes."""
    async with database.unit_of_work() as work:
        return await pairing.make_pairing_code(
            work,
            town_id,
            merchant_id,
            data,
            keys=keys,
            public_url=request.app.state.public_url,
            by=caller.author,
            now=now,
        )


@get(
    _OF_MERCHANT + "/pairing-codes/{code_id:uuid}",
    responses=answers("pairing.unknown"),
    opt=needs(Right.DEVICE_MANAGE),
)
async def get_pairing_code(
    town_id: FromPath[TownId],
    merchant_id: FromPath[MerchantId],
    code_id: FromPath[UUID],
    *,
    request: Request[Any, Any, Any],
    database: Db,
    keys: Keys,
) -> PairingCode:
    """Return a pairing code, to be shown again or to see whether a device has used it."""
    async with database.reading() as work:
        return await pairing.get_pairing_code(
            work,
            town_id,
            merchant_id,
            code_id,
            keys=keys,
            public_url=request.app.state.public_url,
        )


@post(
    "/devices",
    responses=answers(
        "pairing.code",
        "device.key",
        "device.signature",
        "device.clock",
        "request.conflict",
        "limit.rate",
        found=OwnDevice,
    ),
    opt=dict(PUBLIC),
)
async def pair_device(
    data: JSONBody[NewDevice],
    *,
    request: Request[Any, Any, Any],
    database: Db,
    keys: Keys,
    limits: Counters,
    now: Now,
    offline_of: Offline,
) -> Response[OwnDevice]:
    """Become a device of a branch: with a pairing code, and signed by the device's own key.

    `keyid` of this one signature is the device's id alone.
    """
    address = client_address(request)
    await limits.check(PAIRING, address, now)
    key, algorithm = pairing.check_possession(data, await read_signature(request), now)
    try:
        async with database.acting(IDENTITY).reading() as work:
            town_id = await pairing.find_town(work, data.code, keys)
        async with database.acting(Access.town(town_id)).unit_of_work() as work:
            made = await pairing.pair_device(
                work, town_id, data, key, algorithm, keys=keys, now=now
            )
            offline = await offline_of(work, town_id, now)
            paired = await own_device(work, town_id, data.id, None, now, offline=offline)
    except Refusal as refusal:
        if refusal.code == "pairing.code":
            await limits.note(PAIRING, address, now)
        raise
    return made_or_found(paired, "/api/v1/device", made=made)


@get(_OF_MERCHANT + "/devices", responses=answers(*_MERCHANT), opt=needs(Right.DEVICE_READ))
async def list_devices(
    town_id: FromPath[TownId], merchant_id: FromPath[MerchantId], database: Db
) -> Devices:
    """List a merchant's devices."""
    async with database.reading() as work:
        return Devices(await devices.list_devices(work, town_id, merchant_id))


@post(
    _DEVICE + "/lock",
    status_code=200,
    responses=answers(*_MERCHANT, "device.unknown_here"),
    opt=needs(Right.DEVICE_LOCK),
)
async def lock_device(
    town_id: FromPath[TownId],
    merchant_id: FromPath[MerchantId],
    device_id: FromPath[UUID],
    data: JSONBody[NewLock],
    *,
    database: Db,
    caller: Who,
    now: Now,
) -> Device:
    """Lock a device: from its next request on it is refused everything.

    What the town has locked, only the town releases.
    """
    async with database.unit_of_work() as work:
        return await devices.lock_device(
            work,
            town_id,
            merchant_id,
            device_id,
            data.reason,
            by=caller.author,
            by_town=acts_for_town(caller, town_id),
            now=now,
        )


@post(
    _DEVICE + "/release",
    status_code=200,
    responses=answers(*_MERCHANT, "device.unknown_here", "device.locked_by_town"),
    opt=needs(Right.DEVICE_LOCK),
)
async def release_device(
    town_id: FromPath[TownId],
    merchant_id: FromPath[MerchantId],
    device_id: FromPath[UUID],
    *,
    database: Db,
    caller: Who,
    now: Now,
) -> Device:
    """Release a locked device."""
    async with database.unit_of_work() as work:
        return await devices.release_device(
            work,
            town_id,
            merchant_id,
            device_id,
            by=caller.author,
            by_town=acts_for_town(caller, town_id),
            now=now,
        )


def acts_for_town(caller: Caller, town_id: TownId) -> bool:
    """Tell whether somebody may lock devices as the town does."""
    return any(
        grant.role in OF_TOWN and grant.town_id == town_id
        for grant in caller.holding(Right.DEVICE_LOCK)
    )


router = Router(
    "/api/v1",
    route_handlers=[
        make_pairing_code,
        get_pairing_code,
        pair_device,
        list_devices,
        lock_device,
        release_device,
    ],
    tags=["Devices"],
)
