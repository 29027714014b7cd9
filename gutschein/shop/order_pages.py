"""The page of an order by its secret address: check and order it, pay it, take the vouchers."""

from __future__ import annotations

from base64 import b64encode
from typing import Annotated, Any

from litestar import Response, Router, get, post
from litestar.params import FromPath
from msgspec import Meta, Struct

from gutschein.bank.girocode import girocode_text
from gutschein.bank.iban import format_iban
from gutschein.bank.rf_reference import format_reference
from gutschein.db.unit_of_work import Work
from gutschein.deposits.requests import PaymentRequest, get_request
from gutschein.identity.qr_image import qr_svg
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import derived_id
from gutschein.limits.rules import ORDER_MAILED, ORDER_PLACED
from gutschein.mail.outbox import mail_fate
from gutschein.motifs.service import motifs_of
from gutschein.programmes.rules import valid_until
from gutschein.programmes.service import get_programme, terms_of
from gutschein.shop import drafts, withdrawal_repository
from gutschein.shop.at_shop import AT_SHOP, AnyResponse, At, AtShop
from gutschein.shop.orders import ShopOrder
from gutschein.shop.placing import Placing, place
from gutschein.shop.rules import Stage
from gutschein.shop.standing import standings_of
from gutschein.shop.wish_form import EmailText, address_fault, is_address
from gutschein.web.forms import FormRefusal, filled_with, read_form
from gutschein.web.guard import PUBLIC

_PATH = "/bestellung/{link:str}"


class PlaceForm(Struct, frozen=True, kw_only=True):
    """What the button „zahlungspflichtig bestellen“ sends."""

    email: EmailText
    total_cents: Annotated[int, Meta(ge=1)]


@get(_PATH)
async def show_order(at: At, link: FromPath[str]) -> Response[str]:
    """Show an order, wherever it stands."""
    order_id = at.order_id(link)
    async with at.reading() as work:
        order = await drafts.get_order(work, at.town_id, order_id, at.kek)
    if order.stage is Stage.DRAFT:
        return at.show("shop/draft.html", **await _draft_values(at, order))
    return at.show("shop/order.html", **await _placed_values(at, order))


@post(_PATH, status_code=200)
async def place_order(at: At, link: FromPath[str]) -> AnyResponse:
    """Order, with the duty to pay (paragraph 312j (3) BGB)."""
    order_id = at.order_id(link)
    form: PlaceForm | None = None
    try:
        form = await read_form(at.request, PlaceForm)
        if not is_address(form.email):
            raise FormRefusal({"email": address_fault()}, filled_with(form))
        at.to_sell()
        await at.take(ORDER_PLACED)
        await at.take(ORDER_MAILED, form.email.casefold())
        async with at.unit_of_work() as work:
            await place(
                work,
                at.town_id,
                order_id,
                Placing(form.email, at.language, form.total_cents),
                kek=at.kek,
                keys=at.keys,
                stationery=await at.stationery(work),
                now=at.now,
            )
    except Refusal as refusal:
        async with at.reading() as work:
            order = await drafts.get_order(work, at.town_id, order_id, at.kek)
        if order.stage is not Stage.DRAFT:
            return at.to_order(order_id)
        return at.show_again("shop/draft.html", refusal, form, **await _draft_values(at, order))
    return at.to_order(order_id)


async def _draft_values(at: AtShop, order: ShopOrder) -> dict[str, Any]:
    """Return what the page shows before the order is placed."""
    days = {}
    async with at.reading() as work:
        for programme_id in {item.wish.programme_id for item in order.items}:
            kind = await get_programme(work, at.town_id, programme_id)
            days[programme_id] = valid_until(terms_of(kind), at.today)
        names = await _motif_names(work, at, order)
    return {
        "order": order,
        "order_path": at.order_path(order.id),
        "days": days,
        "motif_names": names,
    }


async def _placed_values(at: AtShop, order: ShopOrder) -> dict[str, Any]:
    """Return what the page shows once the order is placed."""
    async with at.reading() as work:
        request = await get_request(work, at.town_id, order.id)
        stationery = await at.stationery(work)
        standings = await standings_of(work, order)
        withdrawn_at = await withdrawal_repository.withdrawn_at(work, at.town_id, order.id)
        confirmation = await mail_fate(work, derived_id(order.id, "placed"))
        motif_names = await _motif_names(work, at, order)
    pay = stationery.iban, stationery.account_holder
    return {
        "order": order,
        "order_path": at.order_path(order.id),
        "asked": request,
        "number": format_reference(request.reference),
        "iban": format_iban(stationery.iban),
        "holder": stationery.account_holder,
        "girocode": _girocode(request, *pay) if order.stage is Stage.PLACED else None,
        "standings": standings,
        "withdrawn_at": withdrawn_at,
        "confirmation": confirmation,
        "motif_names": motif_names,
    }


async def _motif_names(work: Work, at: AtShop, order: ShopOrder) -> dict[str, str]:
    known = await motifs_of(work, at.town_id, at.language)
    names = {motif.key: motif.name for motif in known}
    return {item.wish.motif: names.get(item.wish.motif, "") for item in order.items}


def _girocode(request: PaymentRequest, iban: str, holder: str) -> str:
    """Return the code of what is still to be paid, as the address of a picture."""
    text = girocode_text(
        name=holder[:70],
        iban=iban,
        amount_cents=request.missing_cents,
        reference=request.reference,
    )
    return f"data:image/svg+xml;base64,{b64encode(qr_svg(text)).decode('ascii')}"


router = Router(
    "/{slug:str}",
    route_handlers=[show_order, place_order],
    dependencies=AT_SHOP,
    include_in_schema=False,
    opt=dict(PUBLIC),
)
