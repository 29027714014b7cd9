"""The pages of a sale: choose the desk, scan, take the money, hand out the receipt."""

from __future__ import annotations

from asyncio import to_thread
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.datastructures import State
from litestar.params import FromPath, FromQuery
from msgspec import Meta, Struct

from gutschein.counter import api, closing_pages, repository, sale, stock_api, stock_pages
from gutschein.counter.api import Kek
from gutschein.counter.at_point import (
    AT_POINT,
    POINT_PATH,
    AnyRequest,
    AnyResponse,
    At,
    AtPoint,
    cents_in,
    path_of,
    remembered,
    remembering,
)
from gutschein.counter.rules import DeskMethod
from gutschein.counter.sale import Wanted
from gutschein.counter.schemas import CardForSale, CounterSale
from gutschein.db.access import Access
from gutschein.documents.voucher_pdf import voucher_pdf
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import ProgrammeId, VoucherId, new_id
from gutschein.merchants.repository import list_issuing_points
from gutschein.programmes.repository import list_programmes
from gutschein.programmes.schemas import Programme
from gutschein.towns.service import get_town
from gutschein.vouchers.printing import Press, print_one
from gutschein.web.files import PDF, file_answer
from gutschein.web.forms import read_form
from gutschein.web.pages import page, see_other
from gutschein.web.providers import Db, Who
from gutschein.web.rights import Right, needs

_DESK = "counter/desk.html"
_CARD = "counter/card.html"
_NEW = "counter/new.html"

#: What a sale's own form can heal; for all else the card is scanned again.
_ABOUT_THE_VALUE = frozenset({"programme.value_refused", "stock.value", "request.invalid"})

#: How wide receipts are printed: in millimetres, or on a whole page.
WIDTHS = ("58", "80", "a4")


class CardForm(Struct, frozen=True):
    """The form with one field: what was scanned."""

    activation: Annotated[str, Meta(max_length=256)]


class CardSaleForm(CardForm, frozen=True):
    """The form of a sale from stock. Its id is made with the page: a double click sells once."""

    id: UUID
    method: DeskMethod
    value: str = ""


class NewSaleForm(Struct, frozen=True):
    """The form of a sale of a new voucher."""

    id: UUID
    programme_id: UUID
    value: str
    method: DeskMethod


@get("/ausgabe", opt=needs(Right.ACCOUNT_OWN))
async def choose_point(
    request: AnyRequest, database: Db, caller: Who, wechseln: FromQuery[str] = ""
) -> AnyResponse:
    """Lead to the issuing point where this browser stood last, or show all of them.

    :param wechseln: show them in any case.
    """
    town_ids = sorted(caller.towns_with(Right.COUNTER_READ))
    async with database.acting(Access.town(*town_ids)).reading() as work:
        places = [
            (await get_town(work, town_id), await list_issuing_points(work, town_id))
            for town_id in town_ids
        ]
    paths = {(town.id, point.id) for town, points in places for point in points}
    known = remembered(request)
    if not wechseln:
        if known in paths:
            return see_other(path_of(*known))
        if len(paths) == 1:
            return see_other(path_of(*paths.pop()))
    may_order = caller.towns_with(Right.STOCK_ORDER)
    return page(request, "counter/choose.html", places=places, path_of=path_of, may_order=may_order)


@get(POINT_PATH, opt=needs(Right.COUNTER_READ))
async def show_desk(at: At) -> Response[str]:
    """Ask for a card, and show what was sold last."""
    response = at.show(_DESK, **await _desk(at))
    response.cookies.append(remembering(at))
    return response


@post(POINT_PATH + "/gutschein", status_code=200, opt=needs(Right.COUNTER_SELL))
async def find_card(at: At, kek: Kek) -> Response[str]:
    """Show the card that was scanned, and ask how it is paid."""
    try:
        form = await read_form(at.request, CardForm)
        card = await _card(at, form, kek)
    except Refusal as refusal:
        return at.show_again(_DESK, refusal, field="activation", **await _desk(at))
    return at.show(_CARD, card=card, activation=form.activation, sale_id=new_id())


@post(POINT_PATH + "/verkauf", status_code=303, opt=needs(Right.COUNTER_SELL))
async def sell_card(at: At, kek: Kek) -> AnyResponse:
    """Sell the card, and lead to the receipt."""
    form = None
    try:
        form = await read_form(at.request, CardSaleForm)
        value_cents = cents_in(form, "value") if form.value else None
        wanted = Wanted(
            at.town_id, at.point.id, form.id, form.method, form.activation, None, value_cents
        )
        sold = await _sell(at, wanted, kek)
    except Refusal as refusal:
        if form is None or refusal.code not in _ABOUT_THE_VALUE:
            return at.show_again(_DESK, refusal, field="activation", **await _desk(at))
        try:
            card = await _card(at, form, kek)
        except Refusal as other:
            return at.show_again(_DESK, other, field="activation", **await _desk(at))
        again = {"card": card, "activation": form.activation, "sale_id": form.id}
        return at.show_again(_CARD, refusal, form, field="value", **again)
    return at.done(f"/belege/{sold.id}?neu=1")


