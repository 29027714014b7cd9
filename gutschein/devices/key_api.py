"""API keys over HTTP: for the owner of a merchant, and for its town."""

from __future__ import annotations

from uuid import UUID

from litestar import Router, get, post
from litestar.params import FromPath, JSONBody

from gutschein.devices import api_keys
from gutschein.devices.schemas import ApiKey, ApiKeys, KeyRotation, MadeApiKey, NewApiKey
from gutschein.kernel.ids import MerchantId, TownId
from gutschein.web.answers import answers
from gutschein.web.providers import Db, Now, Who
from gutschein.web.rights import Right, needs

_MERCHANT = ("town.unknown", "merchant.unknown")


@post("/", responses=answers(*_MERCHANT, "api_key.end"), opt=needs(Right.API_KEY_MANAGE))
async def create_api_key(
    town_id: FromPath[TownId],
    merchant_id: FromPath[MerchantId],
    data: JSONBody[NewApiKey],
    *,
    database: Db,
    caller: Who,
    now: Now,
) -> MadeApiKey:
    """Make an API key for a cash register. Its token is in this answer and nowhere else."""
    async with database.unit_of_work() as work:
        key, token = await api_keys.create_api_key(
            work,
            town_id,
            merchant_id,
            name=data.name,
            rights=data.rights,
            ends_at=data.ends_at,
            by=caller.author,
            now=now,
        )
    return MadeApiKey(api_key=key, token=token)


@get("/", responses=answers(*_MERCHANT), opt=needs(Right.DEVICE_READ))
async def list_api_keys(
    town_id: FromPath[TownId], merchant_id: FromPath[MerchantId], database: Db, now: Now
) -> ApiKeys:
    """List a merchant's API keys, the newest first."""
    async with database.reading() as work:
        return ApiKeys(await api_keys.list_api_keys(work, town_id, merchant_id, now))


@post(
    "/{key_id:uuid}/rotation",
    responses=answers(
        *_MERCHANT, "api_key.unknown", "api_key.ended", "api_key.replaced", "api_key.end"
    ),
    opt=needs(Right.API_KEY_MANAGE),
)
async def rotate_api_key(
    town_id: FromPath[TownId],
    merchant_id: FromPath[MerchantId],
    key_id: FromPath[UUID],
    data: JSONBody[KeyRotation],
    *,
    database: Db,
    caller: Who,
    now: Now,
) -> MadeApiKey:
    """Replace an API key by a new one of the same name and rights.

    The old one stays good for a while, so that the cash register can be changed over.
    """
    async with database.unit_of_work() as work:
        key, token = await api_keys.rotate_api_key(
            work, town_id, merchant_id, key_id, data, by=caller.author, now=now
        )
    return MadeApiKey(api_key=key, token=token)


@post(
    "/{key_id:uuid}/revocation",
    status_code=200,
    responses=answers(*_MERCHANT, "api_key.unknown"),
    opt=needs(Right.API_KEY_MANAGE),
)
async def revoke_api_key(
    town_id: FromPath[TownId],
    merchant_id: FromPath[MerchantId],
    key_id: FromPath[UUID],
    *,
    database: Db,
    caller: Who,
    now: Now,
) -> ApiKey:
    """Make an API key worthless at once. Revoked again, it stays as it is."""
    async with database.unit_of_work() as work:
        return await api_keys.revoke_api_key(
            work, town_id, merchant_id, key_id, by=caller.author, now=now
        )


router = Router(
    "/api/v1/towns/{town_id:uuid}/merchants/{merchant_id:uuid}/api-keys",
    route_handlers=[create_api_key, list_api_keys, rotate_api_key, revoke_api_key],
    tags=["Devices"],
)
