"""The pages on which an order is put together, one voucher after the other; none needs script."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath, FromQuery

from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import new_id
from gutschein.limits.rules import ORDER_DRAFTED
from gutschein.motifs.service import motifs_of
from gutschein.programmes.rules import valid_until
from gutschein.programmes.schemas import Programme
from gutschein.programmes.service import terms_of
from gutschein.shop import drafts
from gutschein.shop.at_shop import AT_SHOP, AnyResponse, At, AtShop
from gutschein.shop.delivery_jobs import item_at
from gutschein.shop.drafts import free_positions
from gutschein.shop.models import MOST_ITEMS
from gutschein.shop.orders import Position, ShopOrder
from gutschein.shop.rules import Stage
from gutschein.shop.wish_form import (
    MOST_MESSAGE,
    WishForm,
    amounts_of,
    days_of,
    filled,
    wish_in,
)
from gutschein.storefront.service import offers
from gutschein.web.entered import Entered
from gutschein.web.forms import read_form
from gutschein.web.guard import PUBLIC

_TEMPLATE = "shop/wish.html"
_ORDER = "/bestellung/{link:str}"
_ITEM = _ORDER + "/gutschein/{position:int}"

#: What a form begins with.
_FRESH = Entered({"delivery": "buyer"})

#: Which field a refusal is about.
_FIELDS = {
    "programme.value_refused": "amount",
    "motif.unknown": "motif",
    "order.delivery_day": "deliver_on",
    "order.full": "count",
}


@get("/kaufen")
async def choose(at: At, art: FromQuery[UUID | None] = None) -> Response[str]:
    """Show the form of a first voucher; where there are several kinds, first the kinds."""
    at.to_sell()
    kinds = await _offers(at)
    kind = _chosen(kinds, art)
    if kind is None:
        return at.show("shop/kinds.html", kinds=kinds)
    return at.show(_TEMPLATE, entered=_FRESH, **await _values(at, kind, new_id(), Position(1)))


@post("/kaufen", status_code=200)
async def begin(at: At) -> AnyResponse:
    """Begin an order with a first voucher."""
    at.to_sell()
    await at.take(ORDER_DRAFTED)
    return await _added(at, None)


@get(_ORDER + "/weiterer")
async def choose_another(
    at: At, link: FromPath[str], art: FromQuery[UUID | None] = None
) -> AnyResponse:
    """Show the form of a further voucher."""
    order_id = at.order_id(link)
    kinds = await _offers(at)
    order = await _order(at, order_id)
    free = free_positions(order)
    if order.stage is not Stage.DRAFT or not free:
        return at.to_order(order_id)
    kind = _chosen(kinds, art)
    if kind is None:
        here = f"{at.order_path(order_id)}/weiterer"
        return at.show("shop/kinds.html", kinds=kinds, here=here)
    values = await _values(at, kind, order_id, free[0], order)
    return at.show(_TEMPLATE, entered=_FRESH, **values)


@post(_ORDER + "/weiterer", status_code=200)
async def add_another(at: At, link: FromPath[str]) -> AnyResponse:
    """Put a further voucher into an order."""
    return await _added(at, at.order_id(link))


@get(_ITEM)
async def show_item(at: At, link: FromPath[str], position: FromPath[Position]) -> AnyResponse:
    """Show the form of a voucher that is in an order, to change it."""
    order_id = at.order_id(link)
    order = await _order(at, order_id)
    if order.stage is not Stage.DRAFT:
        return at.to_order(order_id)
    item = item_at(order, position)
    kind = _kind(await _offers(at), item.wish.programme_id)
    values = await _values(at, kind, order_id, position, order, changes=True)
    return at.show(_TEMPLATE, entered=Entered(filled(item.wish)), **values)


@post(_ITEM, status_code=200)
async def change_item(at: At, link: FromPath[str], position: FromPath[Position]) -> AnyResponse:
    """Change a voucher that is in an order."""
    order_id = at.order_id(link)
    form: WishForm | None = None
    try:
        form = await read_form(at.request, WishForm)
        wish = wish_in(form, at.today)
        async with at.unit_of_work() as work:
            await drafts.change(work, at.town_id, order_id, position, wish, kek=at.kek, now=at.now)
    except Refusal as refusal:
        order = await _order(at, order_id)
        item = item_at(order, position)
        kind = _kind(await _offers(at), item.wish.programme_id)
        values = await _values(at, kind, order_id, position, order, changes=True)
        return _again(at, refusal, form, values)
    return at.to_order(order_id)


@post(_ITEM + "/entfernen", status_code=303)
async def remove_item(at: At, link: FromPath[str], position: FromPath[Position]) -> AnyResponse:
    """Take a voucher out of an order."""
    order_id = at.order_id(link)
    async with at.unit_of_work() as work:
        await drafts.remove(work, at.town_id, order_id, position, kek=at.kek)
    return at.to_order(order_id)


async def _added(at: AtShop, order_id: UUID | None) -> AnyResponse:
    """Put what the form describes into an order, which begins with it if it has to."""
    form: WishForm | None = None
    try:
        form = await read_form(at.request, WishForm)
        wish = wish_in(form, at.today)
        into = order_id or form.id
        async with at.unit_of_work() as work:
            if order_id is None:
                await drafts.begin(work, at.town_id, into, at.language, at.now)
            await drafts.add(
                work,
                at.town_id,
                into,
                form.position,
                wish,
                count=form.count,
                kek=at.kek,
                now=at.now,
            )
    except Refusal as refusal:
        return await _added_again(at, order_id, refusal, form)
    return at.to_order(into)


async def _added_again(
    at: AtShop, order_id: UUID | None, refusal: Refusal, form: WishForm | None
) -> AnyResponse:
    kinds = await _offers(at)
    sent = await at.request.form()
    kind = _chosen(kinds, form.programme_id if form else _uuid(sent.get("programme_id")))
    if kind is None:
        raise refusal
    order = None if order_id is None else await _order(at, order_id)
    position = (
        free_positions(order)[0] if order is not None and free_positions(order) else Position(1)
    )
    values = await _values(at, kind, order_id or _uuid(sent.get("id")) or new_id(), position, order)
    return _again(at, refusal, form, values)


def _again(
    at: AtShop, refusal: Refusal, form: WishForm | None, values: dict[str, Any]
) -> Response[str]:
    field = _FIELDS.get(refusal.code, "")
    return at.show_again(_TEMPLATE, refusal, form, field, **values)


async def _values(
    at: AtShop,
    kind: Programme,
    order_id: UUID,
    position: Position,
    order: ShopOrder | None = None,
    *,
    changes: bool = False,
) -> dict[str, Any]:
    """Return what the form shows."""
    async with at.reading() as work:
        motifs = await motifs_of(work, at.town_id, at.language)
    if order is None:
        action = f"{at.town.path}/kaufen"
    elif changes:
        action = f"{at.order_path(order_id)}/gutschein/{position}"
    else:
        action = f"{at.order_path(order_id)}/weiterer"
    first_day, last_day = days_of(at.today)
    return {
        "kind": kind,
        "order_id": order_id,
        "order_path": None if order is None else at.order_path(order_id),
        "position": position,
        "changes": changes,
        "action": action,
        "amounts": amounts_of(kind),
        "motifs": motifs,
        "valid_until": valid_until(terms_of(kind), at.today),
        "first_day": first_day,
        "last_day": last_day,
        "most": MOST_ITEMS if order is None else len(free_positions(order)),
        "most_message": MOST_MESSAGE,
    }


async def _offers(at: AtShop) -> list[Programme]:
    async with at.reading() as work:
        return await offers(work, at.town_id, at.today)


async def _order(at: AtShop, order_id: UUID) -> ShopOrder:
    async with at.reading() as work:
        return await drafts.get_order(work, at.town_id, order_id, at.kek)


def _chosen(kinds: list[Programme], wanted: UUID | None) -> Programme | None:
    """Return the kind that is wanted, or the only one there is."""
    if len(kinds) == 1:
        return kinds[0]
    return next((kind for kind in kinds if kind.id == wanted), None)


def _kind(kinds: list[Programme], programme_id: UUID) -> Programme:
    for kind in kinds:
        if kind.id == programme_id:
            return kind
    raise Refusal("programme.unknown")


def _uuid(text: object) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None


router = Router(
    "/{slug:str}",
    route_handlers=[
        choose,
        begin,
        choose_another,
        add_another,
        show_item,
        change_item,
        remove_item,
    ],
    dependencies=AT_SHOP,
    include_in_schema=False,
    opt=dict(PUBLIC),
)
