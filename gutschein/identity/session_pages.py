"""The pages of where one is signed in."""

from __future__ import annotations

from uuid import UUID

from litestar import Router, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from gutschein.db.access import IDENTITY
from gutschein.identity.pages import AnyResponse
from gutschein.identity.sessions import end_session, end_sessions, list_sessions
from gutschein.identity.visit import DOOR, OWN_SESSION, AnyRequest, Door, Own, signed_out
from gutschein.web.pages import page, see_other
from gutschein.web.rights import Right, needs

SESSIONS_PATH = "/konto/sitzungen"


@get(SESSIONS_PATH)
async def show_sessions(
    request: AnyRequest, door: Door, session: Own, erledigt: FromQuery[str] = ""
) -> AnyResponse:
    """List where one is signed in.

    :param erledigt: what was just done, to say so.
    """
    async with door.database.acting(IDENTITY).reading() as work:
        sessions = await list_sessions(work, session.person_id, door.now)
    return page(
        request, "identity/sessions.html", sessions=sessions, current=session.id, done=erledigt
    )


@post("/konto/sitzungen/{session_id:uuid}/beenden", status_code=303)
async def end_one(
    request: AnyRequest, session_id: FromPath[UUID], door: Door, session: Own
) -> Redirect:
    """End one session, this one too."""
    async with door.database.acting(IDENTITY).unit_of_work() as work:
        await end_session(work, session.person_id, session_id, door.now)
    if session_id == session.id:
        return signed_out(request)
    return see_other(f"{SESSIONS_PATH}?erledigt=eine")


@post("/konto/sitzungen/andere-beenden", status_code=303)
async def end_others(door: Door, session: Own) -> Redirect:
    """Sign out everywhere but here."""
    async with door.database.acting(IDENTITY).unit_of_work() as work:
        await end_sessions(work, session.person_id, door.now, but=session.id)
    return see_other(f"{SESSIONS_PATH}?erledigt=andere")


@post("/konto/sitzungen/alle-beenden", status_code=303)
async def end_all(request: AnyRequest, door: Door, session: Own) -> Redirect:
    """Sign out everywhere."""
    async with door.database.acting(IDENTITY).unit_of_work() as work:
        await end_sessions(work, session.person_id, door.now)
    return signed_out(request)


router = Router(
    "/",
    route_handlers=[show_sessions, end_one, end_others, end_all],
    dependencies=DOOR | OWN_SESSION,
    include_in_schema=False,
    opt=needs(Right.ACCOUNT_OWN),
)
