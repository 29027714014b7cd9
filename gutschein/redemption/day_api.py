"""The day of a device's branch, for the device."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from litestar import Request, Response, Router, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter

from gutschein.db.access import Access
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import BranchId
from gutschein.redemption import day as days
from gutschein.redemption.day_repository import BranchDay
from gutschein.redemption.day_schemas import Day
from gutschein.redemption.rules import Shop
from gutschein.web.answers import answers
from gutschein.web.caller import Caller
from gutschein.web.files import CSV, file_answer
from gutschein.web.providers import Db, Now, Who
from gutschein.web.rights import Right, needs

AskedDay = Annotated[
    date | None, QueryParameter(description="A day in Germany, not later than today: the default.")
]

_UNCHANGED = {304: ResponseSpec(None, description="Nothing has happened since.")}


@get("/day", responses=answers("request.invalid") | _UNCHANGED, opt=needs(Right.DEVICE_OWN))
async def get_day(
    request: Request[Any, Any, Any], database: Db, caller: Who, now: Now, day: AskedDay = None
) -> Response[Day]:
    """Say what was redeemed and taken back in this device's branch on a day.

    With the `ETag` of an earlier answer as `If-None-Match` it may be asked every few seconds.
    """
    shop = _shop(caller)
    of = BranchDay(shop, days.day_asked(day, now))
    async with database.acting(Access.town(shop.town_id)).reading() as work:
        sums = await days.sums_of(work, of)
        tag = sums.tag(caller.id, now)
        if _has(request, tag):
            return _unchanged(tag)
        found = await days.day_of(work, of, sums, caller.id, now)
    return Response(found, headers={"etag": tag})


@get("/day.csv", media_type=CSV, responses=answers("request.invalid"), opt=needs(Right.DEVICE_OWN))
async def get_day_table(
    database: Db, caller: Who, now: Now, day: AskedDay = None
) -> Response[bytes]:
    """Return all of a day in this device's branch, as CSV for a spreadsheet."""
    shop = _shop(caller)
    of = BranchDay(shop, days.day_asked(day, now))
    async with database.acting(Access.town(shop.town_id)).reading() as work:
        table = await days.day_table(work, of)
    return file_answer(table, CSV, f"einloesungen-{of.day}.csv")


def _shop(caller: Caller) -> Shop:
    """Return where a device stands."""
    [grant] = caller.grants
    if grant.town_id is None or grant.merchant_id is None or grant.branch_id is None:
        raise Refusal("right.missing")
    return Shop(grant.town_id, grant.merchant_id, BranchId(grant.branch_id))


def _has(request: Request[Any, Any, Any], tag: str) -> bool:
    """Tell whether the caller has this answer (RFC 9110, section 13.1.2)."""
    known = request.headers.get("if-none-match", "")
    return tag in {each.strip() for each in known.split(",")}


def _unchanged(tag: str) -> Response[Any]:
    return Response(b"", status_code=304, headers={"etag": tag})


router = Router("/api/v1/device", route_handlers=[get_day, get_day_table], tags=["Devices"])
