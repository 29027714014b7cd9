"""What a buyer can do with a voucher of a paid order: take it, send it again, replace it."""

from __future__ import annotations

from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct

from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import VoucherId, new_id
from gutschein.limits.rules import ORDER_DRAFTED, ORDER_MAILED
from gutschein.mail.outbox import enqueue
from gutschein.shop import drafts, letters
from gutschein.shop.at_shop import AT_SHOP, PRIVATE, At
from gutschein.shop.delivery_jobs import item_at
from gutschein.shop.lost import current_voucher, replace_lost
from gutschein.shop.orders import Position
from gutschein.shop.paper import print_job, printed
from gutschein.web.files import PDF, file_answer
from gutschein.web.forms import read_form
from gutschein.web.guard import PUBLIC

_ITEM = "/bestellung/{link:str}/gutschein/{position:int}"
_LOST = "shop/lost.html"


class Replacement(Struct, frozen=True):
    """What the button „Sperren und ersetzen“ sends.

    :param id: of the new voucher, made with the page.
    """

    id: UUID


@get(_ITEM + "/pdf", media_type=PDF)
async def fetch_voucher(
    at: At, link: FromPath[str], position: FromPath[Position]
) -> Response[bytes]:
    """Return a voucher of a paid order as a file."""
    order_id = at.order_id(link)
    async with at.reading() as work:
        order = await drafts.get_order(work, at.town_id, order_id, at.kek)
        job = await print_job(work, order, item_at(order, position), at.press)
    [file] = await printed([job], at.press)
    answer = file_answer(file.content, PDF, file.name)
    answer.headers.update(PRIVATE)
    return answer


@post(_ITEM + "/senden", status_code=303)
async def send_again(at: At, link: FromPath[str], position: FromPath[Position]) -> Redirect:
    """Send a voucher once more to whoever it was to go to."""
    order_id = at.order_id(link)
    async with at.reading() as work:
        order = await drafts.get_order(work, at.town_id, order_id, at.kek)
        item = item_at(order, position)
        job = await print_job(work, order, item, at.press)
        stationery = await at.stationery(work)
    to = item.wish.recipient or order.email
    await at.take(ORDER_MAILED, to.casefold())
    [file] = await printed([job], at.press)
    async with at.unit_of_work() as work:
        await enqueue(work, at.keys, letters.again(order, item, stationery, file), at.now)
    return at.to_order(order_id)


@get(_ITEM + "/verloren")
async def ask_about_lost(
    at: At, link: FromPath[str], position: FromPath[Position]
) -> Response[str]:
    """Ask whether a voucher is to be blocked and replaced."""
    return await _lost_page(at, link, position, None)


@post(_ITEM + "/verloren", status_code=200)
async def replace(
    at: At, link: FromPath[str], position: FromPath[Position]
) -> Response[str] | Redirect:
    """Block a voucher and put another in its place."""
    order_id = at.order_id(link)
    await at.take(ORDER_DRAFTED)
    try:
        form = await read_form(at.request, Replacement)
        async with at.unit_of_work() as work:
            order = await drafts.get_order(work, at.town_id, order_id, at.kek, lock=True)
            await replace_lost(
                work,
                order,
                item_at(order, position),
                VoucherId(form.id),
                kek=at.kek,
                stationery=await at.stationery(work),
                now=at.now,
            )
    except Refusal as refusal:
        return await _lost_page(at, link, position, refusal)
    return at.to_order(order_id)


async def _lost_page(
    at: At, link: str, position: Position, refusal: Refusal | None
) -> Response[str]:
    order_id = at.order_id(link)
    async with at.reading() as work:
        order = await drafts.get_order(work, at.town_id, order_id, at.kek)
        item = item_at(order, position)
        if item.voucher_id is None:
            raise Refusal("order.no_item")
        voucher = await current_voucher(work, at.town_id, item.voucher_id)
    values = {
        "order_path": at.order_path(order_id),
        "position": position,
        "serial": f"{voucher.serial:06d}",
        "balance_cents": voucher.balance_cents,
        "replacement_id": new_id(),
    }
    if refusal is None:
        return at.show(_LOST, **values)
    return at.show_again(_LOST, refusal, None, **values)


router = Router(
    "/{slug:str}",
    route_handlers=[fetch_voucher, send_again, ask_about_lost, replace],
    dependencies=AT_SHOP,
    include_in_schema=False,
    opt=dict(PUBLIC),
)
