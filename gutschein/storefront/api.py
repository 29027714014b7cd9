"""What the public sees of a town, over HTTP: for its administrators."""

from __future__ import annotations

from typing import Any

from litestar import Request, Router, get, put
from litestar.params import FromPath, JSONBody

from gutschein.kernel.ids import BranchId, MerchantId, TownId
from gutschein.storefront import editing
from gutschein.storefront.schemas import (
    BranchProfile,
    NewStorefront,
    NewText,
    Storefront,
    StorefrontText,
)
from gutschein.web.answers import answers
from gutschein.web.providers import Db, Now, Who
from gutschein.web.rights import Right, needs

_TEXT = "/storefront/texts/{kind:str}/{language:str}"
_PROFILE = "/merchants/{merchant_id:uuid}/branches/{branch_id:uuid}/profile"


def first_parts(request: Request[Any, Any, Any]) -> frozenset[str]:
    """Return the first parts of the addresses that the service uses: no town may have them."""
    return frozenset(route.path.split("/")[1].casefold() for route in request.app.routes)


@get(
    "/storefront",
    responses=answers("town.unknown", "storefront.unknown"),
    opt=needs(Right.TOWN_READ),
)
async def get_storefront(town_id: FromPath[TownId], database: Db) -> Storefront:
    """Return what the public sees of a town."""
    async with database.reading() as work:
        return await editing.get_storefront(work, town_id)


@put(
    "/storefront",
    responses=answers("town.unknown", "storefront.slug_taken", "coat_of_arms.refused"),
    opt=needs(Right.STOREFRONT_EDIT),
)
async def put_storefront(
    town_id: FromPath[TownId],
    data: JSONBody[NewStorefront],
    request: Request[Any, Any, Any],
    *,
    database: Db,
    caller: Who,
    now: Now,
) -> Storefront:
    """Say what the public is to see of a town: all of it at once."""
    async with database.unit_of_work() as work:
        return await editing.put_storefront(
            work, town_id, data, taken=first_parts(request), by=caller.author, now=now
        )


@get(
    _TEXT,
    responses=answers("town.unknown", "storefront_text.unknown", "request.not_found"),
    opt=needs(Right.TOWN_READ),
)
async def get_storefront_text(
    town_id: FromPath[TownId], kind: FromPath[str], language: FromPath[str], database: Db
) -> StorefrontText:
    """Return the newest imprint, privacy notice, terms or the like of a town."""
    async with database.reading() as work:
        return await editing.get_text(work, town_id, kind, language)


@put(
    _TEXT,
    responses=answers("town.unknown", "storefront_text.past", "request.not_found"),
    opt=needs(Right.STOREFRONT_EDIT),
)
async def put_storefront_text(
    town_id: FromPath[TownId],
    kind: FromPath[str],
    language: FromPath[str],
    data: JSONBody[NewText],
    *,
    database: Db,
    caller: Who,
    now: Now,
) -> StorefrontText:
    """Let a text begin. Earlier ones stay, for those who bought under them."""
    async with database.unit_of_work() as work:
        return await editing.put_text(
            work, town_id, kind, language, data, by=caller.author, now=now
        )


@get(
    _PROFILE,
    responses=answers(
        "town.unknown", "merchant.unknown", "branch.unknown", "branch_profile.unknown"
    ),
    opt=needs(Right.TOWN_READ),
)
async def get_branch_profile(
    town_id: FromPath[TownId],
    merchant_id: FromPath[MerchantId],
    branch_id: FromPath[BranchId],
    database: Db,
) -> BranchProfile:
    """Return what the public is told of a branch."""
    async with database.reading() as work:
        return await editing.get_profile(work, town_id, merchant_id, branch_id)


@put(
    _PROFILE,
    responses=answers("town.unknown", "merchant.unknown", "branch.unknown"),
    opt=needs(Right.STOREFRONT_EDIT),
)
async def put_branch_profile(
    town_id: FromPath[TownId],
    merchant_id: FromPath[MerchantId],
    branch_id: FromPath[BranchId],
    data: JSONBody[BranchProfile],
    *,
    database: Db,
    caller: Who,
    now: Now,
) -> BranchProfile:
    """Say what the public is to be told of a branch: all of it at once."""
    async with database.unit_of_work() as work:
        return await editing.put_profile(
            work, town_id, merchant_id, branch_id, data, by=caller.author, now=now
        )


router = Router(
    "/api/v1/towns/{town_id:uuid}",
    route_handlers=[
        get_storefront,
        put_storefront,
        get_storefront_text,
        put_storefront_text,
        get_branch_profile,
        put_branch_profile,
    ],
    tags=["Storefronts"],
)
