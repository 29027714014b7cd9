"""The pages of stock: what a desk has, what is missing, and what a town has printed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Meta, Struct

from gutschein.counter import stock
from gutschein.counter.api import Kek
from gutschein.counter.at_point import AT_POINT, POINT_PATH, AnyRequest, AnyResponse, At, cents_in
from gutschein.counter.schemas import NewStockRange, Serial
from gutschein.counter.stock_api import stock_file
from gutschein.db.unit_of_work import Database
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import ProgrammeId, TownId, new_id
from gutschein.merchants.repository import list_issuing_points
from gutschein.programmes.repository import list_programmes
from gutschein.towns.service import get_town
from gutschein.vouchers import stock_ordering, stock_repository
from gutschein.vouchers.printing import Press
from gutschein.vouchers.schemas import AfterSerial, Reason
from gutschein.vouchers.stock import StockOrder
from gutschein.web.caller import Caller
from gutschein.web.files import PDF
from gutschein.web.forms import form_again, read_form
from gutschein.web.pages import page, see_other
from gutschein.web.providers import Db, Now, Who
from gutschein.web.request_limits import LONG_WORK
from gutschein.web.rights import Right, needs

_STOCK = "counter/stock.html"
_ORDERS = "counter/orders.html"
_TOWN_PATH = "/ausgabe/{town_id:uuid}/vorrat"


class MissingForm(Struct, frozen=True):
    """The form of a voucher that is not there any more."""

    serial: Serial
    reason: Reason


class OrderForm(Struct, frozen=True):
    """The form of an order. Its id is made with the page."""

    id: UUID
    programme_id: UUID
    count: Annotated[int, Meta(ge=1, le=stock_ordering.LARGEST_ORDER)]
    sell_until: date
    value: str = ""


class AssignForm(Struct, frozen=True):
    """The form of an assignment."""

    point_id: UUID
    first_serial: Serial
    last_serial: Serial


@get(POINT_PATH + "/bestand", opt=needs(Right.COUNTER_READ))
async def show_stock(at: At) -> Response[str]:
    """Show what lies in the drawer."""
    async with at.database.reading() as work:
        found = await stock.stock_of(work, at.town_id, at.point.id)
    return at.show(_STOCK, stock=found)


@post(POINT_PATH + "/bestand/fehlt", status_code=303, opt=needs(Right.VOUCHER_BLOCK))
async def report_missing(at: At) -> AnyResponse:
    """Block a voucher that is missing."""
    form = None
    try:
        form = await read_form(at.request, MissingForm)
        async with at.database.unit_of_work() as work:
            await stock.report_missing(
                work,
                at.town_id,
                at.point.id,
                serial=form.serial,
                reason=form.reason,
                now=at.now,
            )
    except Refusal as refusal:
        async with at.database.reading() as work:
            found = await stock.stock_of(work, at.town_id, at.point.id)
        return at.show_again(_STOCK, refusal, form, field="serial", stock=found)
    return at.done("/bestand")


@dataclass(frozen=True, slots=True)
class InTown:
    """A reader of a town's stock."""

    request: AnyRequest
    database: Database
    caller: Caller
    town_id: TownId

    async def show(
        self, refusal: Refusal | None = None, form: Struct | None = None
    ) -> Response[str]:
        """Answer with the page of all orders, and with what was refused."""
        async with self.database.reading() as work:
            programmes = await list_programmes(work, self.town_id)
            values: dict[str, Any] = {
                "town": await get_town(work, self.town_id),
                "orders": await stock_repository.list_stock(work, self.town_id),
                "points": await list_issuing_points(work, self.town_id),
                "programmes": [each for each in programmes if each.payer == "citizen"],
                "names": {each.id: each.name for each in programmes},
                "path": f"/ausgabe/{self.town_id}/vorrat",
                "order_id": new_id(),
                "may_print": self.town_id in self.caller.towns_with(Right.VOUCHER_PRINT),
            }
        if refusal is None:
            return page(self.request, _ORDERS, **values)
        return form_again(self.request, _ORDERS, refusal, form=form, **values)


In = NamedDependency[InTown]


@get(_TOWN_PATH, opt=needs(Right.STOCK_ORDER))
async def show_orders(town: In) -> Response[str]:
    """Show what a town has printed for stock."""
    return await town.show()


@post(_TOWN_PATH, status_code=303, opt=needs(Right.STOCK_ORDER) | LONG_WORK)
async def order_stock(town: In, kek: Kek, now: Now) -> Response[str] | Redirect:
    """Have vouchers made for stock."""
    form = None
    try:
        form = await read_form(town.request, OrderForm)
        order = StockOrder(
            town_id=town.town_id,
            id=form.id,
            programme_id=ProgrammeId(form.programme_id),
            voucher_count=form.count,
            value_cents=cents_in(form, "value") if form.value else None,
            sell_until=form.sell_until,
        )
        async with town.database.unit_of_work() as work:
            await stock_ordering.order_stock(work, order, kek=kek, by=town.caller.author, now=now)
    except Refusal as refusal:
        return await town.show(refusal, form)
    return see_other(f"/ausgabe/{town.town_id}/vorrat")


@post(_TOWN_PATH + "/zuteilen", status_code=303, opt=needs(Right.STOCK_ORDER))
async def assign_stock(town: In, now: Now) -> Response[str] | Redirect:
    """Let an issuing point sell vouchers of the stock."""
    form = None
    try:
        form = await read_form(town.request, AssignForm)
        new = NewStockRange(first_serial=form.first_serial, last_serial=form.last_serial)
        async with town.database.unit_of_work() as work:
            await stock.assign(
                work, town.town_id, form.point_id, new, by=town.caller.author, now=now
            )
    except Refusal as refusal:
        return await town.show(refusal, form)
    return see_other(f"/ausgabe/{town.town_id}/{form.point_id}/bestand")


@get(
    _TOWN_PATH + "/{order_id:uuid}/druck",
    media_type=PDF,
    opt=needs(Right.VOUCHER_PRINT) | LONG_WORK,
)
async def print_order(
    town: In,
    order_id: FromPath[UUID],
    state: State,
    *,
    kek: Kek,
    now: Now,
    after_serial: AfterSerial = 0,
) -> Response[bytes]:
    """Print those vouchers of an order that are in stock, at most 250 in one file."""
    press = Press(state.qr_prefix, kek, now)
    return await stock_file(town.database, town.town_id, order_id, after_serial, press)


def _in_town(request: AnyRequest, town_id: FromPath[TownId], database: Db, caller: Who) -> InTown:
    return InTown(request, database, caller, town_id)


router = Router(
    "/",
    route_handlers=[show_stock, report_missing],
    dependencies=AT_POINT,
    include_in_schema=False,
)
town_router = Router(
    "/",
    route_handlers=[show_orders, order_stock, assign_stock, print_order],
    dependencies={"town": Provide(_in_town, sync_to_thread=False)},
    include_in_schema=False,
)
