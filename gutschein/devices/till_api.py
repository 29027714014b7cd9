"""What a device itself asks for: who it is, and signing cashiers on and off."""

from __future__ import annotations

from uuid import UUID

from litestar import Router, get, post
from litestar.params import JSONBody

from gutschein.db.access import Access
from gutschein.db.unit_of_work import Database
from gutschein.devices import till
from gutschein.devices.api import Keys, Offline
from gutschein.devices.till_schemas import OwnDevice, SignOn
from gutschein.identity.passwords import verify_password
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import MerchantId, TownId
from gutschein.limits.rules import CASHIER_PIN, CASHIER_PIN_DAY, CASHIER_SIGN_ON
from gutschein.web.answers import answers
from gutschein.web.caller import Caller
from gutschein.web.providers import Counters, Db, Now, Who
from gutschein.web.rights import Right, needs

#: The pause after wrong PINs grows: a few at once, then one in minutes, then one in an hour.
_ON_WRONG_PINS = (CASHIER_PIN, CASHIER_PIN_DAY)


@get("/", opt=needs(Right.DEVICE_OWN))
async def get_own_device(database: Db, caller: Who, now: Now, offline_of: Offline) -> OwnDevice:
    """Say what this device is, whose it is, and who stands there."""
    town_id, _ = _shop(caller)
    async with _of_town(database, town_id).reading() as work:
        offline = await offline_of(work, town_id, now)
        return await till.own_device(work, town_id, caller.id, caller.cashier, now, offline=offline)


@post(
    "/cashier",
    status_code=200,
    responses=answers("cashier.unknown", "cashier.pin", "limit.rate"),
    opt=needs(Right.DEVICE_OWN),
)
async def sign_on_cashier(
    data: JSONBody[SignOn],
    *,
    database: Db,
    caller: Who,
    keys: Keys,
    limits: Counters,
    now: Now,
    offline_of: Offline,
) -> OwnDevice:
    """Let a cashier take over this device, until they sign off, the day ends or 12 hours pass.

    Whoever stood there before is signed off.
    """
    town_id, merchant_id = _shop(caller)
    town = _of_town(database, town_id)
    async with town.reading() as work:
        stored, since = await till.find_pin(work, town_id, merchant_id, data.cashier_id)
    tried = _tried(caller.id, data.cashier_id, since.isoformat())
    for limit in _ON_WRONG_PINS:
        await limits.check(limit, tried, now)
    await limits.take(CASHIER_SIGN_ON, tried, now)
    if not await verify_password(keys, stored, data.pin):
        await limits.note_all([(limit, tried) for limit in _ON_WRONG_PINS], now)
        raise Refusal("cashier.pin")
    async with town.unit_of_work() as work:
        cashier = await till.sign_on(
            work, town_id, merchant_id, caller.id, data.cashier_id, pin_since=since, now=now
        )
        offline = await offline_of(work, town_id, now)
        return await till.own_device(work, town_id, caller.id, cashier, now, offline=offline)


@post("/cashier/end", status_code=200, opt=needs(Right.DEVICE_OWN))
async def sign_off_cashier(database: Db, caller: Who, now: Now, offline_of: Offline) -> OwnDevice:
    """Sign off whoever stands at this device; where nobody does, nothing changes."""
    town_id, _ = _shop(caller)
    async with _of_town(database, town_id).unit_of_work() as work:
        await till.sign_off(work, town_id, caller.id, now)
        offline = await offline_of(work, town_id, now)
        return await till.own_device(work, town_id, caller.id, None, now, offline=offline)


def _shop(caller: Caller) -> tuple[TownId, MerchantId]:
    [grant] = caller.grants
    if grant.town_id is None or grant.merchant_id is None:
        raise Refusal("right.missing")
    return grant.town_id, grant.merchant_id


def _of_town(database: Database, town_id: TownId) -> Database:
    """A device's right is one across towns; what it asks for here stands in its own."""
    return database.acting(Access.town(town_id))


def _tried(device_id: UUID, cashier_id: UUID, since: str) -> str:
    """What wrong PINs count for: a new PIN begins anew."""
    return f"{device_id} {cashier_id} {since}"


router = Router(
    "/api/v1/device",
    route_handlers=[get_own_device, sign_on_cashier, sign_off_cashier],
    tags=["Devices"],
)
