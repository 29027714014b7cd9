"""Terms without a net, claims and status lists over HTTP."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Annotated, Any

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody, QueryParameter

from gutschein.db.access import Access
from gutschein.kernel.clock import berlin_day
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import BranchId, TownId
from gutschein.offline import listing
from gutschein.offline.claiming import ClaimTaker
from gutschein.offline.schemas import (
    BranchClaims,
    ClaimDone,
    NewClaim,
    NewOfflineTerms,
    OfflineTerms,
    OfflineTermsList,
)
from gutschein.offline.status import StatusLists
from gutschein.offline.terms import MOST_SHOWN, set_terms
from gutschein.offline.terms_repository import list_terms
from gutschein.redemption.rules import Shop
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.towns.service import get_town
from gutschein.web.answers import answers, made_or_found
from gutschein.web.caller import Caller
from gutschein.web.guard import PUBLIC
from gutschein.web.language import preferred_language
from gutschein.web.providers import Db, Now, Who
from gutschein.web.rights import Right, needs

Kek = NamedDependency[KeyEncryptionKey]
AnyRequest = Request[Any, Any, Any]
AskedDay = Annotated[
    date | None, QueryParameter(description="A day in Germany, not later than today: the default.")
]

COSE = "application/cose"
#: A till that has a list asks again after a minute at the earliest.
_FRESH_SECONDS = 60
_UNCHANGED = {304: ResponseSpec(None, description="The list is the one that the caller has.")}


@post(
    "/towns/{town_id:uuid}/offline-terms",
    responses=answers("town.unknown", "request.conflict", found=OfflineTerms),
    opt=needs(Right.TERMS_CHANGE),
)
async def set_offline_terms(
    town_id: FromPath[TownId],
    data: JSONBody[NewOfflineTerms],
    database: Db,
    caller: Who,
    now: Now,
) -> Response[OfflineTerms]:
    """Say what the town's shops may take while they cannot reach the service, from now on."""
    async with database.unit_of_work() as work:
        terms, made = await set_terms(work, town_id, data.begun(caller.id, now), caller.author)
    path = f"/api/v1/towns/{town_id}/offline-terms"
    return made_or_found(OfflineTerms.of(terms), path, made=made)


@get(
    "/towns/{town_id:uuid}/offline-terms",
    responses=answers("town.unknown"),
    opt=needs(Right.TOWN_READ),
)
async def list_offline_terms(town_id: FromPath[TownId], database: Db, now: Now) -> OfflineTermsList:
    """List what the town's shops may take without a net, and what they might before."""
    async with database.reading() as work:
        await get_town(work, town_id)
        found = await list_terms(work, town_id, now, MOST_SHOWN)
    return OfflineTermsList([OfflineTerms.of(each) for each in found])


@post(
    "/claims",
    status_code=200,
    responses=answers("redemption.conflict", "amount.invalid", "key.sealed"),
    opt=needs(Right.CLAIM_SEND),
)
async def send_claim(
    data: JSONBody[NewClaim], request: AnyRequest, *, database: Db, caller: Who, kek: Kek, now: Now
) -> ClaimDone:
    """Redeem what was taken without a net, or say why that cannot be.

    The same claim gets the same answer for ever. A disputed one has moved no money.
    """
    claimed = data.claimed
    shop = claimed.shop
    caller.check_shop(Right.CLAIM_SEND, shop.town_id, shop.merchant_id, shop.branch_id)
    taker = ClaimTaker(database, request.app.state.clearing, kek, caller.id, now)
    claim, done = await taker.take(claimed)
    language = preferred_language(request.headers.get("accept-language", ""))
    return ClaimDone.of(claim, done, language)


@get("/device/claims", responses=answers("request.invalid"), opt=needs(Right.CLAIM_SEND))
async def list_claims(
    request: AnyRequest, database: Db, caller: Who, now: Now, day: AskedDay = None
) -> BranchClaims:
    """List what this device's branch took without a net on a day, and what became of it."""
    asked = day or berlin_day(now)
    if asked > berlin_day(now):
        raise Refusal("request.invalid", reason="day")
    shop = _shop(caller)
    language = preferred_language(request.headers.get("accept-language", ""))
    async with database.acting(Access.town(shop.town_id)).reading() as work:
        return await listing.branch_claims(work, shop, caller.id, asked, language)


@get(
    "/{town_id:uuid}",
    media_type=COSE,
    responses=answers("town.unknown", "key.none", "key.not_endorsed", "status.not_ready")
    | _UNCHANGED,
)
async def get_status_list(
    town_id: FromPath[TownId], request: AnyRequest, now: Now
) -> Response[bytes]:
    """Return which vouchers of a town must not be taken without a net, signed by the town."""
    lists: StatusLists = request.app.state.status_lists
    content = await lists.of(town_id, now)
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"etag": etag, "cache-control": f"public, max-age={_FRESH_SECONDS}"}
    known = request.headers.get("if-none-match", "")
    if {"*", etag} & {tag.strip().removeprefix("W/") for tag in known.split(",")}:
        return Response(b"", status_code=304, media_type=COSE, headers=headers)
    return Response(content, media_type=COSE, headers=headers)


def _shop(caller: Caller) -> Shop:
    """Return where a device stands."""
    [grant] = caller.grants
    if grant.town_id is None or grant.merchant_id is None or grant.branch_id is None:
        raise Refusal("right.missing")
    return Shop(grant.town_id, grant.merchant_id, BranchId(grant.branch_id))


router = Router(
    "/api/v1",
    route_handlers=[set_offline_terms, list_offline_terms, send_claim, list_claims],
    tags=["Offline"],
)
status_router = Router(
    "/.well-known/gutschein/status",
    route_handlers=[get_status_list],
    tags=["Keys"],
    opt=dict(PUBLIC),
)
