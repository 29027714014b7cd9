"""What is left on a voucher, as a page for everybody: by its QR code or its typed code."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath
from msgspec import Meta, Struct

from gutschein.kernel.errors import Refusal
from gutschein.limits.client import client_address
from gutschein.redemption.public_balance import Counter, PublicBalance
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.web.entered import Entered
from gutschein.web.forms import FormRefusal, form_again, read_form
from gutschein.web.guard import PUBLIC
from gutschein.web.language import reading_language
from gutschein.web.pages import page
from gutschein.web.providers import Counters, Db, Now

BALANCE_PATH = "/guthaben"
SCANNED_PATH = "/V"

#: The address of a scanned voucher is the voucher: it goes to nobody, and into no index.
_PRIVATE = {"referrer-policy": "no-referrer", "x-robots-tag": "noindex, nofollow"}
_NOINDEX = {"x-robots-tag": "noindex"}

Kek = NamedDependency[KeyEncryptionKey]


class TypedCode(Struct, frozen=True):
    """The form of a typed code."""

    code: Annotated[str, Meta(max_length=64)]


@get(f"{SCANNED_PATH}/{{token:str}}")
async def show_scanned(
    token: FromPath[str], request: Request[Any, Any, Any], counter: NamedDependency[Counter]
) -> Response[str]:
    """Show what is left on the voucher whose QR code was opened."""
    try:
        answer = _shown(request, await counter.scanned(token))
    except Refusal as refusal:
        if refusal.code != "voucher.unknown":
            raise
        answer = page(
            request,
            "redemption/unrecognised.html",
            refusal.status,
            text=_said(request, refusal),
        )
    answer.headers.update(_PRIVATE)
    return answer


@get(BALANCE_PATH)
async def show_form(request: Request[Any, Any, Any]) -> Response[str]:
    """Show the form for a typed code."""
    return page(request, "redemption/balance_form.html")


@post(BALANCE_PATH, status_code=200)
async def show_typed(
    request: Request[Any, Any, Any], counter: NamedDependency[Counter]
) -> Response[str]:
    """Show what is left on the voucher whose code was typed.

    The answer is the page itself: a code must not stand in an address.
    """
    try:
        form = await read_form(request, TypedCode)
    except FormRefusal as refusal:
        return form_again(request, "redemption/balance_form.html", refusal)
    try:
        answer = _shown(request, await counter.typed(form.code))
    except Refusal as refusal:
        if refusal.code == "limit.rate":
            raise
        answer = page(
            request,
            "redemption/balance_form.html",
            refusal.status,
            entered=Entered({"code": form.code}, {"code": _said(request, refusal)}),
        )
    answer.headers.update(_NOINDEX)
    return answer


def _shown(request: Request[Any, Any, Any], balance: PublicBalance) -> Response[str]:
    voucher, expired = balance.voucher, balance.expired
    plain = {"name": voucher.town_name, "brand_colour": voucher.town_colour}
    return page(
        request,
        "redemption/balance.html",
        town=balance.town or plain,
        public=balance.town,
        balance=balance,
        voucher=voucher,
        expired=None if expired is None else _said(request, expired),
    )


def _said(request: Request[Any, Any, Any], refusal: Refusal) -> str:
    """Say it as to the public, whoever reads: who is signed in has other ways to the truth."""
    return refusal.message(reading_language(request), "public")


def _counter(
    request: Request[Any, Any, Any], database: Db, limits: Counters, kek: Kek, now: Now
) -> Counter:
    room = request.app.state.public_room
    return Counter(database, limits, kek, room, client_address(request), now)


router = Router(
    "/",
    route_handlers=[show_scanned, show_form, show_typed],
    dependencies={"counter": Provide(_counter, sync_to_thread=False)},
    include_in_schema=False,
    opt=dict(PUBLIC),
)