@get(POINT_PATH + "/neu", opt=needs(Right.COUNTER_SELL))
async def show_new(at: At) -> Response[str]:
    """Ask which voucher is to be printed."""
    return at.show(_NEW, sale_id=new_id(), programmes=await _programmes(at))


@post(POINT_PATH + "/neu", status_code=303, opt=needs(Right.COUNTER_SELL))
async def sell_new(at: At, kek: Kek) -> AnyResponse:
    """Issue a voucher against what was just paid, and lead to the receipt."""
    form = None
    try:
        form = await read_form(at.request, NewSaleForm)
        programme_id = ProgrammeId(form.programme_id)
        value_cents = cents_in(form, "value")
        wanted = Wanted(
            at.town_id, at.point.id, form.id, form.method, None, programme_id, value_cents
        )
        sold = await _sell(at, wanted, kek)
    except Refusal as refusal:
        field = "value" if refusal.code in _ABOUT_THE_VALUE else ""
        sale_id = new_id() if form is None else form.id
        return at.show_again(
            _NEW, refusal, form, field=field, sale_id=sale_id, programmes=await _programmes(at)
        )
    return at.done(f"/belege/{sold.id}?neu=1")


@get(POINT_PATH + "/belege", opt=needs(Right.COUNTER_READ))
async def show_sales(at: At) -> Response[str]:
    """Show what was sold here, the newest first."""
    async with at.database.reading() as work:
        sales = await repository.list_sales(work, at.town_id, at.point.id, limit=200)
    return at.show("counter/sales.html", sales=sales)


@get(POINT_PATH + "/belege/{sale_id:uuid}", opt=needs(Right.COUNTER_READ))
async def show_receipt(
    at: At, sale_id: FromPath[UUID], breite: FromQuery[str] = "80", neu: FromQuery[str] = ""
) -> Response[str]:
    """Show the receipt of a sale, ready to be printed.

    :param breite: 58 or 80 for millimetres of a roll, or a4.
    :param neu: given right after the sale, to say that it is done.
    """
    sold = await _sold(at, sale_id)
    width = breite if breite in WIDTHS else "80"
    may_print = at.may(Right.VOUCHER_PRINT)
    return at.show(
        "counter/receipt.html",
        sale=sold,
        width=width,
        may_print=may_print,
        just_sold=bool(neu),
    )


@get(
    POINT_PATH + "/belege/{sale_id:uuid}/gutschein",
    media_type=PDF,
    opt=needs(Right.VOUCHER_PRINT),
)
async def print_voucher(at: At, sale_id: FromPath[UUID], state: State, kek: Kek) -> Response[bytes]:
    """Print the voucher that was sold."""
    sold = await _sold(at, sale_id)
    press = Press(state.qr_prefix, kek, at.now)
    async with at.database.reading() as work:
        job = await print_one(work, at.town_id, VoucherId(sold.voucher_id), press)
    pdf = await to_thread(lambda: voucher_pdf(job.sheets(), press.now))
    return file_answer(pdf, PDF, f"gutschein-{sold.serial:06d}.pdf")


async def _desk(at: AtPoint) -> dict[str, Any]:
    async with at.database.reading() as work:
        sales = await repository.list_sales(work, at.town_id, at.point.id, limit=5)
    return {"sales": sales}


async def _card(at: AtPoint, form: CardForm, kek: Kek) -> CardForSale:
    async with at.database.reading() as work:
        return await sale.find_card(
            work, at.town_id, at.point.id, form.activation, kek=kek, now=at.now
        )


async def _sell(at: AtPoint, wanted: Wanted, kek: Kek) -> CounterSale:
    async with at.database.unit_of_work() as work:
        sold, _made = await sale.sell(work, wanted, kek=kek, by=at.author, now=at.now)
    return sold


async def _sold(at: AtPoint, sale_id: UUID) -> CounterSale:
    async with at.database.reading() as work:
        return await sale.get_sale(work, at.town_id, at.point.id, sale_id)


async def _programmes(at: AtPoint) -> list[Programme]:
    """Return what people can buy here."""
    async with at.database.reading() as work:
        found = await list_programmes(work, at.town_id)
    return [each for each in found if each.payer == "citizen"]


router = Router(
    "/",
    route_handlers=[
        show_desk,
        find_card,
        sell_card,
        show_new,
        sell_new,
        show_sales,
        show_receipt,
        print_voucher,
    ],
    dependencies=AT_POINT,
    include_in_schema=False,
)
choice_router = Router("/", route_handlers=[choose_point], include_in_schema=False)

#: All that this package answers.
ROUTERS = (
    api.router,
    stock_api.router,
    choice_router,
    router,
    closing_pages.router,
    stock_pages.router,
    stock_pages.town_router,
)
