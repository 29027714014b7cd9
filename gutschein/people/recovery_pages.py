"""The pages for whoever lost what they sign in with: where to ask, and the link back in."""

from __future__ import annotations

from litestar import Router, get, post
from litestar.params import FromPath
from msgspec import Struct

from gutschein.db.access import IDENTITY
from gutschein.identity.pages import AnyResponse, go_in
from gutschein.identity.visit import (
    DOOR,
    AnyRequest,
    Door,
    browser_of,
    check_own_site,
    leave_earlier,
)
from gutschein.kernel.errors import Refusal
from gutschein.people.recovery import Returning, come_back, find_returning
from gutschein.web.forms import Secret, form_again, read_form
from gutschein.web.guard import PUBLIC
from gutschein.web.pages import page

_PATH = "/wiederherstellung/{token:str}"
_RECOVERY = "people/recovery.html"


class NewPassword(Struct, frozen=True):
    """The form of a new password."""

    password: Secret


@get("/zugang-verloren")
async def show_lost(request: AnyRequest) -> AnyResponse:
    """Say who can help."""
    return page(request, "people/lost.html")


@get(_PATH)
async def show_recovery(request: AnyRequest, token: FromPath[str], door: Door) -> AnyResponse:
    """Ask for a new password."""
    return page(request, _RECOVERY, returning=await _returning(door, token))


@post(_PATH, status_code=303)
async def recover(request: AnyRequest, token: FromPath[str], door: Door) -> AnyResponse:
    """Take the new password; everything else that one signed in with is gone."""
    check_own_site(request)
    try:
        form = await read_form(request, NewPassword)
        session_token = await come_back(door, token, form.password, browser_of(request))
    except Refusal as refusal:
        if refusal.code == "link.unknown":
            raise
        returning = await _returning(door, token)
        field = "password" if refusal.code.startswith("password.") else ""
        return form_again(request, _RECOVERY, refusal, field=field, returning=returning)
    await leave_earlier(request, door)
    return await go_in(request, door, session_token, "")


async def _returning(door: Door, token: str) -> Returning:
    async with door.database.acting(IDENTITY).reading() as work:
        return await find_returning(work, door.keys, token, door.now)


router = Router(
    "/",
    route_handlers=[show_lost, show_recovery, recover],
    dependencies=DOOR,
    include_in_schema=False,
    opt=dict(PUBLIC),
)
