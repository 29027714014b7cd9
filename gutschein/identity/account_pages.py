"""The pages of one's own account: who one is here, the password, and proving it again."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from litestar import Router, get, post
from litestar.params import FromQuery
from litestar.response import Redirect

from gutschein.db.access import IDENTITY
from gutschein.identity.cookies import site_of
from gutschein.identity.factors import change_password, prove_again
from gutschein.identity.forms import LanguageChoice, NewPassword, Proof
from gutschein.identity.pages import AnyResponse, go_in
from gutschein.identity.passkeys import list_passkeys
from gutschein.identity.persons import change_language, email_of
from gutschein.identity.roles import ROLE_NAMES, grants_of
from gutschein.identity.sessions import Session
from gutschein.identity.visit import DOOR, OWN_SESSION, AnyRequest, Door, Own, origin_of
from gutschein.kernel.errors import Refusal
from gutschein.web.forms import form_again, read_form
from gutschein.web.language import LANGUAGE_CHOICE
from gutschein.web.local_path import THEN
from gutschein.web.pages import page, see_other
from gutschein.web.rights import Right, needs

ACCOUNT_PATH = "/konto"
PASSWORD_PATH = "/konto/passwort"  # noqa: S105 - a path
PROOF_PATH = "/konto/bestaetigen"


@get(ACCOUNT_PATH)
async def show_account(
    request: AnyRequest, door: Door, session: Own, erledigt: FromQuery[str] = ""
) -> AnyResponse:
    """Show who one is here and what one signs in with.

    :param erledigt: what was just done, to say so.
    """
    async with door.database.acting(IDENTITY).reading() as work:
        email = await email_of(work, door.keys, session.person_id)
        grants = await grants_of(work, session.person_id)
        passkeys = await list_passkeys(work, session.person_id)
    return page(
        request,
        "identity/account.html",
        session=session,
        email=email,
        grants=[(ROLE_NAMES[grant.role], grant.place) for grant in grants],
        passkeys=passkeys,
        takes_passkeys=site_of(request).takes_passkeys,
        done=erledigt,
    )


@post("/konto/sprache", status_code=303)
async def choose_language(request: AnyRequest, door: Door, session: Own) -> Redirect:
    """Choose the language of pages and mails."""
    form = await read_form(request, LanguageChoice)
    async with door.database.acting(IDENTITY).unit_of_work() as work:
        await change_language(work, session.person_id, form.language)
    return see_other(f"{ACCOUNT_PATH}?erledigt=sprache&{LANGUAGE_CHOICE}={form.language}")


@get(PASSWORD_PATH)
async def show_password(request: AnyRequest, session: Own) -> AnyResponse:
    """Ask for the old password and a new one."""
    return page(request, "identity/password.html", session=session)


@post(PASSWORD_PATH, status_code=303)
async def take_password(request: AnyRequest, door: Door, session: Own) -> AnyResponse:
    """Change the password."""
    try:
        form = await read_form(request, NewPassword)
        origin = origin_of(request, door.keys, session.account)
        token = await change_password(
            door, session, current=form.current, new=form.new, origin=origin
        )
    except Refusal as refusal:
        if refusal.code == "sign_in.fresh":
            return see_other(proof_path(PASSWORD_PATH))
        field = "current" if refusal.code in {"password.wrong", "limit.rate"} else "new"
        return form_again(request, "identity/password.html", refusal, field=field, session=session)
    return await go_in(request, door, token, f"{ACCOUNT_PATH}?erledigt=passwort")


@get(PROOF_PATH)
async def show_proof(request: AnyRequest, session: Own, weiter: FromQuery[str] = "") -> AnyResponse:
    """Ask once more for what one signs in with."""
    return page(request, "identity/proof.html", **_proof_values(request, session, weiter))


@post(PROOF_PATH, status_code=303)
async def take_proof(request: AnyRequest, door: Door, session: Own) -> AnyResponse:
    """Take password and code once more."""
    form: Proof | None = None
    try:
        form = await read_form(request, Proof)
        origin = origin_of(request, door.keys, session.account)
        token = await prove_again(
            door, session, password=form.password, code=form.code, origin=origin
        )
    except Refusal as refusal:
        field = {"password.wrong": "password", "sign_in.code": "code"}.get(refusal.code, "")
        values = _proof_values(request, session, form.weiter if form else "")
        return form_again(request, "identity/proof.html", refusal, form=form, field=field, **values)
    return await go_in(request, door, token, form.weiter)


def proof_path(then: str) -> str:
    """Return the page that asks for a proof first and leads on to *then*."""
    return f"{PROOF_PATH}?{urlencode({THEN: then})}"


def _proof_values(request: AnyRequest, session: Session, then: str) -> dict[str, Any]:
    return {
        "session": session,
        "then": then,
        "takes_passkeys": site_of(request).takes_passkeys,
    }


router = Router(
    "/",
    route_handlers=[
        show_account,
        choose_language,
        show_password,
        take_password,
        show_proof,
        take_proof,
    ],
    dependencies=DOOR | OWN_SESSION,
    include_in_schema=False,
    opt=needs(Right.ACCOUNT_OWN),
)
