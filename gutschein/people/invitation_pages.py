"""The pages of a one-time link to an invitation.

Nobody is signed in on the first of them, so it is public; who has an account signs in and
comes back. Whether there is one, the page does not say.
"""

from __future__ import annotations

from typing import Any, Literal
from urllib.parse import quote

from litestar import Response, Router, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from gutschein.db.access import IDENTITY
from gutschein.identity.authenticator import current_session
from gutschein.identity.cookies import site_of
from gutschein.identity.pages import AnyResponse, go_in, next_path
from gutschein.identity.passkey_schemas import Attestation, Onward
from gutschein.identity.passkeys import add_passkey
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
)
from gutschein.kernel.errors import Refusal
from gutschein.people.accepting import (
    Newcomer,
    accept,
    begin_with_passkey,
    find_offer,
    open_account,
)
from gutschein.people.schemas import InvitedName
from gutschein.web.forms import Secret, form_again, read_form
from gutschein.web.guard import PUBLIC
from gutschein.web.language import reading_language
from gutschein.web.local_path import sign_in_path
from gutschein.web.pages import page, recognise, see_other
from gutschein.web.rights import Right, needs

_PATH = "/einladung/{token:str}"
_INVITATION = "people/invitation.html"

Token = FromPath[str]


class NewAccount(Struct, frozen=True):
    """The form of a new account.

    :param way: ``passkey`` for an account without a password.
    """

    name: InvitedName
    language: Literal["de", "en"]
    password: Secret = ""
    way: Literal["password", "passkey"] = "password"


@get(_PATH)
async def show_invitation(request: AnyRequest, token: Token, door: Door) -> AnyResponse:
    """Show to what somebody is invited, and the ways to accept."""
    await recognise(request)
    return page(request, _INVITATION, **await _values(request, door, token))


@post(_PATH, status_code=303)
async def take_new_account(request: AnyRequest, token: Token, door: Door) -> AnyResponse:
    """Accept with a new account."""
    check_own_site(request)
    form: NewAccount | None = None
    try:
        form = await read_form(request, NewAccount)
        new = Newcomer(form.name, form.language, browser_of(request))
        if form.way == "passkey":
            session_token = await begin_with_passkey(door, token, new)
        else:
            session_token = await open_account(door, token, new, form.password)
    except Refusal as refusal:
        if refusal.code == "link.unknown":
            raise
        field = "password" if refusal.code.startswith("password.") else ""
        values = await _values(request, door, token)
        return form_again(request, _INVITATION, refusal, form=form, field=field, **values)
    await leave_earlier(request, door)
    if form.way == "passkey":
        answer = see_other(f"{_path(token)}/passkey")
        give_session(request, answer, door.keys, await arrived(door, session_token))
        return answer
    return await go_in(request, door, session_token, "")


@post(f"{_PATH}/annehmen", status_code=303)
async def take_own_account(
    request: AnyRequest, token: Token, door: Door, session: Own
) -> AnyResponse:
    """Accept with the account that somebody is signed in to."""
    async with door.database.acting(IDENTITY).unit_of_work() as work:
        session_token = await accept(work, door.keys, token, session, door.now)
    return await go_in(request, door, session_token, "")


@get(f"{_PATH}/passkey")
async def show_passkey(request: AnyRequest, token: Token, door: Door) -> AnyResponse:
    """Offer to make the passkey of an account without a password."""
    values = await _values(request, door, token)
    return page(request, "people/invitation_passkey.html", **values)


@post(f"{_PATH}/passkey", status_code=200)
async def take_passkey(
    request: AnyRequest, token: Token, data: JSONBody[Attestation], *, door: Door, session: Own
) -> Response[Onward]:
    """Take the passkey, and accept."""
    session_token = await add_passkey(door, site_of(request), session, data)
    added = await arrived(door, session_token)
    async with door.database.acting(IDENTITY).unit_of_work() as work:
        session_token = await accept(work, door.keys, token, added, door.now)
    accepted = await arrived(door, session_token)
    answer = Response(Onward(next_path(request, accepted, "")))
    give_session(request, answer, door.keys, accepted)
    return answer


async def _values(request: AnyRequest, door: Door, token: str) -> dict[str, Any]:
    """Return what the page shows of an offer, and of whoever reads it.

    :raises Refusal: ``link.unknown``.
    """
    async with door.database.acting(IDENTITY).reading() as work:
        offer = await find_offer(work, door.keys, token, door.now)
    session = await current_session(request, door.database, door.now)
    reader = session if session is not None and not session.waiting else None
    place = offer.invitation.place if offer.invitation else None
    return {
        "offer": offer,
        "town": place.town if place else None,
        "reader": reader,
        "is_for_reader": reader is not None and offer.person_id == reader.person_id,
        "path": _path(token),
        "sign_in": sign_in_path(_path(token)),
        "own_language": reading_language(request),
        "takes_passkeys": site_of(request).takes_passkeys and offer.invitation is not None,
    }


def _path(token: str) -> str:
    return f"/einladung/{quote(token, safe='')}"


_public = Router(
    "/",
    route_handlers=[show_invitation, take_new_account],
    dependencies=DOOR,
    opt=dict(PUBLIC),
)
_own = Router(
    "/",
    route_handlers=[take_own_account, show_passkey, take_passkey],
    dependencies=DOOR | OWN_SESSION,
    opt=needs(Right.ACCOUNT_OWN),
)
router = Router("/", route_handlers=[_public, _own], include_in_schema=False)
