"""Withdrawals at the town hall: which came in, what is owed and to whom, and that it is settled."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct

from gutschein.db.access import NOTHING
from gutschein.db.unit_of_work import Work
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.shop.at_shop import Kek
from gutschein.shop.withdrawal_case import get_case, list_withdrawals, resolve_withdrawal
from gutschein.shop.withdrawal_service import get_withdrawal
from gutschein.towns.service import get_town
from gutschein.web.caller import Caller
from gutschein.web.fields import line
from gutschein.web.forms import form_again, read_form
from gutschein.web.pages import page, see_other
from gutschein.web.providers import Db, Now, Who
from gutschein.web.rights import Right, needs

AnyRequest = Request[Any, Any, Any]

_PATH = "/stadt/{town_id:uuid}/widerrufe"
_ONE = _PATH + "/{withdrawal_id:uuid}"
_TEMPLATE = "shop/withdrawal.html"


class Settlement(Struct, frozen=True):
    """The form that says how a withdrawal was settled."""

    how: Annotated[
        str, line(300, "How the town has settled it.", "50 € überwiesen am 2. Dezember 2026")
    ]


@get("/widerrufe", opt=needs(Right.ACCOUNT_OWN))
async def choose_town(request: AnyRequest, database: Db, caller: Who) -> Response[str] | Redirect:
    """Lead to the page of the reader's town, or show the towns."""
    town_ids = sorted(caller.towns_with(Right.WITHDRAWAL_READ))
    if len(town_ids) == 1:
        return see_other(path_of(town_ids[0]))
    async with database.acting(NOTHING).reading() as work:
        towns = [await get_town(work, town_id) for town_id in town_ids]
    places = sorted((town.name, path_of(TownId(town.id))) for town in towns)
    return page(request, "shop/withdrawals_choose.html", places=places)


@get(_PATH, opt=needs(Right.WITHDRAWAL_READ))
async def show_withdrawals(
    request: AnyRequest, town_id: FromPath[TownId], database: Db, kek: Kek
) -> Response[str]:
    """Show the withdrawals of a town, those it has to settle first."""
    async with database.reading() as work:
        town = await get_town(work, town_id)
        withdrawals = await list_withdrawals(work, town_id, kek)
    return page(
        request,
        "shop/withdrawals.html",
        town=town,
        path=path_of(town_id),
        withdrawals=withdrawals,
    )


@get(_ONE, opt=needs(Right.WITHDRAWAL_READ))
async def show_withdrawal(
    request: AnyRequest,
    town_id: FromPath[TownId],
    withdrawal_id: FromPath[UUID],
    *,
    database: Db,
    kek: Kek,
    caller: Who,
) -> Response[str]:
    """Show a withdrawal with its order: the vouchers, what is owed, who has paid."""
    async with database.reading() as work:
        values = await _values(work, town_id, withdrawal_id, kek, caller)
    return page(request, _TEMPLATE, **values)


@post(_ONE, status_code=200, opt=needs(Right.WITHDRAWAL_RESOLVE))
async def settle(
    request: AnyRequest,
    town_id: FromPath[TownId],
    withdrawal_id: FromPath[UUID],
    *,
    database: Db,
    kek: Kek,
    caller: Who,
    now: Now,
) -> Response[str] | Redirect:
    """Note how a withdrawal was settled."""
    form: Settlement | None = None
    try:
        form = await read_form(request, Settlement)
        async with database.unit_of_work() as work:
            await resolve_withdrawal(
                work, town_id, withdrawal_id, form.how, by=caller.author, kek=kek, now=now
            )
    except Refusal as refusal:
        async with database.reading() as work:
            values = await _values(work, town_id, withdrawal_id, kek, caller)
        return form_again(request, _TEMPLATE, refusal, form=form, **values)
    return see_other(path_of(town_id))


def path_of(town_id: TownId) -> str:
    """Return the path of a town's page."""
    return f"/stadt/{town_id}/widerrufe"


async def _values(
    work: Work, town_id: TownId, withdrawal_id: UUID, kek: Kek, caller: Caller
) -> dict[str, Any]:
    """Return what the page of one withdrawal shows."""
    withdrawal = await get_withdrawal(work, town_id, withdrawal_id, kek)
    return {
        "town": await get_town(work, town_id),
        "path": path_of(town_id),
        "withdrawal": withdrawal,
        "case": await get_case(work, town_id, withdrawal, kek),
        "may_resolve": town_id in caller.towns_with(Right.WITHDRAWAL_RESOLVE),
    }


router = Router(
    "/",
    route_handlers=[choose_town, show_withdrawals, show_withdrawal, settle],
    include_in_schema=False,
)
