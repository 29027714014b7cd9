"""The pages of pairing: the owner's, which shows a code, and the device's, which takes it."""

from __future__ import annotations

from base64 import b64encode
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct

from gutschein.devices import pairing
from gutschein.devices.api import Keys
from gutschein.devices.at_merchant import AT_MERCHANT, MERCHANT_PATH, AnyRequest, At
from gutschein.devices.device_schemas import DeviceName, NewPairingCode
from gutschein.identity.qr_image import qr_svg
from gutschein.identity.site import Site
from gutschein.kernel.errors import Refusal
from gutschein.web.forms import read_form
from gutschein.web.guard import PUBLIC
from gutschein.web.pages import page, see_other
from gutschein.web.rights import Right, needs

_FORM = "devices/pair.html"
_PAIR = MERCHANT_PATH + "/koppeln"


class PairingForm(Struct, frozen=True):
    """The form of a device to be paired."""

    branch_id: UUID
    name: DeviceName


@get(_PAIR)
async def show_pairing_form(at: At) -> Response[str]:
    """Ask where the new device stands, and what it is called."""
    return at.show(_FORM)


@post(_PAIR, status_code=303)
async def make_code(at: At, keys: Keys) -> Response[str] | Redirect:
    """Make a pairing code and lead to it."""
    form = None
    try:
        form = await read_form(at.request, PairingForm)
        async with at.database.unit_of_work() as work:
            made = await pairing.make_pairing_code(
                work,
                at.town_id,
                at.merchant_id,
                NewPairingCode(branch_id=form.branch_id, name=form.name),
                keys=keys,
                public_url=at.request.app.state.public_url,
                by=at.author,
                now=at.now,
            )
    except Refusal as refusal:
        return at.show_again(_FORM, refusal, form)
    return see_other(f"{at.path}/koppeln/{made.id}")


@get(_PAIR + "/{code_id:uuid}")
async def show_code(at: At, code_id: FromPath[UUID], keys: Keys) -> Response[str]:
    """Show a pairing code, until a device has used it or it is over."""
    async with at.database.reading() as work:
        code = await pairing.get_pairing_code(
            work,
            at.town_id,
            at.merchant_id,
            code_id,
            keys=keys,
            public_url=at.request.app.state.public_url,
        )
    image = b64encode(qr_svg(code.address)).decode("ascii")
    return at.show(
        "devices/pairing.html",
        code=code,
        over=code.ends_at <= at.now,
        image=f"data:image/svg+xml;base64,{image}",
        seconds=max(0, int((code.ends_at - at.now).total_seconds())),
    )


@get(pairing.PAIRING_PATH, opt=dict(PUBLIC))
async def show_pairing(request: AnyRequest) -> Response[str]:
    """Let a device pair itself. Its script makes the key, which never leaves the browser."""
    site: Site = request.app.state.site
    here = request.headers.get("host", "").lower()
    elsewhere = None if here == site.origin.partition("://")[2] else site.origin
    return page(request, "devices/till_pairing.html", elsewhere=elsewhere)


router = Router(
    "/",
    route_handlers=[show_pairing_form, make_code, show_code],
    dependencies=AT_MERCHANT,
    opt=needs(Right.DEVICE_MANAGE),
    include_in_schema=False,
)
till_router = Router("/", route_handlers=[show_pairing], include_in_schema=False)
