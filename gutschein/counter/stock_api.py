"""Vouchers for stock, over HTTP: made and printed for a town, assigned to an issuing point."""

from __future__ import annotations

from asyncio import to_thread
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody

from gutschein.counter import stock
from gutschein.counter.api import Kek
from gutschein.counter.schemas import (
    NewStockOrder,
    NewStockRange,
    PointStock,
    StockOrdered,
    StockOrders,
)
from gutschein.db.unit_of_work import Database
from gutschein.documents.printing_process import WORKSHOP
from gutschein.kernel.ids import ProgrammeId, TownId, new_id
from gutschein.towns.service import get_town
from gutschein.vouchers import stock_ordering, stock_repository
from gutschein.vouchers.printing import Press
from gutschein.vouchers.schemas import AfterSerial
from gutschein.vouchers.stock import StockOrder
from gutschein.vouchers.stock_printing import print_stock
from gutschein.web.answers import answers, made_or_found
from gutschein.web.files import PDF, file_answer
from gutschein.web.providers import Db, Now, Who
from gutschein.web.request_limits import LONG_WORK
from gutschein.web.rights import Right, needs

_POINT = "/issuing-points/{point_id:uuid}"
_ORDER = "/stock-orders/{order_id:uuid}"


@post(
    "/stock-orders",
    responses=answers(
        "town.unknown",
        "programme.unknown",
        "programme.value_refused",
        "programme.rule_invalid",
        "batch.too_large",
        "key.none",
        "key.not_endorsed",
        "key.sealed",
        "request.conflict",
        found=StockOrdered,
    ),
    opt=needs(Right.STOCK_ORDER) | LONG_WORK,
)
async def order_stock(
    town_id: FromPath[TownId],
    data: JSONBody[NewStockOrder],
    *,
    database: Db,
    kek: Kek,
    caller: Who,
    now: Now,
) -> Response[StockOrdered]:
    """Make vouchers for stock: without a payment, and good for nothing until they are sold."""
    order = StockOrder(
        town_id=town_id,
        id=data.id or new_id(),
        programme_id=ProgrammeId(data.programme_id),
        voucher_count=data.count,
        value_cents=data.value_cents,
        sell_until=data.sell_until,
    )
    async with database.unit_of_work() as work:
        made_stock, made = await stock_ordering.order_stock(
            work, order, kek=kek, by=caller.author, now=now
        )
    location = f"/api/v1/towns/{town_id}/stock-orders/{order.id}"
    return made_or_found(StockOrdered.of(made_stock), location, made=made)


@get("/stock-orders", responses=answers("town.unknown"), opt=needs(Right.COUNTER_READ))
async def list_stock_orders(town_id: FromPath[TownId], database: Db) -> StockOrders:
    """List a town's orders of vouchers for stock."""
    async with database.reading() as work:
        await get_town(work, town_id)
        found = await stock_repository.list_stock(work, town_id)
    return StockOrders(stock_orders=[StockOrdered.of(each) for each in found])


@get(_ORDER, responses=answers("stock.unknown"), opt=needs(Right.COUNTER_READ))
async def get_stock_order(
    town_id: FromPath[TownId], order_id: FromPath[UUID], database: Db
) -> StockOrdered:
    """Return an order of vouchers for stock."""
    async with database.reading() as work:
        return StockOrdered.of(await stock_ordering.get_stock(work, town_id, order_id))


@get(
    _ORDER + "/document",
    media_type=PDF,
    responses=answers(
        "stock.unknown",
        "stock.nothing_to_print",
        "key.none",
        "key.revoked",
        "key.sealed",
        "service.busy",
    ),
    opt=needs(Right.VOUCHER_PRINT) | LONG_WORK,
)
async def print_stock_order(
    town_id: FromPath[TownId],
    order_id: FromPath[UUID],
    state: State,
    *,
    database: Db,
    kek: Kek,
    now: Now,
    after_serial: AfterSerial = 0,
) -> Response[bytes]:
    """Print those vouchers of an order that are in stock, at most 250 in one PDF.

    For the next ones, ask again with the last serial of the file's name.
    """
    press = Press(state.qr_prefix, kek, now)
    return await stock_file(database, town_id, order_id, after_serial, press)


async def stock_file(
    database: Database, town_id: TownId, order_id: UUID, after_serial: int, press: Press
) -> Response[bytes]:
    """Answer with the pages of an order's next vouchers in stock.

    :raises Refusal: as :func:`print_stock`, and ``service.busy``.
    """
    async with database.reading() as work:
        job = await print_stock(work, town_id, order_id, after_serial, press)
    sheets = await to_thread(job.sheets)
    async with WORKSHOP.processes(1) as [process]:
        pdf = await process.pdf(sheets, press.now)
    return file_answer(pdf, PDF, f"vorrat-{sheets[0].serial}-{sheets[-1].serial}.pdf")


@post(
    _POINT + "/stock",
    status_code=200,
    responses=answers("issuing_point.unknown", "stock.serials"),
    opt=needs(Right.STOCK_ORDER),
)
async def assign_stock(
    town_id: FromPath[TownId],
    point_id: FromPath[UUID],
    data: JSONBody[NewStockRange],
    *,
    database: Db,
    caller: Who,
    now: Now,
) -> PointStock:
    """Let an issuing point sell vouchers in stock from now on. Again changes nothing."""
    async with database.unit_of_work() as work:
        return await stock.assign(work, town_id, point_id, data, by=caller.author, now=now)


@get(_POINT + "/stock", responses=answers("issuing_point.unknown"), opt=needs(Right.COUNTER_READ))
async def get_point_stock(
    town_id: FromPath[TownId], point_id: FromPath[UUID], database: Db
) -> PointStock:
    """Tell what an issuing point has in stock, what it sold and what is missing."""
    async with database.reading() as work:
        return await stock.stock_of(work, town_id, point_id)


router = Router(
    "/api/v1/towns/{town_id:uuid}",
    route_handlers=[
        order_stock,
        list_stock_orders,
        get_stock_order,
        print_stock_order,
        assign_stock,
        get_point_stock,
    ],
    tags=["Issuing points"],
)
