"""The pages of where one is signed in. Whoever ends other sessions than this one shows first
that it is them: a cookie that was stolen is not to sign its owner out.
"""

from __future__ import annotations

from uuid import UUID

from litestar import Router, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from gutschein.db.access import IDENTITY
from gutschein.identity.account_pages import proof_path
from gutschein.identity.pages import AnyResponse
from gutschein.identity.rules import is_fresh
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
    if session_id != session.id and not is_fresh(session.proved_at, door.now):
        return _proof_first()
    async with door.database.acting(IDENTITY).unit_of_work() as work:
        await end_session(work, session.person_id, session_id, door.now)
    if session_id == session.id:
        return signed_out(request)
    return see_other(f"{SESSIONS_PATH}?erledigt=eine")


@post("/konto/sitzungen/andere-beenden", status_code=303)
async def end_others(door: Door, session: Own) -> Redirect:
    """Sign out everywhere but here."""
    if not is_fresh(session.proved_at, door.now):
        return _proof_first()
    async with door.database.acting(IDENTITY).unit_of_work() as work:
        await end_sessions(work, session.person_id, door.now, but=session.id)
    return see_other(f"{SESSIONS_PATH}?erledigt=andere")


@post("/konto/sitzungen/alle-beenden", status_code=303)
async def end_all(request: AnyRequest, door: Door, session: Own) -> Redirect:
    """Sign out everywhere."""
    if not is_fresh(session.proved_at, door.now):
        return _proof_first()
    async with door.database.acting(IDENTITY).unit_of_work() as work:
        await end_sessions(work, session.person_id, door.now)
    return signed_out(request)


def _proof_first() -> Redirect:
    return see_other(proof_path(SESSIONS_PATH))


router = Router(
    "/",
    route_handlers=[show_sessions, end_one, end_others, end_all],
    dependencies=DOOR | OWN_SESSION,
    include_in_schema=False,
    opt=needs(Right.ACCOUNT_OWN),
)
