"""What the script of the pages asks about passkeys, and sends of them."""

from __future__ import annotations

from litestar import Response, Router, post
from litestar.params import JSONBody

from gutschein.identity.account_pages import ACCOUNT_PATH
from gutschein.identity.cookies import site_of
from gutschein.identity.pages import SET_UP_PATH, next_path, waiting
from gutschein.identity.passkey_schemas import Attestation, Challenge, Onward, SignedChallenge
from gutschein.identity.passkey_sign_in import ask_to_sign_in, sign_in_with_passkey
from gutschein.identity.passkeys import add_passkey, ask_for_passkey
from gutschein.identity.sessions import Session
from gutschein.identity.sign_in import Doorkeeper
from gutschein.identity.visit import (
    DOOR,
    OWN_SESSION,
    AnyRequest,
    Door,
    Own,
    arrived,
    browser_of,
    check_own_site,
    give_session,
    leave_earlier,
    origin_of,
)
from gutschein.web.guard import PUBLIC
from gutschein.web.rights import Right, needs


@post("/anmelden/passkey/aufgabe", status_code=200)
async def ask_anybody(request: AnyRequest, door: Door) -> Challenge:
    """Ask whoever it is for a passkey."""
    check_own_site(request)
    return await ask_to_sign_in(door, site_of(request), origin_of(request, door.keys, None))


@post("/anmelden/passkey", status_code=200)
async def sign_in(
    request: AnyRequest, door: Door, data: JSONBody[SignedChallenge]
) -> Response[Onward]:
    """Take the answer of a passkey, and sign in."""
    check_own_site(request)
    signed_in = await sign_in_with_passkey(
        door,
        site_of(request),
        data,
        origin=origin_of(request, door.keys, None),
        browser=browser_of(request),
    )
    await leave_earlier(request, door)
    return await _onward(request, door, signed_in.token, data.then)


@post(f"{SET_UP_PATH}/passkey/aufgabe", status_code=200)
async def ask_first(request: AnyRequest, door: Door) -> Challenge:
    """Ask somebody who waits for a second factor to make a passkey their first."""
    check_own_site(request)
    return await ask_for_passkey(door, site_of(request), await waiting(request, door))


@post(f"{SET_UP_PATH}/passkey", status_code=200)
async def add_first(
    request: AnyRequest, door: Door, data: JSONBody[Attestation]
) -> Response[Onward]:
    """Take a first passkey, and go on with two factors."""
    check_own_site(request)
    session = await waiting(request, door)
    return await _added(request, door, session, data, data.then)


@post("/konto/passkeys/aufgabe", status_code=200)
async def ask_own(request: AnyRequest, door: Door, session: Own) -> Challenge:
    """Ask somebody signed in to make a passkey."""
    return await ask_for_passkey(door, site_of(request), session)


@post("/konto/passkeys", status_code=200)
async def add_own(
    request: AnyRequest, door: Door, session: Own, data: JSONBody[Attestation]
) -> Response[Onward]:
    """Take a passkey."""
    return await _added(request, door, session, data, f"{ACCOUNT_PATH}?erledigt=passkey")


async def _added(
    request: AnyRequest, door: Doorkeeper, session: Session, data: Attestation, then: str
) -> Response[Onward]:
    token = await add_passkey(door, site_of(request), session, data)
    return await _onward(request, door, token, then)


async def _onward(request: AnyRequest, door: Doorkeeper, token: str, then: str) -> Response[Onward]:
    session = await arrived(door, token)
    answer = Response(Onward(next_path(request, session, then)))
    give_session(request, answer, door.keys, session)
    return answer


_public = Router(
    "/",
    route_handlers=[ask_anybody, sign_in, ask_first, add_first],
    dependencies=DOOR,
    opt=dict(PUBLIC),
)
_own = Router(
    "/",
    route_handlers=[ask_own, add_own],
    dependencies=DOOR | OWN_SESSION,
    opt=needs(Right.ACCOUNT_OWN),
)
router = Router("/", route_handlers=[_public, _own], include_in_schema=False)
