"""The pages of signing in and out.

Nobody is signed in on them yet, so they are public; whoever has shown a password and waits
for the second factor is known by the cookie of a session that opens nothing else.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from litestar import Response, Router, get, post
from litestar.params import FromQuery
from litestar.response import Redirect

from gutschein.db.access import IDENTITY
from gutschein.identity.authenticator import current_session
from gutschein.identity.cookies import site_of
from gutschein.identity.forms import CodeEntry, SignIn
from gutschein.identity.sessions import Session, end_session
from gutschein.identity.sign_in import Attempt, Doorkeeper, account_of, enter_code, enter_password
from gutschein.identity.visit import (
    DOOR,
    AnyRequest,
    Door,
    arrived,
    browser_of,
    check_own_site,
    first_page,
    give_session,
    leave_earlier,
    origin_of,
    signed_out,
    take_session,
)
from gutschein.kernel.errors import Refusal
from gutschein.web.forms import form_again, read_form
from gutschein.web.guard import PUBLIC
from gutschein.web.local_path import SIGN_IN, THEN, is_local
from gutschein.web.pages import page, see_other

CODE_PATH = "/anmelden/code"
SET_UP_PATH = "/anmelden/zweiter-faktor"

AnyResponse = Response[Any]


@get(SIGN_IN)
async def show_sign_in(request: AnyRequest, door: Door, weiter: FromQuery[str] = "") -> AnyResponse:
    """Ask for e-mail address and password, or for a passkey."""
    session = await current_session(request, door.database, door.now)
    if session is not None:
        return see_other(next_path(request, session, weiter))
    answer = page(request, "identity/sign_in.html", **_sign_in_values(request, weiter))
    take_session(request, answer)
    return answer


@post(SIGN_IN, status_code=303)
async def sign_in(request: AnyRequest, door: Door) -> AnyResponse:
    """Take e-mail address and password."""
    check_own_site(request)
    form: SignIn | None = None
    try:
        form = await read_form(request, SignIn)
        account = account_of(door.keys, form.email)
        attempt = Attempt(
            account, form.password, origin_of(request, door.keys, account), browser_of(request)
        )
        token = await enter_password(door, attempt)
    except Refusal as refusal:
        values = _sign_in_values(request, form.weiter if form else "")
        return form_again(request, "identity/sign_in.html", refusal, form=form, **values)
    await leave_earlier(request, door)
    return await go_in(request, door, token, form.weiter)


@get(CODE_PATH)
async def show_code(request: AnyRequest, door: Door, weiter: FromQuery[str] = "") -> AnyResponse:
    """Ask for the second factor."""
    session = await waiting(request, door)
    if not session.has_factor:
        return see_other(next_path(request, session, weiter))
    return page(request, "identity/code.html", **_code_values(request, session, weiter))


@post(CODE_PATH, status_code=303)
async def take_code(request: AnyRequest, door: Door) -> AnyResponse:
    """Take the code of an authenticator."""
    check_own_site(request)
    session = await waiting(request, door)
    form: CodeEntry | None = None
    try:
        form = await read_form(request, CodeEntry)
        origin = origin_of(request, door.keys, session.account)
        token = await enter_code(door, session, form.code, origin)
    except Refusal as refusal:
        values = _code_values(request, session, form.weiter if form else "")
        return form_again(request, "identity/code.html", refusal, form=form, field="code", **values)
    return await go_in(request, door, token, form.weiter)


@post("/abmelden", status_code=303)
async def sign_out(request: AnyRequest, door: Door) -> Redirect:
    """End the session of this browser, if it still has one."""
    check_own_site(request)
    session = await current_session(request, door.database, door.now)
    if session is not None:
        async with door.database.acting(IDENTITY).unit_of_work() as work:
            await end_session(work, session.person_id, session.id, door.now)
    return signed_out(request)


async def waiting(request: AnyRequest, door: Doorkeeper) -> Session:
    """Return the session that waits for its second factor.

    :raises Refusal: ``auth.required`` when there is none, which leads to signing in.
    """
    session = await current_session(request, door.database, door.now)
    if session is None or not session.waiting:
        raise Refusal("auth.required")
    return session


async def go_in(request: AnyRequest, door: Doorkeeper, token: str, then: str) -> Redirect:
    """Leave a new session's cookies and lead on to what is next in it."""
    session = await arrived(door, token)
    answer = see_other(next_path(request, session, then))
    give_session(request, answer, door.keys, session)
    return answer


def next_path(request: AnyRequest, session: Session, then: str) -> str:
    """Return where a session leads: to what it waits for, else to where somebody wanted."""
    if not session.waiting:
        return first_page(request, then)
    path = CODE_PATH if session.has_factor else SET_UP_PATH
    return f"{path}?{urlencode({THEN: then})}" if then and is_local(then) else path


def _sign_in_values(request: AnyRequest, then: str) -> dict[str, Any]:
    return {"then": then, "takes_passkeys": site_of(request).takes_passkeys}


def _code_values(request: AnyRequest, session: Session, then: str) -> dict[str, Any]:
    return {
        "then": then,
        "has_totp": session.has_totp,
        "has_passkey": session.has_passkey and site_of(request).takes_passkeys,
    }


router = Router(
    "/",
    route_handlers=[show_sign_in, sign_in, show_code, take_code, sign_out],
    dependencies=DOOR,
    include_in_schema=False,
    opt=dict(PUBLIC),
)
