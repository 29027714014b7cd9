"""The pages on which somebody whose role needs a second factor sets up their first."""

from __future__ import annotations

from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromQuery

from gutschein.db.access import IDENTITY
from gutschein.identity.cookies import site_of
from gutschein.identity.factors import new_totp_secret, set_up_totp
from gutschein.identity.forms import CodeEntry
from gutschein.identity.pages import (
    SET_UP_PATH,
    AnyResponse,
    go_in,
    next_path,
    waiting,
)
from gutschein.identity.persons import email_of
from gutschein.identity.qr_image import qr_svg
from gutschein.identity.sessions import Session
from gutschein.identity.sign_in import Doorkeeper
from gutschein.identity.totp import provisioning_uri
from gutschein.identity.visit import DOOR, AnyRequest, Door, check_own_site
from gutschein.kernel.errors import Refusal
from gutschein.web.forms import form_again, read_form
from gutschein.web.guard import PUBLIC
from gutschein.web.pages import page, see_other


@get(SET_UP_PATH)
async def show_set_up(request: AnyRequest, door: Door, weiter: FromQuery[str] = "") -> AnyResponse:
    """Offer an authenticator app or a passkey."""
    session = await waiting(request, door)
    if session.has_factor:
        return see_other(next_path(request, session, weiter))
    values = await set_up_values(request, door, session)
    return page(request, "identity/set_up.html", then=weiter, **values)


@post(SET_UP_PATH, status_code=303)
async def set_up(request: AnyRequest, door: Door) -> AnyResponse:
    """Take the first code of an authenticator app."""
    check_own_site(request)
    session = await waiting(request, door)
    form: CodeEntry | None = None
    try:
        form = await read_form(request, CodeEntry)
        async with door.database.acting(IDENTITY).unit_of_work() as work:
            token = await set_up_totp(work, door.keys, session, form.code, door.now)
    except Refusal as refusal:
        values = await set_up_values(request, door, session)
        return form_again(
            request,
            "identity/set_up.html",
            refusal,
            form=form,
            field="code",
            then=form.weiter if form else "",
            **values,
        )
    return await go_in(request, door, token, form.weiter)


@get(f"{SET_UP_PATH}/qr.svg")
async def show_qr(request: AnyRequest, door: Door) -> Response[bytes]:
    """Draw what the authenticator app scans."""
    return await totp_image(door, await waiting(request, door))


async def set_up_values(request: AnyRequest, door: Doorkeeper, session: Session) -> dict[str, Any]:
    """Return what the page of a new authenticator shows."""
    secret, uri = await _new_totp(door, session)
    return {"secret": secret, "uri": uri, "takes_passkeys": site_of(request).takes_passkeys}


async def totp_image(door: Doorkeeper, session: Session) -> Response[bytes]:
    """Answer with the QR code of the authenticator that is being set up."""
    _, uri = await _new_totp(door, session)
    return Response(qr_svg(uri), media_type="image/svg+xml")


async def _new_totp(door: Doorkeeper, session: Session) -> tuple[str, str]:
    """Return the secret that is being set up, and the address that apps read."""
    async with door.database.acting(IDENTITY).unit_of_work() as work:
        secret = await new_totp_secret(work, door.keys, session, door.now)
        email = await email_of(work, door.keys, session.person_id)
    return secret, provisioning_uri(secret, email)


router = Router(
    "/",
    route_handlers=[show_set_up, set_up, show_qr],
    dependencies=DOOR,
    include_in_schema=False,
    opt=dict(PUBLIC),
)
