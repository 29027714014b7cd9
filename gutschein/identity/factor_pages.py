"""The pages of one's authenticator app and passkeys. What changes them asks for a fresh proof
of who one is, see :func:`gutschein.identity.factors.require_fresh`.
"""

from __future__ import annotations

from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath

from gutschein.db.access import IDENTITY
from gutschein.identity.account_pages import ACCOUNT_PATH, proof_path
from gutschein.identity.factors import remove_totp, require_fresh, set_up_totp
from gutschein.identity.forms import CodeEntry, PasskeyName
from gutschein.identity.pages import AnyResponse, go_in
from gutschein.identity.passkeys import get_passkey, remove_passkey, rename_passkey
from gutschein.identity.set_up_pages import set_up_values, totp_image
from gutschein.identity.visit import DOOR, OWN_SESSION, AnyRequest, Door, Own
from gutschein.kernel.errors import Refusal
from gutschein.web.forms import form_again, read_form
from gutschein.web.pages import page, see_other
from gutschein.web.rights import Right, needs

APP_PATH = "/konto/app"
NEW_PASSKEY_PATH = "/konto/passkeys/neu"


@get(APP_PATH)
async def show_app(request: AnyRequest, door: Door, session: Own) -> AnyResponse:
    """Show what an authenticator app needs to know, in place of an earlier one."""
    try:
        values = await set_up_values(request, door, session)
    except Refusal as refusal:
        return _proof_first(refusal, APP_PATH)
    return page(request, "identity/app.html", session=session, **values)


@post(APP_PATH, status_code=303)
async def take_app(request: AnyRequest, door: Door, session: Own) -> AnyResponse:
    """Take the first code of an authenticator app."""
    try:
        form = await read_form(request, CodeEntry)
        async with door.database.acting(IDENTITY).unit_of_work() as work:
            token = await set_up_totp(work, door.keys, session, form.code, door.now)
    except Refusal as refusal:
        if refusal.code == "sign_in.fresh":
            return see_other(proof_path(APP_PATH))
        values = await set_up_values(request, door, session)
        return form_again(
            request, "identity/app.html", refusal, field="code", session=session, **values
        )
    return await go_in(request, door, token, f"{ACCOUNT_PATH}?erledigt=app")


@get("/konto/app/qr.svg")
async def show_app_qr(door: Door, session: Own) -> Response[bytes]:
    """Draw what the authenticator app scans."""
    return await totp_image(door, session)


@post("/konto/app/entfernen", status_code=303)
async def drop_app(request: AnyRequest, door: Door, session: Own) -> AnyResponse:
    """Remove the authenticator app."""
    try:
        async with door.database.acting(IDENTITY).unit_of_work() as work:
            token = await remove_totp(work, door.keys, session, door.now)
    except Refusal as refusal:
        return _proof_first(refusal, ACCOUNT_PATH)
    return await go_in(request, door, token, f"{ACCOUNT_PATH}?erledigt=app-entfernt")


@get(NEW_PASSKEY_PATH)
async def show_new_passkey(request: AnyRequest, door: Door, session: Own) -> AnyResponse:
    """Offer to make a passkey in this browser."""
    try:
        require_fresh(session, door.now)
    except Refusal as refusal:
        return _proof_first(refusal, NEW_PASSKEY_PATH)
    return page(request, "identity/new_passkey.html")


@get("/konto/passkeys/{passkey_id:uuid}")
async def show_passkey(
    request: AnyRequest, passkey_id: FromPath[UUID], door: Door, session: Own
) -> AnyResponse:
    """Show a passkey, to rename or remove it."""
    async with door.database.acting(IDENTITY).reading() as work:
        passkey = await get_passkey(work, session.person_id, passkey_id)
    return page(request, "identity/passkey.html", passkey=passkey)


@post("/konto/passkeys/{passkey_id:uuid}", status_code=303)
async def name_passkey(
    request: AnyRequest, passkey_id: FromPath[UUID], door: Door, session: Own
) -> AnyResponse:
    """Rename a passkey."""
    async with door.database.acting(IDENTITY).unit_of_work() as work:
        passkey = await get_passkey(work, session.person_id, passkey_id)
        try:
            form = await read_form(request, PasskeyName)
        except Refusal as refusal:
            return form_again(request, "identity/passkey.html", refusal, passkey=passkey)
        await rename_passkey(work, session.person_id, passkey_id, form.name)
    return see_other(f"{ACCOUNT_PATH}?erledigt=passkey-name")


@post("/konto/passkeys/{passkey_id:uuid}/entfernen", status_code=303)
async def drop_passkey(
    request: AnyRequest, passkey_id: FromPath[UUID], door: Door, session: Own
) -> AnyResponse:
    """Remove a passkey."""
    try:
        async with door.database.acting(IDENTITY).unit_of_work() as work:
            token = await remove_passkey(work, door.keys, session, passkey_id, door.now)
    except Refusal as refusal:
        return _proof_first(refusal, f"/konto/passkeys/{passkey_id}")
    return await go_in(request, door, token, f"{ACCOUNT_PATH}?erledigt=passkey-entfernt")


def _proof_first(refusal: Refusal, then: str) -> AnyResponse:
    """Lead to the proof that is missing; any other refusal stays one."""
    if refusal.code != "sign_in.fresh":
        raise refusal
    return see_other(proof_path(then))


router = Router(
    "/",
    route_handlers=[
        show_app,
        take_app,
        show_app_qr,
        drop_app,
        show_new_passkey,
        show_passkey,
        name_passkey,
        drop_passkey,
    ],
    dependencies=DOOR | OWN_SESSION,
    include_in_schema=False,
    opt=needs(Right.ACCOUNT_OWN),
)
